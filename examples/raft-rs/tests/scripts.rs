//! Every script in `tests/scripts` has a golden transcript, passes under other seeds too, and gives the same bytes again; the one
//! in `tests/many-seeds` is held against what it prints.
//! A planted bug shows that such a script can find one.

use insta::{assert_snapshot, glob};
use raft_rs_under_splitbrain::{RaftMessage, RaftServer, cluster};
use splitbrain::base::{Time, Verdict};
use splitbrain::machine::{Input, Machine, Outputs, Setup, Violation};
use splitbrain::wire::control::{Inspect, InspectOk};
use splitbrain::wire::request::WriteOk;
use splitbrain::wire::{Request, Response, StateChange};
use splitbrain::{Cluster, Outcome};

/// How many other seeds each script is run with.
const SEEDS: u64 = 5;

/// Runs a script twice: all that raft draws by itself would show as a difference.
fn run_twice(cluster: &Cluster, script: &str) -> Outcome {
    let outcome = cluster.run(script);
    assert_eq!(outcome, cluster.run(script), "a second run gives something else");
    outcome
}

#[test]
fn every_script_gives_its_golden() {
    glob!("scripts/*.txt", |path| {
        let outcome = run_twice(&cluster(), &std::fs::read_to_string(path).unwrap());
        outcome.assert_passed();
        assert_snapshot!(outcome);
    });
}

#[test]
fn under_other_seeds_others_lead_and_every_script_passes() {
    glob!("scripts/*.txt", |path| {
        let script = std::fs::read_to_string(path).unwrap();
        for seed in 2..2 + SEEDS {
            run_twice(&cluster().with_seed(seed), &script).assert_passed();
        }
    });
}

/// With how many seeds the script is run of which draws decide almost everything. A golden of it would be read by nobody.
const MANY_SEEDS: u64 = 30;

#[test]
fn over_a_bad_network_every_operation_ends_and_all_hold_the_same() {
    let script = include_str!("many-seeds/a-bad-network-and-crashes-under-load.txt");
    for seed in 1..=MANY_SEEDS {
        let outcome = run_twice(&cluster().with_seed(seed), script);
        outcome.assert_passed();
        assert_eq!(outcome.printed, "a:3\nb:3\nc:1\na:3\nb:3\nc:1\n", "seed {seed}:\n{outcome}");
    }
}

/// How many outputs a leader has put out when it has answered the operations of [`at_every_output`], and more.
const OUTPUTS: u32 = 60;

fn at_every_output(outputs: u32) -> String {
    format!(
        "cluster servers=3 clients=1\nnominate s1\nwait 10ms\ncrash s1 after {outputs} outputs\nput c1 a 1\nput c1 b 2\n\
         cas c1 a 1 3\nwait 2s\nrestart all\nput c1 c 4\nstabilize\nprintStore s1\n"
    )
}

#[test]
fn whichever_output_is_a_leaders_last_nothing_acknowledged_is_lost_or_done_twice() {
    for outputs in 0..OUTPUTS {
        let outcome = run_twice(&cluster(), &at_every_output(outputs));
        outcome.assert_passed();
        assert_eq!(outcome.printed, "a:3\nb:2\nc:4\n", "after {outputs} outputs:\n{outcome}");
        assert!(outcome.transcript.contains("= s1 recovered"), "{outputs} outputs were never put out:\n{outcome}");
    }
}

/// raft itself would panic at the first heartbeat.
#[test]
fn a_disk_that_loses_what_was_acknowledged_ends_its_server_with_a_sentence() {
    let script = "cluster servers=3 clients=1\nnominate s1\nwait 10ms\nput c1 a 1\ndisk s2 lie\nput c1 b 2\ncrash s2\n\
                  restart s2\nwait 1s\n";
    let outcome = run_twice(&cluster(), script);
    assert_eq!(outcome.verdict, Verdict::NodeFault);
    let sentence =
        "s2: it died: s1 knows that it holds 3 entries, and it holds 2: its disk has lost what it had acknowledged";
    assert!(outcome.reported.contains(sentence), "{}", outcome.reported);
}

/// A server that answers a write when it comes, and not when it is decided.
struct Hasty(RaftServer);

impl Hasty {
    fn new(setup: Setup) -> Self {
        Self(RaftServer::new(setup))
    }
}

impl Machine for Hasty {
    type Peer = RaftMessage;

    fn step(&mut self, now: Time, input: Input<'_, RaftMessage>, outputs: &mut Outputs) -> Result<(), Violation> {
        if let Input::Request { from, request: Request::Write(write) } = &input {
            outputs.respond(*from, Response::Write(WriteOk { in_reply_to: write.msg_id, stamp: None }));
        }
        self.0.step(now, input, outputs)
    }

    fn take_changes(&mut self) -> StateChange {
        self.0.take_changes()
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        self.0.inspect(question)
    }
}

const LOST: &str = include_str!("scripts/an-acknowledged-write-outlives-its-leader.txt");

/// The golden is the bug: `await b` is told of success, and then `b` is not there.
#[test]
fn who_answers_before_a_write_is_decided_loses_it() {
    let outcome = run_twice(&Cluster::new(Hasty::new).with_consensus(), LOST);
    assert_eq!(outcome.printed.lines().next(), Some("b:ERR_KEY"));
    assert_snapshot!(outcome);
}

#[test]
fn who_waits_until_it_is_decided_does_not() {
    for seed in 1..=SEEDS {
        assert_eq!(cluster().with_seed(seed).run(LOST).printed.lines().next(), Some("b:2"), "seed {seed}");
    }
}
