//! A server crashes at every output of a script: what it has acknowledged is there when it comes back, and the run goes
//! on. And where an answer leaves before its sync, the same loop finds what is lost.

mod library;
mod planted;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use splitbrain::base::{Environment, NodeName, Verdict};
use splitbrain::cluster::{InMemory, Interruption, Processes, Spawner};
use splitbrain::experiment::Form;
use splitbrain::machine::Output;
use splitbrain::protocol::{Agreement, PROTOCOLS, Protocol};
use splitbrain::store::Operation;
use splitbrain::trace::{Death, Happening, Moment, Reader};
use splitbrain::wire::Completion;

use library::{Run, Setup, run};
use planted::{Bug, planted};

const SERVERS: [u32; 3] = [0, 1, 2];
/// A server's outputs before it is started for good are fewer than this.
const OUTPUTS: usize = 200;
/// Fewer would mean that the loop has gone blind.
const LEAST_POINTS: usize = 150;
/// Where a machine that answers too early loses something.
const LEAST_POINTS_BETWEEN_SEND_AND_SYNC: usize = 30;

/// A server crashes somewhere in the first part, comes back, is looked at, and all goes on.
fn script(server: u32, outputs: usize) -> String {
    let joins = "joinServer 0\njoinServer 1\njoinServer 2\n";
    let clients = "joinClient 10 0\njoinClient 11 1\njoinClient 12 2\n";
    let puts = |round: usize| (10..13).map(move |client| format!("put {client} key{client}-{round} {round}\n"));
    let first: String = (0..3).flat_map(puts).collect();
    let second: String = (3..6).flat_map(puts).collect();
    format!(
        "{joins}{clients}crash {server} after {outputs} outputs\n{first}\
         cut 0 2\nput 10 apart-0 1\nput 12 apart-2 1\nmend 0 2\nstabilize\n\
         kill {server}\nput 10 while-dead 1\nrestart {server}\n{clients}{second}\
         restart {server}\nprintStore {server}\n\
         {clients}put 10 last-0 1\nput 11 last-1 1\nput 12 last-2 1\nstabilize\n\
         printStore 0\nprintStore 1\nprintStore 2\n"
    )
}

/// What was seen of one run.
#[derive(Default)]
struct Seen {
    /// Each put that was acknowledged before the server was looked at, and by whom.
    acknowledged: Vec<(NodeName, String)>,
    operation: Option<Operation>,
    /// What each `printStore` printed.
    stores: Vec<Vec<String>>,
    is_printing: bool,
    /// The types of the outputs of the server's last step.
    step: Vec<String>,
    /// What of the step in which it crashed had happened, and what had not.
    crash: Option<(Vec<String>, Vec<String>)>,
}

/// Looks at one server.
struct Witness {
    server: NodeName,
    seen: Rc<RefCell<Seen>>,
}

impl Reader for Witness {
    fn read(&mut self, _moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        let mut seen = self.seen.borrow_mut();
        match happening {
            Happening::Command { text } => {
                seen.is_printing = text.starts_with("printStore");
                if seen.is_printing {
                    seen.stores.push(Vec::new());
                }
            }
            Happening::Printed { text } if seen.is_printing => {
                seen.stores.last_mut().expect("a store is printed").push((*text).to_owned());
            }
            Happening::Step { node, outputs, .. } if *node == self.server => seen.step = types(outputs),
            // One that comes later has nothing to be looked at after it.
            Happening::Died { node, death: Death::CrashedAfter { outputs, .. }, .. }
                if *node == self.server && seen.stores.is_empty() =>
            {
                let (happened, left) = seen.step.split_at(*outputs);
                seen.crash = Some((happened.to_vec(), left.to_vec()));
            }
            Happening::Invoked { operation, .. } => seen.operation = Some((*operation).clone()),
            Happening::Completed { completion: Completion::Ok(_), requests, .. } if seen.stores.is_empty() => {
                if let (Some(Operation::Put { key, value }), Some(server)) = (seen.operation.take(), requests.server) {
                    seen.acknowledged.push((server, format!("{key}:{value}")));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn wants_lines(&self) -> bool {
        true
    }
}

/// The types of a step's outputs: `send` for a message to a node, none for `init_ok` and `done`.
fn types(outputs: &[u8]) -> Vec<String> {
    let lines = outputs.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let kind = |line| {
        let line: Value = serde_json::from_slice(line).expect("a line is JSON");
        let kind = line["body"]["type"].as_str().expect("a body has a type").to_owned();
        let is_node = line["dest"].as_str().is_some_and(|dest| dest.parse::<NodeName>().is_ok());
        if is_node { "send".to_owned() } else { kind }
    };
    lines.map(kind).filter(|kind| kind != "init_ok" && kind != "done").collect()
}

/// What came of one crash point.
struct Point {
    outputs: usize,
    server: NodeName,
    run: Run,
    seen: Seen,
}

impl Point {
    fn of(server: u32, outputs: usize, protocol: &'static Protocol, spawner: impl Spawner + 'static) -> Self {
        let server_name = NodeName::server(server);
        let seen = Rc::default();
        let witness = Witness { server: server_name, seen: Rc::clone(&seen) };
        let setup = Setup { protocol, form: Form::Plain, spawner };
        let run = run(&script(server, outputs), setup, Some(witness));
        Self { outputs, server: server_name, run, seen: seen.take() }
    }

    fn is_reached(&self) -> bool {
        self.seen.crash.is_some()
    }

    /// Had it said something of which its disk did not yet know?
    fn is_between_send_and_sync(&self) -> bool {
        let has = |outputs: &[String], kind: &str| outputs.iter().any(|output| output == kind);
        self.seen.crash.as_ref().is_some_and(|(happened, left)| has(happened, "send") && has(left, "sync"))
    }

    /// The puts that the server had acknowledged, and that it has lost.
    fn lost(&self) -> Vec<&str> {
        let store = self.seen.stores.first().expect("the server is looked at");
        let its_own = self.seen.acknowledged.iter().filter(|(server, _)| *server == self.server);
        its_own.map(|(_, put)| put.as_str()).filter(|put| !store.iter().any(|line| line == put)).collect()
    }

    /// Everything that holds at every point.
    fn check(&self) {
        let Self { outputs, server, run, seen } = self;
        let place = format!("{server} after {outputs} outputs");
        assert_eq!(self.lost(), [""; 0], "{place}: acknowledged and lost");
        assert_eq!(run.verdict, Verdict::Passed, "{place}: {}", run.err);
        let [_, stores @ ..] = seen.stores.as_slice() else { panic!("{place}: {}", run.err) };
        assert_eq!(stores.len(), 3, "{place}: the run did not come to its end: {}", run.err);
        for last in ["last-0:1", "last-1:1", "last-2:1"] {
            assert!(
                stores.iter().all(|store| store.iter().any(|line| line == last)),
                "{place}: {last} is not everywhere"
            );
        }
        assert!(stores.iter().all(|store| store == &stores[0]), "{place}: stores differ after stabilize");
    }
}

/// Every point of every server that there is.
fn all_points(protocol: &'static Protocol) -> Vec<Point> {
    let points_of = |server| {
        let point = move |outputs| Point::of(server, outputs, protocol, InMemory);
        let points: Vec<_> = (0..OUTPUTS).map(point).take_while(Point::is_reached).collect();
        assert!(points.len() < OUTPUTS, "server {server} has more outputs than are tried");
        points
    };
    SERVERS.into_iter().flat_map(points_of).collect()
}

#[test]
fn in_memory_a_crash_after_any_output_loses_nothing_that_was_acknowledged() {
    let points = all_points(&PROTOCOLS[0]);
    points.iter().for_each(Point::check);
    let between = points.iter().filter(|point| point.is_between_send_and_sync()).count();
    let acknowledged: usize = points.iter().map(|point| point.seen.acknowledged.len()).sum();
    println!("{} points, {between} between a send and a sync, {acknowledged} puts acknowledged", points.len());
    assert!(points.len() >= LEAST_POINTS, "only {} points were reached", points.len());
    assert!(between >= LEAST_POINTS_BETWEEN_SEND_AND_SYNC, "only {between} points lie between a send and a sync");
    assert!(acknowledged > 10 * points.len(), "only {acknowledged} puts were acknowledged");
}

#[test]
fn on_processes_a_crash_after_every_tenth_output_loses_nothing_that_was_acknowledged() {
    let mut reached = 0;
    for server in SERVERS {
        for outputs in (0..OUTPUTS).step_by(10) {
            let folder = tempfile::tempdir().expect("a folder");
            let executable = PathBuf::from(env!("CARGO_BIN_EXE_master"));
            let nodes = folder.path().to_owned();
            let spawner = Processes::new(executable, nodes, Duration::from_secs(60), Interruption::default());
            let on_processes = Point::of(server, outputs, &PROTOCOLS[0], spawner);
            if !on_processes.is_reached() {
                break;
            }
            on_processes.check();
            let in_memory = Point::of(server, outputs, &PROTOCOLS[0], InMemory);
            assert_eq!(on_processes.run.out, in_memory.run.out, "server {server} after {outputs} outputs");
            reached += 1;
        }
    }
    assert!(reached >= LEAST_POINTS / 10, "only {reached} points were reached");
}

/// It answers clients before what it tells them is durable.
struct AnswersEarly;

impl Bug for AnswersEarly {
    fn alter(&mut self, output: Output) -> Option<Output> {
        Some(match output {
            Output::Send { to, payload } if !to.is_server() => Output::SendEarly { to, payload },
            Output::Send { .. }
            | Output::SendEarly { .. }
            | Output::Persist(_)
            | Output::Sync
            | Output::SetTimer { .. }
            | Output::CancelTimer { .. }
            | Output::Complete(_) => output,
        })
    }
}

static ANSWERS_EARLY: Protocol = Protocol {
    name: "answers-early",
    summary: "gossip with the sync and the answer swapped",
    agreement: Agreement::Eventual,
    message_types: PROTOCOLS[0].message_types,
    server: &|setup| planted(AnswersEarly, (PROTOCOLS[0].server)(setup)),
};

/// The loop can fail: it finds each point that lies between an answer and its sync, and no other.
#[test]
fn with_the_sync_and_the_answer_swapped_the_loop_finds_what_is_lost() {
    let points = all_points(&ANSWERS_EARLY);
    let has_lost = |point: &&Point| !point.lost().is_empty();
    let lost: Vec<_> = points.iter().filter(has_lost).collect();
    assert!(lost.len() >= 15, "only {} of {} points lose something", lost.len(), points.len());
    for point in lost {
        let (happened, left) = point.seen.crash.as_ref().expect("the point was reached");
        assert_eq!(happened.last().map(String::as_str), Some("send"), "{happened:?} | {left:?}");
        assert_eq!(left, &["sync"], "{happened:?}");
    }
}
