//! Orders: commands of a script that put faults of the network in force, and what came of each.
//!
//! One order may stand on many links. It is over when it stands on none any more; if it has touched no message by then,
//! or by the end of the run, the script's author should know.

use std::collections::BTreeMap;

use crate::base::{Draw, NodeName};

/// A command of the script that puts a fault in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    number: OrderNumber,
    /// The line of the script.
    line: usize,
    /// The command's name as typed.
    command: &'static str,
    draw: Draw,
}

impl Order {
    /// The key of what the command itself draws: the seed, its canonical text, and the how-manieth it is of that text.
    #[must_use]
    pub fn draw(&self) -> Draw {
        self.draw
    }

    /// The key of what it draws on a directed link.
    pub(super) fn draw_on(&self, (from, to): (NodeName, NodeName)) -> Draw {
        self.draw.named(&format!("{from}->{to}"))
    }
}

/// A command as a script holds it.
#[derive(Clone, Copy, Debug)]
pub struct CommandName<'a> {
    /// Its line.
    pub line: usize,
    /// Its name as typed.
    pub name: &'static str,
    /// Its canonical text.
    pub text: &'a str,
}

/// Which order it is, in the order in which they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OrderNumber(u64);

/// An order that touched no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdleOrder {
    /// The line of the script.
    pub line: usize,
    /// What did not happen.
    pub text: String,
}

/// All orders, and those that stand on links.
#[derive(Clone, Debug, Default)]
pub(super) struct Orders {
    /// How often each command was given, by its canonical text.
    occurrences: BTreeMap<String, u64>,
    given: u64,
    standing: BTreeMap<OrderNumber, Standing>,
    /// Those that are over and were not yet told of.
    idle: Vec<IdleOrder>,
}

/// An order that stands somewhere.
#[derive(Clone, Debug)]
struct Standing {
    order: Order,
    /// The only message type that it is for, if there is one.
    kind: Option<String>,
    /// On how many links it stands.
    links: u64,
    /// How many messages came to it.
    seen: u64,
    /// To how many of those it did something.
    touched: u64,
}

impl Orders {
    /// A command is given.
    pub fn give(&mut self, seed: u64, command: CommandName<'_>) -> Order {
        let occurrence = self.occurrences.entry(command.text.to_owned()).or_default();
        *occurrence += 1;
        self.given += 1;
        let draw = Draw::of(seed).named(command.text).numbered(*occurrence);
        Order { number: OrderNumber(self.given), line: command.line, command: command.name, draw }
    }

    /// It stands on one link more, for messages of this type, or of all.
    pub fn stand(&mut self, order: Order, kind: Option<&str>) -> OrderNumber {
        let new = || Standing { order, kind: kind.map(str::to_owned), links: 0, seen: 0, touched: 0 };
        self.standing.entry(order.number).or_insert_with(new).links += 1;
        order.number
    }

    /// It stands on one link less.
    pub fn lift(&mut self, number: OrderNumber) {
        let standing = self.standing.get_mut(&number).expect("what is lifted stands");
        standing.links -= 1;
        if standing.links == 0 {
            let over = self.standing.remove(&number).expect("looked at above");
            self.idle.extend(over.idle());
        }
    }

    /// A message came to it.
    pub fn see(&mut self, number: OrderNumber) {
        self.standing(number).seen += 1;
    }

    /// It did something to so many messages.
    pub fn touch(&mut self, number: OrderNumber, messages: u64) {
        self.standing(number).touched += messages;
    }

    /// It did something apart from what it does to messages, if it stands at all.
    pub fn note_effect(&mut self, order: Order) {
        if let Some(standing) = self.standing.get_mut(&order.number) {
            standing.touched += 1;
        }
    }

    /// Those that are over and touched nothing, since this was last called, in the order of the script.
    pub fn take_idle(&mut self) -> Vec<IdleOrder> {
        let mut idle = std::mem::take(&mut self.idle);
        idle.sort_by_key(|idle| idle.line);
        idle
    }

    /// Those that stand and have touched nothing so far.
    pub fn idle(&self) -> Vec<IdleOrder> {
        self.standing.values().filter_map(Standing::idle).collect()
    }

    fn standing(&mut self, number: OrderNumber) -> &mut Standing {
        self.standing.get_mut(&number).expect("only what stands does something")
    }
}

impl Standing {
    fn idle(&self) -> Option<IdleOrder> {
        let Self { order: Order { line, command, .. }, kind, seen, .. } = self;
        let kind = kind.as_ref().map(|kind| format!("{kind} ")).unwrap_or_default();
        let reason = match seen {
            0 => format!("no {kind}message came to it while it was in force"),
            1 => format!("it did not take the one {kind}message that came to it"),
            seen => format!("it took none of the {seen} {kind}messages that came to it"),
        };
        (self.touched == 0).then(|| IdleOrder { line: *line, text: format!("`{command}` did nothing: {reason}") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(idle: &[IdleOrder]) -> Vec<&str> {
        idle.iter().map(|idle| idle.text.as_str()).collect()
    }

    fn given(orders: &mut Orders, line: usize, name: &'static str) -> Order {
        orders.give(1, CommandName { line, name, text: name })
    }

    #[test]
    fn an_order_is_over_when_it_stands_nowhere_and_idle_if_it_touched_nothing() {
        let mut orders = Orders::default();
        let (cut, loss) = (given(&mut orders, 3, "cut"), given(&mut orders, 4, "loss"));
        let cut = [orders.stand(cut, None), orders.stand(cut, None)];
        let loss = orders.stand(loss, Some("accept"));
        orders.lift(cut[0]);
        assert_eq!(orders.take_idle(), []);
        orders.lift(cut[1]);
        let text = "`cut` did nothing: no message came to it while it was in force".to_owned();
        assert_eq!(orders.take_idle(), [IdleOrder { line: 3, text }]);
        assert_eq!(orders.take_idle(), [], "each is told once");
        orders.see(loss);
        assert_eq!(
            texts(&orders.idle()),
            ["`loss` did nothing: it did not take the one accept message that came to it"]
        );
        orders.see(loss);
        orders.touch(loss, 1);
        assert_eq!(orders.idle(), []);
        orders.lift(loss);
        assert_eq!(orders.take_idle(), []);
    }

    #[test]
    fn the_same_command_given_twice_draws_anew() {
        let mut orders = Orders::default();
        let (first, again) = (given(&mut orders, 1, "loss"), given(&mut orders, 2, "loss"));
        assert_ne!(first.draw(), again.draw());
        assert_eq!(first.draw(), given(&mut Orders::default(), 7, "loss").draw(), "the line is no part of the key");
        let (a, b) = (NodeName::server(1), NodeName::server(2));
        assert_ne!(first.draw_on((a, b)), first.draw_on((b, a)));
    }
}
