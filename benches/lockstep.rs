//! What a lockstep run costs.

fn main() {}
