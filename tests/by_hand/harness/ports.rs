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

/// So many ports behind the one returned are free now, and nobody else in this process gets them.
pub fn free_ports(count: u32) -> u16 {
    let begin = std::process::id().wrapping_mul(APART) % COUNT;
    loop {
        let given = GIVEN.fetch_add(count, Ordering::Relaxed);
        assert!(given + count <= COUNT, "no {count} ports of this machine are free from {FIRST} on");
        let port = |at: u32| u16::try_from(FIRST + at).expect("the last one is below 65536");
        let base = (begin + given) % COUNT;
        if (1..=count).all(|number| TcpListener::bind((Ipv4Addr::LOCALHOST, port(base + number))).is_ok()) {
            return port(base);
        }
    }
}
