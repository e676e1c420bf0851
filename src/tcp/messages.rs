//! Messages as they come and go, told to people who watch: `--debug`.

use crate::base::{NodeName, Time};
use crate::machine::Payload;
use crate::tcp::links::Tell;

/// The most of a message that is shown, in characters.
const SHOWN: usize = 160;

/// Tells of messages, or does not.
pub struct Messages {
    own: NodeName,
    tell: Option<Tell>,
}

impl Messages {
    /// Of the node `own`; to nobody if there is no `tell`.
    #[must_use]
    pub fn new(own: NodeName, tell: Option<Tell>) -> Self {
        Self { own, tell }
    }

    /// One leaves, or begins to wait.
    pub fn went(&self, now: Time, to: NodeName, payload: &Payload) {
        self.show(now, (self.own, to), payload);
    }

    /// One came.
    pub fn came(&self, now: Time, from: NodeName, payload: &Payload) {
        self.show(now, (from, self.own), payload);
    }

    /// `12.034567 s1 -> s2 accept {"type":"accept",…`
    fn show(&self, now: Time, (from, to): (NodeName, NodeName), payload: &Payload) {
        let Some(tell) = &self.tell else { return };
        let mut json = Vec::new();
        payload.encode(&mut json);
        let json = String::from_utf8_lossy(&json);
        let short: String = json.chars().take(SHOWN).collect();
        let rest = if short.len() < json.len() { "…" } else { "" };
        tell(&format!("{now} {from} -> {to} {} {short}{rest}", payload.kind()));
    }
}
