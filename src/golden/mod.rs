//! Golden files: every script's transcript, and its snapshots, as somebody has read and accepted them.
//!
//! [`test`] runs scripts as `master run` does, each in a process of its own, several at once, and holds what they print
//! against their goldens. The golden of `scripts/gossip/heal.txt` is the folder `snapshots/gossip/heal/`: `transcript.txt`,
//! and `NAME.txt` for each `snapshot NAME`. A script for several protocols is a case for each, with a golden for each, in
//! folders below that one.
//!
//! What it guarantees:
//!
//! 1. Outcomes are told in the order of the scripts' paths, and of the protocols that a script lists, however many run at
//!    once.
//! 2. Goldens are written in [`Mode::Accept`] only, which there is not in CI, only from a run that passed, and each file wholly or not at all.
//! 3. No golden matches by accident: it is compared byte for byte, unless its first line says that it has holes.
//! 4. When the runner ends, so has every run that it started; interrupted, too.
//!
//! Deliberately missing: a cache of what passed, and a way to watch files. A run takes some hundredths of a second.

mod alignment;
mod capture;
mod case;
mod comparison;
mod difference;
mod discovery;
mod folder;
mod holes;
mod judging;
mod lines;
mod listing;
mod mode;
mod outcome;
mod process;
mod report;
mod roster;
mod shard;
mod suite;
mod taken;
mod unreferenced;
mod wall;

pub use case::{Case, TRANSCRIPT};
pub use comparison::GoldenFault;
pub use difference::{Difference, Hunk, Line, Side};
pub use discovery::{Selection, Unusable};
pub use holes::HoleFault;
pub use judging::{SCRIPTS, SNAPSHOTS};
pub use mode::{InCi, Mode, Permission};
pub use outcome::{Finding, Outcome, Status, Variation, What};
pub use process::End;
pub use report::{Human, Json, Junit, Report, Reports, WorkflowCommands};
pub use shard::{NoShard, Shard};
pub use suite::{Course, Suite, Summary, test};
pub use taken::{Deviation, TakenSnapshots};
pub use wall::WallTime;
