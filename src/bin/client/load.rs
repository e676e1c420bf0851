//! `client bench`: load on a cluster, and what came of it.

use std::io::{self, Write as _};
use std::rc::Rc;

use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use splitbrain::base::{Span, Verdict};
use splitbrain::console::by_hand::{ClusterArguments, verdict_of};
use splitbrain::tcp::load::{CLIENTS, End, Figures, Load, put_load as put};

/// The longest value, in bytes: with its key it must fit into a frame.
const VALUE_BYTES: u64 = 512 * 1024;

/// The load.
#[derive(Args)]
pub struct BenchArguments {
    #[command(flatten)]
    cluster: ClusterArguments,
    /// How many clients, each with one operation after the other
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=i64::from(CLIENTS)))]
    clients: u32,
    /// How many operations, all clients together [default: as many as there is time for]
    #[arg(long, value_name = "M", conflicts_with = "duration", value_parser = clap::value_parser!(u64).range(1..))]
    operations: Option<u64>,
    /// How long
    #[arg(long, value_name = "T", default_value = "10s")]
    duration: Span,
    /// How long values are, in bytes
    #[arg(long, value_name = "B", default_value_t = 64, value_parser = clap::value_parser!(u64).range(..=VALUE_BYTES))]
    value_size: u64,
    /// How many of a hundred operations are gets; all others are puts
    #[arg(long, value_name = "P", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=100))]
    reads: u32,
    /// How to print what came of it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object; latencies in microseconds
    Json,
}

/// Puts load on the cluster, and prints what came of it.
pub fn put_load(arguments: &BenchArguments) -> Result<Verdict, (Verdict, String)> {
    let cluster = arguments.cluster.cluster().map_err(|error| (Verdict::Mistake, error.to_string()))?;
    let end = arguments.operations.map_or(End::After(arguments.duration), End::Operations);
    let load = Load {
        cluster,
        protocol: arguments.cluster.protocol(),
        clients: arguments.clients,
        end,
        value_bytes: usize::try_from(arguments.value_size).expect("it is bounded"),
        reads_percent: arguments.reads,
        tell: Rc::new(|text| eprintln!("{text}")),
    };
    let bar = bar(end);
    let shown = bar.clone();
    let figures = put(load, move |count, elapsed| match end {
        End::Operations(_) => shown.set_position(count),
        End::After(_) => shown.set_position(elapsed.0 / 1000),
    });
    bar.finish_and_clear();
    let figures = figures.map_err(|error| (verdict_of(&error), error.to_string()))?;
    let report = Report::of(arguments.clients, &figures);
    let text = match arguments.format {
        Format::Text => report.in_words(),
        Format::Json => serde_json::to_string(&report).expect("a report is representable in JSON"),
    };
    let printed = writeln!(io::stdout(), "{text}");
    printed.map_err(|error| (Verdict::Environment, format!("could not write to standard output: {error}")))?;
    Ok(match figures {
        Figures { was_interrupted: true, .. } => Verdict::Interrupted,
        Figures { errors: 0, unanswered: 0, .. } => Verdict::Passed,
        Figures { .. } => Verdict::Failed,
    })
}

/// On a terminal only.
fn bar(end: End) -> ProgressBar {
    let (length, template) = match end {
        End::Operations(count) => (count, "{bar:40} {pos}/{len} operations, {per_sec}"),
        End::After(span) => (span.0 / 1000, "{bar:40} {elapsed} of the load"),
    };
    let style = ProgressStyle::with_template(template).expect("the template is sound");
    ProgressBar::new(length).with_style(style)
}

#[derive(Serialize)]
struct Report {
    clients: u32,
    operations: u64,
    errors: u64,
    unanswered: u64,
    elapsed_us: u64,
    operations_per_second: u64,
    latency_us: Latency,
}

#[derive(Serialize)]
struct Latency {
    p50: u64,
    p90: u64,
    p99: u64,
    p999: u64,
    max: u64,
}

impl Report {
    fn of(clients: u32, figures: &Figures) -> Self {
        let Figures { operations, errors, unanswered, elapsed, latencies, .. } = figures;
        let at = |quantile| latencies.value_at_quantile(quantile);
        Self {
            clients,
            operations: *operations,
            errors: *errors,
            unanswered: *unanswered,
            elapsed_us: elapsed.0,
            operations_per_second: operations.saturating_mul(1_000_000) / elapsed.0.max(1),
            latency_us: Latency { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: latencies.max() },
        }
    }

    fn in_words(&self) -> String {
        let Self { clients, operations, errors, unanswered, elapsed_us, operations_per_second, latency_us } = self;
        if *operations == 0 {
            return format!("no operation was answered; {unanswered} wait");
        }
        let milliseconds = |microseconds: u64| format!("{}.{:03} ms", microseconds / 1000, microseconds % 1000);
        let Latency { p50, p90, p99, p999, max } = *latency_us;
        let latencies = [("p50", p50), ("p90", p90), ("p99", p99), ("p99.9", p999), ("max", max)];
        let shown: Vec<_> = latencies.iter().map(|(name, value)| format!("{name} {}", milliseconds(*value))).collect();
        format!(
            "{operations} operations of {clients} clients in {}.{:03} s: {operations_per_second} a second, {errors} errors, \
             {unanswered} not answered\n{}",
            elapsed_us / 1_000_000,
            elapsed_us / 1000 % 1000,
            shown.join(", ")
        )
    }
}
