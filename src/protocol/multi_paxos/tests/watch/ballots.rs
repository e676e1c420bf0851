//! Every ballot that was ever led: by whom, with which log, and how much of it is on whose disk.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::ledger::Block;
use crate::protocol::multi_paxos::Ballot;
use crate::protocol::multi_paxos::tests::watch::breach::{Breach, Claim, claim};

/// One ballot.
#[derive(Debug)]
pub struct Led {
    /// Which server led it, in which life.
    pub by: (usize, u32),
    /// The longest log that its leader had.
    pub blocks: Vec<Rc<Block>>,
    /// How much of it is, or was, on the disk of each server.
    pub kept: Vec<usize>,
}

/// All ballots.
#[derive(Debug, Default)]
pub struct Ballots {
    tried: BTreeMap<Ballot, (usize, u32)>,
    led: BTreeMap<Ballot, Led>,
}

impl Ballots {
    /// A server can be seen to try to lead, or to lead.
    pub fn try_to_lead(&mut self, ballot: Ballot, by: (usize, u32)) -> Result<(), Breach> {
        let tried = *self.tried.entry(ballot).or_insert(by);
        claim(Claim::OneLeader, tried == by, || format!("{ballot} is tried by {by:?}, and was by {tried:?}"))
    }

    /// A server leads with a log.
    pub fn lead(
        &mut self,
        ballot: Ballot,
        by: (usize, u32),
        blocks: &[Rc<Block>],
        servers: usize,
    ) -> Result<(), Breach> {
        let led = self.led.entry(ballot).or_insert_with(|| Led { by, blocks: Vec::new(), kept: vec![0; servers] });
        claim(Claim::OneLeader, led.by == by, || format!("{ballot} is led by {by:?}, and was by {:?}", led.by))?;
        let known = led.blocks.len().min(blocks.len());
        // Compared block by block only where they are not the same in memory.
        let same = led.blocks[..known].iter().zip(blocks).all(|(one, other)| Rc::ptr_eq(one, other) || one == other);
        claim(Claim::OneBlock, same, || format!("the leader of {ballot} has rewritten its log"))?;
        led.blocks.extend_from_slice(&blocks[known..]);
        Ok(())
    }

    /// The ballot, if it was led.
    pub fn led(&self, ballot: Ballot) -> Option<&Led> {
        self.led.get(&ballot)
    }

    /// A server's disk has this log under a ballot. How much of the leader's is on a majority of disks now?
    pub fn keep(&mut self, ballot: Ballot, server: usize, blocks: &[Rc<Block>]) -> usize {
        let Some(led) = self.led.get_mut(&ballot) else { return 0 };
        let same = led.blocks.iter().zip(blocks).take_while(|(one, other)| one == other).count();
        led.kept[server] = led.kept[server].max(same);
        let mut kept = led.kept.clone();
        kept.sort_unstable_by(|one, other| other.cmp(one));
        kept[kept.len() / 2]
    }

    /// Those greater than a ballot.
    pub fn above(&self, ballot: Ballot) -> impl Iterator<Item = (&Ballot, &Led)> {
        self.led.range(ballot..).skip_while(move |(other, _)| **other == ballot)
    }
}
