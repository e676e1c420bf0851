//! What holds for any script: canonical text parses back, and no bytes make the parser panic or point beside a line.

use proptest::prelude::*;

use crate::script::tests::{NODES, TABLE};
use crate::script::{Argument, Invocation, Mistake, NodeReference, Place, Source, parse};
use crate::store::Value;

/// A valid line, as its name, its words, and whether these may stand in parentheses.
pub(super) fn valid_line() -> impl Strategy<Value = (String, Vec<String>)> {
    let server = || prop::sample::select(vec!["0", "s0", "1", "s1"]).prop_map(str::to_owned);
    let client = || prop::sample::select(vec!["2", "c2", "3", "c3"]).prop_map(str::to_owned);
    let word = || "[^\\s\\p{Cc},()#/]([^\\s\\p{Cc},()]{0,8})".prop_map(|word: String| word);
    let span = || {
        (0_u64..10_000, prop::sample::select(vec!["us", "ms", "s", "min"]))
            .prop_map(|(number, unit)| format!("{number}{unit}"))
    };
    // A word before it, and no quote or comment of the shell's in it: what cannot be split is a mistake.
    let text = || {
        "p[^\\p{Cc}'#\"\\\\]{0,12}".prop_map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
    };
    let line = |name: &str, words: Vec<String>| (name.to_owned(), words);
    prop_oneof![
        (client(), word(), word()).prop_map(move |(c, k, v)| line("put", vec![c, k, v])),
        (client(), word()).prop_map(move |(c, k)| line("get", vec![c, k])),
        server().prop_map(move |s| line("killServer", vec![s])),
        (client(), server()).prop_map(move |(c, s)| line("joinClient", vec![c, s])),
        (client(), server()).prop_map(move |(c, s)| line("failLink", vec![c, s])),
        text().prop_map(move |text| line("run", vec![text])),
        Just(line("stabilize", vec![])),
        server().prop_map(move |s| line("pause", vec![s])),
        server().prop_map(move |s| line("crash", vec![s])),
        (server(), any::<u64>()).prop_map(move |(s, number)| {
            line("crash", vec![s, "after".to_owned(), number.to_string(), "outputs".to_owned()])
        }),
        (server(), prop::sample::select(vec!["output", "outputs"]))
            .prop_map(move |(s, unit)| { line("crash", vec![s, "after".to_owned(), "1".to_owned(), unit.to_owned()]) }),
        server().prop_map(move |s| line("disk", vec![s, "lie".to_owned()])),
        (server(), any::<u64>()).prop_map(move |(s, at)| line("disk", vec![s, "flip".to_owned(), at.to_string()])),
        (server(), span()).prop_map(move |(s, span)| line("disk", vec![s, "slow".to_owned(), span])),
        (client(), 1..1_000_u64, "[0-9]{0,5}").prop_map(move |(c, whole, places)| {
            line("clock", vec![c, "rate".to_owned(), format!("{whole}.{places}1")])
        }),
        (server(), prop::sample::select(vec!["+", "-"]), span())
            .prop_map(move |(s, sign, span)| { line("clock", vec![s, "jump".to_owned(), format!("{sign}{span}")]) }),
        (client(), server(), span(), span(), text(), 0..4_u8).prop_map(move |(c, s, delay, jitter, note, which)| {
            let mut words = vec![c, s, delay];
            if which & 1 != 0 {
                words.extend(["note".to_owned(), note]);
            }
            if which & 2 != 0 {
                words.extend(["jitter".to_owned(), jitter]);
            }
            line("delay", words)
        }),
    ]
}

/// A line whose words are not one for each parameter, or not all words.
pub(super) fn line_with_structure() -> impl Strategy<Value = String> {
    let server = || prop::sample::select(vec!["0", "s0", "1", "s1"]);
    let target =
        || prop::sample::select(vec!["0", "s1", "all", "majority", "minority", "random", "leader", "0,followers"]);
    let end = || prop::sample::select(vec!["0", "s1", "*", "0,1", "2", "leader", "0,c3", "random"]);
    let kind = || prop::sample::select(vec!["write", "read_ok", "AppendEntries", "stabilize"]);
    let arrow = || prop::sample::select(vec![" ", " -> "]);
    let links = move || {
        (end(), arrow(), end())
            .prop_filter("a node and itself", |(from, _, to)| from != to && !(["0", "2"].contains(from) && *to == "0"))
            .prop_map(|(from, arrow, to)| format!("{from}{arrow}{to}"))
    };
    let instant = move || {
        prop_oneof![
            target().prop_map(|target| format!("kill {target}")),
            links().prop_map(|links| format!("cut {links}")),
            server().prop_map(|server| format!("{server}: cut * ")),
            (0..3_u64, prop::option::of(kind()), links(), prop::option::of(Just(" for 5ms dist raft"))).prop_map(
                |(next, kind, links, more)| {
                    let next = if next > 0 { format!("next {next} ") } else { String::new() };
                    let kind = kind.map_or_else(String::new, |kind| format!("{kind} "));
                    format!("drop {next}{kind}{links}{}", more.unwrap_or_default())
                }
            ),
            (links(), prop::sample::select(vec!["1mbit", "off", "1500bit", "1000kbit"]))
                .prop_map(|(links, rate)| format!("rate {links} {rate}")),
            prop::sample::select(vec!["halves", "one", "0 | 1", "0 2 | majority 1 | minority"])
                .prop_map(|groups| format!("partition {groups}")),
            (
                server(),
                prop::sample::select(vec![
                    "",
                    " after 2 outputs",
                    " when sends write to 1",
                    " when sends write to * before"
                ])
            )
                .prop_map(|(server, point)| format!("stop {server}{point}")),
            (
                "[a-z0-9-]{1,64}",
                prop::sample::select(vec!["", " of=0", " of=0,followers", " of=all"]),
                prop::sample::select(vec!["", " parts=chain", " parts=store,chain"])
            )
                .prop_filter("the transcript's own name", |(name, ..)| name != "transcript")
                .prop_map(|(name, of, parts)| format!("snapshot {name}{parts}{of}")),
            ("[a-z][a-z0-9_-]{0,5}", prop::sample::select(vec![" = ", "=", " =", "= "]))
                .prop_map(|(name, equals)| format!("async {name}{equals}put(2, x, 1)")),
        ]
    };
    let condition = move || {
        (
            server(),
            kind(),
            prop::sample::select(vec!["0", "s1", "c2", "*"]),
            prop::sample::select(vec![": ", " : ", ":", " :"]),
        )
            .prop_filter("a node and itself", |(from, _, to, _)| {
                from.trim_start_matches('s') != to.trim_start_matches('s')
            })
            .prop_map(|(from, kind, to, colon)| format!("when {from} sends {kind} to {to}{colon}"))
    };
    let death = (server(), prop::sample::select(vec![": ", " : ", ":", " :"]), instant())
        .prop_map(|(node, colon, command)| format!("when {node} dies{colon}{command}"));
    let word = || "[^\\s\\p{Cc}#/][^\\s\\p{Cc}]{0,5}";
    let claim =
        (target(), server(), word(), word(), 0..10_u8).prop_map(|(target, server, key, value, which)| match which {
            0 => format!("get c2 {key} == {value}"),
            1 => "leader count == 18446744073709551615".to_owned(),
            2 => format!("leader == {server}"),
            3 => "stores equal".to_owned(),
            4 => format!("stores equal {target}"),
            5 => format!("chains equal {target}"),
            6 => "chain 0 prefix-of s1".to_owned(),
            7 => "chain 1  prefix-of\t0".to_owned(),
            8 => format!("alive {server}"),
            _ => "answered Begun".to_owned(),
        });
    let message = "[^\\p{Cc}]{0,12}".prop_map(|text| text.replace('\\', "\\\\").replace('"', "\\\""));
    let expectation = (
        prop::sample::select(vec!["expect ", "expect not "]),
        claim,
        prop::sample::select(vec!["", " within 5s", " within 1500us"]),
        prop::option::of(message),
    )
        .prop_map(|(expect, claim, within, message)| {
            format!("{expect}{claim}{within}{}", message.map_or_else(String::new, |text| format!(" \"{text}\"")))
        });
    let failing = (prop::sample::select(vec!["!", "! ", "!\t"]), 0..4_u8, target(), links()).prop_map(
        |(fails, which, target, links)| match which {
            0 => format!("{fails}kill {target}"),
            1 => format!("{fails}put(2, x, 1)"),
            2 => format!("{fails}c2: put 'a' 1"),
            _ => format!("{fails}cut {links}"),
        },
    );
    prop_oneof![
        instant(),
        expectation,
        failing,
        death,
        (condition(), instant()).prop_map(|(condition, command)| format!("{condition}{command}")),
        (condition(), condition(), instant()).prop_map(|(one, two, command)| format!("{one}{two}{command}")),
        (literal(), literal()).prop_map(|(key, value)| format!("c2: put {key} {value}")),
        (literal(), literal()).prop_map(|(key, value)| format!("2: Operation(put, {key} , {value})")),
    ]
}

/// A key or value at a console: any text, or one that holds some.
fn literal() -> impl Strategy<Value = String> {
    let text = "[^\\x00-\\x1f\\x7f-\\x9f]{0,6}".prop_map(|text| Value::text(&text).repr().into_owned());
    prop_oneof![
        text.clone(),
        any::<i64>().prop_map(|integer| integer.to_string()),
        prop::collection::vec(text, 0..3).prop_map(|texts| format!("[{}]", texts.join(" , "))),
    ]
}

/// How a line is written: in parentheses or not, with which blanks, and with which comment.
pub(super) fn writing() -> impl Strategy<Value = (bool, String, String)> {
    (any::<bool>(), "[ \t]{1,3}", prop::sample::select(vec!["", "\r", " ", " # put", "\t//x)"]).prop_map(str::to_owned))
}

pub(super) fn written(
    (name, words): &(String, Vec<String>),
    (list, blank, comment): &(bool, String, String),
) -> String {
    // In parentheses a comma ends a word.
    if *list && !words.iter().any(|word| word.contains(',')) {
        format!("{blank}{name}({blank}{}{blank}){comment}", words.join(&format!("{blank},{blank}")))
    } else {
        let words: String = words.iter().map(|word| format!("{blank}{word}")).collect();
        format!("{blank}{name}{words}{comment}")
    }
}

/// The only invocation of the script that has this line after the nodes.
fn only(line: &str) -> Invocation<()> {
    let source = Source::from_bytes("a.txt", format!("{NODES}async Begun = get 2 x\n{line}").into_bytes()).unwrap();
    let mut script = parse(&TABLE, &source).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    assert_eq!(script.invocations.len(), 6);
    script.invocations.pop().unwrap()
}

/// Protocols with commas between them, as a script lists them.
fn protocols() -> impl Strategy<Value = String> {
    prop::sample::subsequence(vec!["gossip", "raft", "multi_paxos"], 1..=3)
        .prop_shuffle()
        .prop_map(|names| names.join(","))
}

/// A line that starts a cluster of 3 servers and 3 clients at least, its words in any order.
pub(super) fn cluster_line() -> impl Strategy<Value = (String, Vec<String>)> {
    let words = (3..=100_u32, 3..=100_u32, prop::option::of(0..100_u64), prop::option::of(protocols()));
    let words = words.prop_map(|(servers, clients, seed, protocol)| {
        let mut words = vec![format!("servers={servers}"), format!("clients={clients}")];
        words.extend(seed.map(|seed| format!("seed={seed}")));
        words.extend(protocol.map(|protocol| format!("protocol={protocol}")));
        words
    });
    words.prop_shuffle().prop_map(|words| ("cluster".to_owned(), words))
}

/// A line that names nodes of that cluster, as numbers and as names.
pub(super) fn line_in_a_cluster() -> impl Strategy<Value = (String, Vec<String>)> {
    let server = || prop::sample::select(vec!["1", "s1", "s3"]);
    let other = || prop::sample::select(vec!["2", "s2", "c1", "c3"]);
    let client = || prop::sample::select(vec!["1", "c1", "c3"]);
    let new = || prop::sample::select(vec!["2", "500"]);
    prop_oneof![
        client().prop_map(|client| ("get", vec![client, "a"])),
        server().prop_map(|server| ("killServer", vec![server])),
        other().prop_map(|node| ("pause", vec![node])),
        (server(), other()).prop_map(|(server, other)| ("failLink", vec![server, other])),
        (new(), server()).prop_map(|(client, server)| ("joinClient", vec![client, server])),
        new().prop_map(|server| ("joinServer", vec![server])),
    ]
    .prop_map(|(name, words)| (name.to_owned(), words.into_iter().map(str::to_owned).collect()))
}

/// The last invocation of a script.
fn last_of(text: &str) -> Invocation<()> {
    let source = Source::from_bytes("a.txt", text.to_owned().into_bytes()).unwrap();
    let script = parse(&TABLE, &source).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    script.invocations.into_iter().last().unwrap()
}

/// What an invocation says, but for whether a node is typed as its number or as its name.
fn meaning(invocation: &Invocation<()>) -> (&'static str, &'static str, Vec<Argument>) {
    let untyped = |argument: &Argument| match argument {
        Argument::Node(reference) => Argument::Node(NodeReference { typed: String::new(), ..reference.clone() }),
        other => other.clone(),
    };
    (invocation.command.name, invocation.typed_name, invocation.arguments.iter().map(untyped).collect())
}

/// Does the place lie within its line of the source?
pub(super) fn lies_within(source: &Source, place: Place) -> bool {
    source.lines().any(|line| {
        line.number == place.line
            && line.text.get(place.range()).is_some()
            && place.column == line.text[..place.start].chars().count() + 1
    })
}

pub(super) fn all_lie_within(source: &Source, mistakes: &[Mistake]) -> bool {
    mistakes.iter().all(|mistake| {
        let also = mistake.also.iter().map(|(place, _)| *place);
        also.chain([mistake.place]).all(|place| lies_within(source, place))
    })
}

/// Bytes that look like a script: pieces of one in any order.
fn almost_a_script() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"joinServer",
        b"joinClient",
        b"cluster",
        b"servers",
        b"clients=",
        b"=",
        b"put",
        b"failLink",
        b"run",
        b"delay",
        b"seed",
        b"protocol",
        b"exit",
        b"jitter",
        b"pause",
        b"crash",
        b"after",
        b"outputs",
        b"disk",
        b"lie",
        b"kill",
        b"majority",
        b"cut",
        b"drop",
        b"next",
        b"write",
        b"->",
        b"*",
        b"|",
        b"rate",
        b"1mbit",
        b"partition",
        b"when",
        b"sends",
        b"to",
        b":",
        b"async",
        b"await",
        b"a",
        b"par",
        b"snapshot",
        b"expect",
        b"not",
        b"stores",
        b"equal",
        b"get",
        b"==",
        b"leader",
        b"within",
        b"!",
        b"of=",
        b"parts=chain,",
        b"protocol=raft,",
        b"end",
        b"flip",
        b"slow",
        b"clock",
        b"rate",
        b"jump",
        b"1.5",
        b"+5s",
        b"-",
        b"0",
        b"1",
        b"s1",
        b"c1",
        b"c7",
        b"c1: put ",
        b"s0: cut ",
        b"'",
        b"'a'",
        b"[",
        b"]",
        b"{1: ",
        b"}",
        b"None",
        b"50ms",
        b"raft",
        b" ",
        b" ",
        b"\t",
        b"(",
        b")",
        b",",
        b"\"",
        b"\\",
        b"#",
        b"//",
        b"\n",
        b"\n",
        b"\r",
        b"\r\n",
        b"\0",
        b"\x1b",
        b"\xff",
        b"\xc3",
        "é".as_bytes(),
        "日".as_bytes(),
        "\u{feff}".as_bytes(),
        "\u{85}".as_bytes(),
        "\u{2028}".as_bytes(),
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..60).prop_map(|pieces| pieces.concat())
}

/// Reads the bytes, and checks that each mistake can be shown and points into the script.
pub(super) fn check(bytes: &[u8]) {
    let read = Source::from_bytes("a.txt", bytes.to_vec());
    let lossy = String::from_utf8_lossy(bytes).into_owned().into_bytes();
    let source = Source::from_bytes("a.txt", lossy).unwrap();
    if let Err(mistakes) = read {
        assert!(all_lie_within(&source, mistakes.shown()), "{mistakes}");
    }
    match parse(&TABLE, &source) {
        Ok(script) => assert!(script.invocations.iter().all(|invocation| lies_within(&source, invocation.place))),
        Err(mistakes) => assert!(all_lie_within(&source, mistakes.shown()), "{mistakes}"),
    }
}

proptest! {
    #[test]
    fn the_canonical_text_parses_back(line in valid_line(), writing in writing()) {
        let first = only(&written(&line, &writing));
        let canonical = first.canonical();
        let again = only(&canonical);
        prop_assert_eq!(meaning(&first), meaning(&again));
        prop_assert_eq!(again.canonical(), canonical);
    }

    #[test]
    fn the_canonical_text_of_lines_with_structure_parses_back(line in line_with_structure()) {
        let first = only(&line);
        let again = only(&first.canonical());
        prop_assert_eq!(again.canonical(), first.canonical());
        let shapes = |invocation: &Invocation<()>| {
            let shape = |one: &Invocation<()>| (one.command.name, one.console.is_some(), one.arguments.len());
            invocation.and_held().map(shape).collect::<Vec<_>>()
        };
        prop_assert_eq!(shapes(&again), shapes(&first));
    }

    #[test]
    fn the_canonical_text_of_a_cluster_and_of_its_nodes_parses_back(
        cluster in cluster_line(),
        line in line_in_a_cluster(),
        writing in writing(),
    ) {
        let first = last_of(&format!("{}\n{}", written(&cluster, &writing), written(&line, &writing)));
        let founded = last_of(&written(&cluster, &writing));
        for (first, before) in [(first, format!("{}\n", founded.canonical())), (founded, String::new())] {
            let again = last_of(&format!("{before}{}", first.canonical()));
            prop_assert_eq!(meaning(&first), meaning(&again));
            prop_assert_eq!(again.canonical(), first.canonical());
        }
    }

    #[test]
    fn no_bytes_make_it_panic_or_point_beside_a_line(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes);
    }

    #[test]
    fn nothing_like_a_script_makes_it_panic_or_point_beside_a_line(bytes in almost_a_script()) {
        check(&bytes);
    }
}
