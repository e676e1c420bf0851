//! Bad scripts, and bad uses, through the real `master`: what it says, and that it started nothing.
//!
//! A golden a case, under `tests/snapshots/`: exit code, standard output and standard error. At the end stand scripts
//! that only look odd, and are carried out.

mod binary;

use std::fs;
use std::io::pipe;
use std::process::{Command, Output, Stdio};

use binary::{Run, assert_left, golden};
use splitbrain::base::limits;

/// Two servers, and a client of each.
const NODES: &str = "joinServer 0\njoinServer 1\njoinClient 2 0\njoinClient 3 1\n";

fn master(arguments: &[&str], script: impl Into<Vec<u8>>) -> Output {
    Run::start(arguments, script).end()
}

/// What `master` says of a script that it must refuse.
fn refused(script: impl Into<Vec<u8>>) -> String {
    refused_use(&[], script)
}

/// The same, with arguments.
fn refused_use(arguments: &[&str], script: impl Into<Vec<u8>>) -> String {
    let output = master(arguments, script);
    assert_eq!(output.status.code(), Some(2), "{}", golden(&output));
    assert!(output.stdout.is_empty(), "{}", golden(&output));
    let said = golden(&output);
    assert!(!said.contains("repeat:"), "a run began:\n{said}");
    said
}

/// What `master` prints for a script that it must carry out without a word of complaint.
fn carried_out(script: impl Into<Vec<u8>>) -> String {
    let output = master(&[], script);
    assert_eq!(output.status.code(), Some(0), "{}", golden(&output));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "repeat: master < SCRIPT (it came through a pipe)\n");
    String::from_utf8(output.stdout).unwrap()
}

// Commands.

#[test]
fn an_unknown_command_near_a_known_one() {
    insta::assert_snapshot!(refused("joinSrever 0\nprintstore 0\n"));
}

#[test]
fn an_unknown_command_near_none() {
    insta::assert_snapshot!(refused("SELECT * FROM store;\n"));
}

#[test]
fn too_few_words() {
    insta::assert_snapshot!(refused(format!("{NODES}put 2 color\n")));
}

#[test]
fn too_many_words() {
    insta::assert_snapshot!(refused(format!("{NODES}get 2 color blue\n")));
}

#[test]
fn quotes_in_a_value() {
    insta::assert_snapshot!(refused(format!("{NODES}put 2 title \"two words\"\n")));
}

#[test]
fn a_parenthesis_that_is_not_closed() {
    insta::assert_snapshot!(refused(format!("{NODES}put(2, a, 1\n")));
}

// Several things at once, and things that wait.

#[test]
fn operations_that_cannot_be_begun() {
    let lines = "async a put 2 x 1\nasync = put 2 x 1\nasync 1a = put 2 x 1\nasync a =\nasync\nasync b = wait 2s\n\
                 async c = kill 0\nasync d = async e = get 2 x\nasync(f = put 2 x 1)\nasync g = put 2 x\n\
                 async h = put(2, x, 1\nasync i = exit\n";
    insta::assert_snapshot!(refused(format!("{NODES}{lines}")));
}

#[test]
fn operations_that_cannot_be_awaited() {
    let lines =
        "async first = get 2 x\nasync first = get 2 y\nawait frist\nawait second\nawait first\nawait first\nawait\n";
    insta::assert_snapshot!(refused(format!("{NODES}{lines}")));
    insta::assert_snapshot!("operations_when_there_is_none", refused(format!("{NODES}await a\n")));
}

#[test]
fn blocks_that_are_none() {
    insta::assert_snapshot!(refused(format!("{NODES}end\npar\nput 2 x 1\nwait 1s\npar\nexit\nend\nend\n")));
    insta::assert_snapshot!("a_block_without_end", refused(format!("{NODES}par\nput 2 x 1\n")));
    insta::assert_snapshot!("an_end_behind_exit", refused(format!("{NODES}par\nput 2 x 1\nexit\nend\n")));
}

#[test]
fn conditions_that_are_none() {
    let lines = "when 0 sends write to 1\nwhen 0 sends write to 1 cut 0 1\nwhen 0 sends write: cut 0 1\n\
                 when 0 says write to 1: cut 0 1\nwhen 9 sends write to 1: cut 0 1\nwhen 0 sends write to 9: cut 0 1\n\
                 when 0 sends write to 1: wait 1s\nwhen 0 sends write to 1: put 2 x 1\nwhen 0 sends write to 1: par\n\
                 when 0 sends write to 1: joinServer 7\nwhen 0 sends write to 1: seed 7\nwhen\n\
                 when 0 sends write to 1: nothing\nwhen 0 sends write to 1: # cut 0 1\n";
    insta::assert_snapshot!(refused(format!("{NODES}{lines}")));
    let deaths = "when 0 dies\nwhen 0 dies cut 0 1\nwhen 9 dies: cut 0 1\nwhen 0 dies: wait 1s\nwhen 0 dies:\nwhen dies: cut 0 1\n";
    insta::assert_snapshot!("conditions_that_are_no_deaths", refused(format!("{NODES}{deaths}")));
}

#[test]
fn conditions_within_conditions_without_end() {
    let many = "when 0 sends write to 1: ".repeat(10_000);
    insta::assert_snapshot!(refused(format!("{NODES}{many}cut 0 1\n")));
}

#[test]
fn snapshots_that_cannot_be_taken() {
    let long = "a".repeat(65);
    let lines = format!(
        "snapshot\nsnapshot Healed\nsnapshot a/b\nsnapshot ../a\nsnapshot transcript\nsnapshot {long}\nsnapshot a\n\
         snapshot a\nwhen 0 dies: snapshot a\nsnapshot b of=2\nsnapshot c of=9\nsnapshot d parts=stores\n\
         snapshot e parts=store,store\nsnapshot f parts=\nsnapshot g 0\nsnapshot h of=leader\nc2: snapshot i\n"
    );
    insta::assert_snapshot!(refused(format!("{NODES}{lines}")));
}

#[test]
fn expectations_that_are_none() {
    let lines = "expect\nexpect not\nexpect strores equal\nexpect not not alive 0\nexpect get\nexpect get 0 x == 1\n\
                 expect get 2\nexpect get 2 x\nexpect get 2 x==1\nexpect get 2 x ==1\nexpect get 2 x= 1\n\
                 expect get 2 x ==\nexpect get 2 x == 1 2\nexpect get 2 x == \"two words\"\nexpect leader\n\
                 expect leader==0\nexpect leader count==1\nexpect leader count == many\nexpect leader == 2\n\
                 expect leader = 0\nexpect stores\nexpect stores differ\nexpect stores equal 0,2\nexpect stores equal 0 1\n\
                 expect chains equal lader\nexpect chain 0\nexpect chain 0 prefix 1\nexpect chain 0 prefix-of 0\n\
                 expect chain 0 prefix-of\nexpect alive\nexpect alive 9\nexpect alive 2\nexpect answered a\n\
                 expect alive 0 within\nexpect alive 0 within 5\nexpect alive 0 because\nexpect alive 0 \"open\n\
                 expect alive 0 \"a\" within 5s\nexpect alive 0 within 5s within 6s\nexpect alive 0 \"a\" \"b\"\n\
                 when 0 dies: expect alive 1\npar\nexpect alive 0\nend\ns0: expect alive 0\n";
    insta::assert_snapshot!(refused(format!("{NODES}{lines}")));
    insta::assert_snapshot!(
        "expectations_of_leaders_where_nobody_leads",
        refused(format!("{NODES}expect leader count == 1\nexpect not leader == 0\nexpect stores equal followers\n"))
    );
}

#[test]
fn commands_that_cannot_be_said_to_fail() {
    let lines = "!\n! expect alive 0\n! ! kill 0\n!frobnicate\n!(kill 0)\n! seed 7\n! exit\n! snapshot a\n! joinServer 7\n\
                 async a = ! put 2 x 1\nwhen 0 dies: ! kill 0\npar\n! kill 0\nend\n! par\nfail put 2 x 1\ns0: ! kill\n";
    insta::assert_snapshot!(refused(format!("{NODES}{lines}")));
}

#[test]
fn crashes_at_messages_that_are_none() {
    let lines = "crash 0 when\ncrash 0 when sends\ncrash 0 when sends write\ncrash 0 when sends write to\n\
                 crash 0 when sends write to 9\ncrash 0 when sends write to 1 now\ncrash 0 when 1 sends write to 0\n\
                 crash 0 when sends write at 1\n";
    insta::assert_snapshot!(refused(format!("{NODES}{lines}")));
}

#[test]
fn consoles_that_are_none() {
    let lines = "s1:\ns0: put x 1\nc2: printStore\ns0: printStore 1\ns9: printStore\nc2: joinServer 7\nc2: stabilize\n\
                 s1: cut\nc2: cut 0\n";
    insta::assert_snapshot!(refused(format!("{NODES}{lines}")));
}

#[test]
fn commands_that_a_console_does_not_have() {
    let lines = "s1: prnt bc\ns1: print blokchain\ns1: print\nc1: Operation(gett, 'a')\ns1: Operation(get, 'a')\nc1: print bc\n\
                 c1: printKVStroe\ns1: frobnicate\ns1: failLink\ns1: failLink 9004\ns1: failLink(1, 2, 3)\nc7: failLink 1 2\n\
                 s7: failLink 1 2\nc1: reconnect c1\ns1: reconnect 2 9\ns1: e 2\nOperation(get, 'a')\nprint bc\n";
    insta::assert_snapshot!(refused(format!("cluster servers=3 clients=1\n{lines}")));
}

#[test]
fn literals_that_are_none() {
    let lines = [
        "put a 1",
        "put 'a' hello world",
        "put true null",
        "put 'a",
        "put \"a' 1",
        "put 'a' 'b\\'",
        "put 'a' \"\"\"b\"",
        "put 'a', 1",
        "put 'a' 1,",
        "put('a', 1,)",
        "put('a', 1",
        "put('a' 1)",
        "put 'a'",
        "put 'a' 'b' 'c'",
        "put 'a'1",
        "put 'a' [1, 2",
        "put 'a' [1 2]",
        "put 'a' [1, b]",
        "put 'a' {'x' 1}",
        "put 'a' {'x': 1, 'y'}",
        "put 'a' {1, 2: 3}",
        "put 'a' {[1]: 2}",
        "put 'a' [1, 2)]",
        "put 'a' 'b\\x4'",
        "put 'a' '\\ud800'",
        "put 'a' '\\N{DASH}'",
        "put 'a' b'x'",
        "put 'a' f'x'",
        "put 'a' 007",
        "put 'a' 1__0",
        "put 'a' 12ab",
        "put 'a' 1j",
        "put 'a' 1e999",
        "put 'a' - 5",
        "put 'a' *",
        "put 'a' dict()",
        "get größe # a comment",
    ];
    let lines: String = lines.iter().map(|line| format!("c1: {line}\n")).collect();
    insta::assert_snapshot!(refused(format!("cluster servers=3 clients=1\n{lines}")));
}

#[test]
fn literals_beyond_the_limits() {
    let cluster = "cluster servers=3 clients=1\n";
    let deep = "[".repeat(limits::LITERAL_DEPTH + 1);
    let lines = [
        format!("c1: put 'deep' {deep}"),
        format!("c1: put 'endless' {}", "[".repeat(1_000_000)),
        format!("c1: put 'long' {}", "9".repeat(limits::LITERAL_DIGITS + 1)),
        format!("c1: put 'hexadecimal' 0x{}", "f".repeat(5_000)),
    ];
    insta::assert_snapshot!(refused(format!("{cluster}{}\n", lines.join("\n"))));
    let digits = "9".repeat(limits::LITERAL_DIGITS);
    let whole = format!("{}{}", "[".repeat(limits::LITERAL_DEPTH), "]".repeat(limits::LITERAL_DEPTH));
    let printed = carried_out(format!("{cluster}c1: put {whole} {digits}\nc1: get {whole}\n"));
    assert_eq!(printed, format!("success\n{digits}\n"));
}

#[test]
fn messages_of_types_that_nobody_sends() {
    let paxos = "cluster servers=2 clients=1 protocol=multi-paxos\n";
    let lines = "drop promse s1 s2\nwhen s1 sends stabilize to *: kill s1\ncrash s1 when sends frob to s2\n";
    insta::assert_snapshot!(refused(format!("{paxos}{lines}hold next 2 Accepted s1 s2\n")));
    insta::assert_snapshot!(refused(format!("{NODES}drop accept 0 1\n")));
}

/// A program of the user's has types of its own, and faults for it may stand before it.
#[test]
fn messages_of_types_that_a_program_of_ones_own_may_send() {
    let output = master(&[], "joinServer 0\ndrop frob 0 *\nrun \"true\"\n");
    assert_eq!(output.status.code(), Some(0), "{}", golden(&output));
}

#[test]
fn commands_about_a_leader_where_nobody_leads() {
    insta::assert_snapshot!(refused(format!("{NODES}printLeader\nprintRole 0\nnominate 0\nwhen 0 dies: nominate 1\n")));
}

/// A script for several protocols must be right under each of them, whichever runs.
#[test]
fn what_has_no_meaning_under_one_of_several_protocols() {
    let both = "protocol multi-paxos gossip\ncluster servers=3 clients=1\n";
    insta::assert_snapshot!(refused(format!("{both}crash leader\nnominate 1\ndrop promise s1 s2\nhold write s1 s2\n")));
    let output = master(&["--protocol", "multi-paxos"], format!("{both}wait 1s\nnominate 1\n"));
    assert_eq!(output.status.code(), Some(0), "one that is chosen is the only one\n{}", golden(&output));
}

#[test]
fn the_first_of_several_protocols_runs() {
    // What ran is known by its trace.
    let hash = |arguments: &[&str]| {
        let said = golden(&master(arguments, "cluster servers=3 protocol=multi-paxos,gossip\nwait 1s\n"));
        said.lines().find(|line| line.starts_with("trace hash: ")).expect("it was asked for").to_owned()
    };
    let [first, same, other] = [&[][..], &["--protocol", "multi-paxos"], &["--protocol", "gossip"]]
        .map(|chosen| hash(&[&["--trace-hash"], chosen].concat()));
    assert_eq!(first, same);
    assert_ne!(first, other);
}

#[test]
fn protocols_in_a_list_that_is_not_right() {
    insta::assert_snapshot!(
        refused("protocol multi-paxos gosip multi-paxos\n") + &refused("cluster servers=2 protocol=gossip,,gossip\n")
    );
}

#[test]
fn parts_that_nobody_plays() {
    let lines = "crash leader\npause followers\nwhen 0 sends write to 1: kill leader\npartition leader | majority\n\
                 cut leader -> *\n";
    insta::assert_snapshot!(refused(format!("{NODES}{lines}")));
    let lines = "crash ledaer\npause 0,nobody\nput random x 1\njoinServer majority\npartition majority | majority\n";
    insta::assert_snapshot!("parts_that_are_none", refused(format!("{NODES}{lines}")));
}

// A cluster.

#[test]
fn a_cluster_with_keys_that_are_not_right() {
    insta::assert_snapshot!(refused(
        "cluster servrs=5 clients=two clients=1 protocol= 7 seed =7 =3 size=3\nput 2 a 1\nkill s8\n"
    ));
}

#[test]
fn a_cluster_without_servers() {
    insta::assert_snapshot!(refused("cluster clients=2\nprintStore 1\n"));
}

#[test]
fn a_cluster_that_is_too_large_or_empty() {
    insta::assert_snapshot!(
        refused("cluster servers=101 clients=0101\n") + &refused("cluster(servers=0, clients=-1)\n")
    );
}

#[test]
fn a_cluster_that_comes_too_late_and_twice() {
    insta::assert_snapshot!(refused("joinServer 1\ncluster servers=2\ncluster servers=3\nput c1 a 1\n"));
}

#[test]
fn a_setting_in_a_cluster_and_on_a_line_of_its_own() {
    insta::assert_snapshot!(refused("seed 1\ncluster servers=2 seed=7 protocol=gossip\nprotocol gossip\n"));
}

#[test]
fn a_setting_in_a_cluster_after_the_first_step() {
    insta::assert_snapshot!(refused("run \"python3 server.py\"\ncluster servers=2 protocol=gossip\n"));
}

#[test]
fn ids_in_a_cluster_that_are_not_there() {
    insta::assert_snapshot!(refused(
        "cluster servers=2 clients=3\nput 4 a 1\nprintStore c1\nprintStore 3\ncut 1 3\ncut s1 c4\njoinServer 4\nput c4 a 1\n"
    ));
}

// Nodes.

#[test]
fn an_unknown_id() {
    insta::assert_snapshot!(refused(format!("{NODES}killServer 7\n")));
}

#[test]
fn an_id_that_joins_later() {
    insta::assert_snapshot!(refused("joinServer 0\nbreakConnection 0 1\njoinServer 1\n"));
}

#[test]
fn one_id_for_a_server_and_a_client() {
    insta::assert_snapshot!(refused("joinServer 1\njoinClient 1 1\n"));
}

#[test]
fn a_client_name_for_a_server() {
    insta::assert_snapshot!(refused(format!("{NODES}put c1 a 1\n")));
}

#[test]
fn an_id_that_is_no_number() {
    insta::assert_snapshot!(refused("joinServer one\njoinServer -1\njoinServer 01\njoinServer s4294967296\n"));
}

#[test]
fn a_link_between_clients() {
    insta::assert_snapshot!(refused(format!("{NODES}createConnection 2 3\n")));
}

#[test]
fn a_link_with_itself() {
    insta::assert_snapshot!(refused(format!("{NODES}breakConnection 1 s1\n")));
}

#[test]
fn a_put_through_a_server() {
    insta::assert_snapshot!(refused(format!("{NODES}put 0 a 1\n")));
}

#[test]
fn a_store_of_a_client() {
    insta::assert_snapshot!(refused(format!("{NODES}printStore 2\n")));
}

// Crashes and disks.

#[test]
fn crashes_that_do_not_say_when() {
    let ends = ["after", "after x outputs", "after 3", "after 3 messages", "after -1 outputs", "after 1.5 outputs"];
    insta::assert_snapshot!(refused(lines_of("crash 1", &ends)));
}

#[test]
fn crashes_with_words_too_many() {
    let ends = ["3 outputs", "before 3 outputs", "after 3 outputs now", "after 3 outputs after 4 outputs", "now"];
    insta::assert_snapshot!(refused(lines_of("crash 1", &ends)));
}

#[test]
fn a_count_that_is_too_great() {
    insta::assert_snapshot!(refused(lines_of("crash 1", &["after 18446744073709551616 outputs"])));
}

#[test]
fn faults_of_a_disk_that_are_none() {
    let ends = ["", "slwo 50ms", "corrupt", "Lie", "slow", "slow fast", "slow 50", "flip", "flip -1", "flip 0x10"];
    insta::assert_snapshot!(refused(lines_of("disk 1", &ends)));
}

#[test]
fn faults_of_a_disk_with_words_too_many() {
    let ends = ["lie lie", "lie 50ms", "flip 1 2", "slow 50ms 60ms", "heal lie"];
    insta::assert_snapshot!(refused(lines_of("disk 1", &ends)));
}

#[test]
fn clients_crash_not_and_have_no_disk() {
    insta::assert_snapshot!(refused(format!("{NODES}crash 2\ncrash c3 after 1 output\nrestart 2\ndisk 3 full\n")));
}

#[test]
fn crashes_and_disks_of_nobody() {
    insta::assert_snapshot!(refused(format!("{NODES}crash\ncrash 7\nrestart\ndisk\ndisk 7 lie\ndisk lie 1\n")));
}

#[test]
fn crashes_and_disks_in_parentheses() {
    let script = "crash(1, after, 3, outputs, now)\ncrash(1, after 3 outputs)\ndisk(1, slow)\ndisk(1, flip, x)\n";
    insta::assert_snapshot!(refused(format!("{NODES}{script}")));
}

// Pauses.

#[test]
fn pauses_of_nobody_and_of_clients() {
    let script = "pause\npause 7\npause 2\npause 0 1\npause 0 5s\nresume\nresume c3\nresume(0, 1)\npuase 0\nresmue 0\n";
    insta::assert_snapshot!(refused(format!("{NODES}{script}")));
}

// Clocks.

#[test]
fn changes_of_a_clock_that_are_none() {
    let ends =
        ["", "1.5", "+5s", "rat 2", "stop", "rate", "jump", "rate jump", "rate 1.5 2", "jump +5s 1s", "rate +5s"];
    insta::assert_snapshot!(refused(lines_of("clock 1", &ends)));
}

#[test]
fn rates_of_a_clock_that_are_none() {
    let rates = ["-1", "+2", "2x", "150%", "1,5", ".5", "1.0000001", "0", "0.0009", "1000.1", "99999999999999999999"];
    insta::assert_snapshot!(refused(lines_of("clock 1 rate", &rates)));
}

#[test]
fn jumps_of_a_clock_that_are_none() {
    let offsets = ["5s", "5", "+5", "- 5s", "+-5s", "-0.5us", "+1000001s", "back"];
    insta::assert_snapshot!(refused(lines_of("clock 1 jump", &offsets)));
}

#[test]
fn clocks_of_nobody() {
    let script = "clock\nclock 7 rate 2\nclock c1 jump +5s\nclock rate 2\nclock(1, rate)\nclok 1 rate 2\n";
    insta::assert_snapshot!(refused(format!("{NODES}{script}")));
}

/// A line for each of these ends, after the nodes.
fn lines_of(beginning: &str, ends: &[&str]) -> String {
    let lines: String = ends.iter().map(|end| format!("{beginning} {end}\n")).collect();
    format!("{NODES}{lines}")
}

// Durations, seeds, protocols, settings, programs.

#[test]
fn durations_that_are_none() {
    let durations = ["5", "-5ms", "5 ms", "5sec", "1e3ms", "0.5us", "99999999999999999999s"];
    let lines: String = durations.iter().map(|duration| format!("wait {duration}\n")).collect();
    insta::assert_snapshot!(refused(lines));
}

#[test]
fn links_that_are_none() {
    let lines = [
        "cut 0",
        "cut 0 ->",
        "cut 0 -> 0",
        "cut 0,0 1,",
        "cut 0, 1",
        "cut 0 1 2",
        "hold 0 > 1",
        "mend 2 -> 3",
        "cut 9 *",
    ];
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(refused(format!("{NODES}joinClient 3 0\n{lines}")));
}

#[test]
fn losses_and_partitions_that_are_none() {
    let lines = [
        "loss 0 1",
        "loss 0 1 5",
        "loss 0 1 101%",
        "partition",
        "partition 0 |",
        "partition | 0",
        "partition 0 | 0 1",
        "partition 0 9",
        "network",
        "network rest",
        "isolate",
        "heal 1",
    ];
    let lines: String = lines.iter().map(|line| format!("{line}\n")).collect();
    insta::assert_snapshot!(refused(format!("{NODES}{lines}")));
}

#[test]
fn a_jitter_without_its_time() {
    insta::assert_snapshot!(refused(format!("{NODES}delay 0 1 5ms jitter\n")));
}

#[test]
fn a_seed_that_is_negative() {
    insta::assert_snapshot!(refused("seed -1\n"));
}

#[test]
fn a_seed_that_is_too_great() {
    insta::assert_snapshot!(refused("seed 9007199254740992\n"));
}

#[test]
fn an_unknown_protocol() {
    insta::assert_snapshot!(refused("protocol gosip\n"));
}

#[test]
fn a_setting_after_a_step() {
    insta::assert_snapshot!(refused("joinServer 0\nseed 7\n"));
}

#[test]
fn a_setting_twice() {
    insta::assert_snapshot!(refused("seed 7\nprotocol gossip\nseed 8\n"));
}

#[test]
fn a_program_without_quotes() {
    insta::assert_snapshot!(refused("run python3 server.py\njoinServer 0\n"));
}

#[test]
fn programs_that_cannot_be_split() {
    insta::assert_snapshot!(refused("run \"python3 'server.py\"\nrun \"\"\nrun \"python3\n"));
}

// What is no text.

#[test]
fn a_nul_byte() {
    insta::assert_snapshot!(refused("joinServer 0\njoinServer 1\0\n"));
}

#[test]
fn control_characters() {
    insta::assert_snapshot!(refused("joinServer 0\n\u{1b}[31mjoinServer 1\nwait 1s\u{7}\njoinServer\r2\n"));
}

#[test]
fn bytes_that_are_not_utf_8() {
    insta::assert_snapshot!(refused(b"joinServer 0\njoinClient 1 0\nput 1 name Andr\xe9\n".to_vec()));
}

#[test]
fn a_script_in_utf_16() {
    let script: Vec<u8> = "\u{feff}joinServer 0\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    insta::assert_snapshot!(refused(script));
}

// What is too long.

#[test]
fn a_line_over_the_limit() {
    let value = "x".repeat(limits::SCRIPT_LINE_BYTES);
    insta::assert_snapshot!(refused(format!("{NODES}put 2 a {value}\nget 2\n")));
}

#[test]
fn a_script_over_the_limit() {
    let mut script = b"joinServer 0\n".to_vec();
    script.extend(b"wait 1us # and-once-more-for-as-long-as-it-takes-to-fill-a-whole-script\n".repeat(1_100_000));
    assert!(script.len() > limits::SCRIPT_BYTES);
    insta::assert_snapshot!(refused(script));
}

// Several at once.

#[test]
fn several_mistakes_in_the_order_of_the_script() {
    let script = "seed x\njoinServer 0\njoinClient 1 2\nput 1 a\nfoo\nget(1 a)\nstabilise\n";
    insta::assert_snapshot!(refused(script));
}

#[test]
fn more_mistakes_than_are_shown() {
    let said = refused("frobnicate 1\n".repeat(limits::MISTAKES_SHOWN + 3));
    assert_eq!(said.matches("error: ").count(), limits::MISTAKES_SHOWN);
    let end = said.rmatch_indices('\n').nth(9).expect("many lines").0;
    insta::assert_snapshot!(&said[end..]);
}

// Files.

#[test]
fn a_script_that_is_a_directory() {
    insta::assert_snapshot!(unreadable("."));
}

#[test]
fn a_script_that_is_missing() {
    insta::assert_snapshot!(refused_use(&["no such/script.txt"], ""));
}

#[test]
fn a_subcommand_that_is_misspelt() {
    insta::assert_snapshot!(refused_use(&["tset"], ""));
}

/// What `master` says of a file that it cannot read.
fn unreadable(path: &str) -> String {
    let output = master(&[path], "");
    assert_eq!(output.status.code(), Some(4), "{}", golden(&output));
    assert!(output.stdout.is_empty());
    golden(&output)
}

#[test]
fn a_mistake_in_a_file_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("my script.txt"), "joinServer\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
    let output = command.arg("my script.txt").current_dir(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    insta::assert_snapshot!(golden(&output));
}

// Streams that nobody reads.

/// A run whose standard output or standard error nobody reads.
fn with_closed(stream: Closed, arguments: &[&str], script: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("script.txt");
    fs::write(&path, script).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
    let temporary = tempfile::tempdir().unwrap();
    command.args(arguments).arg("script.txt").current_dir(folder.path()).env("TMPDIR", temporary.path());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    match stream {
        Closed::Output => command.stdout(writer),
        Closed::Error => command.stderr(writer),
    };
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    assert_left(temporary.path(), &output);
    output
}

#[derive(Clone, Copy)]
enum Closed {
    Output,
    Error,
}

#[test]
fn a_closed_standard_output() {
    let script = format!("{NODES}put 2 a 1\nget 2 a\nget 2 b\nstabilize\n");
    insta::assert_snapshot!(golden(&with_closed(Closed::Output, &[], &script)));
}

#[test]
fn a_closed_standard_output_of_a_transcript() {
    insta::assert_snapshot!(golden(&with_closed(Closed::Output, &["--transcript"], "joinServer 0\n")));
}

#[test]
fn a_closed_standard_output_of_help() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_master"));
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let child = command.args(["help", "commands"]).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    insta::assert_snapshot!(golden(&child.wait_with_output().unwrap()));
}

/// The run goes on: what it prints is on standard output.
#[test]
fn a_closed_standard_error() {
    insta::assert_snapshot!(golden(&with_closed(Closed::Error, &[], &format!("{NODES}put 2 a 1\nget 2 a\n"))));
}

#[test]
fn a_closed_standard_error_and_a_mistake() {
    insta::assert_snapshot!(golden(&with_closed(Closed::Error, &[], "joinSever 0\n")));
}

// Options.

#[test]
fn a_seed_option_that_is_no_seed() {
    insta::assert_snapshot!(refused_use(&["--seed", "x"], "joinServer 0\n"));
}

#[test]
fn a_protocol_option_that_is_none() {
    insta::assert_snapshot!(refused_use(&["--protocol", "zab"], "joinServer 0\n"));
}

#[test]
fn a_step_limit_of_nothing() {
    insta::assert_snapshot!(refused_use(&["--step-limit", "0"], "joinServer 0\n"));
}

#[test]
fn an_unknown_option() {
    insta::assert_snapshot!(refused_use(&["--transcipt"], "joinServer 0\n"));
}

#[test]
fn a_program_in_process() {
    insta::assert_snapshot!(refused_use(&["--in-process"], "joinServer 0\nrun \"python3 server.py\"\njoinServer 1\n"));
}

#[test]
fn two_scripts() {
    insta::assert_snapshot!(refused_use(&["a.txt", "b.txt"], ""));
}

#[test]
fn help_on_an_unknown_command() {
    insta::assert_snapshot!(refused_use(&["help", "commands", "printStorage"], ""));
}

#[test]
fn help_on_an_unknown_topic() {
    insta::assert_snapshot!(refused_use(&["help", "protocols"], ""));
}

#[test]
fn help_on_a_command_without_saying_so() {
    let short = master(&["help", "printStore"], "");
    assert_eq!(short.status.code(), Some(0));
    assert_eq!(short.stdout, master(&["help", "commands", "printStore"], "").stdout);
}

// What is no mistake.

#[test]
fn an_empty_script_is_a_warning() {
    let output = master(&[], "");
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(golden(&output));
}

#[test]
fn a_script_of_comments_is_a_warning() {
    let output = master(&[], "# nothing\n\n   // yet\n\t\n");
    assert_eq!(output.status.code(), Some(0));
    insta::assert_snapshot!(golden(&output));
}

#[test]
fn line_ends_of_other_systems() {
    assert_eq!(carried_out("joinServer 0\r\njoinClient 1 0\r\nput 1 a 1\r\nget 1 a\r\n"), "a:1\n");
}

#[test]
fn a_byte_order_mark() {
    assert_eq!(carried_out("\u{feff}joinServer 0\njoinClient 1 0\nput 1 a 1\nget 1 a\n"), "a:1\n");
}

#[test]
fn a_missing_last_line_end() {
    assert_eq!(carried_out("joinServer 0\njoinClient 1 0\nput 1 a 1\nget 1 a"), "a:1\n");
}

#[test]
fn blanks_around_words() {
    assert_eq!(carried_out("  joinServer 0 \njoinClient\t1   0\t \nput 1 a 1   # here\nget 1 a  \n \n"), "a:1\n");
}

#[test]
fn words_in_parentheses() {
    assert_eq!(carried_out("joinServer(0)\njoinClient(1, 0)\nput(1,a,1)\nget( 1 , a )\nstabilize()\n"), "a:1\n");
}

#[test]
fn what_follows_exit_is_not_read() {
    assert_eq!(carried_out("joinServer 0\njoinClient 1 0\nget 1 a\nexit\nnonsense\n"), "a:ERR_KEY\n");
}

#[test]
fn crashes_and_faults_as_they_may_be_written() {
    let script = "joinServer 0\njoinClient 1 0\nput(1, a, 1)\ncrash(0, after, 1, output)\nput 1 b 2\nrestart(s0)\n\
                  disk(0, slow, 5ms)\nprintStore 0\njoinClient 1 0\nput 1 c 3\ndisk s0 heal\ncrash 0\nrestart 0\n\
                  printStore 0\n";
    let output = master(&[], script);
    assert_eq!(output.status.code(), Some(0), "{}", golden(&output));
    assert_eq!(String::from_utf8_lossy(&output.stdout), "a:1\na:1\nc:3\n");
}
