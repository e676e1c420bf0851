//! A server crashes at every output of a run with elections, puts of two clients, a change of leaders and a server that
//! catches up: nothing that was acknowledged is lost, no request stands twice in a chain, and all chains are one.
//!
//! With what a server says moved before its sync, the same loop finds what is lost.

mod library;

use std::collections::BTreeMap;

use library::{Run, Setup};
use splitbrain::base::{Outcome, Time};
use splitbrain::cluster::InMemory;
use splitbrain::experiment::Form;
use splitbrain::machine::{AnyInput, AnyMachine, Output, Outputs, Undecodable};
use splitbrain::protocol::{Agreement, Protocol, multi_paxos};
use splitbrain::trace::TraceHash;
use splitbrain::wire::StateChange;
use splitbrain::wire::control::{Inspect, InspectOk};

/// The script, with a crash of `server` after so many outputs.
fn script(server: u32, outputs: u64) -> String {
    let mut lines = vec![
        "cluster servers=3 clients=2".to_owned(),
        "stabilize".to_owned(),
        format!("crash s{server} after {outputs} outputs"),
    ];
    for number in 1..=20 {
        lines.push(format!("put c{} k{number} v{number}", 1 + number % 2));
        match number {
            5 => lines.push("isolate s1".to_owned()),
            9 => lines.push("heal".to_owned()),
            12 => lines.push("nominate s2".to_owned()),
            16 => lines.push("nominate s1".to_owned()),
            _ => {}
        }
    }
    lines.extend(["wait 1s", "heal", "restart all", "stabilize"].map(str::to_owned));
    lines.extend((1..=3).map(|server| format!("printBlockchain s{server}")));
    lines.join("\n") + "\n"
}

/// What a run came to.
struct Ending {
    /// Did the crash come?
    crashed: bool,
    /// What is wrong, if anything is.
    objection: Option<String>,
}

fn carry_out(protocol: &'static Protocol, server: u32, outputs: u64) -> Ending {
    let text = script(server, outputs);
    let setup = Setup { protocol, form: Form::Transcript, spawner: InMemory };
    let Run { outcome, out, err } = library::run(&text, setup, None::<TraceHash>);
    let crashed = out.contains(" crashed after ");
    let objection = if outcome == Outcome::Passed { judge(&out) } else { Some(format!("{outcome:?}: {err}")) };
    Ending { crashed, objection }
}

/// Reads a transcript.
fn judge(out: &str) -> Option<String> {
    let mut acknowledged = Vec::new();
    let mut chains: Vec<Vec<String>> = Vec::new();
    let mut command = "";
    for line in out.lines() {
        match line.strip_prefix("         | ") {
            Some("success") => acknowledged.push(command.to_owned()),
            Some(block) if command.starts_with("printBlockchain") => {
                chains.last_mut().expect("the command").push(block.to_owned());
            }
            Some(_) => {}
            None if line.starts_with(' ') => {}
            None => {
                command = line.split_once(' ').map_or("", |(_, command)| command);
                if command.starts_with("printBlockchain") {
                    chains.push(Vec::new());
                }
            }
        }
    }
    if chains.iter().any(|chain| *chain != chains[0]) {
        return Some(format!("the chains differ: {chains:?}"));
    }
    let mut requests: BTreeMap<String, usize> = BTreeMap::new();
    for block in &chains[0] {
        let words: Vec<_> = block.split(' ').collect();
        *requests.entry(words[4..6].join(" ")).or_default() += 1;
    }
    if let Some((request, _)) = requests.iter().find(|(_, count)| **count > 1) {
        return Some(format!("{request} stands twice in the chain"));
    }
    let is_there = |put: &String| {
        let (_, operation) = put.split_once(' ').expect("a client");
        let (_, operation) = operation.split_once(' ').expect("a key");
        chains[0].iter().any(|block| block.contains(&format!(" put {operation} ")))
    };
    let lost = acknowledged.iter().find(|put| !is_there(put));
    if acknowledged.len() < 10 {
        return Some(format!("only {} puts were acknowledged", acknowledged.len()));
    }
    lost.map(|put| format!("`{put}` was acknowledged and is lost"))
}

/// How many points there are over all servers, and the first objection.
fn loop_over(protocol: &'static Protocol, step: usize) -> (u64, Option<String>) {
    let mut points = 0;
    for server in 1..=3 {
        for outputs in (1..).step_by(step) {
            let Ending { crashed, objection } = carry_out(protocol, server, outputs);
            if let Some(objection) = objection {
                return (points, Some(format!("crash s{server} after {outputs} outputs: {objection}")));
            }
            if !crashed {
                break;
            }
            points += 1;
        }
    }
    (points, None)
}

#[test]
fn whichever_output_a_server_crashes_at_nothing_acknowledged_is_lost() {
    let (points, objection) = loop_over(&multi_paxos::PROTOCOL, 1);
    assert_eq!(objection, None);
    assert!(points >= 200, "{points} points");
}

/// A server that says these before they are on its disk.
struct Hasty {
    machine: Box<dyn AnyMachine>,
    kinds: &'static [&'static str],
}

impl AnyMachine for Hasty {
    fn step(&mut self, now: Time, input: AnyInput<'_>, outputs: &mut Outputs) -> Result<(), Undecodable> {
        let mut of_step = Outputs::default();
        self.machine.step(now, input, &mut of_step)?;
        self.machine.flush(&mut of_step);
        for output in of_step.drain() {
            match output {
                Output::Send { to, payload } if self.kinds.contains(&payload.kind()) => outputs.send_early(to, payload),
                Output::Send { to, payload } => outputs.send(to, payload),
                Output::SendEarly { to, payload } => outputs.send_early(to, payload),
                Output::Persist(record) => outputs.persist(record),
                Output::Sync => {}
                Output::SetTimer { after, .. } => outputs.set_timer("heartbeat", after),
                Output::CancelTimer { .. } => outputs.cancel_timer("heartbeat"),
                Output::Complete(completion) => outputs.complete(completion),
            }
        }
        Ok(())
    }

    /// Each step is flushed as it ends.
    fn flush(&mut self, _outputs: &mut Outputs) {}

    fn take_changes(&mut self) -> StateChange {
        self.machine.take_changes()
    }

    fn inspect(&self, question: &Inspect) -> Option<InspectOk> {
        self.machine.inspect(question)
    }
}

const fn hasty(server: fn(splitbrain::machine::Setup) -> Box<dyn AnyMachine>) -> Protocol {
    Protocol { name: "hasty", summary: "says something too early", agreement: Agreement::Consensus, server }
}

static ACCEPTED_EARLY: Protocol =
    hasty(|setup| Box::new(Hasty { machine: (multi_paxos::PROTOCOL.server)(setup), kinds: &["accepted"] }));

/// The leader s3 counts on s2, which crashes right behind the message of this type, and is then alone: the other two go on
/// without it. Is a put that was acknowledged gone there?
fn loses(protocol: &'static Protocol, kind: &str) -> bool {
    let text = format!(
        "cluster servers=3 clients=1\nstabilize\nput c1 a 1\nisolate s1\ncrash s2 when sends {kind} to s3\n\
         put c1 b 2\nisolate s3\nmend s1 s2\nmend s1,s2 c1\nrestart all\nput c1 c 3\nprintBlockchain s1\n"
    );
    let setup = Setup { protocol, form: Form::Transcript, spawner: InMemory };
    let Run { out, .. } = library::run(&text, setup, None::<TraceHash>);
    assert!(out.contains("put c1 c 3\n         | success"), "two of three decide: {out}");
    out.contains("put c1 b 2\n         | success") && !out.contains(" put b 2 client=")
}

#[test]
fn with_accepted_sent_before_its_sync_what_was_acknowledged_is_lost() {
    assert!(loses(&ACCEPTED_EARLY, "accepted"), "the swap is not found");
    assert!(!loses(&multi_paxos::PROTOCOL, "accepted"));
}
