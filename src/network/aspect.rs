//! One aspect of a link, such as its losses: the fault of the whole link, and before it those of chosen messages.
//!
//! Of all that are for a message the newest decides, and the fault of the whole link comes last. What is for the next
//! few only counts what it decides, and is then over.

use std::collections::BTreeMap;

use crate::base::Draw;
use crate::network::order::{OrderNumber, Orders};
use crate::network::selection::Selection;

/// A fault in force on a link.
#[derive(Clone, Debug)]
pub(super) struct InForce<F> {
    pub fault: F,
    pub selection: Selection,
    pub rank: Rank,
    pub order: OrderNumber,
    pub draws: Draws,
}

/// What comes before what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    /// The fault of the whole link: all others come before it.
    Link,
    /// That of chosen messages; the newest comes first.
    Filter,
}

/// The draws of a fault on a link: its key, and how many of each message type it has drawn for.
#[derive(Clone, Debug)]
pub(super) struct Draws {
    key: Draw,
    drawn: BTreeMap<String, u64>,
}

impl Draws {
    pub fn new(key: Draw) -> Self {
        Self { key, drawn: BTreeMap::new() }
    }

    /// The draw for the next message of the type `kind`.
    fn next(&mut self, kind: &str) -> Draw {
        let number = match self.drawn.get_mut(kind) {
            Some(drawn) => {
                *drawn += 1;
                *drawn
            }
            None => *self.drawn.entry(kind.to_owned()).or_insert(1),
        };
        self.key.named(kind).numbered(number)
    }
}

/// What decides about a message: the place of the fault in its aspect, and the draw.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deciding {
    pub index: usize,
    pub draw: Draw,
}

/// All faults of one aspect: first that of the whole link, if there is one, then the others, the oldest first.
#[derive(Clone, Debug)]
pub(super) struct Aspect<F> {
    faults: Vec<InForce<F>>,
}

impl<F> Default for Aspect<F> {
    fn default() -> Self {
        Self { faults: Vec::new() }
    }
}

impl<F: Copy> Aspect<F> {
    /// Puts a fault in force. One without an end takes the place of another for the same messages.
    pub fn put(&mut self, fault: InForce<F>, orders: &mut Orders) {
        if fault.selection.next.is_none() {
            self.lift(orders, |other| (other.rank, &other.selection) == (fault.rank, &fault.selection));
        }
        match fault.rank {
            Rank::Link => self.faults.insert(0, fault),
            Rank::Filter => self.faults.push(fault),
        }
    }

    /// Lifts some faults. Were there any?
    pub fn lift(&mut self, orders: &mut Orders, which: impl Fn(&InForce<F>) -> bool) -> bool {
        let before = self.faults.len();
        self.faults.retain(|fault| {
            let is_lifted = which(fault);
            if is_lifted {
                orders.lift(fault.order);
            }
            !is_lifted
        });
        self.faults.len() < before
    }

    /// Lifts what is for messages of this type; without a type everything. Was there anything?
    pub fn lift_kind(&mut self, orders: &mut Orders, kind: Option<&str>) -> bool {
        self.lift(orders, |fault| kind.is_none() || fault.selection.kind.as_deref() == kind)
    }

    /// All faults, the oldest first.
    pub fn all(&self) -> impl Iterator<Item = &InForce<F>> {
        self.faults.iter()
    }

    /// Draws for a message. Every fault that is for it draws, whichever decides: so what another order takes from it
    /// changes no later draw of this one.
    pub fn draw(&mut self, kind: &str) -> Option<Deciding> {
        let faults = self.faults.iter_mut().enumerate().filter(|(_, fault)| fault.selection.includes(kind));
        faults.map(|(index, fault)| Deciding { index, draw: fault.draws.next(kind) }).last()
    }

    /// The place of the fault that decides about messages of the type `kind`, among some.
    pub fn first(&self, kind: &str, among: impl Fn(&InForce<F>) -> bool) -> Option<usize> {
        self.faults.iter().rposition(|fault| fault.selection.includes(kind) && among(fault))
    }

    /// The fault at a place.
    pub fn at(&self, index: usize) -> &InForce<F> {
        &self.faults[index]
    }

    /// The fault at a place has decided about a message.
    pub fn decided(&mut self, index: usize, effect: Effect, orders: &mut Orders) {
        let fault = &mut self.faults[index];
        orders.see(fault.order);
        match effect {
            Effect::Touched => orders.touch(fault.order, 1),
            Effect::Spared => {}
        }
        if let Some(left) = &mut fault.selection.next {
            *left -= 1;
            if *left == 0 {
                orders.lift(fault.order);
                self.faults.remove(index);
            }
        }
    }
}

/// What a fault that decides about a message does to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Something.
    Touched,
    /// Nothing.
    Spared,
}
