//! The log as a gossip server writes it: cut and flipped at every byte, another's, full, locked, and where none can be.

use std::fs;
use std::path::{Path, PathBuf};

use super::*;
use crate::base::{Incarnation, Span, Time};
use crate::machine::{AnyInput, Payload};
use crate::node::effect::Effect;
use crate::node::program;
use crate::node::shell::{Shell, ShellError, Storage};
use crate::protocol::PROTOCOLS;
use crate::wire::control::{Init, Inspect, LOCKSTEP, Part, Timeouts, Variant};
use crate::wire::request::{Request, Write};

const SERVER: NodeName = NodeName::server(1);
const CLIENT: NodeName = NodeName::client(9);

/// The disk of a server, which is in memory.
#[derive(Default)]
struct Disk(MemoryFolder);

impl Disk {
    fn holding(bytes: &[u8]) -> Self {
        let disk = Self::default();
        disk.0.with(|files| files.insert("log".to_owned(), bytes.to_vec()));
        disk
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.with(|files| files.get("log").cloned().unwrap_or_default())
    }

    fn medium(&self) -> Box<dyn Medium> {
        Box::new(self.0.file("log"))
    }

    /// The log as its owner opens it.
    fn open(&self) -> Result<Opened, LogError> {
        self.open_as(&owner())
    }

    fn open_as(&self, owner: &Owner) -> Result<Opened, LogError> {
        Log::open(self.medium(), Opening { owner, room: Room::Space, place: "data/log".to_owned() })
    }

    /// A gossip server on this disk, and what it put out at its start.
    fn server(&self, room: Room) -> Result<(Shell, Vec<Effect>), ShellError> {
        let storage = Storage { medium: self.medium(), cluster: "main".to_owned(), place: "data/log".to_owned() };
        let init = Init {
            msg_id: 1,
            node_id: SERVER,
            node_ids: vec![SERVER],
            lockstep: Some(LOCKSTEP),
            seed: 1,
            incarnation: Incarnation(0),
            timeouts: Some(Timeouts { retry: Span::milliseconds(300), election: Span::milliseconds(300) }),
            variant: Variant::default(),
            disk: room,
        };
        let mut effects = Vec::new();
        let program = program::server(&PROTOCOLS[0]);
        let shell = Shell::start(&program, Some(storage), init, Time(0), &mut effects)?;
        Ok((shell, effects))
    }

    /// The sentence with which the log is refused; nothing is changed by that.
    fn refusal_for(&self, owner: &Owner) -> String {
        let before = self.bytes();
        let error = self.open_as(owner).err().expect("it is refused");
        assert!(self.bytes() == before, "it was changed, and refused: {error}");
        error.to_string()
    }
}

fn owner() -> Owner {
    Owner::new("gossip", "main", SERVER)
}

fn put(shell: &mut Shell, number: u64, value: &str) -> Result<Vec<Effect>, ShellError> {
    let write = Write { msg_id: number, session: 0, key: "k".into(), value: value.into(), clock: 0 };
    let payload = Payload::request(Request::Write(write));
    let mut effects = Vec::new();
    shell.step(Time(0), AnyInput::Message { from: CLIENT, payload: &payload }, &mut effects)?;
    Ok(effects)
}

fn blocks(shell: &Shell) -> usize {
    let answer = shell.inspect(&Inspect { msg_id: 1, part: Part::Chain, skip: 0 }).expect("a server has a chain");
    answer.chain.expect("it was asked for").len()
}

/// The disk of a server that has taken three writes, the second of which fills several sectors; and where the frames
/// end: its life's, and those of the writes.
fn written() -> (Vec<u8>, Vec<usize>) {
    let disk = Disk::default();
    let (mut server, _) = disk.server(Room::Space).unwrap();
    let mut ends = vec![disk.bytes().len()];
    for (number, value) in (1..).zip(["small", &"large".repeat(200), "last"]) {
        put(&mut server, number, value).unwrap();
        ends.push(disk.bytes().len());
    }
    (disk.bytes(), ends)
}

/// The text that says how the disk was changed at the start of a server.
fn disk_outputs(effects: &[Effect]) -> Vec<String> {
    let shown = |effect: &Effect| match effect {
        Effect::Disk(DiskOutput::Append { length, .. }) => Some(format!("append {length}")),
        Effect::Disk(DiskOutput::Truncate { length, .. }) => Some(format!("truncate {length}")),
        Effect::Disk(other) => Some(other.to_string()),
        Effect::Send { .. }
        | Effect::SendEarly { .. }
        | Effect::SetTimer { .. }
        | Effect::CancelTimer { .. }
        | Effect::Complete(_) => None,
    };
    effects.iter().filter_map(shown).collect()
}

#[test]
fn frames_are_one_a_step_and_aligned() {
    let (log, ends) = written();
    assert_eq!(ends, [512, 1024, 1024 + 3 * 512, 1024 + 4 * 512]);
    assert_eq!(log.len(), ends[3]);
}

#[test]
fn a_log_cut_at_every_byte_of_its_last_frame_is_recovered_and_goes_on() {
    let (log, ends) = written();
    let kept = ends[2];
    for end in kept..ends[3] {
        let disk = Disk::holding(&log[..end]);
        let (mut server, effects) = disk.server(Room::Space).unwrap_or_else(|error| panic!("cut at {end}: {error}"));
        assert_eq!(blocks(&server), 2, "cut at {end}: all but the write of the torn frame");
        let next = kept + 512;
        let appended = [format!("append {next}"), "sync log".to_owned()];
        let cut: Vec<_> = (end > kept).then(|| format!("truncate {kept}")).into_iter().collect();
        assert_eq!(disk_outputs(&effects), [cut, appended.to_vec()].concat(), "cut at {end}");
        put(&mut server, 9, "after").unwrap();
        drop(server);
        let (server, effects) = disk.server(Room::Space).expect("the log goes on without a gap");
        assert_eq!((blocks(&server), disk_outputs(&effects).len()), (3, 2), "cut at {end}: nothing is torn any more");
    }
}

/// The whole first frame may be what is torn: then there is nothing yet, and the log becomes its owner's.
#[test]
fn a_log_cut_at_every_byte_of_its_first_frame_begins_anew() {
    let (log, ends) = written();
    for end in 0..ends[0] {
        let disk = Disk::holding(&log[..end]);
        let (server, _) = disk.server(Room::Space).unwrap_or_else(|error| panic!("cut at {end}: {error}"));
        assert_eq!((blocks(&server), disk.bytes().len()), (0, 512), "cut at {end}");
        drop(server);
        assert!(disk.open().is_ok(), "cut at {end}");
    }
}

#[test]
fn a_flip_at_every_byte_before_the_last_frame_is_refused_with_its_place() {
    let (log, ends) = written();
    for at in 0..ends[2] {
        let mut flipped = log.clone();
        flipped[at] ^= 1;
        let frame = ends.iter().position(|end| at < *end).unwrap();
        let (offset, good) = (if frame == 0 { 0 } else { ends[frame - 1] }, ends[frame]);
        let expected = format!(
            "data/log: the frame at offset {offset} is corrupt, and a later one is whole, at offset {good}: no loss of \
             power leaves that. Nothing was changed; put a good copy in its place, or take an empty folder"
        );
        assert_eq!(Disk::holding(&flipped).refusal_for(&owner()), expected, "byte {at}");
    }
}

#[test]
fn a_flip_in_the_last_frame_is_a_torn_end() {
    let (log, ends) = written();
    for at in ends[2]..ends[3] {
        let mut flipped = log.clone();
        flipped[at] ^= 1;
        let disk = Disk::holding(&flipped);
        assert_eq!(blocks(&disk.server(Room::Space).unwrap().0), 2, "byte {at}");
        assert_eq!(disk.bytes()[..ends[2]], log[..ends[2]], "byte {at}");
    }
}

#[test]
fn the_log_of_another_is_refused() {
    let disk = Disk::holding(&written().0);
    let refusal = |owner: Owner| disk.refusal_for(&owner);
    insta::assert_snapshot!(refusal(Owner::new("gossip", "main", NodeName::server(2))), @r#"data/log: it belongs to server 1 of the cluster "main", which runs gossip; this is server 2 of the cluster "main", which runs gossip. Nothing was changed; each server needs a folder of its own"#);
    insta::assert_snapshot!(refusal(Owner::new("gossip", "test", SERVER)), @r#"data/log: it belongs to server 1 of the cluster "main", which runs gossip; this is server 1 of the cluster "test", which runs gossip. Nothing was changed; each server needs a folder of its own"#);
    insta::assert_snapshot!(refusal(Owner::new("raft", "main", SERVER)), @r#"data/log: it belongs to server 1 of the cluster "main", which runs gossip; this is server 1 of the cluster "main", which runs raft. Nothing was changed; each server needs a folder of its own"#);
}

/// Its torn end is another's too.
#[test]
fn the_torn_log_of_another_is_left_as_it_is() {
    let (log, ends) = written();
    let disk = Disk::holding(&log[..ends[3] - 1]);
    assert!(disk.refusal_for(&Owner::new("gossip", "test", SERVER)).contains("it belongs to server 1"));
}

#[test]
fn a_log_of_another_format_and_what_is_no_log_are_refused() {
    let founded_by = |record: &str| {
        let mut log = Vec::new();
        frame::write(0, &[record.as_bytes().to_vec()], &mut log);
        log
    };
    for bytes in [
        founded_by(r#"{"format":2,"protocol":"gossip","cluster":"main","node":"s1"}"#),
        founded_by(r#"{"type":"life","incarnation":0}"#),
        founded_by("\0"),
        b"2026-01-01 12:00:00 started\n".to_vec(),
        b"SBF2".repeat(200),
    ] {
        insta::allow_duplicates! {
            insta::assert_snapshot!(Disk::holding(&bytes).refusal_for(&owner()), @"data/log: this is no log of splitbrain's of format 1. Nothing was changed; each server needs a folder of its own");
        }
    }
}

#[test]
fn a_full_disk_refuses_appends_until_there_is_room_and_loses_nothing() {
    let disk = Disk::default();
    let (mut server, _) = disk.server(Room::Space).unwrap();
    put(&mut server, 1, "before").unwrap();
    let before = disk.bytes();
    server.set_room(Room::Full);
    let error = put(&mut server, 2, "refused").unwrap_err();
    insta::assert_snapshot!(error.to_string(), @"data/log: could not append to it: no storage space; nothing that was acknowledged is lost");
    assert!(disk.bytes() == before);
    drop(server);
    assert!(disk.server(Room::Full).is_err(), "a life that cannot be kept does not begin");
    assert!(disk.bytes() == before);
    let (server, effects) = disk.server(Room::Space).unwrap();
    assert_eq!((blocks(&server), disk_outputs(&effects)), (1, vec!["append 1536".to_owned(), "sync log".to_owned()]));
}

/// A file in a folder of this machine, opened.
fn folder(path: &Path) -> Result<FileMedium, String> {
    FileMedium::open(path, "log").map_err(|error| error.to_string())
}

#[test]
fn a_folder_is_one_nodes_at_a_time() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("made/for/it");
    let mut first = folder(&path).unwrap();
    first.append(b"abc").unwrap();
    let expected = format!(
        "the data folder {} is in use: this server runs already, or another one has it; each server needs a folder of its own",
        path.display()
    );
    assert_eq!(folder(&path).err(), Some(expected));
    drop(first);
    assert_eq!(folder(&path).unwrap().read().unwrap(), b"abc");
}

/// Permissions mean nothing to root, under whom tests may run; these places take no file from anybody.
#[test]
fn where_no_file_can_be_it_is_said_what_could_not_be_done_where() {
    let temporary = tempfile::tempdir().unwrap();
    let file = temporary.path().join("file");
    fs::write(&file, "mine").unwrap();
    let with_a_folder = temporary.path().join("log-is-a-folder");
    fs::create_dir_all(with_a_folder.join("log")).unwrap();
    for (path, what) in [
        (PathBuf::from("/proc/none"), "could not make the data folder /proc/none: "),
        (file.clone(), "[path] is no folder; "),
        (file.join("below"), "could not make the data folder [path]: "),
        (with_a_folder, "could not open [path]/log: "),
    ] {
        let error = folder(&path).err().unwrap_or_else(|| panic!("{} can be used", path.display()));
        let expected = what.replace("[path]", &path.display().to_string());
        assert!(error.starts_with(&expected) && error.len() > expected.len(), "{error}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}
