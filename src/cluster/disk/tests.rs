//! What survives which death, under which fault; when outputs happen on a slow disk; which faults did nothing.

use super::*;
use crate::base::NodeName;
use crate::machine::Payload;
use crate::node::log::MemoryFolder;

const LINE: usize = 7;

/// A node and its disk in memory: it writes its files, and says so.
struct Bench {
    disk: Disk,
    folder: MemoryFolder,
}

fn name(text: &str) -> FileName {
    serde_json::from_value(text.into()).expect("the name of a file")
}

impl Bench {
    fn new() -> Self {
        let folder = MemoryFolder::default();
        Self { disk: Disk::new(NodeFiles::Memory(folder.clone())).unwrap(), folder }
    }

    /// Writes so many bytes at the end of a file, and says so.
    fn append(&mut self, file: &str, bytes: usize) -> &mut Self {
        let length = self.write(file, bytes);
        self.disk.apply(&DiskOutput::Append { file: name(file), length }).unwrap();
        self
    }

    /// Writes so many bytes at the end of a file, and says nothing. Returns the file's length.
    fn write(&mut self, file: &str, bytes: usize) -> u64 {
        self.folder.with(|files| {
            let content = files.entry(file.to_owned()).or_default();
            content.resize(content.len() + bytes, 7);
            content.len() as u64
        })
    }

    fn sync(&mut self, file: &str) -> &mut Self {
        self.disk.apply(&DiskOutput::Sync { file: name(file) }).unwrap();
        self
    }

    fn truncate(&mut self, file: &str, length: u64) -> &mut Self {
        self.folder.with(|files| files.get_mut(file).unwrap().truncate(usize::try_from(length).unwrap()));
        self.disk.apply(&DiskOutput::Truncate { file: name(file), length }).unwrap();
        self
    }

    fn order(&mut self, fault: DiskFault) -> &mut Self {
        assert_eq!(self.disk.order(fault, LINE).unwrap(), [], "the fault that this one replaces did something");
        self
    }

    /// The texts of the faults that did nothing, of those that this order lifts or is.
    fn idle_after(&mut self, fault: DiskFault) -> Vec<String> {
        self.disk.order(fault, 9).unwrap().into_iter().map(|idle| idle.text.into_owned()).collect()
    }

    fn die(&mut self, death: Death) -> Remains {
        let remains = self.disk.survive(death).unwrap();
        let lengths: Vec<_> = remains.files.iter().map(|(file, length)| (file.to_string(), *length)).collect();
        assert_eq!(lengths, self.lengths(), "what is said to be left is what is left");
        remains
    }

    /// What a death leaves: each file with its length; and each loss, `log 2` or `log 1 torn at 15`.
    fn left_by(&mut self, death: Death) -> (Vec<(String, u64)>, Vec<String>) {
        let Remains { losses, .. } = self.die(death);
        let shown = |Loss { file, appends, torn }: Loss| {
            format!("{file} {appends}{}", torn.map(|at| format!(" torn at {at}")).unwrap_or_default())
        };
        (self.lengths(), losses.into_iter().map(shown).collect())
    }

    fn lengths(&self) -> Vec<(String, u64)> {
        self.folder.with(|files| files.iter().map(|(file, bytes)| (file.clone(), bytes.len() as u64)).collect())
    }

    fn claim(&mut self, output: &DiskOutput) -> String {
        match self.disk.apply(output) {
            Err(DiskError::Claim(text)) => text,
            other => panic!("{output:?} is refused: {other:?}"),
        }
    }
}

fn log(length: u64) -> Vec<(String, u64)> {
    vec![("log".to_owned(), length)]
}

fn no_losses() -> Vec<String> {
    Vec::new()
}

const CRASHES: [Death; 2] = [Death::Crashed, Death::CrashedAfter { outputs: 3, place: 3 }];

// What survives.

#[test]
fn a_kill_leaves_what_was_appended_and_a_crash_what_was_synced() {
    for death in [Death::Killed, Death::Refused] {
        let mut bench = Bench::new();
        bench.append("log", 10).sync("log").append("log", 5).append("log", 3);
        assert_eq!(bench.left_by(death), (log(18), no_losses()), "{death:?}");
    }
    for death in CRASHES {
        let mut bench = Bench::new();
        bench.append("log", 10).sync("log").append("log", 5).append("log", 3);
        assert_eq!(bench.left_by(death), (log(10), vec!["log 2".to_owned()]), "{death:?}");
        assert_eq!(bench.left_by(death), (log(10), no_losses()), "it is lost only once");
    }
}

#[test]
fn what_a_kill_left_unsynced_a_later_crash_takes() {
    let mut bench = Bench::new();
    bench.append("log", 10).sync("log").append("log", 5);
    assert_eq!(bench.left_by(Death::Killed), (log(15), no_losses()));
    assert_eq!(bench.left_by(Death::Crashed), (log(10), vec!["log 1".to_owned()]));
}

#[test]
fn what_a_kill_left_unsynced_a_later_sync_saves() {
    let mut bench = Bench::new();
    bench.append("log", 10);
    bench.die(Death::Killed);
    bench.append("log", 5).sync("log");
    assert_eq!(bench.left_by(Death::Crashed), (log(15), no_losses()));
}

#[test]
fn a_file_that_was_never_synced_is_left_empty() {
    let mut bench = Bench::new();
    bench.append("log", 10).append("vote", 1).sync("vote");
    let left = vec![("log".to_owned(), 0), ("vote".to_owned(), 1)];
    assert_eq!(bench.left_by(Death::Crashed), (left, vec!["log 1".to_owned()]));
}

#[test]
fn a_sync_is_of_its_file_only() {
    let mut bench = Bench::new();
    bench.append("log", 10).append("vote", 4).sync("log").append("vote", 4);
    let left = vec![("log".to_owned(), 10), ("vote".to_owned(), 0)];
    assert_eq!(bench.left_by(Death::Crashed), (left, vec!["vote 2".to_owned()]));
}

/// It is not to depend on luck how much of it the node had written.
#[test]
fn what_a_node_wrote_and_never_said_is_gone_after_any_death() {
    for death in [Death::Killed, Death::Crashed, Death::Refused] {
        let mut bench = Bench::new();
        bench.append("log", 10).sync("log");
        bench.write("log", 5);
        bench.write("notes", 5);
        assert_eq!(bench.left_by(death), (log(10), no_losses()), "{death:?}");
    }
}

#[test]
fn what_was_cut_off_is_gone_at_once_and_for_good() {
    let mut bench = Bench::new();
    bench.append("log", 10).sync("log").append("log", 5).truncate("log", 12);
    assert_eq!(bench.left_by(Death::Killed), (log(12), no_losses()));
    let mut bench = Bench::new();
    bench.append("log", 10).sync("log").append("log", 5).truncate("log", 12);
    assert_eq!(bench.left_by(Death::Crashed), (log(10), vec!["log 1".to_owned()]), "two bytes were not synced");
    let mut bench = Bench::new();
    bench.append("log", 10).sync("log").truncate("log", 4);
    assert_eq!(bench.left_by(Death::Crashed), (log(4), no_losses()));
    let mut bench = Bench::new();
    bench.append("log", 10).sync("log").truncate("log", 4).append("log", 3).sync("log");
    assert_eq!(bench.left_by(Death::Crashed), (log(7), no_losses()));
}

#[test]
fn a_renamed_file_takes_its_state_along_and_replaces_the_other() {
    let mut bench = Bench::new();
    bench.append("vote", 3).sync("vote").append("vote.new", 5).sync("vote.new").append("vote.new", 2);
    bench.disk.apply(&DiskOutput::Rename { file: name("vote.new"), to: name("vote") }).unwrap();
    assert_eq!(bench.lengths(), [("vote".to_owned(), 7)]);
    assert_eq!(bench.left_by(Death::Crashed), (vec![("vote".to_owned(), 5)], vec!["vote 1".to_owned()]));
}

// Faults and what survives.

#[test]
fn under_a_lie_no_sync_is_done_until_it_is_lifted_and_a_later_sync_makes_up_for_it() {
    let mut bench = Bench::new();
    bench.append("log", 10).sync("log").order(DiskFault::Lie).append("log", 5).sync("log").append("log", 5);
    assert_eq!(bench.left_by(Death::Crashed), (log(10), vec!["log 2".to_owned()]));
    bench.append("log", 5).sync("log");
    bench.die(Death::Killed);
    assert_eq!(bench.lengths(), log(15), "a kill takes nothing, under a lie too");
    bench.order(DiskFault::Heal).append("log", 1).sync("log");
    assert_eq!(bench.left_by(Death::Crashed), (log(16), no_losses()), "the first true sync saves all");
}

#[test]
fn a_tear_is_in_the_middle_of_the_last_append_of_each_file() {
    let mut bench = Bench::new();
    bench.append("log", 10).sync("log").append("log", 4).append("log", 6).append("vote", 3).order(DiskFault::Torn);
    let left = vec![("log".to_owned(), 17), ("vote".to_owned(), 1)];
    let losses = vec!["log 1 torn at 17".to_owned(), "vote 1 torn at 1".to_owned()];
    assert_eq!(bench.left_by(Death::Crashed), (left, losses));
    bench.append("log", 8);
    assert_eq!(bench.left_by(Death::Crashed).1, ["log 1"], "only the next crash tears");
}

#[test]
fn a_tear_waits_for_a_crash_and_a_kill_is_none() {
    let mut bench = Bench::new();
    bench.order(DiskFault::Torn).append("log", 8);
    assert_eq!(bench.left_by(Death::Killed), (log(8), no_losses()));
    assert_eq!(bench.left_by(Death::Crashed), (log(4), vec!["log 1 torn at 4".to_owned()]));
}

#[test]
fn a_tear_that_found_nothing_says_so_and_is_over() {
    let mut bench = Bench::new();
    bench.order(DiskFault::Torn).append("log", 8).sync("log");
    let idle = bench.die(Death::Crashed).idle;
    assert_eq!(idle, Some(Idle { line: LINE, text: NOTHING_TORN.into() }));
    assert_eq!(bench.disk.idle(), []);
    bench.append("log", 8);
    assert_eq!(bench.left_by(Death::Crashed), (log(8), vec!["log 1".to_owned()]));
}

#[test]
fn a_torn_end_may_be_cut_off_by_a_node_that_then_ends_by_itself() {
    let mut bench = Bench::new();
    bench.order(DiskFault::Torn).append("log", 10).sync("log").append("log", 8);
    assert_eq!(bench.left_by(Death::Crashed).0, log(14));
    bench.folder.with(|files| files.get_mut("log").unwrap().truncate(10));
    assert_eq!(bench.left_by(Death::Refused), (log(10), no_losses()));
}

#[test]
fn a_flip_changes_one_bit_of_the_log_and_a_second_one_changes_it_back() {
    let mut bench = Bench::new();
    bench.append("log", 3).order(DiskFault::Flip { offset: 1 });
    bench.folder.with(|files| assert_eq!(files["log"], [7, 6, 7]));
    bench.order(DiskFault::Flip { offset: 1 });
    bench.folder.with(|files| assert_eq!(files["log"], [7, 7, 7]));
    assert_eq!(
        bench.idle_after(DiskFault::Flip { offset: 3 }),
        ["`flip` did nothing: the file `log` has no byte there"]
    );
}

#[test]
fn a_flip_where_a_node_only_says_that_there_is_something_does_nothing() {
    let mut bench = Bench::new();
    bench.disk.apply(&DiskOutput::Append { file: name("log"), length: 5 }).unwrap();
    assert_eq!(
        bench.idle_after(DiskFault::Flip { offset: 1 }),
        ["`flip` did nothing: the file `log` has no byte there"]
    );
}

#[test]
fn a_wiped_disk_holds_nothing() {
    let mut bench = Bench::new();
    bench.append("log", 8).sync("log").append("vote", 1);
    bench.die(Death::Killed);
    bench.order(DiskFault::Wipe);
    assert_eq!(bench.lengths(), []);
    assert_eq!(bench.idle_after(DiskFault::Wipe), ["`wipe` did nothing: there was nothing on the disk"]);
    bench.append("log", 2).sync("log");
    assert_eq!(bench.left_by(Death::Crashed), (log(2), no_losses()));
}

// Claims that cannot be.

#[test]
fn what_a_node_cannot_have_done_is_refused() {
    let file = || name("log");
    let mut bench = Bench::new();
    for output in [
        DiskOutput::Sync { file: file() },
        DiskOutput::Rename { file: file(), to: name("other") },
        DiskOutput::Truncate { file: file(), length: 0 },
    ] {
        assert_eq!(bench.claim(&output), "it has no file `log`: nothing was appended to it");
    }
    bench.append("log", 5);
    let grown = |length| DiskOutput::Append { file: file(), length };
    let text = |length| {
        format!(
            "it appended to the file `log`, which had 5 bytes and has {length} after it; `length` is that of the whole file"
        )
    };
    assert_eq!(bench.claim(&grown(5)), text(5));
    assert_eq!(bench.claim(&grown(4)), text(4));
    let cut = DiskOutput::Truncate { file: file(), length: 6 };
    assert_eq!(bench.claim(&cut), "it cut the file `log` off after 6 bytes, and it had 5");
    assert_eq!(bench.left_by(Death::Killed), (log(5), no_losses()), "nothing came of what was refused");
}

#[test]
fn a_file_that_is_shorter_than_its_node_said_is_found_at_its_death_and_when_it_is_renamed() {
    for written in [0, 4] {
        let mut bench = Bench::new();
        bench.write("log", written);
        bench.disk.apply(&DiskOutput::Append { file: name("log"), length: 5 }).unwrap();
        let expected = format!("it said that its file `log` has 5 bytes, and it has {written}");
        assert_eq!(bench.claim(&DiskOutput::Rename { file: name("log"), to: name("other") }), expected);
        for death in [Death::Killed, Death::Crashed] {
            assert_eq!(bench.disk.survive(death).unwrap_err().to_string(), expected, "{death:?}");
        }
    }
}

impl Bench {
    /// The line that is to blame.
    fn blamed(&mut self, life: Life) -> Option<usize> {
        self.disk.blame(life).map(|blame| blame.line)
    }
}

#[test]
fn a_disk_begins_empty() {
    let mut bench = Bench::new();
    bench.write("log", 1);
    assert!(Disk::new(NodeFiles::Memory(bench.folder.clone())).is_err());
}

// Faults that did nothing, and who is to blame.

#[test]
fn each_fault_that_did_nothing_is_told_when_it_is_lifted_or_replaced_and_at_the_end() {
    let slow = DiskFault::Slow { by: Span::milliseconds(5) };
    let mut bench = Bench::new();
    for (fault, text) in [
        (DiskFault::Lie, "`lie` did nothing: no sync was left undone"),
        (DiskFault::Torn, "`torn` did nothing: the power did not fail"),
        (DiskFault::Full, "`full` did nothing: the server did not end by it"),
        (slow, "`slow` did nothing: no sync was slowed down"),
    ] {
        bench.order(fault);
        let told = Idle { line: LINE, text: text.into() };
        assert_eq!(bench.disk.idle(), std::slice::from_ref(&told));
        assert_eq!(bench.disk.order(fault, 8).unwrap(), [told], "another one takes its place");
        assert_eq!(bench.idle_after(DiskFault::Heal), [text]);
        assert_eq!(bench.disk.idle(), []);
        assert_eq!(bench.idle_after(DiskFault::Heal), ["`heal` did nothing: the disk has no fault that it lifts"]);
    }
}

#[test]
fn a_fault_that_did_something_is_not_told() {
    let mut bench = Bench::new();
    bench.order(DiskFault::Lie).order(DiskFault::Full).append("log", 2).sync("log");
    assert_eq!(bench.blamed(Life::Running), Some(LINE));
    assert_eq!(bench.disk.idle(), []);
    assert_eq!(bench.idle_after(DiskFault::Heal), no_losses());
}

#[test]
fn a_sync_of_what_is_synced_already_is_none_that_a_lie_leaves_undone() {
    let mut bench = Bench::new();
    bench.append("log", 2).sync("log").order(DiskFault::Lie).sync("log");
    assert_eq!(bench.idle_after(DiskFault::Heal), ["`lie` did nothing: no sync was left undone"]);
}

#[test]
fn a_node_may_end_because_its_disk_is_full_or_at_its_start_because_of_what_is_on_it() {
    let mut bench = Bench::new();
    bench.append("log", 2).sync("log").order(DiskFault::Lie);
    assert_eq!((bench.blamed(Life::Starting), bench.blamed(Life::Running)), (None, None));
    bench.order(DiskFault::Flip { offset: 0 });
    assert_eq!((bench.blamed(Life::Starting), bench.blamed(Life::Running)), (Some(LINE), None));
    bench.disk.order(DiskFault::Full, 8).unwrap();
    assert_eq!((bench.blamed(Life::Starting), bench.blamed(Life::Running)), (Some(8), Some(8)));
    assert_eq!(bench.disk.room(), Room::Full);
    bench.disk.order(DiskFault::Heal, 9).unwrap();
    assert_eq!(bench.disk.room(), Room::Space);
    assert_eq!((bench.blamed(Life::Starting), bench.blamed(Life::Running)), (Some(LINE), None));
}

// Slow disks.

fn send(kind: &str) -> Effect {
    Effect::Send { to: NodeName::client(1), payload: Payload::text(kind, "{}") }
}

fn early(kind: &str) -> Effect {
    Effect::SendEarly { to: NodeName::server(2), payload: Payload::text(kind, "{}") }
}

fn timer() -> Effect {
    Effect::SetTimer { id: "t".into(), after: Span(1) }
}

/// The outputs of a step that keeps something: a frame that ends at `length`.
fn keeping(length: u64, others: impl IntoIterator<Item = Effect>) -> Vec<Effect> {
    let append = Effect::Disk(DiskOutput::Append { file: name("log"), length });
    let sync = Effect::Disk(DiskOutput::Sync { file: name("log") });
    [append, early("early"), sync].into_iter().chain(others).collect()
}

impl Bench {
    /// What happens when of a step at `now`, in milliseconds; appends are carried out.
    fn schedule(&mut self, now: u64, effects: Vec<Effect>) -> Vec<String> {
        let now = Time(0) + Span::milliseconds(now);
        let scheduled = self.disk.schedule(now, effects.into_iter());
        scheduled.into_iter().map(|when| self.shown(when)).collect()
    }

    fn shown(&mut self, when: When) -> String {
        let of_effect = |effect: &Effect| match effect {
            Effect::Send { payload, .. } | Effect::SendEarly { payload, .. } => payload.kind().to_owned(),
            Effect::SetTimer { id, .. } => format!("set {id}"),
            Effect::Disk(output) => output.to_string(),
            Effect::CancelTimer { .. } | Effect::Complete(_) => panic!("no step here holds {effect:?}"),
        };
        match when {
            When::Now(effect) => {
                if let Effect::Disk(output @ DiskOutput::Append { .. }) = &effect {
                    self.disk.apply(output).unwrap();
                }
                format!("now {}", of_effect(&effect))
            }
            When::At(at, Waiting::Synced(file, length)) => format!("{at} synced {file} {length}"),
            When::At(at, Waiting::Effect(effect)) => format!("{at} {}", of_effect(&effect)),
        }
    }
}

fn slow(milliseconds: u64) -> DiskFault {
    DiskFault::Slow { by: Span::milliseconds(milliseconds) }
}

#[test]
fn on_a_slow_disk_the_sync_takes_its_time_and_what_follows_waits_for_it() {
    let mut bench = Bench::new();
    bench.order(slow(50));
    assert_eq!(
        bench.schedule(0, keeping(512, [send("answer"), timer()])),
        ["now append log", "now early", "0.050000 synced log 512", "0.050000 answer", "now set t"]
    );
    assert_eq!(bench.disk.idle(), []);
}

#[test]
fn steps_that_overlap_wait_one_after_the_other_and_a_sync_is_of_its_own_length() {
    let mut bench = Bench::new();
    bench.order(slow(50));
    bench.schedule(0, keeping(512, [send("first")]));
    assert_eq!(
        bench.schedule(20, keeping(1024, [send("second")])),
        ["now append log", "now early", "0.100000 synced log 1024", "0.100000 second"]
    );
    assert_eq!(bench.schedule(30, vec![send("third"), early("fourth")]), ["0.100000 third", "now fourth"]);
    bench.write("log", 1024);
    bench.disk.synced(&name("log"), 512);
    assert_eq!(bench.left_by(Death::Crashed), (log(512), vec!["log 1".to_owned()]), "between the two");
}

#[test]
fn a_disk_that_is_ready_and_one_that_was_healed_hold_nothing_up() {
    let mut bench = Bench::new();
    bench.order(slow(50));
    bench.schedule(0, keeping(512, []));
    assert_eq!(bench.schedule(50, vec![send("answer")]), ["now answer"]);
    bench.order(DiskFault::Heal);
    let at = |milliseconds| Time(0) + Span::milliseconds(milliseconds);
    assert!(bench.disk.is_slow(at(49)) && !bench.disk.is_slow(at(50)));
}

/// What a healed disk has begun still takes its time, and nothing overtakes it.
#[test]
fn what_was_begun_before_a_heal_is_waited_for() {
    let mut bench = Bench::new();
    bench.order(slow(50));
    bench.schedule(0, keeping(512, []));
    bench.order(DiskFault::Heal);
    assert_eq!(
        bench.schedule(10, keeping(1024, [send("answer")])),
        ["now append log", "now early", "0.050000 synced log 1024", "0.050000 answer"]
    );
}

/// An answer that overtook its sync would be of something that a crash can still take.
#[test]
fn no_time_is_no_delay_and_keeps_the_order() {
    let mut bench = Bench::new();
    bench.order(slow(0));
    assert_eq!(
        bench.schedule(0, keeping(512, [send("answer")])),
        ["now append log", "now early", "now sync log", "now answer"]
    );
}

#[test]
fn neither_a_rename_nor_a_cut_waits() {
    let mut bench = Bench::new();
    bench.order(slow(50));
    let others = [
        Effect::Disk(DiskOutput::Rename { file: name("log"), to: name("old") }),
        Effect::Disk(DiskOutput::Truncate { file: name("log"), length: 100 }),
        Effect::Disk(DiskOutput::Sync { file: name("log") }),
    ];
    assert_eq!(
        bench.schedule(0, keeping(512, others))[2..],
        ["0.050000 synced log 512", "now rename log old", "now truncate log", "0.100000 synced log 100"]
    );
}

#[test]
fn a_sync_of_what_was_cut_off_meanwhile_saves_what_is_left() {
    let mut bench = Bench::new();
    bench.append("log", 20).truncate("log", 8);
    bench.disk.synced(&name("log"), 20);
    assert_eq!(bench.left_by(Death::Crashed), (log(8), no_losses()));
}

#[test]
fn a_sync_of_a_file_that_is_not_there_is_refused_at_once() {
    let mut bench = Bench::new();
    bench.order(slow(50));
    let sync = Effect::Disk(DiskOutput::Sync { file: name("none") });
    assert_eq!(bench.schedule(0, vec![sync, send("answer")]), ["now sync none", "now answer"]);
}

#[test]
fn death_is_the_end_of_what_a_slow_disk_had_begun() {
    let mut bench = Bench::new();
    bench.order(slow(50));
    bench.schedule(0, keeping(512, [send("answer")]));
    bench.write("log", 512);
    assert_eq!(bench.left_by(Death::Crashed), (log(0), vec!["log 1".to_owned()]));
    assert_eq!(bench.schedule(1, vec![send("of the next life")]), ["now of the next life"]);
}
