//! The one thread on which everything of a node runs.

use std::io;

use tokio::runtime::{Builder, LocalOptions};
use tokio::task::spawn_local;

/// How many tasks are run before it is looked whether more has arrived: more than there are connections, as a rule, so that all
/// that arrived together is looked at together.
const TASKS_BETWEEN_LOOKS: u32 = 1024;

/// Runs `main`, and what it starts, until it is done.
///
/// # Errors
/// The system gives nothing to wait for events with.
///
/// # Panics
/// If `main` does.
pub fn run<T: 'static>(main: impl Future<Output = T> + 'static) -> io::Result<T> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .event_interval(TASKS_BETWEEN_LOOKS)
        .global_queue_interval(TASKS_BETWEEN_LOOKS)
        .build_local(LocalOptions::default())?;
    // A task like all others comes behind those that read, when they are woken together: it finds all that they have read.
    Ok(runtime.block_on(async { spawn_local(main).await.expect("nobody ends it but itself") }))
}
