//! The formats of trace and history, line by line, and how the two belong together.

use std::collections::BTreeMap;

use serde_json::Value;
use splitbrain::base::{ClockRate, Offset, Span};

use crate::{Place, Record, assert_golden, scripts};

/// Something of every kind that a small run can have.
const SMALL: &str = "seed 7\njoinServer 0\njoinServer 1\njoinClient 2 0\ndelay 0 1 5ms\nput 2 a 1\ncut 0 1\n\
    put 2 \"q\" 2\nkillServer 1\nget 2 a\nget 2 none\n";

#[test]
fn the_trace_of_a_small_run() {
    assert_golden("the_trace_of_a_small_run", Place::new().record("out", &[], SMALL, 0).text("trace.jsonl"));
}

#[test]
fn the_history_of_a_small_run() {
    assert_golden("the_history_of_a_small_run", Place::new().record("out", &[], SMALL, 0).text("history.jsonl"));
}

/// An example that is wrong teaches a mistake.
#[test]
fn the_documentation_shows_lines_of_a_real_run() {
    let documentation = read_documentation();
    let fences = |language: &str| {
        let begin = format!("```{language}\n");
        let fences = documentation.split(&begin).skip(1).map(|rest| rest.split("```").next().expect("its end"));
        fences.collect::<Vec<_>>()
    };
    let record = Place::new().record("out", &[], fences("text")[0], 0);
    let real: Vec<_> = record.text("trace.jsonl").lines().chain(record.text("history.jsonl").lines()).collect();
    let shown: Vec<_> = fences("json").into_iter().flat_map(str::lines).collect();
    assert!(shown.len() > 15);
    for line in shown {
        assert!(real.contains(&line), "no such line: {line}");
    }
}

/// Every kind of line and every field of a small run, and what the code names beside them.
#[test]
fn the_documentation_names_every_kind_and_field() {
    let documentation = read_documentation();
    let record = Place::new().record("out", &[], SMALL, 0);
    let objects = [record.objects("trace.jsonl"), record.objects("history.jsonl")].concat();
    let fields = objects.iter().flat_map(|object| object.as_object().expect("an object").keys().cloned());
    let source = include_str!("../../src/trace/lines.rs");
    let kinds =
        source.split("field(\"kind\", \"").skip(1).map(|rest| rest.split('"').next().expect("its end").to_owned());
    let words: std::collections::BTreeSet<_> = fields.chain(kinds).collect();
    assert!(words.contains("finding") && words.contains("stamp") && words.len() > 40, "{words:?}");
    for word in words {
        assert!(documentation.contains(&format!("`{word}`")), "docs/record.md does not say `{word}`");
    }
}

fn read_documentation() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/record.md")).expect("the page")
}

/// What every trace and history is, whatever the run.
#[test]
fn traces_and_histories_of_all_scripts_are_sound() {
    let place = Place::new();
    let mut types = std::collections::BTreeSet::new();
    for (number, (path, script)) in scripts().into_iter().enumerate() {
        let output = place.master(&["--in-process", "--out", &number.to_string()], &script);
        assert!(output.status.code().is_some_and(|code| code <= 1), "{}", path.display());
        let record = Record::read(&place.path(&number.to_string()));
        let (trace, history) = (record.objects("trace.jsonl"), record.objects("history.jsonl"));
        assert_sound_trace(&trace);
        assert_sound_history(&history, &trace);
        types.extend(history[1..].iter().map(|line| line["type"].as_str().expect("a type").to_owned()));
    }
    assert!(types.iter().eq(["fail", "info", "invoke", "late", "ok"]), "every type is met: {types:?}");
}

/// A clock, reckoned in another way than the master does: in millionths of a microsecond, from one line to the next.
#[derive(Clone, Copy)]
struct Clock {
    at: u64,
    millionths: u128,
    rate: u128,
}

impl Clock {
    const TRUE: Self = Self { at: 0, millionths: 0, rate: 1_000_000 };

    fn move_to(&mut self, at: u64) {
        self.millionths += u128::from(at - self.at) * self.rate;
        self.at = at;
    }

    fn change(&mut self, fault: &str) {
        match fault.split_once(' ').expect("two words") {
            ("rate", rate) => self.rate = rate.parse::<ClockRate>().expect("a rate").0.into(),
            ("jump", offset) => {
                let millionths = |span: Span| u128::from(span.0) * 1_000_000;
                self.millionths = match offset.parse().expect("an offset") {
                    Offset::Ahead(by) => self.millionths + millionths(by),
                    Offset::Back(by) => self.millionths.saturating_sub(millionths(by)),
                };
            }
            other => panic!("{other:?}"),
        }
    }
}

fn assert_sound_trace(trace: &[Value]) {
    assert_eq!(trace[0].to_string(), r#"{"format":"splitbrain trace","version":1}"#);
    let mut time = 0;
    let mut clocks = BTreeMap::new();
    for (line, event) in trace[1..].iter().zip(1..) {
        assert_eq!(line["event"], event, "{line}");
        let at = line["at"].as_u64().expect("a time");
        assert!(at >= time, "time goes back: {line}");
        time = at;
        let clock = clocks.entry(line["node"].to_string()).or_insert(Clock::TRUE);
        clock.move_to(at);
        if line["kind"] == "clock" {
            clock.change(line["fault"].as_str().expect("a fault"));
        }
        if line["kind"] == "step" {
            assert_eq!(line["line"]["dest"], line["node"]);
            let now = u64::try_from(clock.millionths / 1_000_000).expect("a time");
            assert_eq!(line["line"]["now"], now, "by its own clock: {line}");
            let outputs = line["outputs"].as_array().expect("a list");
            assert_eq!(outputs.last().expect("an output")["body"]["type"], "done", "{line}");
        }
    }
    assert_eq!(trace.last().expect("a line")["kind"], "end");
}

fn assert_sound_history(history: &[Value], trace: &[Value]) {
    assert_eq!(history[0].to_string(), r#"{"format":"splitbrain history","version":1}"#);
    let mut open: BTreeMap<String, &Value> = BTreeMap::new();
    let mut spent = Vec::new();
    for (line, index) in history[1..].iter().zip(0..) {
        assert_eq!(line["index"], index, "{line}");
        let happening = &trace[usize::try_from(line["event"].as_u64().expect("a number")).expect("an index")];
        assert_eq!(happening["event"], line["event"]);
        assert_eq!(happening["at"].as_u64().expect("a time") * 1_000, line["time"]);
        assert_eq!(happening["node"], line["client"]);
        if line["type"] == "late" {
            assert_eq!(happening["kind"], "late");
            assert!(spent.contains(&line["process"]), "only of what nobody knew: {line}");
            continue;
        }
        assert!(!spent.contains(&line["process"]), "nothing comes after an info: {line}");
        let client = line["client"].to_string();
        match open.remove(&client) {
            None => {
                assert_eq!((&line["type"], &happening["kind"]), (&"invoke".into(), &"invoked".into()));
                open.insert(client, line);
            }
            Some(begin) => {
                assert_eq!(happening["kind"], "completed");
                assert_ne!(line["type"], "invoke");
                let common =
                    |line: &Value| [&line["process"], &line["client"], &line["f"], &line["key"]].map(Clone::clone);
                assert_eq!(common(begin), common(line));
                if line["type"] == "info" {
                    spent.push(line["process"].clone());
                }
            }
        }
    }
    assert!(open.is_empty(), "an operation without its end");
}
