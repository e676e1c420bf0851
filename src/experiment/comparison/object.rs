//! The comparison as one JSON object. `docs/comparing.md` describes its fields.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::base::Span;
use crate::experiment::comparison::Column;
use crate::protocol::Agreement;
use crate::trace::{Latencies, Traffic};

/// The version of the format; it grows when a field goes or changes its meaning, and not when one is added.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Object<'a> {
    format: &'static str,
    version: u32,
    protocols: Vec<ProtocolObject<'a>>,
}

#[derive(Serialize)]
struct ProtocolObject<'a> {
    protocol: &'static str,
    verdict: &'static str,
    exit_code: u8,
    operations: OperationsObject,
    /// `None` where nobody ever leads.
    time_without_leader_us: Option<Span>,
    leader_changes: Option<u64>,
    /// `None` where nothing was answered.
    latency_us: Option<LatencyObject>,
    get_latency_us: Option<LatencyObject>,
    messages: AmountObject<'a>,
    bytes: AmountObject<'a>,
}

#[derive(Serialize)]
struct OperationsObject {
    answered: u64,
    unknown: u64,
    without_server: u64,
}

#[derive(Serialize)]
struct LatencyObject {
    p50: Span,
    p90: Span,
    p99: Span,
    max: Span,
}

#[derive(Serialize)]
struct AmountObject<'a> {
    total: u64,
    types: BTreeMap<&'a str, u64>,
}

pub(super) fn render(columns: &[Column]) -> String {
    let protocols = columns.iter().map(protocol).collect();
    let object = Object { format: "splitbrain comparison", version: VERSION, protocols };
    serde_json::to_string(&object).expect("texts and numbers become JSON")
}

fn protocol(column: &Column) -> ProtocolObject<'_> {
    let Column { protocol, verdict, figures } = column;
    let has_leaders = protocol.agreement == Agreement::Consensus;
    ProtocolObject {
        protocol: protocol.name,
        verdict: verdict.name(),
        exit_code: verdict.exit_code(),
        operations: OperationsObject {
            answered: figures.answered,
            unknown: figures.unknown,
            without_server: figures.without_server,
        },
        time_without_leader_us: has_leaders.then_some(figures.time_without_leader),
        leader_changes: has_leaders.then_some(figures.leader_changes),
        latency_us: latency(&figures.latencies),
        get_latency_us: latency(&figures.get_latencies),
        messages: amount(column, |traffic| traffic.messages),
        bytes: amount(column, |traffic| traffic.bytes),
    }
}

fn latency(latencies: &Latencies) -> Option<LatencyObject> {
    let percentile = |percent| latencies.percentile(percent);
    Some(LatencyObject { p50: percentile(50)?, p90: percentile(90)?, p99: percentile(99)?, max: percentile(100)? })
}

fn amount(column: &Column, of: fn(Traffic) -> u64) -> AmountObject<'_> {
    let figures = &column.figures;
    let types = figures.traffic.iter().map(|(kind, traffic)| (kind.as_str(), of(*traffic))).collect();
    AmountObject { total: of(figures.total_traffic()), types }
}
