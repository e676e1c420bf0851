//! What a machine wants done, and the one place that keeps what is written and what is said in their order.
//!
//! The order of a step's outputs, whatever order the machine put them in:
//! 1. records, in their order: they go to the disk together, as one frame;
//! 2. what is sent early: it waits for nothing;
//! 3. the sync, if there is a record: from here on the records survive a loss of power;
//! 4. everything else, in its order: what is sent, timers, completions.
//!
//! So nothing that is sent ordinarily leaves before what it tells of is durable, and no machine can forget a sync.

use std::borrow::Cow;

use crate::base::{NodeName, Span};
use crate::machine::Payload;
use crate::wire::{Completion, Request, Response};

/// What a machine wants done. The order of outputs is the order in which they take effect.
#[derive(Clone, Debug)]
pub enum Output {
    /// Keep a record, which the machine gets back when it is started again.
    Persist(Vec<u8>),
    /// Everything that was kept so far is to be durable before anything that follows is done.
    Sync,
    /// Say something to a node.
    Send {
        /// To whom.
        to: NodeName,
        /// What.
        payload: Payload,
    },
    /// Say something to a node that may be said before this step's records are durable, and while earlier ones are
    /// not yet.
    SendEarly {
        /// To whom.
        to: NodeName,
        /// What.
        payload: Payload,
    },
    /// Wake the machine after a time; a timer with the same id is replaced.
    SetTimer {
        /// Which.
        id: Cow<'static, str>,
        /// How long from now.
        after: Span,
    },
    /// Do not wake the machine. Nothing happens if the timer is not set.
    CancelTimer {
        /// Which.
        id: Cow<'static, str>,
    },
    /// Tell the master how an invoked operation ended.
    Complete(Completion),
}

/// The outputs of one step.
#[derive(Debug, Default)]
pub struct Outputs {
    records: Vec<Output>,
    early: Vec<Output>,
    others: Vec<Output>,
}

impl Outputs {
    /// Keeps a record. It is durable before anything that is sent ordinarily in this step leaves.
    pub fn persist(&mut self, record: Vec<u8>) {
        self.records.push(Output::Persist(record));
    }

    /// Sends a request to a server.
    pub fn request(&mut self, to: NodeName, request: Request) {
        self.send(to, Payload::request(request));
    }

    /// Answers a client.
    pub fn respond(&mut self, to: NodeName, response: Response) {
        self.send(to, Payload::response(response));
    }

    /// Answers one session of a client: by hand, another one that has its name since gets nothing of it.
    pub fn respond_in(&mut self, session: u64, to: NodeName, response: Response) {
        self.send(to, Payload::answer(session, response));
    }

    /// Sends a payload that may be shared with other recipients.
    pub fn send(&mut self, to: NodeName, payload: Payload) {
        self.others.push(Output::Send { to, payload });
    }

    /// Sends a payload without waiting for the disk: for what is right even if this node then forgets that it said it.
    pub fn send_early(&mut self, to: NodeName, payload: Payload) {
        self.early.push(Output::SendEarly { to, payload });
    }

    /// Sets a timer.
    pub fn set_timer(&mut self, id: &'static str, after: Span) {
        self.others.push(Output::SetTimer { id: id.into(), after });
    }

    /// Cancels a timer.
    pub fn cancel_timer(&mut self, id: &'static str) {
        self.others.push(Output::CancelTimer { id: id.into() });
    }

    /// Ends an invoked operation.
    pub fn complete(&mut self, completion: Completion) {
        self.others.push(Output::Complete(completion));
    }

    /// Puts what a machine has put out among these, where it belongs. A sync stands where there are records, whether one
    /// is put or not.
    pub fn put(&mut self, output: Output) {
        match output {
            Output::Persist(_) => self.records.push(output),
            Output::SendEarly { .. } => self.early.push(output),
            Output::Sync => {}
            Output::Send { .. } | Output::SetTimer { .. } | Output::CancelTimer { .. } | Output::Complete(_) => {
                self.others.push(output);
            }
        }
    }

    /// Takes the outputs out, in order, and leaves room for the next step's.
    pub fn drain(&mut self) -> impl Iterator<Item = Output> + '_ {
        let sync = (!self.records.is_empty()).then_some(Output::Sync);
        self.records.drain(..).chain(self.early.drain(..)).chain(sync).chain(self.others.drain(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(outputs: &mut Outputs) -> Vec<String> {
        let shown = |output| match output {
            Output::Persist(record) => format!("persist {}", String::from_utf8(record).unwrap()),
            Output::Sync => "sync".to_owned(),
            Output::Send { payload, .. } => format!("send {}", payload.kind()),
            Output::SendEarly { payload, .. } => format!("early {}", payload.kind()),
            Output::SetTimer { id, .. } => format!("set {id}"),
            Output::CancelTimer { id } => format!("cancel {id}"),
            Output::Complete(_) => "complete".to_owned(),
        };
        outputs.drain().map(shown).collect()
    }

    #[test]
    fn whatever_the_machine_does_first_the_disk_comes_before_what_is_sent() {
        let to = NodeName::server(1);
        let mut outputs = Outputs::default();
        outputs.send(to, Payload::text("answer", "{}"));
        outputs.persist(b"a".to_vec());
        outputs.set_timer("t", Span(1));
        outputs.send_early(to, Payload::text("write", "{}"));
        outputs.persist(b"b".to_vec());
        outputs.cancel_timer("t");
        let expected = ["persist a", "persist b", "early write", "sync", "send answer", "set t", "cancel t"];
        assert_eq!(order(&mut outputs), expected);
        assert!(order(&mut outputs).is_empty(), "the next step begins with nothing");
    }

    #[test]
    fn what_is_put_again_stands_where_it_stood() {
        let to = NodeName::server(1);
        let mut first = Outputs::default();
        first.send(to, Payload::text("answer", "{}"));
        first.cancel_timer("t");
        first.send_early(to, Payload::text("write", "{}"));
        first.persist(b"a".to_vec());
        let mut again = Outputs::default();
        first.drain().for_each(|output| again.put(output));
        assert_eq!(order(&mut again), ["persist a", "early write", "sync", "send answer", "cancel t"]);
    }

    #[test]
    fn a_step_without_records_has_no_sync() {
        let mut outputs = Outputs::default();
        outputs.send(NodeName::server(1), Payload::text("answer", "{}"));
        assert_eq!(order(&mut outputs), ["send answer"]);
    }
}
