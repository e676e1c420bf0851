//! What the switch is asked about a message, and what it answers.

use crate::base::{NodeName, Span, Time};
use crate::machine::Payload;
use crate::trace::Cause;

/// A message that goes onto its link.
#[derive(Clone, Copy, Debug)]
pub struct Sending<'a> {
    /// When.
    pub now: Time,
    /// Who sent it.
    pub from: NodeName,
    /// For whom.
    pub to: NodeName,
    /// What it says.
    pub payload: &'a Payload,
    /// How it comes to its link.
    pub manner: Manner,
}

/// How a message comes to its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// A node sends it.
    Sent,
    /// It has waited: it goes on as if it were sent now, but that no hold takes it again.
    Released,
    /// It has waited, and `deliver` lets it go: nothing but a cut stops it.
    Delivered,
}

/// What becomes of a message at its send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It arrives, if its link is not cut before.
    Passes(Transit),
    /// It is lost.
    Lost(Cause),
    /// It waits until it is released.
    Held,
}

/// A message under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transit {
    /// The link's epoch at the send.
    pub epoch: u32,
    /// When it arrives.
    pub arrival: Arrival,
    /// When it arrives again, if it is duplicated.
    pub copy: Option<Arrival>,
    /// Whether holds are nothing to it.
    pub exemption: Exemption,
    /// Has `deliver` kept it from being lost or held?
    pub let_through: bool,
}

/// When a message arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When.
    pub at: Time,
    /// What the script has to do with it.
    pub pace: Pace,
}

/// How fast a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As links are of which the script says nothing.
    Usual,
    /// It is under way for so long, by a delay or a rate that the script set.
    Delayed(Span),
    /// It arrives at once, and overtakes what was sent before it.
    Reordered,
}

/// Whether holds are nothing to a message, because of `deliver`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exemption {
    /// It waits as others do.
    None,
    /// No hold takes it. None would have so far, so nobody was told.
    Untold,
    /// No hold takes it, and that was told.
    Told,
}

/// What becomes of a message when it has come to the end of its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtArrival {
    /// The node gets it.
    Passes,
    /// The node gets it, though others would wait.
    LetThrough,
    /// It waits until it is released.
    Waits,
}
