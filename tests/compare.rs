//! `master compare` through the real program: its figures against small scripts that are counted by hand, how it ends, and
//! what it says of a script that cannot be compared. What a figure means is said in docs/comparing.md.

mod binary;
mod compare {
    mod accounts;
}
mod files;

use std::fs;
use std::thread;
use std::time::Duration;

use binary::{Run, golden, kill};
use serde_json::Value;

/// What `master compare` does with a script.
fn compared(arguments: &[&str], script: &str) -> String {
    let output = Run::start(&[&["compare"], arguments].concat(), script).end();
    golden(&output)
}

/// The figures of one protocol, as a line of the table: its name and its cell.
fn figure(table: &str, name: &str) -> String {
    let found: Vec<_> = table.lines().filter_map(|line| line.strip_prefix(name)).collect();
    assert_eq!(found.len(), 1, "{name} in {table}");
    found[0].trim().to_owned()
}

/// By hand: the put is written to s1, which answers and tells s2; the get is read and answered. Five messages. Each request
/// is under way for 1 ms, and so is its answer. The body of `write_ok` is
/// `{"type":"write_ok","in_reply_to":1,"stamp":{"clock":1,"server":"s1","incarnation":0}}`: 85 bytes.
#[test]
fn a_small_script_under_gossip() {
    let script = "cluster servers=2 clients=1\nput c1 x 1\nget c1 x\n";
    let table = compared(&["--protocols", "gossip"], script);
    insta::assert_snapshot!(table);
    let transcript = golden(&Run::start(&["-v"], script).end());
    assert!(transcript.contains("end: 5 messages, 0 lost, 0 in flight"), "{transcript}");
}

/// By hand, from its trace. The transcript ends with 29 messages, and 12 `heartbeat` and 9 `heartbeat_ok` are left out
/// there. The put waits for the election, which ends 302 ms after the start, and goes to the leader by `forward`: 305 ms;
/// the get goes there too, and is decided when one other server has accepted it: 4 ms.
#[test]
fn a_small_script_under_consensus() {
    let script = "cluster servers=3 clients=1\nput c1 x 1\nget c1 x\n";
    let table = compared(&["--protocols", "multi-paxos,gossip"], script);
    insta::assert_snapshot!(table);
    let transcript = golden(&Run::start(&["-v", "--protocol", "multi-paxos"], script).end());
    assert!(transcript.contains("end: 29 messages, 0 lost, 0 in flight"), "{transcript}");
}

/// The page's script and its table. By hand: s3 leads from 0.302 on and is alone from 0.305 on; s2 leads from 1.202 on, so the
/// second put takes from 0.305 to 1.205.
#[test]
fn the_page_shows_what_is_printed() {
    let page = include_str!("../docs/comparing.md");
    let script = page.split("```\n").nth(1).expect("a script");
    let said = compared(&["--protocols", "multi-paxos,gossip"], script);
    let table = said.split("stdout:\n").nth(1).and_then(|rest| rest.split("stderr:\n").next()).expect("a table");
    assert!(page.contains(table), "{table}");
    assert_eq!(figure(&said, "latency max"), "0.900000  0.002000");
}

/// The links are cut for six seconds from 0.0075 on. Multi-Paxos: s1 leads three rounds of 0.3 after the start. Raft: nobody leads
/// before heal at 6.0075, and s5, which has all, does 0.08 later.
#[test]
fn the_page_of_consensus_shows_what_a_constrained_election_costs() {
    let page = include_str!("../docs/consensus.md");
    let said = compared(&["scripts/consensus/constrained-election.txt"], "");
    let table = said.split("stdout:\n").nth(1).expect("a table");
    let head: String = table.split_inclusive('\n').take(7).collect();
    assert!(page.contains(&head), "{head}");
    assert!(figure(&said, "time without a leader").ends_with("6.082569"), "{head}");
}

/// s3 leads from 0.302 on and is cut off at 0.305: it goes on to say that it leads until it hears of another. s2 leads from
/// 1.202 on. 302 ms and 897 ms are without a leader.
#[test]
fn a_leader_that_is_cut_off_leads_nobody() {
    let script = "cluster servers=3 clients=1\nput c1 x 1\nisolate leader\nwait 3s\nheal\nput c1 x 2\n";
    let table = compared(&["--protocols", "multi-paxos"], script);
    assert_eq!(figure(&table, "time without a leader"), "1.199000");
    assert_eq!(figure(&table, "leader changes"), "1");
}

/// A leader that can only send, as above; then s2, which leads since 1.202, is paused for a second, and leads again.
#[test]
fn a_leader_that_hears_nobody_or_is_paused_leads_nobody() {
    let script = "cluster servers=3 clients=1\nput c1 x 1\ncut s1,s2 -> leader\nwait 3s\npause leader\nwait 1s\n\
                  resume leader\nwait 3s\n";
    let table = compared(&["--protocols", "multi-paxos"], script);
    assert_eq!(figure(&table, "time without a leader"), "2.199000");
    assert_eq!(figure(&table, "leader changes"), "1");
}

/// s3 leads from 0.302 on. Without s1, which is held off, it has s2, and is a majority with it; when s2 has crashed as well,
/// it has nobody for 100 ms, though one direction only is held.
#[test]
fn a_leader_without_a_majority_leads_nobody() {
    let script = "cluster servers=3 clients=1\nput c1 x 1\nwait 1s\nhold s3 s1\nwait 100ms\nrelease s3 s1\ncrash s2\n\
                  wait 100ms\nhold s3 -> s1\nwait 100ms\nrelease s3 -> s1\n";
    let table = compared(&["--protocols", "multi-paxos"], script);
    assert_eq!(figure(&table, "time without a leader"), "0.402000");
    assert_eq!(figure(&table, "leader changes"), "0");
}

#[test]
fn what_is_found_is_told_under_its_protocol_and_fails_the_comparison() {
    let script = "cluster servers=2 clients=1\nput c1 x 1\nprintStore s1\nexpect get c1 x == 1\nexpect get c1 x == 2\n\
                  snapshot end\n";
    let said = compared(&["--protocols", "gossip,multi-paxos"], script);
    insta::assert_snapshot!(said.split("stderr:\n").nth(1).unwrap_or_default());
    assert!(said.starts_with("exit code: 1\nstdout:\nprotocol "), "{said}");
}

/// The figures are those up to there.
#[test]
fn a_limit_that_is_reached_is_no_verdict() {
    let script = "cluster servers=1 clients=1\nput c1 x 1\nwait 1000000s\n";
    insta::assert_snapshot!(compared(&["--protocols", "gossip"], script));
}

#[test]
fn a_client_without_a_server_is_told_apart() {
    let script = "joinServer 0\njoinClient 1 0\nput 1 x 1\nbreakConnection 1 0\nget 1 x\n";
    let table = compared(&["--protocols", "gossip"], script);
    assert_eq!(figure(&table, "operations answered"), "1");
    assert_eq!(figure(&table, "operations unknown"), "0");
    assert_eq!(figure(&table, "operations without a server"), "1");
}

#[test]
fn an_unknown_protocol_is_refused_with_a_suggestion() {
    let said = compared(&["--protocols", "gossip,multi-paxo"], "joinServer 0\n");
    assert!(said.starts_with("exit code: 2\nstdout:\nstderr:\nerror: invalid value 'multi-paxo'"), "{said}");
    assert!(said.contains("tip: a similar value exists: 'multi-paxos'"), "{said}");
}

#[test]
fn a_protocol_that_is_named_twice_is_refused() {
    insta::assert_snapshot!(compared(&["--protocols", "gossip,gossip"], "joinServer 0\n"));
}

#[test]
fn a_script_that_is_a_mistake_under_one_protocol_is_carried_out_under_none() {
    let script = "cluster servers=3\nprintLeader\n";
    let said = compared(&["--protocols", "multi-paxos,gossip"], script);
    assert!(said.starts_with("exit code: 2\nstdout:\nstderr:\nunder gossip:\nerror: `printLeader` has no"), "{said}");
    assert!(said.ends_with("help: this script can be carried out with `--protocols multi-paxos`\n"), "{said}");
}

#[test]
fn a_program_of_the_users_leaves_nothing_to_compare() {
    insta::assert_snapshot!(compared(&[], "run \"cat\"\njoinServer 0\n"));
}

#[test]
fn mistakes_of_any_protocol_are_those_of_a_run() {
    let said = compared(&["--protocols", "gossip"], "joinServer 0\nheel\n");
    assert_eq!(said, golden(&Run::start(&["--protocol", "gossip"], "joinServer 0\nheel\n").end()));
}

/// By itself those of the script's own kind, or all.
#[test]
fn the_script_suggests_the_protocols() {
    let header = |script: &str| {
        let said = compared(&["--in-process"], script);
        said.lines().find_map(|line| line.strip_prefix("protocol")).expect("a header").trim().to_owned()
    };
    let of_gossip = header("cluster servers=1\n");
    assert!(of_gossip.contains("gossip") && of_gossip.contains("multi-paxos"), "{of_gossip}");
    for script in ["cluster servers=1 protocol=multi-paxos\n", "protocol multi-paxos\njoinServer 0\n"] {
        let of_consensus = header(script);
        assert!(!of_consensus.contains("gossip") && of_consensus.contains("multi-paxos"), "{of_consensus}");
    }
}

/// Twice, and in memory: the same bytes. For programs: the same figures.
#[test]
fn every_way_to_compare_gives_the_same() {
    let script = fs::read_to_string("scripts/consensus/constrained-election.txt").expect("a script of this repository");
    let of = |more: &[&str]| {
        let arguments = [&["--protocols", "multi-paxos", "--seed", "7"], more].concat();
        let said = compared(&arguments, &script);
        said.split("stderr:\n").next().expect("standard output").to_owned()
    };
    let table = of(&[]);
    assert_eq!(of(&[]), table);
    assert_eq!(of(&["--in-process"]), table);
    let object = of(&["--format", "json"]);
    let object: Value = serde_json::from_str(object.lines().nth(2).expect("one line")).expect("an object");
    let under = &object["protocols"][0];
    assert_eq!(under["protocol"], "multi-paxos");
    assert_eq!(under["operations"]["answered"].to_string(), figure(&table, "operations answered"));
    assert_eq!(under["leader_changes"].to_string(), figure(&table, "leader changes"));
    assert_eq!(under["messages"]["types"]["accept"].to_string(), figure(&table, "messages accept "));
    assert_eq!(under["bytes"]["total"].to_string(), figure(&table, "bytes total"));
    let seconds = |field: &Value| {
        let microseconds = field.as_u64().expect("a number");
        format!("{}.{:06}", microseconds / 1_000_000, microseconds % 1_000_000)
    };
    assert_eq!(seconds(&under["time_without_leader_us"]), figure(&table, "time without a leader"));
    assert_eq!(seconds(&under["latency_us"]["p99"]), figure(&table, "latency p99"));
}

#[test]
fn a_comparison_for_programs() {
    let script = "cluster servers=2 clients=1\nput c1 x 1\n";
    insta::assert_snapshot!(compared(&["--protocols", "gossip", "--format", "json"], script));
}

/// There are nodes, so it listens for signals.
#[test]
fn an_interrupted_comparison_prints_no_table_and_leaves_nothing_behind() {
    let script = "cluster servers=3\nwait 900000s\n";
    let run = Run::start(&["compare", "--protocols", "multi-paxos,gossip"], script);
    let process = run.process();
    let children = format!("/proc/{process}/task/{process}/children");
    while fs::read_to_string(&children).is_ok_and(|children| children.is_empty()) {
        thread::sleep(Duration::from_millis(10));
    }
    kill(process, "TERM");
    let told = golden(&run.end());
    // The signal comes while nodes are started, or later.
    let (told, place) = told.trim_end().rsplit_once('\n').expect("several lines");
    assert!(place.starts_with("  while carrying out standard input:"), "{place}");
    insta::assert_snapshot!(told);
}
