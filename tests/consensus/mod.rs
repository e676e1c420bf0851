//! Runs of servers with consensus, and what is wrong with one: judged by what clients were told and which chains were
//! printed, without any knowledge of the protocol.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::rc::Rc;

use splitbrain::base::{Environment, NodeName, Verdict};
use splitbrain::cluster::InMemory;
use splitbrain::experiment::Form;
use splitbrain::ledger::RequestId;
use splitbrain::protocol::Protocol;
use splitbrain::store::Operation;
use splitbrain::trace::{Happening, Moment, Reader};
use splitbrain::wire::control::InvokeOk;
use splitbrain::wire::{Completion, ErrorBody, ErrorCode};

use crate::library::{self, Setup};

/// What was seen of a run.
#[derive(Default)]
pub struct Seen {
    /// Everything that clients were told, in the order in which they were.
    pub answers: Vec<Answer>,
    /// Every chain that was printed, in order.
    pub chains: Vec<Printed>,
    /// Is a chain being printed?
    is_printing: bool,
    /// How many operations each client was given.
    given: BTreeMap<NodeName, u64>,
    /// What each client is at.
    current: BTreeMap<NodeName, Request>,
    /// What a client was told that nobody knows, in order.
    unknown: BTreeMap<NodeName, VecDeque<Request>>,
}

/// An operation with its client's number for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Which it is, as blocks say it.
    pub id: RequestId,
    /// What was asked.
    pub operation: Operation,
}

impl Request {
    /// What names it.
    fn text(&self) -> String {
        format!("{} {} {}", self.id.client, self.id.sequence, self.operation)
    }
}

/// What a client was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it had asked.
    pub request: Request,
    /// The value of a get, in canonical form; `success`, or the word of an error.
    pub text: String,
}

/// A chain as a server showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The server.
    pub server: String,
    /// Its blocks, one a line.
    pub lines: Vec<String>,
}

/// What is wrong with a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Objection {
    /// The run did not pass, and why.
    NotPassed(Verdict, String),
    /// A client was answered, and the chain that this server showed last does not hold what it had asked.
    Lost {
        /// What it had asked.
        operation: String,
        /// The server.
        server: String,
    },
    /// These two showed chains of which neither is the beginning of the other.
    Forked(String, String),
    /// A chain holds this request twice.
    Twice(String),
    /// A client was told something else than what its operation comes to at its place in the chain.
    Wrong {
        /// What it had asked.
        operation: String,
        /// What it was told.
        told: String,
        /// What it should have been told.
        right: String,
    },
    /// The chain that this server showed last is shorter than that of another.
    Behind(String),
}

impl fmt::Display for Objection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPassed(verdict, err) => write!(formatter, "{verdict:?}: {err}"),
            Self::Lost { operation, server } => {
                write!(formatter, "`{operation}` was acknowledged, and {server} lacks it")
            }
            Self::Forked(one, other) => write!(formatter, "the chains of {one} and {other} differ"),
            Self::Twice(request) => write!(formatter, "{request} stands twice in a chain"),
            Self::Wrong { operation, told, right } => {
                write!(formatter, "`{operation}` was answered `{told}`, and at its place in the chain it is `{right}`")
            }
            Self::Behind(server) => write!(formatter, "{server} is behind"),
        }
    }
}

/// A run that is over.
pub struct Ended {
    /// What was seen of it.
    pub seen: Seen,
    /// Its transcript.
    pub transcript: String,
    verdict: Verdict,
    err: String,
}

/// Carries a script out, in memory; others may follow it as well.
pub fn run(text: &str, protocol: &'static Protocol, others: Vec<Box<dyn Reader>>) -> Ended {
    let seen = Rc::default();
    let witness: Box<dyn Reader> = Box::new(Witness(Rc::clone(&seen)));
    let setup = Setup { protocol, form: Form::Transcript, spawner: InMemory };
    let library::Run { verdict, out, err } = library::run(text, setup, others.into_iter().chain([witness]));
    Ended { seen: seen.take(), transcript: out, verdict, err }
}

impl Ended {
    /// Everything that is wrong with it.
    pub fn objections(&self) -> Vec<Objection> {
        let passed = (self.verdict != Verdict::Passed).then(|| Objection::NotPassed(self.verdict, self.err.clone()));
        passed.into_iter().chain(self.seen.objections()).collect()
    }
}

impl Seen {
    /// Everything that is wrong with it.
    pub fn objections(&self) -> Vec<Objection> {
        let kinds = [self.lost(), self.forked(), self.twice(), self.wrong(), self.behind()];
        kinds.into_iter().flatten().collect()
    }

    /// The chain that each server showed last.
    fn last_chains(&self) -> BTreeMap<&str, &[String]> {
        self.chains.iter().map(|chain| (chain.server.as_str(), chain.lines.as_slice())).collect()
    }

    fn lost(&self) -> Vec<Objection> {
        let lost_by = |(server, chain): (&str, &[String])| {
            let blocks: BTreeSet<_> = chain.iter().map(|line| Block::of(line).text()).collect();
            let lost = self.answers.iter().filter(|answer| !blocks.contains(&answer.request.text()));
            let object = |answer: &Answer| Objection::Lost {
                operation: answer.request.operation.to_string(),
                server: server.to_owned(),
            };
            lost.map(object).collect::<Vec<_>>()
        };
        self.last_chains().into_iter().flat_map(lost_by).collect()
    }

    fn forked(&self) -> Vec<Objection> {
        let mut objections = Vec::new();
        for (number, one) in self.chains.iter().enumerate() {
            for other in &self.chains[..number] {
                if one.lines.iter().zip(&other.lines).any(|(one, other)| one != other) {
                    objections.push(Objection::Forked(other.server.clone(), one.server.clone()));
                }
            }
        }
        objections
    }

    fn twice(&self) -> Vec<Objection> {
        let mut objections = Vec::new();
        for chain in &self.chains {
            let mut requests: BTreeMap<_, usize> = BTreeMap::new();
            for line in &chain.lines {
                let Block { client, request, .. } = Block::of(line);
                *requests.entry(format!("request {request} of {client}")).or_default() += 1;
            }
            let repeated = requests.into_iter().filter(|(_, count)| *count > 1);
            objections.extend(repeated.map(|(request, _)| Objection::Twice(request)));
        }
        objections
    }

    /// Carries the longest chain out, and compares.
    fn wrong(&self) -> Vec<Objection> {
        let Some(chain) = self.last_chains().into_values().max_by_key(|chain| chain.len()) else { return Vec::new() };
        let told: BTreeMap<_, _> = self.answers.iter().map(|answer| (answer.request.text(), &answer.text)).collect();
        let mut store: BTreeMap<&str, &str> = BTreeMap::new();
        let mut objections = Vec::new();
        for line in chain {
            let block = Block::of(line);
            let right = block.carry_out(&mut store);
            if let Some(told) = told.get(&block.text()).filter(|told| ***told != right) {
                let (operation, told) = (block.operation.to_owned(), (*told).clone());
                objections.push(Objection::Wrong { operation, told, right });
            }
        }
        objections
    }

    fn behind(&self) -> Vec<Objection> {
        let chains = self.last_chains();
        let longest = chains.values().map(|chain| chain.len()).max().unwrap_or(0);
        let behind = chains.into_iter().filter(|(_, chain)| chain.len() < longest);
        behind.map(|(server, _)| Objection::Behind(server.to_owned())).collect()
    }
}

/// A block, as it is printed.
struct Block<'a> {
    /// The canonical text: no word of it holds a blank in these scripts.
    operation: &'a str,
    client: &'a str,
    request: &'a str,
}

impl<'a> Block<'a> {
    /// `1 put a 1 client=c1 request=1 nonce=1 previous=None hash=0b54…`
    fn of(line: &'a str) -> Self {
        let parse = || {
            let (_, rest) = line.split_once(' ')?;
            let (operation, rest) = rest.split_once(" client=")?;
            let (client, rest) = rest.split_once(" request=")?;
            let (request, _) = rest.split_once(" nonce=")?;
            Some(Self { operation, client, request })
        };
        parse().unwrap_or_else(|| panic!("`{line}` is no block"))
    }

    /// As that of [`Request::text`].
    fn text(&self) -> String {
        format!("{} {} {}", self.client, self.request, self.operation)
    }

    fn carry_out(&self, store: &mut BTreeMap<&'a str, &'a str>) -> String {
        let words: Vec<_> = self.operation.split(' ').collect();
        match *words.as_slice() {
            ["put", key, value] => {
                store.insert(key, value);
                "success".to_owned()
            }
            ["get", key] => {
                store.get(key).map_or_else(|| ErrorCode::KEY_DOES_NOT_EXIST.word(), |value| (*value).to_owned())
            }
            ["cas", key, from, to] => match store.get(key) {
                Some(found) if *found == from => {
                    store.insert(key, to);
                    "success".to_owned()
                }
                Some(_) => ErrorCode::PRECONDITION_FAILED.word(),
                None => ErrorCode::KEY_DOES_NOT_EXIST.word(),
            },
            _ => panic!("`{}` is no operation", self.operation),
        }
    }
}

/// Follows a run.
struct Witness(Rc<RefCell<Seen>>);

impl Seen {
    fn begin(&mut self, client: NodeName, operation: &Operation) {
        let given = self.given.entry(client).or_default();
        *given += 1;
        let id = RequestId { client, session: 0, sequence: *given };
        self.current.insert(client, Request { id, operation: operation.clone() });
    }

    fn end(&mut self, client: NodeName, completion: &Completion) {
        let request = self.current.remove(&client).expect("what ends was begun");
        match answer(completion) {
            Some(text) => self.answers.push(Answer { request, text }),
            None => self.unknown.entry(client).or_default().push_back(request),
        }
    }

    fn learn(&mut self, client: NodeName, completion: &Completion) {
        let request = self.unknown.get_mut(&client).and_then(VecDeque::pop_front).expect("it was unknown");
        if let Some(text) = answer(completion) {
            self.answers.push(Answer { request, text });
        }
    }

    fn begin_command(&mut self, text: &str) {
        let chain_of = text.strip_prefix("printBlockchain ");
        self.is_printing = chain_of.is_some();
        self.chains.extend(chain_of.map(|server| Printed { server: server.to_owned(), lines: Vec::new() }));
    }

    fn print(&mut self, line: &str) {
        if self.is_printing {
            self.chains.last_mut().expect("it is printed").lines.push(line.to_owned());
        }
    }
}

/// What a client was told; none if nobody knows.
fn answer(completion: &Completion) -> Option<String> {
    match completion {
        Completion::Ok(InvokeOk { value: Some(value), .. }) => Some(value.canonical().to_string()),
        Completion::Ok(InvokeOk { value: None, .. }) => Some("success".to_owned()),
        Completion::Error(ErrorBody { code, .. }) => (*code != ErrorCode::TIMEOUT).then(|| code.word()),
    }
}

impl Reader for Witness {
    fn read(&mut self, _moment: Moment, happening: &Happening<'_>) -> Result<(), Environment> {
        let mut seen = self.0.borrow_mut();
        match happening {
            Happening::Command { text } => seen.begin_command(text),
            Happening::Printed { text } => seen.print(text),
            Happening::Invoked { client, operation } => seen.begin(*client, operation),
            Happening::Completed { client, completion, .. } => seen.end(*client, completion),
            Happening::Late { client, completion, operation: _ } => seen.learn(*client, completion),
            _ => {}
        }
        Ok(())
    }
}
