//! What every other module may use: names, time, keyed draws, bounds, and how a run can fail.
//!
//! Nothing here does I/O, and nothing here knows of any other module.

pub mod choice;
pub mod clock_rate;
pub mod failure;
pub mod identity;
pub mod limits;
pub mod offset;
pub mod shell;
pub mod time;

pub use choice::Draw;
pub use clock_rate::ClockRate;
pub use failure::{Environment, Verdict};
pub use identity::{Incarnation, NodeKind, NodeName};
pub use offset::Offset;
pub use shell::quoted;
pub use time::{Span, Time};
