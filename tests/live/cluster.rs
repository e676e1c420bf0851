//! Real servers and clients by hand, on ports of their own, in a folder of their own. Nothing of them is left behind.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long anything may take. Generous: what takes so long hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A cluster, whose servers end with it.
pub struct Cluster {
    folder: TempDir,
    /// Server i listens at this port + i.
    pub base: u16,
    protocol: &'static str,
    servers: BTreeMap<u32, Server>,
    lives: u32,
}

struct Server {
    process: Child,
    console: ChildStdin,
    answers: Receiver<String>,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for server in self.servers.values_mut() {
            let _ = (server.process.kill(), server.process.wait());
        }
    }
}

/// Ports below those that the system gives to connections, at which nobody listens: so many behind the one returned.
pub fn free_ports(count: u16) -> u16 {
    const FIRST: u16 = 12_000;
    const ROOM: u16 = 16_000;
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let own = u16::try_from(std::process::id() % u32::from(ROOM)).expect("it is below");
    for _ in 0..1000 {
        let at = own.wrapping_mul(37).wrapping_add(TAKEN.fetch_add(count + 1, Ordering::Relaxed)) % ROOM;
        let base = FIRST + at;
        if (1..=count).all(|number| TcpListener::bind(("127.0.0.1", base + number)).is_ok()) {
            return base;
        }
    }
    panic!("no {count} ports are free");
}

impl Cluster {
    /// Three servers that have been founded, and answer.
    pub fn of_three(protocol: &'static str) -> Self {
        let mut cluster = Self::without_servers(protocol);
        (1..=3).for_each(|id| cluster.start(id, &[]));
        // Of gossip one that is there is enough for an answer.
        for id in 1..=3 {
            eventually(&format!("server {id} listens"), || cluster.said(id).contains(" listens at "));
        }
        assert_eq!(cluster.client(999, "put 'first' 1\n"), ["success"]);
        cluster
    }

    pub fn without_servers(protocol: &'static str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, base: free_ports(3), protocol, servers: BTreeMap::new(), lives: 0 }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.args(["--port", &self.base.to_string(), "--protocol", self.protocol]).current_dir(self.folder.path());
        command
    }

    /// `server …` in the cluster's folder.
    pub fn server_command(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_server"));
        command.args(arguments);
        command
    }

    /// `client …` in the cluster's folder. The subcommand is the first argument, if there is one.
    pub fn client_command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_client"));
        command.args(arguments).args(["--port", &self.base.to_string(), "--protocol", self.protocol]);
        command.current_dir(self.folder.path());
        command
    }

    pub fn start(&mut self, id: u32, arguments: &[&str]) {
        self.lives += 1;
        let log = File::create(self.path(&format!("server-{id}-life-{}.txt", self.lives))).expect("a file");
        let mut command = self.server_command(&[&id.to_string()]);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log);
        let mut process = command.spawn().expect("a server starts");
        let mut console = process.stdin.take().expect("a pipe");
        // From its first line on the console is one, whose end ends the server: also if this test is killed.
        console.write_all(b"\n").expect("the console takes a line");
        let (tell, answers) = mpsc::channel();
        let out = BufReader::new(process.stdout.take().expect("a pipe"));
        thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        self.servers.insert(id, Server { process, console, answers });
    }

    /// kill -9.
    pub fn kill(&mut self, id: u32) {
        let mut server = self.servers.remove(&id).expect("it runs");
        server.process.kill().expect("it is our child");
        server.process.wait().expect("it is our child");
    }

    pub fn is_started(&self, id: u32) -> bool {
        self.servers.contains_key(&id)
    }

    /// Types `e` at its console, and waits until it has left.
    #[track_caller]
    pub fn leave(&mut self, id: u32) {
        self.type_at(id, "e");
        let code = self.servers.remove(&id).expect("it runs").process.wait().expect("it is our child").code();
        assert_eq!(code, Some(0), "server {id}: {}", self.said(id));
    }

    /// Has it not ended by itself?
    pub fn runs(&mut self, id: u32) -> bool {
        let server = self.servers.get_mut(&id).expect("it was started");
        server.process.try_wait().expect("it is our child").is_none()
    }

    #[track_caller]
    pub fn assert_all_run(&mut self) {
        for id in self.servers.keys().copied().collect::<Vec<_>>() {
            assert!(self.runs(id), "server {id} has ended: {}", self.said(id));
        }
    }

    /// What a server has said on standard error, in all its lives.
    pub fn said(&self, id: u32) -> String {
        let of = |life| fs::read_to_string(self.path(&format!("server-{id}-life-{life}.txt"))).unwrap_or_default();
        (1..=self.lives).map(of).collect()
    }

    /// How much memory a server has in use, in KiB, and how much it had at most.
    pub fn memory_kib(&self, id: u32) -> (u64, u64) {
        let process = self.servers[&id].process.id();
        let status = fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line for it");
            line.trim().trim_end_matches(" kB").trim().parse().expect("a number")
        };
        (of("VmRSS:"), of("VmHWM:"))
    }

    /// Types a line at a server's console.
    pub fn type_at(&mut self, id: u32, line: &str) {
        let console = &mut self.servers.get_mut(&id).expect("it runs").console;
        console.write_all(format!("{line}\n").as_bytes()).expect("the console takes a line");
    }

    /// The server that leads.
    pub fn leader(&mut self) -> u32 {
        let mut leader = None;
        eventually("a server leads", || {
            leader = (1..=3).find(|id| self.is_started(*id) && self.show(*id, "printRole").starts_with("leader"));
            leader.is_some()
        });
        leader.expect("it was found")
    }

    /// The number that a server's console prints for `print depth`.
    pub fn depth(&mut self, id: u32) -> u64 {
        self.show(id, "print depth").parse().expect("a number")
    }

    /// The one line that a server's console prints for this.
    pub fn show(&mut self, id: u32, line: &str) -> String {
        self.type_at(id, line);
        let answer = self.servers[&id].answers.recv_timeout(PATIENCE);
        answer.unwrap_or_else(|_| panic!("server {id} does not answer `{line}`: {}", self.said(id)))
    }

    /// The store of a server, as its console prints it.
    pub fn store(&mut self, id: u32) -> Vec<String> {
        self.type_at(id, "print kv");
        // The line behind it is a number.
        self.type_at(id, "print depth");
        let answers = &self.servers[&id].answers;
        let mut lines = Vec::new();
        loop {
            let line = answers.recv_timeout(PATIENCE).expect("an answer");
            if line.parse::<u64>().is_ok() {
                return lines;
            }
            lines.push(line);
        }
    }

    /// A client that is given these lines: what it answers.
    #[track_caller]
    pub fn client(&self, id: u32, lines: &str) -> Vec<String> {
        let output = ended(self.client_command(&[&id.to_string()]), lines);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        String::from_utf8(output.stdout).expect("text").lines().map(str::to_owned).collect()
    }
}

/// What comes of a command with this on its standard input.
#[track_caller]
pub fn ended(mut command: Command, input: &str) -> Output {
    let mut process =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let id = process.id();
    let mut keyboard = process.stdin.take().expect("a pipe");
    // Who ends before has closed it.
    let _ = keyboard.write_all(input.as_bytes());
    drop(keyboard);
    let (tell, told) = mpsc::channel();
    thread::spawn(move || tell.send(process.wait_with_output()));
    match told.recv_timeout(PATIENCE) {
        Ok(output) => output.expect("it is our child"),
        Err(_) => {
            signal(id, "KILL");
            panic!("{command:?} has not ended: {:?}", told.recv());
        }
    }
}

pub fn signal(process: u32, signal: &str) {
    let status = Command::new("kill").args(["-s", signal, &process.to_string()]).status().expect("kill(1)");
    assert!(status.success(), "there is no process {process}");
}

/// Waits until that is so.
#[track_caller]
pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what}: not within {PATIENCE:?}");
        thread::sleep(Duration::from_millis(20));
    }
}
