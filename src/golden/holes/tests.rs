//! Goldens with holes against runs.

use super::*;

/// The difference as it is shown; empty if the run matches.
fn difference(golden: &str, found: &str) -> String {
    match compare(&format!("{FIRST_LINE}\n{golden}"), found) {
        Ok(difference) => difference.map_or_else(String::new, |difference| difference.to_string()),
        Err(fault) => fault.to_string(),
    }
}

fn after_accepting(golden: &str, found: &str) -> String {
    let golden = format!("{FIRST_LINE}\n{golden}");
    let text = accepted(&golden, found).unwrap();
    assert_eq!(compare(&text, found), Ok(None), "{text}");
    text.strip_prefix("# with holes\n").unwrap().to_owned()
}

#[test]
fn holes_match_and_names_stay() {
    let golden = "# who leads is free\n0 leader={leader}\n* {leader} wrote *\n";
    assert_eq!(difference(golden, "0 leader=s1\n5 s1 wrote x\n"), "");
    insta::assert_snapshot!(difference(golden, "0 leader=s1\n5 s2 wrote x\n"), @r"
    @@ -1,4 +1,2 @@
     # with holes
     # who leads is free
     0 leader={leader}
    -* {leader} wrote *
    \ {leader} is s1 since line 3
    +5 s2 wrote x
    ");
    insta::assert_snapshot!(difference(golden, "0 leader=s1\n"), @r"
    @@ -1,4 +1,1 @@
     # with holes
     # who leads is free
     0 leader={leader}
    -* {leader} wrote *
    ");
}

#[test]
fn unordered_lines_are_a_set() {
    let golden = "first\n# unordered\na *\nb {x}\nb {y}\n# end\nlast {x}\n";
    assert_eq!(difference(golden, "first\nb 1\na 5\nb 2\nlast 1\n"), "");
    assert_eq!(difference(golden, "first\nb 1\nb 2\na 5\nlast 1\n"), "");
    insta::assert_snapshot!(difference(golden, "first\nb 1\na 5\na 6\nlast 1\n"), @r"
    @@ -3,6 +2,4 @@
     # unordered
     a *
     b {x}
    -b {y}
    +a 6
     # end
     last {x}
    ");
    assert!(difference(golden, "b 1\nfirst\na 5\nb 2\nlast 1\n").contains("+b 1"));
    assert!(difference(golden, "first\nb 1\na 5\nb 2\nb 2\nlast 1\n").contains("+b 2"), "a set counts its lines");
    let tangled = "# unordered\n* *\nk:* *\nk:1 *\n# end\n";
    assert_eq!(difference(tangled, "k:1 a\nk:1 b\nk:1 c\n"), "");
    assert_eq!(difference(tangled, "k:1 a\nx b\nk:2 c\n"), "");
    assert!(!difference(tangled, "k:1 a\nx b\nx c\n").is_empty());
}

#[test]
fn a_block_that_matches_in_too_many_ways_is_said() {
    let lines: String = (0..12).map(|_| "x * *\n").chain(["{b} {b} *\n"]).collect();
    let found: String = (0..13).map(|number| format!("x {number} {number}\n")).collect();
    insta::assert_snapshot!(
        difference(&format!("# unordered\n{lines}# end\n"), &found),
        @"line 2: the unordered lines behind it can be matched in too many ways; have fewer holes in them"
    );
}

#[test]
fn what_is_wrong_in_a_golden_has_its_line() {
    insta::assert_snapshot!(difference("a\n# unordered\nb\n", ""), @"line 3: `# unordered` without `# end` behind it");
    insta::assert_snapshot!(difference("a\n# end\n", ""), @"line 3: `# end` without `# unordered` before it");
    insta::assert_snapshot!(
        difference("# unordered\n# unordered\n# end\n", ""),
        @"line 3: `# unordered` within the unordered lines that begin in line 2; write `# end` before it"
    );
    assert!(difference("a {B}\n", "").starts_with("line 2: `{B}` is no hole"));
}

#[test]
fn accepting_keeps_what_matches() {
    let golden = "# who leads is free\n* leader={leader}\nold\n# then\n* {leader} wrote\n";
    insta::assert_snapshot!(after_accepting(golden, "0 leader=s1\nnew *\n5 s1 wrote\n# x\n"), @r"
    # who leads is free
    * leader={leader}
    new \*
    # then
    * {leader} wrote
    \# x
    ");
    let block = "# unordered\na *\nb *\n# end\nlast\n";
    insta::assert_snapshot!(after_accepting(block, "c 1\na 1\nlast\n"), @r"
    # unordered
    a *
    c 1
    # end
    last
    ");
    insta::assert_snapshot!(after_accepting(block, "b 1\na 1\nmore\nlast\n"), @r"
    # unordered
    a *
    b *
    # end
    more
    last
    ");
    insta::assert_snapshot!(after_accepting("# unordered\na\n# end\n", "a\nb\n"), @r"
    # unordered
    a
    # end
    b
    ");
}

#[test]
fn only_its_first_line_makes_a_golden_one_with_holes() {
    assert!(has_holes("# with holes\na\n"));
    assert!(!has_holes("a\n# with holes\n"));
    assert!(!has_holes("# with holes!\n"));
    assert_eq!(difference("", ""), "");
    assert!(difference("", "a\n").contains("+a"));
    assert!(difference("a\n", "").contains("-a"));
    assert_eq!(difference("a", "a\n"), "", "line breaks at the end are not compared");
}

proptest::proptest! {
    #[test]
    fn what_was_accepted_matches_or_is_refused(
        golden in proptest::collection::vec("(a|b|\\*|\\{x\\}|c:\\{x\\}|a \\{x\\}|# unordered|# end)", 0..10),
        found in proptest::collection::vec("(a|b|1|c:1|c:2|a 1|a 2|#|\\{x\\})", 0..10),
    ) {
        let golden = format!("{FIRST_LINE}\n{}\n", golden.join("\n"));
        let found: String = found.iter().map(|line| format!("{line}\n")).collect();
        if let Ok(text) = accepted(&golden, &found) {
            proptest::prop_assert_eq!(compare(&text, &found), Ok(None), "{}", text);
        }
    }
}

/// What tells a golden with holes from others is never pushed down by lines of the run.
#[test]
fn a_new_first_line_comes_behind_the_header() {
    let golden = "# with holes\n# a remark\n* put c1 x 1\n";
    let run = "0.000000 seed 7\n0.000000 put c1 x 1\n";
    let accepted = accepted(golden, run).unwrap();
    assert!(accepted.starts_with("# with holes\n") && accepted.contains("* put c1 x 1\n"), "{accepted}");
    assert_eq!(super::accepted(&accepted, run).unwrap(), accepted);
}
