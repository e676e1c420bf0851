//! One script carried out: the commands, the run, and what it prints.
//!
//! [`TABLE`] holds the commands, one entry each; [`carry_out`] runs a checked script. What is printed is the work of
//! readers of the run's trace: [`PlainOutput`] for graders, [`Transcript`] for goldens, [`Warnings`] for people. A
//! [`Comparison`] shows the figures of several runs side by side.
//!
//! Deliberately missing: files, arguments and terminals. Those are the console's and the binaries'.

mod attachment;
mod block;
mod casting;
mod check;
mod commands;
mod comparison;
mod conditions;
mod expectation;
mod holdings;
mod judgement;
mod membership;
mod operations;
mod output;
mod passing;
mod reference;
mod roster;
mod run;
mod snapshot;
mod stabilization;
mod transcript;
mod trial;

pub use check::{check, listed_protocols, own_program};
pub use commands::{Function, TABLE, operation_of};
pub use comparison::{Column, Comparison, check_comparable, protocols_to_compare};
pub use output::{PlainOutput, Snapshots, Warnings};
pub use reference::{
    faults_as_markdown, message_types_as_markdown, nearest_command, reference, reference_of, reference_of_yaml,
};
pub use run::{Experiment, Form, OnFinding, Options, carry_out};
pub use transcript::Transcript;
