//! What a node tells the disk, and the disk tells it.
//!
//! A node writes its files itself, in its own folder, and says so here at the place where it happens among its outputs.
//! So the master knows at every output what a loss of power would leave.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use serde::de::{Deserializer, Error as _};

/// The pseudo-node that keeps files: `append`, `sync`, `rename` and `truncate` go to it, `full` and `space` come from it.
pub const DISK: &str = "disk";

/// The name of the file that most nodes write to: reading it costs nothing.
const LOG: &str = "log";

/// The longest name of a file, in bytes.
const FILE_NAME_BYTES: usize = 64;

/// The name of a file in a node's folder: letters, digits, `_`, `-` and `.`, the last not at its beginning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct FileName(Cow<'static, str>);

impl FileName {
    /// The file in which our servers keep their records.
    #[must_use]
    pub fn log() -> Self {
        Self(Cow::Borrowed(LOG))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for FileName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        if name == LOG {
            return Ok(Self::log());
        }
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let fits = (1..=FILE_NAME_BYTES).contains(&name.len()) && !name.starts_with('.');
        if fits && name.bytes().all(is_allowed) {
            Ok(Self(Cow::Owned(name.into_owned())))
        } else {
            Err(D::Error::custom(format!(
                "`{}` is no name of a file: 1 to {FILE_NAME_BYTES} of A-Z, a-z, 0-9, `_`, `-` and `.`, the first no `.`",
                name.escape_debug()
            )))
        }
    }
}

/// What a node did to its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum DiskOutput {
    /// It wrote something at the end of a file, which was made if it was not there.
    Append {
        /// Which.
        file: FileName,
        /// The file's length after that, in bytes.
        length: u64,
    },
    /// What is in a file now is to survive a loss of power.
    Sync {
        /// Which.
        file: FileName,
    },
    /// A file is to have another name, in place of a file that has it. The master does that; it is durable at once.
    Rename {
        /// Which.
        file: FileName,
        /// Its name from now on.
        to: FileName,
    },
    /// It cut a file off: it does so with what is left of a frame that a loss of power tore. It is durable at once.
    Truncate {
        /// Which.
        file: FileName,
        /// The file's length after that, in bytes.
        length: u64,
    },
}

impl DiskOutput {
    /// Decodes a body of the type `kind`; `None` if the disk knows no such thing.
    ///
    /// # Errors
    /// The body has the type of one, and not its shape.
    pub fn decode(kind: &str, body: &str) -> Option<serde_json::Result<Self>> {
        #[derive(Deserialize)]
        struct Whole {
            file: FileName,
        }
        #[derive(Deserialize)]
        struct WithLength {
            file: FileName,
            length: u64,
        }
        #[derive(Deserialize)]
        struct WithName {
            file: FileName,
            to: FileName,
        }
        match kind {
            "append" => {
                Some(serde_json::from_str(body).map(|WithLength { file, length }| Self::Append { file, length }))
            }
            "sync" => Some(serde_json::from_str(body).map(|Whole { file }| Self::Sync { file })),
            "rename" => Some(serde_json::from_str(body).map(|WithName { file, to }| Self::Rename { file, to })),
            "truncate" => {
                Some(serde_json::from_str(body).map(|WithLength { file, length }| Self::Truncate { file, length }))
            }
            _ => None,
        }
    }
}

/// `append log`, as transcripts name it.
impl fmt::Display for DiskOutput {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Append { file, .. } => write!(formatter, "append {file}"),
            Self::Sync { file } => write!(formatter, "sync {file}"),
            Self::Rename { file, to } => write!(formatter, "rename {file} {to}"),
            Self::Truncate { file, .. } => write!(formatter, "truncate {file}"),
        }
    }
}

/// How much room there is on a node's disk. The node is told, and makes its next append fail or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Room {
    /// There is some.
    #[default]
    Space,
    /// There is none.
    Full,
}

impl Room {
    /// The `type` of the line that tells of it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Space => "space",
            Self::Full => "full",
        }
    }

    /// Is it the usual state, of which nothing is said?
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::Space
    }
}

/// A line from the disk: `{"type":"full"}` or `{"type":"space"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct RoomOrder {
    /// What holds from now on.
    #[serde(rename = "type")]
    pub room: Room,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disk_outputs_are_what_the_documentation_says() {
        let file = FileName::log;
        for (kind, output, expected) in [
            (
                "append",
                DiskOutput::Append { file: file(), length: 512 },
                r#"{"type":"append","file":"log","length":512}"#,
            ),
            ("sync", DiskOutput::Sync { file: file() }, r#"{"type":"sync","file":"log"}"#),
            (
                "rename",
                DiskOutput::Rename { file: file(), to: FileName("log.old".into()) },
                r#"{"type":"rename","file":"log","to":"log.old"}"#,
            ),
            (
                "truncate",
                DiskOutput::Truncate { file: file(), length: 0 },
                r#"{"type":"truncate","file":"log","length":0}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&output).unwrap(), expected);
            assert_eq!(DiskOutput::decode(kind, expected).unwrap().unwrap(), output);
        }
    }

    #[test]
    fn a_file_lies_in_the_nodes_own_folder() {
        for name in ["", ".", "..", "a/b", "../log", "/etc/passwd", "a b", "é", "a\0", &"x".repeat(65)] {
            assert!(serde_json::from_value::<FileName>(name.into()).is_err(), "{name}");
        }
        for name in ["log", "vote.tmp", "a-b_C.9", &"x".repeat(64)] {
            assert!(serde_json::from_value::<FileName>(name.into()).is_ok(), "{name}");
        }
    }
}
