//! The watchdog: one thread that kills a node which does not finish its step.
//!
//! It reads no clock: it counts its own ticks. A node that is in one and the same step at [`TICKS`] ticks in a row has
//! had at least the limit, and is killed; the master, blocked on that node's pipe, then reads its end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::cluster::node_process::NodeProcess;

/// In how many ticks the limit is divided.
const TICKS: u32 = 20;

/// What the master tells the watchdog, and the watchdog the master.
#[derive(Debug, Default)]
struct Watched {
    /// Odd while a step is under way; grows at its begin and at its end.
    phase: AtomicU64,
    /// The node that has the step. The watchdog asks for it only when it kills, so that nobody waits for this lock.
    process: Mutex<Option<NodeProcess>>,
    /// The node that was killed for being late.
    killed: Mutex<Option<NodeProcess>>,
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
    pub fn begin(&self, process: NodeProcess) {
        set(&self.watched.process, Some(process));
        self.watched.phase.fetch_add(1, Ordering::Release);
    }

    /// No step is under way any more: the node has ended it, or is dead.
    pub fn end(&self) {
        // Only the master's main thread writes it.
        if self.watched.phase.load(Ordering::Relaxed) % 2 == 1 {
            self.watched.phase.fetch_add(1, Ordering::Release);
        }
    }

    /// Was this node killed for being late?
    #[must_use]
    pub fn has_killed(&self, process: NodeProcess) -> bool {
        get(&self.watched.killed) == Some(process)
    }
}

fn get<T: Copy>(shared: &Mutex<T>) -> T {
    *shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set<T>(shared: &Mutex<T>, value: T) {
    *shared.lock().unwrap_or_else(PoisonError::into_inner) = value;
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
            let process = get(&self.process);
            set(&self.killed, process);
            if let Some(process) = process {
                process.end();
            }
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
