//! Every bound that a run has, by name: no queue, loop, buffer or wait is without one.

use crate::base::time::Span;

/// The longest line that a node may put out, in bytes, without its line break.
pub const LINE_BYTES: usize = 16 * 1024 * 1024;
/// How much longer a message's line down may be than its line up, in bytes: it says when it arrives, and as which step.
pub const HEADER_BYTES: usize = 64;
/// The most lines that one step of a node may put out.
pub const OUTPUTS_IN_A_STEP: usize = 100_000;
/// The most bytes that one step of a node may put out.
pub const BYTES_IN_A_STEP: usize = 256 * 1024 * 1024;
/// State moves between servers, and to the master, in pieces of about this many bytes encoded.
pub const CHUNK_BYTES: usize = 256 * 1024;
/// A server that decides more than this in one step, in bytes of its blocks, reports only how many they are: its `done` must
/// fit into one line.
pub const CHANGES_BYTES: usize = 4 * 1024 * 1024;
/// The most pieces of state that a server of ours puts out in one step; it goes on in the next. Far below
/// [`BYTES_IN_A_STEP`], for a piece is larger than [`CHUNK_BYTES`] where a single value is.
pub const PIECES_IN_A_STEP: usize = 16;
/// The most entries or blocks that a node may show of its state.
pub const INSPECTED_ENTRIES: usize = 10_000_000;
/// The most steps that nodes may take without time moving on: more is a loop between nodes.
pub const STEPS_IN_AN_INSTANT: u64 = 1_000_000;
/// The most events of one run.
pub const EVENTS_IN_A_RUN: u64 = 100_000_000;
/// The most virtual time of one run.
pub const TIME_OF_A_RUN: Span = Span::seconds(1_000_000);
/// The most messages and timers that may wait to be due.
pub const EVENTS_DUE: usize = 10_000_000;
/// How long a node may take for one step, in seconds of wall time. Generous: a loaded machine never sees it.
pub const STEP_WALL_SECONDS: u64 = 60;
/// How long a node may take to leave at the end of its input, and again at SIGTERM, in seconds of wall time.
pub const LEAVE_WALL_SECONDS: u64 = 5;
/// The most servers that one command starts.
pub const CLUSTER_SERVERS: u32 = 100;
/// The most clients that one command starts.
pub const CLUSTER_CLIENTS: u32 = 100;
/// The longest script, in bytes.
pub const SCRIPT_BYTES: usize = 64 * 1024 * 1024;
/// The longest line of a script, in bytes.
pub const SCRIPT_LINE_BYTES: usize = 1024 * 1024;
/// A script in YAML: it is held in memory as a tree, which a script in lines is not.
pub const YAML_BYTES: usize = 4 * 1024 * 1024;
/// How deep lists and mappings of a script in YAML nest.
pub const YAML_DEPTH: usize = 32;
/// How deep a literal of Python may be nested.
pub const LITERAL_DEPTH: usize = 64;
/// The most digits of an integer among the literals of Python, as in Python itself.
pub const LITERAL_DIGITS: usize = 4300;
/// The longest name of a snapshot, in bytes: it is also the name of a file.
pub const SNAPSHOT_NAME_BYTES: usize = 64;
/// The most mistakes of one script that are shown; the rest are counted.
pub const MISTAKES_SHOWN: usize = 100;
/// How many of a dead node's last log lines are shown.
pub const LOG_LINES_SHOWN: usize = 20;
/// How long after a wrong answer an expected get is asked again.
pub const EXPECTED_GET_AGAIN: Span = Span::milliseconds(100);
/// The most different lines with holes among the unordered lines of a golden that stand together: each line of a run is
/// compared with all of them.
pub const UNORDERED_PATTERNS: usize = 3_000;
/// How often a line of a run is compared with one of those, when such lines are matched.
pub const UNORDERED_COMPARISONS: usize = 10_000_000;
/// How often a name is tried, when such lines are matched.
pub const UNORDERED_TRIES: usize = 100_000;
/// How often it is looked whether another line may have what one has, when such lines are matched.
pub const UNORDERED_LOOKS: usize = 100_000_000;
/// How many goldens that no script makes are shown to people.
pub const UNREFERENCED_SHOWN: usize = 20;
/// How long a runner waits until nobody else writes a golden, in seconds of wall time. To write one takes milliseconds.
pub const GOLDEN_LOCK_WALL_SECONDS: u64 = 10;
/// How many lines are shown of the state that decided an expectation.
pub const STATE_LINES_SHOWN: usize = 10;
/// How many lines wait at a terminal to be printed above the prompt; the next one is written over it.
pub const LATE_LINES: usize = 1_000;
/// How many bytes of a line are quoted in an error.
pub const QUOTED_BYTES: usize = 200;

/// The delay of every link of which the script says nothing, each way.
pub const DEFAULT_DELAY: Span = Span::milliseconds(1);
/// The greatest Lamport clock that a node may name: no run has so many writes.
pub const GREATEST_CLOCK: u64 = (1 << 53) - 1;
/// The greatest term, and the greatest number of a ballot, that a server may name: no run has so many elections, and there is
/// room for those after it.
pub const GREATEST_TERM: u64 = (1 << 53) - 1;
/// The greatest seed: the greatest whole number that JSON readers of every language hold exactly.
pub const GREATEST_SEED: u64 = (1 << 53) - 1;

/// How long a client session waits before it asks again: max(300 ms, 6 times the largest delay).
#[must_use]
pub fn retry_after(largest_delay: Span) -> Span {
    overdue_after(largest_delay)
}

/// How long a round of an election is: max(300 ms, 6 times the largest delay).
#[must_use]
pub fn election_after(largest_delay: Span) -> Span {
    overdue_after(largest_delay)
}

/// An answer that has not come by then is not on its way any more, as far as anybody can tell.
fn overdue_after(largest_delay: Span) -> Span {
    Span::milliseconds(300).max(largest_delay.times(6))
}

/// The limit of a client's operation: max(10 s, 30 times the largest delay).
#[must_use]
pub fn operation_limit(largest_delay: Span) -> Span {
    Span::seconds(10).max(largest_delay.times(30))
}

/// The limit of `stabilize`: max(5 s, 20 times the largest delay).
#[must_use]
pub fn stabilize_limit(largest_delay: Span) -> Span {
    Span::seconds(5).max(largest_delay.times(20))
}

/// The first of `items` that take at most [`CHUNK_BYTES`] encoded, and at least one; are there more?
pub fn piece<T>(items: impl Iterator<Item = T>, bytes_of: impl Fn(&T) -> usize) -> (Vec<T>, bool) {
    let (mut piece, mut bytes) = (Vec::new(), 0);
    for item in items {
        bytes += bytes_of(&item);
        if bytes > CHUNK_BYTES && !piece.is_empty() {
            return (piece, true);
        }
        piece.push(item);
    }
    (piece, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_not_longer_than_a_chunk_but_for_one_long_item() {
        let half = CHUNK_BYTES / 2;
        let piece_of = |sizes: &[usize]| piece(sizes.iter().copied(), |&size| size);
        assert_eq!(piece_of(&[]), (vec![], false));
        assert_eq!(piece_of(&[half, half]), (vec![half, half], false));
        assert_eq!(piece_of(&[half, half, 1]), (vec![half, half], true));
        assert_eq!(piece_of(&[CHUNK_BYTES + 1, 1]), (vec![CHUNK_BYTES + 1], true));
    }
}
