//! Five things that go wrong in well-known implementations of the course's assignment (COURSES 2): for each a script that the
//! right server passes, and a server with exactly that bug, which fails it in the way that was seen there.

mod consensus;
#[path = "well_known/deaf.rs"]
mod deaf;
#[path = "well_known/diverged.rs"]
mod diverged;
mod library;
#[path = "well_known/lost.rs"]
mod lost;
#[path = "well_known/mined_twice.rs"]
mod mined_twice;
#[path = "well_known/paxos.rs"]
mod paxos;
mod planted;
#[path = "well_known/poisoned.rs"]
mod poisoned;
#[path = "consensus/words.rs"]
mod words;

use std::fs;
use std::path::Path;

use splitbrain::base::Verdict;
use splitbrain::protocol::Protocol;

use consensus::{Ended, Objection};
use words::{in_words_of, protocols};

fn run(script: &str, protocol: &'static Protocol) -> Ended {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/multi-paxos").join(script).with_extension("txt");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    consensus::run(&in_words_of(protocol, &text), protocol, Vec::new())
}

/// The right servers of every protocol are right, and show the whole chain of every server in the end. What is wrong with the
/// ones that have the bug?
fn what_goes_wrong(script: &str, bug: &'static Protocol) -> (Ended, Vec<Objection>) {
    for protocol in protocols() {
        let right = run(script, protocol);
        assert_eq!(right.objections(), [], "{}\n{}", protocol.name, right.transcript);
        let last: Vec<_> = right.seen.chains.iter().rev().take(3).map(|chain| chain.server.as_str()).collect();
        assert_eq!(last, ["s3", "s2", "s1"], "the script ends with the chains of all");
    }
    let wrong = run(script, bug);
    let objections = wrong.objections();
    (wrong, objections)
}

/// What a command printed.
fn printed<'a>(run: &'a Ended, command: &str) -> Vec<&'a str> {
    let behind = run.transcript.lines().skip_while(|line| !line.ends_with(command)).skip(1);
    behind.map_while(|line| line.trim_start().strip_prefix("| ")).collect()
}

fn lost(operation: &str, server: &str) -> Objection {
    Objection::Lost { operation: operation.to_owned(), server: server.to_owned() }
}

fn forked(one: &str, other: &str) -> Objection {
    Objection::Forked(one.to_owned(), other.to_owned())
}

#[test]
fn a_put_that_is_proposed_under_a_ballot_promised_away_is_acknowledged_and_lost() {
    let script = "a-leader-that-promised-its-ballot-away-proposes-nothing-more";
    let (wrong, objections) = what_goes_wrong(script, &lost::LOST);
    for expected in [lost("put b 2", "s3"), lost("put c 3", "s1"), forked("s1", "s3")] {
        assert!(objections.contains(&expected), "{expected}? {objections:#?}\n{}", wrong.transcript);
    }
}

#[test]
fn two_values_are_decided_in_one_place_if_what_was_accepted_is_forgotten_in_a_crash() {
    let (wrong, objections) = what_goes_wrong("a-server-that-crashed-keeps-what-it-accepted", &diverged::DIVERGED);
    for expected in [lost("put x A", "s3"), forked("s1", "s3")] {
        assert!(objections.contains(&expected), "{expected}? {objections:#?}\n{}", wrong.transcript);
    }
}

#[test]
fn chains_differ_and_stores_do_not_if_an_adopted_operation_is_mined_twice() {
    let (wrong, objections) =
        what_goes_wrong("an-adopted-block-stays-the-block-that-it-was", &mined_twice::MINED_TWICE);
    let expected = forked("s1", "s3");
    assert!(objections.contains(&expected), "{expected}? {objections:#?}\n{}", wrong.transcript);
    assert_eq!(printed(&wrong, "printStore s1"), ["a:1", "b:2"]);
    assert_eq!(printed(&wrong, "printStore s3"), ["a:1", "b:2"]);
}

#[test]
fn a_server_that_missed_one_block_stays_behind_and_looks_alive_if_nobody_says_it_again() {
    let (wrong, objections) = what_goes_wrong("a-server-that-missed-one-block-gets-it", &deaf::DEAF);
    assert!(objections.contains(&Objection::Behind("s1".to_owned())), "{objections:#?}\n{}", wrong.transcript);
    let is_failure = |objection: &&Objection| matches!(objection, Objection::NotPassed(..));
    assert_eq!(objections.iter().find(is_failure), None, "nothing tells of it");
}

#[test]
fn a_dash_in_a_value_kills_a_server_whose_wire_has_dashes_between_its_fields() {
    let (wrong, objections) = what_goes_wrong("a-dash-in-a-value-kills-nobody", &poisoned::POISONED);
    let is_death = |objection: &Objection| match objection {
        Objection::NotPassed(Verdict::NodeFault, err) => err.contains("a field is missing"),
        _ => false,
    };
    assert!(objections.iter().any(is_death), "{objections:#?}\n{}", wrong.transcript);
}
