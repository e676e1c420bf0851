//! Random scripts: drawn by a key, so that a number names one for good.

use std::collections::BTreeSet;

use splitbrain::base::Draw;

use super::command::{Command, CrashingPut, End, Links, Operation, Part, Ways};

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
    /// The operations that nobody has awaited.
    unawaited: Vec<String>,
    begun: u64,
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
    Hold,
    Release,
    Loss,
    NoLoss,
    Partition,
    Isolate,
    Heal,
    Pause,
    Resume,
    Async,
    Await,
    Par,
    When,
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
        unawaited: Vec::new(),
        begun: 0,
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
        let faults: [&[(Kind, u64)]; 14] = [
            &[(K::Kill, 2), (K::Restart, 4), (K::Bounce, 2)],
            &[(K::Crash, 2), (K::RestartWithCuts, 5), (K::Wipe, 1), (K::FailingStart, 1), (K::CrashingPut, 3)],
            &[(K::BreakServers, 8), (K::ConnectServers, 5)],
            &[(K::BreakClient, 3), (K::ConnectClient, 8)],
            &[(K::Cut, 3), (K::Mend, 6)],
            &[(K::Hold, 3), (K::Release, 5)],
            &[(K::Loss, 1), (K::NoLoss, 3)],
            &[(K::Partition, 2), (K::Isolate, 1), (K::Heal, 3)],
            &[(K::Pause, 3), (K::Resume, 6)],
            &[(K::Async, 8), (K::Await, 4), (K::Wait, 3)],
            &[(K::Par, 6)],
            &[(K::When, 6)],
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
        Command::Delay(Links::between(one, other), delay, jitter)
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

    /// At a live server, of which nobody else wants anything; one crash in so many comes too late.
    fn crashing_put(&mut self) {
        let live: Vec<_> = self.servers.iter().copied().filter(|server| !self.dead.contains(server)).collect();
        let (Some(client), Some(server)) = (self.client(), self.one_of(&live)) else { return };
        self.puts += 1;
        let of_a_put = self.servers.len() as u64 + 2;
        let outputs = self.below(of_a_put + 1);
        self.dead.insert(server);
        let (key, value) = (self.key(), format!("value{}", self.puts));
        self.await_all();
        let link = || Links::between(client, server);
        for command in [Command::Release(link()), Command::Loss(link(), Part::None), Command::Resume(server)] {
            if self.commands.iter().any(|earlier| earlier.is_undone_by(&command)) {
                self.commands.push(command);
            }
        }
        self.commands.push(Command::CrashingPut(CrashingPut { client, server, outputs, key, value }));
    }

    fn await_all(&mut self) {
        let unawaited = std::mem::take(&mut self.unawaited);
        self.commands.extend(unawaited.into_iter().map(Command::Await));
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
            Kind::Stabilize => self.stabilize(),
            Kind::CrashingPut => self.crashing_put(),
            _ => {
                let command = self.command(kind);
                self.commands.extend(command);
            }
        }
    }

    /// While clients do nothing, and no message is lost by chance: otherwise it is left open what comes of it.
    fn stabilize(&mut self) {
        self.await_all();
        let no_loss = Command::Loss(Links::all(), Part::None);
        if self.commands.iter().any(|command| command.is_undone_by(&no_loss)) {
            self.commands.push(no_loss);
        }
        self.commands.push(Command::Stabilize);
    }

    /// A command of this kind, if there is one that makes sense now.
    fn command(&mut self, kind: Kind) -> Option<Command> {
        Some(match kind {
            Kind::Put => Command::Operation(self.put()?),
            Kind::Get => Command::Operation(self.get()?),
            Kind::PrintStore => Command::PrintStore(self.server()?),
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
            Kind::BreakServers => self.ends_among_servers().map(|(one, other)| Command::BreakConnection(one, other))?,
            Kind::ConnectServers => {
                self.ends_among_servers().map(|(one, other)| Command::CreateConnection(one, other))?
            }
            Kind::BreakClient => self.ends_of_client().map(|(one, other)| Command::BreakConnection(one, other))?,
            Kind::ConnectClient => self.ends_of_client().map(|(one, other)| Command::CreateConnection(one, other))?,
            Kind::Cut => Command::Cut(self.links()?),
            Kind::Mend => Command::Mend(self.earlier(|command| match command {
                Command::Cut(links) => Some(links.clone()),
                _ => None,
            })?),
            Kind::Hold => Command::Hold(self.links()?),
            Kind::Release => Command::Release(self.earlier(|command| match command {
                Command::Hold(links) => Some(links.clone()),
                _ => None,
            })?),
            Kind::Loss => Command::Loss(self.links()?, Part::All),
            Kind::NoLoss => {
                let links = self.earlier(|command| match command {
                    Command::Loss(links, Part::All) => Some(links.clone()),
                    _ => None,
                })?;
                Command::Loss(links, Part::None)
            }
            Kind::Partition => self.partition()?,
            Kind::Isolate => Command::Isolate(self.server()?),
            Kind::Heal => Command::Heal,
            Kind::Pause => Command::Pause(self.server()?),
            Kind::Resume => Command::Resume(self.earlier(|command| match command {
                Command::Pause(server) => Some(*server),
                _ => None,
            })?),
            Kind::Async => self.begin_operation()?,
            Kind::Await => {
                let index = self.index(self.unawaited.len())?;
                Command::Await(self.unawaited.remove(index))
            }
            Kind::Par => self.block()?,
            Kind::When => self.condition()?,
            Kind::Delay => {
                let (one, other) = self.any_ends()?;
                self.delay(one, other)
            }
            Kind::Wait => {
                Command::Wait([500, 1_000, 60_000, 2_000_000][usize::try_from(self.below(4)).expect("an index")])
            }
            Kind::JoinServer | Kind::JoinClient | Kind::Bounce | Kind::Stabilize | Kind::CrashingPut => {
                unreachable!("they are added, not made")
            }
        })
    }

    fn put(&mut self) -> Option<Operation> {
        self.puts += 1;
        Some(Operation { client: self.client()?, key: self.key(), value: Some(format!("value{}", self.puts)) })
    }

    fn get(&mut self) -> Option<Operation> {
        Some(Operation { client: self.client()?, key: self.key(), value: None })
    }

    fn operation(&mut self) -> Option<Operation> {
        if self.below(2) == 0 { self.put() } else { self.get() }
    }

    /// One that nobody waits for at once.
    fn begin_operation(&mut self) -> Option<Command> {
        let operation = self.operation()?;
        self.begun += 1;
        let name = format!("operation{}", self.begun);
        self.unawaited.push(name.clone());
        Some(Command::Async(name, operation))
    }

    /// Two ends, mostly one node each; half of them one way only.
    fn links(&mut self) -> Option<Links> {
        let (one, other) = self.any_ends()?;
        let (from, to) = match self.below(8) {
            0 => (End::Everybody, End::These(vec![other])),
            1 => (End::These(vec![one]), End::Everybody),
            2 => {
                let third = self.server().filter(|&third| third != one && third != other)?;
                (End::These(vec![one, third]), End::These(vec![other]))
            }
            _ => (End::These(vec![one]), End::These(vec![other])),
        };
        let ways = if self.below(2) == 0 { Ways::Both } else { Ways::One };
        Some(Links { from, to, ways })
    }

    /// Servers to either side, or to none; now and then a client too.
    fn partition(&mut self) -> Option<Command> {
        let mut groups = vec![Vec::new(), Vec::new()];
        let nodes: Vec<_> = self.servers.iter().chain(&self.clients).copied().collect();
        for node in nodes {
            let side = if self.servers.contains(&node) { self.below(5) / 2 } else { self.below(6) };
            if let Some(group) = usize::try_from(side).ok().and_then(|side| groups.get_mut(side)) {
                group.push(node);
            }
        }
        groups.iter().all(|group| !group.is_empty()).then_some(Command::Partition(groups))
    }

    /// Operations that start at one instant, and now and then a fault among them.
    fn block(&mut self) -> Option<Command> {
        let mut lines = Vec::new();
        for _ in 0..2 + self.below(3) {
            let line = if self.below(4) == 0 { self.instant() } else { self.operation().map(Command::Operation) };
            lines.extend(line);
        }
        (!lines.is_empty()).then_some(Command::Par(lines))
    }

    /// What comes of a message between servers: a fault, the end of one, an operation, or another condition. Conditions on
    /// what clients send are not drawn; scripts/concurrency shows them.
    fn condition(&mut self) -> Option<Command> {
        let (from, to) = self.ends_among_servers()?;
        let to = (self.below(4) > 0).then_some(to);
        let held = match self.below(10) {
            0 => Command::KillServer(if self.below(2) == 0 { from } else { to.unwrap_or(from) }),
            1 | 2 => self.condition()?,
            3 | 4 => self.begin_operation()?,
            5 => Command::Cut(Links::between(from, to?)),
            _ => self.instant()?,
        };
        Some(Command::When(from, to, Box::new(held)))
    }

    /// A command that takes no time, and prints nothing.
    fn instant(&mut self) -> Option<Command> {
        use Kind as K;
        let kinds = [K::Cut, K::Mend, K::Hold, K::Release, K::Pause, K::Resume, K::Heal, K::Isolate, K::Kill];
        let index = self.index(kinds.len())?;
        self.command(kinds[index])
    }

    /// The target of an earlier command that is to be undone, so that scripts do not end with every link cut.
    fn earlier<T>(&mut self, target: impl Fn(&Command) -> Option<T>) -> Option<T> {
        let mut targets: Vec<_> = self.commands.iter().filter_map(target).collect();
        let index = self.index(targets.len())?;
        Some(targets.swap_remove(index))
    }

    fn index(&mut self, length: usize) -> Option<usize> {
        (length > 0).then(|| usize::try_from(self.below(length as u64)).expect("an index"))
    }
}
