//! `master test` through the real binary, on scripts and goldens of its own.

mod accepting;
mod ending;
mod folder;
mod outcomes;
mod protocols;
mod reports;
mod selection;
