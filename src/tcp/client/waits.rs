//! What an operation waits for, told to whoever waits with it.

use crate::base::NodeName;
use crate::protocol::Agreement;
use crate::store::Operation;
use crate::tcp::bounds;
use crate::tcp::client::Client;
use crate::tcp::frame::Status;
use crate::tcp::introduction::numbers;
use crate::wire::ServerRole;

impl Client {
    /// When the first operation has waited for long, and again and again.
    pub(super) fn tell_what_is_waited_for(&mut self) {
        let now = self.clock.now();
        let pause = bounds::wait_told_after(self.peering.links.delay);
        let Some(first) = self.invocations.values().next() else {
            self.next_remark = None;
            return;
        };
        let due = first.since + pause;
        if now < self.next_remark.unwrap_or(due).max(due) {
            self.next_remark = Some(self.next_remark.unwrap_or(due).max(due));
            return;
        }
        self.next_remark = Some(now + pause);
        let others = match self.invocations.len() {
            1 => String::new(),
            count => format!(", and {} behind it", count - 1),
        };
        let operation = short(&first.operation);
        (self.tell)(&format!("`{operation}` waits{others}: {}", self.what_is_waited_for()));
    }

    fn what_is_waited_for(&self) -> String {
        let all = self.cluster.addresses.len();
        let Some((server, status)) =
            self.attached.first().and_then(|server| Some((server, self.statuses.get(server)?)))
        else {
            let addresses: Vec<_> = self.cluster.addresses.values().map(ToString::to_string).collect();
            return format!("no server is there, at {}", addresses.join(", "));
        };
        let name = server.in_words();
        let leader = self.statuses.iter().find(|(_, status)| status.role == Some(ServerRole::Leader));
        let majority = self.cluster.majority() as u32;
        let learns =
            |(server, status): (&NodeName, &Status)| (status.role == Some(ServerRole::Learner)).then_some(*server);
        let learners: Vec<_> = self.statuses.iter().filter_map(learns).collect();
        match (self.protocol.agreement, leader) {
            _ if !status.is_founded => {
                let is_missing = |server: &NodeName| !self.statuses.contains_key(server);
                let missing: Vec<_> = self.cluster.servers().filter(is_missing).collect();
                match missing.is_empty() {
                    true => "the cluster is not founded yet".to_owned(),
                    false => format!("the cluster is not founded yet; server {} is missing", numbers(&missing)),
                }
            }
            (Agreement::Eventual, _) => format!("{name} has not answered"),
            (Agreement::Consensus, _) if all - learners.len() < self.cluster.majority() => {
                format!("no majority can decide: servers {} lost their disks, and only learn", numbers(&learners))
            }
            (Agreement::Consensus, Some((leader, status))) if status.connected >= majority => {
                format!("{} leads, and has not decided it yet", leader.in_words())
            }
            (Agreement::Consensus, _) if self.statuses.values().all(|status| status.connected < majority) => {
                let connected = self.statuses.values().map(|status| status.connected).max().unwrap_or(0);
                format!("no majority is connected: at most {connected} of {all} servers are with each other")
            }
            (Agreement::Consensus, _) => "no server leads yet".to_owned(),
        }
    }
}

/// The beginning of an operation, for people.
fn short(operation: &Operation) -> String {
    /// The most of it that is shown, in characters.
    const SHOWN: usize = 80;
    let text = operation.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
