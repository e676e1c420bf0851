//! Servers and clients by hand as real processes, with their consoles on pipes and TCP between them.
//!
//! What clients were answered is compared with the chains of all servers: `by_hand/checker.rs` says how. For a longer run
//! of crashes: `SPLITBRAIN_KILL_ROUNDS=50 cargo test --test by_hand kill_rounds`; `SPLITBRAIN_KILL_SEED` repeats the
//! draws of one.

#[path = "by_hand/bad_histories.rs"]
mod bad_histories;
#[path = "by_hand/chain.rs"]
mod chain;
#[path = "by_hand/checker.rs"]
mod checker;
#[path = "by_hand/client.rs"]
mod client;
#[path = "by_hand/cluster.rs"]
mod cluster;
#[path = "by_hand/console.rs"]
mod console;
#[path = "by_hand/consoles.rs"]
mod consoles;
#[path = "by_hand/crashes.rs"]
mod crashes;
#[path = "by_hand/delay.rs"]
mod delay;
#[path = "by_hand/disks.rs"]
mod disks;
#[path = "by_hand/draws.rs"]
mod draws;
#[path = "by_hand/founding.rs"]
mod founding;
#[path = "by_hand/history.rs"]
mod history;
#[path = "by_hand/kill_rounds.rs"]
mod kill_rounds;
#[path = "by_hand/leaving.rs"]
mod leaving;
#[path = "by_hand/links.rs"]
mod links;
#[path = "by_hand/load.rs"]
mod load;
#[path = "by_hand/operations.rs"]
mod operations;
#[path = "by_hand/ports.rs"]
mod ports;
#[path = "by_hand/protocols.rs"]
mod protocols;
#[path = "by_hand/refusals.rs"]
mod refusals;
#[path = "by_hand/sessions.rs"]
mod sessions;
#[path = "by_hand/tour.rs"]
mod tour;
