//! The text of every mistake about the words of a line: the command, its parameters, its place.
//!
//! Each test is named after the mistake. A script with several lines shows as well what the parser makes of the lines
//! after the mistake.

use crate::script::tests::{NODES, reading};

#[test]
fn an_unknown_command_that_is_near_a_known_one() {
    insta::assert_snapshot!(reading("joinSever 0\nkillServer 0\nKILLSERVER 0"), @r#"
    error: there is no command `joinSever`
     --> a.txt:1:1
      |
    1 | joinSever 0
      | ^^^^^^^^^ not a command
      |
      = help: did you mean `joinServer`?
              usage: joinServer ID
              example: joinServer 0

    error: there is no command `KILLSERVER`
     --> a.txt:3:1
      |
    3 | KILLSERVER 0
      | ^^^^^^^^^^ not a command
      |
      = help: did you mean `killServer`?
              usage: killServer ID
              example: killServer 0

    2 mistakes; nothing was started
    "#);
}

#[test]
fn an_unknown_command_that_is_near_none() {
    insta::assert_snapshot!(reading("frobnicate 1 2 # why not"), @r#"
    error: there is no command `frobnicate`
     --> a.txt:1:1
      |
    1 | frobnicate 1 2 # why not
      | ^^^^^^^^^^ not a command
      |
      = help: `master help commands` lists the commands

    1 mistake; nothing was started
    "#);
}

#[test]
fn too_few_words() {
    insta::assert_snapshot!(reading(format!("{NODES}put 2 a  # no value\nstabilize\nget")), @r#"
    error: `put` lacks VALUE
     --> a.txt:5:8
      |
    5 | put 2 a  # no value
      |        ^ VALUE expected here
      |
      = help: usage: put CLIENT KEY VALUE
              example: put 2 a 1

    error: `get` lacks CLIENT KEY
     --> a.txt:7:4
      |
    7 | get
      |    ^ CLIENT KEY expected here
      |
      = help: usage: get CLIENT KEY
              example: get 2 a

    2 mistakes; nothing was started
    "#);
}

#[test]
fn too_many_words() {
    insta::assert_snapshot!(reading(format!("{NODES}killServer 0 1 2 # both\nstabilize now")), @r#"
    error: too many words for `killServer`
     --> a.txt:5:14
      |
    5 | killServer 0 1 2 # both
      |              ^^^ 2 words too many
      |
      = help: usage: killServer ID
              example: killServer 0

    error: too many words for `stabilize`
     --> a.txt:6:11
      |
    6 | stabilize now
      |           ^^^ 1 word too many
      |
      = help: usage: stabilize
              example: stabilize

    2 mistakes; nothing was started
    "#);
}

#[test]
fn a_value_in_quotes_with_a_blank() {
    insta::assert_snapshot!(reading(format!("{NODES}put 2 a \"hello there\"")), @r#"
    error: too many words for `put`
     --> a.txt:5:16
      |
    5 | put 2 a "hello there"
      |                ^^^^^^ 1 word too many
      |
      = help: keys and values hold no blanks, and quotes are not special in them
              usage: put CLIENT KEY VALUE
              example: put 2 a 1

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_bad_duration() {
    insta::assert_snapshot!(reading(format!("{NODES}delay 0 1 50\ndelay 0 1 0.5us\ndelay 0 1 1s jitter soon")), @r#"
    error: `50` is not a duration
     --> a.txt:5:11
      |
    5 | delay 0 1 50
      |           ^^ a duration is a number and its unit, us, ms, s or min, such as 50ms or 1.5s
      |
      = help: usage: delay A B DELAY [jitter JITTER] [note "TEXT"]
              example: delay 0 1 50ms jitter 10ms

    error: `0.5us` is not a duration
     --> a.txt:6:11
      |
    6 | delay 0 1 0.5us
      |           ^^^^^ the smallest step of time is one microsecond (1us)
      |
      = help: usage: delay A B DELAY [jitter JITTER] [note "TEXT"]
              example: delay 0 1 50ms jitter 10ms

    error: `soon` is not a duration
     --> a.txt:7:21
      |
    7 | delay 0 1 1s jitter soon
      |                     ^^^^ a duration is a number and its unit, us, ms, s or min, such as 50ms or 1.5s
      |
      = help: usage: delay A B DELAY [jitter JITTER] [note "TEXT"]
              example: delay 0 1 50ms jitter 10ms

    3 mistakes; nothing was started
    "#);
}

#[test]
fn a_bad_seed() {
    insta::assert_snapshot!(reading("seed -1"), @r#"
    error: `-1` is not a seed
     --> a.txt:1:6
      |
    1 | seed -1
      |      ^^ a seed is a whole number from 0 to 9007199254740991
      |
      = help: usage: seed SEED
              example: seed 7

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_seed_that_is_too_great() {
    insta::assert_snapshot!(reading("seed 9007199254740992"), @r#"
    error: `9007199254740992` is not a seed
     --> a.txt:1:6
      |
    1 | seed 9007199254740992
      |      ^^^^^^^^^^^^^^^^ a seed is a whole number from 0 to 9007199254740991
      |
      = help: usage: seed SEED
              example: seed 7

    1 mistake; nothing was started
    "#);
}

#[test]
fn an_unknown_choice() {
    insta::assert_snapshot!(reading("protocol rft"), @r#"
    error: `protocol` does not know `rft`
     --> a.txt:1:10
      |
    1 | protocol rft
      |          ^^^ not one of the choices
      |
      = help: did you mean `raft`? NAME is one of gossip, raft, multi_paxos
              usage: protocol NAME...
              example: protocol raft

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_list_with_a_word_twice() {
    insta::assert_snapshot!(reading("protocol raft gossip raft"), @r#"
    error: `raft` is there twice
     --> a.txt:1:22
      |
    1 | protocol raft gossip raft
      |                      ^^^^ the second time
      |
      = help: usage: protocol NAME...
              example: protocol raft

    1 mistake; nothing was started
    "#);
    insta::assert_snapshot!(reading("cluster servers=3 protocol=raft,gossip,raft"), @r#"
    error: `raft` is there twice
     --> a.txt:1:40
      |
    1 | cluster servers=3 protocol=raft,gossip,raft
      |                                        ^^^^ the second time
      |
      = help: usage: cluster servers=N [clients=M] [protocol=NAME,...] [seed=NUMBER]
              example: cluster servers=5 clients=2

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_choice_that_is_near_none() {
    insta::assert_snapshot!(reading("protocol zab"), @r#"
    error: `protocol` does not know `zab`
     --> a.txt:1:10
      |
    1 | protocol zab
      |          ^^^ not one of the choices
      |
      = help: NAME is one of gossip, raft, multi_paxos
              usage: protocol NAME...
              example: protocol raft

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_command_line_that_is_no_words() {
    insta::assert_snapshot!(reading("run \"sh -c 'exit\"\nrun \"# mine\""), @r##"
    error: `"sh -c 'exit"` cannot be split into words
     --> a.txt:1:5
      |
    1 | run "sh -c 'exit"
      |     ^^^^^^^^^^^^^ a quote in it is not closed
      |
      = help: usage: run "COMMAND"
              example: run "python3 server.py"

    error: `"# mine"` names no program
     --> a.txt:2:5
      |
    2 | run "# mine"
      |     ^^^^^^^^ expected a program and its arguments
      |
      = help: usage: run "COMMAND"
              example: run "python3 server.py"

    2 mistakes; nothing was started
    "##);
}

#[test]
fn a_text_without_quotes() {
    insta::assert_snapshot!(reading("run python3 server.py # mine"), @r#"
    error: "COMMAND" of `run` must stand in double quotes
     --> a.txt:1:5
      |
    1 | run python3 server.py # mine
      |     ^^^^^^^^^^^^^^^^^ put this in quotes
      |
      = help: usage: run "COMMAND"
              example: run "python3 server.py"

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_text_without_its_last_quote() {
    insta::assert_snapshot!(reading("run \"python3 server.py # mine"), @r#"
    error: the closing quote is missing
     --> a.txt:1:5
      |
    1 | run "python3 server.py # mine
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^ the text begins here
      |
      = help: usage: run "COMMAND"
              example: run "python3 server.py"

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_text_with_a_wrong_escape() {
    insta::assert_snapshot!(reading("run \"a\\nb\""), @r#"
    error: only \" and \\ may follow a backslash in quotes
     --> a.txt:1:7
      |
    1 | run "a\nb"
      |       ^^ write \\ for a backslash
      |
      = help: usage: run "COMMAND"
              example: run "python3 server.py"

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_text_with_something_after_its_quote() {
    insta::assert_snapshot!(reading("run \"a\"b"), @r#"
    error: a blank must follow the closing quote
     --> a.txt:1:8
      |
    1 | run "a"b
      |        ^ this touches the text
      |
      = help: usage: run "COMMAND"
              example: run "python3 server.py"

    1 mistake; nothing was started
    "#);
}

#[test]
fn an_unknown_keyword() {
    insta::assert_snapshot!(reading(format!("{NODES}delay 0 1 50ms jiter 10ms\ndelay 0 1 50ms 10ms")), @r#"
    error: `jiter` is not a keyword of `delay`
     --> a.txt:5:16
      |
    5 | delay 0 1 50ms jiter 10ms
      |                ^^^^^ expected jitter or note
      |
      = help: did you mean `jitter`?
              usage: delay A B DELAY [jitter JITTER] [note "TEXT"]
              example: delay 0 1 50ms jitter 10ms

    error: `10ms` is not a keyword of `delay`
     --> a.txt:6:16
      |
    6 | delay 0 1 50ms 10ms
      |                ^^^^ expected jitter or note
      |
      = help: usage: delay A B DELAY [jitter JITTER] [note "TEXT"]
              example: delay 0 1 50ms jitter 10ms

    2 mistakes; nothing was started
    "#);
}

#[test]
fn a_keyword_twice() {
    insta::assert_snapshot!(reading(format!("{NODES}delay 0 1 50ms jitter 10ms jitter 20ms")), @r#"
    error: `jitter` is given twice
     --> a.txt:5:28
      |
    5 | delay 0 1 50ms jitter 10ms jitter 20ms
      |                            ^^^^^^ the second time
      |
      = help: usage: delay A B DELAY [jitter JITTER] [note "TEXT"]
              example: delay 0 1 50ms jitter 10ms
    note: the first time
     --> a.txt:5:16
      |
    5 | delay 0 1 50ms jitter 10ms jitter 20ms
      |                ^^^^^^

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_keyword_without_its_value() {
    insta::assert_snapshot!(reading(format!("{NODES}delay 0 1 50ms jitter\ndelay(0, 1, 50ms, note)")), @r#"
    error: `jitter` must be followed by JITTER
     --> a.txt:5:22
      |
    5 | delay 0 1 50ms jitter
      |                      ^ JITTER expected here
      |
      = help: usage: delay A B DELAY [jitter JITTER] [note "TEXT"]
              example: delay 0 1 50ms jitter 10ms

    error: `note` must be followed by "TEXT"
     --> a.txt:6:23
      |
    6 | delay(0, 1, 50ms, note)
      |                       ^ "TEXT" expected here
      |
      = help: usage: delay A B DELAY [jitter JITTER] [note "TEXT"]
              example: delay 0 1 50ms jitter 10ms

    2 mistakes; nothing was started
    "#);
}

#[test]
fn a_setting_after_the_first_step() {
    insta::assert_snapshot!(reading("seed 1\n\njoinServer 0\nprotocol raft\nseed 1"), @r#"
    error: `protocol` is a setting, and comes too late
     --> a.txt:4:1
      |
    4 | protocol raft
      | ^^^^^^^^ move it to the top
      |
      = help: settings stand before the first command that is not one
    note: the first command that is not a setting
     --> a.txt:3:1
      |
    3 | joinServer 0
      | ^^^^^^^^^^

    error: `seed` is a setting, and comes too late
     --> a.txt:5:1
      |
    5 | seed 1
      | ^^^^ move it to the top
      |
      = help: settings stand before the first command that is not one
    note: the first command that is not a setting
     --> a.txt:3:1
      |
    3 | joinServer 0
      | ^^^^^^^^^^

    2 mistakes; nothing was started
    "#);
}

#[test]
fn a_setting_twice() {
    insta::assert_snapshot!(reading("seed 1\nseed 2"), @r#"
    error: `seed` is set twice
     --> a.txt:2:1
      |
    2 | seed 2
      | ^^^^ the second time
      |
      = help: a setting holds for the whole script; keep one of them
    note: the first time
     --> a.txt:1:1
      |
    1 | seed 1
      | ^^^^

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_parenthesis_that_is_not_closed() {
    insta::assert_snapshot!(reading(format!("{NODES}put(2, a, 1 # one")), @r#"
    error: the closing parenthesis is missing
     --> a.txt:5:12
      |
    5 | put(2, a, 1 # one
      |            ^ `)` expected here
      |
      = help: usage: put CLIENT KEY VALUE
              example: put 2 a 1

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_parenthesis_after_a_blank() {
    insta::assert_snapshot!(reading(format!("{NODES}breakConnection (0, 1)")), @r#"
    error: a parenthesis must follow the name at once
     --> a.txt:5:17
      |
    5 | breakConnection (0, 1)
      |                 ^ no blank before this one
      |
      = help: usage: breakConnection A B
              example: breakConnection 0 1

    1 mistake; nothing was started
    "#);
}

#[test]
fn something_after_the_parenthesis() {
    insta::assert_snapshot!(reading(format!("{NODES}put(2, a, 1); # one\nput(2, a, f(x))")), @r#"
    error: only a comment, after a blank, may follow the closing parenthesis
     --> a.txt:5:13
      |
    5 | put(2, a, 1); # one
      |             ^^^^^^^ too much
      |
      = help: a key or value with a comma or parenthesis in it is written in the form without parentheses
              usage: put CLIENT KEY VALUE
              example: put 2 a 1

    error: only a comment, after a blank, may follow the closing parenthesis
     --> a.txt:6:15
      |
    6 | put(2, a, f(x))
      |               ^ too much
      |
      = help: a key or value with a comma or parenthesis in it is written in the form without parentheses
              usage: put CLIENT KEY VALUE
              example: put 2 a 1

    2 mistakes; nothing was started
    "#);
}

#[test]
fn a_word_missing_between_parentheses() {
    insta::assert_snapshot!(reading(format!("{NODES}put(2, , 1)\nget(2, a,)\nget(,)")), @r#"
    error: a word is missing between the parentheses
     --> a.txt:5:8
      |
    5 | put(2, , 1)
      |        ^ a word is expected before this
      |
      = help: a key or value with a comma or parenthesis in it is written in the form without parentheses
              usage: put CLIENT KEY VALUE
              example: put 2 a 1

    error: a word is missing between the parentheses
     --> a.txt:6:10
      |
    6 | get(2, a,)
      |          ^ a word is expected before this
      |
      = help: a key or value with a comma or parenthesis in it is written in the form without parentheses
              usage: get CLIENT KEY
              example: get 2 a

    error: a word is missing between the parentheses
     --> a.txt:7:5
      |
    7 | get(,)
      |     ^ a word is expected before this
      |
      = help: a key or value with a comma or parenthesis in it is written in the form without parentheses
              usage: get CLIENT KEY
              example: get 2 a

    3 mistakes; nothing was started
    "#);
}

#[test]
fn a_comma_missing_between_parentheses() {
    insta::assert_snapshot!(reading(format!("{NODES}put(2 a, 1)")), @r#"
    error: a comma is missing between the parentheses
     --> a.txt:5:7
      |
    5 | put(2 a, 1)
      |       ^ a comma is expected before this
      |
      = help: usage: put CLIENT KEY VALUE
              example: put 2 a 1

    1 mistake; nothing was started
    "#);
}

#[test]
fn an_end_with_words() {
    insta::assert_snapshot!(reading("exit now\nnot read"), @r#"
    error: too many words for `exit`
     --> a.txt:1:6
      |
    1 | exit now
      |      ^^^ 1 word too many
      |
      = help: usage: exit
              example: exit

    1 mistake; nothing was started
    "#);
}
