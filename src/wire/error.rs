//! Errors that nodes answer with: Maelstrom's numbers, and two of ours above 1000, where Maelstrom leaves room.

use serde::{Deserialize, Serialize};

/// Why an operation was not carried out, or that nobody knows whether it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorCode(pub u32);

impl ErrorCode {
    /// No answer came in time: the operation may or may not have happened. The only indefinite code.
    pub const TIMEOUT: Self = Self(0);
    /// The node does not know this kind of request.
    pub const NOT_SUPPORTED: Self = Self(10);
    /// The node cannot serve now.
    pub const TEMPORARILY_UNAVAILABLE: Self = Self(11);
    /// The key has no value.
    pub const KEY_DOES_NOT_EXIST: Self = Self(20);
    /// The server has not yet seen what the client's session depends on.
    pub const DEPENDENCIES_NOT_SATISFIED: Self = Self(1001);
    /// The client has no server to ask.
    pub const NO_SERVER: Self = Self(1002);

    /// The word that the master prints for it: `ERR_KEY` and so on, `ERR_CODE_13` for codes that it gives no word.
    #[must_use]
    pub fn word(self) -> String {
        match self {
            Self::TIMEOUT => "ERR_TIMEOUT".to_owned(),
            Self::KEY_DOES_NOT_EXIST => "ERR_KEY".to_owned(),
            Self::DEPENDENCIES_NOT_SATISFIED => "ERR_DEP".to_owned(),
            Self::NO_SERVER => "ERR_NO_SERVER".to_owned(),
            Self(code) => format!("ERR_CODE_{code}"),
        }
    }
}

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
