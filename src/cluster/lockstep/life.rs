//! The lives of nodes: start, death of every kind, and the end of the run.

use std::collections::BTreeMap;

use crate::base::{Incarnation, NodeName, Time};
use crate::cluster::breach::Breach;
use crate::cluster::disk::{Blame, Disk, DiskError, Idle, Life, Remains};
use crate::cluster::host::{Delivery, Host};
use crate::cluster::lockstep::clocks::NodeClock;
use crate::cluster::lockstep::pause::Pause;
use crate::cluster::lockstep::steps::fault;
use crate::cluster::lockstep::{Armed, Cluster};
use crate::cluster::queue::{EventKey, Order};
use crate::cluster::spawner::{Lines, ServerProgram};
use crate::cluster::stop::Stop;
use crate::trace::{Death, DiskFault, Happening};
use crate::wire::control::{Init, LOCKSTEP, Timeouts, Variant};
use crate::wire::{Digest, ServerRole};

/// What a server says of its part, as far as it said anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Which part it plays.
    pub role: Option<ServerRole>,
    /// The number of its ballot or term.
    pub term: Option<u64>,
    /// How much waits to be decided.
    pub queued: Option<u64>,
}

/// What a node is told of the cluster when it starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// All servers, the node itself included if it is one.
    pub members: Vec<NodeName>,
    /// How long it waits.
    pub timeouts: Timeouts,
    /// Which of its ways its protocol goes.
    pub variant: Variant,
}

/// A node that was started at least once.
pub(super) struct Node {
    pub(super) incarnation: Incarnation,
    /// None while it is dead.
    pub(super) host: Option<Box<dyn Host>>,
    /// How many steps this incarnation took.
    pub(super) steps: u64,
    /// Over all its lives.
    pub(super) clock: NodeClock,
    /// The timers that are set, by their ids.
    pub(super) timers: BTreeMap<String, EventKey>,
    /// As `done` told it last.
    pub(super) digest: Option<Digest>,
    /// As `done` told them last.
    pub(super) told: Told,
    /// Over all its lives.
    pub(super) disk: Disk,
    /// The crash that waits for its outputs.
    pub(super) armed: Option<Armed>,
    /// The pause that it is in, while it lives.
    pub(super) pause: Option<Pause>,
    /// How it last died, and when.
    pub(super) last_death: Option<(Death, Time)>,
}

/// A node that died as the script wanted it, or because of a fault that the script ordered.
#[derive(Clone, Debug)]
pub struct Obituary {
    /// Which.
    pub node: NodeName,
    /// What its death ended and had done nothing: a tear of its disk, a pause.
    pub idle: Vec<Idle>,
    /// What it had written and never told its disk of, in words: it is lost.
    pub unsaid: Vec<String>,
    /// Why it ended by itself, if it did.
    pub refusal: Option<Refusal>,
}

/// Why a node ended by itself because of its disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What of the script has brought that about.
    pub blame: Blame,
    /// The last line of the node's log, or that there is none.
    pub words: String,
}

/// Starting and ending nodes.
impl Cluster {
    /// Starts a node, for the first time or again. It may be dead again when this returns, because of a fault that was
    /// ordered.
    ///
    /// # Errors
    /// It cannot be started, or does not answer `init` as it should.
    ///
    /// # Panics
    /// If it is alive.
    pub fn start(&mut self, name: NodeName, program: &ServerProgram, terms: &Terms) -> Result<(), Stop> {
        let Terms { members, timeouts, variant } = terms;
        let lines = if self.trace.wants_lines() { Lines::Wanted } else { Lines::Unwanted };
        let node = match self.nodes.remove(&name) {
            Some(node) => {
                let incarnation = node.incarnation.next().expect("fewer starts than events in a run");
                Node { incarnation, steps: 0, ..node }
            }
            None => Node {
                incarnation: Incarnation(0),
                host: None,
                steps: 0,
                clock: NodeClock::default(),
                timers: BTreeMap::new(),
                digest: None,
                told: Told::default(),
                disk: Disk::new(self.spawner.files(name))?,
                armed: None,
                pause: None,
                last_death: None,
            },
        };
        assert!(node.host.is_none(), "{name} is alive");
        self.members.extend(members);
        let (incarnation, room) = (node.incarnation, node.disk.room());
        let host = self.spawner.spawn(name, program, node.disk.files(), lines)?;
        self.nodes.insert(name, Node { host: Some(host), ..node });
        self.trace
            .record(self.now, Happening::Started { node: name, incarnation, runs: program.as_run_by(name.kind) })?;
        self.ordered += 1;
        let init = Init {
            msg_id: self.ordered,
            node_id: name,
            node_ids: members.clone(),
            lockstep: Some(LOCKSTEP),
            seed: self.seed,
            incarnation,
            timeouts: Some(*timeouts),
            variant: *variant,
            disk: room,
        };
        self.step(name, Delivery::Init(&init))
    }

    /// Kills a node at once; it is dead when this returns. Its timers die with it; what it had sent is delivered; its
    /// files are as it left them.
    ///
    /// # Errors
    /// A reader of the trace fails; the node had not written what it said.
    ///
    /// # Panics
    /// If it is not alive.
    pub fn kill(&mut self, name: NodeName) -> Result<(), Stop> {
        self.die(name, Death::Killed)
    }

    /// Kills a node at once, as a loss of power does: what it had not synced is lost.
    ///
    /// # Errors
    /// See [`Cluster::kill`].
    ///
    /// # Panics
    /// If it is not alive.
    pub fn crash(&mut self, name: NodeName) -> Result<(), Stop> {
        self.die(name, Death::Crashed)
    }

    /// Orders a crash of a node for later, in this life or a later one. Returns the crash that this one replaces.
    pub fn crash_later(&mut self, name: NodeName, armed: Armed) -> Option<Idle> {
        let replaced = self.node(name).armed.replace(armed)?;
        let text = "`crash` did nothing: another order took its place before it came";
        Some(Idle { line: replaced.line, text: text.into() }.of(name))
    }

    /// Puts a fault of a node's disk in force, or lifts them. Returns those that did nothing while they were in force.
    ///
    /// # Errors
    /// The files cannot be changed; the node broke the protocol, or died.
    pub fn disk_fault(&mut self, name: NodeName, fault: DiskFault, line: usize) -> Result<Vec<Idle>, Stop> {
        let node = self.nodes.get_mut(&name).expect("only nodes that were started have a disk");
        let room = node.disk.room();
        let idle: Vec<_> = node.disk.order(fault, line)?.into_iter().map(|idle| idle.of(name)).collect();
        let (is_alive, room_now) = (node.host.is_some(), node.disk.room());
        self.trace.record(self.now, Happening::DiskFault { node: name, fault })?;
        if is_alive && room_now != room {
            if self.is_paused(name) {
                self.let_order_wait(name, Order::Room(room_now))?;
                return Ok(idle);
            }
            self.step(name, Delivery::Room(room_now))?;
        }
        Ok(idle)
    }

    /// The faults in force that have done nothing so far.
    #[must_use]
    pub fn idle_faults(&self) -> Vec<Idle> {
        let idle_of = |(&name, node): (&NodeName, &Node)| {
            let pause = node.pause.as_ref().and_then(|pause| pause.idle(name));
            let crash = node.armed.as_ref().map(|armed| armed.idle(name));
            let faults = node.disk.idle().into_iter().chain(node.clock.idle()).map(|idle| idle.of(name));
            faults.chain(crash).chain(pause).collect::<Vec<_>>()
        };
        let of_network = self.switch.idle().into_iter().map(Idle::from);
        self.nodes.iter().flat_map(idle_of).chain(of_network).collect()
    }

    /// How a node last died as the script wanted it, or because of a fault that the script ordered, and when.
    #[must_use]
    pub fn last_death(&self, name: NodeName) -> Option<(Death, Time)> {
        self.nodes.get(&name).and_then(|node| node.last_death)
    }

    /// The nodes that have died since this was last called, in order.
    pub fn take_deaths(&mut self) -> Vec<Obituary> {
        std::mem::take(&mut self.deaths)
    }

    /// A node dies as the script wanted it.
    pub(super) fn die(&mut self, name: NodeName, death: Death) -> Result<(), Stop> {
        let (unsaid, idle) = self.take_life(name, death)?;
        self.deaths.push(Obituary { node: name, idle, unsaid, refusal: None });
        Ok(())
    }

    /// Ends a node's process and its timers, and takes from its files what they lose. Tells what it had written and never
    /// told of, and what that ended and had done nothing.
    fn take_life(&mut self, name: NodeName, death: Death) -> Result<(Vec<String>, Vec<Idle>), Stop> {
        let node = self.nodes.get_mut(&name).expect("only nodes that live die");
        let mut host = node.host.take().expect("only nodes that live die");
        host.kill();
        for (_, key) in std::mem::take(&mut node.timers) {
            self.queue.remove(key);
        }
        node.digest = None;
        node.told = Told::default();
        node.last_death = Some((death, self.now));
        let pause = node.pause.take();
        let remains = node.disk.survive(death).map_err(|error| disk_stop(name, error, &*host))?;
        let Remains { losses, files, unsaid, idle } = remains;
        self.trace.record(self.now, Happening::Died { node: name, death, losses: &losses, files: &files })?;
        self.watches.note_death(name);
        let idle = idle
            .into_iter()
            .map(|idle| idle.of(name))
            .chain(pause.as_ref().and_then(|pause| pause.idle(name)))
            .collect();
        pause.map_or(Ok(()), |pause| self.lose_what_waits(pause))?;
        Ok((unsaid, idle))
    }

    /// A node ended in a step. If the script has brought that about, it is dead, and the run goes on.
    pub(super) fn end_by_itself(&mut self, name: NodeName, life: Life, breach: Breach) -> Result<(), Stop> {
        let node = self.nodes.get_mut(&name).expect("only nodes that were started take steps");
        let is_death = matches!(breach, Breach::Died { .. }) && !self.interruption.happened();
        match node.disk.blame(life).filter(|_| is_death) {
            Some(blame) => {
                let words = node.host.as_ref().and_then(|host| host.last_log_lines().pop());
                let words = words.unwrap_or_else(|| "its log is empty".to_owned());
                let (unsaid, idle) = self.take_life(name, Death::Refused)?;
                let refusal = Some(Refusal { blame, words });
                self.deaths.push(Obituary { node: name, idle, unsaid, refusal });
                Ok(())
            }
            None => Err(self.stop(name, breach)),
        }
    }

    /// Ends all nodes and the trace.
    ///
    /// # Errors
    /// A node had died unnoticed, put out what nobody asked for, or had to be killed.
    pub fn end(&mut self) -> Result<(), Stop> {
        self.measure_leader();
        let account = self.account_without_heartbeats();
        self.trace.record(self.now, Happening::End { account })?;
        for (&name, node) in &self.nodes {
            if let Some(host) = &node.host {
                node.disk.check_lengths().map_err(|error| disk_stop(name, error, &**host))?;
            }
        }
        let mut hosts: Vec<_> =
            self.nodes.iter_mut().filter_map(|(&name, node)| Some((name, node.host.take()?))).collect();
        hosts.iter_mut().for_each(|(_, host)| host.close());
        // At the first fault the run has failed: those that are left are killed as `hosts` is dropped, so that many
        // nodes that do not leave take no longer than one.
        for (name, host) in &mut hosts {
            if let Err(breach) = host.wait() {
                let fault = fault(*name, breach, &**host);
                return Err(if self.interruption.happened() { Stop::Interrupted } else { fault.into() });
            }
        }
        Ok(())
    }
}

/// Why a run stops at what a node's files are.
fn disk_stop(name: NodeName, error: DiskError, host: &dyn Host) -> Stop {
    match error {
        DiskError::Claim(reason) => fault(name, Breach::MissingFile { reason }, host).into(),
        DiskError::Environment(failure) => failure.into(),
    }
}
