//! Frames: what is written to a log between two syncs, so that a torn write is told from a whole one.
//!
//! ```text
//! offset  bytes
//!      0      4  magic: "SBF1"
//!      4      4  CRC-32 of everything behind it, the zeros at the end included
//!      8      8  sequence number, from 0
//!     16      4  length of the records, in bytes
//!     20        records: each its length (4 bytes), then its bytes
//!               zeros, up to the next multiple of 512
//! ```
//!
//! All numbers are little-endian. 512 bytes are what a disk writes whole or not at all; and because frames begin at
//! multiples of it, a good frame behind a bad one is found without trusting the bad one's length.
//!
//! Deliberately missing: what is in a record, and files.

/// What a frame's place and length are multiples of.
pub const SECTOR_BYTES: usize = 512;
/// What a frame begins with; the digit is the version of the format.
const MAGIC: &[u8; 4] = b"SBF1";
const CHECKSUM: std::ops::Range<usize> = 4..8;
const SEQUENCE: std::ops::Range<usize> = 8..16;
const LENGTH: std::ops::Range<usize> = 16..20;
const HEADER_BYTES: usize = 20;

/// Appends one frame.
///
/// # Panics
/// If the records take more than 4 GiB: far more than one step may put out.
pub fn write(sequence: u64, records: &[Vec<u8>], out: &mut Vec<u8>) {
    let start = out.len();
    let length: usize = records.iter().map(|record| 4 + record.len()).sum();
    let count = |length: usize| u32::try_from(length).expect("a frame takes less than 4 GiB").to_le_bytes();
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&sequence.to_le_bytes());
    out.extend_from_slice(&count(length));
    for record in records {
        out.extend_from_slice(&count(record.len()));
        out.extend_from_slice(record);
    }
    out.resize(start + (HEADER_BYTES + length).next_multiple_of(SECTOR_BYTES), 0);
    let checksum = crc32fast::hash(&out[start + CHECKSUM.end..]);
    out[start..][CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
}

/// What a log holds.
#[derive(Debug, PartialEq, Eq)]
pub struct Recovered {
    /// All records of all whole frames, in order.
    pub records: Vec<Vec<u8>>,
    /// How many frames there are.
    pub frames: u64,
    /// Where the last of them ends, in bytes. What is behind it was torn when it was written.
    pub length: usize,
}

/// A frame is not there, and later ones are: no torn write leaves that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the frame at offset {offset} is corrupt, and a later one is whole, at offset {good}: no loss of power leaves that"
)]
pub struct Corrupt {
    /// Where it should be, in bytes from the log's beginning.
    pub offset: usize,
    /// Where the first later one is.
    pub good: usize,
}

/// Reads a log. A bad frame with no later one behind it is the torn end of the log.
///
/// # Errors
/// A frame is bad or missing, and not at the end.
pub fn recover(log: &[u8]) -> Result<Recovered, Corrupt> {
    let mut recovered = Recovered { records: Vec::new(), frames: 0, length: 0 };
    while let Some(frame) = frame_at(log, recovered.length).filter(|frame| frame.sequence == recovered.frames) {
        recovered.records.extend(frame.records);
        recovered.frames += 1;
        recovered.length += frame.length;
    }
    let offset = recovered.length;
    let mut places = (offset..log.len()).step_by(SECTOR_BYTES);
    match places.find(|&at| frame_at(log, at).is_some_and(|frame| frame.sequence >= recovered.frames)) {
        Some(good) => Err(Corrupt { offset, good }),
        None => Ok(recovered),
    }
}

/// May a file without any whole frame be what is left of a log's first one? It is not, if somebody wrote something else
/// there, which must not be cut off.
#[must_use]
pub fn may_be_torn(file: &[u8]) -> bool {
    let begins_as_a_frame = file.iter().zip(MAGIC).all(|(found, expected)| found == expected);
    // A disk that had made room for the frame, and had not written it.
    let is_empty = || file.iter().all(|byte| *byte == 0);
    begins_as_a_frame || is_empty()
}

/// A whole frame.
struct Frame {
    sequence: u64,
    records: Vec<Vec<u8>>,
    /// With its header and the zeros at its end.
    length: usize,
}

fn frame_at(log: &[u8], offset: usize) -> Option<Frame> {
    let bytes = log.get(offset..)?;
    let header = bytes.get(..HEADER_BYTES).filter(|header| header.starts_with(MAGIC))?;
    let number = |range: std::ops::Range<usize>| header[range].try_into().ok().map(u32::from_le_bytes);
    let records_length = usize::try_from(number(LENGTH)?).ok()?;
    let length = HEADER_BYTES.checked_add(records_length)?.checked_next_multiple_of(SECTOR_BYTES)?;
    let frame = bytes.get(..length)?;
    if crc32fast::hash(&frame[CHECKSUM.end..]) != number(CHECKSUM)? {
        return None;
    }
    let sequence = u64::from_le_bytes(header[SEQUENCE].try_into().ok()?);
    let records = records_of(&frame[HEADER_BYTES..HEADER_BYTES + records_length])?;
    Some(Frame { sequence, records, length })
}

fn records_of(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let (length, rest) = bytes.split_first_chunk()?;
        let (record, rest) = rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
        records.push(record.to_vec());
        bytes = rest;
    }
    Some(records)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn log_of(frames: &[Vec<Vec<u8>>]) -> Vec<u8> {
        let mut log = Vec::new();
        for (sequence, records) in (0..).zip(frames) {
            write(sequence, records, &mut log);
        }
        log
    }

    /// Three frames, the middle one of two sectors, and where each ends.
    fn three() -> (Vec<u8>, [usize; 3]) {
        let frames = [vec![b"one".to_vec()], vec![vec![7; 600], b"two".to_vec()], vec![b"three".to_vec()]];
        (log_of(&frames), [512, 512 + 1024, 512 + 1024 + 512])
    }

    #[test]
    fn a_frame_has_the_documented_bytes() {
        let mut log = Vec::new();
        write(5, &[b"abc".to_vec()], &mut log);
        assert_eq!(log.len(), 512);
        assert_eq!(&log[..4], b"SBF1");
        assert_eq!(log[4..8], crc32fast::hash(&log[8..]).to_le_bytes());
        assert_eq!(&log[8..27], b"\x05\0\0\0\0\0\0\0\x07\0\0\0\x03\0\0\0abc");
        assert!(log[27..].iter().all(|byte| *byte == 0));
    }

    #[test]
    fn an_empty_log_holds_nothing() {
        assert_eq!(recover(&[]), Ok(Recovered { records: Vec::new(), frames: 0, length: 0 }));
    }

    /// Whatever a loss of power leaves of the last frame, what was synced before is there, and nothing else.
    #[test]
    fn a_log_cut_at_every_byte_of_its_last_frame_recovers() {
        let (log, [_, second, third]) = three();
        for end in second..third {
            let recovered = recover(&log[..end]).unwrap();
            assert_eq!((recovered.frames, recovered.length, recovered.records.len()), (2, second, 3), "{end}");
        }
        assert_eq!(recover(&log).unwrap().records.concat().len(), 3 + 600 + 3 + 5);
    }

    #[test]
    fn a_bit_flipped_anywhere_before_the_last_frame_is_refused_with_its_place() {
        let (log, [first, second, _]) = three();
        for at in 0..second {
            for bit in 0..8 {
                let mut log = log.clone();
                log[at] ^= 1 << bit;
                let (offset, good) = if at < first { (0, first) } else { (first, second) };
                assert_eq!(recover(&log), Err(Corrupt { offset, good }), "byte {at}, bit {bit}");
            }
        }
    }

    /// It cannot be told from a torn write: the last frame is gone, those before it are whole.
    #[test]
    fn a_bit_flipped_in_the_last_frame_is_a_torn_end() {
        let (log, [_, second, third]) = three();
        for at in second..third {
            let mut log = log.clone();
            log[at] ^= 1;
            let recovered = recover(&log).unwrap();
            assert_eq!((recovered.frames, recovered.length), (2, second), "byte {at}");
        }
    }

    #[test]
    fn what_is_no_log_is_not_taken_for_a_torn_one() {
        for torn in [&b""[..], b"S", b"SBF", b"SBF1", b"SBF1 and so on", &[0; 700]] {
            assert!(may_be_torn(torn), "{torn:?}");
        }
        for other in [&b"a"[..], b"2026-01-01 started", b"SBF2", b"\0\0a", b"sbf1"] {
            assert!(!may_be_torn(other), "{other:?}");
        }
    }

    #[test]
    fn a_frame_in_anothers_place_is_refused() {
        let (log, [first, second, _]) = three();
        let without_the_second = [&log[..first], &log[second..]].concat();
        assert_eq!(recover(&without_the_second), Err(Corrupt { offset: first, good: first }));
        let repeated = [&log[..first], &log[..first], &log[first..]].concat();
        assert_eq!(recover(&repeated), Err(Corrupt { offset: first, good: 2 * first }));
    }

    proptest! {
        #[test]
        fn what_is_written_is_recovered(frames in prop::collection::vec(
            prop::collection::vec(prop::collection::vec(any::<u8>(), 0..700), 0..4), 0..5)
        ) {
            let log = log_of(&frames);
            let recovered = recover(&log).unwrap();
            prop_assert_eq!(recovered.length, log.len());
            prop_assert_eq!(recovered.records, frames.concat());
        }

        /// Bytes that nobody wrote are refused or taken for a torn end; nothing panics, nothing is made up.
        #[test]
        fn any_bytes_are_read_without_panic(log in prop::collection::vec(any::<u8>(), 0..2_000)) {
            if let Ok(recovered) = recover(&log) {
                prop_assert_eq!(recovered.frames, 0);
            }
        }
    }
}
