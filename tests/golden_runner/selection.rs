//! Which scripts are run.

use std::collections::BTreeSet;
use std::os::unix::fs::symlink;

use crate::folder::{Folder, Said};

/// A script that passes and needs no process.
const EMPTY: &str = "# nothing\n";

/// The names of the scripts that were run, in the order in which they were told of.
fn names(said: &Said) -> Vec<String> {
    let lines = said.out.lines().take_while(|line| !line.is_empty());
    let is_script = |line: &&str| !line.starts_with(' ');
    lines.filter(is_script).map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect()
}

#[test]
fn scripts_are_told_of_in_byte_order_however_many_run_at_once() {
    let folder = Folder::accepted(
        &[
            ("b/z.txt", EMPTY),
            ("a/x.txt", EMPTY),
            ("a-b.yaml", "steps: []\n"),
            ("B.txt", "wait 1s\n"),
            ("a/y.yml", "steps: []\n"),
            (".hidden.txt", EMPTY),
            (".hidden/x.txt", EMPTY),
            ("a/note.md", ""),
        ]
        .map(|(name, text)| (name, if text.starts_with("steps") { EMPTY } else { text })),
    );
    for jobs in ["1", "2", "8"] {
        assert_eq!(names(&folder.test(&["-j", jobs])), ["B", "a-b", "a/x", "a/y", "b/z"]);
    }
}

#[test]
fn paths_and_filters_choose() {
    let folder = Folder::accepted(&[("a/x.txt", EMPTY), ("a/y.txt", EMPTY), ("b/x.txt", EMPTY), ("c.txt", EMPTY)]);
    let absolute = folder.path().join("scripts/b").display().to_string();
    for (arguments, chosen) in [
        (&["scripts/a"][..], &["a/x", "a/y"][..]),
        (&["scripts/a/", "./scripts/c.txt"], &["a/x", "a/y", "c"]),
        (&["scripts/a/../c.txt"], &["c"]),
        (&[&absolute], &["b/x"]),
        (&["scripts"], &["a/x", "a/y", "b/x", "c"]),
        (&["--filter", "/x"], &["a/x", "b/x"]),
        (&["--filter", "/x", "--filter", "c.t"], &["a/x", "b/x", "c"]),
        (&["scripts/a", "--filter", "x."], &["a/x"]),
    ] {
        assert_eq!(names(&folder.test(arguments)), chosen, "{arguments:?}");
    }
}

#[test]
fn what_names_no_script_is_a_mistake() {
    let folder = Folder::with(&[("a.txt", EMPTY), ("empty/note.md", "")]);
    folder.write("elsewhere/b.txt", EMPTY);
    for (arguments, sentence) in [
        (&["scripts/b.txt"][..], "scripts/b.txt: there is no such file or folder"),
        (&["scripts/empty"], "scripts/empty: there is no script; the name of a script ends in .txt, .yaml or .yml"),
        (&["scripts/empty/note.md"], "scripts/empty/note.md: there is no script"),
        (&["elsewhere/b.txt"], "elsewhere/b.txt: this is not below scripts"),
        (&["--filter", "nothing", "--filter", "x."], "no script has `nothing` or `x.` in its path"),
        (&["--scripts", "nowhere"], "nowhere: there is no such folder"),
        (&["--scripts", "scripts/empty"], "scripts/empty: there is no script"),
        (&["--shard", "3/2"], "written I/N"),
        (&["--repeat", "0"], "--repeat"),
        (&["-j", "0"], "--jobs"),
    ] {
        let said = folder.test(arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}");
        assert!(said.err.contains(sentence), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn two_scripts_that_differ_only_in_their_ending_share_a_golden() {
    let folder = Folder::with(&[("a/heal.txt", EMPTY), ("a/heal.yaml", EMPTY), ("b.txt", EMPTY)]);
    for arguments in [&[][..], &["scripts/a/heal.txt"], &["--accept"]] {
        let said = folder.test(arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "nothing is run");
        assert!(
            said.err.contains(
                "scripts/a/heal.txt and scripts/a/heal.yaml differ only in their ending, so that both would have the golden \
                 snapshots/a/heal"
            ),
            "{}",
            said.err
        );
    }
    assert_eq!(folder.test(&["scripts/b.txt", "--accept"]).code, 0, "those that are not meant may");
}

#[test]
fn links_are_followed_but_in_circles() {
    let folder = Folder::with(&[("a/x.txt", EMPTY)]);
    folder.write("shared/y.txt", EMPTY);
    symlink("../..", folder.path().join("scripts/a/up")).unwrap();
    symlink(".", folder.path().join("scripts/self")).unwrap();
    symlink("../../shared", folder.path().join("scripts/a/shared")).unwrap();
    let said = folder.test(&["--accept", "scripts/a/shared/y.txt"]);
    assert_eq!(names(&said), ["a/shared/y"], "{said:?}");
    // The folder above holds the folder of scripts again: what is in a circle is not entered twice.
    assert!(names(&folder.test(&[])).contains(&"a/x".to_owned()));
}

#[test]
fn the_parts_are_all_scripts_and_none_twice() {
    let all: Vec<_> = (0..7).map(|number| format!("{number}.txt")).collect();
    let scripts: Vec<_> = all.iter().map(|name| (name.as_str(), EMPTY)).collect();
    let folder = Folder::accepted(&scripts);
    let part = |shard: &str| names(&folder.test(&["--shard", shard]));
    assert_eq!(part("2/3"), ["1", "4"]);
    let union: BTreeSet<_> = ["1/3", "2/3", "3/3"].into_iter().flat_map(part).collect();
    assert_eq!(union.len(), 7);
    let said = folder.test(&["--shard", "9/9"]);
    assert_eq!(said.code, 0);
    assert!(said.out.contains("0 scripts: nothing to do"), "{}", said.out);
}

#[test]
fn goldens_that_no_script_makes_are_found_when_all_scripts_were_run() {
    let folder = Folder::accepted(&[("a.txt", EMPTY), ("b.txt", EMPTY)]);
    folder.write("snapshots/gone away/transcript.txt", "");
    folder.write("snapshots/note.txt", "");
    folder.write("snapshots/note.md", "");
    folder.write("snapshots/a/.transcript.txt.left.partial", "");
    for arguments in [&["scripts/a.txt"][..], &["--filter", "txt"], &["--shard", "1/1"]] {
        assert_eq!(folder.test(arguments).code, 0, "{arguments:?}");
    }
    for arguments in [&[][..], &["scripts"], &["--accept"]] {
        let said = folder.test(arguments);
        assert_eq!(said.code, 1, "{arguments:?}");
        assert!(
            said.out.contains(
                "goldens that no script makes:\n  snapshots/gone away/transcript.txt\n  snapshots/note.txt\n  \
                 remove: rm 'snapshots/gone away/transcript.txt' snapshots/note.txt\n"
            ),
            "{}",
            said.out
        );
        assert!(said.out.contains(", 2 goldens that no script makes ("), "{}", said.out);
    }
    assert!(folder.has("snapshots/note.txt"), "they are somebody's to remove");
}

#[test]
fn many_goldens_that_no_script_makes_are_counted() {
    let folder = Folder::accepted(&[("a.txt", EMPTY)]);
    (10..35).for_each(|number| folder.write(&format!("snapshots/{number}/transcript.txt"), ""));
    let said = folder.test(&[]);
    assert!(
        said.out.contains("  snapshots/29/transcript.txt\n  … and 5 more\n  remove: rm snapshots/10/"),
        "{}",
        said.out
    );
    assert!(said.out.contains(" snapshots/29/transcript.txt # and 5 more\n"), "{}", said.out);
    assert!(said.out.contains(", 25 goldens that no script makes ("), "{}", said.out);
}

/// In a folder that holds the scripts too, only what stands beside a transcript is a golden.
#[test]
fn what_is_no_golden_is_nobodys_orphan() {
    let folder = Folder::with(&[("a/x.txt", EMPTY), ("a/transcript.txt", EMPTY)]);
    for path in ["src/main.rs", "notes.txt", "target/debug/out.txt", "a/notes.txt"] {
        folder.write(path, "");
    }
    let here = ["--snapshots", "."];
    assert_eq!(folder.test(&[&here[..], &["--accept"]].concat()).code, 0);
    assert!(folder.has("a/x/transcript.txt"));
    let said = folder.test(&here);
    assert_eq!(said.code, 0, "{}", said.out);
    folder.write("gone/transcript.txt", "");
    folder.write("gone/end.txt", "");
    let said = folder.test(&here);
    assert!(said.out.contains("  remove: rm ./gone/end.txt ./gone/transcript.txt\n"), "{}", said.out);
}

#[test]
fn a_folder_of_scripts_among_goldens_holds_none() {
    let folder = Folder::with(&[]);
    folder.write("goldens/mine/x.txt", EMPTY);
    let others = ["--scripts", "goldens/mine/../mine", "--snapshots", "goldens"];
    assert_eq!(folder.test(&[&others[..], &["--accept"]].concat()).code, 0);
    let said = folder.test(&others);
    assert_eq!(said.code, 0, "{}", said.out);
}

#[test]
fn other_folders_of_scripts_and_goldens() {
    let folder = Folder::with(&[]);
    folder.write("mine/a.txt", EMPTY);
    let others = ["--scripts", "mine", "--snapshots", "mine/goldens"];
    let said = folder.test(&others);
    assert!(
        said.out.contains("accept: master test --scripts mine --snapshots mine/goldens mine/a.txt --accept\n"),
        "{}",
        said.out
    );
    assert_eq!(folder.test(&[&others[..], &["--accept"]].concat()).code, 0);
    assert_eq!(folder.test(&others).code, 0, "a golden among scripts is none");
}
