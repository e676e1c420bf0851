//! Every number with which a server ever led: which server, with which log, and how much of it is on whose disk.

use std::collections::BTreeMap;

use crate::protocol::schedules::subject::Subject;
use crate::protocol::schedules::watch::breach::{Breach, Claim, claim};

/// What was done under one number.
#[derive(Debug)]
pub struct Led<S: Subject> {
    /// Which server led, in which life.
    pub by: (usize, u32),
    /// The log of the leader.
    pub log: Vec<S::Entry>,
    /// How much of it is, or was, on the disk of each server under this number.
    pub kept: Vec<usize>,
}

/// All numbers.
#[derive(Debug)]
pub struct Leaders<S: Subject> {
    servers: usize,
    tried: BTreeMap<S::Number, (usize, u32)>,
    led: BTreeMap<S::Number, Led<S>>,
}

impl<S: Subject> Leaders<S> {
    /// Of so many servers, of which none has led.
    pub fn new(servers: usize) -> Self {
        Self { servers, tried: BTreeMap::new(), led: BTreeMap::new() }
    }

    /// A server can be seen to try to lead, or to lead.
    pub fn try_to_lead(&mut self, number: S::Number, by: (usize, u32)) -> Result<(), Breach> {
        let tried = *self.tried.entry(number).or_insert(by);
        claim(Claim::OneLeader, tried == by, || format!("{number:?} is tried by {by:?}, and was by {tried:?}"))
    }

    /// A server leads with a log.
    pub fn lead(&mut self, number: S::Number, by: (usize, u32), log: &[S::Entry]) -> Result<(), Breach> {
        let new = || Led { by, log: Vec::new(), kept: vec![0; self.servers] };
        let led = self.led.entry(number).or_insert_with(new);
        claim(Claim::OneLeader, led.by == by, || format!("{number:?} is led by {by:?}, and was by {:?}", led.by))?;
        let known = led.log.len();
        let is_same = log.len() >= known && led.log[..] == log[..known];
        claim(Claim::AppendOnly, is_same, || format!("the leader of {number:?} has rewritten its log"))?;
        led.log.extend_from_slice(&log[known..]);
        Ok(())
    }

    /// The number, if it was led.
    pub fn led(&self, number: S::Number) -> Option<&Led<S>> {
        self.led.get(&number)
    }

    /// A server's disk has this log under a number. How much of the leader's is on a majority of disks now?
    pub fn keep(&mut self, number: S::Number, server: usize, log: &[S::Entry]) -> usize {
        let Some(led) = self.led.get_mut(&number) else { return 0 };
        let same = led.log.iter().zip(log).take_while(|(one, other)| one == other).count();
        led.kept[server] = led.kept[server].max(same);
        let mut kept = led.kept.clone();
        kept.sort_unstable_by(|one, other| other.cmp(one));
        kept[kept.len() / 2]
    }

    /// Those greater than a number.
    pub fn above(&self, number: S::Number) -> impl Iterator<Item = (&S::Number, &Led<S>)> {
        self.led.range(number..).skip_while(move |(other, _)| **other == number)
    }
}
