//! One direction between two nodes: is it open, what becomes of a message on it, and how long does that take?
//!
//! The order of precedence: cuts, chosen messages that are dropped, held or delivered, the hold of the whole link,
//! losses, duplicates, and at last when the message arrives.

use crate::base::{Draw, NodeName, Span, Time, limits};
use crate::network::aspect::{Aspect, Deciding, Draws, Effect, InForce, Rank};
use crate::network::cuts::{Cuts, Layer};
use crate::network::delay::Delay;
use crate::network::fault::{Chance, Fault, Gate, Ordered};
use crate::network::order::{OrderNumber, Orders};
use crate::network::rate::Rate;
use crate::network::selection::Selection;
use crate::network::verdict::{Arrival, AtArrival, Exemption, Manner, Pace, Sending, Transit, Verdict};
use crate::trace::Cause;

/// From whom to whom.
pub type DirectedLink = (NodeName, NodeName);

/// Both directions between two nodes.
#[must_use]
pub fn both_ways(one: NodeName, other: NodeName) -> [DirectedLink; 2] {
    [(one, other), (other, one)]
}

/// Have these two a link? A node has none with itself, and two clients have none.
#[must_use]
pub fn have_link(one: NodeName, other: NodeName) -> bool {
    one != other && (one.is_server() || other.is_server())
}

/// What is in force on a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is cut, by this layer.
    Cut(Layer),
    /// It has a fault for these messages: of a selection that counts, so many are left.
    Fault(Fault, Selection),
}

/// One direction of a link.
///
/// Invariants:
/// 1. `epoch` grows with every cut; a message arrives only in the epoch of its send.
/// 2. Deadlines never go back within an epoch: a link keeps the order of its messages, but of those that `reorder` picks.
/// 3. Each order that is in force here stands for it in `Orders`.
#[derive(Clone, Debug, Default)]
pub(super) struct Link {
    cuts: Cuts,
    epoch: u32,
    gate: Aspect<Gate>,
    loss: Aspect<Chance>,
    duplicate: Aspect<Chance>,
    reorder: Aspect<Chance>,
    delay: Aspect<Delay>,
    rate: Option<(Rate, OrderNumber)>,
    /// When what the rate let through has left.
    free: Time,
    last_deadline: Time,
}

/// Cuts.
impl Link {
    pub fn is_cut(&self) -> bool {
        self.cuts.are_any()
    }

    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// Cuts it; so many messages are lost by that, which were under way or held.
    pub fn cut(&mut self, layer: Layer, order: OrderNumber, lost: u64, orders: &mut Orders) {
        self.cuts.cut(layer, order, orders);
        self.cuts.touch(lost, orders);
        self.epoch += 1;
        (self.last_deadline, self.free) = (Time(0), Time(0));
    }

    pub fn is_cut_by(&self, layer: Layer) -> bool {
        self.cuts.is_cut(layer)
    }

    /// Mends one layer of it. Was that cut?
    pub fn mend(&mut self, layer: Layer, orders: &mut Orders) -> bool {
        self.cuts.mend(layer, orders)
    }
}

/// Everything else that a script does to it.
impl Link {
    /// Puts a fault in force. Does that change anything?
    pub fn put(&mut self, ordered: &Ordered, key: Draw, orders: &mut Orders) -> bool {
        let kind = ordered.selection.kind.as_deref();
        // For the next few, no chance is one that spares them.
        let lifts = ordered.selection.next.is_none();
        match ordered.fault {
            Fault::Loss(Chance { millionths: 0 }) if lifts => self.loss.lift_kind(orders, kind),
            Fault::Duplicate(Chance { millionths: 0 }) if lifts => self.duplicate.lift_kind(orders, kind),
            Fault::Reorder(Chance { millionths: 0 }) if lifts => self.reorder.lift_kind(orders, kind),
            Fault::Rate(0) => self.lift_rate(orders),
            Fault::Gate(Gate::Hold) if ordered.selection.is_everything() && self.is_held() => false,
            Fault::Gate(Gate::Hold) if ordered.selection.is_everything() => {
                self.gate.put(in_force(Gate::Hold, Rank::Link, ordered, key, orders), orders);
                true
            }
            Fault::Gate(gate) => {
                self.gate.put(in_force(gate, Rank::Filter, ordered, key, orders), orders);
                true
            }
            Fault::Loss(chance) => {
                self.loss.put(in_force(chance, rank_of(&ordered.selection), ordered, key, orders), orders);
                true
            }
            Fault::Duplicate(chance) => {
                self.duplicate.put(in_force(chance, rank_of(&ordered.selection), ordered, key, orders), orders);
                true
            }
            Fault::Reorder(chance) => {
                self.reorder.put(in_force(chance, rank_of(&ordered.selection), ordered, key, orders), orders);
                true
            }
            Fault::Delay(delay) => {
                self.delay.put(in_force(delay, rank_of(&ordered.selection), ordered, key, orders), orders);
                true
            }
            Fault::Rate(bits_per_second) => {
                let order = orders.stand(ordered.order, None);
                self.lift_rate(orders);
                self.rate = Some((Rate { bits_per_second }, order));
                true
            }
        }
    }

    /// Lifts holds: those for messages of this type; without a type all, that of the whole link too. Were there any?
    pub fn release(&mut self, kind: Option<&str>, orders: &mut Orders) -> bool {
        let is_for = |hold: &InForce<Gate>| kind.is_none() || hold.selection.kind.as_deref() == kind;
        self.gate.lift(orders, |gate| gate.fault == Gate::Hold && is_for(gate))
    }

    /// Lifts everything but delays and the rate.
    pub fn heal(&mut self, orders: &mut Orders) {
        self.mend(Layer::Pair, orders);
        self.mend(Layer::Partition, orders);
        self.gate.lift_kind(orders, None);
        self.loss.lift_kind(orders, None);
        self.duplicate.lift_kind(orders, None);
        self.reorder.lift_kind(orders, None);
    }

    /// Takes the usual delay again, and carries everything at once.
    pub fn reset_pace(&mut self, orders: &mut Orders) {
        self.delay.lift_kind(orders, None);
        self.lift_rate(orders);
    }

    fn lift_rate(&mut self, orders: &mut Orders) -> bool {
        let rate = self.rate.take();
        // What is under way keeps its deadline; a rate that comes after this one begins anew.
        self.free = Time(0);
        rate.into_iter().for_each(|(_, order)| orders.lift(order));
        rate.is_some()
    }

    /// Is the whole link held?
    pub fn is_held(&self) -> bool {
        self.gate.all().next().is_some_and(|gate| gate.rank == Rank::Link)
    }

    /// Something was done without this link because it is cut or held: that is what the orders for it have done.
    pub fn note_absence(&self, orders: &mut Orders) {
        self.cuts.touch(1, orders);
        let hold = self.gate.all().next().filter(|gate| gate.rank == Rank::Link);
        hold.into_iter().for_each(|hold| orders.touch(hold.order, 1));
    }

    /// What is in force on it, in the order of precedence; within an aspect the newest first.
    pub fn standing(&self) -> Vec<Standing> {
        let cuts = [Layer::Pair, Layer::Partition].into_iter().filter(|layer| self.cuts.is_cut(*layer));
        let rate = self.rate.iter().map(|(Rate { bits_per_second }, _)| {
            Standing::Fault(Fault::Rate(*bits_per_second), Selection::everything())
        });
        let mut standing: Vec<_> = cuts.map(Standing::Cut).collect();
        standing.extend(faults_of(&self.gate, Fault::Gate));
        standing.extend(faults_of(&self.loss, Fault::Loss));
        standing.extend(faults_of(&self.duplicate, Fault::Duplicate));
        standing.extend(faults_of(&self.reorder, Fault::Reorder));
        standing.extend(rate);
        standing.extend(faults_of(&self.delay, Fault::Delay));
        standing
    }
}

fn in_force<F>(fault: F, rank: Rank, ordered: &Ordered, key: Draw, orders: &mut Orders) -> InForce<F> {
    let selection = ordered.selection.clone();
    let order = orders.stand(ordered.order, selection.kind.as_deref());
    InForce { fault, selection, rank, order, draws: Draws::new(key) }
}

fn rank_of(selection: &Selection) -> Rank {
    if selection.is_everything() { Rank::Link } else { Rank::Filter }
}

fn faults_of<F: Copy>(aspect: &Aspect<F>, name: impl Fn(F) -> Fault) -> Vec<Standing> {
    let mut faults: Vec<_> =
        aspect.all().map(|fault| Standing::Fault(name(fault.fault), fault.selection.clone())).collect();
    faults.reverse();
    faults
}

/// What the gate of a link does to a message.
enum Passage {
    Lost,
    Waits,
    Passes(Pass),
}

/// A message that has passed the gate.
struct Pass {
    exemption: Exemption,
    let_through: bool,
}

/// Messages.
impl Link {
    /// Decides about a message at its send.
    pub fn send(&mut self, sending: &Sending<'_>, orders: &mut Orders) -> Verdict {
        if self.cuts.are_any() {
            self.cuts.touch(1, orders);
            return Verdict::Lost(Cause::Cut);
        }
        match self.pass_gate(sending.payload.kind(), sending.manner, orders) {
            Passage::Lost => Verdict::Lost(Cause::Drop),
            Passage::Waits => Verdict::Held,
            Passage::Passes(pass) => self.carry(sending, pass, orders),
        }
    }

    fn pass_gate(&mut self, kind: &str, manner: Manner, orders: &mut Orders) -> Passage {
        let stops = |gate: Gate| match (gate, manner) {
            (Gate::Drop, Manner::Sent | Manner::Released) | (Gate::Hold, Manner::Sent) => true,
            (Gate::Hold, Manner::Released) | (Gate::Drop | Gate::Hold, Manner::Delivered) | (Gate::Deliver, _) => false,
        };
        let exemption = match manner {
            Manner::Sent | Manner::Released => Exemption::None,
            Manner::Delivered => return Passage::Passes(Pass { exemption: Exemption::Told, let_through: false }),
        };
        let Some(index) = self.gate.first(kind, |gate| stops(gate.fault) || gate.fault == Gate::Deliver) else {
            return Passage::Passes(Pass { exemption, let_through: false });
        };
        let gate = self.gate.at(index).fault;
        // What is newer than the deliverer is not for this message, so the first of the others is what it passes by.
        let let_through = self.gate.first(kind, |gate| stops(gate.fault)).is_some();
        self.gate.decided(index, Effect::Touched, orders);
        match gate {
            Gate::Drop => Passage::Lost,
            Gate::Hold => Passage::Waits,
            Gate::Deliver => Passage::Passes(Pass { exemption: Exemption::Untold, let_through }),
        }
    }

    /// What becomes of a message that has passed the gate.
    fn carry(&mut self, sending: &Sending<'_>, mut pass: Pass, orders: &mut Orders) -> Verdict {
        let kind = sending.payload.kind();
        // All are drawn before one decides: what one order takes changes no later draw of another.
        let (loss, duplicate) = (self.loss.draw(kind), self.duplicate.draw(kind));
        let (reorder, delay) = (self.reorder.draw(kind), self.delay.draw(kind));
        match (loss, pass.exemption) {
            (Some(loss), Exemption::Untold | Exemption::Told) => pass.let_through |= is_chosen(&self.loss, loss),
            (Some(loss), Exemption::None) if choose(&mut self.loss, loss, orders) => {
                return Verdict::Lost(Cause::Loss);
            }
            (Some(_) | None, _) => {}
        }
        let is_doubled = duplicate.is_some_and(|duplicate| choose(&mut self.duplicate, duplicate, orders));
        let span = delay.map(|Deciding { index, draw }| self.delay.at(index).fault.draw(draw));
        // Where nothing takes any time there is nothing to overtake.
        let can_overtake = self.is_slower(sending.now, span);
        let overtakes =
            reorder.filter(|_| can_overtake).is_some_and(|reorder| choose(&mut self.reorder, reorder, orders));
        let arrival = if overtakes {
            Arrival { at: sending.now, pace: Pace::Reordered }
        } else {
            self.arrival(sending, span, orders)
        };
        let copy = is_doubled.then(|| {
            let of_copy = |Deciding { index, draw }| self.delay.at(index).fault.draw(draw.named(COPY));
            self.arrival(sending, delay.map(of_copy), orders)
        });
        // A message that arrives at once takes no delay.
        if let Some(Deciding { index, .. }) = delay.filter(|_| !overtakes || is_doubled) {
            self.delay.decided(index, Effect::Touched, orders);
        }
        let exemption = match pass {
            Pass { exemption: Exemption::Untold, let_through: true } => Exemption::Told,
            Pass { exemption, .. } => exemption,
        };
        Verdict::Passes(Transit { epoch: self.epoch, arrival, copy, exemption, let_through: pass.let_through })
    }

    /// When a message arrives that is sent now, not before those that were sent before it.
    fn arrival(&mut self, sending: &Sending<'_>, delay: Option<Span>, orders: &mut Orders) -> Arrival {
        let now = sending.now;
        let leaves = match self.rate {
            Some((rate, order)) => {
                orders.touch(order, 1);
                self.free = rate.leaves(now, self.free, sending.payload.length());
                self.free
            }
            None => now,
        };
        self.last_deadline = self.last_deadline.max(leaves + delay.unwrap_or(limits::DEFAULT_DELAY));
        let is_set_by_script = delay.is_some() || self.rate.is_some();
        let pace = if is_set_by_script { Pace::Delayed(self.last_deadline - now) } else { Pace::Usual };
        Arrival { at: self.last_deadline, pace }
    }

    /// Would a message with this delay arrive later than now?
    fn is_slower(&self, now: Time, delay: Option<Span>) -> bool {
        self.rate.is_some() || delay != Some(Span(0)) || self.last_deadline > now
    }

    /// Decides about a message that has come to the end of the link. Only what is held without an end waits here: the
    /// next few are those that are sent.
    pub fn arrive(&mut self, kind: &str, exemption: Exemption, orders: &mut Orders) -> AtArrival {
        let Some(index) = self.gate.first(kind, lasts) else { return AtArrival::Passes };
        let holds = self.gate.at(index).fault == Gate::Hold;
        match exemption {
            Exemption::Untold if holds => AtArrival::LetThrough,
            Exemption::Untold | Exemption::Told => AtArrival::Passes,
            Exemption::None => {
                let is_held = self.gate.first(kind, |gate| lasts(gate) && gate.fault == Gate::Hold).is_some();
                self.gate.decided(index, Effect::Touched, orders);
                match (holds, is_held) {
                    (true, _) => AtArrival::Waits,
                    (false, true) => AtArrival::LetThrough,
                    (false, false) => AtArrival::Passes,
                }
            }
        }
    }

    /// Would a message wait when it comes to the end of the link, as things stand?
    pub fn would_hold(&self, kind: &str, exemption: Exemption) -> bool {
        let decides = self.gate.first(kind, lasts).map(|index| self.gate.at(index).fault);
        exemption == Exemption::None && decides == Some(Gate::Hold)
    }
}

/// The part of a draw's key that is the copy's: it shifts no draw of what is sent later.
const COPY: &str = "copy";

/// Is this what holds or delivers without an end?
fn lasts(gate: &InForce<Gate>) -> bool {
    gate.selection.next.is_none() && gate.fault != Gate::Drop
}

fn is_chosen(aspect: &Aspect<Chance>, Deciding { index, draw }: Deciding) -> bool {
    draw.below(Chance::CERTAIN) < aspect.at(index).fault.millionths
}

/// Is a message chosen? It counts for what decides that.
fn choose(aspect: &mut Aspect<Chance>, deciding: Deciding, orders: &mut Orders) -> bool {
    let is_chosen = is_chosen(aspect, deciding);
    // No chance at all is there to spare messages, and has done it.
    let is_to_spare = aspect.at(deciding.index).fault.millionths == 0;
    let effect = if is_chosen || is_to_spare { Effect::Touched } else { Effect::Spared };
    aspect.decided(deciding.index, effect, orders);
    is_chosen
}
