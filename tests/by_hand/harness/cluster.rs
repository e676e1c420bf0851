//! A cluster of servers, each a process of its own, in a folder that goes when it goes.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::chain::{self, Block};
use super::client::Client;
use super::console::Console;
use super::ended::ended;
use super::plan::{Addresses, Plan};
use super::ports::free_ports;
use super::waiting::{eventually, wait_for};

/// How often ports are chosen anew, if another program takes one of them first.
const ATTEMPTS: u32 = 10;

pub struct Cluster {
    plan: Plan,
    folder: TempDir,
    /// Server i listens at this port + i.
    base: u16,
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
        Self { base: free_ports(plan.servers), plan, folder, servers: BTreeMap::new() }
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

    /// Three servers with ports in a row that have been founded, and answer.
    pub fn of_three(protocol: &'static str) -> Self {
        let cluster = Self::running(&Plan::by_port(protocol));
        assert_eq!(cluster.answers(999, "put 'first' 1\n"), ["success"]);
        cluster
    }

    /// A file in the cluster's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder with a server's data.
    pub fn data(&self, number: u32) -> PathBuf {
        self.path(&format!("data/server-{number}"))
    }

    /// Where a server listens.
    pub fn port(&self, number: u32) -> u16 {
        self.base + u16::try_from(number).expect("a few servers")
    }

    /// `server …` in the cluster's folder.
    pub fn server_command(&self, arguments: &[&str]) -> Command {
        self.server_command_of(&self.plan, arguments)
    }

    /// `client …` in the cluster's folder.
    pub fn client_command(&self, arguments: &[&str]) -> Command {
        self.client_command_of(&self.plan, arguments)
    }

    /// Of a server that takes the cluster for another one.
    pub fn server_command_of(&self, plan: &Plan, arguments: &[&str]) -> Command {
        self.command(env!("CARGO_BIN_EXE_server"), plan, arguments)
    }

    /// Of a client that takes the cluster for another one.
    pub fn client_command_of(&self, plan: &Plan, arguments: &[&str]) -> Command {
        self.command(env!("CARGO_BIN_EXE_client"), plan, arguments)
    }

    fn command(&self, program: &str, plan: &Plan, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).args(["--protocol", plan.protocol]).args(plan.arguments);
        match plan.addresses {
            Addresses::File { name } => command.args(["--cluster", &self.file(name, plan.servers)]),
            Addresses::Port => command.args(["--port", &self.base.to_string(), "--servers", &plan.servers.to_string()]),
        };
        command.current_dir(self.folder.path());
        command
    }

    /// The file of a cluster with this name, of the first `servers` servers.
    fn file(&self, name: &str, servers: u32) -> String {
        let file = format!("{name}-{servers}.txt");
        let lines = (1..=servers).map(|number| format!("server {number} 127.0.0.1:{}\n", self.port(number)));
        // Who was started before may be reading it.
        if !self.path(&file).exists() {
            let text = format!("cluster {name}\n{}", lines.collect::<String>());
            fs::write(self.path(&file), text).expect("the folder can be written");
        }
        file
    }

    fn start_all(&mut self) -> Result<(), PortTaken> {
        for number in 1..=self.plan.servers {
            let command = self.server_command(&[&number.to_string()]);
            self.spawn(number, command);
        }
        self.servers.values().try_for_each(wait_until_it_listens)
    }

    /// Starts a server, and waits until it listens.
    pub fn start(&mut self, number: u32) {
        self.start_with(number, &[]);
    }

    /// The same, with arguments of its own.
    pub fn start_with(&mut self, number: u32, arguments: &[&str]) {
        let command = self.server_command(&[&[number.to_string().as_str()], arguments].concat());
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
        self.client_with(number, &[])
    }

    /// The same, with arguments of its own.
    pub fn client_with(&self, number: u32, arguments: &[&str]) -> Client {
        let mut command = self.client_command(&[&[number.to_string().as_str()], arguments].concat());
        Client::new(number, Console::start(format!("client {number} of {}", self.plan.protocol), &mut command))
    }

    /// What a client answers that is given these lines, and leaves.
    #[track_caller]
    pub fn answers(&self, number: u32, lines: &str) -> Vec<String> {
        let output = ended(self.client_command(&[&number.to_string()]), lines);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
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

    /// No server has ended that nobody ended.
    #[track_caller]
    pub fn assert_all_run(&mut self) {
        for (number, server) in &mut self.servers {
            assert!(server.runs(), "server {number} has ended");
        }
    }

    /// kill -9.
    pub fn kill(&mut self, number: u32) {
        self.take(number).kill();
    }

    /// Types `e` at its console, and waits until it has left.
    #[track_caller]
    pub fn leave(&mut self, number: u32) {
        let mut server = self.take(number);
        server.type_line("e");
        assert_eq!(server.wait_until_it_leaves().1, Some(0), "server {number}");
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
        wait_for("a leader", || {
            let alive = self.alive();
            let leads = |number: u32| self.term_if_leading(number).map(|term| (term, number));
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
        eventually(&format!("server {number} is a {role}"), || {
            self.ask(number, "printRole").first().is_some_and(|line| line.starts_with(role))
        });
    }

    pub fn depth(&mut self, number: u32) -> u64 {
        let lines = self.ask(number, "print depth");
        lines.first().and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("{lines:?} is no depth"))
    }

    /// The keys and values that a server holds.
    pub fn store(&mut self, number: u32) -> Vec<String> {
        self.ask(number, "print kv")
    }

    /// Waits until the chains of all servers that run are equal.
    pub fn equal_chains(&mut self) -> BTreeMap<u32, Vec<Block>> {
        wait_for("equal chains", || {
            let alive = self.alive();
            let depths: Vec<_> = alive.iter().map(|number| self.depth(*number)).collect();
            if depths.iter().any(|depth| *depth != depths[0]) {
                return None;
            }
            let mut chain = |number| (number, chain::read(&self.ask(number, "printBlockchain")));
            let chains: BTreeMap<_, _> = alive.into_iter().map(&mut chain).collect();
            // Those that differ are the checker's; here it is waited for those that only lag.
            let length = chains.values().next().map(Vec::len);
            chains.values().all(|chain| Some(chain.len()) == length).then_some(chains)
        })
    }
}

fn wait_until_it_listens(server: &Console) -> Result<(), PortTaken> {
    match server.wait_for_one_of(&[" listens at ", "could not listen at "]) {
        Some(0) => Ok(()),
        Some(_) => Err(PortTaken),
        None => panic!("a server leaves at once: {:?}", server.remarks()),
    }
}
