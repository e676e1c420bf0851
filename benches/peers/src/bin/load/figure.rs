//! What one measurement has found, as a line of JSON.

use serde::{Deserialize, Serialize};

use crate::arguments::Workload;

/// One measurement of one system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The row's name.
    pub name: String,
    /// The round it was taken in.
    pub round: u32,
    /// What the clients did.
    pub workload: Workload,
    /// How many clients there were.
    pub clients: u32,
    /// How long operations were counted.
    pub seconds: u64,
    /// The operations answered in that time.
    pub operations: u64,
    /// The operations that failed in that time, which are not among those answered.
    pub errors: u64,
    /// The latency that half of the operations did not exceed.
    pub median_ns: u64,
    /// The latency that 99 of 100 operations did not exceed.
    pub percentile_99_ns: u64,
    /// Processor time of all servers in that time.
    pub servers_processor_ms: u64,
    /// Processor time of the load generator in that time.
    pub load_processor_ms: u64,
    /// The most memory of each server since it started, summed.
    pub servers_memory_bytes: u64,
    /// What all servers wrote to the disk in that time.
    pub servers_written_bytes: u64,
}
