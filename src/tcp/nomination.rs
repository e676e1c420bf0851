//! What becomes of asking a server to lead.

use crate::base::NodeName;
use crate::protocol::{Agreement, Protocol};
use crate::wire::ServerRole;

/// What became of it. Whether the server will lead is up to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nomination {
    /// It was asked.
    Asked,
    /// It is not there.
    Absent,
    /// The link to it is cut.
    Cut,
    /// It has not begun: the cluster is not founded.
    NotFounded,
    /// It has lost its disk, and may not lead.
    OnlyLearns,
    /// Under this protocol nobody leads.
    NobodyLeads,
}

/// What is known of a server that is to be asked, and is there.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Is the link to it cut?
    pub is_cut: bool,
    /// Has its machine begun?
    pub is_founded: bool,
    /// Which part it plays.
    pub role: Option<ServerRole>,
}

impl Nomination {
    /// What is to become of it under a protocol: nothing is known of a server that is not there.
    #[must_use]
    pub fn of(protocol: &Protocol, known: Option<Known>) -> Self {
        match (protocol.agreement, known) {
            (Agreement::Eventual, _) => Self::NobodyLeads,
            (Agreement::Consensus, None) => Self::Absent,
            (Agreement::Consensus, Some(Known { is_cut: true, .. })) => Self::Cut,
            (Agreement::Consensus, Some(Known { is_founded: false, .. })) => Self::NotFounded,
            (Agreement::Consensus, Some(Known { role: Some(ServerRole::Learner), .. })) => Self::OnlyLearns,
            (Agreement::Consensus, Some(_)) => Self::Asked,
        }
    }

    /// Why the server was not asked; nothing if it was.
    #[must_use]
    pub fn objection(self, server: NodeName) -> Option<String> {
        let name = server.in_words();
        match self {
            Self::Asked => None,
            Self::Cut => Some(format!("the link to {name} is cut: it was not asked to lead")),
            Self::Absent => Some(format!("{name} is not there: nobody was asked to lead")),
            Self::NotFounded => Some(format!("the cluster is not founded yet: {name} was not asked to lead")),
            Self::OnlyLearns => Some(format!("{name} only learns what the others decide: it was not asked to lead")),
            Self::NobodyLeads => Some(format!("under this protocol nobody leads: {name} was not asked to")),
        }
    }
}
