//! What a run says, as much of it as is kept.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};

/// How many bytes are read at once.
const PIECE_BYTES: usize = 64 * 1024;

/// How much of a stream is kept, in bytes: its beginning and its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    pub(super) head: usize,
    pub(super) tail: usize,
}

/// A stream that was read to its end: its beginning, and its end if that did not fit behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Capture {
    pub(super) head: Vec<u8>,
    pub(super) tail: Vec<u8>,
    /// How many bytes between them are not kept.
    pub(super) lost: u64,
}

impl Capture {
    /// Reads a stream to its end. A stream that cannot be read any more has ended.
    pub(super) fn of(mut stream: impl Read, bound: Bound) -> Self {
        let (mut head, mut tail, mut lost) = (Vec::new(), VecDeque::new(), 0);
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let length = match stream.read(&mut piece) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => break,
            };
            let (first, rest) = piece[..length].split_at(length.min(bound.head - head.len()));
            head.extend_from_slice(first);
            tail.extend(rest);
            let excess = tail.len().saturating_sub(bound.tail);
            tail.drain(..excess);
            lost += excess as u64;
        }
        Self { head, tail: tail.into(), lost }
    }

    /// All of it, if all of it was kept.
    pub(super) fn whole(self) -> Option<Vec<u8>> {
        let Self { mut head, tail, lost } = self;
        head.extend(tail);
        (lost == 0).then_some(head)
    }

    /// As text, with a line about what is not kept.
    pub(super) fn text(&self) -> String {
        let head = String::from_utf8_lossy(&self.head);
        let tail = String::from_utf8_lossy(&self.tail);
        match self.lost {
            0 => format!("{head}{tail}"),
            lost => format!("{head}\n… {lost} bytes are not kept\n{tail}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Bound = Bound { head: 4, tail: 3 };

    #[test]
    fn the_beginning_and_the_end_are_kept() {
        assert_eq!(Capture::of(&b"abc"[..], BOUND).whole(), Some(b"abc".to_vec()));
        assert_eq!(Capture::of(&b"abcdefg"[..], BOUND).whole(), Some(b"abcdefg".to_vec()));
        let long = Capture::of(&b"abcdefghij"[..], BOUND);
        assert_eq!(long.text(), "abcd\n… 3 bytes are not kept\nhij");
        assert_eq!(long.whole(), None);
    }
}
