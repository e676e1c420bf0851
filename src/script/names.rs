//! Which ids have joined, as what, and where.
//!
//! There is one id space: a number is a server or a client. An id that was joined as both is *doubtful*: that was
//! reported once, and later lines may use it either way, so that one mistake does not cause twenty. A command that
//! joins nodes by their count gives servers and clients numbers of their own, and a number may then be one of each.
//!
//! Deliberately missing: whether a node is alive.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::{NodeKind, NodeName};
use crate::script::consoles::server_at;
use crate::script::invocation::{NodeReference, Numbering, Place};
use crate::script::nearest::nearest;
use crate::script::source::Belonging;

/// The most ids that a help lists.
const IDS_LISTED: usize = 10;
/// Shorter ids are near to all others, so none is suggested for them.
const NEAR_ID_DIGITS: usize = 3;

/// The ids that joined so far.
///
/// Invariant: under [`Numbering::Common`] no number is there twice.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    joined: BTreeMap<(u32, NodeKind), Joined>,
    numbering: Numbering,
    /// Who listens at which port, where that is known.
    ports: BTreeMap<u32, BTreeSet<u32>>,
}

/// A node's id as a word gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id {
    /// Its kind, if the word says it.
    pub(super) kind: Option<NodeKind>,
    /// Its number.
    pub(super) number: u32,
}

/// An id, and the kind of node that the parameter takes, if it takes one kind.
pub(super) type SoughtId = (Id, Option<NodeKind>);

/// How an id joined first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Joined {
    /// As what.
    pub(super) kind: NodeKind,
    /// Under which number.
    pub(super) number: u32,
    /// Where.
    pub(super) place: Place,
    /// It was joined as the other kind as well, or under a name of the other kind.
    pub(super) doubtful: bool,
}

impl Joined {
    /// The node that joined.
    pub(super) fn name(&self) -> NodeName {
        NodeName { kind: self.kind, number: self.number }
    }
}

impl Names {
    /// What a number means.
    pub(super) fn numbering(&self) -> Numbering {
        self.numbering
    }

    /// May a number be two nodes?
    pub(super) fn may_be_two(&self) -> bool {
        self.numbering == Numbering::PerKind
    }

    /// From here on servers and clients have numbers of their own.
    pub(super) fn number_kinds_apart(&mut self) {
        self.numbering = Numbering::PerKind;
    }

    /// The node that `id` names where a node of kind `wanted` (or of any) is asked for. It may be of another kind.
    pub(super) fn find(&self, id: Id, wanted: Option<NodeKind>) -> Option<&Joined> {
        let of_kind = |kind: NodeKind| self.joined.get(&(id.number, kind));
        match (self.numbering, self.kind_sought(id, wanted)) {
            (Numbering::PerKind, Some(kind)) => id.kind.and_then(of_kind).or_else(|| of_kind(kind)),
            (Numbering::Common, _) | (_, None) => self.first_of(id.number),
        }
    }

    /// The kind of node that is meant, if that is known: what the parameter takes, what the word says, or else, if
    /// numbers alone do not tell, a server.
    pub(super) fn kind_sought(&self, id: Id, wanted: Option<NodeKind>) -> Option<NodeKind> {
        let otherwise = match self.numbering {
            Numbering::Common => None,
            Numbering::PerKind => Some(NodeKind::Server),
        };
        wanted.or(id.kind).or(otherwise)
    }

    /// Notes that a server listens at a port.
    pub(super) fn listens(&mut self, server: NodeName, port: u16) {
        self.ports.entry(port.into()).or_default().insert(server.number);
    }

    /// The server that listens at a port, on whichever machine, if that is one. Where nobody is known to listen, the one that
    /// would in the courses.
    pub(super) fn at_port(&self, port: u32) -> Option<&Joined> {
        let number = match self.ports.get(&port) {
            Some(servers) if servers.len() > 1 => return None,
            Some(servers) => *servers.first()?,
            None => server_at(port)?,
        };
        self.find(Id { kind: Some(NodeKind::Server), number }, None).filter(|joined| joined.kind == NodeKind::Server)
    }

    /// What keeps this node from joining: the number is taken.
    pub(super) fn in_the_way_of(&self, name: NodeName) -> Option<&Joined> {
        match self.numbering {
            Numbering::Common => self.first_of(name.number).filter(|first| first.kind != name.kind && !first.doubtful),
            Numbering::PerKind => None,
        }
    }

    fn first_of(&self, number: u32) -> Option<&Joined> {
        self.joined.range((number, NodeKind::Server)..=(number, NodeKind::Client)).next().map(|(_, joined)| joined)
    }

    /// The node that joined first of all.
    pub(super) fn first(&self) -> Option<&Joined> {
        self.joined.values().min_by_key(|joined| joined.place.line)
    }

    /// Notes that a line joins this node.
    pub(super) fn join(&mut self, reference: &NodeReference, place: Place) {
        let name = reference.name;
        let kind = self.in_the_way_of(name).map_or(name.kind, |first| first.kind);
        let new = Joined { kind, number: name.number, place, doubtful: false };
        let joined = self.joined.entry((name.number, kind)).or_insert(new);
        let misnamed = reference.typed.parse::<NodeName>().is_ok_and(|typed| typed != name);
        joined.doubtful |= joined.kind != name.kind || misnamed;
    }

    /// All that joined, by number.
    pub(super) fn iter(&self) -> impl Iterator<Item = NodeName> {
        self.joined.values().map(Joined::name)
    }

    /// How a node is written here, so that nothing else could be meant.
    pub(super) fn text(&self, name: NodeName) -> String {
        self.numbering.text(name)
    }

    /// What to write in place of the unknown id `number`, where a node of kind `wanted` (or of any) is asked for.
    pub(super) fn suggest(&self, number: u32, wanted: Option<NodeKind>, belonging: &Belonging) -> String {
        let fitting = || self.iter().filter(move |name: &NodeName| wanted.is_none_or(|kind| kind == name.kind));
        let what = wanted.map_or_else(|| "node".to_owned(), |kind| kind.to_string());
        let typed = number.to_string();
        if typed.len() >= NEAR_ID_DIGITS {
            let numbers = fitting().map(|name| (name, name.number.to_string()));
            let known: Vec<_> = numbers.filter(|(_, known)| known.len().abs_diff(typed.len()) <= 1).collect();
            let near = nearest(&typed, known.iter().map(|(_, known)| known.as_str()));
            if let Some((name, _)) = near.and_then(|near| known.iter().find(|(_, known)| known == near)) {
                return format!("did you mean {}, which is a {what}?", self.text(*name));
            }
        }
        let listed: Vec<_> = fitting().take(IDS_LISTED).map(|name| self.text(name)).collect();
        let more = fitting().count() - listed.len();
        match (listed.as_slice(), more) {
            ([], _) if self.joined.is_empty() => {
                format!("no {what} {}; `cluster servers=3 clients=2` starts some", belonging.none_is)
            }
            ([], _) => format!("no {what} {}", belonging.none_is),
            ([only], _) => format!("the only {what} {} is {only}", belonging.one),
            (_, 0) => format!("the {what}s {} are {}", belonging.several, listed.join(", ")),
            (_, _) => format!("the {what}s {} are {} and {more} more", belonging.several, listed.join(", ")),
        }
    }
}
