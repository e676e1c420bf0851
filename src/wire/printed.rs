//! What consoles print, in the words of the courses: at a console of a script, and at that of a server or client by hand.
//!
//! Blocks, requests that wait and entries of a log are one line each as they are displayed; the rest is here.
//!
//! Values are printed as they display themselves; whoever prints puts them [on one line](on_one_line).
//!
//! Deliberately missing: who is asked, and where it is printed.

use std::borrow::Cow;

use crate::base::NodeName;
use crate::store::{Operation, Value};
use crate::wire::control::{Completion, InvokeOk};
use crate::wire::{ErrorBody, ErrorCode, ServerRole};

/// The answer to an operation: `success`, a value, or why there is none.
#[must_use]
pub fn answer(operation: &Operation, completion: &Completion) -> String {
    match (operation, completion) {
        (Operation::Get { .. }, Completion::Ok(InvokeOk { value, .. })) => {
            value.as_ref().map_or_else(|| ErrorCode::KEY_DOES_NOT_EXIST.name(), Value::to_string)
        }
        (Operation::Put { .. } | Operation::Cas { .. }, Completion::Ok(_)) => "success".to_owned(),
        (_, Completion::Error(ErrorBody { code, .. })) => code.name(),
    }
}

/// Does an error say more in words than its name does?
#[must_use]
pub fn needs_words(code: ErrorCode) -> bool {
    code != ErrorCode::KEY_DOES_NOT_EXIST && code != ErrorCode::PRECONDITION_FAILED
}

/// What became of a `put` or `cas` that ended with this code.
#[must_use]
pub fn fate(code: ErrorCode) -> &'static str {
    if code == ErrorCode::TIMEOUT { "it may or may not have been taken" } else { "it was not taken" }
}

/// A store, one `key:value` a line, sorted by key in byte order.
#[must_use]
pub fn store<'s>(store: impl IntoIterator<Item = (&'s Value, &'s Value)>) -> Vec<String> {
    let mut lines: Vec<_> = store.into_iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    lines.sort_unstable();
    lines.into_iter().map(|(key, value)| format!("{key}:{value}")).collect()
}

/// Which part a server plays, in which ballot or term, and how much waits there.
#[must_use]
pub fn role(role: ServerRole, term: u64, queued: u64) -> String {
    format!("{role} term={term} waiting={queued}")
}

/// Which ways a link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// There and back.
    BothWays,
    /// From the node that is asked to the other one.
    There,
    /// From the other one.
    Back,
}

/// A text that somebody else has written, as one line that moves no cursor: control characters are escaped.
#[must_use]
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return text.into();
    }
    let escape = |letter: char| match letter.is_control() {
        true => letter.escape_debug().to_string(),
        false => letter.to_string(),
    };
    text.chars().map(escape).collect::<String>().into()
}

/// A link of `node` that is cut: `s1 s2`, or `s1 -> s2` one way.
#[must_use]
pub fn broken_link(node: NodeName, other: NodeName, broken: Broken) -> String {
    match broken {
        Broken::BothWays => format!("{node} {other}"),
        Broken::There => format!("{node} -> {other}"),
        Broken::Back => format!("{other} -> {node}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_success_or_the_value_bare_or_why_there_is_none() {
        let (get, put) = (Operation::Get { key: "k".into() }, Operation::Put { key: "k".into(), value: "v".into() });
        let ok = |value| Completion::Ok(InvokeOk { in_reply_to: 1, value, stamp: None });
        let error = |code| Completion::Error(ErrorBody { in_reply_to: 1, code, text: "because".to_owned() });
        assert_eq!(answer(&put, &ok(None)), "success");
        assert_eq!(answer(&get, &ok(Some("a b".into()))), "a b");
        assert_eq!(answer(&get, &ok(Some(Value::from_literal("{'phone':-5}").unwrap()))), "{'phone': -5}");
        assert_eq!(answer(&get, &ok(None)), "KEY_DOES_NOT_EXIST");
        assert_eq!(answer(&get, &error(ErrorCode::TIMEOUT)), "TIMEOUT");
        assert_eq!(answer(&put, &error(ErrorCode(13))), "ERROR_13");
        assert_eq!(fate(ErrorCode::TIMEOUT), "it may or may not have been taken");
        assert_eq!(fate(ErrorCode::NO_SERVER), "it was not taken");
    }

    #[test]
    fn a_printed_line_stays_one_line() {
        assert_eq!(on_one_line("a:é \"b\" \\n"), "a:é \"b\" \\n");
        assert_eq!(on_one_line("a:1\nb:2\u{1b}[31m"), "a:1\\nb:2\\u{1b}[31m");
    }

    #[test]
    fn a_store_is_sorted_by_the_bytes_of_its_keys_as_they_are_printed() {
        let pairs = [("b".into(), Value::Integer(1)), (Value::Integer(10), "x".into()), ("B".into(), "y z".into())];
        assert_eq!(store(pairs.iter().map(|(key, value)| (key, value))), ["10:x", "B:y z", "b:1"]);
    }

    #[test]
    fn a_part_and_a_broken_link_are_a_line_each() {
        assert_eq!(role(ServerRole::Leader, 3, 0), "leader term=3 waiting=0");
        let (one, two) = (NodeName::server(1), NodeName::server(2));
        let lines = [Broken::BothWays, Broken::There, Broken::Back].map(|broken| broken_link(one, two, broken));
        assert_eq!(lines, ["s1 s2", "s1 -> s2", "s2 -> s1"]);
    }
}
