//! The text of every mistake about the ids of nodes, and about the links between them.

use crate::script::tests::{NODES, reading};

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
      = help: no server has joined before this line; `cluster servers=3 clients=2` starts some
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
