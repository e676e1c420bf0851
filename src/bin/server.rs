//! `server`: TEMPORARY
use splitbrain::base::{NodeName, Span};
use splitbrain::protocol::Protocol;
use splitbrain::tcp::cluster::Cluster;
use splitbrain::tcp::server::*;
use std::rc::Rc;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let protocol = Protocol::named(&a[1]).unwrap();
    let cluster = Cluster::on_this_machine(3, a[2].parse().unwrap()).unwrap();
    let (_s, orders) = tokio::sync::mpsc::channel(10);
    let options = ServerOptions {
        node: NodeName::server(a[3].parse().unwrap()),
        cluster,
        protocol,
        variant: Default::default(),
        folder: a[4].clone().into(),
        delay: Span(0),
        quorum: splitbrain::tcp::founding::Quorum::All,
        recorder: None,
        watch: a.get(5).map(|_| -> splitbrain::tcp::links::Tell { Rc::new(|t: &str| eprintln!("{t}")) }),
        tell: Rc::new(|t: &str| eprintln!("{t}")),
    };
    println!("{:?}", serve(options, orders));
}
