//! docs/by-hand.md, typed into real processes: what they print is what stands there, and what the same session prints as a script
//! under the master.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Client, Cluster, Plan, eventually};

/// One line of the tour, and what is printed behind it.
#[derive(Debug)]
struct Step {
    typed: String,
    printed: Vec<String>,
}

/// The steps of the section `A guided tour`.
fn steps() -> Vec<Step> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/by-hand.md");
    let page = fs::read_to_string(path).expect("the page is there");
    let tour = page.split("\n## ").find(|section| section.starts_with("A guided tour")).expect("the section is there");
    let mut steps: Vec<Step> = Vec::new();
    for block in tour.split("```console\n").skip(1) {
        for line in block.split("```").next().expect("a block ends").lines() {
            if line.starts_with("$ ") || line.contains("> ") && !line.starts_with(char::is_numeric) {
                steps.push(Step { typed: line.to_owned(), printed: Vec::new() });
            } else {
                let step = steps.last_mut().expect("a block begins with what is typed");
                step.printed.push(line.to_owned());
            }
        }
    }
    steps
}

/// What the same session prints under the master.
fn printed_by_the_script() -> Vec<String> {
    let mut master = Command::new(env!("CARGO_BIN_EXE_master"));
    master.arg("scripts/consoles/the-guided-tour.txt").current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = master.output().expect("the master runs");
    String::from_utf8(output.stdout).expect("it prints text").lines().map(str::to_owned).collect()
}

struct Tour {
    cluster: Cluster,
    clients: BTreeMap<u32, Client>,
    /// Everything on standard output, in the order of the tour.
    answers: Vec<String>,
}

impl Tour {
    fn take(&mut self, step: &Step) {
        let Step { typed, printed } = step;
        let (head, what) = match typed.strip_prefix("$ ") {
            Some(head) => (head, None),
            None => typed.split_once("> ").map(|(head, what)| (head, Some(what))).expect("a prompt"),
        };
        let (kind, number) = head.split_once(' ').expect("a program and its id");
        let number: u32 = number.parse().expect("an id");
        match (kind, what) {
            ("server", None) => self.cluster.start(number),
            ("client", None) => {
                self.clients.insert(number, self.cluster.client(number));
            }
            ("server", Some("failProcess")) => {
                let mut server = self.cluster.take(number);
                server.type_line("failProcess");
                let (answers, code) = server.wait_until_it_leaves();
                assert_eq!((answers, code), (Vec::new(), None), "a signal ends it, and it says nothing");
            }
            ("server", Some("nominate")) => {
                // An election that is under way could come between.
                self.cluster.leader();
                self.cluster.ask(number, "nominate");
            }
            ("server", Some(line)) => self.ask_server(number, line, printed),
            ("client", Some(line)) => {
                let answer = self.clients.get_mut(&number).expect("it was started").ask(line);
                assert_eq!(std::slice::from_ref(&answer), printed, "{typed}");
                self.answers.push(answer);
            }
            _ => panic!("the tour types {typed}"),
        }
        for remark in printed.iter().filter(|line| is_remark(line)) {
            let remark = self.here(number, remark);
            self.cluster.server(number).wait_for_remark(&remark);
        }
    }

    /// What a server holds comes about soon.
    fn ask_server(&mut self, number: u32, line: &str, printed: &[String]) {
        let expected: Vec<_> = printed.iter().filter(|line| !is_remark(line)).cloned().collect();
        let what = format!("{expected:?} behind `{line}` at server {number}");
        eventually(&what, || self.cluster.ask(number, line) == expected);
        self.answers.extend(expected);
    }

    /// A remark of the page with the port of this cluster.
    fn here(&self, number: u32, remark: &str) -> String {
        remark.replace(&format!("127.0.0.1:800{number}"), &format!("127.0.0.1:{}", self.cluster.port(number)))
    }
}

fn is_remark(line: &str) -> bool {
    line.starts_with("server ") || line.starts_with("waits ")
}

#[test]
fn the_guided_tour_prints_what_its_page_says_and_what_its_script_prints() {
    let steps = steps();
    assert!(steps.len() > 20, "the tour has gone: {steps:?}");
    let cluster = Cluster::planned(Plan::of("multi-paxos"));
    let mut tour = Tour { cluster, clients: BTreeMap::new(), answers: Vec::new() };
    steps.iter().for_each(|step| tour.take(step));
    assert_eq!(tour.answers, printed_by_the_script());
}
