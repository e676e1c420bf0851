//! Tests of the module as a whole, over a small table of their own.
//!
//! `mistakes` holds the text of every mistake; `properties` what holds for any script.

mod bytes;
mod consoles;
mod ids;
mod mistakes;
mod properties;
mod scripts;
mod yaml;

use super::{
    Between, ByHand, Choice, Command, Console, Given, Held, Next, Parameter, ParameterKind, Phase, Shape, Source, Table,
};
use crate::base::NodeKind;

/// A table with every kind of parameter and of phase.
static TABLE: Table<()> = Table {
    commands: &[
        &PROTOCOL,
        &SEED,
        &RUN,
        &CLUSTER,
        &JOIN_SERVER,
        &KILL_SERVER,
        &JOIN_CLIENT,
        &BREAK_CONNECTION,
        &STABILIZE,
        &PRINT_STORE,
        &PUT,
        &GET,
        &DELAY,
        &PAUSE,
        &CRASH,
        &DISK,
        &KILL,
        &CUT,
        &DROP,
        &RATE,
        &PARTITION,
        &STOP,
        &ASYNC,
        &AWAIT,
        &WHEN,
        &PAR,
        &END,
        &CLOCK,
        &SNAPSHOT,
        &EXPECT,
        &FAILS,
        &EXIT,
    ],
};

const fn always(name: &'static str, kind: ParameterKind) -> Parameter {
    Parameter { name, kind, given: Given::Always }
}

const fn after(keyword: &'static str, name: &'static str, kind: ParameterKind) -> Parameter {
    Parameter { name, kind, given: Given::After(keyword) }
}

const fn command(
    name: &'static str,
    parameters: &'static [Parameter],
    phase: Phase,
    example: &'static str,
) -> Command<()> {
    Command {
        name,
        aliases: &[],
        parameters,
        phase,
        consoles: &[],
        summary: "",
        details: "",
        example,
        scripts: &[],
        run: (),
    }
}

fn protocols() -> Vec<&'static str> {
    vec!["gossip", "raft", "multi_paxos"]
}

static PROTOCOL: Command<()> = command(
    "protocol",
    &[always("name", ParameterKind::Ranked(protocols, Between::Blanks))],
    Phase::Setting,
    "protocol raft",
);
static SEED: Command<()> = command("seed", &[always("seed", ParameterKind::Seed)], Phase::Setting, "seed 7");
static RUN: Command<()> =
    command("run", &[always("command", ParameterKind::CommandLine)], Phase::Step, "run \"python3 server.py\"");
static CLUSTER: Command<()> = command(
    "cluster",
    &[
        Parameter { name: "n", kind: ParameterKind::NewServers(100), given: Given::Named("servers") },
        Parameter { name: "m", kind: ParameterKind::NewClients(100), given: Given::MayBeNamed("clients") },
        Parameter {
            name: "name",
            kind: ParameterKind::Ranked(protocols, Between::Commas),
            given: Given::MayBeNamed("protocol"),
        },
        Parameter { name: "number", kind: ParameterKind::Seed, given: Given::MayBeNamed("seed") },
    ],
    Phase::Founding,
    "cluster servers=5 clients=2",
);
static JOIN_SERVER: Command<()> =
    command("joinServer", &[always("id", ParameterKind::NewServer)], Phase::Step, "joinServer 0");
static KILL_SERVER: Command<()> = Command {
    aliases: &["failProcess"],
    ..command("killServer", &[always("id", ParameterKind::Server)], Phase::Step, "killServer 0")
};
static JOIN_CLIENT: Command<()> = command(
    "joinClient",
    &[always("client", ParameterKind::NewClient), always("server", ParameterKind::Server)],
    Phase::Step,
    "joinClient 2 0",
);
static BREAK_CONNECTION: Command<()> = Command {
    aliases: &["failLink"],
    ..command(
        "breakConnection",
        &[always("a", ParameterKind::LinkEnd), always("b", ParameterKind::LinkEnd)],
        Phase::Step,
        "breakConnection 0 1",
    )
};
static STABILIZE: Command<()> = command("stabilize", &[], Phase::Step, "stabilize");
static PRINT_STORE: Command<()> =
    command("printStore", &[always("id", ParameterKind::Server)], Phase::Step, "printStore 0");
static PUT: Command<()> = Command {
    consoles: &[Console {
        of: NodeKind::Client,
        names: &["put", "Operation put"],
        shape: Shape::Own,
        example: "c1: put 'a' 1",
        summary: "",
        by_hand: ByHand::Operation,
    }],
    ..command(
        "put",
        &[
            always("client", ParameterKind::Client),
            always("key", ParameterKind::Key),
            always("value", ParameterKind::Value),
        ],
        Phase::Operation,
        "put 2 a 1",
    )
};
static GET: Command<()> = command(
    "get",
    &[always("client", ParameterKind::Client), always("key", ParameterKind::Key)],
    Phase::Operation,
    "get 2 a",
);
static DELAY: Command<()> = command(
    "delay",
    &[
        always("a", ParameterKind::LinkEnd),
        always("b", ParameterKind::LinkEnd),
        always("delay", ParameterKind::Duration),
        after("jitter", "jitter", ParameterKind::Duration),
        after("note", "text", ParameterKind::CommandLine),
    ],
    Phase::Step,
    "delay 0 1 50ms jitter 10ms",
);
static PAUSE: Command<()> = command("pause", &[always("node", ParameterKind::Node)], Phase::Step, "pause 0");
static CRASH: Command<()> = command(
    "crash",
    &[always("node", ParameterKind::Server), after("after", "n", ParameterKind::Count("outputs"))],
    Phase::Step,
    "crash 0 after 3 outputs",
);
static DISK: Command<()> = command(
    "disk",
    &[always("node", ParameterKind::Server), always("fault", ParameterKind::Choice(FAULTS))],
    Phase::Step,
    "disk 0 slow 50ms",
);
static FAULTS: &[Choice] = &[
    Choice { word: "lie", parameter: None },
    Choice { word: "flip", parameter: Some(always("offset", ParameterKind::Number)) },
    Choice { word: "slow", parameter: Some(always("time", ParameterKind::Duration)) },
];
static CLOCK: Command<()> = command(
    "clock",
    &[always("node", ParameterKind::Node), always("change", ParameterKind::Choice(CHANGES))],
    Phase::Step,
    "clock 0 rate 1.5",
);
static CHANGES: &[Choice] = &[
    Choice { word: "rate", parameter: Some(always("factor", ParameterKind::Factor)) },
    Choice { word: "jump", parameter: Some(always("offset", ParameterKind::Offset)) },
];
static EXIT: Command<()> = Command { aliases: &["done"], ..command("exit", &[], Phase::End, "exit") };

static KILL: Command<()> =
    command("kill", &[always("s", ParameterKind::Targets(Some(NodeKind::Server)))], Phase::Step, "kill 0,majority");
static CUT: Command<()> = Command {
    consoles: &[Console {
        of: NodeKind::Server,
        names: &["cut"],
        shape: Shape::Link,
        example: "s0: cut 1",
        summary: "",
        by_hand: ByHand::Cut,
    }],
    ..command("cut", &[always("links", ParameterKind::Links)], Phase::Step, "cut 0 -> 1")
};
static DROP: Command<()> = command(
    "drop",
    &[
        always("messages", ParameterKind::Messages(Next::Allowed)),
        after("for", "time", ParameterKind::Duration),
        Parameter {
            name: "shape",
            kind: ParameterKind::OneOf(protocols),
            given: Given::With { keyword: "dist", needs: "for" },
        },
    ],
    Phase::Step,
    "drop next 2 write 0 -> 1",
);
static RATE: Command<()> = command(
    "rate",
    &[always("links", ParameterKind::Links), always("rate", ParameterKind::Rate)],
    Phase::Step,
    "rate 0 1 1mbit",
);
static PARTITION: Command<()> = command(
    "partition",
    &[always("groups", ParameterKind::Groups(&["halves", "one"]))],
    Phase::Step,
    "partition 0 | 1",
);
static STOP: Command<()> = command(
    "stop",
    &[
        always("s", ParameterKind::Server),
        Parameter { name: "point", kind: ParameterKind::Choice(POINTS), given: Given::Perhaps },
    ],
    Phase::Step,
    "stop 0 when sends write to 1",
);
static POINTS: &[Choice] = &[
    Choice { word: "after", parameter: Some(always("n", ParameterKind::Count("outputs"))) },
    Choice { word: "when", parameter: Some(always("message", ParameterKind::SendingPoint)) },
];
static ASYNC: Command<()> = command(
    "async",
    &[always("name", ParameterKind::NewOperation), always("command", ParameterKind::Command(Held::Operation))],
    Phase::Step,
    "async a = get 2 x",
);
static AWAIT: Command<()> = command("await", &[always("name", ParameterKind::Operation)], Phase::Passage, "await a");
static WHEN: Command<()> = command(
    "when",
    &[always("condition", ParameterKind::Condition), always("command", ParameterKind::Command(Held::Instant))],
    Phase::Step,
    "when 0 sends write to 1: cut 0 1",
);
static SNAPSHOT: Command<()> = command(
    "snapshot",
    &[
        always("name", ParameterKind::SnapshotName),
        Parameter {
            name: "servers",
            kind: ParameterKind::Targets(Some(NodeKind::Server)),
            given: Given::MayBeNamed("of"),
        },
        Parameter {
            name: "parts",
            kind: ParameterKind::SomeOf(&["chain", "store"]),
            given: Given::MayBeNamed("parts"),
        },
    ],
    Phase::Step,
    "snapshot a of=0,1 parts=store",
);
static EXPECT: Command<()> = command(
    "expect",
    &[
        always("that", ParameterKind::Expectation),
        after("within", "time", ParameterKind::Duration),
        Parameter { name: "message", kind: ParameterKind::Text, given: Given::AtEnd },
    ],
    Phase::Passage,
    "expect stores equal within 5s",
);
static FAILS: Command<()> =
    command("!", &[always("command", ParameterKind::Command(Held::Fallible))], Phase::Passage, "! kill 0");
static PAR: Command<()> = command("par", &[], Phase::Block, "par");
static END: Command<()> = command("end", &[], Phase::BlockEnd, "end");

/// Two servers and two clients, on lines 1 to 4.
const NODES: &str = "joinServer 0\njoinServer 1\njoinClient 2 0\njoinClient 3 1\n";

/// What a script of these bytes says: one canonical line an invocation, or its mistakes.
fn reading(bytes: impl Into<Vec<u8>>) -> String {
    let script = Source::from_bytes("a.txt", bytes.into()).and_then(|source| super::parse(&TABLE, &source));
    match script {
        Ok(script) => script.invocations.iter().map(|invocation| invocation.canonical() + "\n").collect(),
        Err(mistakes) => mistakes.to_string(),
    }
}
