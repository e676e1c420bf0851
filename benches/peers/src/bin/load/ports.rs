//! Free ports of the loopback interface, below those that Linux gives to outgoing connections.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::process;

use crate::system::Failure;

/// Where ports are looked for; `ip_local_port_range` starts at 32768.
const RANGE: Range<u16> = 20_000..32_000;

/// So many ports, one a line. They were free a moment ago; the search starts at a place that differs between processes, so
/// that two at a time hardly meet.
pub fn free(count: usize) -> Result<String, Failure> {
    let length = u32::from(RANGE.end - RANGE.start);
    let start = process::id().wrapping_mul(101) % length;
    let mut listeners = Vec::new();
    let mut text = String::new();
    for step in 0..length {
        if listeners.len() == count {
            break;
        }
        let port = RANGE.start + u16::try_from((start + step) % length)?;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            listeners.push(listener);
            writeln!(text, "{port}")?;
        }
    }
    if listeners.len() < count {
        return Err(format!("{count} free ports are needed, and {RANGE:?} has {}", listeners.len()).into());
    }
    Ok(text)
}
