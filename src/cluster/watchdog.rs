//! The watchdog: one thread that kills a node which does not finish its step.
//!
//! It reads no clock: it counts its own ticks. A node that is in one and the same step at [`TICKS`] ticks in a row has
//! had at least the limit, and is killed; the master, blocked on that node's pipe, then reads its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// In how many ticks the limit is divided.
const TICKS: u32 = 20;

/// What the master tells the watchdog: two stores a step.
#[derive(Debug, Default)]
struct Watched {
    /// Odd while a step is under way; grows by one at its begin and at its end.
    phase: AtomicU64,
    /// The process group that has the step.
    group: AtomicI32,
    /// The process group that was killed for being late; 0 if none was.
    killed: AtomicI32,
}

/// The watchdog of one cluster.
#[derive(Debug)]
pub struct Watchdog {
    watched: Arc<Watched>,
    limit: Duration,
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Watchdog {
    /// Starts the thread. A step may take `limit` of wall time.
    #[must_use]
    pub fn start(limit: Duration) -> Self {
        let watched = Arc::new(Watched::default());
        let (stop, stopped) = channel();
        let its_own = Arc::clone(&watched);
        let tick = limit / TICKS;
        let thread = std::thread::spawn(move || {
            let mut seen = (0, 0);
            while stopped.recv_timeout(tick) == Err(RecvTimeoutError::Timeout) {
                seen = its_own.tick(seen);
            }
        });
        Self { watched, limit, thread: Some((stop, thread)) }
    }

    /// How long a step may take.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// A node gets a step.
    pub fn begin(&self, group: Pid) {
        self.watched.group.store(group.as_raw(), Ordering::Release);
        self.watched.phase.fetch_add(1, Ordering::Release);
    }

    /// The step is over.
    pub fn end(&self) {
        self.watched.phase.fetch_add(1, Ordering::Release);
    }

    /// Was this process group killed for being late?
    #[must_use]
    pub fn has_killed(&self, group: Pid) -> bool {
        self.watched.killed.load(Ordering::Acquire) == group.as_raw()
    }
}

impl Watched {
    /// One tick: `seen` is the phase at the last tick, and at how many ticks in a row it was seen.
    fn tick(&self, seen: (u64, u32)) -> (u64, u32) {
        let phase = self.phase.load(Ordering::Acquire);
        let is_step = phase % 2 == 1;
        if !is_step || phase != seen.0 {
            return (phase, 0);
        }
        if seen.1 + 1 == TICKS {
            let group = self.group.load(Ordering::Acquire);
            self.killed.store(group, Ordering::Release);
            // It may have died meanwhile: then there is nothing to kill.
            let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
        }
        (phase, seen.1 + 1)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.thread.take() {
            drop(stop);
            // A panic of the watchdog has been printed; there is nothing more to do about it here.
            let _ = thread.join();
        }
    }
}
