//! Clients that ask without end, each one operation after the other: puts of values of which no two are equal, gets, and
//! comparisons.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::client::Client;
use super::cluster::Cluster;
use super::draws::Draws;
use super::history::Asked;
use super::waiting::eventually;

/// How many keys: so few that operations of different clients meet.
const KEYS: u64 = 4;
/// How long a client rests between two operations: chains stay short enough to be printed.
const REST: Duration = Duration::from_millis(2);

pub struct Load {
    shared: Arc<Shared>,
    clients: Vec<JoinHandle<Vec<Asked>>>,
}

#[derive(Default)]
struct Shared {
    /// Each client ends with the operation that it waits for.
    is_ending: AtomicBool,
    /// Nobody waits any more.
    is_given_up: AtomicBool,
    answered: AtomicU64,
}

impl Load {
    /// Clients with these numbers begin.
    pub fn begin(cluster: &Cluster, numbers: RangeInclusive<u32>, seed: u64) -> Self {
        let shared = Arc::new(Shared::default());
        let begin = |number| {
            let (client, shared) = (cluster.client(number), Arc::clone(&shared));
            let draws = Draws::new(seed.wrapping_add(u64::from(number)));
            thread::spawn(move || ask(client, draws, &shared))
        };
        let clients = numbers.map(begin).collect();
        Self { shared, clients }
    }

    /// Waits until so many more operations are answered.
    pub fn wait_for_progress(&self, more: u64) {
        let enough = self.shared.answered.load(Ordering::Relaxed) + more;
        eventually("more is answered", || {
            assert!(!self.clients.iter().any(JoinHandle::is_finished), "a client has left");
            self.shared.answered.load(Ordering::Relaxed) >= enough
        });
    }

    /// Waits until everything that was asked is answered.
    pub fn end(mut self) -> Vec<Asked> {
        self.shared.is_ending.store(true, Ordering::Relaxed);
        let clients = std::mem::take(&mut self.clients);
        clients.into_iter().flat_map(|client| client.join().expect("the client was answered")).collect()
    }
}

/// A test that fails leaves no client behind.
impl Drop for Load {
    fn drop(&mut self) {
        self.shared.is_given_up.store(true, Ordering::Relaxed);
        self.shared.is_ending.store(true, Ordering::Relaxed);
        for client in self.clients.drain(..) {
            // Why it failed has been said.
            let _ = client.join();
        }
    }
}

fn ask(mut client: Client, mut draws: Draws, shared: &Shared) -> Vec<Asked> {
    let mut count = 0;
    while !shared.is_ending.load(Ordering::Relaxed) {
        let key = draws.below(KEYS);
        // No two clients, and no two operations of one, write the same.
        let line = match draws.below(10) {
            0..6 => format!("put 'k{key}' {}", number(&client, count)),
            6..9 => format!("get 'k{key}'"),
            _ => format!("cas 'k{key}' {} {}", number(&client, count.saturating_sub(1)), number(&client, count)),
        };
        count += 1;
        client.begin(&line);
        if client.answer_unless(&shared.is_given_up).is_none() {
            break;
        }
        shared.answered.fetch_add(1, Ordering::Relaxed);
        thread::sleep(REST);
    }
    client.history()
}

fn number(client: &Client, count: u64) -> u64 {
    u64::from(client.number()) * 1_000_000 + count
}
