//! Clusters by hand under test: how they are started and used, and how what they answered is judged.

pub mod chain;
mod checker;
mod client;
mod cluster;
mod commands;
mod console;
mod draws;
mod ended;
mod history;
mod load;
mod plan;
mod ports;
mod protocols;
mod shown;
mod waiting;
pub mod wire;

pub use checker::{check, violations};
pub use client::Client;
pub use cluster::Cluster;
pub use console::Console;
pub use draws::Draws;
pub use ended::ended;
pub use history::{Answered, Asked};
pub use load::Load;
pub use plan::{Addresses, Plan};
pub use protocols::{PROTOCOLS, under_both};
pub use waiting::{PATIENCE, eventually};
