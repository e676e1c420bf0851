//! Figures as Markdown: medians over the rounds, and ratios to etcd.

use std::collections::BTreeMap;

use crate::arguments::Workload;
use crate::figure::Figure;

/// The row that the others are compared with.
const REFERENCE: &str = "etcd";

/// What is shown of a figure.
struct Column {
    title: &'static str,
    decimals: usize,
    value: fn(&Figure) -> f64,
}

/// The columns, in their order.
const COLUMNS: [Column; 7] = [
    Column { title: "operations/s", decimals: 0, value: |figure| count(figure.operations) / count(figure.seconds) },
    Column { title: "p50 ms", decimals: 2, value: |figure| count(figure.median_ns) / 1e6 },
    Column { title: "p99 ms", decimals: 2, value: |figure| count(figure.percentile_99_ns) / 1e6 },
    Column {
        title: "servers' CPU s per 10,000",
        decimals: 2,
        value: |figure| of_each(figure.servers_processor_ms, figure) * 10.0,
    },
    Column {
        title: "load's CPU s per 10,000",
        decimals: 2,
        value: |figure| of_each(figure.load_processor_ms, figure) * 10.0,
    },
    Column {
        title: "memory MiB",
        decimals: 0,
        value: |figure| count(figure.servers_memory_bytes) / f64::from(1 << 20),
    },
    Column { title: "bytes written each", decimals: 0, value: |figure| of_each(figure.servers_written_bytes, figure) },
];

/// A row: what the clients did, how many there were, and who was measured.
type Place<'a> = (Workload, u32, &'a str);
/// The figures of a row, by round.
type Rounds<'a> = BTreeMap<u32, &'a Figure>;
/// All rows, in their order.
type Places<'a> = BTreeMap<Place<'a>, Rounds<'a>>;

/// Both tables: the second one only where there is somebody to compare with etcd.
pub fn markdown(figures: &[Figure]) -> String {
    let mut places = Places::new();
    for figure in figures {
        let place = (figure.workload, figure.clients, figure.name.as_str());
        places.entry(place).or_default().insert(figure.round, figure);
    }
    let mut text = head(&["least to greatest/s", "errors"]);
    for (place, rounds) in &places {
        text.push_str(&row(*place, &medians(rounds)));
    }
    let compared: Vec<String> = places.iter().filter_map(|(place, rounds)| ratios(&places, *place, rounds)).collect();
    if !compared.is_empty() {
        text.push_str("\nTimes etcd, the median of the ratios within each round:\n\n");
        text.push_str(&head(&[]));
        text.extend(compared);
    }
    text
}

/// The cells of a row of the first table.
fn medians(rounds: &Rounds<'_>) -> Vec<String> {
    let values = |column: &Column| rounds.values().map(|figure| (column.value)(figure)).collect();
    let mut cells: Vec<String> =
        COLUMNS.iter().map(|column| format!("{:.*}", column.decimals, median(values(column)))).collect();
    let mut rates: Vec<f64> = values(&COLUMNS[0]);
    rates.sort_by(f64::total_cmp);
    cells.push(format!("{:.0} to {:.0}", rates[0], rates[rates.len() - 1]));
    cells.push(rounds.values().map(|figure| figure.errors).sum::<u64>().to_string());
    cells
}

/// A row of the second table, for everybody but etcd, if etcd was measured in the same rounds.
fn ratios(places: &Places<'_>, place: Place<'_>, rounds: &Rounds<'_>) -> Option<String> {
    let (workload, clients, name) = place;
    let reference = places.get(&(workload, clients, REFERENCE)).filter(|_| name != REFERENCE)?;
    let pairs: Vec<_> = rounds.iter().filter_map(|(round, figure)| Some((*figure, *reference.get(round)?))).collect();
    if pairs.is_empty() {
        return None;
    }
    let cell = |column: &Column| {
        let ratio = median(pairs.iter().map(|(figure, etcd)| (column.value)(figure) / (column.value)(etcd)).collect());
        // Gets write nothing, and nobody can be compared with that.
        if ratio.is_finite() { format!("{ratio:.2}") } else { "-".to_string() }
    };
    Some(row(place, &COLUMNS.iter().map(cell).collect::<Vec<_>>()))
}

/// The first two lines of a table, with columns that only it has.
fn head(more: &[&str]) -> String {
    let mut titles = vec!["workload", "clients", "system"];
    titles.extend(COLUMNS.iter().map(|column| column.title));
    titles.extend(more);
    format!("| {} |\n|{}\n", titles.join(" | "), "---|".repeat(titles.len()))
}

fn row((workload, clients, name): Place<'_>, cells: &[String]) -> String {
    let workload = match workload {
        Workload::Put => "put",
        Workload::Get => "get",
    };
    format!("| {workload} | {clients} | {name} | {} |\n", cells.join(" | "))
}

/// The value in the middle; the greater one of two.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// A sum, shared out to the operations. Of milliseconds, ten times this is the seconds of 10,000 operations.
fn of_each(sum: u64, figure: &Figure) -> f64 {
    count(sum) / count(figure.operations)
}

/// A count as a number that can be divided; those here stay far below 2^53.
fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::markdown;
    use crate::arguments::Workload;
    use crate::figure::Figure;

    fn figure(name: &str, round: u32, operations: u64) -> Figure {
        Figure {
            name: name.to_string(),
            round,
            workload: Workload::Put,
            clients: 64,
            seconds: 5,
            operations,
            errors: u64::from(round),
            median_ns: 1_500_000,
            percentile_99_ns: 9_000_000,
            servers_processor_ms: 5_000,
            load_processor_ms: 1_000,
            servers_memory_bytes: 3 << 20,
            servers_written_bytes: operations * 300,
        }
    }

    #[test]
    fn medians_and_ratios_are_of_the_rounds() {
        let figures = [
            figure("etcd", 1, 10_000),
            figure("etcd", 2, 20_000),
            figure("etcd", 3, 50_000),
            figure("another", 1, 30_000),
            figure("another", 2, 40_000),
            figure("another", 3, 50_000),
        ];
        let text = markdown(&figures);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| put")).collect();
        assert_eq!(
            rows,
            [
                "| put | 64 | another | 8000 | 1.50 | 9.00 | 1.25 | 0.25 | 3 | 300 | 6000 to 10000 | 6 |",
                "| put | 64 | etcd | 4000 | 1.50 | 9.00 | 2.50 | 0.50 | 3 | 300 | 2000 to 10000 | 6 |",
                "| put | 64 | another | 2.00 | 1.00 | 1.00 | 0.50 | 0.50 | 1.00 | 1.00 |",
            ]
        );
    }

    #[test]
    fn nothing_is_compared_with_nothing_written() {
        let quiet = |name| Figure { servers_written_bytes: 0, ..figure(name, 1, 10_000) };
        assert!(markdown(&[quiet("etcd"), quiet("another")]).ends_with("| 1.00 | - |\n"));
    }

    #[test]
    fn etcd_alone_is_compared_with_nobody() {
        assert!(!markdown(&[figure("etcd", 1, 10_000)]).contains("Times etcd"));
    }
}
