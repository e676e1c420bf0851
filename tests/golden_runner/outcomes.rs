//! What becomes of a script, and what is said of it.

use crate::folder::{Folder, SMALL};

#[test]
fn a_script_without_a_golden_is_new_until_it_is_accepted() {
    let folder = Folder::with(&[("a/small.txt", SMALL)]);
    insta::assert_snapshot!(folder.test(&[]).golden(), @r"
    exit code: 1
    stdout:
    new       a/small  [time]

    new: scripts/a/small.txt
      snapshots/a/small/transcript.txt: there is no golden yet; it would have 8 lines
      accept: master test scripts/a/small.txt --accept
      repeat: master test scripts/a/small.txt

    1 script: 1 new ([time])
    stderr:
    ");
    assert!(!folder.has("snapshots"), "nothing is written unasked");
    insta::assert_snapshot!(folder.test(&["--accept"]).golden(), @r"
    exit code: 0
    stdout:
    accepted  a/small  [time]
              written snapshots/a/small/transcript.txt

    1 script: 1 accepted ([time])
    stderr:
    ");
    assert!(folder.read("snapshots/a/small/transcript.txt").starts_with("0.000000 joinServer 0\n"));
    insta::assert_snapshot!(folder.test(&[]).golden(), @r"
    exit code: 0
    stdout:
    ok        a/small  [time]

    1 script: 1 passed ([time])
    stderr:
    ");
}

#[test]
fn what_differs_is_shown_with_the_commands_that_accept_and_repeat() {
    let folder = Folder::accepted(&[("a.txt", SMALL), ("b.txt", SMALL)]);
    folder.write("scripts/a.txt", SMALL.replace("a 1", "a 2"));
    insta::assert_snapshot!(folder.test(&[]).golden(), @r"
    exit code: 1
    stdout:
    differs   a  [time]
    ok        b  [time]

    differs: scripts/a.txt
      snapshots/a/transcript.txt: golden (-) and run (+) differ
      @@ -1,8 +1,8 @@
       0.000000 joinServer 0
       0.000000 joinClient 1 0
      -0.000000 put 1 a 1
      +0.000000 put 1 a 2
                | success
      -         = s0 a:1
      +         = s0 a:2
       0.002000 printStore 0
      -         | a:1
      +         | a:2
       0.002000 end: 2 messages, 0 lost, 0 in flight
      accept: master test scripts/a.txt --accept
      repeat: master test scripts/a.txt

    2 scripts: 1 passed, 1 differs ([time])
    stderr:
    ");
}

/// What is only in the end of a line must be seen, and nothing in a golden drives the terminal.
#[test]
fn what_cannot_be_seen_in_a_golden_is_shown() {
    let folder = Folder::accepted(&[("a.txt", SMALL)]);
    let golden = folder.read("snapshots/a/transcript.txt");
    folder.write("snapshots/a/transcript.txt", golden.replace("a:1\n", "a:1 \x1b[2J \n").trim_end());
    let said = folder.test(&[]).out;
    assert!(said.contains("\n  -         = s0 a:1 \\u{1b}[2J·\n"), "{said}");
    assert!(said.contains("\\ no line break at the end of the file\n"), "{said}");
    assert!(!said.contains('\x1b'));
}

#[test]
fn a_golden_that_cannot_be_compared_says_why_and_where() {
    let folder = Folder::accepted(&[("conflict.txt", SMALL), ("crlf.txt", SMALL), ("latin.txt", SMALL)]);
    let golden = folder.read("snapshots/crlf/transcript.txt");
    folder.write("snapshots/conflict/transcript.txt", format!("{golden}<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n"));
    folder.write("snapshots/crlf/transcript.txt", golden.replace('\n', "\r\n"));
    folder.write("snapshots/latin/transcript.txt", b"0.000000\n\xe9t\xe9\n");
    let said = folder.test(&[]);
    assert_eq!(said.code, 1);
    for sentence in [
        "snapshots/conflict/transcript.txt: golden has conflict markers at line 9; resolve them, or accept anew\n",
        "snapshots/crlf/transcript.txt: golden has CRLF line ends, and is the same otherwise; ",
        "snapshots/latin/transcript.txt: golden is not UTF-8 at byte 9, in line 2; ",
    ] {
        assert!(said.out.contains(sentence), "{sentence}\n{}", said.out);
    }
    assert_eq!(folder.test(&["--accept"]).code, 0);
    assert_eq!(folder.read("snapshots/conflict/transcript.txt"), golden);
}

/// A script for each way in which a run does not pass, and what it is called.
const BAD: [(&str, &str, &str); 4] = [
    ("mistake.txt", "joinSever 0\n", "mistake"),
    ("fault.txt", "run \"false\"\njoinServer 0\n", "node fault"),
    ("undecided.txt", "joinServer 0\nwait 900000s\nwait 900000s\n", "undecided"),
    ("failed.txt", "cluster servers=2\nwhen s1 sends write to s2: cut s1 s2\n", "failed"),
];

#[test]
fn a_run_that_did_not_pass_is_never_accepted() {
    // What fails is a stabilize over a loss that lets nothing through.
    let failing = "joinServer 0\njoinServer 1\njoinClient 2 0\nbreakConnection 0 1\nput 2 a 1\ncreateConnection 0 1\n\
                   loss 0 1 100%\nstabilize\n";
    let text = |name: &str, script: &'static str| if name == "failed.txt" { failing } else { script };
    let scripts: Vec<_> = BAD.iter().map(|(name, script, _)| (*name, text(name, script))).collect();
    let folder = Folder::with(&scripts);
    std::os::unix::fs::symlink("nowhere", folder.path().join("scripts/gone.txt")).unwrap();
    let compared = folder.test(&[]);
    let accepting = folder.test(&["--accept"]);
    for said in [&compared, &accepting] {
        for (name, _, words) in BAD.iter().chain([&("gone.txt", "", "mistake")]) {
            assert!(said.out.contains(&format!("\n{words}: scripts/{name}\n")), "{name}\n{}", said.out);
        }
        assert!(said.out.contains("did you mean `joinServer`"), "what it said on standard error: {}", said.out);
        assert!(!said.out.contains("accept: "), "{}", said.out);
        assert!(!said.out.contains("--snapshots"), "how the runner runs it is its own business: {}", said.out);
        assert_eq!(said.code, 2, "the greatest");
    }
    assert!(!folder.has("snapshots"));
    for (name, code) in [("undecided", 5), ("failed", 1), ("fault", 3), ("gone", 2), ("mistake", 2)] {
        assert_eq!(folder.test(&[&format!("scripts/{name}.txt")]).code, code, "{name}");
    }
}

#[test]
fn runs_that_differ_from_each_other_are_not_deterministic() {
    let folder = Folder::accepted(&[("a.txt", SMALL)]);
    assert_eq!(folder.test(&["--repeat", "3"]).code, 0);
    folder.write("scripts/b.txt", "run \"sh once.sh\"\njoinServer 0\n");
    let server = format!("exec {} node --parent $PPID server --protocol gossip\n", env!("CARGO_BIN_EXE_master"));
    folder.write(
        "once.sh",
        format!("if [ -e {0} ]; then exit 1; fi\n: > {0}\n{server}", folder.path().join("mark").display()),
    );
    let said = folder.test(&["--repeat", "2", "--accept"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.out.contains("scripts/b.txt: run 1 and run 2 differ: the one ended with the exit code 0, the other ended with the exit code 3"),
        "{}",
        said.out
    );
    assert!(said.out.contains("repeat: master test scripts/b.txt --repeat 2\n"), "{}", said.out);
    assert!(!folder.has("snapshots/b"));
}

#[test]
fn a_golden_with_holes_matches_what_is_free_and_nothing_else() {
    let folder = Folder::accepted(&[("a.txt", SMALL)]);
    let golden = "# with holes\n0.000000 joinServer 0\n0.000000 joinClient 1 0\n* put 1 a {value}\n         | success\n\
                  # what comes when is free\n# unordered\n         | a:{value}\n         = s0 a:{value}\n\
                  0.002000 printStore 0\n# end\n0.002000 end: * messages, 0 lost, 0 in flight\n";
    folder.write("snapshots/a/transcript.txt", golden);
    assert_eq!(folder.test(&[]).code, 0, "{}", folder.test(&[]).out);
    folder.write("scripts/a.txt", SMALL.replace("printStore 0", "put 1 b 2"));
    let said = folder.test(&[]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("\n  -         | a:{value}\n"), "{}", said.out);
    assert!(
        said.out.contains("\n            = s0 a:{value}\n"),
        "what matches stands as the golden has it: {}",
        said.out
    );
    assert_eq!(folder.test(&["--accept"]).code, 0);
    let accepted = folder.read("snapshots/a/transcript.txt");
    assert!(accepted.starts_with("# with holes\n") && accepted.contains("* put 1 a {value}\n"), "{accepted}");
    assert_eq!(folder.test(&[]).code, 0);
    folder.write("snapshots/a/transcript.txt", golden.replace("# end\n", ""));
    let said = folder.test(&["--accept"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("golden with holes, line 7: `# unordered` without `# end` behind it"), "{}", said.out);
}
