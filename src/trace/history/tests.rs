//! What a history claims of operations that end in every way there is.

use super::*;
use crate::base::Time;
use crate::trace::Memory;
use crate::wire::Stamp;

const CLIENT: NodeName = NodeName::client(7);
const OTHER: NodeName = NodeName::client(8);
const SERVER: NodeName = NodeName::server(1);

/// A history under way, and what it has written.
struct Bench {
    history: History,
    memory: Memory,
    event: u64,
}

impl Bench {
    fn new() -> Self {
        let memory = Memory::default();
        let history = History::new(Sink::new("memory", memory.clone())).unwrap();
        Self { history, memory, event: 0 }
    }

    fn read(&mut self, happening: &Happening<'_>) {
        self.event += 1;
        self.history.read(Moment { event: self.event, at: Time(self.event * 10) }, happening).unwrap();
    }

    fn invoke(&mut self, client: NodeName, operation: &Operation) {
        self.read(&Happening::Invoked { client, operation });
    }

    fn complete(&mut self, client: NodeName, completion: &Completion, requests: Requests) {
        self.read(&Happening::Completed { client, completion, requests });
    }

    /// The lines after the first one, which says what the file is.
    fn lines(&self) -> Vec<String> {
        self.memory.text().lines().skip(1).map(str::to_owned).collect()
    }
}

fn put() -> Operation {
    Operation::Put { key: "a".into(), value: "1".into() }
}

fn get() -> Operation {
    Operation::Get { key: "a".into() }
}

fn cas() -> Operation {
    Operation::Cas { key: "a".into(), from: "1".into(), to: Value::Integer(2) }
}

fn ok(value: Option<&str>) -> Completion {
    Completion::Ok(InvokeOk { in_reply_to: 1, value: value.map(Value::text), stamp: None })
}

fn error(code: ErrorCode) -> Completion {
    Completion::Error(ErrorBody { in_reply_to: 1, code, text: "why".to_owned() })
}

const fn asked(count: u64) -> Requests {
    Requests { count, server: Some(SERVER) }
}

/// The `type` and the `value` of an operation's end.
fn end(operation: &Operation, completion: &Completion, requests: Requests) -> (String, serde_json::Value) {
    let mut bench = Bench::new();
    bench.invoke(CLIENT, operation);
    bench.complete(CLIENT, completion, requests);
    let lines = bench.lines();
    assert_eq!(lines.len(), 2);
    let line: serde_json::Value = serde_json::from_str(&lines[1]).unwrap();
    (line["type"].as_str().unwrap().to_owned(), line["value"].clone())
}

#[test]
fn whole_lines_of_every_operation() {
    let mut bench = Bench::new();
    let stamp = Some(Stamp { clock: 1, server: SERVER, incarnation: crate::base::Incarnation(0) });
    bench.invoke(CLIENT, &put());
    bench.complete(CLIENT, &Completion::Ok(InvokeOk { in_reply_to: 1, value: None, stamp }), asked(1));
    bench.invoke(OTHER, &get());
    bench.complete(OTHER, &ok(Some("1")), asked(2));
    bench.invoke(CLIENT, &cas());
    bench.complete(CLIENT, &error(ErrorCode(22)), asked(1));
    let expected = [
        r#"{"index":0,"event":1,"time":10000,"process":0,"client":"c7","type":"invoke","f":"put","key":"a","value":"1"}"#,
        r#"{"index":1,"event":2,"time":20000,"process":0,"client":"c7","type":"ok","f":"put","key":"a","value":"1","server":"s1","stamp":{"clock":1,"server":"s1","incarnation":0}}"#,
        r#"{"index":2,"event":3,"time":30000,"process":1,"client":"c8","type":"invoke","f":"get","key":"a","value":null}"#,
        r#"{"index":3,"event":4,"time":40000,"process":1,"client":"c8","type":"ok","f":"get","key":"a","value":"1","server":"s1"}"#,
        r#"{"index":4,"event":5,"time":50000,"process":0,"client":"c7","type":"invoke","f":"cas","key":"a","value":["1",2]}"#,
        r#"{"index":5,"event":6,"time":60000,"process":0,"client":"c7","type":"fail","f":"cas","key":"a","value":["1",2],"server":"s1","error":{"code":22,"text":"why"}}"#,
    ];
    assert_eq!(bench.lines(), expected);
}

/// Each: what was asked, what came back, how often it was asked, and what that proves.
#[test]
fn a_fail_is_certain_and_everything_else_is_not() {
    let cases = [
        (put(), ErrorCode::NO_SERVER, 0, "fail"),
        (put(), ErrorCode::TEMPORARILY_UNAVAILABLE, 0, "fail"),
        (put(), ErrorCode::TEMPORARILY_UNAVAILABLE, 1, "fail"),
        (put(), ErrorCode::TEMPORARILY_UNAVAILABLE, 2, "info"),
        (put(), ErrorCode::TIMEOUT, 1, "info"),
        (put(), ErrorCode(13), 1, "info"),
        (put(), ErrorCode(4711), 1, "info"),
        (put(), ErrorCode::KEY_DOES_NOT_EXIST, 1, "fail"),
        (cas(), ErrorCode(22), 1, "fail"),
        (cas(), ErrorCode(22), 2, "info"),
        (get(), ErrorCode::DEPENDENCIES_NOT_SATISFIED, 1, "fail"),
        (get(), ErrorCode::DEPENDENCIES_NOT_SATISFIED, 2, "fail"),
        (get(), ErrorCode::TIMEOUT, 2, "info"),
    ];
    for (operation, code, count, expected) in cases {
        let found = end(&operation, &error(code), asked(count)).0;
        assert_eq!(found, expected, "{operation}, {code:?}, asked {count} times");
    }
}

#[test]
fn a_get_that_finds_no_value_is_ok() {
    for completion in [ok(None), error(ErrorCode::KEY_DOES_NOT_EXIST)] {
        assert_eq!(end(&get(), &completion, asked(1)), ("ok".to_owned(), serde_json::Value::Null));
    }
}

/// Nobody knows when an operation of unknown fate takes effect, so nothing may come after it in its process.
#[test]
fn after_an_info_the_client_goes_on_as_another_process() {
    let mut bench = Bench::new();
    for (client, completion) in [
        (CLIENT, error(ErrorCode::TIMEOUT)),
        (OTHER, ok(None)),
        (CLIENT, error(ErrorCode::NO_SERVER)),
        (CLIENT, ok(None)),
        (OTHER, ok(None)),
    ] {
        bench.invoke(client, &put());
        bench.complete(client, &completion, asked(1));
    }
    let process_of = |line: &String| serde_json::from_str::<serde_json::Value>(line).unwrap()["process"].clone();
    assert_eq!(bench.lines().iter().map(process_of).collect::<Vec<_>>(), [0, 0, 1, 1, 2, 2, 2, 2, 1, 1]);
}

/// The refusal of a cas that was asked twice proves nothing, and is all that ever comes of it.
#[test]
fn a_late_answer_is_that_of_an_operation_without_an_answer() {
    let mut bench = Bench::new();
    bench.invoke(CLIENT, &cas());
    bench.complete(CLIENT, &error(ErrorCode(22)), asked(2));
    bench.invoke(CLIENT, &put());
    bench.complete(CLIENT, &error(ErrorCode::TIMEOUT), asked(2));
    bench.read(&Happening::Late { client: CLIENT, operation: &put(), completion: &ok(None) });
    let last: serde_json::Value = serde_json::from_str(bench.lines().last().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["f"], &last["process"]), (&"late".into(), &"put".into(), &1.into()));
}

#[test]
fn what_is_under_way_at_a_stop_has_its_end_once() {
    let mut bench = Bench::new();
    bench.invoke(OTHER, &put());
    bench.invoke(CLIENT, &get());
    bench.read(&Happening::End { account: Default::default() });
    bench.read(&Happening::Stopped { text: "a node failed at the end" });
    let ends = [
        r#"{"index":2,"event":3,"time":30000,"process":1,"client":"c7","type":"info","f":"get","key":"a","value":null,"error":{"text":"the run stopped"}}"#,
        r#"{"index":3,"event":3,"time":30000,"process":0,"client":"c8","type":"info","f":"put","key":"a","value":"1","error":{"text":"the run stopped"}}"#,
    ];
    assert_eq!(bench.lines()[2..], ends);
}
