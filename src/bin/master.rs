//! `master`: runs a script on a cluster of nodes.
//!
//! Arguments become one library call, and its outcome the exit code.

use std::fs;
use std::io::{self, BufReader, BufWriter, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use splitbrain::base::{Environment, Outcome, limits};
use splitbrain::cluster::{self, InMemory, Interruption, Orphans, Processes, Replayed, Spawner};
use splitbrain::console::{Place, Record, Refused, TRACE, prompt};
use splitbrain::experiment::{Form, Function, Options, TABLE, carry_out, reference, reference_of};
use splitbrain::node;
use splitbrain::protocol::Protocol;
use splitbrain::script::{self, Source};
use splitbrain::trace::{Reader, Sink, TraceHash};

/// Runs a distributed program as real processes on a network and a clock that a short script controls. The same script
/// prints the same bytes every time.
#[derive(Parser)]
#[command(name = "master", version, args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
#[command(after_help = "`master help commands` lists what a script may say.\n\
    docs/record.md describes the record of a run. Without --out it stays only at exit codes 3 and 4.\n\
    Exit codes: 0 passed, 1 failed, 2 mistake in script or usage, 3 a node died or broke the protocol, \
    4 the environment failed, 5 no verdict, 130 interrupted.")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: RunArguments,
}

#[derive(Subcommand)]
enum Command {
    /// Runs a script: the same as `master` without a subcommand.
    Run(RunArguments),
    /// Carries the trace of a record out again: every node is given what it got, and must do what it did.
    Replay(ReplayArguments),
    /// Explains: `help commands`, `help commands NAME`.
    Help {
        /// `commands`, or a subcommand.
        topic: Option<String>,
        /// The name of a command of scripts.
        name: Option<String>,
    },
    /// Is a node: what the master starts.
    #[command(hide = true)]
    Node(NodeArguments),
}

#[derive(Args)]
struct RunArguments {
    /// The script; `-` or nothing is standard input, and on a terminal a prompt.
    script: Option<PathBuf>,
    /// The seed of everything that is drawn; wins over the script's.
    #[arg(long, value_parser = clap::value_parser!(u64).range(0..=limits::GREATEST_SEED))]
    seed: Option<u64>,
    /// What servers run; wins over the script's.
    #[arg(long, value_parser = Protocol::names())]
    protocol: Option<String>,
    /// Prints the transcript: every command with its time, its answer, and what it did.
    #[arg(long, short = 'v')]
    transcript: bool,
    /// Prints the hash of everything that happened on standard error.
    #[arg(long)]
    trace_hash: bool,
    /// Runs the nodes in the master's own memory: no processes, the same bytes.
    #[arg(long)]
    in_process: bool,
    /// Keeps the record of the run in this folder, which must be absent or empty: output, trace, history, logs.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replaces the record of an earlier run in that folder; other files in it are left alone.
    #[arg(long, requires = "out")]
    force: bool,
    /// How many seconds of wall time a node may take for one step.
    #[arg(long, value_name = "SECONDS", default_value_t = limits::STEP_WALL_SECONDS, value_parser = clap::value_parser!(u64).range(1..))]
    step_limit: u64,
}

#[derive(Args)]
struct ReplayArguments {
    /// The folder of a record (see --out), or a trace.jsonl.
    record: PathBuf,
    /// Runs the nodes in the master's own memory: no processes, the same bytes.
    #[arg(long)]
    in_process: bool,
    /// How many seconds of wall time a node may take for one step.
    #[arg(long, value_name = "SECONDS", default_value_t = limits::STEP_WALL_SECONDS, value_parser = clap::value_parser!(u64).range(1..))]
    step_limit: u64,
}

#[derive(Args)]
struct NodeArguments {
    /// The process that starts this one, the master or a guard: without it this one ends.
    #[arg(long)]
    parent: i32,
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// A server.
    Server {
        #[arg(long, value_parser = Protocol::names())]
        protocol: String,
    },
    /// A client session.
    Client,
    /// The guard of a program of the user's.
    Guard {
        #[arg(last = true)]
        words: Vec<String>,
    },
    /// A program of the user's.
    Exec {
        #[arg(last = true)]
        words: Vec<String>,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        None => run(&arguments.run),
        Some(Command::Run(run_arguments)) => run(&run_arguments),
        Some(Command::Replay(replay_arguments)) => replay(&replay_arguments),
        Some(Command::Help { topic, name }) => help(topic.as_deref(), name.as_deref()),
        Some(Command::Node(node_arguments)) => return be_a_node(&node_arguments),
    };
    let outcome = outcome.unwrap_or_else(|failure| {
        tell(format_args!("error: {failure}"));
        Outcome::Environment
    });
    ExitCode::from(outcome.exit_code())
}

/// Says something on standard error. Where that is closed nobody listens, which is no reason to fail.
fn tell(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

fn run(arguments: &RunArguments) -> Result<Outcome, Environment> {
    let from_standard_input = arguments.script.as_deref().is_none_or(|path| path == Path::new("-"));
    if from_standard_input && io::stdin().is_terminal() {
        return recorded(arguments, |recording| {
            prompt(options(arguments, recording), recording.readers()?, recording.record.script().clone())
        });
    }
    let (name, bytes) = read_script(arguments.script.as_deref().filter(|_| !from_standard_input))?;
    let script = match Source::from_bytes(name, bytes.clone()).and_then(|source| script::parse(&TABLE, &source)) {
        Ok(script) => script,
        Err(mistakes) => {
            tell(&mistakes);
            return Ok(Outcome::Mistake);
        }
    };
    if let Some(line) = line_of_own_program(&script).filter(|_| arguments.in_process) {
        tell(format_args!(
            "error: {}:{line}: `run` starts a process, and --in-process starts none; leave out one of them",
            script.source_name
        ));
        return Ok(Outcome::Mistake);
    }
    recorded(arguments, |recording| {
        tell(format_args!("repeat: {}", repeat_line(arguments)));
        if script.invocations.is_empty() {
            tell(format_args!("warning: {}: the script holds no command", script.source_name));
        }
        recording.record.script().bytes(&bytes)?;
        recording.record.script().flush()?;
        Ok(carry_out(&script, options(arguments, recording), recording.readers()?))
    })
}

/// What a run is recorded with.
struct Recording {
    record: Record,
    hash: Option<TraceHash>,
    interruption: Interruption,
}

impl Recording {
    /// Who follows the run beside standard output and standard error.
    fn readers(&self) -> Result<Vec<Box<dyn Reader>>, Environment> {
        let mut readers = self.record.readers()?;
        readers.extend(self.hash.clone().map(|hash| Box::new(hash) as Box<dyn Reader>));
        Ok(readers)
    }
}

/// A run with its record: begun before it, and concluded when nothing of it lives that could still write to it.
fn recorded(
    arguments: &RunArguments,
    run: impl FnOnce(&Recording) -> Result<Outcome, Environment>,
) -> Result<Outcome, Environment> {
    let orphans = if arguments.in_process { None } else { Some(Orphans::adopt()?) };
    // First of all: a signal must not leave a temporary folder behind.
    let interruption = Interruption::listen()?;
    let record = match Record::begin(&place(arguments)) {
        Ok(record) => record,
        Err(Refused::Environment(failure)) => return Err(failure),
        Err(refused @ (Refused::NotEmpty { .. } | Refused::NotAFolder { .. })) => {
            tell(format_args!("error: {refused}"));
            return Ok(Outcome::Mistake);
        }
    };
    record.temporary().into_iter().for_each(|folder| interruption.take_along(folder));
    let recording = Recording { record, hash: arguments.trace_hash.then(TraceHash::default), interruption };
    let outcome = run(&recording).unwrap_or_else(|failure| {
        tell(format_args!("error: {failure}"));
        Outcome::Environment
    });
    drop(orphans);
    tell_hash(recording.hash.as_ref());
    match recording.record.conclude(outcome) {
        Ok(Some(path)) => tell(format_args!("record: {}", path.display())),
        Ok(None) => {}
        Err(failure) => tell(format_args!("warning: {failure}")),
    }
    Ok(outcome)
}

/// Where the record goes.
fn place(arguments: &RunArguments) -> Place {
    match &arguments.out {
        None => Place::Temporary,
        Some(folder) if arguments.force => Place::Replaced(folder.clone()),
        Some(folder) => Place::Absent(folder.clone()),
    }
}

fn tell_hash(hash: Option<&TraceHash>) {
    if let Some(hash) = hash {
        tell(format_args!("trace hash: {}", hash.text()));
    }
}

/// The line on which the script first chooses a program of the user's.
fn line_of_own_program(script: &script::Script<Function>) -> Option<usize> {
    script
        .invocations
        .iter()
        .find(|invocation| invocation.command.name == "run")
        .map(|invocation| invocation.place.line)
}

/// The name of a script and its bytes, from a file or from standard input.
fn read_script(path: Option<&Path>) -> Result<(String, Vec<u8>), Environment> {
    // One byte over the limit is enough to know that it is exceeded.
    let bound = limits::SCRIPT_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let name = path.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string());
    let result = match path {
        Some(path) => fs::File::open(path).and_then(|file| file.take(bound).read_to_end(&mut bytes)),
        None => io::stdin().lock().take(bound).read_to_end(&mut bytes),
    };
    result.map_err(Environment::while_trying(|| format!("read the script {name}")))?;
    Ok((name, bytes))
}

fn options(arguments: &RunArguments, recording: &Recording) -> Options {
    let interruption = recording.interruption.clone();
    let spawner: Box<dyn Spawner> = if arguments.in_process {
        Box::new(InMemory)
    } else {
        Box::new(processes(recording.record.nodes(), arguments.step_limit, &interruption))
    };
    Options {
        seed: arguments.seed,
        protocol: arguments.protocol.as_deref().and_then(Protocol::named),
        form: if arguments.transcript { Form::Transcript } else { Form::Plain },
        spawner,
        interruption,
        out: Sink::new("standard output", BufWriter::new(io::stdout())),
        err: Sink::new("standard error", io::stderr()),
    }
}

/// Nodes as processes of this very program, with what they leave in the folder `nodes`.
fn processes(nodes: PathBuf, step_limit_seconds: u64, interruption: &Interruption) -> Processes {
    let step_limit = Duration::from_secs(step_limit_seconds);
    Processes::new(PathBuf::from("/proc/self/exe"), nodes, step_limit, interruption.clone())
}

fn replay(arguments: &ReplayArguments) -> Result<Outcome, Environment> {
    let path = trace_in(&arguments.record);
    let name = path.display();
    let opened = fs::File::open(&path);
    let trace = BufReader::new(opened.map_err(Environment::while_trying(|| format!("read the trace {name}")))?);
    let result = if arguments.in_process {
        cluster::replay(trace, &mut InMemory)
    } else {
        let _orphans = Orphans::adopt()?;
        let interruption = Interruption::listen()?;
        let nodes = tempfile::tempdir().map_err(Environment::while_trying(|| "make a temporary folder".to_owned()))?;
        interruption.take_along(nodes.path());
        let mut spawner = processes(nodes.path().to_owned(), arguments.step_limit, &interruption);
        let result = cluster::replay(trace, &mut spawner);
        if interruption.happened() {
            return Ok(Outcome::Interrupted);
        }
        result
    };
    match result {
        Ok(Replayed { steps, nodes }) => {
            let text = format!("{name}: {steps} steps of {nodes} nodes, the same again");
            Sink::new("standard output", io::stdout()).line(text)?;
            Ok(Outcome::Passed)
        }
        Err(stop) => {
            tell(format_args!("error: {name}: {stop}"));
            Ok(stop.outcome())
        }
    }
}

/// The trace of a record, or the file itself.
fn trace_in(record: &Path) -> PathBuf {
    if record.is_dir() { record.join(TRACE) } else { record.to_owned() }
}

/// The command line that repeats this run.
fn repeat_line(arguments: &RunArguments) -> String {
    let mut line = String::from("master");
    let RunArguments { script, seed, protocol, transcript, trace_hash, in_process, out, force: _, step_limit } =
        arguments;
    if let Some(seed) = seed {
        line.push_str(&format!(" --seed {seed}"));
    }
    if let Some(protocol) = protocol {
        line.push_str(&format!(" --protocol {protocol}"));
    }
    for (given, option) in [(transcript, "--transcript"), (trace_hash, "--trace-hash"), (in_process, "--in-process")] {
        if *given {
            line.push_str(&format!(" {option}"));
        }
    }
    let quote = |path: &Path| {
        let path = path.display().to_string();
        shlex::try_quote(&path).map_or_else(|_| path.clone(), |quoted| quoted.into_owned())
    };
    if let Some(folder) = out {
        // The folder holds the record of this run then.
        line.push_str(&format!(" --out {} --force", quote(folder)));
    }
    if *step_limit != limits::STEP_WALL_SECONDS {
        line.push_str(&format!(" --step-limit {step_limit}"));
    }
    match (script.as_deref().filter(|path| *path != Path::new("-")), script_behind_standard_input()) {
        (Some(path), _) => line.push_str(&format!(" {}", quote(path))),
        (None, Some(path)) => line.push_str(&format!(" < {}", quote(&path))),
        (None, None) => line.push_str(" < SCRIPT (it came through a pipe)"),
    }
    line
}

/// The file that standard input is, if it is one; as seen from the working directory.
fn script_behind_standard_input() -> Option<PathBuf> {
    let path = fs::read_link("/proc/self/fd/0").ok().filter(|path| path.is_file())?;
    let here = std::env::current_dir().ok()?;
    Some(path.strip_prefix(here).map(Path::to_path_buf).unwrap_or(path))
}

fn help(topic: Option<&str>, name: Option<&str>) -> Result<Outcome, Environment> {
    let text = match (topic, name) {
        (Some("commands"), None) => reference(),
        (Some("commands"), Some(name)) => match reference_of(name) {
            Some(text) => text,
            None => {
                tell(format_args!("error: there is no command `{name}`; `master help commands` lists them"));
                return Ok(Outcome::Mistake);
            }
        },
        (Some(topic), _) => match subcommand_help(topic).or_else(|| reference_of(topic)) {
            Some(text) => text,
            None => {
                tell(format_args!("error: there is no help on `{topic}`; try `master help` or `master help commands`"));
                return Ok(Outcome::Mistake);
            }
        },
        (None, _) => Arguments::command().render_help().to_string(),
    };
    Sink::new("standard output", io::stdout()).line(text.trim_end())?;
    Ok(Outcome::Passed)
}

fn subcommand_help(name: &str) -> Option<String> {
    let mut arguments = Arguments::command();
    arguments.find_subcommand_mut(name).map(|command| command.render_help().to_string())
}

fn be_a_node(arguments: &NodeArguments) -> ExitCode {
    let follow = || node::follow_parent(arguments.parent);
    let result = match &arguments.role {
        Role::Server { protocol } => follow().and_then(|()| {
            let protocol = Protocol::named(protocol).expect("the argument parser offers only names of protocols");
            let storage = node::storage_from_environment()?;
            node::stdio::serve(node::server(protocol), storage)
        }),
        Role::Client => follow().and_then(|()| node::stdio::serve(node::client(), None)),
        // It follows in its own way: it has something to do when the master is gone.
        Role::Guard { words } => match node::guard(arguments.parent, words) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        Role::Exec { words } => follow().and_then(|()| Err(node::exec(words))),
    };
    node::stdio::conclude(result)
}
