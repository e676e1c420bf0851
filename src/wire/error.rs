//! Errors that nodes answer with: Maelstrom's numbers, and two of ours above 1000, where Maelstrom leaves room.

use serde::{Deserialize, Serialize};

/// Why an operation was not carried out, or that nobody knows whether it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// No answer came in time: the operation may or may not have happened.
    pub const TIMEOUT: Self = Self(0);
    /// The node does not know this kind of request.
    pub const NOT_SUPPORTED: Self = Self(10);
    /// The node cannot serve now.
    pub const TEMPORARILY_UNAVAILABLE: Self = Self(11);
    /// The key has no value.
    pub const KEY_DOES_NOT_EXIST: Self = Self(20);
    /// The key of a `cas` has another value than it expects.
    pub const PRECONDITION_FAILED: Self = Self(22);
    /// The server has not yet seen what the client's session depends on.
    pub const DEPENDENCIES_NOT_SATISFIED: Self = Self(1001);
    /// The client has no server to ask.
    pub const NO_SERVER: Self = Self(1002);

    /// Is it certain that the request did not take effect, and never will? Of a code that nobody defined it is not.
    #[must_use]
    pub fn is_definite(self) -> bool {
        DEFINITE.contains(&self.0)
    }

    /// The word that the master prints for it: `ERR_KEY` and so on, `ERR_CODE_13` for codes that it gives no word.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::TIMEOUT => "ERR_TIMEOUT".to_owned(),
            Self::KEY_DOES_NOT_EXIST => "ERR_KEY".to_owned(),
            Self::PRECONDITION_FAILED => "ERR_PRECONDITION".to_owned(),
            Self::DEPENDENCIES_NOT_SATISFIED => "ERR_DEP".to_owned(),
            Self::NO_SERVER => "ERR_NO_SERVER".to_owned(),
            Self(code) => format!("ERR_CODE_{code}"),
        }
    }

    /// The words that a console prints for it: `KEY_DOES_NOT_EXIST` and so on, `ERROR_13` for codes that have none.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::TIMEOUT => "TIMEOUT".to_owned(),
            Self::NOT_SUPPORTED => "NOT_SUPPORTED".to_owned(),
            Self::TEMPORARILY_UNAVAILABLE => "TEMPORARILY_UNAVAILABLE".to_owned(),
            Self::KEY_DOES_NOT_EXIST => "KEY_DOES_NOT_EXIST".to_owned(),
            Self::PRECONDITION_FAILED => "PRECONDITION_FAILED".to_owned(),
            Self::DEPENDENCIES_NOT_SATISFIED => "DEPENDENCIES_NOT_SATISFIED".to_owned(),
            Self::NO_SERVER => "NO_SERVER".to_owned(),
            Self(code) => format!("ERROR_{code}"),
        }
    }
}

/// Maelstrom's codes that say that the operation did not happen and never will, and our two. Maelstrom's others are 0,
/// time-out, and 13, crash.
///
/// Source: Maelstrom, `doc/protocol.md`, section "Errors".
const DEFINITE: [u32; 11] = [1, 10, 11, 12, 14, 20, 21, 22, 30, 1001, 1002];

/// The body `{"type":"error","in_reply_to":3,"code":20,"text":"…"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "error")]
pub struct ErrorBody {
    /// The `msg_id` of the request.
    pub in_reply_to: u64,
    /// Why.
    pub code: ErrorCode,
    /// Why, in words, for logs and warnings.
    #[serde(default)]
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_defined_as_definite_is() {
        for code in [ErrorCode::TIMEOUT, ErrorCode(13), ErrorCode(2), ErrorCode(1000), ErrorCode(u32::MAX)] {
            assert!(!code.is_definite(), "{code:?}");
        }
        let ours = [ErrorCode::DEPENDENCIES_NOT_SATISFIED, ErrorCode::NO_SERVER];
        for code in [ErrorCode::NOT_SUPPORTED, ErrorCode::KEY_DOES_NOT_EXIST, ErrorCode(30)].into_iter().chain(ours) {
            assert!(code.is_definite(), "{code:?}");
        }
    }
}
