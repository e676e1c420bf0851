//! Clients of splitbrain's servers by hand: the library's own, as `client bench` runs them.
//!
//! Every client has a session of its own and a connection to each server, and asks the one that leads. Until there is one,
//! an operation waits.

use std::rc::Rc;

use splitbrain::base::{NodeName, Span};
use splitbrain::node::DEFAULT_CLUSTER;
use splitbrain::protocol::Protocol;
use splitbrain::store::{Operation, Value};
use splitbrain::tcp::client::{ClientOptions, Handle, run_here};
use splitbrain::tcp::cluster::Cluster;
use splitbrain::tcp::links::Tell;
use splitbrain::wire::control::InvokeOk;
use splitbrain::wire::{Completion, ErrorCode};
use tokio::task::spawn_local;

use crate::system::{Connecting, Failure};

/// One client, until this is dropped.
pub struct Client {
    handle: Handle,
}

impl Client {
    /// Writes.
    pub async fn put(&mut self, key: &str, value: &str) -> Result<(), Failure> {
        self.carry_out(Operation::Put { key: Value::text(key), value: Value::text(value) }).await?;
        Ok(())
    }

    /// Reads, in the way that the servers were started with.
    pub async fn get(&mut self, key: &str) -> Result<Option<String>, Failure> {
        match self.carry_out(Operation::Get { key: Value::text(key) }).await? {
            Some(Value::Text(text)) => Ok(Some(text.to_string())),
            Some(other) => Err(format!("{key} is no text, but {}", other.repr()).into()),
            None => Ok(None),
        }
    }

    /// The value that was read, if there is one.
    async fn carry_out(&mut self, operation: Operation) -> Result<Option<Value>, Failure> {
        match self.handle.invoke(operation).await {
            Some(Completion::Ok(InvokeOk { value, .. })) => Ok(value),
            Some(Completion::Error(error)) if error.code == ErrorCode::KEY_DOES_NOT_EXIST => Ok(None),
            Some(Completion::Error(error)) => Err(format!("{}: {}", error.code.name(), error.text).into()),
            None => Err("this client has left".into()),
        }
    }
}

/// Begins all clients. They connect on their own.
pub fn connect(connecting: &Connecting<'_>, protocol: &str) -> Result<Vec<Client>, Failure> {
    let protocol = Protocol::named(protocol).ok_or_else(|| format!("there is no protocol {protocol}"))?;
    let servers = (1..).map(NodeName::server).zip(connecting.servers.iter().copied());
    let cluster = Cluster { name: DEFAULT_CLUSTER.to_owned(), addresses: servers.collect() };
    let numbers = 1..=u32::try_from(connecting.clients)?;
    Ok(numbers.map(|number| begin(NodeName::client(number), cluster.clone(), protocol)).collect())
}

/// Begins one client. Why it leaves, if it does, is printed; what it waits for, of the first one only, as all wait for the same.
fn begin(node: NodeName, cluster: Cluster, protocol: &'static Protocol) -> Client {
    let (handle, orders) = Handle::new();
    let tell: Tell = match node.number {
        1 => Rc::new(|text| eprintln!("load: client 1: {text}")),
        _ => Rc::new(|_| {}),
    };
    let options = ClientOptions { node, cluster, protocol, delay: Span(0), recorder: None, watch: None, tell };
    spawn_local(async move {
        if let Err(error) = run_here(options, orders).await {
            eprintln!("load: {}: {error}", node.in_words());
        }
    });
    Client { handle }
}
