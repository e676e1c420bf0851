//! What a server keeps on its disk.

use protobuf::{CodedInputStream, Message as _, ProtobufResult};
use raft::eraftpb::{Entry, HardState};

/// One record: what one `Ready` asks to be kept. In raft's own encoding, each part behind its length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Term, vote, and how far the log was known to be decided.
    pub hard_state: HardState,
    /// Entries, in place of all that stand at the index of the first of them and behind it.
    pub entries: Vec<Entry>,
}

impl Record {
    /// The bytes that are kept.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        const MEMORY: &str = "memory takes any number of bytes";
        let mut bytes = Vec::new();
        self.hard_state.write_length_delimited_to_vec(&mut bytes).expect(MEMORY);
        for entry in &self.entries {
            entry.write_length_delimited_to_vec(&mut bytes).expect(MEMORY);
        }
        bytes
    }

    /// The record that these bytes are.
    ///
    /// # Errors
    /// They are none.
    pub fn decode(bytes: &[u8]) -> ProtobufResult<Self> {
        let mut stream = CodedInputStream::from_bytes(bytes);
        let hard_state = stream.read_message()?;
        let mut entries = Vec::new();
        while !stream.eof()? {
            entries.push(stream.read_message()?);
        }
        Ok(Self { hard_state, entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_from_the_disk_as_it_was() {
        let hard_state = HardState { term: 3, vote: 2, commit: 300, ..HardState::default() };
        let entry = |index| Entry { index, term: 3, data: vec![7; 200].into(), ..Entry::default() };
        for entries in [vec![], vec![entry(301), entry(302)]] {
            let record = Record { hard_state: hard_state.clone(), entries };
            assert_eq!(Record::decode(&record.encode()).unwrap(), record);
        }
        assert_eq!(Record::decode(&Record::default().encode()).unwrap(), Record::default());
    }

    #[test]
    fn bytes_that_are_no_record_are_refused() {
        let record = Record { entries: vec![Entry { index: 1, term: 1, ..Entry::default() }], ..Record::default() };
        let bytes = record.encode();
        assert!(Record::decode(&bytes[..bytes.len() - 1]).is_err());
        assert!(Record::decode(&[]).is_err());
    }
}
