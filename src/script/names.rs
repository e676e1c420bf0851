//! Which ids have joined, as what, and where.
//!
//! There is one id space: a number is a server or a client. An id that was joined as both is *doubtful*: that was
//! reported once, and later lines may use it either way, so that one mistake does not cause twenty.
//!
//! Deliberately missing: whether a node is alive.

use std::collections::BTreeMap;

use crate::base::{NodeKind, NodeName};
use crate::script::invocation::{NodeReference, Place};
use crate::script::nearest::nearest;

/// The most ids that a help lists.
const IDS_LISTED: usize = 10;
/// Shorter ids are near to all others, so none is suggested for them.
const NEAR_ID_DIGITS: usize = 3;

/// The ids that joined so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(BTreeMap<u32, Joined>);

/// How an id joined first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joined {
    /// As what.
    pub(super) kind: NodeKind,
    /// Where.
    pub(super) place: Place,
    /// It was joined as the other kind as well, or under a name of the other kind.
    pub(super) doubtful: bool,
}

impl Names {
    /// How this id joined.
    pub(super) fn get(&self, number: u32) -> Option<&Joined> {
        self.0.get(&number)
    }

    /// Notes that a line joins this node.
    pub(super) fn join(&mut self, reference: &NodeReference, place: Place) {
        let name = reference.name;
        let joined = self.0.entry(name.number).or_insert(Joined { kind: name.kind, place, doubtful: false });
        let misnamed = reference.typed.parse::<NodeName>().is_ok_and(|typed| typed != name);
        joined.doubtful |= joined.kind != name.kind || misnamed;
    }

    /// All that joined, by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = NodeName> {
        self.0.iter().map(|(&number, joined)| NodeName { kind: joined.kind, number })
    }

    /// What to write in place of the unknown id `number`, where a node of kind `wanted` (or of any) is asked for.
    pub(super) fn suggest(&self, number: u32, wanted: Option<NodeKind>) -> String {
        let numbers = || {
            let fits = move |name: &NodeName| wanted.is_none_or(|kind| kind == name.kind);
            self.iter().filter(fits).map(|name| name.number.to_string())
        };
        let what = wanted.map_or_else(|| "node".to_owned(), |kind| kind.to_string());
        let typed = number.to_string();
        if typed.len() >= NEAR_ID_DIGITS {
            let known: Vec<_> = numbers().filter(|known| known.len().abs_diff(typed.len()) <= 1).collect();
            if let Some(near) = nearest(&typed, known.iter().map(String::as_str)) {
                return format!("did you mean {near}, which is a {what}?");
            }
        }
        let listed: Vec<_> = numbers().take(IDS_LISTED).collect();
        let more = numbers().count() - listed.len();
        match (listed.as_slice(), more) {
            ([], _) => format!("no {what} has joined before this line"),
            ([only], _) => format!("the only {what} that has joined is {only}"),
            (_, 0) => format!("the {what}s that have joined are {}", listed.join(", ")),
            (_, _) => format!("the {what}s that have joined are {} and {more} more", listed.join(", ")),
        }
    }
}
