//! The table of commands, a file for each noun. Help, completion, did-you-mean and the parser come from it.
//!
//! To add a command: one entry in the file of its noun, and its line in [`TABLE`].

mod clients;
mod clocks;
mod clusters;
mod concurrency;
mod connections;
mod consensus;
mod disks;
mod expectations;
mod links;
mod messages;
mod networks;
mod paces;
mod partitions;
mod pauses;
mod servers;
mod settings;
mod snapshots;
mod time;

pub use clients::{begin, operation_of, tell_in_block, tell_unawaited};
pub use clusters::needs_consensus;
pub use consensus::needs_a_leader;
pub use disks::slowness_of;
pub use paces::delay_of;
pub use settings::{chooses_own_program, protocols_for, protocols_in};

use crate::cluster::Stop;
use crate::experiment::run::Experiment;
use crate::script::{Command, Given, Invocation, Parameter, ParameterKind, Table};

/// What carries a command out.
#[derive(Clone, Copy, Debug)]
pub struct Function(pub fn(&mut Experiment, &Invocation<Function>) -> Result<(), Stop>);

type Entry = Command<Function>;

/// All commands, in the order of the reference.
pub const TABLE: Table<Function> = Table {
    commands: &[
        &settings::PROTOCOL,
        &settings::SEED,
        &settings::RUN,
        &clusters::CLUSTER,
        &servers::JOIN_SERVER,
        &servers::KILL_SERVER,
        &servers::CRASH,
        &servers::RESTART,
        &pauses::PAUSE,
        &pauses::RESUME,
        &clocks::CLOCK,
        &servers::PRINT_STORE,
        &servers::PRINT_BLOCKCHAIN,
        &servers::PRINT_DEPTH,
        &snapshots::SNAPSHOT,
        &expectations::EXPECT,
        &expectations::FAILS,
        &consensus::NOMINATE,
        &consensus::PRINT_LEADER,
        &consensus::PRINT_ROLE,
        &consensus::PRINT_LOG,
        &consensus::PRINT_QUEUE,
        &clients::JOIN_CLIENT,
        &clients::LEAVE,
        &clients::PUT,
        &clients::GET,
        &clients::CAS,
        &concurrency::ASYNC,
        &concurrency::AWAIT,
        &concurrency::PAR,
        &concurrency::END,
        &concurrency::WHEN,
        &connections::BREAK_CONNECTION,
        &connections::CREATE_CONNECTION,
        &links::CUT,
        &links::MEND,
        &links::CONNECT,
        &links::ISOLATE,
        &partitions::PARTITION,
        &messages::DROP,
        &messages::HOLD,
        &messages::RELEASE,
        &messages::DELIVER,
        &messages::LOSS,
        &messages::DUPLICATE,
        &messages::REORDER,
        &paces::DELAY,
        &paces::RATE,
        &networks::HEAL,
        &networks::NETWORK,
        &networks::PRINT_NETWORK,
        &links::PRINT_BROKEN_LINKS,
        &disks::DISK,
        &time::STABILIZE,
        &time::WAIT,
        &settings::EXIT,
    ],
};

/// A parameter that is always given.
const fn parameter(name: &'static str, kind: ParameterKind) -> Parameter {
    Parameter { name, kind, given: Given::Always }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::{LineParser, Phase};

    #[test]
    fn the_table_is_sound() {
        TABLE.assert_sound();
    }

    /// An example that the parser refuses would teach a mistake.
    #[test]
    fn every_example_is_a_line_that_a_script_may_hold() {
        for command in TABLE.commands {
            let mut parser = LineParser::new(&TABLE);
            if !matches!(command.phase, Phase::Setting | Phase::Founding) {
                for line in ["joinServer 0", "joinServer 1", "joinClient 2 0"] {
                    parser.parse_line(1, line).unwrap();
                }
            }
            // What it needs before it.
            let before = match command.name {
                "await" => Some("async a = get 2 x"),
                "end" => Some("par"),
                _ => None,
            };
            before.into_iter().for_each(|line| assert!(parser.parse_line(1, line).unwrap().is_some()));
            let invocation = parser.parse_line(2, command.example).unwrap().expect("an example is no comment");
            assert_eq!(invocation.command.name, command.name, "{}", command.example);
        }
    }

    #[test]
    fn every_example_at_a_console_is_a_line_that_a_script_may_hold() {
        let consoles = TABLE.commands.iter().flat_map(|command| command.consoles.iter().map(move |at| (command, at)));
        for (command, console) in consoles {
            let mut parser = LineParser::new(&TABLE);
            parser.parse_line(1, "cluster servers=3 clients=1").unwrap();
            let invocation = parser.parse_line(2, console.example).unwrap().expect("an example is no comment");
            assert_eq!(invocation.command.name, command.name, "{}", console.example);
            let again = parser.parse_line(3, &invocation.canonical()).unwrap().expect("a canonical line is no comment");
            assert_eq!(again.canonical(), invocation.canonical());
        }
    }
}
