//! Random scripts against a small model of the specification: whatever is determinate is printed exactly so.
//!
//! `cargo test --test model` runs some hundreds of scripts in memory and a few on processes. For a longer run, say how
//! many scripts: `SPLITBRAIN_SCRIPTS=100000 cargo test --release --test model`. A failure prints the shortened script,
//! the command whose output is wrong, what the specification allows, and what was found.

#[path = "model/command.rs"]
mod command;
#[path = "model/faults.rs"]
mod faults;
mod library;
#[path = "model/network.rs"]
mod network;
#[path = "model/script.rs"]
mod script;
#[path = "model/session.rs"]
mod session;
#[path = "model/shrink.rs"]
mod shrink;
#[path = "model/specification.rs"]
mod specification;
#[path = "model/store.rs"]
mod store;

use std::io::Write as _;
use std::process::{Command as Process, Stdio};

use splitbrain::base::Verdict;
use splitbrain::cluster::InMemory;
use splitbrain::experiment::{Form, TABLE};
use splitbrain::protocol::PROTOCOLS;
use splitbrain::script::{Source, parse};
use splitbrain::trace::TraceHash;

use command::{Command, text_of};
use library::Setup;
use script::generate;
use shrink::shrink;
use specification::{Objection, judge};

/// How many scripts run in memory, unless `SPLITBRAIN_SCRIPTS` says otherwise.
const SCRIPTS: u64 = 2_000;
/// How many run on processes.
const SCRIPTS_ON_PROCESSES: u64 = 20;

fn scripts() -> u64 {
    std::env::var("SPLITBRAIN_SCRIPTS").map_or(SCRIPTS, |text| text.parse().expect("SPLITBRAIN_SCRIPTS is a number"))
}

/// What a script prints in memory.
fn output_in_memory(text: &str) -> String {
    let run =
        library::run(text, Setup { protocol: &PROTOCOLS[0], form: Form::Plain, spawner: InMemory }, None::<TraceHash>);
    assert!(run.verdict == Verdict::Passed, "{text}\n{}", run.err);
    run.out
}

/// Random scripts, with what they print.
fn scripts_with_outputs(count: u64) -> impl Iterator<Item = (u64, Vec<Command>, String)> {
    (0..count).map(|number| {
        let commands = generate(number);
        let output = output_in_memory(&text_of(&commands));
        (number, commands, output)
    })
}

/// What a script prints when the real program runs it.
fn output_on_processes(text: &str) -> String {
    let mut master = Process::new(env!("CARGO_BIN_EXE_master"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    master.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("it reads its script");
    let output = master.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("what is printed is UTF-8")
}

fn is_without_mistakes(commands: &[Command]) -> bool {
    let source = Source::from_bytes("script", text_of(commands).into_bytes()).expect("UTF-8");
    parse(&TABLE, &source).is_ok()
}

fn objection_to(commands: &[Command]) -> Option<Objection> {
    let output = output_in_memory(&text_of(commands));
    judge(commands, &output.lines().collect::<Vec<_>>()).err()
}

/// The shortest script that still goes wrong, and how.
fn explain(number: u64, commands: &[Command]) -> String {
    let fails = |shorter: &[Command]| is_without_mistakes(shorter) && objection_to(shorter).is_some();
    let shortest = shrink(commands, fails);
    let Objection { command, expected, found } = objection_to(&shortest).expect("it still goes wrong");
    let place = shortest.get(command).map_or_else(|| "the end".to_owned(), ToString::to_string);
    let allowed: Vec<_> = expected.iter().map(|lines| format!("{lines:?}")).collect();
    format!(
        "script {number}, shortened:\n\n{}\nat line {}, `{place}`\nexpected: {}\nfound:    {found:?}",
        text_of(&shortest),
        command + 1,
        allowed.join("\n      or: "),
    )
}

#[test]
fn random_scripts_print_what_the_specification_says() {
    let (mut lines, mut determinate, mut judged) = (0, 0, 0);
    for (number, commands, output) in scripts_with_outputs(scripts()) {
        let output: Vec<_> = output.lines().collect();
        match judge(&commands, &output) {
            Ok(approval) => determinate += approval.determinate.len(),
            Err(_) => panic!("{}", explain(number, &commands)),
        }
        lines += output.len();
        judged += 1;
    }
    println!("{determinate} of {lines} lines of {judged} scripts were determinate");
    assert!(lines > 0 && determinate * 100 >= lines * 90, "only {determinate} of {lines} lines were determinate");
    assert!(judged * 100 >= scripts() * 99, "only {judged} scripts ran to their ends");
}

#[test]
fn random_scripts_print_the_same_on_processes() {
    for (number, commands, output) in scripts_with_outputs(SCRIPTS_ON_PROCESSES) {
        let text = text_of(&commands);
        assert_eq!(output_on_processes(&text), output, "script {number}:\n{text}");
    }
}

/// A check must be able to fail: any change of a determinate line is objected to, in every script.
#[test]
fn the_model_objects_to_every_changed_determinate_line() {
    let (mut kinds, mut followed) = (std::collections::BTreeMap::new(), 0);
    for (number, commands, output) in scripts_with_outputs(60) {
        let output: Vec<_> = output.lines().collect();
        let approval = judge(&commands, &output).expect("the right output");
        for index in approval.determinate {
            let (key, value) = output[index].split_once(':').expect("key:value");
            for wrong in ["ERR_KEY", "ERR_DEP", "ERR_NO_SERVER", "ERR_TIMEOUT", "value1", "value0"] {
                if wrong == value {
                    continue;
                }
                let wrong_line = format!("{key}:{wrong}");
                let mut changed = output.clone();
                changed[index] = &wrong_line;
                assert!(judge(&commands, &changed).is_err(), "script {number}: {} as {wrong_line}", output[index]);
                *kinds.entry(value.split_at(3).0.to_owned()).or_insert(0) += 1;
            }
        }
        if approval.gave_up {
            continue;
        }
        for cut_short in 0..output.len() {
            assert!(judge(&commands, &output[..cut_short]).is_err(), "script {number}: {cut_short} lines");
        }
        followed += 1;
        let longer: Vec<_> = output.iter().copied().chain(["key0:value1"]).collect();
        assert!(judge(&commands, &longer).is_err(), "script {number}: a line more");
    }
    assert!(followed >= 40, "only {followed} scripts were followed to their ends");
    assert!(kinds.keys().eq(["ERR", "val"]), "errors and values were changed: {kinds:?}");
}

/// A check that never meets an answer proves nothing of it.
#[test]
fn random_scripts_meet_every_answer() {
    let all: String = scripts_with_outputs(200).map(|(_, _, output)| output).collect();
    for word in ["ERR_KEY", "ERR_DEP", "ERR_NO_SERVER", "ERR_TIMEOUT", "value"] {
        assert!(all.matches(word).count() >= 20, "{word} is met {} times", all.matches(word).count());
    }
}

/// The same for faults: each kind that is drawn is drawn often enough.
#[test]
fn random_scripts_meet_every_fault() {
    let scripts: Vec<_> = (0..1_000).map(|number| text_of(&generate(number))).collect();
    let is_plain_crash = |line: &str| line.starts_with("crash ") && !line.contains(" after ");
    let plain_crashes = scripts.iter().filter(|script| script.lines().any(is_plain_crash)).count();
    assert!(plain_crashes >= 10, "{plain_crashes} scripts crash a server between two commands");
    let words = [
        ["\nkillServer ", " after 0 outputs", " after 2 outputs", "\nrestart ", " wipe\n", "\npause ", "\nresume "],
        ["\nhold ", "\nrelease ", " 100%\n", " 0%\n", "\npartition ", "\nisolate ", "\nheal\n"],
        [" -> ", ",", " *\n", "\nasync ", "\nawait ", "\npar\n", " sends write to "],
        [": async ", ": when ", ": kill", ": cut ", ": hold ", ": pause ", ": resume "],
    ];
    for words in words.concat() {
        let count = scripts.iter().filter(|script| script.contains(words)).count();
        assert!(count >= 10, "{words:?} stands in {count} scripts");
    }
}

/// Random scripts rarely meet it: a server that got its child's report late passed on what it held by then.
#[test]
fn a_stabilize_that_is_over_moves_nothing() {
    let text = include_str!("../scripts/gossip/a-stabilize-that-is-over-moves-nothing.txt");
    for output in [output_in_memory(text), output_on_processes(text)] {
        assert_eq!(output, "a:1\na:1\n", "server 1, and server 2 only after its own stabilize");
    }
}

/// Random scripts rarely meet this one either: the write of `a` never was under way, and delays nothing.
#[test]
fn what_was_sent_to_a_dead_server_does_not_hold_up_what_its_next_life_gets() {
    let text = "joinServer 1\njoinServer 2\njoinClient 9 1\ndelay 1 2 700ms\nkillServer 2\nput 9 a 1\n\
                delay 1 2 1ms\njoinServer 2\nput 9 b 2\nprintStore 2\n";
    assert_eq!(output_in_memory(text), "b:2\n");
}

#[test]
fn a_failing_script_is_shortened_until_no_command_can_go() {
    let puts = |commands: &[Command]| {
        commands
            .iter()
            .filter(|command| matches!(command, Command::Operation(operation) if operation.value.is_some()))
            .count()
    };
    let fails = |shorter: &[Command]| is_without_mistakes(shorter) && puts(shorter) >= 2;
    let commands = generate(1);
    assert!(fails(&commands) && commands.len() > 20);
    let shortest = shrink(&commands, fails);
    assert!(fails(&shortest) && shortest.len() <= 6, "at most two servers, two clients and two puts: {shortest:?}");
    for index in 0..shortest.len() {
        let mut shorter = shortest.clone();
        shorter.remove(index);
        assert!(!fails(&shorter), "{} can go", shortest[index]);
    }
}
