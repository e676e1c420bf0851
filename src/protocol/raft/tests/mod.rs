//! Raft servers in [schedules](crate::protocol::schedules) of an adversary.

mod bug;
mod histories;
mod subject;

use crate::protocol::schedules::{
    Claim, Plant, Way, a_server_forgets_what_it_decided, assert_every_claim_can_be_broken, assert_nothing_breaks,
};
use bug::Bug;
use subject::Raft;

#[test]
fn schedules_of_three_servers_break_no_claim() {
    assert_nothing_breaks::<Raft>(3);
}

#[test]
fn schedules_of_five_servers_break_no_claim() {
    assert_nothing_breaks::<Raft>(5);
}

fn way_to_break(claim: Claim) -> Way<Bug> {
    match claim {
        Claim::Sound => Way::Plants(&[Plant::Own(Bug::MisreadsBlocks)]),
        Claim::PromiseKept => Way::Plants(&[Plant::SyncsNothing]),
        Claim::OneVote => Way::Plants(&[Plant::SyncsNothing, Plant::Own(Bug::VotesTwice)]),
        Claim::Recorded => Way::Plants(&[Plant::Own(Bug::ForgetsEntries)]),
        Claim::DecidedStays => Way::History(a_server_forgets_what_it_decided::<Raft>),
        Claim::OneLeader => Way::Plants(&[Plant::Own(Bug::CountsRefusals)]),
        Claim::AppendOnly => Way::History(histories::a_leader_shortens_its_log),
        Claim::OneBlock => Way::Plants(&[Plant::Own(Bug::TakesAnyPrevious)]),
        Claim::OneRequest => Way::History(histories::a_log_holds_a_request_twice),
        Claim::ChosenStays => {
            Way::Plants(&[Plant::Own(Bug::VotesForWhoIsBehind), Plant::Own(Bug::TruncatesOnAnyAppend)])
        }
        Claim::DecidedIsChosen => Way::Plants(&[
            Plant::Own(Bug::CommitsOlderTerms),
            Plant::Own(Bug::CommitsWhatItNeverCompared),
            Plant::Own(Bug::CountsLearners),
        ]),
        Claim::Durable => Way::Plants(&[Plant::SpeaksFirst(&["vote_ok"]), Plant::SpeaksFirst(&["append_ok"])]),
        Claim::Answer => Way::Plants(&[Plant::AnswersAlwaysWell]),
        Claim::Read => Way::Plants(&[Plant::Own(Bug::TakesItselfForConfirmed), Plant::Own(Bug::ReadsBeforeItsNoOp)]),
        Claim::Learner => Way::Plants(&[Plant::WipedIsNew]),
        Claim::Progress => Way::Plants(&[Plant::NeverSays("append_refused")]),
    }
}

#[test]
fn schedules_break_every_claim_somehow() {
    assert_every_claim_can_be_broken::<Raft>(way_to_break);
}

/// Figure 8 of the paper: the watch itself must not take such an entry for chosen.
#[test]
fn schedules_know_that_counting_commits_no_entry_of_an_older_term() {
    histories::a_majority_has_an_entry_of_an_older_term();
}
