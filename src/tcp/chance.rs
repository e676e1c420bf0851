//! Numbers that nobody may have had before: of disks and of sessions. Under the master there are none of these.

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

/// How many of a session's bits are drawn; those above are the time at which it began.
const DRAWN_BITS: u32 = 22;

/// A number that was never drawn before, as far as anybody will ever see.
///
/// # Errors
/// The system gives no random numbers.
pub fn unique_number() -> io::Result<u64> {
    getrandom::u64().map_err(io::Error::other)
}

/// The number of a client's session: greater than those that it had before, so that what is left of them on the way is
/// known to be old; and not that of another client that begins in the same millisecond.
///
/// # Errors
/// The system gives no random numbers.
pub fn session_number() -> io::Result<u64> {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let milliseconds = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX >> DRAWN_BITS);
    let drawn = unique_number()? & ((1 << DRAWN_BITS) - 1);
    Ok(milliseconds << DRAWN_BITS | drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_session_has_a_greater_number() {
        let first = session_number().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2));
        let second = session_number().unwrap();
        assert!(first < second, "{first} {second}");
        assert!(first >> DRAWN_BITS > 1_700_000_000_000, "milliseconds since 1970");
    }
}
