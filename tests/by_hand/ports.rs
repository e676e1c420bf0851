//! Ports of this machine at which nobody listens.
//!
//! They are below those that the system gives to connections (from 32768, as a rule). Test processes that run at the same
//! time begin at different places, and nobody within one gets a port twice.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

const FIRST: u32 = 10_000;
const COUNT: u32 = 20_000;
/// How far apart two test processes begin whose ids are neighbours.
const APART: u32 = 499;

static GIVEN: AtomicU32 = AtomicU32::new(0);

/// A port that is free now, and that nobody else in this process gets.
pub fn free_port() -> u16 {
    let begin = std::process::id().wrapping_mul(APART) % COUNT;
    loop {
        let given = GIVEN.fetch_add(1, Ordering::Relaxed);
        assert!(given < COUNT, "no port of this machine is free from {FIRST} on");
        let port = u16::try_from(FIRST + (begin + given) % COUNT).expect("the last one is below 65536");
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
