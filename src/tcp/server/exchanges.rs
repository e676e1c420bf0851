//! Servers of gossip by hand make their stores equal by themselves: every second each tells the others a digest of its store, and
//! of two that differ the lesser begins an exchange of what both hold.
//!
//! Under the master `stabilize` does that, when the script says so.

use std::collections::BTreeMap;
use std::io;

use crate::base::{NodeName, Span, Time};
use crate::protocol::Agreement;
use crate::tcp::bounds;
use crate::tcp::chance;
use crate::tcp::frame::Frame;
use crate::tcp::server::{ServeError, Server};
use crate::wire::control::{Control, Stabilize};
use crate::wire::state::Digest;

/// What is known of the others' stores.
pub(super) struct Exchanges {
    own: Digest,
    others: BTreeMap<NodeName, Digest>,
    /// The number of the last round.
    round: u64,
    pause: Span,
    /// When the next one is due; never where servers are equal without that.
    next: Option<Time>,
}

impl Exchanges {
    pub(super) fn begin(agreement: Agreement, delay: Span) -> io::Result<Self> {
        let next = match agreement {
            Agreement::Eventual => Some(Time(0)),
            Agreement::Consensus => None,
        };
        // Rounds of an earlier life may be on their way: a round's number is nobody else's.
        let round = chance::unique_number()? >> 16;
        let pause = bounds::GOSSIP_EXCHANGE.max(delay.times(6));
        Ok(Self { own: Digest::default(), others: BTreeMap::new(), round, pause, next })
    }

    /// When the next one is due.
    pub(super) fn next(&self) -> Option<Time> {
        self.next
    }

    pub(super) fn set_own(&mut self, digest: Digest) {
        self.own = digest;
    }

    pub(super) fn hear(&mut self, from: NodeName, digest: Digest) {
        self.others.insert(from, digest);
    }

    pub(super) fn lose(&mut self, node: NodeName) {
        self.others.remove(&node);
    }
}

impl Server {
    pub(super) fn exchange_if_due(&mut self) -> Result<(), ServeError> {
        let now = self.clock.now();
        if self.engine.is_none() || self.exchanges.next.is_none_or(|next| now < next) {
            return Ok(());
        }
        self.exchanges.next = Some(now + self.exchanges.pause);
        let servers: Vec<_> =
            self.peering.links.servers().filter(|server| !self.peering.links.is_cut(*server)).collect();
        for server in &servers {
            self.peering.links.tell_node(*server, &Frame::Digest(self.exchanges.own));
        }
        let differs = |server: &&NodeName| {
            **server > self.node
                && self.exchanges.others.get(server).is_some_and(|digest| *digest != self.exchanges.own)
        };
        let differing: Vec<_> = servers.iter().filter(differs).collect();
        let Some(&&other) = differing.get(self.exchanges.round as usize % differing.len().max(1)) else {
            return Ok(());
        };
        self.exchanges.round += 1;
        let round = self.exchanges.round;
        self.peering.links.tell_node(other, &Frame::Exchange(round));
        self.control(&Control::Stabilize(Stabilize { round, parent: None, children: vec![other] }))
    }

    /// The other end begins an exchange.
    pub(super) fn take_exchange(&mut self, from: NodeName, round: u64) -> Result<(), ServeError> {
        if self.exchanges.next.is_none() || self.peering.links.is_cut(from) {
            return Ok(());
        }
        self.control(&Control::Stabilize(Stabilize { round, parent: Some(from), children: Vec::new() }))
    }
}
