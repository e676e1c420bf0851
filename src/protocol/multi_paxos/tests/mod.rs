//! Multi-Paxos servers in [schedules](crate::protocol::schedules) of an adversary.

mod bug;
mod histories;
mod subject;

use crate::protocol::multi_paxos::messages::PaxosMessage;
use crate::protocol::schedules::{
    Claim, Plant, Way, a_server_forgets_what_it_decided, assert_every_claim_can_be_broken, assert_nothing_breaks,
};
use bug::Bug;
use subject::MultiPaxos;

#[test]
fn schedules_of_three_servers_break_no_claim() {
    assert_nothing_breaks::<MultiPaxos>(3);
}

#[test]
fn schedules_of_five_servers_break_no_claim() {
    assert_nothing_breaks::<MultiPaxos>(5);
}

fn way_to_break(claim: Claim) -> Way<Bug> {
    match claim {
        Claim::Sound => Way::Plants(&[Plant::Own(Bug::MisreadsBlocks)]),
        Claim::PromiseKept => Way::Plants(&[Plant::SyncsNothing]),
        Claim::OneVote => Way::Never,
        Claim::Recorded => Way::Plants(&[Plant::Own(Bug::ForgetsAccepts)]),
        Claim::DecidedStays => Way::History(a_server_forgets_what_it_decided::<MultiPaxos>),
        Claim::OneLeader => Way::History(histories::two_servers_lead_one_ballot),
        Claim::AppendOnly => Way::History(histories::a_leader_shortens_its_log),
        Claim::OneBlock => Way::Plants(&[Plant::Own(Bug::AcceptsAny)]),
        Claim::OneRequest => Way::History(histories::a_log_holds_a_request_twice),
        Claim::ChosenStays => Way::Plants(&[Plant::Own(Bug::AdoptsNothing)]),
        Claim::DecidedIsChosen => Way::Plants(&[Plant::Own(Bug::DecidesAny)]),
        Claim::Durable => Way::Plants(&[Plant::SpeaksFirst(PaxosMessage::TYPES)]),
        Claim::Answer => Way::Plants(&[Plant::AnswersAlwaysWell]),
        Claim::Read => Way::Plants(&[Plant::Own(Bug::TakesItselfForConfirmed), Plant::Own(Bug::ReadsWhileItLacks)]),
        Claim::Learner => Way::Plants(&[Plant::WipedIsNew]),
        Claim::Progress => Way::Plants(&[Plant::NeverSays("pull")]),
    }
}

#[test]
fn schedules_break_every_claim_somehow() {
    assert_every_claim_can_be_broken::<MultiPaxos>(way_to_break);
}
