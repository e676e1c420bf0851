//! What a process shows on a pseudo-terminal of its own, as people see it. It is killed when it is dropped.

use std::io::Read as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::pseudo_terminal::PseudoTerminal;

/// How long a process may take to show what it is waited for. Generous: what takes so long hangs.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Seen {
    process: Child,
    pub terminal: PseudoTerminal,
    pieces: mpsc::Receiver<Vec<u8>>,
    pub text: String,
    /// How much of it was waited for.
    at: usize,
}

impl Drop for Seen {
    fn drop(&mut self) {
        let _ = (self.process.kill(), self.process.wait());
    }
}

impl Seen {
    /// Starts a command on a terminal of this kind, which is the one that Ctrl-C there interrupts.
    pub fn start(kind: &str, command: &Command) -> Self {
        let terminal = PseudoTerminal::open();
        // Only a process that leads a session can have a terminal that interrupts it.
        let mut leader = Command::new("setsid");
        leader.arg("--ctty").arg(command.get_program()).args(command.get_args()).env("TERM", kind);
        if let Some(folder) = command.get_current_dir() {
            leader.current_dir(folder);
        }
        leader.stdin(terminal.stream()).stdout(terminal.stream()).stderr(terminal.stream());
        let process = leader.spawn().expect("setsid(1), of util-linux");
        let mut screen = terminal.other_end();
        let (sender, pieces) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { process, terminal, pieces, text: String::new(), at: 0 }
    }

    pub fn press(&self, keys: &str) {
        self.terminal.press(keys);
    }

    /// Waits until this is shown behind what was waited for before.
    #[track_caller]
    pub fn wait_for(&mut self, what: &str) {
        self.wait_for_one_of(&[what]);
    }

    /// Waits until one of these is shown, and says which.
    #[track_caller]
    pub fn wait_for_one_of<'w>(&mut self, whats: &[&'w str]) -> &'w str {
        let until = Instant::now() + PATIENCE;
        loop {
            let new = &self.text[self.at..];
            let found = whats.iter().filter_map(|what| Some((new.find(what)? + what.len(), *what))).min();
            if let Some((end, what)) = found {
                self.at += end;
                return what;
            }
            match self.pieces.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(piece) => self.text.push_str(&String::from_utf8_lossy(&piece)),
                Err(_) => panic!("none of {whats:?} comes behind {:?}", self.text),
            }
        }
    }

    pub fn end(&mut self) -> ExitStatus {
        self.process.wait().expect("it is our child")
    }

    /// It ends with this code, and leaves the terminal as it was.
    #[track_caller]
    pub fn assert_left(&mut self, code: i32) {
        let ended = self.end();
        assert_eq!(ended.code(), Some(code), "{}", self.text);
        assert!(self.terminal.is_ordinary(), "the terminal is left in another mode");
    }
}
