//! Planted bugs: a check must be able to fail. Each changes what a right server is given or what becomes of its outputs, as
//! if the server were wrong.

use crate::machine::{Output, Payload};
use crate::protocol::schedules::subject::{Given, Subject};
use crate::protocol::schedules::world::Event;
use crate::wire::{Response, request::WriteOk};

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant<B> {
    /// None.
    Nothing,
    /// Nothing that is kept survives a loss of power for certain.
    SyncsNothing,
    /// What is said in messages of these types leaves before the sync.
    SpeaksFirst(&'static [&'static str]),
    /// A server without a disk takes part as if it were new.
    WipedIsNew,
    /// A server answers what it refused as if it were a write that took place.
    AnswersAlwaysWell,
    /// A server never sends messages of this type.
    NeverSays(&'static str),
    /// One that only this protocol can have.
    Own(B),
}

impl<B: Copy> Plant<B> {
    /// The number of its life that a server is told.
    pub fn incarnation(self, life: u32, records: usize) -> u32 {
        if matches!(self, Self::WipedIsNew) && records == 0 { 0 } else { life }
    }

    /// Are syncs done?
    pub fn syncs(self) -> bool {
        !matches!(self, Self::SyncsNothing)
    }

    /// The outputs of a step that happen, in their order.
    pub fn alter<S: Subject<Bug = B>>(self, outputs: impl Iterator<Item = Output>) -> Vec<Output> {
        let mut outputs: Vec<_> = outputs.filter(|output| self.lets_happen::<S>(output)).collect();
        match self {
            Self::SpeaksFirst(kinds) => speak_first(&mut outputs, kinds),
            Self::AnswersAlwaysWell => payloads(&mut outputs).for_each(answer_well),
            Self::Nothing | Self::SyncsNothing | Self::WipedIsNew | Self::NeverSays(_) | Self::Own(_) => {}
        }
        outputs
    }

    fn lets_happen<S: Subject<Bug = B>>(self, output: &Output) -> bool {
        match (self, output) {
            (Self::Own(bug), Output::Persist(record)) => !S::loses(bug, record),
            (Self::NeverSays(kind), Output::Send { payload, .. } | Output::SendEarly { payload, .. }) => {
                payload.kind() != kind
            }
            (_, _) => true,
        }
    }

    /// What a server is given in place of an event.
    pub fn change<S: Subject<Bug = B>>(self, event: Event, given: Given<'_, S>) -> Event {
        match self {
            Self::Own(bug) => S::change(bug, event, given),
            Self::Nothing
            | Self::SyncsNothing
            | Self::SpeaksFirst(_)
            | Self::WipedIsNew
            | Self::AnswersAlwaysWell
            | Self::NeverSays(_) => event,
        }
    }
}

fn payloads(outputs: &mut [Output]) -> impl Iterator<Item = &mut Payload> {
    outputs.iter_mut().filter_map(|output| match output {
        Output::Send { payload, .. } | Output::SendEarly { payload, .. } => Some(payload),
        Output::Persist(_)
        | Output::Sync
        | Output::SetTimer { .. }
        | Output::CancelTimer { .. }
        | Output::Complete(_) => None,
    })
}

fn speak_first(outputs: &mut [Output], kinds: &[&str]) {
    let waits = |output: &Output| !matches!(output, Output::Send { payload, .. } if kinds.contains(&payload.kind()));
    let is_kept = |output: &Output| matches!(output, Output::Persist(_) | Output::SendEarly { .. });
    outputs.sort_by_key(|output| !is_kept(output) && waits(output));
}

fn answer_well(payload: &mut Payload) {
    if let Payload::Response(answer) = payload
        && let Response::Error(error) = &answer.response
    {
        *payload = Payload::response(Response::Write(WriteOk { in_reply_to: error.in_reply_to, stamp: None }));
    }
}
