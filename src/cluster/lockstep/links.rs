//! What the script does to links.
//!
//! The switch decides what becomes of messages from then on; here is what becomes of those that are under way or held.

use std::collections::BTreeMap;

use crate::base::NodeName;
use crate::cluster::disk::Idle;
use crate::cluster::lockstep::Cluster;
use crate::cluster::lockstep::held::HeldLink;
use crate::cluster::lockstep::traffic::Outgoing;
use crate::cluster::queue::MessageDue;
use crate::cluster::stop::Stop;
use crate::network::{
    CommandName, Cut, DirectedLink, Division, Exemption, Fault, Gate, IdleOrder, Layer, Manner, Order, Ordered,
    Selection, Standing, both_ways,
};
use crate::trace::{Cause, Happening, MessageName};

impl From<IdleOrder> for Idle {
    fn from(IdleOrder { line, text }: IdleOrder) -> Self {
        Self { line, text: text.into() }
    }
}

/// Faults, and what lifts them.
impl Cluster {
    /// A command of the script is given that may put faults of the network in force.
    pub fn order(&mut self, command: CommandName<'_>) -> Order {
        self.switch.order(self.seed, command)
    }

    /// Cuts links, each in one direction: what is under way or held on them is lost. How many were not cut already?
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub fn cut(&mut self, links: &[DirectedLink], order: Order) -> Result<usize, Stop> {
        self.cut_layer(links, Layer::Pair, order)
    }

    fn cut_layer(&mut self, links: &[DirectedLink], layer: Layer, order: Order) -> Result<usize, Stop> {
        let under_way = self.under_way();
        let mut changed = 0;
        for &ends in links {
            let HeldLink { arrived, sent } = self.held.take(ends);
            let held = arrived.into_iter().chain(sent).collect::<Vec<_>>();
            let lost = held.len() as u64 + under_way.get(&ends).copied().unwrap_or(0);
            changed += usize::from(self.switch.cut(ends, Cut { order, layer, lost }));
            for MessageDue { from, to, payload, .. } in held {
                self.lose(MessageName { from, to, kind: payload.kind() }, Cause::Cut)?;
            }
        }
        Ok(changed)
    }

    /// What is under way on links, and what waits for paused nodes.
    pub(super) fn messages_in_flight(&self) -> impl Iterator<Item = &MessageDue> {
        let waiting = self.nodes.values().flat_map(|node| node.pause.iter().flat_map(|pause| pause.messages()));
        self.queue.all_messages().chain(waiting)
    }

    /// How many messages a cut of each link would stop that are on their way to a node, or wait for a paused one.
    fn under_way(&self) -> BTreeMap<DirectedLink, u64> {
        let mut counts = BTreeMap::new();
        for &MessageDue { from, to, epoch, .. } in self.messages_in_flight() {
            if self.switch.lets_arrive((from, to), epoch) {
                *counts.entry((from, to)).or_default() += 1;
            }
        }
        counts
    }

    /// Divides the servers, in the place of the partition in force. Clients take part if they are named.
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub fn partition(&mut self, division: &Division, order: Order) -> Result<(), Stop> {
        let Division { cuts, mends, text } = division;
        self.switch.begin_partition(order);
        self.switch.mend_last_partition(|ends| cuts.contains(&ends));
        for &ends in mends {
            self.switch.mend(ends);
        }
        self.cut_layer(&cuts.iter().copied().collect::<Vec<_>>(), Layer::Partition, order)?;
        self.record(Happening::Partitioned { text })
    }

    /// A server is new while a partition is in force: it is alone. Is one?
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub fn join_apart(&mut self, server: NodeName) -> Result<bool, Stop> {
        let Some(order) = self.switch.partition() else { return Ok(false) };
        // Clients that were named are on one of its sides.
        let is_apart = |other: &NodeName| *other != server && (other.is_server() || self.switch.is_parted(*other));
        let others = self.nodes.keys().copied().filter(is_apart);
        let links: Vec<_> = others.flat_map(|other| both_ways(server, other)).collect();
        self.cut_layer(&links, Layer::Partition, order)?;
        Ok(true)
    }

    /// Puts a fault of links in force, each in one direction, or lifts it. On how many does that change anything?
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub fn put(&mut self, links: &[DirectedLink], ordered: &Ordered) -> Result<usize, Stop> {
        match ordered.fault {
            Fault::Gate(Gate::Deliver) => self.deliver_on(links, ordered).map(|()| links.len()),
            Fault::Gate(Gate::Hold | Gate::Drop)
            | Fault::Loss(_)
            | Fault::Duplicate(_)
            | Fault::Reorder(_)
            | Fault::Delay(_)
            | Fault::Rate(_) => Ok(links.iter().filter(|ends| self.switch.put(**ends, ordered)).count()),
        }
    }

    /// Lets go what is held of the messages that are to be delivered; what is missing are those that are sent next.
    fn deliver_on(&mut self, links: &[DirectedLink], ordered: &Ordered) -> Result<(), Stop> {
        let held: Vec<_> = links.iter().map(|&ends| (ends, self.take_selected(ends, &ordered.selection))).collect();
        let counts: Vec<_> = held.iter().map(|(ends, held)| (*ends, held.count())).collect();
        self.switch.deliver(&counts, ordered);
        held.into_iter().try_for_each(|(_, held)| self.let_go(held, Manner::Delivered))
    }

    fn take_selected(&mut self, ends: DirectedLink, selection: &Selection) -> HeldLink {
        let mut left = selection.next.unwrap_or(u64::MAX);
        self.held.take_some(ends, |message| {
            let is_selected = selection.includes(message.payload.kind()) && left > 0;
            left -= u64::from(is_selected);
            is_selected
        })
    }

    /// Releases one direction: messages of this type, without a type all. Did any wait, or would any have?
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub fn release_link(&mut self, ends: DirectedLink, kind: Option<&str>) -> Result<bool, Stop> {
        let was_held = self.switch.release(ends, kind);
        if self.switch.is_held(ends) {
            return Ok(was_held);
        }
        let held = self.held.take_some(ends, |message| kind.is_none_or(|kind| message.payload.kind() == kind));
        let waited = held.count() > 0;
        self.let_go(held, Manner::Released)?;
        Ok(was_held || waited)
    }

    /// Lifts every fault of every link but delays and rates; what was held goes on.
    ///
    /// # Errors
    /// A reader of the trace fails.
    pub fn heal(&mut self) -> Result<(), Stop> {
        self.switch.heal();
        for ends in self.held.names() {
            let held = self.held.take(ends);
            self.let_go(held, Manner::Released)?;
        }
        Ok(())
    }

    /// What has waited goes on.
    fn let_go(&mut self, HeldLink { arrived, sent }: HeldLink, manner: Manner) -> Result<(), Stop> {
        for message in arrived {
            let MessageDue { from, to, ref payload, .. } = message;
            self.record(Happening::Released { message: MessageName { from, to, kind: payload.kind() } })?;
            let exemption = match manner {
                Manner::Sent | Manner::Released => message.exemption,
                // Its link may still be held, which must not take it again.
                Manner::Delivered => Exemption::Told,
            };
            self.queue.add_message(self.now, MessageDue { exemption, ..message });
        }
        for MessageDue { from, to, incarnation, payload, .. } in sent {
            let message = MessageName { from, to, kind: payload.kind() };
            self.record(Happening::Released { message })?;
            // As at its send: what nobody can take must not hold up what is sent to the recipient's next life.
            if self.lives(to, incarnation) {
                self.pass(Outgoing { from, to, incarnation, payload, manner })?;
            } else {
                self.lose(message, Cause::Dead)?;
            }
        }
        Ok(())
    }

    /// The faults of the network that are over and did nothing, since this was last called.
    pub fn take_idle_faults(&mut self) -> Vec<Idle> {
        self.switch.take_idle().into_iter().map(Idle::from).collect()
    }
}

/// One direction of a link, as a user may look at it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LinkState {
    /// What is in force, in the order of precedence.
    pub standing: Vec<Standing>,
    /// How many messages of each type are under way, those that wait for a paused node included.
    pub in_flight: BTreeMap<String, u64>,
    /// How many messages of each type are held.
    pub held: BTreeMap<String, u64>,
}

/// Looking at it.
impl Cluster {
    /// All links on which there is anything, with what there is.
    #[must_use]
    pub fn network(&self) -> BTreeMap<DirectedLink, LinkState> {
        let standing = self.switch.standing().filter(|(_, standing)| !standing.is_empty());
        let mut links: BTreeMap<DirectedLink, LinkState> =
            standing.map(|(ends, standing)| (ends, LinkState { standing, ..LinkState::default() })).collect();
        for MessageDue { from, to, payload, .. } in self.messages_in_flight() {
            let state = links.entry((*from, *to)).or_default();
            *state.in_flight.entry(payload.kind().to_owned()).or_default() += 1;
        }
        for (ends, MessageDue { payload, .. }) in self.held.all() {
            let state = links.entry(ends).or_default();
            *state.held.entry(payload.kind().to_owned()).or_default() += 1;
        }
        links
    }
}
