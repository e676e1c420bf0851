//! One processor for the master and its nodes: in lockstep only one of them runs at a time, and a message that stays on
//! one processor is handed over about twice as fast as one that crosses to another.

use nix::sched::{CpuSet, sched_getcpu, sched_setaffinity};
use nix::unistd::Pid;

/// Keeps the calling thread, and every process that it starts, on the processor on which it runs now. Where that is not
/// allowed, nothing changes but the speed.
pub(super) fn stay_on_this_processor() {
    let mut processors = CpuSet::new();
    // A speed that was not gained is no reason to stop.
    let _ = sched_getcpu()
        .and_then(|processor| processors.set(processor))
        .and_then(|()| sched_setaffinity(Pid::from_raw(0), &processors));
}
