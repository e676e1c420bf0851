//! What can be wrong with a link, cuts apart.

use crate::network::delay::Delay;
use crate::network::order::Order;
use crate::network::selection::Selection;

/// What can be wrong with a link, or is to be right again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Whether messages pass.
    Gate(Gate),
    /// Messages are lost. A chance of nothing lifts what is in force, unless it is for the next few.
    Loss(Chance),
    /// Messages arrive twice. A chance of nothing lifts what is in force, unless it is for the next few.
    Duplicate(Chance),
    /// Messages arrive at once, and overtake what is under way. A chance of nothing lifts what is in force, unless it is
    /// for the next few.
    Reorder(Chance),
    /// How long messages are under way.
    Delay(Delay),
    /// How many bits a second the link carries; 0 lifts what is in force.
    Rate(u64),
}

/// Whether messages pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// They are lost.
    Drop,
    /// They wait.
    Hold,
    /// They pass, whatever holds or loses others. Not where the link is cut.
    Deliver,
}

/// The probability that a message is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chance {
    /// In millionths.
    pub millionths: u64,
}

impl Chance {
    /// The greatest: certainty.
    pub(super) const CERTAIN: u64 = 1_000_000;
}

/// A fault as a command of the script orders it.
#[derive(Clone, Debug)]
pub struct Ordered {
    /// The command.
    pub order: Order,
    /// For which messages of a link.
    pub selection: Selection,
    /// What.
    pub fault: Fault,
}
