//! What somebody wants to know of: the next message from a node, of a type, to a node or to any; the next death of a node.
//!
//! A message that the network loses at once counts: it was sent.

use crate::base::NodeName;
use crate::cluster::lockstep::Cluster;

/// Names a watch; the greater one was set later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WatchId(u64);

/// What is watched for.
#[derive(Debug, Default)]
pub(super) struct Watches {
    set: u64,
    open: Vec<Watch>,
    /// Those that have come, and that nobody has asked for.
    seen: Vec<WatchId>,
}

#[derive(Debug)]
struct Watch {
    id: WatchId,
    node: NodeName,
    event: Event,
}

#[derive(Debug)]
enum Event {
    /// It sends a message.
    Sends {
        kind: String,
        /// None is anybody.
        to: Option<NodeName>,
    },
    /// It dies.
    Dies,
}

impl Watches {
    /// A node sends a message.
    pub fn note_send(&mut self, from: NodeName, to: NodeName, kind: &str) {
        if self.open.is_empty() {
            return;
        }
        self.note(|watch| match &watch.event {
            Event::Sends { kind: wanted, to: recipient } => {
                watch.node == from && wanted == kind && recipient.is_none_or(|wanted| wanted == to)
            }
            Event::Dies => false,
        });
    }

    /// A node dies.
    pub fn note_death(&mut self, node: NodeName) {
        self.note(|watch| matches!(watch.event, Event::Dies) && watch.node == node);
    }

    fn note(&mut self, is_meant: impl Fn(&Watch) -> bool) {
        self.seen.extend(self.open.extract_if(.., |watch| is_meant(watch)).map(|watch| watch.id));
    }
}

impl Cluster {
    /// Watches for the next message of the type `kind` from a node, to one node or to any.
    pub fn watch(&mut self, from: NodeName, kind: &str, to: Option<NodeName>) -> WatchId {
        self.watch_for(from, Event::Sends { kind: kind.to_owned(), to })
    }

    /// Watches for the next death of a node.
    pub fn watch_death(&mut self, node: NodeName) -> WatchId {
        self.watch_for(node, Event::Dies)
    }

    fn watch_for(&mut self, node: NodeName, event: Event) -> WatchId {
        self.watches.set += 1;
        let id = WatchId(self.watches.set);
        self.watches.open.push(Watch { id, node, event });
        id
    }

    /// The watches that have come since this was last asked, in the order in which they did; they are over.
    pub fn take_seen(&mut self) -> Vec<WatchId> {
        std::mem::take(&mut self.watches.seen)
    }
}
