//! Goldens with holes against runs.

use super::*;
use crate::base::limits::UNORDERED_PATTERNS;
use crate::golden::wall::Stopwatch;

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

/// A block with these lines.
fn block(lines: impl Iterator<Item = String>) -> String {
    let lines: String = lines.map(|line| format!("{line}\n")).collect();
    format!("# unordered\n{lines}# end\n")
}

fn run(lines: impl Iterator<Item = String>) -> String {
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_block_that_matches_in_too_many_ways_is_said() {
    // Each `{b..}` may be any of them, and the last two would have to be the same.
    let golden =
        block((0..12).map(|number| format!("x {{b{number}}} *")).chain(["{a} y *".to_owned(), "{a} z *".to_owned()]));
    let found =
        run((0..12).map(|number| format!("x {number} {number}")).chain(["1 y 1".to_owned(), "2 z 1".to_owned()]));
    insta::assert_snapshot!(
        difference(&golden, &found),
        @"line 2: the unordered lines behind it can be matched in too many ways; have fewer holes in them"
    );
    let golden = block((0..=UNORDERED_PATTERNS).map(|number| format!("{number} *")));
    insta::assert_snapshot!(
        difference(&golden, ""),
        @"line 2: the unordered lines behind it have 3001 different lines with holes, and may have 3000; make several blocks of them"
    );
}

#[test]
fn a_long_block_matches_in_any_order() {
    let shapes: [fn(usize) -> String; 5] = [
        |number| format!("line {number}"),
        |number| format!("line {number} id:*"),
        |_| "line * *".to_owned(),
        |number| format!("line {number} id:{{name_{number}}}"),
        |number| if number % 2 == 0 { format!("line {number}") } else { "* * *".to_owned() },
    ];
    for (shape, lines) in shapes.into_iter().zip([8_000, 3_000, 8_000, 3_000, 8_000]) {
        let line = |number| match shape(number).contains(['*', '{']) {
            true => format!("line {number} id:{}", number * 7),
            false => format!("line {number}"),
        };
        let golden = block((0..lines).map(shape));
        assert_eq!(difference(&golden, &run((0..lines).rev().map(line))), "", "{}", shape(1));
        let other = run((0..lines).rev().map(|number| if number == 4 { "other".to_owned() } else { line(number) }));
        let difference = difference(&golden, &other);
        assert!(difference.contains("\n+other\n") && difference.matches("\n-").count() == 1, "{difference}");
    }
}

#[test]
fn lines_with_holes_find_their_lines_whichever_come_first() {
    // Only one way is right: the last may be nothing but `a 1`, the one before it nothing but what is left.
    let golden = block((0..12).map(|number| format!("* {}", (b'a' + number) as char)).chain(["1 *".to_owned()]));
    let found = run((0..12).map(|number| format!("1 {}", (b'a' + number) as char)).chain(["2 a".to_owned()]));
    assert_eq!(difference(&golden, &found), "");
    // Too few of the one and too many of the other is a difference, not a riddle.
    let golden = block((0..40).map(|number| format!("{} *", ["x", "y"][number % 2])));
    let found = run((0..40).map(|number| format!("{} {number}", if number < 21 { "x" } else { "y" })));
    let difference = difference(&golden, &found);
    assert!(difference.contains("\n-y *\n") && difference.contains("\n+x 20\n"), "{difference}");
}

/// A comparison of two lines takes no longer because the block is long.
#[test]
fn a_long_block_that_differs_wholly_takes_some_seconds_at_most() {
    let stopwatch = Stopwatch::start();
    for golden in [|number| format!("a {number}"), |number| format!("a {number} *"), |number| format!("* {number} a")] {
        let golden = block((0..3_000).map(golden));
        let found = run((0..3_000).map(|number| format!("b {number} c")));
        let shown = difference(&golden, &found);
        assert!(shown.contains("\n-") && shown.ends_with("more lines\n"), "{shown}");
    }
    let took = stopwatch.elapsed();
    assert!(took.microseconds() < 10_000_000, "{took}");
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
