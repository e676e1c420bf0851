//! Random scripts: drawn by a key, so that a number names one for good, and shortened by dropping commands.

use std::collections::BTreeSet;
use std::fmt;

use splitbrain::base::Draw;

/// A command of a script; times in microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    JoinClient(u32, u32),
    BreakConnection(u32, u32),
    CreateConnection(u32, u32),
    Cut(u32, u32),
    Mend(u32, u32),
    /// With its jitter.
    Delay(u32, u32, u64, u64),
    Wait(u64),
    Stabilize,
    Put(u32, String, String),
    Get(u32, String),
    PrintStore(u32),
}

/// The client has this server only, nothing is under way to it, and so the put is its next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrashingPut {
    pub client: u32,
    pub server: u32,
    /// After so many outputs; more than there are is no crash.
    pub outputs: u64,
    pub key: String,
    pub value: String,
}

/// How long everything that is under way takes at most, in microseconds.
pub const EVERYTHING_ARRIVES_US: u64 = 3_000_000;

impl Command {
    /// The longest delay that it sets.
    pub fn longest_delay(&self) -> u64 {
        if let Self::Delay(_, _, delay, jitter) = self { delay + jitter } else { 0 }
    }
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
            Self::JoinClient(client, server) => write!(formatter, "joinClient {client} {server}"),
            Self::BreakConnection(one, other) => write!(formatter, "breakConnection {one} {other}"),
            Self::CreateConnection(one, other) => write!(formatter, "createConnection {one} {other}"),
            Self::Cut(one, other) => write!(formatter, "cut {one} {other}"),
            Self::Mend(one, other) => write!(formatter, "mend {one} {other}"),
            Self::Delay(one, other, delay, 0) => write!(formatter, "delay {one} {other} {delay}us"),
            Self::Delay(one, other, delay, jitter) => {
                write!(formatter, "delay {one} {other} {delay}us jitter {jitter}us")
            }
            Self::Wait(span) => write!(formatter, "wait {span}us"),
            Self::Stabilize => formatter.write_str("stabilize"),
            Self::Put(client, key, value) => write!(formatter, "put {client} {key} {value}"),
            Self::Get(client, key) => write!(formatter, "get {client} {key}"),
            Self::PrintStore(server) => write!(formatter, "printStore {server}"),
        }
    }
}

/// The text of a script.
pub fn text_of(commands: &[Command]) -> String {
    commands.iter().map(|command| format!("{command}\n")).collect()
}

/// A script in the making.
struct Writer {
    draw: Draw,
    drawn: u64,
    servers: Vec<u32>,
    clients: Vec<u32>,
    dead: BTreeSet<u32>,
    free_ids: Vec<u32>,
    keys: u64,
    puts: u64,
    /// How often each kind of command is drawn. A script draws first which faults it has at all.
    weights: Vec<(Kind, u64)>,
    commands: Vec<Command>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Put,
    Get,
    PrintStore,
    Stabilize,
    Move,
    JoinServer,
    JoinClient,
    Kill,
    Restart,
    Crash,
    /// Started again, with all cuts.
    RestartWithCuts,
    Wipe,
    FailingStart,
    CrashingPut,
    /// Killed, and started again at once: what was on its way is for a life that is over.
    Bounce,
    BreakServers,
    ConnectServers,
    BreakClient,
    ConnectClient,
    Cut,
    Mend,
    Delay,
    Wait,
}

/// The script of this number: 20 to 120 commands, without mistakes.
pub fn generate(number: u64) -> Vec<Command> {
    let draw = Draw::of(2026).named("script").numbered(number);
    let mut writer = Writer {
        draw,
        drawn: 0,
        servers: Vec::new(),
        clients: Vec::new(),
        dead: BTreeSet::new(),
        free_ids: Vec::new(),
        keys: 0,
        puts: 0,
        weights: Vec::new(),
        commands: Vec::new(),
    };
    writer.begin();
    let length = 20 + writer.below(101);
    while (writer.commands.len() as u64) < length {
        writer.add();
    }
    writer.commands
}

impl Writer {
    fn below(&mut self, bound: u64) -> u64 {
        self.drawn += 1;
        self.draw.numbered(self.drawn).below(bound)
    }

    fn one_of(&mut self, ids: &[u32]) -> Option<u32> {
        if ids.is_empty() {
            return None;
        }
        let index = self.below(ids.len() as u64);
        Some(ids[usize::try_from(index).expect("an index")])
    }

    fn begin(&mut self) {
        self.free_ids = (0..14).map(|number| if number % 3 == 0 { 8000 + number } else { number }).collect();
        self.keys = 1 + self.below(5);
        use Kind as K;
        self.weights = vec![(K::Put, 30), (K::Get, 24), (K::PrintStore, 8), (K::Stabilize, 3), (K::Move, 4)];
        let faults: [&[(Kind, u64)]; 7] = [
            &[(K::Kill, 2), (K::Restart, 4), (K::Bounce, 2)],
            &[(K::Crash, 2), (K::RestartWithCuts, 5), (K::Wipe, 1), (K::FailingStart, 1), (K::CrashingPut, 3)],
            &[(K::BreakServers, 8), (K::ConnectServers, 5)],
            &[(K::BreakClient, 3), (K::ConnectClient, 8)],
            &[(K::Cut, 3), (K::Mend, 6)],
            &[(K::Delay, 4), (K::Wait, 4)],
            &[(K::JoinServer, 1), (K::JoinClient, 1)],
        ];
        for fault in faults {
            if self.below(2) == 0 {
                self.weights.extend(fault);
            }
        }
        for _ in 0..1 + self.below(5) {
            self.join_server();
        }
        for _ in 0..1 + self.below(4) {
            self.join_client();
        }
        if self.below(3) == 0 {
            self.thin_out();
        }
    }

    /// A network with long ways: half of the links between servers are broken, some of the others slow.
    fn thin_out(&mut self) {
        let servers = self.servers.clone();
        for (index, &one) in servers.iter().enumerate() {
            for &other in &servers[..index] {
                match self.below(4) {
                    0 | 1 => self.commands.push(Command::BreakConnection(one, other)),
                    2 => {
                        let delay = self.delay(one, other);
                        self.commands.push(delay);
                    }
                    _ => {}
                }
            }
        }
    }

    fn delay(&mut self, one: u32, other: u32) -> Command {
        let delay = [0, 1_000, 2_000, 3_500, 50_000, 700_000][usize::try_from(self.below(6)).expect("an index")];
        let jitter = if self.below(3) == 0 { delay / 2 } else { 0 };
        Command::Delay(one, other, delay, jitter)
    }

    fn new_id(&mut self) -> Option<u32> {
        let id = self.one_of(&self.free_ids.clone())?;
        self.free_ids.retain(|free| *free != id);
        Some(id)
    }

    fn join_server(&mut self) {
        let Some(id) = self.new_id() else { return };
        self.servers.push(id);
        self.commands.push(Command::JoinServer(id));
    }

    fn join_client(&mut self) {
        let (Some(server), Some(id)) = (self.server(), self.new_id()) else { return };
        self.clients.push(id);
        self.commands.push(Command::JoinClient(id, server));
    }

    /// Mostly a live one.
    fn server(&mut self) -> Option<u32> {
        let live: Vec<_> = self.servers.iter().copied().filter(|server| !self.dead.contains(server)).collect();
        let all = self.servers.clone();
        if live.is_empty() || self.below(12) == 0 { self.one_of(&all) } else { self.one_of(&live) }
    }

    fn dead_server(&mut self) -> Option<u32> {
        let dead: Vec<_> = self.dead.iter().copied().collect();
        self.one_of(&dead)
    }

    /// At a live server; one crash in so many comes too late.
    fn crashing_put(&mut self) -> Option<Command> {
        let live: Vec<_> = self.servers.iter().copied().filter(|server| !self.dead.contains(server)).collect();
        let (client, server) = (self.client()?, self.one_of(&live)?);
        self.puts += 1;
        let of_a_put = self.servers.len() as u64 + 2;
        let outputs = self.below(of_a_put + 1);
        self.dead.insert(server);
        let (key, value) = (self.key(), format!("value{}", self.puts));
        Some(Command::CrashingPut(CrashingPut { client, server, outputs, key, value }))
    }

    fn client(&mut self) -> Option<u32> {
        self.one_of(&self.clients.clone())
    }

    fn key(&mut self) -> String {
        format!("key{}", self.below(self.keys))
    }

    /// Two ends of a link, in either order.
    fn ends(&mut self, one: Option<u32>, other: Option<u32>) -> Option<(u32, u32)> {
        let (one, other) = (one?, other?);
        if one == other {
            return None;
        }
        Some(if self.below(2) == 0 { (one, other) } else { (other, one) })
    }

    fn ends_among_servers(&mut self) -> Option<(u32, u32)> {
        let (one, other) = (self.server(), self.server());
        self.ends(one, other)
    }

    fn ends_of_client(&mut self) -> Option<(u32, u32)> {
        let (one, other) = (self.client(), self.server());
        self.ends(one, other)
    }

    fn any_ends(&mut self) -> Option<(u32, u32)> {
        if self.below(3) == 0 { self.ends_of_client() } else { self.ends_among_servers() }
    }

    fn add(&mut self) {
        let mut number = self.below(self.weights.iter().map(|(_, weight)| weight).sum());
        let drawn = self.weights.iter().find(|(_, weight)| match number.checked_sub(*weight) {
            Some(rest) => {
                number = rest;
                false
            }
            None => true,
        });
        let kind = drawn.expect("below the sum").0;
        match kind {
            Kind::JoinServer => self.join_server(),
            Kind::JoinClient => self.join_client(),
            Kind::Bounce => {
                let kill = self.command(Kind::Kill);
                self.commands.extend(kill);
                let restart = self.command(Kind::Restart);
                self.commands.extend(restart);
            }
            _ => {
                let command = self.command(kind);
                self.commands.extend(command);
            }
        }
    }

    /// A command of this kind, if there is one that makes sense now.
    fn command(&mut self, kind: Kind) -> Option<Command> {
        Some(match kind {
            Kind::Put => {
                self.puts += 1;
                Command::Put(self.client()?, self.key(), format!("value{}", self.puts))
            }
            Kind::Get => Command::Get(self.client()?, self.key()),
            Kind::PrintStore => Command::PrintStore(self.server()?),
            Kind::Stabilize => Command::Stabilize,
            Kind::Move => Command::JoinClient(self.client()?, self.server()?),
            Kind::Kill => {
                let server = self.server()?;
                self.dead.insert(server);
                Command::KillServer(server)
            }
            Kind::Crash => {
                let server = self.server()?;
                self.dead.insert(server);
                Command::CrashServer(server)
            }
            Kind::Restart => {
                let server = self.dead_server()?;
                self.dead.remove(&server);
                Command::JoinServer(server)
            }
            Kind::RestartWithCuts => {
                let server = self.dead_server()?;
                self.dead.remove(&server);
                Command::RestartServer(server)
            }
            Kind::Wipe => Command::WipeDisk(self.dead_server()?),
            Kind::FailingStart => Command::FailingStart(self.dead_server()?, self.below(3)),
            Kind::CrashingPut => self.crashing_put()?,
            Kind::BreakServers => self.ends_among_servers().map(|(one, other)| Command::BreakConnection(one, other))?,
            Kind::ConnectServers => {
                self.ends_among_servers().map(|(one, other)| Command::CreateConnection(one, other))?
            }
            Kind::BreakClient => self.ends_of_client().map(|(one, other)| Command::BreakConnection(one, other))?,
            Kind::ConnectClient => self.ends_of_client().map(|(one, other)| Command::CreateConnection(one, other))?,
            Kind::Cut => self.any_ends().map(|(one, other)| Command::Cut(one, other))?,
            Kind::Mend => self.mend()?,
            Kind::Delay => {
                let (one, other) = self.any_ends()?;
                self.delay(one, other)
            }
            Kind::Wait => {
                Command::Wait([500, 1_000, 60_000, 2_000_000][usize::try_from(self.below(4)).expect("an index")])
            }
            Kind::JoinServer | Kind::JoinClient | Kind::Bounce => unreachable!("they are added, not made"),
        })
    }

    /// Mostly of a link that was cut, so that scripts do not end with every link cut.
    fn mend(&mut self) -> Option<Command> {
        let cut = |command: &Command| match command {
            Command::Cut(one, other) => Some((*one, *other)),
            _ => None,
        };
        let cuts: Vec<_> = self.commands.iter().filter_map(cut).collect();
        if cuts.is_empty() {
            return None;
        }
        let (one, other) = cuts[usize::try_from(self.below(cuts.len() as u64)).expect("an index")];
        Some(Command::Mend(one, other))
    }
}

/// Drops commands for as long as what is left still fails: ever smaller groups, until no single one can go.
pub fn shrink(commands: &[Command], fails: impl Fn(&[Command]) -> bool) -> Vec<Command> {
    let mut kept = commands.to_vec();
    let mut group = kept.len();
    while group > 0 {
        let mut start = 0;
        let mut dropped = false;
        while start < kept.len() {
            let mut shorter = kept.clone();
            shorter.drain(start..(start + group).min(kept.len()));
            if fails(&shorter) {
                kept = shorter;
                dropped = true;
            } else {
                start += group;
            }
        }
        if !dropped || group > 1 {
            group /= 2;
        }
    }
    kept
}
