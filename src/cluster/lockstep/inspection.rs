//! Questions about a node's state: no events, and nothing changes.

use crate::base::{NodeName, limits};
use crate::cluster::breach::Breach;
use crate::cluster::lockstep::Cluster;
use crate::cluster::stop::Stop;
use crate::ledger::{BlockRecord, EntryRecord, RequestRecord};
use crate::store::Value;
use crate::wire::control::{Inspect, InspectOk, Part};

impl Cluster {
    /// All keys of a server with their values, in the server's order; `None` if it shows none.
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    pub fn inspect_store(&mut self, name: NodeName) -> Result<Option<Vec<(Value, Value)>>, Stop> {
        self.inspect(name, Part::Store, |answer| answer.store)
    }

    /// All blocks of a server, in the server's order; `None` if it shows none.
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    pub fn inspect_chain(&mut self, name: NodeName) -> Result<Option<Vec<BlockRecord>>, Stop> {
        self.inspect(name, Part::Chain, |answer| answer.chain)
    }

    /// All blocks of a server's log, decided or not; `None` if it shows none.
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    pub fn inspect_log(&mut self, name: NodeName) -> Result<Option<Vec<EntryRecord>>, Stop> {
        self.inspect(name, Part::Log, |answer| answer.log)
    }

    /// The requests that wait at a server to be decided; `None` if it shows none.
    ///
    /// # Errors
    /// The node broke the protocol, or died.
    pub fn inspect_queue(&mut self, name: NodeName) -> Result<Option<Vec<RequestRecord>>, Stop> {
        self.inspect(name, Part::Queue, |answer| answer.queue)
    }

    fn inspect<T>(
        &mut self,
        name: NodeName,
        part: Part,
        piece_of: impl Fn(InspectOk) -> Option<Vec<T>>,
    ) -> Result<Option<Vec<T>>, Stop> {
        let mut all = Vec::new();
        loop {
            self.asked += 1;
            let question = Inspect { msg_id: self.asked, part, skip: all.len() as u64 };
            let host =
                self.nodes.get_mut(&name).and_then(|node| node.host.as_mut()).expect("only the living are asked");
            let answer = match host.inspect(&question) {
                Ok(Some(answer)) => answer,
                Ok(None) => return Ok(None),
                Err(breach) => return Err(self.stop(name, breach)),
            };
            let more = answer.more;
            let Some(piece) = piece_of(answer) else {
                return Err(self.stop(name, Breach::MissingPart { part }));
            };
            // Of the other part there may be something, which would never end.
            let shows_nothing = more && piece.is_empty();
            all.extend(piece);
            if shows_nothing || all.len() > limits::INSPECTED_ENTRIES {
                return Err(self.stop(name, Breach::EndlessState { part }));
            }
            if !more {
                return Ok(Some(all));
            }
        }
    }
}
