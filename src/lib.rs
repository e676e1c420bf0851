//! splitbrain runs a distributed program as real processes on a network, a clock and a disk that a short script controls.
//!
//! The layers, from the bottom; imports go downward only, and `tests/architecture.rs` holds them to it:
//!
//! 0. [`base`], [`store`], [`ledger`], [`wire`], [`machine`]: names, time, draws; values; blocks; JSON lines; the trait
//!    of everything that decides.
//! 1. [`protocol`], [`client`], [`trace`], [`script`]: the machines, the record of a run, the grammar of scripts.
//! 2. [`node`], [`network`]: the shells around machines; the switch between them.
//! 3. [`cluster`]: nodes as processes or in-process, and the one event queue. [`tcp`]: nodes in real time, over sockets.
//! 4. [`experiment`]: one script carried out.
//! 5. [`console`], [`golden`]: the prompt, consoles by hand and the record of a run; golden files and their runner.
//! 6. [`library`]: a script carried out from a program, in its memory: [`run`] and [`Cluster`].

pub mod base;
pub mod client;
pub mod cluster;
pub mod console;
pub mod experiment;
pub mod golden;
pub mod ledger;
pub mod library;
pub mod machine;
pub mod network;
pub mod node;
pub mod protocol;
pub mod script;
pub mod store;
pub mod tcp;
pub mod trace;
pub mod wire;

pub use library::{Cluster, Options, Outcome, run};

/// The examples of `docs/library.md`, which are tested as those of the source are.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
struct LibraryPage;
