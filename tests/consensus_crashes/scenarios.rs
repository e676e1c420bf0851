//! The scripts within which servers crash.
//!
//! Each but the first is a schedule in which one kind of message is worth nothing if what it tells of is lost: whoever
//! relies on it is left alone with it, or comes to rely on somebody else.

/// A script with a place for a crash.
pub struct Scenario {
    /// What it is about.
    pub name: &'static str,
    /// The script up to the crash.
    before: &'static str,
    /// The script from there on.
    after: &'static str,
    /// So many operations are answered wherever the crash comes.
    pub least_answers: usize,
}

impl Scenario {
    /// The whole script: `crash` stands in its place, and before the end `disarm` takes back what of it has not come.
    pub fn text(&self, crash: &str, disarm: &str) -> String {
        let Self { before, after, .. } = self;
        format!("{before}{crash}\n{after}wait 1s\n{disarm}\n{END}")
    }
}

/// All faults are lifted, everybody lives, answers, and shows its chain.
const END: &str = "\
heal
disk all heal
restart all
stabilize
get c1 a
get c2 b
get c1 k7
put c2 last 1
stabilize
printBlockchain s1
printBlockchain s2
printBlockchain s3
";

/// An election, 20 puts of two clients, changes of leaders, servers that were away and catch up. Whoever is dead is started
/// again twice on the way.
pub const WHOLE_STORY: Scenario = Scenario {
    name: "the whole story",
    before: "\
cluster servers=3 clients=3
",
    after: "\
put c1 k1 v1
put c2 k2 v2
put c1 k3 v3
put c2 k4 v4
put c1 k5 v5
isolate s1
put c2 k6 v6
put c1 k7 v7
put c2 k8 v8
put c1 k9 v9
printBlockchain s1
heal
restart all
put c2 k10 v10
put c1 k11 v11
put c2 k12 v12
nominate s2
put c1 k13 v13
get c2 k1
put c2 k14 v14
par
put c1 k15 v15
put c2 k16 v16
nominate s1
end
printBlockchain s2
restart all
isolate s3
put c1 k17 v17
put c2 k18 v18
put c1 k19 v19
put c2 k20 v20
printBlockchain s3
",
    least_answers: 12,
};

/// The leader s3 counts on s2, and is then alone: the other two go on without it.
pub const COUNTED_ON: Scenario = Scenario {
    name: "a follower is counted on",
    before: "\
cluster servers=3 clients=2
put c1 a 1
isolate s1
",
    after: "\
put c1 b 2
isolate s3
restart all
mend s1 s2
mend s1,s2 c1,c2
put c2 c 3
printBlockchain s1
",
    least_answers: 2,
};

/// s2 promises s3 its ballot, and is then asked by s1, which led before and has heard of nothing. s1 hears of the ballot
/// only when it has decided.
pub const PROMISED: Scenario = Scenario {
    name: "a promise keeps the leader before out",
    before: "\
cluster servers=3 clients=2
joinClient c2 s3
nominate s1
put c1 a 1
cut s1 s3
",
    after: "\
nominate s3
async y = put c2 y Y
wait 10ms
restart all
put c1 x X
printBlockchain s1
mend s1 s3
await y
",
    least_answers: 2,
};

/// s3 leads with a ballot that its slow disk does not hold yet, and only s2 accepts something under it. Then s3 crashes, and
/// leads again, with s1. When it is alone, s1 and s2 find out which of their logs is the later one.
pub const PREPARED: Scenario = Scenario {
    name: "a ballot is not used twice",
    before: "\
cluster servers=3 clients=2
nominate s1
put c1 a 1
joinClient c1 s3
joinClient c2 s3
cut s1 s3
disk s3 slow 50ms
",
    after: "\
nominate s3
async y = put c2 y Y
wait 20ms
restart all
cut s2 s3
mend s1 s3
nominate s3
put c1 z Z
printBlockchain s3
isolate s3
nominate s2
await y
printBlockchain s2
",
    least_answers: 2,
};

/// The leader s3 counts itself among those that have accepted before its slow disk holds anything; with it only s1 has. When
/// it has crashed, it goes on with s2.
pub const SLOW_LEADER: Scenario = Scenario {
    name: "a leader with a slow disk decides",
    before: "\
cluster servers=3 clients=3
nominate s3
put c1 a 1
joinClient c1 s3
joinClient c2 s3
isolate s2
disk s3 slow 50ms
",
    after: "\
par
put c1 b 2
cas c2 a 1 2
get c3 none
end
get c3 b
printBlockchain s1
isolate s1
mend s2 s3
mend s2,s3 c1,c2,c3
restart all
put c3 d 4
printBlockchain s3
",
    least_answers: 3,
};

/// s2 hears only s3, which answers its question about decided blocks while its slow disk does not hold the last of them. When
/// it has crashed, it leads again, with s2.
pub const SLOW_SOURCE: Scenario = Scenario {
    name: "a leader with a slow disk is asked for blocks",
    before: "\
cluster servers=3 clients=2
nominate s3
drop accept s3 -> s2
cut s1 s2
hold pull s2 -> s3
put c1 a 1
wait 1s
disk s3 slow 50ms
",
    after: "\
async b = put c1 b 2
wait 4ms
release pull s2 -> s3
wait 10ms
heal
isolate s1
restart all
nominate s3
put c2 z Z
printBlockchain s2
printBlockchain s3
",
    least_answers: 2,
};

/// All of them.
pub const SCENARIOS: &[Scenario] = &[WHOLE_STORY, COUNTED_ON, PROMISED, PREPARED, SLOW_LEADER, SLOW_SOURCE];
