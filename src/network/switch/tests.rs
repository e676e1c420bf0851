//! What the switch does to messages, fault by fault, and that no draw depends on another.

use super::*;
use crate::base::{Span, Time};
use crate::machine::Payload;
use crate::network::{Arrival, Chance, Delay, Distribution, Manner, Pace, Transit};
use crate::trace::Cause;

const A: NodeName = NodeName::server(1);
const B: NodeName = NodeName::server(2);
const C: NodeName = NodeName::server(3);
const AB: DirectedLink = (A, B);
const BA: DirectedLink = (B, A);
const LINE: usize = 7;

const HALF: Fault = Fault::Loss(Chance { millionths: 500_000 });
const DROP: Fault = Fault::Gate(Gate::Drop);
const HOLD: Fault = Fault::Gate(Gate::Hold);
const DELIVER: Fault = Fault::Gate(Gate::Deliver);

/// A switch, and the words of commands for it.
#[derive(Default)]
struct Bench {
    switch: Switch,
}

fn all() -> Selection {
    Selection::everything()
}

fn of(kind: &str) -> Selection {
    Selection { kind: Some(kind.to_owned()), next: None }
}

fn next(next: u64, kind: &str) -> Selection {
    Selection { kind: Some(kind.to_owned()), next: Some(next) }
}

fn certain(fault: fn(Chance) -> Fault) -> Fault {
    fault(Chance { millionths: 1_000_000 })
}

fn delay(base: u64, jitter: u64) -> Fault {
    let (base, jitter) = (Span::milliseconds(base), Span::milliseconds(jitter));
    Fault::Delay(Delay { base, jitter, distribution: Distribution::Uniform })
}

impl Bench {
    fn order(&mut self, name: &'static str, text: &str) -> Order {
        self.switch.order(1, CommandName { line: LINE, name, text })
    }

    fn put_as(&mut self, text: &str, ends: DirectedLink, selection: Selection, fault: Fault) -> bool {
        let order = self.order(name_of(fault), text);
        self.switch.put(ends, &Ordered { order, selection, fault })
    }

    fn put(&mut self, ends: DirectedLink, selection: Selection, fault: Fault) -> bool {
        self.put_as(&format!("{fault:?} {selection:?}"), ends, selection, fault)
    }

    fn deliver(&mut self, ends: DirectedLink, selection: Selection, held: u64) {
        let order = self.order("deliver", "deliver");
        self.switch.deliver(&[(ends, held)], &Ordered { order, selection, fault: DELIVER });
    }

    fn cut(&mut self, ends: DirectedLink) -> bool {
        let order = self.order("cut", "cut");
        self.switch.cut(ends, Cut { order, layer: Layer::Pair, lost: 0 })
    }

    fn send_as(&mut self, manner: Manner, (from, to): DirectedLink, now: u64, kind: &str) -> Verdict {
        let payload = Payload::text(kind, "{}");
        self.switch.send(&Sending { now: Time(now), from, to, payload: &payload, manner })
    }

    fn send(&mut self, ends: DirectedLink, now: u64, kind: &str) -> Verdict {
        self.send_as(Manner::Sent, ends, now, kind)
    }

    fn transit(&mut self, ends: DirectedLink, now: u64, kind: &str) -> Transit {
        match self.send(ends, now, kind) {
            Verdict::Passes(transit) => transit,
            verdict @ (Verdict::Lost(_) | Verdict::Held) => panic!("{verdict:?}"),
        }
    }

    fn arrival(&mut self, ends: DirectedLink, now: u64, kind: &str) -> u64 {
        self.transit(ends, now, kind).arrival.at.0
    }

    /// What became of each of these messages: `.` if it passes, `!` if it is let through, `h` if it is held, `c`, `d`
    /// or `l` if it is lost by a cut, a filter or a loss.
    fn fates(&mut self, kinds: &[&str]) -> String {
        kinds.iter().map(|kind| letter(self.send(AB, 0, kind))).collect()
    }

    fn idle(&mut self) -> Vec<String> {
        self.switch.take_idle().into_iter().map(|idle| idle.text).collect()
    }
}

fn name_of(fault: Fault) -> &'static str {
    match fault {
        Fault::Gate(Gate::Drop) => "drop",
        Fault::Gate(Gate::Hold) => "hold",
        Fault::Gate(Gate::Deliver) => "deliver",
        Fault::Loss(_) => "loss",
        Fault::Duplicate(_) => "duplicate",
        Fault::Reorder(_) => "reorder",
        Fault::Delay(_) => "delay",
        Fault::Rate(_) => "rate",
    }
}

fn letter(verdict: Verdict) -> char {
    match verdict {
        Verdict::Passes(Transit { let_through: true, .. }) => '!',
        Verdict::Passes(_) => '.',
        Verdict::Held => 'h',
        Verdict::Lost(Cause::Cut) => 'c',
        Verdict::Lost(Cause::Drop) => 'd',
        Verdict::Lost(Cause::Loss) => 'l',
        Verdict::Lost(Cause::Dead) => unreachable!("the switch does not know who is alive"),
    }
}

#[test]
fn a_message_takes_a_millisecond_unless_the_script_says_otherwise() {
    let mut bench = Bench::default();
    let usual = Arrival { at: Time(1_005), pace: Pace::Usual };
    assert_eq!(bench.transit(AB, 5, "write").arrival, usual);
    bench.put(AB, all(), delay(50, 0));
    assert_eq!(bench.transit(AB, 5, "write").arrival.pace, Pace::Delayed(Span(50_000)));
    assert_eq!(bench.transit(BA, 5, "write").arrival, usual);
    assert_eq!(bench.transit((A, C), 5, "write").arrival, usual);
}

#[test]
fn a_stream_over_a_slow_link_arrives_as_a_stream() {
    let mut bench = Bench::default();
    bench.put(AB, all(), delay(50, 0));
    let arrivals: Vec<_> = (0..5).map(|number| bench.arrival(AB, number * 10, "write")).collect();
    assert_eq!(arrivals, [50_000, 50_010, 50_020, 50_030, 50_040]);
}

#[test]
fn messages_stay_in_order_until_the_link_is_cut() {
    let mut bench = Bench::default();
    bench.put(AB, all(), delay(50, 0));
    assert_eq!(bench.arrival(AB, 0, "write"), 50_000);
    bench.put(AB, all(), delay(2, 0));
    assert_eq!(bench.arrival(AB, 1_000, "write"), 50_000);
    bench.cut(AB);
    bench.switch.mend(AB);
    assert_eq!(bench.arrival(AB, 1_000, "write"), 3_000);
}

#[test]
fn what_is_in_flight_when_a_link_is_cut_is_lost_even_if_it_is_mended_before() {
    let mut bench = Bench::default();
    let before = bench.transit(AB, 0, "write").epoch;
    assert!(bench.switch.lets_arrive(AB, before));
    assert!(bench.cut(AB) && !bench.cut(AB), "it was cut already");
    assert_eq!(bench.send(AB, 0, "write"), Verdict::Lost(Cause::Cut));
    assert!(matches!(bench.send(BA, 0, "write"), Verdict::Passes(_)));
    assert!(bench.switch.mend(AB) && !bench.switch.mend(AB), "it was open already");
    assert!(!bench.switch.lets_arrive(AB, before));
    let after = bench.transit(AB, 0, "write").epoch;
    assert!(bench.switch.lets_arrive(AB, after));
}

#[test]
fn mending_all_links_of_a_node_leaves_the_others_cut_and_a_partition_too() {
    let mut bench = Bench::default();
    for ends in [AB, BA, (B, C)] {
        bench.cut(ends);
    }
    let order = bench.order("partition", "partition");
    bench.switch.begin_partition(order);
    assert!(bench.switch.cut(BA, Cut { order, layer: Layer::Partition, lost: 0 }), "it was open in this layer");
    bench.switch.mend_all_of(A);
    assert!(!bench.switch.is_cut_one_way(AB) && bench.switch.is_cut_one_way(BA) && bench.switch.is_cut_one_way((B, C)));
    assert!(bench.switch.mend(BA) && !bench.switch.is_cut_one_way(BA), "a link is mended in both layers");
}

#[test]
fn a_partition_is_in_force_until_it_is_healed_and_cuts_what_joins() {
    let mut bench = Bench::default();
    let first = bench.order("partition", "partition 1 | 2");
    bench.switch.begin_partition(first);
    assert_eq!(bench.switch.partition(), Some(first));
    let second = bench.order("partition", "partition 1 2 | 3");
    bench.switch.begin_partition(second);
    assert_eq!(bench.switch.partition(), Some(second));
    assert_eq!(bench.idle(), ["`partition` did nothing: no message came to it while it was in force"]);
    assert!(bench.switch.cut(AB, Cut { order: second, layer: Layer::Partition, lost: 0 }));
    assert_eq!(bench.fates(&["write"]), "c");
    bench.switch.heal();
    assert_eq!((bench.switch.partition(), bench.idle(), bench.fates(&["write"])), (None, vec![], ".".to_owned()));
}

#[test]
fn cuts_come_before_filters_and_these_before_holds_losses_and_duplicates() {
    let mut bench = Bench::default();
    bench.put(AB, all(), certain(Fault::Duplicate));
    assert!(bench.transit(AB, 0, "write").copy.is_some());
    bench.put(AB, all(), certain(Fault::Loss));
    assert_eq!(bench.fates(&["write"]), "l");
    assert!(bench.put(AB, all(), HOLD) && !bench.put(AB, all(), HOLD), "it is held already");
    assert_eq!(bench.fates(&["write"]), "h");
    bench.put(AB, of("write"), DROP);
    assert_eq!(bench.fates(&["write", "read"]), "dh");
    bench.cut(AB);
    assert_eq!(bench.fates(&["write"]), "c");
    bench.switch.heal();
    assert_eq!(bench.fates(&["write"]), ".");
}

#[test]
fn of_filters_the_newest_decides_and_only_it_is_used_up() {
    let mut bench = Bench::default();
    bench.put(AB, of("write"), HOLD);
    bench.put(AB, next(2, "write"), DROP);
    assert_eq!(bench.fates(&["read", "write", "write", "write"]), ".ddh");
    bench.put(AB, next(3, "write"), DROP);
    bench.put(AB, next(1, "write"), HOLD);
    assert_eq!(bench.fates(&["write", "write", "write", "write", "write"]), "hdddh");
    // One without an end takes the place of the other for the same type.
    bench.put(AB, of("write"), DROP);
    assert_eq!(bench.fates(&["write"]), "d");
    assert!(!bench.switch.release(AB, Some("write")), "its place is taken");
    assert_eq!(bench.idle(), [""; 0]);
}

#[test]
fn a_filter_decides_in_the_place_of_the_links_own_fault() {
    let mut bench = Bench::default();
    bench.put(AB, of("write"), certain(Fault::Loss));
    bench.put(AB, all(), HALF);
    assert_eq!(bench.fates(&["write"; 20]), "l".repeat(20), "also if that is newer");
    bench.put(AB, next(1, "read"), delay(20, 0));
    bench.put(AB, all(), delay(5, 0));
    bench.put(AB, all(), Fault::Loss(Chance { millionths: 0 }));
    assert_eq!(bench.arrival(AB, 0, "read"), 20_000);
    bench.cut(AB);
    bench.switch.mend(AB);
    assert_eq!(bench.arrival(AB, 0, "read"), 5_000);
}

#[test]
fn a_chance_of_nothing_lifts_what_is_for_the_same_type_and_without_a_type_all() {
    for fault in [Fault::Loss, Fault::Duplicate, Fault::Reorder] {
        let mut bench = Bench::default();
        let nothing = fault(Chance { millionths: 0 });
        bench.put(AB, all(), certain(fault));
        bench.put(AB, of("write"), certain(fault));
        bench.put(AB, next(5, "read"), certain(fault));
        assert!(bench.put(AB, of("write"), nothing) && !bench.put(AB, of("write"), nothing));
        assert!(bench.put(AB, all(), nothing) && !bench.put(AB, all(), nothing));
        assert_eq!(bench.switch.standing().map(|(_, standing)| standing.len()).sum::<usize>(), 0);
        assert_eq!(bench.idle().len(), 3);
    }
    let mut bench = Bench::default();
    bench.put(AB, all(), certain(Fault::Loss));
    bench.put(AB, next(2, "write"), Fault::Loss(Chance { millionths: 0 }));
    assert_eq!((bench.fates(&["write", "write", "write"]).as_str(), bench.idle()), ("..l", vec![]), "two are spared");
    let mut bench = Bench::default();
    assert!(bench.put(AB, all(), Fault::Rate(5)) && bench.put(AB, all(), Fault::Rate(0)));
    assert!(!bench.put(AB, all(), Fault::Rate(0)));
}

#[test]
fn what_is_to_be_delivered_passes_everything_but_a_cut() {
    let mut bench = Bench::default();
    bench.put(AB, of("write"), DROP);
    bench.put(AB, all(), HOLD);
    bench.put(AB, all(), certain(Fault::Loss));
    bench.deliver(AB, next(2, "write"), 0);
    bench.deliver(AB, next(1, "read"), 0);
    assert_eq!(bench.fates(&["write", "read", "write", "write", "read"]), "!!!dh");
    bench.deliver(AB, next(3, "write"), 2);
    assert_eq!(bench.fates(&["write", "write"]), "!d", "two of the three were held");
    bench.deliver(AB, of("write"), 0);
    bench.cut(AB);
    assert_eq!(bench.fates(&["write"]), "c");
    bench.switch.mend(AB);
    assert_eq!(bench.fates(&["write", "write"]), "!!");
    bench.switch.heal();
    bench.deliver(AB, all(), 0);
    assert_eq!(bench.fates(&["write"]), ".", "nothing would have stopped it");
}

#[test]
fn what_has_waited_is_not_held_again_and_what_is_delivered_not_lost_either() {
    let mut bench = Bench::default();
    bench.put(AB, all(), HOLD);
    assert_eq!(letter(bench.send_as(Manner::Released, AB, 0, "write")), '.');
    bench.put(AB, of("write"), DROP);
    assert_eq!(letter(bench.send_as(Manner::Released, AB, 0, "write")), 'd');
    assert_eq!(letter(bench.send_as(Manner::Delivered, AB, 0, "write")), '.');
    bench.put(AB, all(), certain(Fault::Loss));
    assert_eq!(letter(bench.send_as(Manner::Delivered, AB, 0, "write")), '!');
}

#[test]
fn what_comes_to_a_held_end_waits_unless_it_is_delivered() {
    let mut bench = Bench::default();
    let arrive = |bench: &mut Bench, kind, exemption| {
        let would_hold = bench.switch.would_hold(AB, kind, exemption);
        let decision = bench.switch.arrive(AB, kind, exemption);
        assert_eq!(would_hold, decision == AtArrival::Waits);
        decision
    };
    assert_eq!(arrive(&mut bench, "write", Exemption::None), AtArrival::Passes);
    bench.put(AB, next(5, "write"), HOLD);
    assert_eq!(
        arrive(&mut bench, "write", Exemption::None),
        AtArrival::Passes,
        "the next five are those that are sent"
    );
    bench.put(AB, of("write"), HOLD);
    assert_eq!(arrive(&mut bench, "write", Exemption::None), AtArrival::Waits);
    assert_eq!(arrive(&mut bench, "read", Exemption::None), AtArrival::Passes);
    assert_eq!(arrive(&mut bench, "write", Exemption::Untold), AtArrival::LetThrough);
    assert_eq!(arrive(&mut bench, "write", Exemption::Told), AtArrival::Passes);
    bench.put(AB, all(), HOLD);
    assert_eq!(arrive(&mut bench, "read", Exemption::None), AtArrival::Waits);
    bench.deliver(AB, of("read"), 0);
    assert_eq!(arrive(&mut bench, "read", Exemption::None), AtArrival::LetThrough);
    assert_eq!(arrive(&mut bench, "write", Exemption::None), AtArrival::Waits);
}

#[test]
fn a_release_of_a_type_lifts_its_holds_and_without_a_type_all() {
    let mut bench = Bench::default();
    for selection in [of("write"), next(9, "write"), of("read"), all()] {
        bench.put(AB, selection, HOLD);
    }
    assert!(bench.switch.release(AB, Some("write")) && !bench.switch.release(AB, Some("write")));
    assert!(bench.switch.is_held(AB));
    assert!(bench.switch.release(AB, None) && !bench.switch.release(AB, None));
    assert_eq!(bench.fates(&["write", "read"]), "..");
}

#[test]
fn a_copy_obeys_the_order_and_takes_its_own_delay() {
    let mut bench = Bench::default();
    bench.put(AB, all(), certain(Fault::Duplicate));
    bench.put_as("delay", AB, all(), delay(50, 40));
    let Transit { arrival, copy, .. } = bench.transit(AB, 0, "write");
    let copy = copy.expect("it is certain");
    assert!(copy.at >= arrival.at);
    let draws = |duplicated: bool| {
        let mut bench = Bench::default();
        if duplicated {
            bench.put(AB, all(), certain(Fault::Duplicate));
        }
        bench.put_as("delay", AB, all(), delay(50, 40));
        (0..20).map(|number| bench.arrival(AB, number * 1_000_000, "write")).collect::<Vec<_>>()
    };
    assert_eq!(draws(false), draws(true), "the copies' draws shift no other");
    let mut copies = (1..=50).map(|number| {
        let Transit { arrival, copy, .. } = bench.transit(AB, number * 1_000_000, "write");
        copy.expect("it is certain").at - arrival.at
    });
    assert!(copies.any(|later| later > Span(0)), "a copy has its own delay");
}

#[test]
fn a_chosen_message_overtakes_and_moves_no_other() {
    let mut bench = Bench::default();
    bench.put(AB, all(), delay(50, 0));
    bench.put(AB, next(1, "read"), certain(Fault::Reorder));
    assert_eq!(bench.arrival(AB, 0, "write"), 50_000);
    assert_eq!(bench.transit(AB, 10, "read").arrival, Arrival { at: Time(10), pace: Pace::Reordered });
    assert_eq!(bench.arrival(AB, 20, "write"), 50_020);
    bench.put(AB, next(1, "read"), certain(Fault::Reorder));
    bench.put(AB, all(), delay(2, 0));
    assert_eq!(bench.arrival(AB, 30, "read"), 30);
    assert_eq!(bench.arrival(AB, 40, "write"), 50_020, "those that were not chosen stay in their order");
    let mut bench = Bench::default();
    bench.put(AB, all(), delay(0, 0));
    bench.put(AB, all(), certain(Fault::Reorder));
    assert_eq!(bench.transit(AB, 5, "write").arrival.pace, Pace::Delayed(Span(0)), "there is nothing to overtake");
}

#[test]
fn a_rate_lets_one_message_leave_after_the_other_and_then_comes_the_delay() {
    let mut bench = Bench::default();
    // Two bytes take two milliseconds.
    bench.put(AB, all(), Fault::Rate(8_000));
    assert_eq!((bench.arrival(AB, 0, "write"), bench.arrival(AB, 0, "write")), (3_000, 5_000));
    bench.put(AB, all(), delay(50, 0));
    let Arrival { at, pace } = bench.transit(AB, 1_000, "write").arrival;
    assert_eq!((at, pace), (Time(56_000), Pace::Delayed(Span(55_000))));
    assert_eq!(bench.arrival(BA, 0, "write"), 1_000, "the other direction has no rate");
    bench.put(AB, all(), Fault::Rate(0));
    bench.put(AB, all(), certain(Fault::Duplicate));
    bench.put(AB, all(), Fault::Rate(16_000));
    let Transit { arrival, copy, .. } = bench.transit(AB, 100_000, "write");
    assert_eq!((arrival.at, copy.map(|copy| copy.at)), (Time(151_000), Some(Time(152_000))));
}

#[test]
fn each_fault_counts_what_it_touches() {
    for (fault, kinds) in [
        (DROP, "write"),
        (HOLD, "write"),
        (DELIVER, "write"),
        (certain(Fault::Loss), "write"),
        (certain(Fault::Duplicate), "write"),
        (certain(Fault::Reorder), "write"),
        (delay(5, 0), "write"),
        (Fault::Rate(1_000_000), "write"),
    ] {
        let mut bench = Bench::default();
        bench.put(AB, all(), fault);
        bench.put(BA, all(), fault);
        let name = name_of(fault);
        let text = format!("`{name}` did nothing: no message came to it while it was in force");
        let idle = |bench: &Bench| bench.switch.idle().into_iter().map(|idle| idle.text).collect::<Vec<_>>();
        assert_eq!(idle(&bench), [text.clone(), text], "{name}");
        bench.send(AB, 0, kinds);
        assert_eq!(idle(&bench).len(), 1, "{name}");
        bench.switch.heal();
        bench.switch.reset_pace();
        assert_eq!((idle(&bench).len(), bench.idle().len()), (0, 1), "{name}");
    }
}

#[test]
fn a_fault_that_takes_none_of_what_comes_says_so() {
    let mut bench = Bench::default();
    bench.put(AB, of("write"), Fault::Loss(Chance { millionths: 1 }));
    bench.fates(&["write", "read", "write", "write"]);
    bench.put(AB, of("accept"), DROP);
    bench.switch.heal();
    assert_eq!(
        bench.idle(),
        [
            "`drop` did nothing: no accept message came to it while it was in force",
            "`loss` did nothing: it took none of the 3 write messages that came to it",
        ]
    );
}

#[test]
fn a_cut_that_only_keeps_nodes_apart_has_done_something() {
    let mut bench = Bench::default();
    bench.cut(AB);
    bench.put(BA, all(), HOLD);
    assert!(!bench.switch.connects(A, B) && bench.switch.connects(A, C));
    bench.switch.heal();
    assert_eq!(bench.idle(), [""; 0]);
}

/// Everything that is drawn, on two links, for two types.
fn eventful() -> Bench {
    let mut bench = Bench::default();
    for ends in [AB, BA] {
        for fault in [Fault::Loss, Fault::Duplicate, Fault::Reorder] {
            bench.put(ends, all(), fault(Chance { millionths: 300_000 }));
        }
        bench.put(ends, all(), delay(50, 40));
    }
    bench
}

/// What becomes of the n-th write on a link: messages are so far apart that none waits for another.
fn fate(bench: &mut Bench, ends: DirectedLink, number: u64) -> String {
    let now = number * 1_000_000;
    match bench.send(ends, now, "write") {
        Verdict::Passes(Transit { arrival, copy, .. }) => format!("{arrival:?} {copy:?}"),
        verdict @ (Verdict::Lost(_) | Verdict::Held) => format!("{verdict:?}"),
    }
}

fn fates(bench: &mut Bench, mut beside: impl FnMut(&mut Bench, u64)) -> Vec<String> {
    (1..200)
        .map(|number| {
            beside(bench, number);
            fate(bench, AB, number)
        })
        .collect()
}

#[test]
fn a_message_more_changes_no_draw_of_another_link_or_type() {
    let alone = fates(&mut eventful(), |_, _| {});
    let other_link = fates(&mut eventful(), |bench, number| {
        fate(bench, BA, number);
    });
    let other_type = fates(&mut eventful(), |bench, number| {
        // A second before, so that none waits for it.
        bench.send(AB, number * 1_000_000 - 500_000, "read");
    });
    assert_eq!(alone, other_link);
    assert_eq!(alone, other_type);
    assert_ne!(alone, fates(&mut eventful(), |bench, number| drop(fate(bench, AB, number))));
}

#[test]
fn an_order_more_changes_no_draw_of_another() {
    let delays = |losses: u64| {
        let mut bench = Bench::default();
        bench.put(AB, all(), delay(50, 40));
        bench.put(AB, all(), Fault::Loss(Chance { millionths: losses }));
        bench.put(AB, next(1, "write"), certain(Fault::Reorder));
        fates(&mut bench, |_, _| {})
    };
    let (all, some) = (delays(0), delays(300_000));
    let lost = format!("{:?}", Verdict::Lost(Cause::Loss));
    assert!((40..80).contains(&some.iter().filter(|fate| **fate == lost).count()));
    // The first that is not lost is reordered.
    let differ = all.iter().zip(&some).filter(|(all, some)| **some != lost && all != some).count();
    assert!(differ <= 1, "{differ}");
}

#[test]
fn the_same_command_given_twice_draws_anew() {
    let mut bench = Bench::default();
    bench.put(AB, all(), HALF);
    let first = bench.fates(&["write"; 40]);
    bench.put(AB, all(), HALF);
    assert_ne!(first, bench.fates(&["write"; 40]));
}

#[test]
fn a_probability_is_kept() {
    let lost = |millionths| {
        let mut bench = Bench::default();
        bench.put(AB, all(), Fault::Loss(Chance { millionths }));
        bench.fates(&["write"; 1_000]).matches('l').count()
    };
    assert!((250..350).contains(&lost(300_000)));
    assert_eq!((lost(0), lost(1_000_000)), (0, 1_000));
}
