//! Servers and clients by hand as they are used and misused: real processes over TCP.
//!
//! Each module starts clusters of its own, on free ports. What a cluster does when servers crash is in `tests/by_hand.rs`.

#[path = "live/client_bench.rs"]
mod client_bench;
#[path = "live/cluster.rs"]
mod cluster;
#[path = "live/command_line.rs"]
mod command_line;
#[path = "live/gossip.rs"]
mod gossip;
#[path = "live/open_port.rs"]
mod open_port;
#[path = "live/recording.rs"]
mod recording;
#[path = "live/terminal.rs"]
mod terminal;
#[path = "live/wire.rs"]
mod wire;
