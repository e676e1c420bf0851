//! The cluster: nodes, as processes or in memory, and the one event queue that drives them in lockstep.
//!
//! Time is virtual. Everything that happens is one totally ordered sequence of events; an event is one line down to one
//! node, and all lines that it puts out in answer. Two runs of the same orders give the same trace, wherever the nodes
//! live.
//!
//! Deliberately missing: what orders there are, and why. That is the experiment's.

mod affinity;
mod breach;
mod clock;
mod disk;
mod files;
mod host;
mod interruption;
mod line_host;
mod lockstep;
mod memory;
mod node_process;
mod orphans;
mod process;
mod queue;
mod replay;
mod requests;
mod spawner;
mod stop;
mod watchdog;

pub use breach::{Breach, NodeFault, Quoted};
pub use disk::{Blame, Idle};
pub use files::NodeFiles;
pub use host::Host;
pub use interruption::Interruption;
pub use lockstep::{
    Armed, Cluster, CrashPoint, LinkState, Obituary, OperationId, Refusal, Settings, Terms, Told, WatchId,
};
pub use orphans::Orphans;
pub use replay::{Difference, ReplayStop, Replayed, replay};
pub use spawner::{InMemory, Lines, Processes, ServerProgram, Spawner};
pub use stop::{LimitReached, Stop};
