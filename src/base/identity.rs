//! Names of nodes: `s1` is the server that joined as 1, `c7` the client that joined as 7.
//!
//! One text for a node everywhere: on the wire, in scripts, in transcripts.

use std::fmt;
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::ser::{Serialize, Serializer};

/// What a node is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// It holds a replica.
    Server,
    /// It asks servers on behalf of a user.
    Client,
}

impl NodeKind {
    /// The letter that begins the names of this kind.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Server => 's',
            Self::Client => 'c',
        }
    }
}

impl fmt::Display for NodeKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Server => "server",
            Self::Client => "client",
        })
    }
}

/// A node's name. Ordered: servers before clients, then by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName {
    /// Server or client.
    pub kind: NodeKind,
    /// The id under which the script joined it.
    pub number: u32,
}

impl NodeName {
    /// The server that joined as `number`.
    #[must_use]
    pub const fn server(number: u32) -> Self {
        Self { kind: NodeKind::Server, number }
    }

    /// The client that joined as `number`.
    #[must_use]
    pub const fn client(number: u32) -> Self {
        Self { kind: NodeKind::Client, number }
    }

    /// How a user is told of it: `server 1`.
    #[must_use]
    pub fn in_words(self) -> String {
        format!("{} {}", self.kind, self.number)
    }

    /// Is it a server?
    #[must_use]
    pub fn is_server(self) -> bool {
        self.kind == NodeKind::Server
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.kind.letter(), self.number)
    }
}

/// A text that is no node's name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a node's name; a name is `s` or `c` and a number, such as s1 or c7")]
pub struct NotANodeName(pub String);

impl FromStr for NodeName {
    type Err = NotANodeName;

    fn from_str(text: &str) -> Result<Self, NotANodeName> {
        let refuse = || NotANodeName(text.to_owned());
        let (kind, digits) = match text.as_bytes().first() {
            Some(b's') => (NodeKind::Server, &text[1..]),
            Some(b'c') => (NodeKind::Client, &text[1..]),
            Some(_) | None => return Err(refuse()),
        };
        let number = parse_number(digits).ok_or_else(refuse)?;
        Ok(Self { kind, number })
    }
}

/// A node's number: decimal, without sign, blanks or leading zeros, so that one node has one text.
#[must_use]
pub fn parse_number(digits: &str) -> Option<u32> {
    let canonical = digits == "0" || !digits.starts_with('0');
    let decimal = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if canonical && decimal { digits.parse().ok() } else { None }
}

/// In JSON its text, in other formats its kind and its number.
impl Serialize for NodeName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.is_server(), self.number).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for NodeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            let (is_server, number) = Deserialize::deserialize(deserializer)?;
            let kind = if is_server { NodeKind::Server } else { NodeKind::Client };
            return Ok(Self { kind, number });
        }
        struct NameVisitor;
        impl Visitor<'_> for NameVisitor {
            type Value = NodeName;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a node's name such as s1 or c7")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<NodeName, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(NameVisitor).map_err(D::Error::custom)
    }
}

/// How often a node was started before: 0 for its first life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Incarnation(pub u32);

impl Incarnation {
    /// The life after this one; none after the last that can be numbered.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_text_are_one() {
        for name in [NodeName::server(0), NodeName::client(8021), NodeName::server(u32::MAX)] {
            assert_eq!(name.to_string().parse(), Ok(name));
        }
    }

    #[test]
    fn a_text_with_sign_blank_leading_zero_or_other_letter_is_no_name() {
        for text in ["", "s", "s+1", "s 1", "s01", "n1", "1", "s4294967296", "s1x", "é1"] {
            assert!(text.parse::<NodeName>().is_err(), "{text}");
        }
    }
}
