//! What somebody wants to know of: the next message from a node, of a type, to a node or to any.
//!
//! A message that the network loses at once counts: it was sent.

use crate::base::NodeName;
use crate::cluster::lockstep::Cluster;

/// Names a watch; the greater one was set later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WatchId(u64);

/// The messages that are watched for.
#[derive(Debug, Default)]
pub(super) struct Watches {
    set: u64,
    open: Vec<Watch>,
    /// Those whose message was sent, and that nobody has asked for.
    seen: Vec<WatchId>,
}

#[derive(Debug)]
struct Watch {
    id: WatchId,
    from: NodeName,
    kind: String,
    /// None is anybody.
    to: Option<NodeName>,
}

impl Watches {
    /// A node sends a message.
    pub fn note_send(&mut self, from: NodeName, to: NodeName, kind: &str) {
        if self.open.is_empty() {
            return;
        }
        let is_meant =
            |watch: &mut Watch| watch.from == from && watch.kind == kind && watch.to.is_none_or(|wanted| wanted == to);
        self.seen.extend(self.open.extract_if(.., is_meant).map(|watch| watch.id));
    }
}

impl Cluster {
    /// Watches for the next message of the type `kind` from a node, to one node or to any.
    pub fn watch(&mut self, from: NodeName, kind: &str, to: Option<NodeName>) -> WatchId {
        self.watches.set += 1;
        let id = WatchId(self.watches.set);
        self.watches.open.push(Watch { id, from, kind: kind.to_owned(), to });
        id
    }

    /// The watches whose message was sent since this was last asked, in the order of the messages; they are over.
    pub fn take_seen(&mut self) -> Vec<WatchId> {
        std::mem::take(&mut self.watches.seen)
    }
}
