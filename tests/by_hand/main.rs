//! Servers and clients by hand as they are used, misused and killed: real processes, with their consoles on pipes or terminals,
//! and TCP between them.
//!
//! What clients were answered is compared with the chains of all servers: `harness/checker.rs` says how. For a longer run
//! of crashes: `SPLITBRAIN_KILL_ROUNDS=50 cargo test --test by_hand kill_rounds`; `SPLITBRAIN_KILL_SEED` repeats the
//! draws of one.

mod bad_histories;
mod client_bench;
mod command_line;
mod consoles;
mod crashes;
mod delay;
mod disks;
mod founding;
mod gossip;
mod harness;
mod kill_rounds;
mod leaving;
mod links;
mod open_port;
mod operations;
#[path = "../pseudo_terminal/mod.rs"]
mod pseudo_terminal;
mod recording;
mod refusals;
#[path = "../pseudo_terminal/seen.rs"]
mod seen;
mod sessions;
mod terminal;
mod tour;
