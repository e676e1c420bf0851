//! What clocks show, by numbers, and what holds for any clock.

use proptest::prelude::*;

use super::*;
use crate::base::Span;

fn rate(text: &str) -> ClockFault {
    ClockFault::Rate { rate: text.parse().unwrap() }
}

fn jump(text: &str) -> ClockFault {
    ClockFault::Jump { offset: text.parse().unwrap() }
}

/// A clock after these orders, each with the master's time at which it comes.
fn clock(orders: &[(u64, ClockFault)]) -> Clock {
    orders.iter().fold(Clock::default(), |clock, (master, fault)| clock.after(*fault, Time(*master)))
}

#[test]
fn a_clock_that_nobody_touched_is_true() {
    let clock = Clock::default();
    assert!(clock.is_true());
    assert_eq!((clock.reading(Time(7)), clock.when(Time(7))), (Time(7), Time(7)));
    assert_eq!((clock.reading(Time(u64::MAX)), clock.when(Time(u64::MAX))), (Time(u64::MAX), Time(u64::MAX)));
}

#[test]
fn a_fast_clock_is_ahead_and_its_times_come_sooner() {
    let clock = clock(&[(1_000, rate("1.5"))]);
    assert!(!clock.is_true());
    let readings = [1_000, 1_001, 1_002, 1_003, 2_000].map(|master| clock.reading(Time(master)).0);
    assert_eq!(readings, [1_000, 1_001, 1_003, 1_004, 2_500]);
    let instants = [0, 1_000, 1_001, 1_002, 1_003, 1_004, 2_500].map(|reading| clock.when(Time(reading)).0);
    assert_eq!(instants, [1_000, 1_000, 1_001, 1_002, 1_002, 1_003, 2_000]);
}

#[test]
fn a_slow_clock_is_behind_and_its_times_come_later() {
    let clock = clock(&[(0, rate("0.001"))]);
    assert_eq!([0, 999, 1_000, 1_999, 5_000_000].map(|master| clock.reading(Time(master)).0), [0, 0, 1, 1, 5_000]);
    assert_eq!([0, 1, 2, 5_000].map(|reading| clock.when(Time(reading)).0), [0, 1_000, 2_000, 5_000_000]);
}

/// What it has gained, it keeps.
#[test]
fn a_clock_that_runs_right_again_is_still_wrong() {
    let clock = clock(&[(0, rate("2")), (1_000, rate("1"))]);
    assert!(!clock.is_true());
    assert_eq!((clock.reading(Time(1_500)), clock.when(Time(2_500))), (Time(2_500), Time(1_500)));
}

#[test]
fn jumps_go_ahead_and_back() {
    let ahead = clock(&[(1_000_000, jump("+5s"))]);
    assert_eq!((ahead.reading(Time(1_000_000)), ahead.when(Time(7_000_000))), (Time(6_000_000), Time(2_000_000)));
    assert_eq!(ahead.when(Time(3_000_000)), Time(1_000_000), "it has passed that, and shows it nowhere");
    let back = clock(&[(1_000_000, jump("-200ms"))]);
    assert_eq!((back.reading(Time(1_000_000)), back.when(Time(1_000_000))), (Time(800_000), Time(1_200_000)));
}

#[test]
fn no_clock_shows_less_than_nothing() {
    let clock = clock(&[(10, rate("1.5")), (11, jump("-1s")), (11, rate("1"))]);
    assert_eq!([11, 12].map(|master| clock.reading(Time(master)).0), [0, 1]);
}

#[test]
fn the_end_of_time_is_no_overflow() {
    let fast = clock(&[(0, rate("1000")), (1_000_000_000_000, jump("+1000000s"))]);
    assert_eq!(fast.reading(Time(u64::MAX)), Time(u64::MAX));
    let slow = clock(&[(1, rate("0.001"))]);
    assert_eq!(slow.when(Time(u64::MAX)), Time(u64::MAX));
    let late = clock(&[(0, rate("1000")), (u64::MAX, jump("+1000000s"))]);
    assert_eq!((late.reading(Time(u64::MAX)), late.when(Time(u64::MAX))), (Time(u64::MAX), Time(u64::MAX)));
}

fn a_rate() -> impl Strategy<Value = ClockFault> {
    let rates = prop_oneof![Just(1_000_000), 1_000..=1_000_000_000_u64, 900_000..1_100_000_u64];
    rates.prop_map(|millionths| ClockFault::Rate { rate: ClockRate(millionths) })
}

fn an_order() -> impl Strategy<Value = ClockFault> {
    let span = || (0..=1_000_000_000_000_u64).prop_map(Span);
    prop_oneof![
        a_rate(),
        span().prop_map(|by| ClockFault::Jump { offset: Offset::Ahead(by) }),
        span().prop_map(|by| ClockFault::Jump { offset: Offset::Back(by) }),
    ]
}

/// A clock after some orders, and the master's time of the last of them.
fn a_clock() -> impl Strategy<Value = (Clock, Time)> {
    prop::collection::vec((0..1_000_000_000_u64, an_order()), 0..6).prop_map(|orders| {
        orders.into_iter().fold((Clock::default(), Time(0)), |(clock, at), (later, fault)| {
            let at = at + Span(later);
            (clock.after(fault, at), at)
        })
    })
}

proptest! {
    #[test]
    fn a_clock_goes_back_at_orders_only((clock, at) in a_clock(), one in 0..1_000_000_000_000_u64, other: u32) {
        let earlier = at + Span(one);
        prop_assert!(clock.reading(earlier) <= clock.reading(earlier + Span(u64::from(other))));
    }

    #[test]
    fn it_shows_a_time_from_the_instant_on_that_is_told((clock, at) in a_clock(), later in 0..1_000_000_000_000_u64) {
        let wanted = clock.reading(at) + Span(later);
        let instant = clock.when(wanted);
        prop_assert!(clock.reading(instant) >= wanted);
        prop_assert!(instant == at || clock.reading(Time(instant.0 - 1)) < wanted, "and no sooner");
    }

    /// However often it is ordered what it does already: a clock has no rounding that adds up.
    #[test]
    fn orders_that_change_nothing_change_nothing(
        (clock, at) in a_clock(),
        steps in prop::collection::vec(0..1_000_u64, 1..50),
    ) {
        let same = ClockFault::Rate { rate: clock.rate };
        let (mut now, mut often) = (at, clock);
        for step in steps {
            now = now + Span(step);
            often = often.after(same, now);
            prop_assert_eq!(often.reading(now), clock.reading(now));
        }
        prop_assert_eq!(often.reading(now + Span::seconds(1)), clock.reading(now + Span::seconds(1)));
    }

    #[test]
    fn ahead_and_back_again_is_where_it_was((clock, at) in a_clock(), by in 0..1_000_000_000_000_u64, later: u32) {
        let there = clock.after(ClockFault::Jump { offset: Offset::Ahead(Span(by)) }, at);
        let back = there.after(ClockFault::Jump { offset: Offset::Back(Span(by)) }, at);
        let later = at + Span(u64::from(later));
        prop_assert_eq!(back.reading(later), clock.reading(later));
    }

    /// The same by another way: in millionths of a microsecond, all at once.
    #[test]
    fn it_runs_at_its_rate(fault in a_rate(), at in 0..1_000_000_000_000_u64, later in 0..1_000_000_000_000_u64) {
        let ClockFault::Rate { rate } = fault else { unreachable!("it is one") };
        let clock = Clock::default().after(fault, Time(at));
        let expected = (u128::from(at) * 1_000_000 + u128::from(later) * u128::from(rate.0)) / 1_000_000;
        prop_assert_eq!(u128::from(clock.reading(Time(at + later)).0), expected);
    }
}
