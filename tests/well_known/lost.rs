//! It goes on proposing under a ballot that it has promised to another server.

use std::rc::Rc;

use splitbrain::base::{NodeName, Time};
use splitbrain::ledger::{Block, Nonce, RequestId, hash};
use splitbrain::machine::{AnyInput, AnyMachine, Output, Outputs, Payload, Setup, Undecodable};
use splitbrain::protocol::Protocol;
use splitbrain::protocol::multi_paxos::messages::{Accept, Accepted, Decide, Promise};
use splitbrain::protocol::multi_paxos::{Ballot, PaxosMessage};
use splitbrain::store::Operation;
use splitbrain::wire::control::{Inspect, Part};
use splitbrain::wire::request::{Write, WriteOk};
use splitbrain::wire::{Request, Response};

use super::paxos::{protocol, sent, server, told};
use crate::planted::Bug;

pub static LOST: Protocol = protocol(&|setup| {
    let others = others(&setup);
    server(Lost { others, has_led: false, promised: None, proposed: None }, setup)
});

fn others(setup: &Setup) -> Vec<NodeName> {
    setup.servers.iter().copied().filter(|&server| server != setup.name).collect()
}

struct Lost {
    others: Vec<NodeName>,
    has_led: bool,
    /// The ballot that it promised to another server while it led.
    promised: Option<Ballot>,
    /// What it proposed under that.
    proposed: Option<Proposed>,
}

struct Proposed {
    request: RequestId,
    /// The height of its block.
    height: u64,
}

impl Lost {
    fn propose(&mut self, right: &mut dyn AnyMachine, ballot: Ballot, request: RequestId, write: &Write) -> Accept {
        let question = Inspect { msg_id: 0, part: Part::Chain, skip: 0 };
        let chain = right.inspect(&question).and_then(|answer| answer.chain).expect("a server shows its chain");
        let previous = chain.last().map(|block| block.hash);
        let skip = chain.len() as u64;
        let operation = Operation::Put { key: write.key.clone(), value: write.value.clone() };
        let text = operation.to_string();
        let nonce = Nonce::search(&text);
        let block = Block { hash: hash::of_block(&text, nonce, previous), operation, request, nonce, previous };
        self.proposed = Some(Proposed { request, height: skip + 1 });
        Accept { ballot, skip, blocks: vec![Rc::new(block)], base: Some(skip), more: false }
    }

    /// Tells itself and all others.
    fn tell_all(
        &self,
        right: &mut dyn AnyMachine,
        now: Time,
        ballot: Ballot,
        message: PaxosMessage,
        outputs: &mut Outputs,
    ) -> Result<(), Undecodable> {
        let payload = Payload::peer(message);
        for &other in &self.others {
            outputs.send(other, payload.clone());
        }
        right.step(now, AnyInput::Message { from: ballot.server, payload: &payload }, outputs)
    }
}

impl Bug for Lost {
    fn take(
        &mut self,
        right: &mut dyn AnyMachine,
        now: Time,
        input: AnyInput<'_>,
        outputs: &mut Outputs,
    ) -> Result<(), Undecodable> {
        let Some(ballot) = self.promised else { return right.step(now, input, outputs) };
        if let AnyInput::Message { from: client, payload: Payload::Request(request) } = input
            && let Request::Write(write) = &**request
            && self.proposed.is_none()
        {
            let request = RequestId { client, session: write.session, sequence: write.msg_id };
            let accept = self.propose(right, ballot, request, write);
            return self.tell_all(right, now, ballot, PaxosMessage::Accept(Rc::new(accept)), outputs);
        }
        if let Some((_, PaxosMessage::Accepted(Accepted { ballot: of, length }))) = told(&input)
            && let Some(Proposed { request, height }) = self.proposed
            && (*of, *length) == (ballot, height)
        {
            let answer = WriteOk { in_reply_to: request.sequence, stamp: None };
            outputs.respond(request.client, Response::Write(answer));
            let decide = Decide { ballot, length: height };
            return self.tell_all(right, now, ballot, PaxosMessage::Decide(decide), outputs);
        }
        right.step(now, input, outputs)
    }

    fn alter(&mut self, output: Output) -> Option<Output> {
        match sent(&output) {
            Some((_, PaxosMessage::Accept(_))) => self.has_led = true,
            Some((_, PaxosMessage::Promise(Promise { ballot, .. }))) if self.has_led => self.promised = Some(*ballot),
            Some(_) | None => {}
        }
        Some(output)
    }
}
