//! The session, one input at a time.
