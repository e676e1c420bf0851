//! What lines at consoles may look like, and what they mean.

use crate::base::{NodeKind, NodeName};
use crate::script::tests::{NODES, TABLE, reading};
use crate::script::{Argument, ByHand, Command, Console, LineParser, Phase, Shape, Table};
use crate::store::Value;

use super::{CUT, PUT};

/// The canonical lines of these lines behind [`NODES`].
fn read(lines: &str) -> String {
    let text = reading(format!("{NODES}{lines}"));
    text.lines().skip(4).map(|line| format!("{line}\n")).collect()
}

#[test]
fn keys_and_values_are_literals_and_stand_in_canonical_lines_as_python_prints_them() {
    assert_eq!(
        read("c2: put 'a' {'x':1, 'y' : [2,3]}\n2: put(\"it's\", (1, 'a)'))\nc2: put 0x10 -1_0 # {\n"),
        "2: put 'a' {'x': 1, 'y': [2, 3]}\n2: put \"it's\" (1, 'a)')\n2: put 16 -10\n"
    );
    let lines = "c2: put (1, 2) (3)\nc2: put(() , ())\nc2:put 'a'\t'b'//c\n";
    assert_eq!(read(&lines.replace("//c", " //c")), "2: put (1, 2) 3\n2: put () ()\n2: put 'a' 'b'\n");
    assert_eq!(read("put 2 'a' {'x':1}\n"), "put 2 'a' {'x':1}\n");
}

#[test]
fn a_canonical_line_means_the_same() {
    let mut parser = LineParser::new(&TABLE);
    NODES.lines().for_each(|line| drop(parser.parse_line(1, line).unwrap()));
    parser.parse_line(1, "joinServer 10").unwrap();
    let lines = [
        "c2: Operation(put, 'ö', [None])",
        "s0: cut 1",
        "s0: cut(0, 1)",
        "s1: cut 10 0",
        "s1: cut -> 2",
        "s1: cut 0 -> 1",
    ];
    for line in lines {
        let invocation = parser.parse_line(2, line).unwrap().unwrap();
        let again = parser.parse_line(2, &invocation.canonical()).unwrap().unwrap();
        assert_eq!(again.canonical(), invocation.canonical(), "{line}");
        assert_eq!((again.arguments.len(), again.typed_name), (invocation.arguments.len(), invocation.typed_name));
        assert_eq!(again.console.map(|node| node.name), invocation.console.map(|node| node.name));
    }
}

#[test]
fn a_value_is_the_text_of_a_script_or_the_literal_of_a_console() {
    let mut parser = LineParser::new(&TABLE);
    NODES.lines().for_each(|line| drop(parser.parse_line(1, line).unwrap()));
    let mut value = |line: &str| parser.parse_line(2, line).unwrap().unwrap().value(2);
    assert_eq!(value("put 2 a 1"), Value::text("1"));
    assert_eq!(value("c2: put 'a' 1"), Value::Integer(1));
    assert_eq!(value("c2: put 'a' '1'"), Value::text("1"));
}

#[test]
fn the_other_end_of_a_link_may_stand_alone_and_be_a_port() {
    assert_eq!(
        read("s0: cut 1\ns0: cut(0, 1)\ns1: cut 0 1\ns0: cut 1001\ns0: cut 5001 8000\n"),
        "0: cut 1\n0: cut 1\n1: cut 0 1\n0: cut 1\n0: cut 1 0\n"
    );
    let mut parser = LineParser::new(&TABLE);
    for line in ["joinServer 1", "joinServer 9001", "joinServer 2"] {
        parser.parse_line(1, line).unwrap();
    }
    let cut = parser.parse_line(2, "s2: cut 9001").unwrap().unwrap();
    let Argument::Links(links) = &cut.arguments[0] else { panic!("links") };
    assert_eq!(links.single(), Some((NodeName::server(2), NodeName::server(9001))), "an id that joined is no port");
    assert!(parser.parse_line(2, "cut 2 8001").is_err(), "a script knows no ports");
    for port in ["1023", "9003", "65536", "s9001x"] {
        assert!(parser.parse_line(2, &format!("s2: cut {port}")).is_err(), "{port}");
    }
}

const fn write(consoles: &'static [Console]) -> Command<()> {
    Command {
        name: "write",
        aliases: &[],
        parameters: PUT.parameters,
        phase: Phase::Step,
        consoles,
        summary: "",
        details: "",
        example: "",
        scripts: &[],
        run: (),
    }
}

const fn console(names: &'static [&'static str], shape: Shape) -> Console {
    Console { of: NodeKind::Client, names, shape, example: "", summary: "", by_hand: ByHand::Operation }
}

#[test]
fn each_unsound_console_is_refused() {
    static SAME: Command<()> = write(&[console(&["put"], Shape::Own)]);
    static HALF: Command<()> = write(&[console(&["put it"], Shape::Own)]);
    static LONG: Command<()> = write(&[console(&["a b c"], Shape::Own)]);
    static LINK: Command<()> = write(&[console(&["write"], Shape::Link)]);
    static TWICE: Command<()> = write(&[console(&["w"], Shape::Own), console(&["w"], Shape::Whole)]);
    static NAMELESS: Command<()> = write(&[console(&[], Shape::Own)]);
    static SOUND: Command<()> = write(&[console(&["write", "cut it"], Shape::Own), console(&["w"], Shape::Whole)]);
    static UNSOUND: [&Command<()>; 6] = [&SAME, &HALF, &LONG, &LINK, &TWICE, &NAMELESS];
    static TABLE: [&Command<()>; 3] = [&PUT, &CUT, &SOUND];
    Table { commands: &TABLE }.assert_sound();
    for command in UNSOUND {
        let commands: &'static [_] = Box::leak(Box::new([&PUT, &CUT, command]));
        let held = std::panic::catch_unwind(|| Table { commands }.assert_sound());
        assert!(held.is_err(), "{command:?}");
    }
}
