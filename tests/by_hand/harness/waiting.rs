//! What comes about by itself is waited for, and not for ever.

use std::thread;
use std::time::{Duration, Instant};

/// How long anything is waited for. Generous: a loaded machine never sees it.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether something has come that nobody tells of.
pub const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Waits until there is something.
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < until, "{what}: not within {PATIENCE:?}");
        thread::sleep(LOOK_AGAIN);
    }
}

/// Waits until that is so.
#[track_caller]
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    wait_for(what, || is_so().then_some(()));
}
