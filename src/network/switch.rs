//! The switch: decides for every message whether and when it arrives.
//!
//! A machine: it does no I/O, and reads no clock. Links are directed and open from the start; every fault on a link
//! is set for each direction. Draws are keyed by (seed, the command in force and its occurrence, link, message type,
//! how-manieth), so a message more on one link changes no draw on another. Every fault is put in force by an order,
//! and counts for it what it touched.

use std::collections::BTreeMap;

use crate::base::NodeName;
use crate::network::cuts::Layer;
use crate::network::fault::{Fault, Gate, Ordered};
use crate::network::link::{DirectedLink, Link, Standing, both_ways};
use crate::network::order::{CommandName, IdleOrder, Order, OrderNumber, Orders};
use crate::network::selection::Selection;
use crate::network::verdict::{AtArrival, Exemption, Sending, Verdict};

/// All links.
#[derive(Clone, Debug, Default)]
pub struct Switch {
    links: BTreeMap<DirectedLink, Link>,
    orders: Orders,
    /// The partition in force. Its order stands as long as it is, also if it cuts no link: it may cut those of servers
    /// that join later.
    partition: Option<(Order, OrderNumber)>,
}

/// Orders, and what came of them.
impl Switch {
    /// A command of the script is given that may put faults in force.
    pub fn order(&mut self, seed: u64, command: CommandName<'_>) -> Order {
        self.orders.give(seed, command)
    }

    /// A command did something apart from what it does to messages, or the user was told already that it did not: it is
    /// not told of as idle.
    pub fn note_effect(&mut self, order: Order) {
        self.orders.note_effect(order);
    }

    /// The orders that are over and touched nothing, since this was last called.
    pub fn take_idle(&mut self) -> Vec<IdleOrder> {
        self.orders.take_idle()
    }

    /// The orders that are in force and have touched nothing so far.
    #[must_use]
    pub fn idle(&self) -> Vec<IdleOrder> {
        self.orders.idle()
    }

    /// What is in force, on each link of which the script has said anything.
    pub fn standing(&self) -> impl Iterator<Item = (DirectedLink, Vec<Standing>)> {
        self.links.iter().map(|(&ends, link)| (ends, link.standing()))
    }
}

/// Cuts.
impl Switch {
    /// Cuts one direction: so many messages are lost by that, which were under way or held. Was it open, in this layer?
    /// Where it was cut by a pair the earlier order stays.
    pub fn cut(&mut self, ends: DirectedLink, cut: Cut) -> bool {
        let link = self.links.entry(ends).or_default();
        let was_open = !link.is_cut_by(cut.layer);
        match cut.layer {
            Layer::Pair if !was_open => {}
            Layer::Pair | Layer::Partition => {
                let order = self.orders.stand(cut.order, None);
                link.cut(cut.layer, order, cut.lost, &mut self.orders);
            }
        }
        was_open
    }

    /// Mends one direction, in both layers. Was it cut?
    pub fn mend(&mut self, ends: DirectedLink) -> bool {
        let Some(link) = self.links.get_mut(&ends) else { return false };
        let was_cut = link.is_cut();
        link.mend(Layer::Pair, &mut self.orders);
        link.mend(Layer::Partition, &mut self.orders);
        was_cut
    }

    /// Mends both directions between two nodes, in both layers. Was any cut?
    pub fn mend_both_ways(&mut self, one: NodeName, other: NodeName) -> bool {
        both_ways(one, other).into_iter().filter(|ends| self.mend(*ends)).count() > 0
    }

    /// Mends all cuts by pairs of a node's links. A partition stays.
    pub fn mend_all_of(&mut self, node: NodeName) {
        for ((from, to), link) in &mut self.links {
            if *from == node || *to == node {
                link.mend(Layer::Pair, &mut self.orders);
            }
        }
    }

    /// A partition comes in force, in the place of that which is. The links that it is to cut are not cut by this.
    pub fn begin_partition(&mut self, order: Order) {
        let number = self.orders.stand(order, None);
        self.end_partition(Some((order, number)));
    }

    /// Mends, in the layer of partitions, the links that the partition in force has not cut.
    pub fn mend_last_partition(&mut self, is_cut_by_this: impl Fn(DirectedLink) -> bool) {
        for (&ends, link) in &mut self.links {
            if !is_cut_by_this(ends) {
                link.mend(Layer::Partition, &mut self.orders);
            }
        }
    }

    fn end_partition(&mut self, next: Option<(Order, OrderNumber)>) {
        let last = std::mem::replace(&mut self.partition, next);
        last.into_iter().for_each(|(_, order)| self.orders.lift(order));
    }

    /// The order of the partition in force.
    #[must_use]
    pub fn partition(&self) -> Option<Order> {
        self.partition.map(|(order, _)| order)
    }

    /// Does the partition in force cut any link of this node?
    #[must_use]
    pub fn is_parted(&self, node: NodeName) -> bool {
        let links = self.links.iter().filter(|((from, to), _)| *from == node || *to == node);
        links.map(|(_, link)| link).any(|link| link.is_cut_by(Layer::Partition))
    }

    /// Is either direction between two nodes cut?
    #[must_use]
    pub fn is_cut(&self, one: NodeName, other: NodeName) -> bool {
        self.is_cut_one_way((one, other)) || self.is_cut_one_way((other, one))
    }

    /// Is this direction cut?
    #[must_use]
    pub fn is_cut_one_way(&self, ends: DirectedLink) -> bool {
        self.links.get(&ends).is_some_and(Link::is_cut)
    }

    /// Are both directions between two nodes open: neither cut nor held? Nothing is done without the link where they are
    /// not: to look is no effect of a fault.
    #[must_use]
    pub fn is_open(&self, one: NodeName, other: NodeName) -> bool {
        both_ways(one, other).into_iter().all(|ends| !self.is_cut_one_way(ends) && !self.is_held(ends))
    }

    /// The epoch of this direction: how often it was cut.
    #[must_use]
    pub fn epoch(&self, ends: DirectedLink) -> u32 {
        self.links.get(&ends).map_or(0, Link::epoch)
    }

    /// Are two nodes connected, both ways: neither cut nor held? Where they are not, something is done without the link,
    /// and that is what the cut or the hold has done.
    pub fn connects(&mut self, one: NodeName, other: NodeName) -> bool {
        let mut connects = true;
        for ends in both_ways(one, other) {
            let Some(link) = self.links.get(&ends) else { continue };
            link.note_absence(&mut self.orders);
            connects &= !(link.is_cut() || link.is_held());
        }
        connects
    }
}

/// A cut of a link.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// What ordered it.
    pub order: Order,
    /// By pairs, or by a partition.
    pub layer: Layer,
    /// How many messages are lost by it at once.
    pub lost: u64,
}

/// All other faults.
impl Switch {
    /// Puts a fault of one direction in force, or lifts it. Does that change anything?
    pub fn put(&mut self, ends: DirectedLink, ordered: &Ordered) -> bool {
        let key = ordered.order.draw_on(ends);
        self.links.entry(ends).or_default().put(ordered, key, &mut self.orders)
    }

    /// Messages of links are to be delivered. Of each link so many were held and go at once; the rest are those that are
    /// sent from now on.
    pub fn deliver(&mut self, links: &[(DirectedLink, u64)], ordered: &Ordered) {
        let Ordered { order, selection: Selection { kind, next }, .. } = ordered;
        // It stands as a whole meanwhile: where it is over on one link at once, it is not over.
        let number = self.orders.stand(*order, kind.as_deref());
        for &(ends, held) in links {
            self.orders.touch(number, held);
            let next = next.map(|next| next - held);
            if next != Some(0) {
                let selection = Selection { kind: kind.clone(), next };
                self.put(ends, &Ordered { order: *order, selection, fault: Fault::Gate(Gate::Deliver) });
            }
        }
        self.orders.lift(number);
    }

    /// Lifts holds of one direction: those for messages of this type; without a type all. Were there any?
    pub fn release(&mut self, ends: DirectedLink, kind: Option<&str>) -> bool {
        self.links.get_mut(&ends).is_some_and(|link| link.release(kind, &mut self.orders))
    }

    /// Is the whole of this direction held?
    #[must_use]
    pub fn is_held(&self, ends: DirectedLink) -> bool {
        self.links.get(&ends).is_some_and(Link::is_held)
    }

    /// Lifts every fault of every link but delays and rates.
    pub fn heal(&mut self) {
        self.end_partition(None);
        self.links.values_mut().for_each(|link| link.heal(&mut self.orders));
    }

    /// Gives every link its usual delay, and no rate.
    pub fn reset_pace(&mut self) {
        self.links.values_mut().for_each(|link| link.reset_pace(&mut self.orders));
    }
}

/// Messages.
impl Switch {
    /// Decides about a message that goes onto its link.
    pub fn send(&mut self, sending: &Sending<'_>) -> Verdict {
        self.links.entry((sending.from, sending.to)).or_default().send(sending, &mut self.orders)
    }

    /// Does a message that was sent in `epoch` arrive? Not if the link was cut since, even if it is mended again.
    #[must_use]
    pub fn lets_arrive(&self, ends: DirectedLink, epoch: u32) -> bool {
        self.epoch(ends) == epoch
    }

    /// Decides about a message of the type `kind` that has come to the end of its link.
    pub fn arrive(&mut self, ends: DirectedLink, kind: &str, exemption: Exemption) -> AtArrival {
        match self.links.get_mut(&ends) {
            Some(link) => link.arrive(kind, exemption, &mut self.orders),
            None => AtArrival::Passes,
        }
    }

    /// Would such a message wait at the end of its link, as things stand?
    #[must_use]
    pub fn would_hold(&self, ends: DirectedLink, kind: &str, exemption: Exemption) -> bool {
        self.links.get(&ends).is_some_and(|link| link.would_hold(kind, exemption))
    }
}

#[cfg(test)]
mod tests;
