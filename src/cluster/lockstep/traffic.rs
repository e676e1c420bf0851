//! Messages on their way: sent, held, lost, delivered.
//!
//! A link that is held takes what is sent on it, and what was under way on it as it arrives. When it is released, what
//! was under way goes on at once, and then what was sent since, with the link's delay; both in their order. A cut loses
//! what is held.

use std::collections::{BTreeMap, VecDeque};

use crate::base::{Incarnation, NodeName};
use crate::cluster::host::Delivery;
use crate::cluster::lockstep::Cluster;
use crate::cluster::lockstep::steps::Refused;
use crate::cluster::queue::MessageDue;
use crate::cluster::stop::Stop;
use crate::machine::{AnyInput, Payload};
use crate::network::Verdict;
use crate::trace::{Cause, Happening, MessageName};

/// What waits on links that are held.
#[derive(Debug, Default)]
pub(super) struct HeldLinks {
    links: BTreeMap<(NodeName, NodeName), HeldLink>,
}

/// What waits on one direction, each in its order.
#[derive(Debug, Default)]
struct HeldLink {
    /// What was under way when the link was held, and would have arrived since.
    arrived: VecDeque<MessageDue>,
    /// What was sent since.
    sent: VecDeque<MessageDue>,
}

impl HeldLinks {
    /// How many messages wait.
    pub fn count(&self) -> u64 {
        self.links.values().map(|link| (link.arrived.len() + link.sent.len()) as u64).sum()
    }

    fn names(&self) -> Vec<(NodeName, NodeName)> {
        self.links.keys().copied().collect()
    }

    fn take(&mut self, from: NodeName, to: NodeName) -> HeldLink {
        self.links.remove(&(from, to)).unwrap_or_default()
    }

    fn of(&mut self, from: NodeName, to: NodeName) -> &mut HeldLink {
        self.links.entry((from, to)).or_default()
    }
}

/// What the script does to links.
impl Cluster {
    /// Cuts one direction: what is under way or held on it is lost. Was it open?
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub fn cut(&mut self, from: NodeName, to: NodeName) -> Result<bool, Stop> {
        let was_open = self.switch.cut_one_way(from, to);
        let HeldLink { arrived, sent } = self.held.take(from, to);
        for message in arrived.into_iter().chain(sent) {
            self.lose(MessageName { from, to, kind: message.payload.kind() }, Cause::Cut)?;
        }
        Ok(was_open)
    }

    /// Releases one direction. Was it held?
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub fn release_link(&mut self, from: NodeName, to: NodeName) -> Result<bool, Stop> {
        let was_held = self.switch.release(from, to);
        self.let_go(from, to)?;
        Ok(was_held)
    }

    /// Lifts every fault of every link but delays; what was held goes on. Were there any?
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub fn heal(&mut self) -> Result<bool, Stop> {
        let had_any = self.switch.heal();
        for (from, to) in self.held.names() {
            self.let_go(from, to)?;
        }
        Ok(had_any)
    }

    /// What waits on a link that is not held any more goes on.
    fn let_go(&mut self, from: NodeName, to: NodeName) -> Result<(), Stop> {
        let HeldLink { arrived, sent } = self.held.take(from, to);
        for message in arrived {
            self.record(Happening::Released { message: MessageName { from, to, kind: message.payload.kind() } })?;
            self.queue.add_message(self.now, message);
        }
        for MessageDue { incarnation, payload, .. } in sent {
            self.record(Happening::Released { message: MessageName { from, to, kind: payload.kind() } })?;
            self.pass(from, (to, incarnation), payload)?;
        }
        Ok(())
    }
}

/// What nodes send.
impl Cluster {
    /// A node sends a message.
    pub(super) fn send(&mut self, from: NodeName, to: NodeName, payload: Payload) -> Result<(), Refused> {
        let Some(recipient) = self.nodes.get(&to) else { return Err(Refused::Destination(to)) };
        let (incarnation, lives) = (recipient.incarnation, recipient.host.is_some());
        self.account.sent += 1;
        self.requests.note_send(from, to, payload.kind());
        self.watches.note_send(from, to, payload.kind());
        // What nobody can take is never under way: it must not hold up what is sent to the recipient's next life.
        if !lives && !self.switch.is_cut_one_way(from, to) {
            return Ok(self.lose(MessageName { from, to, kind: payload.kind() }, Cause::Dead)?);
        }
        Ok(self.pass(from, (to, incarnation), payload)?)
    }

    /// The switch decides about a message for one of the recipient's lives.
    fn pass(&mut self, from: NodeName, recipient: (NodeName, Incarnation), payload: Payload) -> Result<(), Stop> {
        let (to, incarnation) = recipient;
        let message = MessageName { from, to, kind: payload.kind() };
        match self.switch.send(self.now, from, to, payload.kind()) {
            Verdict::Lost(cause) => self.lose(message, cause)?,
            Verdict::Held => {
                self.record(Happening::Held { message })?;
                let epoch = self.switch.epoch(from, to);
                let message = MessageDue { from, to, incarnation, epoch, payload };
                self.held.of(from, to).sent.push_back(message);
            }
            Verdict::Arrives(arrival) => {
                if let Some(by) = arrival.delayed {
                    self.record(Happening::Delayed { message, by })?;
                }
                let message = MessageDue { from, to, incarnation, epoch: arrival.epoch, payload };
                self.queue.add_message(arrival.at, message);
            }
        }
        Ok(())
    }

    /// A message arrives, unless its link was cut or its recipient died while it was under way; or it waits.
    pub(super) fn deliver(&mut self, message: MessageDue) -> Result<(), Stop> {
        let MessageDue { from, to, ref payload, .. } = message;
        let name = MessageName { from, to, kind: payload.kind() };
        if let Some(cause) = self.fate(&message) {
            return self.lose(name, cause);
        }
        if self.switch.is_held(from, to) {
            self.record(Happening::Held { message: name })?;
            self.held.of(from, to).arrived.push_back(message);
            return Ok(());
        }
        self.account.delivered += 1;
        self.step(to, Delivery::Input(AnyInput::Message { from, payload }))?;
        self.requests.note_taken(from, to);
        Ok(())
    }

    /// Why a message that is under way is lost, as things stand; `None` if it arrives.
    pub(super) fn fate(&self, message: &MessageDue) -> Option<Cause> {
        let MessageDue { from, to, incarnation, epoch, .. } = *message;
        if !self.switch.lets_arrive(from, to, epoch) {
            Some(Cause::Cut)
        } else if !self.lives(to, incarnation) {
            Some(Cause::Dead)
        } else {
            None
        }
    }

    pub(super) fn lose(&mut self, message: MessageName<'_>, cause: Cause) -> Result<(), Stop> {
        self.account.lost += 1;
        self.record(Happening::Lost { message, cause })
    }
}
