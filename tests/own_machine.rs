//! A machine of one's own, through the library: a protocol is a machine and its messages, and every shell comes with it.

mod library;

use splitbrain::base::{NodeName, Time, Verdict};
use splitbrain::cluster::InMemory;
use splitbrain::experiment::Form;
use splitbrain::machine::{Input, Machine, Message, Outputs, Payload, Violation};
use splitbrain::protocol::{Agreement, Protocol};
use splitbrain::trace::{Reader, TraceLines};
use splitbrain::wire::control::{Inspect, InspectOk};
use splitbrain::wire::request::{Response, WriteOk};
use splitbrain::wire::{Request, StateChange};

use library::{Run, Setup};

/// A ball that servers throw to each other.
#[derive(Clone, Copy, Debug)]
struct Ball;

impl Message for Ball {
    fn kinds() -> &'static [&'static str] {
        &["ball"]
    }

    fn kind(&self) -> &'static str {
        "ball"
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"type":"ball"}"#);
    }

    fn decode(kind: &str, _body: &str) -> Option<serde_json::Result<Self>> {
        (kind == "ball").then_some(Ok(Self))
    }
}

/// Throws a ball to every other server when a client writes, and every ball back.
struct Thrower {
    others: Vec<NodeName>,
}

impl Machine for Thrower {
    type Peer = Ball;

    fn step(&mut self, _now: Time, input: Input<'_, Ball>, outputs: &mut Outputs) -> Result<(), Violation> {
        match input {
            Input::Request { from, request: Request::Write(write) } => {
                for &other in &self.others {
                    outputs.send(other, Payload::peer(Ball));
                }
                outputs.respond(from, Response::Write(WriteOk { in_reply_to: write.msg_id, stamp: None }));
                Ok(())
            }
            Input::Peer { from, message } => {
                outputs.send(from, Payload::peer(*message));
                Ok(())
            }
            Input::Start { .. } => Ok(()),
            Input::Request { .. } | Input::Response { .. } | Input::Timer { .. } | Input::Control(_) => {
                Err(Violation("throwers only throw".to_owned()))
            }
        }
    }

    fn take_changes(&mut self) -> StateChange {
        StateChange::default()
    }

    fn inspect(&self, _question: &Inspect) -> Option<InspectOk> {
        None
    }
}

static THROWING: Protocol = Protocol {
    name: "throwing",
    summary: "servers throw balls",
    agreement: Agreement::Eventual,
    message_types: &["ball"],
    server: &|setup| {
        let others = setup.servers.into_iter().filter(|&server| server != setup.name).collect();
        Box::new(Thrower { others })
    },
};

fn run<R: Reader + 'static>(script: &str, readers: impl IntoIterator<Item = R>) -> Run {
    library::run(script, Setup { protocol: &THROWING, form: Form::Transcript, spawner: InMemory }, readers)
}

/// A run that nobody follows.
fn run_alone(script: &str) -> Run {
    run(script, None::<TraceLines>)
}

/// Server 1 is the second that joins, so it knows of server 0; server 0 is told by `members`, which a thrower refuses.
const ONE_WAY: &str = "joinServer 0\nkillServer 0\njoinServer 1\njoinServer 0\njoinClient 2 1\n";

#[test]
fn its_messages_go_through_the_network() {
    let script = format!("{ONE_WAY}put 2 a 1\nwait 10ms\ncut 0 1\nwait 10ms\n");
    let Run { verdict, out, err } = run_alone(&script);
    assert_eq!((verdict, err.as_str()), (Verdict::Passed, ""));
    assert!(out.ends_with("~ s0 -> s1 ball lost (cut)\n0.022000 end: 14 messages, 1 lost, 0 in flight\n"), "{out}");
}

#[test]
fn with_a_reader_of_lines_its_messages_are_encoded_and_decoded() {
    let script = format!("{ONE_WAY}put 2 a 1\nwait 10ms\n");
    let (writer, lines) = TraceLines::in_memory();
    let with_lines = run(&script, Some(writer));
    assert_eq!(with_lines.out, run_alone(&script).out);
    let thrown = lines.text().lines().filter(|line| line.contains(r#""body":{"type":"ball"}"#)).count();
    assert!(thrown > 10, "{thrown} lines hold a ball");
}

#[test]
fn what_it_refuses_ends_the_run_with_its_sentence() {
    let Run { verdict, err, .. } = run_alone("joinServer 0\njoinServer 1\n");
    assert_eq!(verdict, Verdict::NodeFault);
    assert!(err.contains("error: s0: it died: throwers only throw"), "{err}");
    assert!(err.contains("while carrying out script:2: joinServer 1"), "{err}");
}

#[test]
fn balls_without_delay_reach_a_bound_and_no_verdict() {
    let script = format!("{ONE_WAY}delay 0 1 0s\nput 2 a 1\n");
    let Run { verdict, err, .. } = run_alone(&script);
    assert_eq!(verdict, Verdict::Undecided);
    assert!(err.contains("1000000 steps without time moving on"), "{err}");
}

#[test]
fn waiting_longer_than_a_run_can_be_reaches_a_bound_and_no_verdict() {
    let Run { verdict, err, .. } = run_alone("wait 1000000s\nwait 1us\n");
    assert_eq!(verdict, Verdict::Undecided);
    assert!(err.contains("the run would go on after 1000000s of virtual time"), "{err}");
    assert!(err.contains("while carrying out script:2: wait 1us"), "{err}");
}
