//! splitbrain from a program: a script carried out in the program's own memory, and what came of it as values.
//!
//! [`run`] carries out a script on the protocols that come with splitbrain; [`Cluster`] on a [`Machine`](crate::machine::Machine) of one's own. Both
//! take scripts in lines and in YAML, and give an [`Outcome`], whose parts a test compares with goldens:
//!
//! ```
//! let outcome = splitbrain::run("cluster servers=3 clients=1\nput c1 x 1\nget c1 x\n", &Default::default());
//! outcome.assert_passed();
//! assert_eq!(outcome.printed, "x:1\n");
//! ```
//!
//! What is guaranteed: the same script gives the same outcome, and the transcript that `master` prints; nothing is read from
//! or written to the world.
//!
//! Deliberately missing: nodes as processes, and with them programs in other languages (`run "COMMAND"`): that is what
//! `master` does, and `master test` for many scripts.

mod cluster;
mod outcome;
mod script;

pub use cluster::Cluster;
pub use outcome::Outcome;
pub use script::{Options, run};
