//! One script under several protocols, side by side.
//!
//! The same comparison gives the same bytes. `docs/comparing.md` says what each figure means.
//!
//! Deliberately missing: how the script is carried out, which is as ever, and any judgement which protocol is the better one.

mod object;
mod table;

use crate::base::Verdict;
use crate::experiment::check::{listed_protocols, own_program};
use crate::experiment::commands::Function;
use crate::protocol::{Agreement, PROTOCOLS, Protocol};
use crate::script::{Invocation, Mistake};
use crate::trace::Figures;

/// How a script went under each of several protocols.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// In the order in which they are shown.
    pub columns: Vec<Column>,
}

/// How a script went under one protocol.
#[derive(Clone, Debug)]
pub struct Column {
    /// Which.
    pub protocol: &'static Protocol,
    /// How the run ended.
    pub verdict: Verdict,
    /// Its figures; of a run that could not go on, those up to there.
    pub figures: Figures,
}

impl Comparison {
    /// For people: a line that names the protocols, then one for each figure.
    #[must_use]
    pub fn table(&self) -> String {
        table::render(&self.columns)
    }

    /// For programs: one JSON object, on one line without its end.
    #[must_use]
    pub fn object(&self) -> String {
        object::render(&self.columns)
    }

    /// The first by rank of how the runs ended.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.columns.iter().map(|column| column.verdict).max().unwrap_or_default()
    }
}

/// The protocols that a script is compared under where nobody says which: those that it lists, if it lists several; else
/// all that come to terms by consensus if its own does, and all if not.
#[must_use]
pub fn protocols_to_compare(invocations: &[Invocation<Function>]) -> Vec<&'static Protocol> {
    let listed = listed_protocols(invocations);
    let own = match listed.as_slice() {
        [] => &PROTOCOLS[0],
        [own] => own,
        [_, _, ..] => return listed,
    };
    let is_one = |protocol: &&Protocol| match own.agreement {
        Agreement::Consensus => protocol.agreement == Agreement::Consensus,
        Agreement::Eventual => true,
    };
    PROTOCOLS.iter().filter(is_one).collect()
}

/// Why a script cannot be compared under any protocols, if it cannot: its servers run a program of the user's.
#[must_use]
pub fn check_comparable(invocations: &[Invocation<Function>]) -> Option<Mistake> {
    own_program(invocations).map(|run| {
        Mistake::new("`run` says what servers run, and leaves no protocols to compare", run.place)
            .label("not one of the protocols that come with splitbrain")
            .help("remove it, or carry the script out with `master run`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::TABLE;
    use crate::script::{self, Source};

    #[test]
    fn a_script_is_compared_under_the_protocols_that_it_lists() {
        let names = |text: &str| {
            let source = Source::from_bytes("a.txt", text.as_bytes().to_vec()).unwrap();
            let script = script::parse(&TABLE, &source).unwrap();
            protocols_to_compare(&script.invocations).iter().map(|protocol| protocol.name).collect::<Vec<_>>()
        };
        assert_eq!(names("protocol multi-paxos gossip\n"), ["multi-paxos", "gossip"]);
        assert_eq!(names("joinServer 0\n"), Protocol::names());
        let consensus = PROTOCOLS.iter().filter(|protocol| protocol.agreement == Agreement::Consensus);
        assert_eq!(names("protocol multi-paxos\n"), consensus.map(|protocol| protocol.name).collect::<Vec<_>>());
    }
}
