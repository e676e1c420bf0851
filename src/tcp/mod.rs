//! The TCP shell: the same machines as servers and clients by hand, each a process in a terminal of its own, in real time, over
//! sockets.
//!
//! A [server](server::serve) listens, connects to the servers with lesser numbers, and says who it is
//! ([introduction]). When all have said so, the cluster is [founded](founding), once and for all, and its
//! machine begins. A [client](client::run) connects to all servers, and asks the one that leads.
//!
//! What is guaranteed:
//! 1. What is said leaves after every record that it depends on is on the disk; DESIGN section 3, as under the master.
//! 2. Nothing that comes from outside ends a server, but what only a broken server of the same cluster can send: garbage
//!    closes the connection on which it came.
//! 3. What is kept for others is [bounded](bounds).
//!
//! What is drawn and the time of day come in at two doors, [chance] and [clock].
//!
//! Deliberately missing: encryption and authentication. Whoever reaches a server's port can be a client of it, or say that he
//! is one of its servers. Servers listen on this machine only, unless they are given other addresses.

pub mod bounds;
mod chance;
pub mod client;
mod clock;
pub mod cluster;
mod connection;
mod delays;
mod dialing;
mod engine;
pub mod founding;
mod frame;
mod inbox;
mod interruption;
mod introduction;
pub mod links;
pub mod load;
mod membership;
mod messages;
pub mod nomination;
mod peering;
pub mod recording;
mod refusals;
mod runtime;
pub mod server;
mod timers;
