//! What a server shows of what is not decided yet, as any server shows it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::base::NodeName;
use crate::ledger::block::RequestId;
use crate::store::Operation;

/// A request that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    /// The operation's canonical text.
    pub operation: String,
    /// Who asks.
    pub client: NodeName,
    /// As which operation of its session.
    pub request: u64,
}

/// A block of a log, which need not be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryRecord {
    /// Its place in the log, from 1.
    pub height: u64,
    /// What it holds.
    #[serde(flatten)]
    pub request: RequestRecord,
    /// Can it never change any more?
    pub decided: bool,
    /// Under what it was accepted, where the server knows that.
    #[serde(flatten)]
    pub under: Option<Under>,
}

/// Under what an entry was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Under {
    /// A ballot, in words.
    Ballot(String),
    /// A term.
    Term(u64),
}

/// `ballot=1.s2`, `term=3`
impl fmt::Display for Under {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ballot(ballot) => write!(formatter, "ballot={ballot}"),
            Self::Term(term) => write!(formatter, "term={term}"),
        }
    }
}

/// About how many bytes a record takes encoded, beside its texts.
const BYTES_BESIDE_TEXTS: usize = 100;

impl RequestRecord {
    /// The request for an operation, as it is printed and inspected.
    #[must_use]
    pub fn of(request: &RequestId, operation: &Operation) -> Self {
        Self { operation: operation.to_string(), client: request.client, request: request.sequence }
    }

    /// About how many bytes it takes encoded.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        BYTES_BESIDE_TEXTS + self.operation.len()
    }
}

impl EntryRecord {
    /// About how many bytes it takes encoded.
    #[must_use]
    pub fn encoded_bytes(&self) -> usize {
        self.request.encoded_bytes()
            + match &self.under {
                Some(Under::Ballot(ballot)) => ballot.len(),
                Some(Under::Term(_)) | None => 0,
            }
    }
}

/// `put a 1 client=c1 request=3`
impl fmt::Display for RequestRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, client, request } = self;
        write!(formatter, "{operation} client={client} request={request}")
    }
}

/// `2 put a 1 client=c1 request=1 decided`, `3 put b 2 client=c1 request=2 accepted ballot=1.s2`
impl fmt::Display for EntryRecord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { height, request, decided, under } = self;
        write!(formatter, "{height} {request} {}", if *decided { "decided" } else { "accepted" })?;
        under.iter().try_for_each(|under| write!(formatter, " {under}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_what_the_documentation_says() {
        let request = RequestRecord { operation: "put b 2".to_owned(), client: NodeName::client(1), request: 2 };
        let entry = EntryRecord { height: 3, request, decided: false, under: Some(Under::Ballot("1.s2".to_owned())) };
        let json = r#"{"height":3,"operation":"put b 2","client":"c1","request":2,"decided":false,"ballot":"1.s2"}"#;
        assert_eq!(serde_json::to_string(&entry).unwrap(), json);
        assert_eq!(serde_json::from_str::<EntryRecord>(json).unwrap(), entry);
        assert_eq!(entry.to_string(), "3 put b 2 client=c1 request=2 accepted ballot=1.s2");
        let decided = EntryRecord { decided: true, under: None, ..entry };
        assert_eq!(decided.to_string(), "3 put b 2 client=c1 request=2 decided");
    }
}
