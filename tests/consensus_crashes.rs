//! Servers crash at every output of runs with elections, puts of several clients, changes of leaders and servers that catch
//! up: nothing that was acknowledged is lost, every answer is what the operation comes to at its place, no request stands
//! twice in a chain, and all chains that anybody ever shows are one.
//!
//! With what a server says moved before its sync, the same loop finds what is wrong.

mod consensus;
#[path = "consensus_crashes/hasty.rs"]
mod hasty;
#[path = "consensus/judge.rs"]
mod judge;
mod library;
#[path = "consensus_crashes/outputs.rs"]
mod outputs;
mod planted;
#[path = "consensus_crashes/scenarios.rs"]
mod scenarios;
#[path = "consensus/words.rs"]
mod words;

use std::cell::RefCell;
use std::rc::Rc;

use splitbrain::protocol::Protocol;

use consensus::{Ended, Objection};
use hasty::FAMILIES;
use outputs::{Collector, Steps};
use scenarios::{SCENARIOS, SLOW_LEADER, Scenario, WHOLE_STORY};
use words::{in_words_of, protocols};

const SERVERS: [u32; 3] = [1, 2, 3];
/// No server puts out so much in any of these runs.
const NEVER: u64 = 1_000_000;

/// Power fails when a server has put out so much.
#[derive(Clone, Copy)]
struct Point {
    whose: Whose,
    server: u32,
    outputs: u64,
}

/// Whose power fails.
#[derive(Clone, Copy, Debug)]
enum Whose {
    /// That of the server.
    Its,
    /// That of all servers, at this output of the one.
    Everybodys,
}

impl Point {
    fn script(self, scenario: &Scenario) -> String {
        let Self { whose, server, outputs } = self;
        let crash = format!("crash s{server} after {outputs} outputs");
        let crash = match whose {
            Whose::Its => crash,
            Whose::Everybodys => format!("when s{server} dies: crash all\n{crash}"),
        };
        let disarm = format!("crash s{server} after {NEVER} outputs");
        scenario.text(&crash, &disarm)
    }

    /// What is wrong, if anything is. None if the server has fewer outputs.
    fn judge(self, scenario: &Scenario, protocol: &'static Protocol) -> Option<Result<(), Finding>> {
        let ended = consensus::run(&in_words_of(protocol, &self.script(scenario)), protocol, Vec::new());
        has_crashed(&ended).then(|| self.check(scenario, &ended))
    }

    fn check(self, scenario: &Scenario, ended: &Ended) -> Result<(), Finding> {
        let objections = ended.objections();
        let mut words: Vec<_> = objections.iter().map(Objection::to_string).collect();
        let answers = ended.seen.answers.len();
        if answers < scenario.least_answers {
            words.push(format!("only {answers} operations were answered"));
        }
        if words.is_empty() {
            return Ok(());
        }
        let Self { whose, server, outputs } = self;
        let place = format!("{}, {whose:?} power fails after {outputs} outputs of s{server}", scenario.name);
        Err(Finding { objections, text: format!("{place}: {}\n{}", words.join("\n"), ended.transcript) })
    }
}

/// What is wrong at a point.
struct Finding {
    objections: Vec<Objection>,
    /// All of it, and the transcript.
    text: String,
}

impl Finding {
    /// Is something gone that was acknowledged, do chains differ, or was somebody told what is not so?
    fn is_harm(&self) -> bool {
        self.objections.iter().any(|objection| match objection {
            Objection::Lost { .. } | Objection::Forked(..) | Objection::Wrong { .. } => true,
            Objection::NotPassed(..) | Objection::Twice(_) | Objection::Behind(_) => false,
        })
    }
}

fn has_crashed(ended: &Ended) -> bool {
    ended.transcript.lines().any(|line| line.contains(" crashed after ") || line.contains(" crashed at an output "))
}

/// The verdict on each point of a scenario.
fn verdicts(
    whose: Whose,
    scenario: &Scenario,
    protocol: &'static Protocol,
) -> impl Iterator<Item = Result<(), Finding>> {
    let points = move |server| (1..).map(move |outputs| Point { whose, server, outputs });
    let verdicts_on = move |server| points(server).map_while(move |point| point.judge(scenario, protocol));
    SERVERS.into_iter().flat_map(verdicts_on)
}

/// How many points a scenario has, all of which must pass; or what is wrong at the first that does not.
fn loop_over(whose: Whose, scenario: &Scenario, protocol: &'static Protocol) -> Result<usize, String> {
    verdicts(whose, scenario, protocol).try_fold(0, |points, verdict| match verdict {
        Ok(()) => Ok(points + 1),
        Err(finding) => Err(finding.text),
    })
}

/// What servers put out where nobody crashes.
fn steps_of(scenario: &Scenario, protocol: &'static Protocol) -> Steps {
    let steps = Rc::default();
    let script = Point { whose: Whose::Its, server: 1, outputs: NEVER }.script(scenario);
    let ended =
        consensus::run(&in_words_of(protocol, &script), protocol, vec![Box::new(Collector::new(Rc::clone(&steps)))]);
    assert_eq!(ended.objections(), []);
    RefCell::take(&steps)
}

/// Nothing is wrong at any point of any scenario, under any protocol.
fn nothing_is_lost(whose: Whose) {
    for protocol in protocols() {
        for scenario in SCENARIOS {
            let points = loop_over(whose, scenario, protocol);
            let points = points.unwrap_or_else(|found| panic!("{}: {found}", protocol.name));
            assert!(points >= 50, "{}, {}: only {points} points", protocol.name, scenario.name);
        }
    }
}

#[test]
fn whichever_output_a_server_crashes_at_nothing_acknowledged_is_lost() {
    nothing_is_lost(Whose::Its);
}

#[test]
fn whichever_output_all_servers_crash_at_nothing_acknowledged_is_lost() {
    nothing_is_lost(Whose::Everybodys);
}

#[test]
fn the_whole_story_has_two_hundred_points_that_are_no_timers_and_no_heartbeats() {
    for protocol in protocols() {
        let count = steps_of(&WHOLE_STORY, protocol).count();
        assert!(count >= 200, "{}: {count} points", protocol.name);
    }
}

#[test]
fn what_is_said_before_its_sync_is_found_by_the_loop() {
    for family in FAMILIES {
        for (kind, protocol) in family.harmful {
            let mut verdicts = SCENARIOS.iter().flat_map(|scenario| verdicts(Whose::Its, scenario, protocol));
            let is_found = verdicts.any(|verdict| verdict.is_err_and(|finding| finding.is_harm()));
            assert!(is_found, "{kind} of {} before its sync is not found", protocol.name);
        }
    }
}

/// Where all crash at once, what was said to another server is lost with it; what was said to a client is not.
#[test]
fn an_answer_before_its_sync_is_found_where_all_servers_crash() {
    for family in FAMILIES {
        let (_, protocol) = family.harmful.iter().find(|(kind, _)| *kind == "write_ok").expect("it is among them");
        let found = loop_over(Whose::Everybodys, &SLOW_LEADER, protocol).expect_err("it is not found");
        assert!(found.contains("was acknowledged, and s1 lacks it"), "{found}");
    }
}

#[test]
fn what_may_be_said_before_its_sync_does_no_harm() {
    for family in FAMILIES {
        for scenario in SCENARIOS {
            loop_over(Whose::Its, scenario, family.harmless).unwrap_or_else(|objection| panic!("{objection}"));
        }
    }
}

/// What is never said does no harm either. What these tell of is mostly not in the step's own records; they go ahead of the
/// syncs that a slow disk still owes.
#[test]
fn each_kind_that_may_be_said_before_its_sync_is_said() {
    for family in FAMILIES {
        let steps: Vec<_> = SCENARIOS.iter().map(|scenario| steps_of(scenario, family.harmless)).collect();
        for kind in family.harmless_kinds {
            let count: usize = steps.iter().map(|steps| steps.said(kind)).sum();
            assert!(count > 0, "no {kind} of {} is said", family.harmless.name);
        }
    }
}
