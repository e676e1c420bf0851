//! A cluster of servers, each a process of its own, in a folder that goes when it goes.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::client::Client;
use super::console::Console;
use super::ended::ended;
use super::plan::Plan;
use super::ports::free_ports;

/// How often ports are chosen anew, if another program takes one of them first.
const ATTEMPTS: u32 = 10;

pub struct Cluster {
    pub(super) plan: Plan,
    folder: TempDir,
    /// Server i listens at this port + i.
    pub(super) base: u16,
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
}

fn wait_until_it_listens(server: &Console) -> Result<(), PortTaken> {
    match server.wait_for_one_of(&[" listens at ", "could not listen at "]) {
        Some(0) => Ok(()),
        Some(_) => Err(PortTaken),
        None => panic!("a server leaves at once: {:?}", server.remarks()),
    }
}
