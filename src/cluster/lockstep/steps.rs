//! Steps, and what comes of them.

use crate::base::{Incarnation, NodeName, limits};
use crate::cluster::breach::{Breach, NodeFault, Quoted};
use crate::cluster::disk::{DiskError, Life, Waiting, When};
use crate::cluster::host::{Delivery, Host, StepAnswer};
use crate::cluster::lockstep::Cluster;
use crate::cluster::lockstep::life::Told;
use crate::cluster::queue::DiskDue;
use crate::cluster::stop::{LimitReached, Stop};
use crate::node::Effect;
use crate::trace::{Death, Happening};
use crate::wire::StateChange;
use crate::wire::disk::{DiskOutput, FileName};
use crate::wire::envelope::StepHeader;

impl Cluster {
    pub(super) fn step(&mut self, name: NodeName, delivery: Delivery<'_>) -> Result<(), Stop> {
        self.count_step()?;
        let node = self.nodes.get_mut(&name).expect("only nodes that were started take steps");
        node.steps += 1;
        let header = StepHeader { now: node.clock.show(self.now), step: node.steps };
        let host = node.host.as_mut().expect("only the living take steps");
        let mut answer = std::mem::take(&mut self.answer);
        if let Err(breach) = host.step(header, delivery, &mut answer) {
            return self.end_by_itself(name, life_of(delivery), breach);
        }
        let lines_before_outputs = match life_of(delivery) {
            // `init_ok` is a line, and no output.
            Life::Starting => {
                node.disk.accepted();
                1
            }
            Life::Running => 0,
        };
        let result = self.take_answer(name, lines_before_outputs, &mut answer);
        self.answer = answer;
        self.assert_sound();
        result
    }

    fn take_answer(&mut self, name: NodeName, lines_before: usize, answer: &mut StepAnswer) -> Result<(), Stop> {
        let mut effects = std::mem::take(&mut answer.effects);
        let places = self.hold_back(name, &mut effects);
        let node = self.nodes.get_mut(&name).expect("only nodes that were started take steps");
        let crash = node.crash_within(effects.iter().map(Some));
        if crash.is_some() {
            // It never came to its `done`.
            answer.changes = StateChange::default();
        }
        node.digest = answer.changes.digest.or(node.digest);
        node.told = Told {
            role: answer.changes.role.or(node.told.role),
            term: answer.changes.term.or(node.told.term),
            queued: answer.changes.queued.or(node.told.queued),
        };
        let now = node.clock.reading(self.now);
        let StepAnswer { line, lines, changes, .. } = &*answer;
        self.trace.record(self.now, Happening::Step { node: name, now, line, outputs: lines, changes })?;
        let happen = crash.unwrap_or(effects.len());
        for (index, effect) in effects.drain(..).enumerate() {
            if index >= happen {
                // A file that was cut off is cut off, whatever becomes of the step.
                if let Effect::Disk(DiskOutput::Truncate { file, length }) = effect {
                    self.node(name).disk.cut_before_crash(&file, length);
                }
                continue;
            }
            if let Err(refused) = self.carry_out(name, effect) {
                let place = places.as_ref().map_or(index, |places| places[index]);
                return Err(self.explain(name, refused, Quoted::new(nth_line(&answer.lines, lines_before + place))));
            }
        }
        answer.effects = effects;
        match crash {
            Some(outputs) => {
                let place = places.map_or(outputs, |places| places[outputs]);
                self.die(name, Death::CrashedAfter { outputs, place })
            }
            None => Ok(()),
        }
    }

    /// Lets what waits for a slow disk wait. Returns where those that are left stood, and at last where the step ended,
    /// if any may have been taken out.
    fn hold_back(&mut self, name: NodeName, effects: &mut Vec<Effect>) -> Option<Vec<usize>> {
        let now = self.now;
        let node = self.nodes.get_mut(&name).expect("only nodes that were started take steps");
        if !node.disk.is_slow(now) {
            return None;
        }
        let incarnation = node.incarnation;
        let mut places = Vec::new();
        let scheduled = node.disk.schedule(now, effects.drain(..));
        let end = scheduled.len();
        for (place, when) in scheduled.into_iter().enumerate() {
            match when {
                When::Now(effect) => {
                    match &effect {
                        Effect::Disk(DiskOutput::Rename { to, .. }) => self.limit_syncs_of(name, incarnation, to, 0),
                        Effect::Disk(DiskOutput::Truncate { file, length }) => {
                            self.limit_syncs_of(name, incarnation, file, *length);
                        }
                        _ => {}
                    }
                    effects.push(effect);
                    places.push(place);
                }
                When::At(at, waiting) => self.queue.add_disk(at, DiskDue { node: name, incarnation, waiting }),
            }
        }
        places.push(end);
        Some(places)
    }

    /// A file is replaced or cut off. What a slow disk is syncing of it is what was there before: it must not make
    /// durable what comes in its place.
    fn limit_syncs_of(&mut self, name: NodeName, incarnation: Incarnation, file: &FileName, length: u64) {
        for waiting in self.queue.waiting_for_disk(name, incarnation) {
            if let Waiting::Synced(synced, up_to) = waiting
                && synced == file
            {
                *up_to = length.min(*up_to);
            }
        }
    }

    /// The disk is ready for what waited for it, unless the node died meanwhile.
    pub(super) fn release(&mut self, due: DiskDue) -> Result<(), Stop> {
        let DiskDue { node: name, incarnation, waiting } = due;
        let node = self.node(name);
        if node.host.is_none() || node.incarnation != incarnation {
            return Ok(());
        }
        let effect = match &waiting {
            Waiting::Synced(..) => None,
            Waiting::Effect(effect) => Some(effect),
        };
        let crash = node.crash_within(std::iter::once(effect));
        if crash != Some(0) {
            let result = match waiting {
                Waiting::Synced(file, length) => {
                    node.disk.synced(&file, length);
                    Ok(())
                }
                Waiting::Effect(effect) => self.carry_out(name, effect),
            };
            result.map_err(|refused| self.explain(name, refused, Quoted::new(b"(it has waited for the slow disk)")))?;
        }
        crash.map_or(Ok(()), |_| self.die(name, Death::CrashedWaiting))
    }

    fn count_step(&mut self) -> Result<(), Stop> {
        self.events += 1;
        self.steps_in_this_instant += 1;
        if self.interruption.happened() {
            Err(Stop::Interrupted)
        } else if self.events > limits::EVENTS_IN_A_RUN {
            Err(LimitReached::Events.into())
        } else if self.steps_in_this_instant > limits::STEPS_IN_AN_INSTANT {
            Err(LimitReached::StepsInAnInstant.into())
        } else if self.queue.length() > limits::EVENTS_DUE {
            Err(LimitReached::EventsDue.into())
        } else {
            Ok(())
        }
    }

    fn carry_out(&mut self, name: NodeName, effect: Effect) -> Result<(), Refused> {
        match effect {
            Effect::Send { to, payload } | Effect::SendEarly { to, payload } => self.send(name, to, payload),
            Effect::Disk(output) => {
                if let DiskOutput::Rename { file, to } = &output {
                    self.end_syncs_of(name, file, to);
                }
                Ok(self.node(name).disk.apply(&output)?)
            }
            Effect::SetTimer { id, after } => {
                self.set_timer(name, id.into_owned(), after);
                Ok(())
            }
            Effect::CancelTimer { id } => {
                self.cancel_timer(name, &id);
                Ok(())
            }
            Effect::Complete(completion) => {
                let in_reply_to = completion.in_reply_to();
                if let Some(operation) = self.unknown.remove(&(name, in_reply_to)) {
                    let (operation, completion) = (&operation, &completion);
                    return Ok(self.record(Happening::Late { client: name, operation, completion })?);
                }
                match self.invocations.get_mut(&(name, in_reply_to)) {
                    Some(open) if open.completion.is_none() => open.completion = Some(completion),
                    Some(_) | None => return Err(Refused::UnaskedAnswer(in_reply_to)),
                }
                self.requests.note_end(name);
                Ok(())
            }
        }
    }

    /// A file gets another name. It has it at once, and durably; so what a slow disk is still syncing of it is durable
    /// too, or a loss of power would leave a new name on what the node had synced, and nothing in it.
    fn end_syncs_of(&mut self, name: NodeName, file: &FileName, to: &FileName) {
        let now = self.now;
        let node = self.nodes.get_mut(&name).expect("only nodes that were started have files");
        if !node.disk.is_slow(now) {
            return;
        }
        for waiting in self.queue.waiting_for_disk(name, node.incarnation) {
            if let Waiting::Synced(synced, length) = waiting
                && synced == file
            {
                node.disk.synced(file, std::mem::take(length));
                *synced = to.clone();
            }
        }
    }

    fn explain(&self, name: NodeName, refused: Refused, line: Quoted) -> Stop {
        match refused {
            Refused::Stop(stop) => stop,
            Refused::Destination(destination) => {
                self.stop(name, Breach::UnknownDestination { line, destination: destination.to_string() })
            }
            Refused::UnaskedAnswer(in_reply_to) => self.stop(name, Breach::UnaskedAnswer { line, in_reply_to }),
            Refused::Disk(DiskError::Claim(reason)) => self.stop(name, Breach::FalseClaim { line, reason }),
            Refused::Disk(DiskError::Environment(failure)) => failure.into(),
        }
    }

    /// A breach ends the run; of a node that an interruption killed, the interruption is the reason.
    pub(super) fn stop(&self, name: NodeName, breach: Breach) -> Stop {
        if self.interruption.happened() {
            return Stop::Interrupted;
        }
        match self.nodes.get(&name).and_then(|node| node.host.as_deref()) {
            Some(host) => fault(name, breach, host).into(),
            None => NodeFault { node: name, breach, log: Vec::new() }.into(),
        }
    }
}

/// Why an output is not carried out.
pub(super) enum Refused {
    /// No such node was ever started.
    Destination(NodeName),
    /// No such operation is under way.
    UnaskedAnswer(u64),
    /// The disk cannot do it.
    Disk(DiskError),
    /// The run ends for another reason.
    Stop(Stop),
}

impl From<DiskError> for Refused {
    fn from(error: DiskError) -> Self {
        Self::Disk(error)
    }
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

pub(super) fn fault(node: NodeName, breach: Breach, host: &dyn Host) -> NodeFault {
    NodeFault { node, breach, log: host.last_log_lines() }
}

fn life_of(delivery: Delivery<'_>) -> Life {
    match delivery {
        Delivery::Init(_) => Life::Starting,
        Delivery::Input(_) | Delivery::Room(_) => Life::Running,
    }
}

fn nth_line(lines: &[u8], index: usize) -> &[u8] {
    lines.split(|&byte| byte == b'\n').nth(index).unwrap_or_default()
}
