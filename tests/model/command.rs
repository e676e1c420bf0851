//! The commands of random scripts, as data; times in microseconds.
//!
//! Deliberately missing: who may stand where. The writer of scripts knows who has joined.

use std::collections::BTreeSet;
use std::fmt;

/// A command of a script. A few stand for several lines that belong together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Command {
    JoinServer(u32),
    KillServer(u32),
    CrashServer(u32),
    RestartServer(u32),
    /// Of a dead server.
    WipeDisk(u32),
    /// A start that a crash ends after so many outputs, at most two: those of a start.
    FailingStart(u32, u64),
    /// A put to a server that crashes in the middle of it.
    CrashingPut(CrashingPut),
    Pause(u32),
    Resume(u32),
    JoinClient(u32, u32),
    BreakConnection(u32, u32),
    CreateConnection(u32, u32),
    Cut(Links),
    Mend(Links),
    Hold(Links),
    Release(Links),
    /// All messages are lost, or none.
    Loss(Links, Part),
    Partition(Vec<Vec<u32>>),
    Isolate(u32),
    Heal,
    /// With its jitter.
    Delay(Links, u64, u64),
    Wait(u64),
    Stabilize,
    Operation(Operation),
    Async(String, Operation),
    Await(String),
    /// These start at one instant.
    Par(Vec<Command>),
    /// When a server sends a write to another, or to any.
    When(u32, Option<u32>, Box<Command>),
    PrintStore(u32),
}

/// What a client is asked to do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    pub client: u32,
    pub key: String,
    /// Of a put; a get has none.
    pub value: Option<String>,
}

/// The client has this server only, nothing is under way to it, and so the put is its next step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CrashingPut {
    pub client: u32,
    pub server: u32,
    /// After so many outputs; more than there are is no crash.
    pub outputs: u64,
    pub key: String,
    pub value: String,
}

/// How many messages of a link are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    None,
    All,
}

/// Links between two sets of nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Links {
    pub from: End,
    pub to: End,
    pub ways: Ways,
}

/// One end of links.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Everybody,
    These(Vec<u32>),
}

/// Which directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ways {
    Both,
    One,
}

/// How long everything that is under way takes at most, in microseconds.
pub const EVERYTHING_ARRIVES_US: u64 = 3_000_000;

impl Command {
    /// The longest delay that it sets.
    pub fn longest_delay(&self) -> u64 {
        match self {
            Self::Delay(_, delay, jitter) => delay + jitter,
            Self::Par(lines) => lines.iter().map(Self::longest_delay).max().unwrap_or(0),
            Self::When(_, _, held) => held.longest_delay(),
            _ => 0,
        }
    }

    /// Is the other a command that ends faults of this kind?
    pub fn is_undone_by(&self, other: &Self) -> bool {
        matches!(
            (self, other),
            (Self::Hold(_), Self::Release(_))
                | (Self::Loss(_, Part::All), Self::Loss(_, Part::None))
                | (Self::Pause(_), Self::Resume(_))
        )
    }
}

impl Links {
    /// Both ways between two nodes.
    pub fn between(one: u32, other: u32) -> Self {
        Self { from: End::These(vec![one]), to: End::These(vec![other]), ways: Ways::Both }
    }

    /// All links that there are.
    pub fn all() -> Self {
        Self { from: End::Everybody, to: End::Everybody, ways: Ways::Both }
    }

    /// Each direction by itself; `all` are the nodes that have joined. A node has no link with itself.
    pub fn directed(&self, all: &[u32]) -> BTreeSet<(u32, u32)> {
        let there = |from: &End, to: &End| -> Vec<(u32, u32)> {
            from.nodes(all).iter().flat_map(|&from| to.nodes(all).iter().map(move |&to| (from, to))).collect()
        };
        let back = match self.ways {
            Ways::Both => there(&self.to, &self.from),
            Ways::One => Vec::new(),
        };
        there(&self.from, &self.to).into_iter().chain(back).filter(|(from, to)| from != to).collect()
    }
}

impl End {
    fn nodes<'e>(&'e self, all: &'e [u32]) -> &'e [u32] {
        match self {
            Self::Everybody => all,
            Self::These(nodes) => nodes,
        }
    }
}

/// The text of a script.
pub fn text_of(commands: &[Command]) -> String {
    commands.iter().map(|command| format!("{command}\n")).collect()
}

impl fmt::Display for Command {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::JoinServer(server) => write!(formatter, "joinServer {server}"),
            Self::KillServer(server) => write!(formatter, "killServer {server}"),
            Self::CrashServer(server) => write!(formatter, "crash {server}"),
            Self::RestartServer(server) => write!(formatter, "restart {server}"),
            Self::WipeDisk(server) => write!(formatter, "disk {server} wipe"),
            Self::FailingStart(server, outputs) => {
                write!(formatter, "crash {server} after {outputs} outputs\njoinServer {server}")
            }
            Self::CrashingPut(CrashingPut { client, server, outputs, key, value }) => write!(
                formatter,
                "joinClient {client} {server}\nwait {EVERYTHING_ARRIVES_US}us\ncrash {server} after {outputs} outputs\n\
                 put {client} {key} {value}"
            ),
            Self::Pause(server) => write!(formatter, "pause {server}"),
            Self::Resume(server) => write!(formatter, "resume {server}"),
            Self::JoinClient(client, server) => write!(formatter, "joinClient {client} {server}"),
            Self::BreakConnection(one, other) => write!(formatter, "breakConnection {one} {other}"),
            Self::CreateConnection(one, other) => write!(formatter, "createConnection {one} {other}"),
            Self::Cut(links) => write!(formatter, "cut {links}"),
            Self::Mend(links) => write!(formatter, "mend {links}"),
            Self::Hold(links) => write!(formatter, "hold {links}"),
            Self::Release(links) => write!(formatter, "release {links}"),
            Self::Loss(links, Part::None) => write!(formatter, "loss {links} 0%"),
            Self::Loss(links, Part::All) => write!(formatter, "loss {links} 100%"),
            Self::Partition(groups) => {
                let groups: Vec<_> = groups.iter().map(|group| in_a_row(group, " ")).collect();
                write!(formatter, "partition {}", groups.join(" | "))
            }
            Self::Isolate(node) => write!(formatter, "isolate {node}"),
            Self::Heal => formatter.write_str("heal"),
            Self::Delay(links, delay, 0) => write!(formatter, "delay {links} {delay}us"),
            Self::Delay(links, delay, jitter) => write!(formatter, "delay {links} {delay}us jitter {jitter}us"),
            Self::Wait(span) => write!(formatter, "wait {span}us"),
            Self::Stabilize => formatter.write_str("stabilize"),
            Self::Operation(operation) => operation.fmt(formatter),
            Self::Async(name, operation) => write!(formatter, "async {name} = {operation}"),
            Self::Await(name) => write!(formatter, "await {name}"),
            Self::Par(lines) => write!(formatter, "par\n{}end", text_of(lines)),
            Self::When(from, Some(to), command) => write!(formatter, "when {from} sends write to {to}: {command}"),
            Self::When(from, None, command) => write!(formatter, "when {from} sends write to *: {command}"),
            Self::PrintStore(server) => write!(formatter, "printStore {server}"),
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, key, value } = self;
        match value {
            Some(value) => write!(formatter, "put {client} {key} {value}"),
            None => write!(formatter, "get {client} {key}"),
        }
    }
}

impl fmt::Display for Links {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ways {
            Ways::Both => write!(formatter, "{} {}", self.from, self.to),
            Ways::One => write!(formatter, "{} -> {}", self.from, self.to),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everybody => formatter.write_str("*"),
            Self::These(nodes) => formatter.write_str(&in_a_row(nodes, ",")),
        }
    }
}

fn in_a_row(nodes: &[u32], separator: &str) -> String {
    nodes.iter().map(u32::to_string).collect::<Vec<_>>().join(separator)
}
