//! What a line that is typed by hand asks for.
//!
//! A server by hand has no hold on the links of others: it cuts and mends its own, both ways.

use std::collections::BTreeSet;

use crate::base::NodeName;
use crate::experiment::{Function, operation_of};
use crate::script::{ByHand, Invocation, Links, Mistake, Shown, Target, Ways};
use crate::store::Operation;

/// What a line asks for.
///
/// Invariants:
/// 1. `Operation` and `Attach` are typed at clients only; `Fail`, `Show`, `Cut`, `Mend` and `Connect` at servers only.
/// 2. Every node that it names is a server of the cluster; `Cut` and `Mend` name at least one, and not the server itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Carry out an operation, and print its answer.
    Operation(Operation),
    /// Ask this server first from now on.
    Attach(NodeName),
    /// Ask this server to lead; it may be the one at whose console that is typed.
    Nominate(NodeName),
    /// Crash at once.
    Fail,
    /// Leave.
    Leave,
    /// Print a part of what the server holds.
    Show(Shown),
    /// Cut the links to these servers, both ways.
    Cut(BTreeSet<NodeName>),
    /// Mend the links to these servers, both ways.
    Mend(BTreeSet<NodeName>),
    /// Mend the links to all other servers but these, whose links stay as they are.
    Connect {
        /// These.
        but: BTreeSet<NodeName>,
    },
    /// Print this text, of several lines.
    Help(String),
}

/// At whose console a line is typed, and who is in the cluster.
pub(super) struct Here<'h> {
    pub(super) node: NodeName,
    pub(super) servers: &'h BTreeSet<NodeName>,
}

impl Order {
    /// What an invocation asks of the node at whose console it was typed.
    ///
    /// # Errors
    /// It asks for more than that node can do.
    pub(super) fn of(invocation: &Invocation<Function>, here: &Here<'_>) -> Result<Self, Box<Mistake>> {
        let by_hand = invocation.by_hand().expect("every line by hand is typed at a console");
        Ok(match by_hand {
            ByHand::Operation => Self::Operation(operation_of(invocation)),
            ByHand::Attach => Self::Attach(invocation.node(1)),
            ByHand::Nominate => match servers_of(invocation, invocation.targets(0))?.as_slice() {
                [server] => Self::Nominate(*server),
                _ => return Err(refuse(invocation, "asks one server to lead", "name one")),
            },
            ByHand::Fail => Self::Fail,
            ByHand::Leave => Self::Leave,
            ByHand::Show(shown) => Self::Show(shown),
            ByHand::Cut => Self::Cut(others_of(invocation, here)?),
            ByHand::Mend => Self::Mend(others_of(invocation, here)?),
            ByHand::Connect => {
                let but = servers_of(invocation, invocation.optional_targets(1))?;
                Self::Connect { but: but.into_iter().collect() }
            }
        })
    }
}

/// The servers at the other ends of the links that are named.
fn others_of(invocation: &Invocation<Function>, here: &Here<'_>) -> Result<BTreeSet<NodeName>, Box<Mistake>> {
    let links: &Links = invocation.links(0);
    if links.ways == Ways::One {
        return Err(refuse(invocation, "is both ways by hand", "remove the arrow; a script knows links of one way"));
    }
    if links.roles().next().is_some() {
        return Err(refuse_roles(invocation));
    }
    let servers: Vec<_> = here.servers.iter().copied().collect();
    let mut others = BTreeSet::new();
    for (one, other) in links.directed(&servers, |_| Vec::new()) {
        if one != here.node && other != here.node {
            let node = here.node;
            let what = format!("changes the links of {node} only, and {one} {other} is none of them");
            let where_it_is = format!("type it at the console of {} or {}", one.in_words(), other.in_words());
            return Err(refuse(invocation, &what, &where_it_is));
        }
        others.insert(if one == here.node { other } else { one });
    }
    if others.is_empty() {
        return Err(refuse(invocation, "names no link", "the cluster has one server"));
    }
    Ok(others)
}

/// The servers that are named, each by its id.
fn servers_of(invocation: &Invocation<Function>, targets: &[Target]) -> Result<Vec<NodeName>, Box<Mistake>> {
    let server = |target: &Target| match target {
        Target::Node(reference) => Ok(reference.name),
        Target::Role(_) => Err(refuse_roles(invocation)),
    };
    targets.iter().map(server).collect()
}

fn refuse_roles(invocation: &Invocation<Function>) -> Box<Mistake> {
    refuse(
        invocation,
        "takes ids of servers by hand",
        "nobody here knows for sure who plays which part; `printRole` tells of one server",
    )
}

/// The command is one of this console, but not with these arguments.
fn refuse(invocation: &Invocation<Function>, what: &str, help: &str) -> Box<Mistake> {
    let message = format!("`{}` {what}", invocation.typed_name);
    Box::new(Mistake::new(message, invocation.place).label("not by hand").help(help))
}
