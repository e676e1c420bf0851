//! What of a server is watched.

use std::borrow::Borrow;
use std::rc::Rc;

use crate::ledger::Block;
use crate::protocol::multi_paxos::leader::Role;
use crate::protocol::multi_paxos::{Ballot, Server};

/// What a server holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What it has promised.
    pub promised: Option<Ballot>,
    /// Under which ballot it accepted the end of its log.
    pub accepted: Option<Ballot>,
    /// How many blocks are decided.
    pub decided: usize,
    /// Its log.
    pub blocks: Vec<Rc<Block>>,
    /// What part it plays.
    pub part: Part,
}

/// What part a server plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    /// It follows.
    #[default]
    Follower,
    /// It asks for promises.
    Preparing(Ballot),
    /// It leads.
    Leading(Ballot),
}

impl State {
    /// What a server holds now, where `before` is what it held; and how much of its log is as it was.
    pub fn after(before: &Self, server: &Server) -> (Self, usize) {
        let acceptor = server.acceptor();
        let (blocks, same) = log_after(&before.blocks, acceptor.log.blocks_after(0));
        let part = match server.role() {
            Role::Follower => Part::Follower,
            Role::Preparing(preparing) => Part::Preparing(preparing.ballot),
            Role::Leading(leading) => Part::Leading(leading.ballot),
        };
        let decided = usize::try_from(acceptor.log.decided()).expect("a few blocks");
        (Self { promised: acceptor.promised, accepted: acceptor.accepted, decided, blocks, part }, same)
    }

    /// Does its disk have to know that it is no longer as before?
    pub fn is_kept_otherwise_than(&self, before: &Self) -> bool {
        (self.promised, self.accepted, &self.blocks) != (before.promised, before.accepted, &before.blocks)
    }
}

/// The log as shared blocks, of which those stay that are the same; and how many these are.
fn log_after<B: Borrow<Block>>(before: &[Rc<Block>], now: &[B]) -> (Vec<Rc<Block>>, usize) {
    let same = before.iter().zip(now).take_while(|(one, other)| ***one == *Borrow::<Block>::borrow(*other)).count();
    let new = now[same..].iter().map(|block| Rc::new(Borrow::<Block>::borrow(block).clone()));
    (before[..same].iter().cloned().chain(new).collect(), same)
}
