//! The house's plan as data: who may import whom. DESIGN section 10 draws it.
//!
//! An import is any `crate::MODULE` (in a binary `splitbrain::MODULE`), wherever it stands; comments are left out.

use std::fs;
use std::path::{Path, PathBuf};

/// A module, its level, and whom it may import within its own level.
struct Room {
    module: &'static str,
    level: u32,
    beside: &'static [&'static str],
}

const fn room(module: &'static str, level: u32, beside: &'static [&'static str]) -> Room {
    Room { module, level, beside }
}

/// From the bottom. A module imports from lower levels, and within its level only what is named here.
const ROOMS: &[Room] = &[
    room("base", 0, &[]),
    room("store", 0, &["base"]),
    room("ledger", 0, &["base", "store"]),
    room("wire", 0, &["base", "store", "ledger"]),
    room("machine", 0, &["base", "store", "wire"]),
    room("protocol", 1, &[]),
    room("client", 1, &[]),
    room("trace", 1, &[]),
    room("script", 1, &[]),
    room("node", 2, &[]),
    room("network", 2, &[]),
    room("cluster", 3, &[]),
    room("tcp", 3, &[]),
    room("experiment", 4, &[]),
    room("console", 5, &[]),
    room("golden", 5, &[]),
    room("library", 6, &[]),
    room("bin", 7, &[]),
];

/// Words that let chance or the machine's clock in, and the only files that may say them.
const DOORS: &[(&str, &[&str])] = &[
    // tcp: servers and clients by hand live in real time, and nothing of them is compared.
    ("SystemTime", &["tcp/chance.rs"]),
    // How long scripts took, for people who wait for them.
    ("Instant::now", &["golden/wall.rs", "tcp/clock.rs"]),
    ("thread_rng", &[]),
    ("HashMap", &[]),
    ("HashSet", &[]),
    // golden/wall.rs: until another runner has written a golden.
    ("thread::sleep", &["cluster/process.rs", "golden/wall.rs"]),
    (
        "time::Duration",
        &[
            "bin/master/main.rs",
            "cluster/process.rs",
            "cluster/spawner.rs",
            "cluster/watchdog.rs",
            "console/by_hand/attend.rs",
            "console/by_hand/terminal.rs",
            "tcp/clock.rs",
        ],
    ),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file: its path under `src`, and its lines without comments.
fn files() -> Vec<(String, Vec<String>)> {
    let mut files = Vec::new();
    let mut folders = vec![source()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(source()).unwrap().display().to_string();
                let text = fs::read_to_string(&path).unwrap();
                files.push((name, text.lines().map(without_comment).collect()));
            }
        }
    }
    files.sort();
    files
}

fn without_comment(line: &str) -> String {
    line.split("//").next().unwrap_or_default().to_owned()
}

/// `cluster/process.rs` is in `cluster`; `lib.rs` is no room.
fn room_of(file: &str) -> Option<&'static Room> {
    let module = file.split(['/', '.']).next().unwrap();
    ROOMS.iter().find(|room| room.module == module)
}

/// The modules that a line imports: what follows `crate::`, or in a binary `splitbrain::`, one or several in braces.
fn imports(importer: &Room, line: &str) -> Vec<String> {
    let mut found = Vec::new();
    let prefix = if importer.module == "bin" { "splitbrain::" } else { "crate::" };
    for (at, _) in line.match_indices(prefix) {
        let rest = &line[at + prefix.len()..];
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default().split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        found.extend(names.into_iter().map(|name| {
            name.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect::<String>()
        }));
    }
    found
}

/// Why `importer` may not import `imported`, if it may not.
fn objection(importer: &Room, imported: &str) -> Option<String> {
    let Some(imported) = ROOMS.iter().find(|room| room.module == imported) else {
        return Some(format!("`{imported}` is no module of the plan"));
    };
    let allowed = importer.module == imported.module
        || imported.level < importer.level
        || imported.level == importer.level && importer.beside.contains(&imported.module);
    (!allowed).then(|| {
        format!(
            "`{}` (level {}) may not import `{}` (level {})",
            importer.module, importer.level, imported.module, imported.level
        )
    })
}

#[test]
fn imports_go_downward_only() {
    let mut objections = Vec::new();
    let mut seen = 0;
    for (file, lines) in files() {
        let Some(importer) = room_of(&file) else { continue };
        for (number, line) in (1..).zip(&lines) {
            for imported in imports(importer, line) {
                seen += 1;
                objections.extend(objection(importer, &imported).map(|why| format!("src/{file}:{number}: {why}")));
            }
        }
    }
    assert!(seen > 100, "only {seen} imports were found: the test has gone blind");
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[test]
fn every_module_has_a_room() {
    for (file, _) in files() {
        assert!(file == "lib.rs" || room_of(&file).is_some(), "src/{file} is in no module of the plan");
    }
}

#[test]
fn an_import_upward_is_objected_to() {
    let room = |module: &str| ROOMS.iter().find(|room| room.module == module).unwrap();
    assert!(objection(room("base"), "store").is_some());
    assert!(objection(room("protocol"), "client").is_some());
    assert!(objection(room("network"), "cluster").is_some());
    assert!(objection(room("cluster"), "network").is_none());
    assert_eq!(imports(room("node"), "use crate::{base, store::Value};"), ["base", "store"]);
    assert_eq!(imports(room("node"), "let x = crate::wire::Stamp::default();"), ["wire"]);
    assert_eq!(imports(room("bin"), "use splitbrain::{base, node};"), ["base", "node"]);
}

#[test]
fn time_and_chance_enter_through_their_doors_only() {
    let mut found = Vec::new();
    for (file, lines) in files() {
        for (number, line) in (1..).zip(&lines) {
            for (word, doors) in DOORS {
                if line.contains(word) && !doors.contains(&file.as_str()) {
                    found.push(format!("src/{file}:{number}: `{word}` belongs in {doors:?}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Every file says what it is before it does anything (STYLE rule 3).
#[test]
fn every_file_opens_with_a_sentence() {
    for (file, _) in files() {
        let text = fs::read_to_string(source().join(&file)).unwrap();
        assert!(text.starts_with("//! "), "src/{file} opens without a sentence about itself");
    }
}
