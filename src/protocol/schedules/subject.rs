//! What is a protocol's own, when its servers are driven through schedules.

use std::fmt::Debug;
use std::rc::Rc;

use crate::base::{NodeName, Span};
use crate::ledger::Block;
use crate::machine::{Machine, Outputs, Payload, Setup};
use crate::protocol::schedules::watch::{Breach, State, Watch};
use crate::protocol::schedules::world::Event;
use crate::wire::control::PreVote;

/// The messages of a protocol's servers.
pub type MessageOf<S> = <<S as Subject>::Server as Machine>::Peer;

/// A protocol with consensus, as a type without values that mean anything.
pub trait Subject: Copy + Debug + Default + Eq + 'static {
    /// Its servers.
    type Server: Machine + Debug;
    /// What leaders are told apart by: a ballot, or a term.
    type Number: Copy + Debug + Ord;
    /// What a server has promised, or voted for.
    type Vow: Clone + Debug + Default + Eq;
    /// What a log consists of.
    type Entry: Entry;
    /// Bugs that only this protocol can have.
    type Bug: Copy + Debug + Eq;

    /// The ways of elections.
    const PREVOTES: &'static [PreVote];
    /// A fair round: so long that all that hear no leader try to lead.
    const ROUND: Span;
    /// The types of messages that may leave before the sync.
    const EARLY: &'static [&'static str];

    /// A server that was not started yet.
    fn server(setup: &Setup) -> Self::Server;

    /// What a server holds.
    fn look(server: &Self::Server) -> State<Self>;

    /// Does a server take itself for one that lost its disk?
    fn is_learner(server: &Self::Server) -> bool;

    /// Under which number a server with this state keeps its log: what a majority keeps under one number can be chosen.
    fn keeps_under(state: &State<Self>) -> Option<Self::Number>;

    /// Is an entry chosen, and all before it, once a majority keeps it under this number?
    fn chooses(entry: &Self::Entry, number: Self::Number) -> bool;

    /// What a server that had promised this may promise after it, in whichever life.
    ///
    /// # Errors
    /// It may not.
    fn check_vow(of: NodeName, before: &Self::Vow, now: &Self::Vow) -> Result<(), Breach>;

    /// What a server may do in one step.
    ///
    /// # Errors
    /// It may not.
    fn check_step(step: &Change<'_, Self>) -> Result<(), Breach>;

    /// Is a log right behind so many entries, which were looked at before?
    ///
    /// # Errors
    /// It is not.
    fn check_log(watch: &Watch<Self>, of: NodeName, now: &State<Self>, same: usize) -> Result<(), Breach>;

    /// Does a server that says this take part in decisions?
    fn takes_part(message: &MessageOf<Self>) -> bool;

    /// Is what a server says so, and on its disk?
    ///
    /// # Errors
    /// It is not.
    fn check_message(watch: &Watch<Self>, from: usize, to: NodeName, message: &MessageOf<Self>) -> Result<(), Breach>;

    /// What a server with a bug takes in place of an event.
    fn change(bug: Self::Bug, event: Event, given: Given<'_, Self>) -> Event;

    /// Is a record lost by a server with this bug?
    fn loses(bug: Self::Bug, record: &[u8]) -> bool;
}

/// An entry of a log.
pub trait Entry: Clone + Debug + Eq {
    /// The block that it brings, if it brings one.
    fn block(&self) -> Option<&Rc<Block>>;
}

/// One step of a server.
#[derive(Debug)]
pub struct Change<'s, S: Subject> {
    /// Which server.
    pub of: NodeName,
    /// What it held.
    pub before: &'s State<S>,
    /// What it holds.
    pub now: &'s State<S>,
    /// How many entries are as they were.
    pub same: usize,
    /// Has it lost its disk?
    pub is_learner: bool,
}

/// The server whose events are changed.
#[derive(Debug)]
pub struct Given<'s, S: Subject> {
    /// The server.
    pub server: &'s mut S::Server,
    /// What it holds.
    pub state: &'s State<S>,
    /// What it wants done so far.
    pub outputs: &'s mut Outputs,
}

/// The protocol's message in a payload between servers.
pub fn message_in<S: Subject>(payload: &Payload) -> Option<&MessageOf<S>> {
    let Payload::Peer(message) = payload else { return None };
    let any: &dyn std::any::Any = &**message;
    Some(any.downcast_ref().expect("a message of this protocol"))
}
