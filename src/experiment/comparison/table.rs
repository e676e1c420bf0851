//! The comparison as a table: names on the left, numbers at the right of their columns, plain ASCII.

use std::collections::BTreeSet;

use crate::base::{Span, Time};
use crate::experiment::comparison::Column;
use crate::protocol::{Agreement, Protocol};
use crate::trace::{Figures, Latencies, Traffic};

/// What stands where a protocol has no such figure.
const NONE: &str = "-";

/// Two blanks between columns.
const GAP: usize = 2;

/// The percentiles that are shown; the last is the greatest of all.
const PERCENTILES: [(&str, u64); 4] = [("p50", 50), ("p90", 90), ("p99", 99), ("max", 100)];

/// A line: what it tells, and that of each protocol.
struct Row {
    name: String,
    cells: Vec<String>,
}

/// Its header, and a line for each figure.
pub(super) fn render(columns: &[Column]) -> String {
    let mut table = Table { columns, rows: Vec::new() };
    table.add("protocol", |column| column.protocol.name.to_owned());
    table.add("verdict", |column| column.verdict.name().to_owned());
    table.add_operations();
    table.add_leadership();
    table.add_latencies("latency", |figures| &figures.latencies);
    table.add_latencies("latency of gets", |figures| &figures.get_latencies);
    table.add_traffic("messages", |sent| sent.messages);
    table.add_traffic("bytes", |sent| sent.bytes);
    aligned(&table.rows)
}

/// The lines so far.
struct Table<'c> {
    columns: &'c [Column],
    rows: Vec<Row>,
}

impl Table<'_> {
    fn add(&mut self, name: &str, cell: impl Fn(&Column) -> String) {
        self.rows.push(Row { name: name.to_owned(), cells: self.columns.iter().map(cell).collect() });
    }

    fn add_operations(&mut self) {
        self.add("operations answered", |column| column.figures.answered.to_string());
        self.add("operations unknown", |column| column.figures.unknown.to_string());
        if self.columns.iter().any(|column| column.figures.without_server > 0) {
            self.add("operations without a server", |column| column.figures.without_server.to_string());
        }
    }

    fn add_leadership(&mut self) {
        self.add("time without a leader", |column| {
            where_somebody_leads(column, seconds(column.figures.time_without_leader))
        });
        self.add("leader changes", |column| where_somebody_leads(column, column.figures.leader_changes.to_string()));
    }

    /// Percentiles, if any protocol has answered such operations.
    fn add_latencies(&mut self, name: &str, of: fn(&Figures) -> &Latencies) {
        if self.columns.iter().all(|column| of(&column.figures).is_empty()) {
            return;
        }
        for (word, percent) in PERCENTILES {
            self.add(&format!("{name} {word}"), |column| {
                of(&column.figures).percentile(percent).map_or_else(|| NONE.to_owned(), seconds)
            });
        }
    }

    /// All together, then each type that was sent under any protocol.
    fn add_traffic(&mut self, name: &str, amount: fn(Traffic) -> u64) {
        self.add(&format!("{name} total"), |column| amount(column.figures.total_traffic()).to_string());
        let kinds: BTreeSet<_> = self.columns.iter().flat_map(|column| column.figures.traffic.keys()).collect();
        for kind in kinds {
            self.add(&format!("{name} {kind}"), |column| {
                sent(column, kind).map_or_else(|| NONE.to_owned(), |sent| amount(sent).to_string())
            });
        }
    }
}

fn aligned(rows: &[Row]) -> String {
    let name_width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    let columns = rows.first().map_or(0, |row| row.cells.len());
    let width_of = |column: usize| rows.iter().map(|row| row.cells[column].len()).max().unwrap_or_default();
    let widths: Vec<_> = (0..columns).map(width_of).collect();
    let mut text = String::new();
    for Row { name, cells } in rows {
        text.push_str(&format!("{name:name_width$}"));
        for (cell, width) in cells.iter().zip(&widths) {
            text.push_str(&format!("{:GAP$}{cell:>width$}", ""));
        }
        text.push('\n');
    }
    text
}

/// What was sent of one type; `None` if the protocol has no such type.
fn sent(column: &Column, kind: &str) -> Option<Traffic> {
    let Column { protocol, figures, verdict: _ } = column;
    figures.traffic.get(kind).copied().or_else(|| knows(protocol, kind).then(Traffic::default))
}

fn knows(protocol: &Protocol, kind: &str) -> bool {
    protocol.all_message_types().any(|known| known == kind)
}

fn where_somebody_leads(column: &Column, cell: String) -> String {
    match column.protocol.agreement {
        Agreement::Consensus => cell,
        Agreement::Eventual => NONE.to_owned(),
    }
}

/// Seconds with six decimals, as transcripts have them.
fn seconds(span: Span) -> String {
    (Time(0) + span).to_string()
}
