//! How time passes in a run: one event after the other, and what a death changes for those who knew the dead.

use crate::base::{NodeName, Span, Time};
use crate::cluster::{Blame, Idle, Obituary, Refusal, Stop};
use crate::experiment::run::Experiment;
use crate::protocol::Agreement;
use crate::trace::Happening;

/// A client whose server is dead, and that has not been told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bereaved {
    client: NodeName,
    server: NodeName,
}

impl Experiment {
    /// Lets one thing happen: what follows from what has happened, or else the next event if it is due until `until`. Was
    /// there anything?
    pub(super) fn advance(&mut self, until: Time) -> Result<bool, Stop> {
        if self.follow_up()? {
            return Ok(true);
        }
        let happened = self.cluster.advance(until)?;
        Ok(self.follow_up()? || happened)
    }

    /// Deaths are told, commands come that have waited for a message, and operations begin behind others. Was there
    /// anything but deaths?
    fn follow_up(&mut self) -> Result<bool, Stop> {
        self.mourn()?;
        let followed = self.follow_conditions()?;
        let collected = self.collect_answers()?;
        Ok(followed || collected)
    }

    /// Carries out everything that is due at the current instant; whoever has lost a server knows it then.
    pub(super) fn settle(&mut self) -> Result<(), Stop> {
        self.mourn()?;
        while self.advance(self.cluster.now())? {}
        for Bereaved { client, .. } in std::mem::take(&mut self.bereaved) {
            self.tell_servers(client)?;
        }
        while self.advance(self.cluster.now())? {}
        Ok(())
    }

    /// Lets `span` of time pass.
    pub(super) fn wait(&mut self, span: Span) -> Result<(), Stop> {
        let until = self.cluster.now() + span;
        while self.advance(until)? {}
        self.cluster.move_time(until)
    }

    /// Takes the dead from their clients, and says what there is to say of their deaths.
    pub(super) fn mourn(&mut self) -> Result<(), Stop> {
        for Obituary { node, idle, unsaid, refusal } in self.cluster.take_deaths() {
            // Under consensus a client has the others as well, and goes on by itself.
            let clients = match self.agreement() {
                Agreement::Eventual => self.roster.clients_of(node),
                Agreement::Consensus => Vec::new(),
            };
            for client in clients {
                self.roster.detach(client, node);
                self.bereaved.push(Bereaved { client, server: node });
            }
            if let Some(Refusal { blame: Blame { line, text }, words }) = refusal {
                let text = format!("{} ended by itself, {text} (line {line})", node.in_words());
                if self.is_instant_trial() {
                    self.fail_as_it_must(&text)?;
                } else {
                    let line = self.current_line();
                    self.cluster.record(Happening::Warning { line, text: &text, words: &words })?;
                }
            }
            for what in unsaid {
                self.warn(&format!("{} had written {what}, and never told its disk: lost", node.in_words()))?;
            }
            idle.into_iter().try_for_each(|idle| self.warn_of_idle(idle))?;
        }
        self.tell_bereaved()
    }

    /// A client learns that its server is dead as from a connection that closes: behind all that came on it.
    fn tell_bereaved(&mut self) -> Result<(), Stop> {
        for bereaved in std::mem::take(&mut self.bereaved) {
            if self.cluster.is_under_way(bereaved.server, bereaved.client) {
                self.bereaved.push(bereaved);
            } else {
                self.tell_servers(bereaved.client)?;
            }
        }
        Ok(())
    }

    /// Warns of a fault that did nothing, at the line that ordered it.
    pub(super) fn warn_of_idle(&mut self, idle: Idle) -> Result<(), Stop> {
        let Idle { line, text } = idle;
        self.cluster.record(Happening::Warning { line, text: &text, words: "" })
    }
}
