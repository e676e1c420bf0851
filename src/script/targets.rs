//! Whom a command is about: nodes by name, or servers by the part that they play when the command comes.
//!
//! ```text
//! s1           that server
//! 0,1          these two
//! leader       whoever leads then
//! majority     more than half of the servers, drawn
//! ```
//!
//! Deliberately missing: who plays which part (known only when a script runs).

use crate::script::invocation::NodeReference;

/// A node, or some servers that are known only when the command comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// This node.
    Node(NodeReference),
    /// Whoever plays this part.
    Role(Role),
}

/// A part that servers play.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Every server.
    All,
    /// More than half of the servers: the least number that is, drawn.
    Majority,
    /// The servers that are not of the majority that the same command draws.
    Minority,
    /// One server, drawn.
    Random,
    /// The server that leads.
    Leader,
    /// The servers that do not lead.
    Followers,
}

impl Role {
    /// Every role, in the order in which mistakes list them.
    pub const EVERY: [Self; 6] =
        [Self::All, Self::Majority, Self::Minority, Self::Random, Self::Leader, Self::Followers];

    /// The word that stands for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Majority => "majority",
            Self::Minority => "minority",
            Self::Random => "random",
            Self::Leader => "leader",
            Self::Followers => "followers",
        }
    }

    /// The role that a word stands for.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::EVERY.into_iter().find(|role| role.word() == word)
    }

    /// Is there somebody who plays it only under a protocol with a leader?
    #[must_use]
    pub fn needs_a_leader(self) -> bool {
        match self {
            Self::Leader | Self::Followers => true,
            Self::All | Self::Majority | Self::Minority | Self::Random => false,
        }
    }
}

impl Target {
    /// The one text that means this target, and no other.
    #[must_use]
    pub fn canonical(&self) -> String {
        match self {
            Self::Node(reference) => reference.canonical(),
            Self::Role(role) => role.word().to_owned(),
        }
    }

    /// The part, if it is one.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        match self {
            Self::Node(_) => None,
            Self::Role(role) => Some(*role),
        }
    }
}

/// Several targets as a script writes them: with commas between them.
pub(super) fn in_a_list(targets: &[Target]) -> String {
    targets.iter().map(Target::canonical).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_and_its_word_are_one() {
        for role in Role::EVERY {
            assert_eq!(Role::of(role.word()), Some(role));
        }
        assert_eq!((Role::of("s1"), Role::of("Leader"), Role::of("")), (None, None, None));
    }
}
