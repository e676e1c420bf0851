//! The command line of `master`.

use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use splitbrain::base::limits;
use splitbrain::golden::{SCRIPTS, SNAPSHOTS, Shard};
use splitbrain::protocol::Protocol;
use splitbrain::script::Notation;

/// Runs a distributed program as real processes on a network, a clock and a disk that a short script controls. The same
/// script prints the same bytes every time.
#[derive(Parser)]
#[command(name = "master", version, args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
#[command(after_help = "Examples:
  master scripts/gossip/heal.txt        what the script prints
  master -v scripts/gossip/heal.txt     everything that happens, with its time
  master test                           every script against its golden

`master help commands` lists what a script may say.

Exit codes:
  0    passed
  1    an expectation, a golden or a check failed
  2    a mistake in the script, or in how it was used; nothing was started
  3    a node died unasked, or broke the protocol
  4    the machine underneath failed: a file, a process, a closed standard output
  5    no verdict: a limit was reached
  130  interrupted
At 3 and 4 the record of the run stays, and the last line says where; --out keeps it always (docs/record.md).")]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub run: RunArguments,
}

#[derive(Subcommand)]
pub enum Command {
    /// Runs a script: the same as `master` without a subcommand.
    Run(RunArguments),
    /// Writes a script in its canonical form, in lines or in YAML, on standard output.
    Fmt(FormatArguments),
    /// Holds the transcripts of scripts against their goldens, or writes these.
    Test(TestArguments),
    /// Carries the same script out under several protocols, and prints their figures side by side.
    Compare(CompareArguments),
    /// Carries the trace of a record out again: every node is given what it got, and must do what it did.
    Replay(ReplayArguments),
    /// Explains: `help commands`, `help commands NAME`, `help yaml`.
    Help {
        /// `commands`, `yaml`, or a subcommand.
        topic: Option<String>,
        /// The name of a command of scripts; at a console some have two words.
        name: Vec<String>,
    },
    /// Prints the completions of a shell: `master completions bash > ~/.local/share/bash-completion/completions/master`.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Is a node: what the master starts.
    #[command(hide = true)]
    Node(NodeArguments),
}

#[derive(Args)]
pub struct RunArguments {
    /// The script; `-` or nothing is standard input, and on a terminal a prompt.
    pub script: Option<PathBuf>,
    /// The seed of everything that is drawn; wins over the script's.
    #[arg(long, value_parser = clap::value_parser!(u64).range(0..=limits::GREATEST_SEED))]
    pub seed: Option<u64>,
    /// What servers run; wins over the script's.
    #[arg(long, value_parser = Protocol::names())]
    pub protocol: Option<String>,
    /// Prints the transcript: every command with its time, its answer, and what it did.
    #[arg(long, short = 'v')]
    pub transcript: bool,
    /// Prints the hash of everything that happened on standard error.
    #[arg(long)]
    pub trace_hash: bool,
    /// Runs the nodes in the master's own memory: no processes, the same bytes.
    #[arg(long)]
    pub in_process: bool,
    /// Keeps the record of the run in this folder, which must be absent or empty: output, trace, history, logs.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Replaces the record of an earlier run in that folder; other files in it are left alone.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// How the script is written; by itself a first line of `---`, `{`, `cluster:`, `network:` or `steps:`, or a name
    /// that ends in .yaml, is YAML.
    #[arg(long, value_parser = notations())]
    pub format: Option<Notation>,
    /// Leaves out the rest of the script where an expectation fails, or anything else is found.
    #[arg(long)]
    pub fail_fast: bool,
    /// Compares each snapshot NAME with the file NAME.txt in this folder; nothing of it is printed then.
    #[arg(long, value_name = "DIR")]
    pub snapshots: Option<PathBuf>,
    /// Writes the snapshots of a run that passes into that folder, instead of comparing them. Not where the environment
    /// variable CI is set.
    #[arg(long, requires = "snapshots", visible_aliases = ["bless", "update"])]
    pub accept: bool,
    #[command(flatten)]
    pub step_limit: StepLimit,
}

#[derive(Args)]
pub struct FormatArguments {
    /// The script; `-` or nothing is standard input.
    pub script: Option<PathBuf>,
    /// The form to write; without it, the one in which it is written.
    #[arg(long, value_parser = notations())]
    pub to: Option<Notation>,
    /// How the script is written; by itself a first line of `---`, `{`, `cluster:`, `network:` or `steps:`, or a name
    /// that ends in .yaml, is YAML.
    #[arg(long, value_parser = notations())]
    pub format: Option<Notation>,
}

#[derive(Args)]
#[command(after_help = "Examples:
  master test                                    every script against its golden
  master test scripts/gossip --filter heal       those whose path has `heal` in it
  master test scripts/gossip/heal.txt --accept   write its golden, and read it before you keep it

docs/golden-tests.md says more: goldens with holes, CI, the fields of --format json.")]
pub struct TestArguments {
    /// Scripts, and folders of scripts; nothing is all scripts.
    pub paths: Vec<PathBuf>,
    /// Writes the goldens of runs that passed. Never where CI is set.
    #[arg(long, visible_aliases = ["bless", "update"])]
    pub accept: bool,
    /// How many scripts are run at once; nothing is as many as there are processors.
    #[arg(long, short, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// Only scripts that have this in their path; may be given several times.
    #[arg(long, value_name = "TEXT")]
    pub filter: Vec<String>,
    /// Only this protocol: the case of it of scripts for several, and scripts for it alone.
    #[arg(long, value_parser = Protocol::names())]
    pub protocol: Option<String>,
    /// Runs each script so often, and every time must be the same.
    #[arg(long, value_name = "N", default_value = "1")]
    pub repeat: NonZeroU32,
    /// Only the I-th of N parts, for machines that share the work.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Writes a report in the XML of JUnit, too.
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Whom the report is for: people, programs (one object a line), or people and GitHub Actions.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Whether the report has colours. By itself it has them on a terminal, unless NO_COLOR is set.
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = Color::Auto)]
    pub color: Color,
    /// The folder of all scripts.
    #[arg(long, value_name = "DIR", default_value = SCRIPTS)]
    pub scripts: PathBuf,
    /// The folder of all goldens.
    #[arg(long, value_name = "DIR", default_value = SNAPSHOTS)]
    pub snapshots: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Format {
    Human,
    Json,
    Github,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Args)]
#[command(after_help = "Examples:
  master compare scripts/consensus/chained.txt                    every protocol of its kind
  master compare SCRIPT --protocols multi-paxos,gossip            these, in this order
  master compare SCRIPT --in-process --format json                for programs

docs/comparing.md says what each figure means, and the fields of --format json.")]
pub struct CompareArguments {
    /// The script; `-` or nothing is standard input. What it prints is not shown.
    pub script: Option<PathBuf>,
    /// The protocols, with commas between them. By itself those that the script lists; if it lists no two, all that come to
    /// terms by consensus if the script's own does,
    /// else all.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', value_parser = Protocol::names())]
    pub protocols: Vec<String>,
    /// The seed of everything that is drawn; wins over the script's.
    #[arg(long, value_parser = clap::value_parser!(u64).range(0..=limits::GREATEST_SEED))]
    pub seed: Option<u64>,
    /// Runs the nodes in the master's own memory: no processes, the same bytes.
    #[arg(long)]
    pub in_process: bool,
    /// Whom the comparison is for: people, or programs (one object).
    #[arg(long, value_enum, default_value_t = ComparisonFormat::Human)]
    pub format: ComparisonFormat,
    #[command(flatten)]
    pub step_limit: StepLimit,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ComparisonFormat {
    Human,
    Json,
}

#[derive(Args)]
pub struct ReplayArguments {
    /// The folder of a record (see --out), or a trace.jsonl.
    pub record: PathBuf,
    /// Runs the nodes in the master's own memory: no processes, the same bytes.
    #[arg(long)]
    pub in_process: bool,
    #[command(flatten)]
    pub step_limit: StepLimit,
}

#[derive(Args)]
pub struct StepLimit {
    /// How many seconds of wall time a node may take for one step.
    #[arg(
        long = "step-limit",
        value_name = "SECONDS",
        default_value_t = limits::STEP_WALL_SECONDS,
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub seconds: u64,
}

#[derive(Args)]
pub struct NodeArguments {
    /// The process that starts this one, the master or a guard: without it this one ends.
    #[arg(long)]
    pub parent: i32,
    #[command(subcommand)]
    pub role: Role,
}

#[derive(Subcommand)]
pub enum Role {
    /// A server.
    Server {
        #[arg(long, value_parser = Protocol::names())]
        protocol: String,
    },
    /// A client session.
    Client {
        /// The protocol of its servers, if it is one of ours.
        #[arg(long, value_parser = Protocol::names())]
        protocol: Option<String>,
    },
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

/// The forms of scripts, by name.
fn notations() -> impl TypedValueParser<Value = Notation> {
    let names = PossibleValuesParser::new(Notation::ALL.map(|notation| notation.to_string()));
    names.map(|name| Notation::named(&name).expect("one of these names"))
}
