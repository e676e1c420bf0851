//! The text of every mistake about the bytes of a script, and how the lines of any mistake are shown.

use crate::base::limits;
use crate::script::tests::{NODES, TABLE, reading};
use crate::script::{LineParser, Mistake, Mistakes, Source};

#[test]
fn control_characters() {
    insta::assert_snapshot!(reading("joinServer 0\nput\0 2 a 1\n\
        joinServer 1\x07\nkillServer 1\n#\u{85}\njoin\rServer 2"), @r#"
    error: a NUL byte (U+0000) stands in the line
     --> a.txt:2:4
      |
    2 | put␀ 2 a 1
      |    ^ U+0000
      |
      = help: a line is text without control characters; remove it

    error: the control character U+0007 stands in the line
     --> a.txt:3:13
      |
    3 | joinServer 1␇
      |             ^ U+0007
      |
      = help: a line is text without control characters; remove it

    error: the control character U+0085 stands in the line
     --> a.txt:5:2
      |
    5 | #�
      |  ^ U+0085
      |
      = help: a line is text without control characters; remove it

    error: a carriage return (U+000D) stands in the line
     --> a.txt:6:5
      |
    6 | join␍Server 2
      |     ^ U+000D
      |
      = help: a line is text without control characters; remove it

    4 mistakes; nothing was started
    "#);
}

#[test]
fn tabs_and_wide_characters() {
    insta::assert_snapshot!(reading(format!("{NODES}\tput 2\ta\u{e9}\u{65e5}\u{672c}\t1 \u{65e5} \u{672c}")), @r#"
    error: too many words for `put`
     --> a.txt:5:15
      |
    5 |     put 2    aé日本    1 日 本
      |                          ^^^^^ 2 words too many
      |
      = help: usage: put CLIENT KEY VALUE
              example: put 2 a 1

    1 mistake; nothing was started
    "#);
}

#[test]
fn bytes_that_are_not_utf_8() {
    insta::assert_snapshot!(reading(b"\xef\xbb\xbfjoinServer 0\nput 2 caf\xc3\xa9 \xe9\xff\nok\n\xc0"), @r#"
    error: the byte 0xE9 is not UTF-8
     --> a.txt:2:12
      |
    2 | put 2 café ��
      |            ^ this is no character
      |
      = help: scripts are text in UTF-8; save the file in that encoding

    error: the byte 0xC0 is not UTF-8
     --> a.txt:4:1
      |
    4 | �
      | ^ this is no character
      |
      = help: scripts are text in UTF-8; save the file in that encoding

    2 mistakes; nothing was started
    "#);
}

#[test]
fn a_line_that_is_too_long() {
    let text = format!("joinServer 0\nput 2 a {}\nstabilize", "é".repeat(limits::SCRIPT_LINE_BYTES / 2));
    let shown = reading(text);
    assert!(shown.contains("error: the line is longer than 1048576 bytes\n --> a.txt:2:524293\n"), "{shown}");
    assert!(shown.len() < 1_000, "{} bytes", shown.len());
}

#[test]
fn a_long_line_is_shortened_around_its_mistake() {
    let text = format!("{NODES}\nput 2 {} v surplus {}", "k".repeat(500), "x".repeat(500));
    insta::assert_snapshot!(reading(text), @r#"
    error: too many words for `put`
     --> a.txt:6:510
      |
    6 | …kkkkkkkkkkkkkkkkkkkkkkkkkkk v surplus xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
      |                                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 2 words too many
      |
      = help: usage: put CLIENT KEY VALUE
              example: put 2 a 1

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_script_that_is_too_long() {
    let mut text = "\n".repeat(limits::SCRIPT_BYTES - 5);
    text.push_str("stabilize");
    let mistakes = Source::from_bytes("a.txt", text.into_bytes()).unwrap_err();
    insta::assert_snapshot!(mistakes, @r#"
    error: the script is longer than 67108864 bytes
            --> a.txt:67108860:1
             |
    67108860 | stabilize
             | ^ the limit is reached on this line
             |
             = help: split it into scripts of at most 67108864 bytes

    1 mistake; nothing was started
    "#);
}

#[test]
fn mistakes_beyond_those_shown_are_counted() {
    let shown = reading("frobnicate\n".repeat(100_000));
    assert_eq!(shown.matches("error:").count(), limits::MISTAKES_SHOWN);
    assert!(shown.ends_with("\n99900 more are not shown\n100000 mistakes; nothing was started"), "{shown}");
}

#[test]
fn a_note_on_a_line_with_a_longer_number_is_aligned() {
    let text = format!("{}killServer 0\n\njoinServer 0", "\n".repeat(8));
    insta::assert_snapshot!(reading(text), @r#"
    error: no server 0 has joined
      --> a.txt:9:12
       |
     9 | killServer 0
       |            ^ not known here
       |
       = help: it joins later, on line 11; a node joins before it is used
    note: 0 joins as a server here
      --> a.txt:11:1
       |
    11 | joinServer 0
       | ^^^^^^^^^^

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_mistake_on_a_line_that_is_not_kept_is_reported_without_it() {
    let mut source = Source::empty("prompt");
    source.push_line("joinServer 0");
    let mut parser = LineParser::new(&TABLE);
    assert!(parser.parse_line(1, "joinServer 0").is_ok());
    let mistakes = parser.parse_line(2, "put 0 a").unwrap_err();
    assert_eq!(mistakes.len(), 2);
    insta::assert_snapshot!(Mistakes::gather(&source, mistakes[..1].to_vec()).reports(), @r#"
    error: CLIENT of `put` must be a client, and 0 is a server
     --> prompt:2:5
     = help: no client has joined before this line
             usage: put CLIENT KEY VALUE
             example: put 2 a 1
    note: 0 joined as a server here
     --> prompt:1:1
      |
    1 | joinServer 0
      | ^^^^^^^^^^
    "#);
}

#[test]
fn the_name_of_a_source_cannot_move_the_cursor() {
    let source = Source::from_bytes("a\u{1b}[2J.txt", b"x".to_vec()).unwrap();
    let mistakes = super::super::parse(&TABLE, &source).unwrap_err();
    assert!(mistakes.to_string().contains("--> a?[2J.txt:1:1"), "{mistakes}");
    let place = mistakes.shown()[0].place;
    assert_eq!(Mistake::new("m", place).label("l").help("h").also(place, "n").also, Some((place, "n".to_owned())));
}
