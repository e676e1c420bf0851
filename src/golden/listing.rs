//! Which protocols a script is for, as far as the runner must know that before it runs it.
//!
//! Deliberately missing: what is wrong with a script. Its run says that.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::base::limits;
use crate::experiment::{Function, TABLE, listed_protocols, own_program};
use crate::golden::case::Case;
use crate::protocol::{PROTOCOLS, Protocol};
use crate::script::{self, Invocation, Source};

/// A script, and which protocols it is for.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    /// The script with no protocol chosen.
    pub(super) whole: Case,
    protocols: Protocols,
}

/// Which protocols a script is for.
#[derive(Clone, Debug)]
enum Protocols {
    /// One at most, under which alone it runs: the one that it names, or else the default. None: a program of the user's.
    AtMostOne(Option<&'static Protocol>),
    /// Several, in the order in which it lists them.
    Several(Vec<&'static Protocol>),
    /// It cannot be read, or has mistakes: it is one case, whose run says what is wrong.
    Unknown,
}

impl Listing {
    /// Reads a script.
    pub(super) fn of(whole: Case) -> Self {
        let protocols = Protocols::of(&whole.script);
        Self { whole, protocols }
    }

    /// Its cases: all, or those of one protocol. What has mistakes may be for any.
    pub(super) fn cases(&self, wanted: Option<&Protocol>) -> Vec<Case> {
        let is_wanted = |protocol: &&Protocol| wanted.is_none_or(|wanted| wanted.name == protocol.name);
        match &self.protocols {
            Protocols::AtMostOne(Some(one)) if is_wanted(one) => vec![self.whole.clone()],
            Protocols::AtMostOne(None) if wanted.is_none() => vec![self.whole.clone()],
            Protocols::AtMostOne(Some(_) | None) => Vec::new(),
            Protocols::Several(several) => {
                several.iter().copied().filter(is_wanted).map(|protocol| self.whole.under(protocol)).collect()
            }
            Protocols::Unknown => vec![self.whole.clone()],
        }
    }

    /// The folders of its goldens. While it has mistakes they are all that might be.
    pub(super) fn goldens(&self) -> Vec<PathBuf> {
        let mut cases = self.cases(None);
        match &self.protocols {
            Protocols::AtMostOne(_) | Protocols::Several(_) => {}
            Protocols::Unknown => cases.extend(PROTOCOLS.iter().map(|protocol| self.whole.under(protocol))),
        }
        cases.into_iter().map(|case| case.golden).collect()
    }
}

impl Protocols {
    /// Those of the script at this path.
    fn of(script: &Path) -> Self {
        invocations(script).map_or(Self::Unknown, |invocations| {
            let listed = listed_protocols(&invocations);
            match listed.as_slice() {
                [] if own_program(&invocations).is_some() => Self::AtMostOne(None),
                [] => Self::AtMostOne(PROTOCOLS.first()),
                [only] => Self::AtMostOne(Some(only)),
                [_, _, ..] => Self::Several(listed),
            }
        })
    }
}

/// What a script says, if it can be read.
fn invocations(path: &Path) -> Option<Vec<Invocation<Function>>> {
    // A pipe in its place would be waited for.
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    // One byte over the limit is enough to know that it is exceeded.
    let (bound, mut bytes) = (limits::SCRIPT_BYTES as u64 + 1, Vec::new());
    File::open(path).ok()?.take(bound).read_to_end(&mut bytes).ok()?;
    let source = Source::from_bytes(path.display().to_string(), bytes).ok()?;
    Some(script::parse(&TABLE, &source).ok()?.invocations)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of the protocols that a script is for.
    fn names(text: &str) -> Option<Vec<&'static str>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, text).unwrap();
        match Protocols::of(&path) {
            Protocols::AtMostOne(one) => Some(one.iter().map(|protocol| protocol.name).collect()),
            Protocols::Several(several) => Some(several.iter().map(|protocol| protocol.name).collect()),
            Protocols::Unknown => None,
        }
    }

    #[test]
    fn what_a_script_runs_under() {
        let one = |name| Some(vec![name]);
        assert_eq!(names("joinServer 0\n"), one(PROTOCOLS[0].name));
        assert_eq!(names("protocol multi-paxos\n"), one("multi-paxos"));
        assert_eq!(names("steps: [protocol: [multi-paxos, gossip]]\n"), Some(vec!["multi-paxos", "gossip"]));
        assert_eq!(names("cluster servers=1 protocol=gossip,multi-paxos\n"), Some(vec!["gossip", "multi-paxos"]));
        assert_eq!(names("run \"a\"\njoinServer 0\n"), Some(vec![]));
        assert_eq!(names("protocol multi-paxos gossip\nheel\n"), None);
    }
}
