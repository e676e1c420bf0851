//! What is expected: the words of a claim, as `src/script/expectation.rs` lists them.

use crate::base::NodeKind;
use crate::script::arguments::ArgumentReader;
use crate::script::excerpt::quoted;
use crate::script::expectation::{
    ALIVE, ANSWERED, CHAIN, CHAINS, COUNT, Claim, EQUAL, EQUALS, Expectation, GET, LEADER, NOT, PREFIX_OF, STORES,
    SUBJECTS, Sense,
};
use crate::script::invocation::{Argument, NodeReference};
use crate::script::mistake::Mistake;
use crate::script::nearest::nearest;
use crate::script::table::{Given, Parameter, ParameterKind};
use crate::script::targets::Target;
use crate::script::words::{Quotes, Word};

/// Whom and what a claim is about, as mistakes call it.
const CLIENT: Parameter = Parameter { name: "C", kind: ParameterKind::Client, given: Given::Always };
const SERVER: Parameter = Parameter { name: "S", kind: ParameterKind::Server, given: Given::Always };
const SERVERS: Parameter =
    Parameter { name: "SERVERS", kind: ParameterKind::Targets(Some(NodeKind::Server)), given: Given::Perhaps };

impl<'r, F> ArgumentReader<'r, F> {
    /// `not stores equal s1,s2`, of which `first` is the first word.
    pub(super) fn expectation(&mut self, first: &Word<'r>) -> Argument {
        let (sense, subject) = match first.text {
            NOT => match self.next(Quotes::Ordinary) {
                Some(subject) => (Sense::HoldsNot, subject),
                None => {
                    self.report_missing_after(first, &SUBJECTS.join("|"));
                    return Argument::Absent;
                }
            },
            _ => (Sense::Holds, first.clone()),
        };
        match self.claim(&subject) {
            Some(claim) => Argument::Expectation(Box::new(Expectation { sense, claim })),
            None => {
                // What stands behind a claim that cannot be read cannot be read either.
                self.skip_rest();
                Argument::Absent
            }
        }
    }

    fn claim(&mut self, subject: &Word<'r>) -> Option<Claim> {
        match subject.text {
            GET => self.get_claim(subject),
            LEADER => self.leader_claim(subject),
            STORES => self.equal_servers(subject).map(Claim::StoresEqual),
            CHAINS => self.equal_servers(subject).map(Claim::ChainsEqual),
            CHAIN => self.prefix_claim(subject),
            ALIVE => self.server_behind(subject).map(|(server, _)| Claim::Alive(server)),
            ANSWERED => {
                let name = self.behind(subject, "NAME")?;
                self.has_begun(&name).then(|| Claim::Answered(name.text.to_owned()))
            }
            _ if self.lacks_blanks(subject) => None,
            _ => {
                self.report_unknown_subject(subject);
                None
            }
        }
    }

    /// `get C KEY == VALUE`
    fn get_claim(&mut self, subject: &Word<'r>) -> Option<Claim> {
        let client = self.behind(subject, "C KEY == VALUE")?;
        let reference = self.node_as(&CLIENT, NodeKind::Client, &client);
        let key = self.behind(&client, "KEY == VALUE")?;
        let equals = self.equals_behind(&key, "VALUE")?;
        let value = self.behind(&equals, "VALUE")?;
        Some(Claim::Get { client: reference?, key: key.text.to_owned(), value: value.text.to_owned() })
    }

    /// `leader count == N`, `leader == S`
    fn leader_claim(&mut self, subject: &Word<'r>) -> Option<Claim> {
        let is_counted = self.peek().is_some_and(|word| word.text.split(EQUALS).next() == Some(COUNT));
        if !is_counted {
            let equals = self.equals_behind(subject, "S")?;
            return self.server_behind(&equals).map(|(server, _)| Claim::Leader(server));
        }
        let count = self.behind(subject, COUNT)?;
        if self.lacks_blanks(&count) {
            return None;
        }
        let equals = self.equals_behind(&count, "N")?;
        let number = self.behind(&equals, "N")?;
        match self.number(&number) {
            Argument::Number(number) => Some(Claim::LeaderCount(number)),
            // What is wrong with it was reported.
            _ => None,
        }
    }

    /// `equal`, and perhaps servers.
    fn equal_servers(&mut self, subject: &Word<'r>) -> Option<Vec<Target>> {
        let equal = self.behind(subject, EQUAL)?;
        if equal.text != EQUAL {
            self.refuse(&equal, "stands in the wrong place", &format!("expected `{EQUAL}`"));
            return None;
        }
        match self.peek() {
            Some(word) if !self.goes_on_behind_claim(&word) => {
                let servers = self.next(Quotes::Ordinary)?;
                self.targets(&SERVERS, Some(NodeKind::Server), &servers)
            }
            Some(_) | None => Some(Vec::new()),
        }
    }

    /// Does a word belong to what may stand behind a claim?
    fn goes_on_behind_claim(&self, word: &Word<'_>) -> bool {
        word.text.starts_with('"') || self.not_given().any(|parameter| parameter.keyword() == Some(word.text))
    }

    /// `chain S prefix-of S`
    fn prefix_claim(&mut self, subject: &Word<'r>) -> Option<Claim> {
        let (of, word) = self.server_behind(subject)?;
        let prefix = self.behind(&word, PREFIX_OF)?;
        if prefix.text != PREFIX_OF {
            self.refuse(&prefix, "stands in the wrong place", &format!("expected `{PREFIX_OF}`"));
            return None;
        }
        let (whole, word) = self.server_behind(&prefix)?;
        if of.name == whole.name {
            self.refuse(
                &word,
                "is the same server again",
                "every chain is the beginning of itself; expected another one",
            );
            return None;
        }
        Some(Claim::Prefix { of, whole })
    }

    /// The next word, which must be there.
    fn behind(&mut self, before: &Word<'_>, missing: &str) -> Option<Word<'r>> {
        let word = self.next(Quotes::Ordinary);
        if word.is_none() {
            self.report_missing_after(before, missing);
        }
        word
    }

    fn server_behind(&mut self, before: &Word<'_>) -> Option<(NodeReference, Word<'r>)> {
        let word = self.behind(before, "S")?;
        self.node_as(&SERVER, NodeKind::Server, &word).map(|server| (server, word))
    }

    fn node_as(&mut self, parameter: &Parameter, kind: NodeKind, word: &Word<'_>) -> Option<NodeReference> {
        match self.joined(parameter, Some(kind), word) {
            Argument::Node(reference) => Some(reference),
            // What is wrong with it was reported.
            _ => None,
        }
    }

    /// `==` behind a word, which may have swallowed it.
    fn equals_behind(&mut self, before: &Word<'r>, behind: &str) -> Option<Word<'r>> {
        match self.next(Quotes::Ordinary) {
            Some(word) if word.text == EQUALS => Some(word),
            Some(word) if word.text.starts_with(EQUALS) => {
                self.lacks_blanks(&word);
                None
            }
            _ if self.lacks_blanks(before) => None,
            Some(word) => {
                self.refuse(&word, "stands in the wrong place", &format!("expected `{EQUALS} {behind}`"));
                None
            }
            None => {
                self.report_missing_after(before, &format!("{EQUALS} {behind}"));
                None
            }
        }
    }

    /// Is `==` a part of the word, where it should be one of its own? That is reported.
    fn lacks_blanks(&mut self, word: &Word<'_>) -> bool {
        let Some((one, other)) = word.text.split_once(EQUALS) else { return false };
        let written = format!("{one} {EQUALS} {other}");
        self.refuse(word, "has no blanks around `==`", &format!("expected `{}`", written.trim()));
        true
    }

    fn report_unknown_subject(&mut self, word: &Word<'_>) {
        let (line, command, console) = (self.line, self.command, self.console);
        self.tally.add(|| {
            let meant = nearest(word.text, SUBJECTS);
            let meant = meant.map_or_else(String::new, |near| format!("did you mean `{near}`?\n"));
            Mistake::new(format!("{} is nothing to expect", quoted(word.text)), line.place(word.range.clone()))
                .label(format!("expected one of {}", SUBJECTS.join(", ")))
                .help(format!("{meant}{}", command.hint_at(console)))
        });
    }
}
