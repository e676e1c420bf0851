//! The closed loop: every client does one operation after the other, and what ended within the window counts.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time;

use crate::arguments::{Run, Workload};
use crate::figure::Figure;
use crate::system::{Client, Connecting, Failure};
use crate::usage::{self, Usage};

/// The keys of each client, used in turn.
const KEYS: u64 = 16;
/// The bytes of a value.
const VALUE_BYTES: usize = 64;
/// How long a client waits after an operation that failed, so that it does not fill the window with failures.
const PAUSE: Duration = Duration::from_millis(10);
/// How long it may take until every key is written: the servers begin and find a leader, and the clients connect.
const FILLED_WITHIN: Duration = Duration::from_secs(60);
/// How long clients may take after the window: for what is under way, and to read what they wrote.
const CHECKED_WITHIN: Duration = Duration::from_secs(30);

/// What one client has seen within the window, or all of them.
#[derive(Default)]
struct Seen {
    latencies_ns: Vec<u64>,
    errors: u64,
}

/// When operations are counted.
#[derive(Clone, Copy)]
struct Window {
    from: Instant,
    until: Instant,
}

/// One client with its keys.
struct Worker {
    client: Client,
    number: usize,
    operations: u64,
}

/// Connects, writes every key once, warms up, and measures.
pub async fn measure(run: &Run) -> Result<Figure, Failure> {
    let connecting = Connecting {
        clients: usize::try_from(run.clients)?,
        connections: run.connections,
        to: run.to,
        servers: &run.servers,
    };
    let filled = time::timeout(FILLED_WITHIN, async { fill(run.system.connect(&connecting).await?).await }).await;
    let workers = filled.map_err(|_| format!("not every key was written within {FILLED_WITHIN:?}"))??;
    let from = Instant::now() + Duration::from_secs(run.warm_up_seconds);
    let window = Window { from, until: from + Duration::from_secs(run.seconds) };
    let mut tasks = JoinSet::new();
    for worker in workers {
        tasks.spawn_local(work(worker, run.workload, window));
    }
    time::sleep_until(window.from.into()).await;
    let before = Usage::of(&run.processes)?;
    let own_before = Usage::own()?;
    time::sleep_until(window.until.into()).await;
    let used = Usage::of(&run.processes)?.since(&before);
    let own_used = Usage::own()?.since(&own_before);
    let seen = time::timeout(CHECKED_WITHIN, gather(tasks)).await;
    let mut seen = seen.map_err(|_| format!("a client had no answer {CHECKED_WITHIN:?} after the window"))??;
    if seen.latencies_ns.is_empty() {
        return Err("no operation was answered within the window".into());
    }
    seen.latencies_ns.sort_unstable();
    Ok(Figure {
        name: run.name.clone(),
        round: run.round,
        workload: run.workload,
        clients: run.clients,
        seconds: run.seconds,
        operations: u64::try_from(seen.latencies_ns.len())?,
        errors: seen.errors,
        median_ns: percentile(&seen.latencies_ns, 50),
        percentile_99_ns: percentile(&seen.latencies_ns, 99),
        servers_processor_ms: used.processor_ms,
        load_processor_ms: own_used.processor_ms,
        servers_memory_bytes: usage::most_memory_bytes(&run.processes)?,
        servers_written_bytes: used.written_bytes,
    })
}

/// Writes every key of every client once, all clients at the same time.
async fn fill(clients: Vec<Client>) -> Result<Vec<Worker>, Failure> {
    let mut tasks = JoinSet::new();
    for (number, client) in clients.into_iter().enumerate() {
        tasks.spawn_local(async move {
            let mut worker = Worker { client, number, operations: 0 };
            for _ in 0..KEYS {
                worker.put().await?;
            }
            Ok::<Worker, Failure>(worker)
        });
    }
    let mut workers = Vec::new();
    while let Some(task) = tasks.join_next().await {
        workers.push(task??);
    }
    Ok(workers)
}

/// What all clients have seen, once they are done.
async fn gather(mut tasks: JoinSet<Result<Seen, Failure>>) -> Result<Seen, Failure> {
    let mut all = Seen::default();
    while let Some(task) = tasks.join_next().await {
        let one = task??;
        all.latencies_ns.extend(one.latencies_ns);
        all.errors += one.errors;
    }
    Ok(all)
}

/// What one client does until the window ends; then it reads what it wrote.
async fn work(mut worker: Worker, workload: Workload, window: Window) -> Result<Seen, Failure> {
    let mut seen = Seen::default();
    loop {
        let begun = Instant::now();
        if begun >= window.until {
            break;
        }
        let outcome = match workload {
            Workload::Put => worker.put().await,
            Workload::Get => worker.get().await,
        };
        let ended = Instant::now();
        let counts = ended >= window.from && ended < window.until;
        match outcome {
            Ok(()) if counts => seen.latencies_ns.push(u64::try_from((ended - begun).as_nanos())?),
            Ok(()) => {}
            Err(failure) => {
                eprintln!("load: client {}: {failure}", worker.number);
                seen.errors += u64::from(counts);
                time::sleep(PAUSE).await;
            }
        }
    }
    if workload == Workload::Put && seen.errors == 0 {
        worker.check_all().await?;
    }
    Ok(seen)
}

impl Worker {
    /// Writes the next key.
    async fn put(&mut self) -> Result<(), Failure> {
        let operation = self.operations;
        self.operations += 1;
        self.client.put(&self.key(operation), &self.value(operation)).await
    }

    /// Reads the next key, which has the value it was filled with.
    async fn get(&mut self) -> Result<(), Failure> {
        let key_number = self.operations % KEYS;
        self.operations += 1;
        self.check(key_number).await
    }

    /// Reads every key, which has the value that was written last.
    async fn check_all(&mut self) -> Result<(), Failure> {
        for operation in self.operations - KEYS..self.operations {
            self.check(operation).await?;
        }
        Ok(())
    }

    /// Reads the key of an operation, whose value has to be there.
    async fn check(&mut self, operation: u64) -> Result<(), Failure> {
        let key = self.key(operation);
        let wanted = self.value(operation);
        match self.client.get(&key).await? {
            Some(found) if found == wanted => Ok(()),
            found => Err(format!("{key} has to be {wanted:?}, and is {found:?}").into()),
        }
    }

    /// The key of an operation.
    fn key(&self, operation: u64) -> String {
        format!("client-{:04}/key-{:02}", self.number, operation % KEYS)
    }

    /// The value that an operation writes, different for each.
    fn value(&self, operation: u64) -> String {
        let digits = VALUE_BYTES / 2;
        format!("{:0digits$}{operation:0digits$}", self.number)
    }
}

/// The least of the sorted values that so many percent of them do not exceed.
fn percentile(sorted: &[u64], percent: usize) -> u64 {
    sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let sorted: Vec<u64> = (1..=200).collect();
        assert_eq!([percentile(&sorted, 50), percentile(&sorted, 99)], [100, 198]);
        assert_eq!([percentile(&[7], 50), percentile(&[7], 99)], [7, 7]);
    }
}
