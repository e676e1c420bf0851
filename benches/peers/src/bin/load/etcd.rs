//! Clients of etcd, with the crate etcd-client on tonic.
//!
//! Clients share connections (HTTP/2 carries many requests at once), as etcd's own benchmark tool does it with `--conns`.
//! The defaults of [`crate::arguments`] are what is best for etcd: one connection, to the leader, on one thread. More
//! connections, all members or a second thread cost more processor time; the figures are in `docs/decisions.md`.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use etcd_client::KvClient;
use tokio::time;

use crate::arguments::Destination;
use crate::system::{Connecting, Failure};

/// How long the servers may take until they have a leader.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long to wait before a server is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// One client; it may share its connection with others.
pub struct Client {
    store: KvClient,
}

impl Client {
    /// Writes.
    pub async fn put(&mut self, key: &str, value: &str) -> Result<(), Failure> {
        self.store.put(key, value, None).await?;
        Ok(())
    }

    /// Reads, linearizable as etcd does it by default.
    pub async fn get(&mut self, key: &str) -> Result<Option<String>, Failure> {
        let mut answer = self.store.get(key, None).await?;
        match answer.take_kvs().pop() {
            Some(pair) => Ok(Some(String::from_utf8(pair.into_key_value().1)?)),
            None => Ok(None),
        }
    }
}

/// Waits until there is a leader, and connects all clients.
pub async fn connect(connecting: &Connecting<'_>) -> Result<Vec<Client>, Failure> {
    let leader = leader(connecting.servers).await?;
    let targets = match connecting.to {
        Destination::Leader => vec![leader],
        Destination::Servers => connecting.servers.to_vec(),
    };
    let mut stores = Vec::new();
    for connection in 0..connecting.connections.min(connecting.clients) {
        let target = targets[connection % targets.len()];
        stores.push(etcd_client::Client::connect([target.to_string()], None).await?.kv_client());
    }
    Ok((0..connecting.clients).map(|client| Client { store: stores[client % stores.len()].clone() }).collect())
}

/// The address of the leader, once all servers agree on it.
async fn leader(servers: &[SocketAddr]) -> Result<SocketAddr, Failure> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        let failure = match agreed_leader(servers).await {
            Ok(Some(leader)) => return Ok(leader),
            Ok(None) => "they do not agree on a leader".into(),
            Err(failure) => failure,
        };
        if Instant::now() > deadline {
            return Err(format!("etcd at {servers:?} is not ready after {READY_WITHIN:?}: {failure}").into());
        }
        time::sleep(PAUSE).await;
    }
}

/// The address of the leader that all servers name, if they name one.
async fn agreed_leader(servers: &[SocketAddr]) -> Result<Option<SocketAddr>, Failure> {
    let mut named = Vec::new();
    let mut leading = None;
    for server in servers {
        let status = etcd_client::Client::connect([server.to_string()], None).await?.status().await?;
        let member = status.header().map_or(0, etcd_client::ResponseHeader::member_id);
        if status.leader() == member {
            leading = Some(*server);
        }
        named.push(status.leader());
    }
    let agreed = named.iter().all(|leader| *leader != 0 && *leader == named[0]);
    Ok(leading.filter(|_| agreed))
}
