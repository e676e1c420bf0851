//! `client`: TEMPORARY
use splitbrain::base::{NodeName, Span};
use splitbrain::protocol::Protocol;
use splitbrain::tcp::cluster::Cluster;
use splitbrain::tcp::load::{End, Load, put_load};
use std::rc::Rc;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let protocol = Protocol::named(&a[1]).unwrap();
    let cluster = Cluster::on_this_machine(3, a[2].parse().unwrap()).unwrap();
    let _ = NodeName::client(1);
    let load = Load {
        cluster,
        protocol,
        clients: a[3].parse().unwrap(),
        end: End::After(Span::seconds(a[4].parse().unwrap())),
        value_bytes: 64,
        reads_percent: a[5].parse().unwrap(),
        tell: Rc::new(|t: &str| eprintln!("{t}")),
    };
    let f = put_load(load, |_, _| {}).unwrap();
    println!(
        "{} ops {} errors {:.0} ops/s p50 {} p99 {} max {}",
        f.operations,
        f.errors,
        f.operations as f64 / (f.elapsed.0 as f64 / 1e6),
        f.latencies.value_at_quantile(0.5),
        f.latencies.value_at_quantile(0.99),
        f.latencies.max()
    );
}
