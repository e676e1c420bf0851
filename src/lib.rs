//! x
pub mod base;
pub mod script;
