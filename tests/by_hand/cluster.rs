//! A cluster of servers, each a process of its own, in a folder that goes when it goes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use tempfile::TempDir;

use crate::chain::{self, Block};
use crate::client::Client;
use crate::console::{Console, LOOK_AGAIN, PATIENCE};
use crate::ports::free_port;

/// How often ports are chosen anew, if another program takes one of them first.
const ATTEMPTS: u32 = 10;

/// How the nodes of a cluster are started.
#[derive(Clone, Debug)]
pub struct Plan {
    pub protocol: &'static str,
    pub servers: u32,
    /// The same for all servers and clients, behind the protocol and the file.
    pub arguments: Vec<String>,
}

impl Plan {
    /// Three servers.
    pub fn of(protocol: &'static str) -> Self {
        Self { protocol, servers: 3, arguments: Vec::new() }
    }
}

pub struct Cluster {
    plan: Plan,
    folder: TempDir,
    ports: BTreeMap<u32, u16>,
    /// Those that run.
    servers: BTreeMap<u32, Console>,
}

/// Somebody else listens at a port that was free before.
#[derive(Debug)]
struct PortTaken;

impl Cluster {
    /// One of which no server runs yet.
    pub fn planned(plan: Plan) -> Self {
        let folder = tempfile::tempdir().expect("there is room for temporary files");
        let ports: BTreeMap<_, _> = (1..=plan.servers).map(|number| (number, free_port())).collect();
        let cluster = Self { plan, folder, ports, servers: BTreeMap::new() };
        fs::write(cluster.file(), cluster.description("lab", cluster.plan.servers)).expect("the folder can be written");
        cluster
    }

    /// One of which all servers run.
    pub fn running(plan: &Plan) -> Self {
        for _ in 0..ATTEMPTS {
            let mut cluster = Self::planned(plan.clone());
            if cluster.start_all().is_ok() {
                return cluster;
            }
        }
        panic!("in {ATTEMPTS} attempts no ports were free");
    }

    /// A cluster's file with this name, of the first `servers` servers.
    pub fn description(&self, name: &str, servers: u32) -> String {
        let line = |(number, port): (&u32, &u16)| format!("server {number} 127.0.0.1:{port}\n");
        let lines: String = self.ports.iter().take(servers as usize).map(line).collect();
        format!("cluster {name}\n{lines}")
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("cluster.txt")
    }

    pub fn port(&self, number: u32) -> u16 {
        self.ports[&number]
    }

    /// The folder with a server's data.
    pub fn data(&self, number: u32) -> PathBuf {
        self.folder.path().join(format!("server-{number}"))
    }

    pub fn server_command(&self, number: u32) -> Command {
        self.server_command_of(number, &self.plan, &self.file())
    }

    pub fn client_command(&self, number: u32) -> Command {
        self.client_command_of(number, &self.plan, &self.file())
    }

    /// Of a server that takes the cluster for another one.
    pub fn server_command_of(&self, number: u32, plan: &Plan, file: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_server"));
        command.arg(number.to_string()).arg("--data").arg(self.data(number));
        self.with_arguments(command, plan, file)
    }

    /// Of a client that takes the cluster for another one.
    pub fn client_command_of(&self, number: u32, plan: &Plan, file: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_client"));
        command.arg(number.to_string());
        self.with_arguments(command, plan, file)
    }

    fn with_arguments(&self, mut command: Command, plan: &Plan, file: &Path) -> Command {
        let Plan { protocol, arguments, .. } = plan;
        command.arg("--cluster").arg(file).args(["--protocol", protocol]).args(arguments);
        command.current_dir(self.folder.path());
        command
    }

    fn start_all(&mut self) -> Result<(), PortTaken> {
        for number in 1..=self.plan.servers {
            let command = self.server_command(number);
            self.spawn(number, command);
        }
        self.servers.values().try_for_each(wait_until_it_listens)
    }

    /// Starts a server, and waits until it listens.
    pub fn start(&mut self, number: u32) {
        let command = self.server_command(number);
        self.start_as(number, command);
    }

    /// The same, with a command line of its own.
    pub fn start_as(&mut self, number: u32, command: Command) {
        self.spawn(number, command);
        wait_until_it_listens(&self.servers[&number])
            .unwrap_or_else(|PortTaken| panic!("another program took the port of server {number}: run the test again"));
    }

    fn spawn(&mut self, number: u32, mut command: Command) {
        assert!(!self.servers.contains_key(&number), "server {number} runs");
        let mut server = Console::start(format!("server {number} of {}", self.plan.protocol), &mut command);
        // A console that was used: if the test is ended from outside, its input ends, and the server leaves.
        server.type_line("");
        self.servers.insert(number, server);
    }

    /// A client with a console.
    pub fn client(&self, number: u32) -> Client {
        let name = format!("client {number} of {}", self.plan.protocol);
        Client::new(number, Console::start(name, &mut self.client_command(number)))
    }

    /// The console of a server that runs.
    pub fn server(&mut self, number: u32) -> &mut Console {
        self.servers.get_mut(&number).unwrap_or_else(|| panic!("server {number} does not run"))
    }

    /// Types a line at a server's console, and returns all lines of its answer.
    pub fn ask(&mut self, number: u32, line: &str) -> Vec<String> {
        self.server(number).ask(line)
    }

    /// Those that run.
    pub fn alive(&self) -> Vec<u32> {
        self.servers.keys().copied().collect()
    }

    /// kill -9.
    pub fn kill(&mut self, number: u32) {
        self.take(number).kill();
    }

    /// Its console, for it is about to leave.
    pub fn take(&mut self, number: u32) -> Console {
        self.servers.remove(&number).unwrap_or_else(|| panic!("server {number} does not run"))
    }

    /// A dead server's disk is lost.
    pub fn wipe(&self, number: u32) {
        assert!(!self.servers.contains_key(&number), "server {number} runs");
        fs::remove_dir_all(self.data(number)).expect("it had a disk");
    }

    /// Waits until a server leads, and says which; of several the one with the greatest ballot or term.
    pub fn leader(&mut self) -> u32 {
        self.wait_for("a leader", |cluster| {
            let alive = cluster.alive();
            let leads = |number: u32| cluster.term_if_leading(number).map(|term| (term, number));
            alive.into_iter().filter_map(leads).max().map(|(_, number)| number)
        })
    }

    fn term_if_leading(&mut self, number: u32) -> Option<u64> {
        let lines = self.ask(number, "printRole");
        let words: Vec<_> = lines.first()?.split(' ').collect();
        let ["leader", term, _waiting] = words.as_slice() else { return None };
        term.strip_prefix("term=")?.parse().ok()
    }

    /// Waits until a server's role is this: `learner`.
    pub fn wait_for_role(&mut self, number: u32, role: &str) {
        self.wait_for(&format!("server {number} to be a {role}"), |cluster| {
            let lines = cluster.ask(number, "printRole");
            lines.first().is_some_and(|line| line.starts_with(role)).then_some(())
        });
    }

    pub fn depth(&mut self, number: u32) -> u64 {
        let lines = self.ask(number, "print depth");
        lines.first().and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("{lines:?} is no depth"))
    }

    /// Waits until the chains of all servers that run are equal.
    pub fn equal_chains(&mut self) -> BTreeMap<u32, Vec<Block>> {
        self.wait_for("equal chains", |cluster| {
            let alive = cluster.alive();
            let depths: Vec<_> = alive.iter().map(|number| cluster.depth(*number)).collect();
            if depths.iter().any(|depth| *depth != depths[0]) {
                return None;
            }
            let mut chain = |number| (number, chain::read(&cluster.ask(number, "printBlockchain")));
            let chains: BTreeMap<_, _> = alive.into_iter().map(&mut chain).collect();
            // Those that differ are the checker's; here it is waited for those that only lag.
            let length = chains.values().next().map(Vec::len);
            chains.values().all(|chain| Some(chain.len()) == length).then_some(chains)
        })
    }

    /// Waits until there is something.
    pub fn wait_for<T>(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(self) {
                return found;
            }
            assert!(Instant::now() < until, "{what}: it does not come to that");
            thread::sleep(LOOK_AGAIN);
        }
    }
}

fn wait_until_it_listens(server: &Console) -> Result<(), PortTaken> {
    match server.wait_for_one_of(&[" listens at ", "could not listen at "]) {
        Some(0) => Ok(()),
        Some(_) => Err(PortTaken),
        None => panic!("a server leaves at once: {:?}", server.remarks()),
    }
}
