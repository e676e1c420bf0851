//! Servers driven step by step through schedules of an adversary, and watched across all of them and all time.
//!
//! A schedule is drawn from a seed: it delivers messages in any order, again or not at all, lets timers be due whenever
//! they are set, asks any server anything again, crashes servers between any two outputs, with any part of what they had
//! not synced, takes disks away, slows them, and cuts links. After every step the [claims](watch::Claim) are held. Each
//! schedule ends with heal and progress.
//!
//! All that is a protocol's own stands behind one trait, [`Subject`]: what of its servers is watched, what their messages
//! claim, and which bugs they could have.
//!
//! `cargo test --lib schedules` runs some thousands. For a longer run, say how many:
//! `SPLITBRAIN_SCHEDULES=100000 cargo test --lib schedules`; `SPLITBRAIN_FIRST_SCHEDULE` is the seed to begin
//! with. A failure prints the seed, the shortened schedule and the claim.

mod action;
mod claims;
mod clients;
mod histories;
mod host;
mod network;
mod plant;
mod progress;
mod run;
mod schedule;
mod subject;
mod watch;
mod world;

pub use claims::{Way, assert_every_claim_can_be_broken, assert_nothing_breaks};
pub use clients::name as client_name;
pub use histories::a_server_forgets_what_it_decided;
pub use host::name;
pub use plant::Plant;
pub use subject::{Change, Entry, Given, Subject, message_in};
pub use watch::{Breach, Claim, Part, State, Watch, claim};
pub use world::Event;
