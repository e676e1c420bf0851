//! Clusters by hand under test, and what is read from them.

pub mod chain;
pub mod checker;
pub mod client;
pub mod cluster;
pub mod console;
pub mod draws;
pub mod ended;
pub mod history;
pub mod load;
pub mod plan;
pub mod ports;
pub mod protocols;
pub mod waiting;
pub mod wire;
