//! Bad histories, for claims that no planted bug of a single server breaks: its own invariants hold it back before.

use std::rc::Rc;

use crate::ledger::{Chain, RequestId};
use crate::protocol::raft::messages::Entry;
use crate::protocol::raft::tests::subject::{Raft, Vow};
use crate::protocol::schedules::{Breach, Claim, Part, State, Watch, client_name};
use crate::store::Operation;
use crate::wire::control::Reads;

const SERVERS: usize = 3;

/// The leader of a term whose log begins these terms, one after the other.
fn leader(term: u64, begun: &[u64]) -> State<Raft> {
    State { part: Part::Leading(term), ..follower(term, begun) }
}

fn follower(term: u64, begun: &[u64]) -> State<Raft> {
    let log = begun.iter().map(|&term| Entry { term, block: None }).collect();
    State { vow: Vow { term, vote: None }, log, ..State::default() }
}

/// A leader takes an entry away.
pub fn a_leader_shortens_its_log() -> Result<(), Breach> {
    let mut watch = Watch::new(SERVERS, Reads::Chain);
    watch.observe_log(0, &leader(1, &[1]), 0).expect("a leader has a log");
    watch.observe_log(0, &leader(1, &[]), 0)
}

/// A request stands in two blocks of a log, each right by itself.
pub fn a_log_holds_a_request_twice() -> Result<(), Breach> {
    let request = RequestId { client: client_name(0), session: 0, sequence: 1 };
    let mut chain = Chain::default();
    for _ in 0..2 {
        chain.mine(Operation::Put { key: "a".into(), value: "1".into() }, request);
    }
    let mut state = leader(1, &[1]);
    state.log.extend(chain.blocks_after(0).iter().map(|block| Entry { term: 1, block: Some(Rc::clone(block)) }));
    Watch::new(SERVERS, Reads::Chain).observe_log(0, &state, 0)
}

/// Figure 8: of five servers S1 leads term 2, and its entry reaches S2; S5 leads term 3; S1 leads term 4, and brings the
/// entry of term 2 to S3. Now a majority has it, and yet S5 may lead term 5 without it.
///
/// # Panics
/// If it is taken for chosen before something of term 4 is.
pub fn a_majority_has_an_entry_of_an_older_term() {
    let mut watch = Watch::<Raft>::new(5, Reads::Chain);
    let keep = |watch: &mut Watch<Raft>, server: usize, state: State<Raft>| {
        watch.observe_log(server, &state, 0).and_then(|()| watch.sync(server, &Rc::new(state)))
    };
    keep(&mut watch, 0, leader(2, &[2])).expect("S1 leads");
    keep(&mut watch, 1, follower(2, &[2])).expect("S2 takes it");
    keep(&mut watch, 4, leader(3, &[3])).expect("S5 leads");
    keep(&mut watch, 0, leader(4, &[2, 4])).expect("S1 leads again");
    keep(&mut watch, 1, follower(4, &[2])).expect("S2 is in term 4");
    keep(&mut watch, 2, follower(4, &[2])).expect("S3 takes the entry of term 2");
    assert_eq!(watch.chosen.length(), 0, "a majority has an entry of term 2, and the leader is of term 4");
    let decided = watch.show(0, &State { decided: 1, ..leader(4, &[2, 4]) });
    assert!(decided.is_err_and(|breach| breach.claim == Claim::DecidedIsChosen), "S1 must not commit it");
    let mut other = watch;
    keep(&mut other, 1, follower(4, &[2, 4])).expect("S2 takes the entry of term 4");
    keep(&mut other, 2, follower(4, &[2, 4])).expect("S3 takes the entry of term 4");
    assert_eq!(other.chosen.length(), 2, "what is of the leader's term is chosen, and all before it");
    let lacks = other.observe_log(4, &leader(5, &[3, 5]), 0);
    assert!(lacks.is_err_and(|breach| breach.claim == Claim::ChosenStays), "S5 cannot lead any more");
}
