//! Scripts for several protocols: a case for each, with a golden for each.

use std::fs;

use serde_json::Value;

use crate::folder::{Folder, SMALL};

/// The small script, for these protocols.
fn small(protocols: &str) -> String {
    format!("protocol {protocols}\n{SMALL}")
}

/// A script for two protocols, one for the second of them alone, and one that names none.
fn mixed() -> Folder {
    let folder = Folder::with(&[
        ("both/x.txt", &small("multi-paxos gossip")),
        ("named.txt", &small("multi-paxos")),
        ("unnamed.txt", SMALL),
        ("own.txt", "run \"true\"\n"),
    ]);
    assert_eq!(folder.test(&["--accept"]).code, 0);
    folder
}

/// Whose outcomes are told, in their order.
fn told(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let said = folder.test(&[&["--format", "json"], arguments].concat());
    let objects = said.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    objects.filter_map(|object| object["name"].as_str().map(str::to_owned)).collect()
}

#[test]
fn each_protocol_is_a_case_with_a_golden_of_its_own() {
    let folder = Folder::with(&[("both/x.txt", &small("multi-paxos gossip"))]);
    insta::assert_snapshot!(folder.test(&["--accept"]).golden(), @r"
    exit code: 0
    stdout:
    accepted  both/x (multi-paxos)  [time]
              written snapshots/both/x/multi-paxos/transcript.txt
    accepted  both/x (gossip)       [time]
              written snapshots/both/x/gossip/transcript.txt

    1 script, 2 cases: 2 accepted ([time])
    stderr:
    ");
    assert_eq!(folder.names("snapshots/both/x"), ["gossip", "multi-paxos"]);
    let golden = |protocol: &str| folder.read(&format!("snapshots/both/x/{protocol}/transcript.txt"));
    assert_ne!(golden("gossip"), golden("multi-paxos"), "they ran under two protocols");
    assert_eq!(folder.test(&["--repeat", "2"]).code, 0);
}

#[test]
fn what_is_said_of_a_case_names_its_protocol() {
    let folder = Folder::accepted(&[("x.txt", &small("multi-paxos gossip"))]);
    let path = "snapshots/x/gossip/transcript.txt";
    folder.write(path, folder.read(path).replace("a:1", "a:2"));
    insta::assert_snapshot!(folder.test(&[]).golden(), @r"
    exit code: 1
    stdout:
    ok        x (multi-paxos)  [time]
    differs   x (gossip)       [time]

    differs: scripts/x.txt (gossip)
      snapshots/x/gossip/transcript.txt: golden (-) and run (+) differ
      @@ -3,7 +3,7 @@
       0.000000 joinClient 1 0
       0.000000 put 1 a 1
                | success
      -         = s0 a:2
      +         = s0 a:1
       0.002000 printStore 0
      -         | a:2
      +         | a:1
       0.002000 end: 2 messages, 0 lost, 0 in flight
      accept: master test scripts/x.txt --protocol gossip --accept
      repeat: master test scripts/x.txt --protocol gossip

    1 script, 2 cases: 1 passed, 1 differs ([time])
    stderr:
    ");
    let said = folder.test(&["--format", "json"]).out;
    let objects: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [_, gossip, summary] = objects.as_slice() else { panic!("{said}") };
    assert_eq!((&gossip["name"], &gossip["protocol"]), (&"x (gossip)".into(), &"gossip".into()));
    assert_eq!(gossip["accept"], "master test scripts/x.txt --protocol gossip --accept");
    assert_eq!((&summary["scripts"], &summary["cases"]), (&1.into(), &2.into()));
    let said = folder.test(&["--format", "github"]).out;
    assert!(said.contains("::error file=scripts/x.txt,title=differs under gossip::"), "{said}");
    folder.test(&["--junit", "report.xml"]);
    let xml = folder.read("report.xml");
    assert!(xml.contains("<testcase name=\"x (multi-paxos)\" "), "{xml}");
    assert!(xml.contains("<property name=\"protocol\" value=\"gossip\"/>"), "{xml}");
    // What is suggested does what it says, and to this case only.
    folder.write("snapshots/x/multi-paxos/transcript.txt", "");
    assert_eq!(folder.test(&["scripts/x.txt", "--protocol", "gossip", "--accept"]).code, 0);
    assert_eq!(folder.read("snapshots/x/multi-paxos/transcript.txt"), "");
    assert_eq!(folder.test(&["--protocol", "gossip"]).code, 0);
}

/// A run that does not pass is repeated under the protocol under which it did not.
#[test]
fn a_run_that_failed_is_repeated_under_its_protocol() {
    // Without a majority nothing is decided, and gossip converges on each side of the cut.
    let script = "cluster servers=2 protocol=multi-paxos,gossip\ncut s1 s2\n! stabilize\n";
    let said = Folder::with(&[("x.txt", script)]).test(&["--accept"]);
    assert!(said.out.contains("accepted  x (multi-paxos)"), "{}", said.out);
    assert!(said.out.contains("\nfailed: scripts/x.txt (gossip)\n"), "{}", said.out);
    assert!(said.out.contains("  repeat: master -v scripts/x.txt --protocol gossip\n"), "{}", said.out);
}

#[test]
fn a_protocol_chooses_its_cases() {
    let folder = mixed();
    assert_eq!(told(&folder, &[]), ["both/x (multi-paxos)", "both/x (gossip)", "named", "own", "unnamed"]);
    assert_eq!(told(&folder, &["--protocol", "multi-paxos"]), ["both/x (multi-paxos)", "named"]);
    assert_eq!(told(&folder, &["--protocol", "gossip"]), ["both/x (gossip)", "unnamed"]);
    assert_eq!(told(&folder, &["--protocol", "gossip", "--filter", "both"]), ["both/x (gossip)"]);
    assert_eq!(told(&folder, &["--shard", "2/2"]), ["both/x (gossip)", "own"]);
    let said = folder.test(&["scripts/named.txt", "--protocol", "gossip"]);
    assert_eq!((said.code, said.err.as_str()), (2, "error: no script that is meant is for gossip\n"));
}

#[test]
fn a_script_with_mistakes_is_one_case_and_keeps_its_goldens() {
    let folder = mixed();
    folder.write("scripts/both/x.txt", format!("{}heel\n", small("multi-paxos gossip")));
    assert_eq!(told(&folder, &["--protocol", "gossip"]), ["both/x", "unnamed"], "it may be for any");
    let said = folder.test(&[]);
    assert_eq!(said.code, 2);
    assert!(!said.out.contains("no script makes"), "{}", said.out);
}

#[test]
fn goldens_of_a_protocol_that_is_no_longer_listed_are_nobodys() {
    let folder = mixed();
    folder.write("scripts/both/x.txt", small("gossip"));
    folder.test(&["--accept", "scripts/both"]);
    let said = folder.test(&[]).out;
    assert!(
        said.contains(
            "goldens that no script makes:\n  snapshots/both/x/gossip/transcript.txt\n  \
             snapshots/both/x/multi-paxos/transcript.txt\n"
        ),
        "{said}"
    );
    // The other way round the golden of the one protocol is left.
    fs::remove_dir_all(folder.path().join("snapshots/both/x/gossip")).unwrap();
    folder.write("scripts/both/x.txt", small("multi-paxos gossip"));
    folder.test(&["--accept", "scripts/both"]);
    let said = folder.test(&[]).out;
    assert!(said.contains("goldens that no script makes:\n  snapshots/both/x/transcript.txt\n  remove: "), "{said}");
}

#[test]
fn a_script_that_is_named_as_the_protocol_of_another_one_shares_a_golden() {
    let folder = mixed();
    folder.write("scripts/both/x/gossip.txt", SMALL);
    for arguments in [&[][..], &["scripts/both/x.txt"], &["scripts/both/x"], &["--protocol", "multi-paxos"]] {
        let said = folder.test(arguments);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}: nothing is run");
        assert_eq!(
            said.err,
            "error: scripts/both/x.txt is for several protocols, and under gossip would have the golden \
             snapshots/both/x/gossip, as scripts/both/x/gossip.txt has; rename one of them\n"
        );
    }
    assert_eq!(folder.test(&["scripts/named.txt"]).code, 0, "those that are not meant may");
    folder.write("scripts/both/x/gossip.txt", small("gossip multi-paxos"));
    assert_eq!(folder.test(&["--accept", "scripts/both"]).code, 0, "its goldens are deeper");
}
