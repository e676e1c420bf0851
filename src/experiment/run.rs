//! A run: a script's commands, one after the other, on a cluster.

use std::collections::BTreeMap;

use crate::base::{NodeName, Span, Verdict, limits};
use crate::cluster::{Cluster, Interruption, Quoted, ServerProgram, Settings, Spawner, Stop, Terms};
use crate::experiment::block::Said;
use crate::experiment::casting::Castings;
use crate::experiment::check::check_command;
use crate::experiment::commands::{self, Function};
use crate::experiment::conditions::Conditions;
use crate::experiment::membership::Membership;
use crate::experiment::operations::{Operations, Ticket};
use crate::experiment::output::{PlainOutput, Snapshots, Warnings};
use crate::experiment::passing::Bereaved;
use crate::experiment::roster::Roster;
use crate::experiment::transcript::Transcript;
use crate::experiment::trial::Trial;
use crate::ledger::BlockRecord;
use crate::ledger::chain::verify;
use crate::network::{CommandName, Order};
use crate::protocol::{PROTOCOLS, Protocol};
use crate::script::{Invocation, Mistake, Phase, Script};
use crate::trace::{Happening, Reader, Sink, Trace};
use crate::wire::control::{Timeouts, Variant};
use crate::wire::{Completion, printed};

/// What standard output carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// What commands print, and nothing else.
    Plain,
    /// The transcript.
    Transcript,
}

/// What is done when something is found that is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFinding {
    /// The run goes on, and fails at its end.
    GoOn,
    /// What follows in the script is left out.
    LeaveOut,
}

/// How a script is to be run.
pub struct Options {
    /// The seed, if the user chose one: it wins over the script's.
    pub seed: Option<u64>,
    /// The protocol, if the user chose one: it wins over the script's.
    pub protocol: Option<&'static Protocol>,
    /// What standard output carries.
    pub form: Form,
    /// Whether it carries snapshots too.
    pub snapshots: Snapshots,
    /// Whether the run goes on where something is not as it should be.
    pub on_finding: OnFinding,
    /// Where nodes come from.
    pub spawner: Box<dyn Spawner>,
    /// Whether the run is to end now.
    pub interruption: Interruption,
    /// Standard output.
    pub out: Sink,
    /// Standard error.
    pub err: Sink,
}

/// The seed of a run for which nobody chose one.
const DEFAULT_SEED: u64 = 1;

/// Carries out a whole script, with further readers of its trace. Whatever happens is told to the user.
pub fn carry_out<R: Reader + 'static>(
    script: &Script<Function>,
    options: Options,
    readers: impl IntoIterator<Item = R>,
) -> Verdict {
    let (err, on_finding) = (options.err.clone(), options.on_finding);
    let mut experiment = Experiment::new(options, &script.source_name);
    for reader in readers {
        experiment.follow(reader);
    }
    experiment.prepare(&script.invocations);
    let result = experiment.carry_out_all(&script.invocations, on_finding, &err);
    let result = result.and_then(|()| experiment.end());
    match result {
        Ok(()) => experiment.verdict,
        Err(stop) => {
            // Nothing better can be done where standard output and standard error are closed.
            let _ = experiment.record_stop(&stop);
            let _ = err.line(experiment.explain(&stop));
            experiment.verdict.max(stop.verdict())
        }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug)]
enum Progress {
    /// Seed and protocol may still be chosen.
    Settings,
    /// They are chosen.
    Steps,
}

/// A run under way.
pub struct Experiment {
    pub(super) cluster: Cluster,
    pub(super) roster: Roster,
    pub(super) server_program: ServerProgram,
    /// The protocols that the script is for; servers run the first one, unless they run a program of the user's.
    protocols: Vec<&'static Protocol>,
    /// Which of its ways the protocol goes.
    pub(super) variant: Variant,
    pub(super) stabilize_rounds: u64,
    /// The clients that will learn of a death when what the dead had sent them has arrived.
    pub(super) bereaved: Vec<Bereaved>,
    script_name: String,
    chosen_seed: Option<u64>,
    chosen_protocol: Option<&'static Protocol>,
    largest_delay: LargestDelay,
    verdict: Verdict,
    progress: Progress,
    /// The command under way: its line and its text.
    pub(super) current: Option<(usize, String)>,
    pub(super) operations: Operations,
    /// The operations that were begun without waiting, by name, and what began them.
    pub(super) named: BTreeMap<String, (Ticket, Invocation<Function>)>,
    /// The answers to those of them that were awaited.
    pub(super) heard: BTreeMap<String, Completion>,
    pub(super) conditions: Conditions,
    pub(super) castings: Castings,
    pub(super) membership: Membership,
    /// The command under way, if it must fail.
    pub(super) trial: Option<Trial>,
    /// The lines of the block that is open.
    pub(super) block: Option<Vec<Invocation<Function>>>,
    /// What a line of a block says, until it is its turn.
    pub(super) kept_back: Option<Vec<Said>>,
}

/// The largest delays that the script sets.
#[derive(Clone, Copy, Debug)]
struct LargestDelay {
    link: Span,
    disk: Span,
}

impl Experiment {
    /// A run that has not begun.
    #[must_use]
    pub fn new(options: Options, script_name: &str) -> Self {
        let Options { seed, protocol, form, snapshots, on_finding: _, spawner, interruption, out, err } = options;
        let first = protocol.unwrap_or(&PROTOCOLS[0]);
        let mut trace = Trace::default();
        trace.add(Warnings::new(err, script_name));
        match form {
            Form::Plain => trace.add(PlainOutput::new(out, snapshots)),
            Form::Transcript => trace.add(Transcript::new(out, snapshots)),
        }
        let seed_or_default = seed.unwrap_or(DEFAULT_SEED);
        Self {
            cluster: Cluster::new(Settings { seed: seed_or_default, spawner, trace, interruption }),
            roster: Roster::default(),
            server_program: ServerProgram::Protocol(first),
            protocols: vec![first],
            variant: Variant::default(),
            stabilize_rounds: 0,
            bereaved: Vec::new(),
            script_name: script_name.to_owned(),
            chosen_seed: seed,
            chosen_protocol: protocol,
            largest_delay: LargestDelay { link: limits::DEFAULT_DELAY, disk: Span(0) },
            verdict: Verdict::Passed,
            progress: Progress::Settings,
            current: None,
            operations: Operations::default(),
            named: BTreeMap::new(),
            heard: BTreeMap::new(),
            conditions: Conditions::default(),
            castings: Castings::default(),
            membership: Membership::default(),
            trial: None,
            block: None,
            kept_back: None,
        }
    }

    /// Adds a reader of the trace.
    pub fn follow(&mut self, reader: impl Reader + 'static) {
        self.cluster.follow(reader);
    }

    /// Learns from commands to come what must be known before they come: the largest delay, which timeouts follow.
    pub fn prepare(&mut self, invocations: &[Invocation<Function>]) {
        let invocations = || invocations.iter().flat_map(Invocation::and_held);
        invocations().for_each(|invocation| self.membership.learn(invocation));
        let delays = invocations().filter_map(commands::delay_of).map(|delay| delay.longest());
        self.largest_delay.link = delays.fold(self.largest_delay.link, Span::max);
        let slow_disks = invocations().filter_map(commands::slowness_of);
        self.largest_delay.disk = slow_disks.fold(self.largest_delay.disk, Span::max);
    }

    /// Carries out one command that was [prepared](Self::prepare), when nothing is left at the current instant.
    ///
    /// # Errors
    /// The run cannot go on.
    pub fn carry_out(&mut self, invocation: &Invocation<Function>) -> Result<(), Stop> {
        if invocation.command.phase == Phase::End {
            return Ok(());
        }
        // A command that founds the cluster may hold settings, and begins itself.
        if invocation.command.phase.is_step() {
            self.begin()?;
        }
        if self.keep_in_block(invocation) {
            return Ok(());
        }
        match invocation.command.phase {
            // It says when it comes itself: behind the lines that it ends.
            Phase::BlockEnd => self.current = Some((invocation.place.line, invocation.canonical())),
            _ => self.enter(invocation)?,
        }
        self.warn_of_absent_majority(invocation)?;
        self.act(invocation)?;
        self.settle()?;
        self.cluster.record(Happening::Settled)
    }

    /// Carries out one command after the other. What is left out, because something was found before, is told.
    fn carry_out_all(
        &mut self,
        invocations: &[Invocation<Function>],
        on_finding: OnFinding,
        err: &Sink,
    ) -> Result<(), Stop> {
        for (index, invocation) in invocations.iter().enumerate() {
            self.carry_out(invocation)?;
            let rest = invocations.get(index + 1);
            if let (OnFinding::LeaveOut, Verdict::Failed, Some(next)) = (on_finding, self.verdict, rest) {
                let (script, line) = (&self.script_name, next.place.line);
                return Ok(err.line(format_args!("stopped: {script}:{line}: what follows is left out (--fail-fast)"))?);
            }
        }
        Ok(())
    }

    /// Does what a command says, and says which faults of the network are over by that and did nothing.
    pub(super) fn act(&mut self, invocation: &Invocation<Function>) -> Result<(), Stop> {
        (invocation.command.run.0)(self, invocation)?;
        self.give_back_servers()?;
        self.cluster.take_idle_faults().into_iter().try_for_each(|idle| self.warn_of_idle(idle))
    }

    /// A command begins.
    pub(super) fn enter(&mut self, invocation: &Invocation<Function>) -> Result<(), Stop> {
        let text = invocation.canonical();
        self.cluster.record(Happening::Command { text: &text })?;
        self.current = Some((invocation.place.line, text));
        Ok(())
    }

    /// What is wrong with a command in view of what servers run now, if anything is.
    #[must_use]
    pub fn check(&self, invocation: &Invocation<Function>) -> Option<Mistake> {
        match self.server_program {
            ServerProgram::Protocol(_) => check_command(invocation, &self.protocols),
            ServerProgram::Command(_) => None,
        }
    }

    /// Ends all nodes and the trace.
    ///
    /// # Errors
    /// A node had died unnoticed, or did not leave as it should.
    pub fn end(&mut self) -> Result<(), Stop> {
        self.current = None;
        self.begin()?;
        if self.block.is_some() {
            self.end_block()?;
        }
        self.end_operations()?;
        let mut idle = self.conditions.idle();
        idle.extend(self.cluster.idle_faults());
        idle.sort_by_key(|idle| idle.line);
        idle.into_iter().try_for_each(|idle| self.warn_of_idle(idle))?;
        self.cluster.end()
    }

    /// Tells the readers of the trace what the settings have come to, once.
    ///
    /// # Errors
    /// A reader fails.
    pub(super) fn begin(&mut self) -> Result<(), Stop> {
        match std::mem::replace(&mut self.progress, Progress::Steps) {
            Progress::Settings => self.cluster.record(Happening::Begun { seed: self.cluster.seed() }),
            Progress::Steps => Ok(()),
        }
    }

    /// Tells the readers of the trace that the run stops here, and why, in one line.
    ///
    /// # Errors
    /// A reader fails.
    pub fn record_stop(&mut self, stop: &Stop) -> Result<(), Stop> {
        let reason = match stop {
            // Its sentence names paths, which differ from run to run; it stands on standard error.
            Stop::Environment(_) => "the environment failed".to_owned(),
            Stop::Node(_) | Stop::Limit(_) | Stop::Interrupted => stop.to_string(),
        };
        let text = reason.lines().next().unwrap_or_default();
        self.cluster.record(Happening::Stopped { text })
    }

    /// How many events there were: orders, messages and timers, each with all that came of it.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.cluster.events()
    }

    /// How the run went so far.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// What ended the run, and what it was at.
    #[must_use]
    pub fn explain(&self, stop: &Stop) -> String {
        match &self.current {
            Some((line, text)) => {
                let text = Quoted::new(text.as_bytes());
                format!("error: {stop}\n  while carrying out {}:{line}: {text}", self.script_name)
            }
            None => format!("error: {stop}\n  at the end of the run"),
        }
    }
}

/// For commands.
impl Experiment {
    /// Chooses the seed, unless the user has.
    pub(super) fn set_seed(&mut self, seed: u64) {
        self.cluster.set_seed(self.chosen_seed.unwrap_or(seed));
    }

    /// Chooses the first of the protocols that the script is for, if it says any, unless the user has chosen.
    pub(super) fn set_protocols(&mut self, listed: &[&'static Protocol]) {
        if let (None, [first, ..]) = (self.chosen_protocol, listed) {
            self.server_program = ServerProgram::Protocol(first);
            self.protocols = listed.to_vec();
        }
    }

    /// Prints a line on standard output. What a program of the user's says stays on its line: control characters, which
    /// no word of a script holds, are escaped.
    pub(super) fn print(&mut self, text: &str) -> Result<(), Stop> {
        let text = printed::on_one_line(text);
        self.say_in_trial(Said::Printed(text.into_owned()))
    }

    /// Notes an answer that is not printed.
    pub(super) fn answer(&mut self, text: &str) -> Result<(), Stop> {
        self.say_in_trial(Said::Answered(text.to_owned()))
    }

    /// Warns the user, who goes on.
    pub(super) fn warn(&mut self, text: &str) -> Result<(), Stop> {
        let line = self.current_line();
        self.cluster.record(Happening::Warning { line, text, words: "" })
    }

    /// Refuses what the command under way asks for: it is not done. A warning, unless the command must fail.
    pub(super) fn refuse(&mut self, text: &str) -> Result<(), Stop> {
        if self.is_trial() { self.fail_as_it_must(text) } else { self.warn(text) }
    }

    /// Warns of what has become of an operation, unless it must fail.
    pub(super) fn warn_of_failure(&mut self, text: &str) -> Result<(), Stop> {
        if self.is_trial() { Ok(()) } else { self.warn(text) }
    }

    /// Notes that something is not as it should be: the run goes on, and fails; unless the command under way must.
    pub(super) fn find(&mut self, text: &str) -> Result<(), Stop> {
        if self.is_trial() {
            return self.fail_as_it_must(text);
        }
        self.verdict = self.verdict.max(Verdict::Failed);
        let line = self.current_line();
        self.cluster.record(Happening::Finding { line, text })
    }

    /// A chain that is broken is something that should not be.
    pub(super) fn find_flaw(&mut self, server: NodeName, blocks: &[BlockRecord]) -> Result<(), Stop> {
        match verify(blocks) {
            Ok(()) => Ok(()),
            Err(flaw) => self.find(&format!("the blockchain of {} is broken: {flaw}", server.in_words())),
        }
    }

    /// The command under way may put faults of the network in force.
    pub(super) fn order(&mut self, invocation: &Invocation<Function>) -> Order {
        let (line, text) = (invocation.place.line, invocation.canonical());
        self.cluster.order(CommandName { line, name: invocation.typed_name, text: &text })
    }

    pub(super) fn current_line(&self) -> usize {
        self.current.as_ref().map_or(0, |(line, _)| *line)
    }

    /// The largest delay that a message can have, as far as it is known: it waits for a disk, and then it is under way.
    pub(super) fn largest_delay(&self) -> Span {
        self.largest_delay.link + self.largest_delay.disk
    }

    /// Starts a node.
    pub(super) fn start(&mut self, name: NodeName) -> Result<(), Stop> {
        let timeouts = Timeouts::for_delay(self.largest_delay());
        let terms = Terms { members: self.members(), timeouts, variant: self.variant };
        self.cluster.start(name, &self.server_program, &terms)
    }
}
