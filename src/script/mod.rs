//! Scripts, in lines or in YAML: bytes become a list of typed, checked invocations, or all their mistakes at once.
//!
//! A caller reads a [`Source`], and gives it with a [`Table`] of commands to [`parse`]. The interactive prompt keeps
//! one [`LineParser`] and gives it line by line. What a line must look like is said by the table alone: its entries
//! name the parameters and their kinds, and from them come the checks, the usage lines and the did-you-mean.
//!
//! What is guaranteed:
//! 1. Nothing is carried out before the whole script is checked, and every mistake is reported with line, column, the
//!    line itself, a caret and what would be right.
//! 2. An [`Invocation`] holds one argument for each parameter, of the parameter's kind; each node that it names joined
//!    on an earlier line, as what the command needs.
//! 3. The canonical text of an invocation parses back to the same invocation.
//! 4. Time and memory grow with the length of the script, not with its square, however many mistakes it holds.
//!
//! Deliberately missing: what commands do (the table's function type is a parameter), whether a node is alive (known
//! only when a script runs), and any input or output.

pub mod consoles;
pub mod expectation;
pub mod invocation;
pub mod lines;
pub mod links;
pub mod messages;
pub mod mistake;
pub mod notation;
pub mod percent;
pub mod rate;
pub mod remarks;
pub mod sending;
pub mod source;
pub mod table;
pub mod targets;

mod arguments;
mod composed;
mod excerpt;
mod names;
mod nearest;
mod operations;
mod snapshots;
mod words;
mod yaml;

#[cfg(test)]
mod tests;

pub use consoles::{ByHand, Console, Shape, Shown};
pub use expectation::{Claim, Expectation, Sense};
pub use invocation::{Argument, Grouping, Invocation, NodeReference, Numbering, Place};
pub use lines::{ConsoleParser, LineParser, Script};
pub use links::{End, Links, Ways};
pub use messages::Messages;
pub use mistake::{Mistake, Mistakes};
pub use nearest::nearest;
pub use notation::Notation;
pub use remarks::Remarks;
pub use sending::{Condition, Sending, Side};
pub use source::{Line, Source};
pub use table::{Between, Choice, Command, Given, Held, Next, Parameter, ParameterKind, Phase, Table};
pub use targets::{Role, Target};
pub use yaml::{SKELETON, hint_in_yaml};

/// Reads a script in the form in which it is written, up to the command that ends it.
///
/// # Errors
/// All mistakes of the script, if there is one.
///
/// # Panics
/// If the table is not sound.
pub fn parse<F>(table: &Table<F>, source: &Source) -> Result<Script<F>, Mistakes> {
    match source.notation {
        Notation::Lines => lines::parse(table, source),
        Notation::Yaml => yaml::parse(table, source),
    }
}

/// Writes a script in one of its forms. Reading that gives the same commands, and the same comments.
#[must_use]
pub fn print<F>(script: &Script<F>, notation: Notation) -> String {
    match notation {
        Notation::Lines => lines::print(script),
        Notation::Yaml => yaml::print(script),
    }
}
