//! The console of a server or client by hand: a process in a terminal of its own.
//!
//! [`Lines`] reads what is typed, [`OrderReader`] makes a typed [`Order`] of each line, from the one table of commands, and
//! a [`Printer`] prints without disturbing the line that is being typed.
//!
//! What is guaranteed:
//! 1. The next line is asked for when the one before has been carried out.
//! 2. Nothing that is typed ends the process by itself: what cannot be read is explained.
//! 3. Nothing that is printed waits for the user.
//!
//! Deliberately missing: what carries out an order; that is [`crate::tcp`].

mod arguments;
mod attend;
mod help;
mod lines;
mod order;
mod printer;
mod reader;
mod serve;
mod terminal;

pub use arguments::{ClusterArguments, client_number, server_number};
pub use attend::{Attending, attend, verdict_of};
pub use lines::{Lines, Opened, Typed, Unreadable};
pub use order::Order;
pub use printer::Printer;
pub use reader::OrderReader;
pub use serve::{Serving, serve};
pub use terminal::Terminal;
