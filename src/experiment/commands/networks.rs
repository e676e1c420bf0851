//! The network as a whole: healed, reset, looked at.

use std::collections::BTreeMap;

use super::{Entry, Function, parameter};
use crate::base::{Span, limits};
use crate::cluster::LinkState;
use crate::network::{Chance, Delay, Distribution, Fault, Gate, Layer, Selection, Standing};
use crate::script::{Choice, ParameterKind, Phase, percent, rate};

/// `heal`
pub(super) static HEAL: Entry = Entry {
    name: "heal",
    aliases: &[],
    parameters: &[],
    phase: Phase::Step,
    consoles: &[],
    summary: "Lifts every fault of the network but delays and rates.",
    details: "Cuts, partitions, holds, losses, duplicates, reordering, and all filters of these that are left. What is held \
              goes on. Clients stay with the servers that they have. It always succeeds.",
    example: "heal",
    scripts: &["network/a-partition-has-groups-and-heal-joins-them"],
    run: Function(|experiment, _invocation| experiment.cluster.heal()),
};

static NETWORK_ACTIONS: &[Choice] = &[Choice { word: "reset", parameter: None }];

/// `network reset`
pub(super) static NETWORK: Entry = Entry {
    name: "network",
    aliases: &[],
    parameters: &[parameter("ACTION", ParameterKind::Choice(NETWORK_ACTIONS))],
    phase: Phase::Step,
    consoles: &[],
    summary: "`network reset` lifts every fault of the network, delays and rates too.",
    details: "What is in flight already arrives when it was to arrive.",
    example: "network reset",
    scripts: &["network/network-reset-lifts-delays-too"],
    run: Function(|experiment, _invocation| {
        experiment.cluster.heal()?;
        experiment.cluster.switch().reset_pace();
        Ok(())
    }),
};

/// `printNetwork`
pub(super) static PRINT_NETWORK: Entry = Entry {
    name: "printNetwork",
    aliases: &[],
    parameters: &[],
    phase: Phase::Step,
    consoles: &[],
    summary: "Prints the faults of every link, and what is in flight and held on it.",
    details: "One line a direction, of those on which there is anything, and what all others are. `cut` is by two nodes, \
              `apart` by a partition. What is for the next few messages says how many are left.",
    example: "printNetwork",
    scripts: &["network/printNetwork-shows-every-fault"],
    run: Function(|experiment, _invocation| {
        let links = experiment.cluster.network();
        for ((from, to), state) in &links {
            experiment.print(&format!("{from} -> {to}: {}", state_in_words(state)))?;
        }
        let others = if links.is_empty() { "all links" } else { "all others" };
        experiment.print(&format!("{others}: open, {}", limits::DEFAULT_DELAY))
    }),
};

fn state_in_words(LinkState { standing, in_flight, held }: &LinkState) -> String {
    let standing = standing.iter().map(in_words).collect::<Vec<_>>().join(", ");
    let counted = |what: &str, counts: &BTreeMap<String, u64>| match counts.is_empty() {
        true => String::new(),
        false => {
            let counts: Vec<_> = counts.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            format!("{} {what}", counts.join(", "))
        }
    };
    let parts = [standing, counted("in flight", in_flight), counted("held", held)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// What is in force, in the words of scripts.
fn in_words(standing: &Standing) -> String {
    match standing {
        Standing::Cut(Layer::Pair) => "cut".to_owned(),
        Standing::Cut(Layer::Partition) => "apart".to_owned(),
        Standing::Fault(Fault::Gate(Gate::Hold), selection) if *selection == Selection::everything() => {
            "held".to_owned()
        }
        Standing::Fault(fault, Selection { kind, next }) => {
            let next = next.map(|next| format!(" next {next}")).unwrap_or_default();
            let kind = kind.as_ref().map(|kind| format!(" {kind}")).unwrap_or_default();
            let (name, setting) = name_and_setting(*fault);
            format!("{name}{next}{kind}{setting}")
        }
    }
}

/// The command's name, and what stands behind the messages.
fn name_and_setting(fault: Fault) -> (&'static str, String) {
    let percent = |Chance { millionths }: Chance| format!(" {}", percent::text(millionths));
    match fault {
        Fault::Gate(Gate::Drop) => ("drop", String::new()),
        Fault::Gate(Gate::Hold) => ("hold", String::new()),
        Fault::Gate(Gate::Deliver) => ("deliver", String::new()),
        Fault::Loss(chance) => ("loss", percent(chance)),
        Fault::Duplicate(chance) => ("duplicate", percent(chance)),
        Fault::Reorder(chance) => ("reorder", percent(chance)),
        Fault::Rate(bits_per_second) => ("rate", format!(" {}", rate::text(bits_per_second))),
        Fault::Delay(Delay { base, jitter: Span(0), .. }) => ("delay", format!(" {base}")),
        Fault::Delay(Delay { base, jitter, distribution }) => {
            let distribution = match distribution {
                Distribution::Uniform => "",
                Distribution::Normal => " dist normal",
                Distribution::Exponential => " dist exponential",
            };
            ("delay", format!(" {base} jitter {jitter}{distribution}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_force_is_told_in_the_words_of_scripts() {
        let next = |next, kind: &str| Selection { kind: Some(kind.to_owned()), next: Some(next) };
        let delay = |jitter, distribution| {
            Fault::Delay(Delay { base: Span::milliseconds(50), jitter: Span::milliseconds(jitter), distribution })
        };
        let all = Selection::everything;
        let state = LinkState {
            standing: vec![
                Standing::Cut(Layer::Pair),
                Standing::Cut(Layer::Partition),
                Standing::Fault(Fault::Gate(Gate::Drop), next(2, "write")),
                Standing::Fault(Fault::Gate(Gate::Hold), all()),
                Standing::Fault(Fault::Loss(Chance { millionths: 50_000 }), next(1, "read")),
                Standing::Fault(Fault::Rate(1_000_000), all()),
                Standing::Fault(delay(10, Distribution::Normal), all()),
                Standing::Fault(delay(0, Distribution::Uniform), all()),
            ],
            in_flight: BTreeMap::from([("read".to_owned(), 1), ("write".to_owned(), 2)]),
            held: BTreeMap::from([("write".to_owned(), 3)]),
        };
        assert_eq!(
            state_in_words(&state),
            "cut, apart, drop next 2 write, held, loss next 1 read 5%, rate 1mbit, \
             delay 50ms jitter 10ms dist normal, delay 50ms; 1 read, 2 write in flight; 3 write held"
        );
    }
}
