//! What waits on links that are held.

use std::collections::{BTreeMap, VecDeque};

use crate::cluster::queue::MessageDue;
use crate::network::DirectedLink;

/// What waits on links that are held.
#[derive(Debug, Default)]
pub(super) struct HeldLinks {
    links: BTreeMap<DirectedLink, HeldLink>,
}

/// What waits on one direction, each in its order.
#[derive(Debug, Default)]
pub(super) struct HeldLink {
    /// What was under way when the link was held, and would have arrived since.
    pub arrived: VecDeque<MessageDue>,
    /// What was sent since.
    pub sent: VecDeque<MessageDue>,
}

impl HeldLinks {
    /// How many messages wait.
    pub fn count(&self) -> u64 {
        self.links.values().map(HeldLink::count).sum()
    }

    /// The links on which any does.
    pub fn names(&self) -> Vec<DirectedLink> {
        self.links.keys().copied().collect()
    }

    /// Takes all from a link.
    pub fn take(&mut self, ends: DirectedLink) -> HeldLink {
        self.links.remove(&ends).unwrap_or_default()
    }

    /// Takes from a link those that are `wanted`, what has arrived first.
    pub fn take_some(&mut self, ends: DirectedLink, mut wanted: impl FnMut(&MessageDue) -> bool) -> HeldLink {
        let HeldLink { arrived, sent } = self.take(ends);
        let (arrived, arrived_left) = arrived.into_iter().partition(&mut wanted);
        let (sent, sent_left) = sent.into_iter().partition(&mut wanted);
        let left = HeldLink { arrived: arrived_left, sent: sent_left };
        if left.count() > 0 {
            self.links.insert(ends, left);
        }
        HeldLink { arrived, sent }
    }

    pub fn of(&mut self, ends: DirectedLink) -> &mut HeldLink {
        self.links.entry(ends).or_default()
    }

    /// All that wait, with their links.
    pub fn all(&self) -> impl Iterator<Item = (DirectedLink, &MessageDue)> {
        self.links.iter().flat_map(|(&ends, link)| link.arrived.iter().chain(&link.sent).map(move |due| (ends, due)))
    }
}

impl HeldLink {
    pub fn count(&self) -> u64 {
        (self.arrived.len() + self.sent.len()) as u64
    }
}
