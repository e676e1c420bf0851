//! Messages on their way: sent, held, lost, delivered.
//!
//! A link that is held takes what is sent on it, and what was under way on it as it arrives. When it is released, what
//! was under way goes on at once, and then what was sent since, with the link's delay; both in their order. A cut loses
//! what is held.

use crate::base::{Incarnation, NodeName};
use crate::cluster::host::Delivery;
use crate::cluster::lockstep::Cluster;
use crate::cluster::lockstep::steps::Refused;
use crate::cluster::queue::MessageDue;
use crate::cluster::stop::Stop;
use crate::machine::{AnyInput, Payload};
use crate::network::{Arrival, AtArrival, Exemption, Manner, Pace, Sending, Transit, Verdict};
use crate::trace::{Account, Cause, Happening, Measure, MessageName};

/// A message that goes onto its link, for one of its recipient's lives.
pub(super) struct Outgoing {
    pub from: NodeName,
    pub to: NodeName,
    pub incarnation: Incarnation,
    pub payload: Payload,
    pub manner: Manner,
}

impl Cluster {
    /// A node sends a message.
    pub(super) fn send(&mut self, from: NodeName, to: NodeName, payload: Payload) -> Result<(), Refused> {
        let Some(recipient) = self.nodes.get(&to) else {
            if !self.members.contains(&to) {
                return Err(Refused::Destination(to));
            }
            // A member that has not been started is down.
            self.count_send(from, to, &payload);
            return Ok(self.lose(MessageName { from, to, kind: payload.kind() }, Cause::Dead)?);
        };
        let (incarnation, lives) = (recipient.incarnation, recipient.host.is_some());
        self.count_send(from, to, &payload);
        self.requests.note_send(from, to, payload.kind());
        self.watches.note_send(from, to, payload.kind());
        // What nobody can take is never under way: it must not hold up what is sent to the recipient's next life.
        if !lives && !self.switch.is_cut_one_way((from, to)) {
            return Ok(self.lose(MessageName { from, to, kind: payload.kind() }, Cause::Dead)?);
        }
        Ok(self.pass(Outgoing { from, to, incarnation, payload, manner: Manner::Sent })?)
    }

    /// The switch decides about a message.
    pub(super) fn pass(&mut self, outgoing: Outgoing) -> Result<(), Stop> {
        let Outgoing { from, to, ref payload, manner, .. } = outgoing;
        let message = MessageName { from, to, kind: payload.kind() };
        match self.switch.send(&Sending { now: self.now, from, to, payload, manner }) {
            Verdict::Lost(cause) => self.lose(message, cause),
            Verdict::Held => {
                self.record(Happening::Held { message })?;
                let message = outgoing.due(self.switch.epoch((from, to)), Exemption::None);
                self.held.of((from, to)).sent.push_back(message);
                Ok(())
            }
            Verdict::Passes(transit) => self.carry(outgoing, transit),
        }
    }

    /// A message is under way, and perhaps a copy of it.
    fn carry(&mut self, outgoing: Outgoing, transit: Transit) -> Result<(), Stop> {
        let Outgoing { from, to, ref payload, .. } = outgoing;
        let message = MessageName { from, to, kind: payload.kind() };
        let Transit { epoch, arrival, copy, exemption, let_through } = transit;
        if let_through {
            self.record(Happening::LetThrough { message })?;
        }
        self.tell_pace(message, arrival)?;
        if let Some(copy) = copy {
            self.count(payload.kind(), |account| &mut account.duplicated);
            self.requests.note_copy(from, payload.kind());
            self.record(Happening::Duplicated { message })?;
            self.tell_pace(message, copy)?;
            let payload = payload.clone();
            let copied = Outgoing { payload, ..outgoing };
            self.queue.add_message(arrival.at, outgoing.due(epoch, exemption));
            self.queue.add_message(copy.at, copied.due(epoch, exemption));
        } else {
            self.queue.add_message(arrival.at, outgoing.due(epoch, exemption));
        }
        Ok(())
    }

    fn tell_pace(&mut self, message: MessageName<'_>, arrival: Arrival) -> Result<(), Stop> {
        match arrival.pace {
            Pace::Usual => Ok(()),
            Pace::Delayed(by) => self.record(Happening::Delayed { message, by }),
            Pace::Reordered => self.record(Happening::Reordered { message }),
        }
    }

    /// A message arrives, unless its link was cut or its recipient died while it was under way; or it waits.
    pub(super) fn deliver(&mut self, message: MessageDue) -> Result<(), Stop> {
        let MessageDue { from, to, exemption, ref payload, .. } = message;
        let name = MessageName { from, to, kind: payload.kind() };
        if let Some(cause) = self.fate(&message) {
            return self.lose(name, cause);
        }
        match self.switch.arrive((from, to), name.kind, exemption) {
            AtArrival::Passes => {}
            AtArrival::LetThrough => self.record(Happening::LetThrough { message: name })?,
            AtArrival::Waits => {
                self.record(Happening::Held { message: name })?;
                self.held.of((from, to)).arrived.push_back(message);
                return Ok(());
            }
        }
        self.count(name.kind, |account| &mut account.delivered);
        self.step(to, Delivery::Input(AnyInput::Message { from, payload }))?;
        self.requests.note_taken(from, to);
        Ok(())
    }

    /// Why a message that is under way is lost, as things stand; `None` if it arrives.
    pub(super) fn fate(&self, message: &MessageDue) -> Option<Cause> {
        let MessageDue { from, to, incarnation, epoch, .. } = *message;
        if !self.switch.lets_arrive((from, to), epoch) {
            Some(Cause::Cut)
        } else if !self.lives(to, incarnation) {
            Some(Cause::Dead)
        } else {
            None
        }
    }

    fn count_send(&mut self, from: NodeName, to: NodeName, payload: &Payload) {
        self.count(payload.kind(), |account| &mut account.sent);
        if self.trace.wants_measures() {
            let message = MessageName { from, to, kind: payload.kind() };
            self.trace.measure(self.now, Measure::Sent { message, bytes: payload.length() });
        }
    }

    fn count(&mut self, kind: &str, number: impl Fn(&mut Account) -> &mut u64) {
        *number(&mut self.account) += 1;
        if MessageName::is_heartbeat(kind) {
            *number(&mut self.heartbeats) += 1;
        }
    }

    pub(super) fn lose(&mut self, message: MessageName<'_>, cause: Cause) -> Result<(), Stop> {
        self.count(message.kind, |account| &mut account.lost);
        self.record(Happening::Lost { message, cause })
    }
}

impl Outgoing {
    fn due(self, epoch: u32, exemption: Exemption) -> MessageDue {
        let Self { from, to, incarnation, payload, manner: _ } = self;
        MessageDue { from, to, incarnation, epoch, exemption, payload }
    }
}
