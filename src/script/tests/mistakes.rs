//! The text of every mistake that a script can hold.
//!
//! Each test is named after the mistake. A script with several lines shows as well what the parser makes of the lines
//! after the mistake.

use crate::base::limits;
use crate::script::tests::{TABLE, reading};
use crate::script::{LineParser, Mistake, Mistakes, Source};

/// Two servers and two clients, on lines 1 to 4.
const NODES: &str = "joinServer 0\njoinServer 1\njoinClient 2 0\njoinClient 3 1\n";

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
fn an_id_that_is_no_id() {
    insta::assert_snapshot!(reading("joinServer a\njoinServer 01\npause n1\njoinClient -1 s0x"), @r#"
    error: `a` is not a node's id
     --> a.txt:1:12
      |
    1 | joinServer a
      |            ^ expected a number, or s or c and a number
      |
      = help: usage: joinServer ID
              example: joinServer 0

    error: `01` is not a node's id
     --> a.txt:2:12
      |
    2 | joinServer 01
      |            ^^ expected a number without leading zeros
      |
      = help: usage: joinServer ID
              example: joinServer 0

    error: `n1` is not a node's id
     --> a.txt:3:7
      |
    3 | pause n1
      |       ^^ expected a number, or s or c and a number
      |
      = help: usage: pause NODE
              example: pause 0

    error: `-1` is not a node's id
     --> a.txt:4:12
      |
    4 | joinClient -1 s0x
      |            ^^ expected a number, or s or c and a number
      |
      = help: usage: joinClient CLIENT SERVER
              example: joinClient 2 0

    error: `s0x` is not a node's id
     --> a.txt:4:15
      |
    4 | joinClient -1 s0x
      |               ^^^ expected a number, or s or c and a number
      |
      = help: usage: joinClient CLIENT SERVER
              example: joinClient 2 0

    5 mistakes; nothing was started
    "#);
}

#[test]
fn an_id_that_never_joined() {
    insta::assert_snapshot!(reading("killServer 5\njoinServer 8002\n\
        killServer 8020\nkillServer 7\nbreakConnection c4 8002"), @r#"
    error: no server 5 has joined
     --> a.txt:1:12
      |
    1 | killServer 5
      |            ^ not known here
      |
      = help: no server has joined before this line
              usage: killServer ID
              example: killServer 0

    error: no server 8020 has joined
     --> a.txt:3:12
      |
    3 | killServer 8020
      |            ^^^^ not known here
      |
      = help: did you mean 8002, which is a server?
              usage: killServer ID
              example: killServer 0

    error: no server 7 has joined
     --> a.txt:4:12
      |
    4 | killServer 7
      |            ^ not known here
      |
      = help: the only server that has joined is 8002
              usage: killServer ID
              example: killServer 0

    error: no client 4 has joined
     --> a.txt:5:17
      |
    5 | breakConnection c4 8002
      |                 ^^ not known here
      |
      = help: no client has joined before this line
              usage: breakConnection A B
              example: breakConnection 0 1

    4 mistakes; nothing was started
    "#);
}

#[test]
fn an_id_that_joins_later() {
    insta::assert_snapshot!(reading(format!("{NODES}put 2 a 1\nbreakConnection 0 8\n\njoinServer 8")), @r#"
    error: no node 8 has joined
     --> a.txt:6:19
      |
    6 | breakConnection 0 8
      |                   ^ not known here
      |
      = help: it joins later, on line 8; a node joins before it is used
    note: 8 joins as a server here
     --> a.txt:8:1
      |
    8 | joinServer 8
      | ^^^^^^^^^^

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_node_of_the_wrong_kind() {
    insta::assert_snapshot!(reading(format!("{NODES}printStore 2\nput 1 a 1")), @r#"
    error: ID of `printStore` must be a server, and 2 is a client
     --> a.txt:5:12
      |
    5 | printStore 2
      |            ^ a client
      |
      = help: the servers that have joined are 0, 1
              usage: printStore ID
              example: printStore 0
    note: 2 joined as a client here
     --> a.txt:3:1
      |
    3 | joinClient 2 0
      | ^^^^^^^^^^

    error: CLIENT of `put` must be a client, and 1 is a server
     --> a.txt:6:5
      |
    6 | put 1 a 1
      |     ^ a server
      |
      = help: the clients that have joined are 2, 3
              usage: put CLIENT KEY VALUE
              example: put 2 a 1
    note: 1 joined as a server here
     --> a.txt:2:1
      |
    2 | joinServer 1
      | ^^^^^^^^^^

    2 mistakes; nothing was started
    "#);
}

#[test]
fn a_name_of_the_wrong_kind() {
    insta::assert_snapshot!(reading(format!("{NODES}killServer c1\njoinServer c7\nkillServer 7\nkillServer c7")), @r#"
    error: `c1` names a client, and 1 is a server
     --> a.txt:5:12
      |
    5 | killServer c1
      |            ^^ the server is 1 or s1
      |
      = help: usage: killServer ID
              example: killServer 0
    note: 1 joined as a server here
     --> a.txt:2:1
      |
    2 | joinServer 1
      | ^^^^^^^^^^

    error: `c7` names a client, and `joinServer` joins a server
     --> a.txt:6:12
      |
    6 | joinServer c7
      |            ^^ expected 7 or s7
      |
      = help: usage: joinServer ID
              example: joinServer 0

    2 mistakes; nothing was started
    "#);
}

#[test]
fn one_id_for_a_server_and_a_client() {
    insta::assert_snapshot!(reading("joinServer 0\njoinServer 1\njoinClient 1 0\nput 1 a 1\nkillServer 1"), @r#"
    error: 1 is a server already, and cannot join as a client
     --> a.txt:3:12
      |
    3 | joinClient 1 0
      |            ^ not free for a client
      |
      = help: a number is a server or a client, never both; choose another
              usage: joinClient CLIENT SERVER
              example: joinClient 2 0
    note: 1 joined as a server here
     --> a.txt:2:1
      |
    2 | joinServer 1
      | ^^^^^^^^^^

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_link_of_two_clients() {
    insta::assert_snapshot!(reading(format!("{NODES}breakConnection 2 c3")), @r#"
    error: c2 and c3 are clients, and have no link
     --> a.txt:5:17
      |
    5 | breakConnection 2 c3
      |                 ^^^^ two clients
      |
      = help: a link has a server at one end at least
              usage: breakConnection A B
              example: breakConnection 0 1

    1 mistake; nothing was started
    "#);
}

#[test]
fn a_link_of_a_node_with_itself() {
    insta::assert_snapshot!(reading(format!("{NODES}failLink(0, s0)")), @r#"
    error: s0 has no link with itself
     --> a.txt:5:13
      |
    5 | failLink(0, s0)
      |             ^^ the same node again
      |
      = help: a link has two ends: two servers, or a client and a server
              usage: breakConnection A B
              example: breakConnection 0 1

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
              usage: protocol NAME
              example: protocol raft

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
              usage: protocol NAME
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
      = help: scripts are lines of text; remove it

    error: the control character U+0007 stands in the line
     --> a.txt:3:13
      |
    3 | joinServer 1␇
      |             ^ U+0007
      |
      = help: scripts are lines of text; remove it

    error: the control character U+0085 stands in the line
     --> a.txt:5:2
      |
    5 | #�
      |  ^ U+0085
      |
      = help: scripts are lines of text; remove it

    error: a carriage return (U+000D) stands in the line
     --> a.txt:6:5
      |
    6 | join␍Server 2
      |     ^ U+000D
      |
      = help: scripts are lines of text; remove it

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
