//! How protocols write what servers keep on their disks: one JSON object a record.
//!
//! Deliberately missing: what is in a record. That is each protocol's.

use serde::Serialize;

use crate::wire::envelope::write_json;

/// Most records are not longer, in bytes.
const USUAL_BYTES: usize = 512;

/// The bytes of a record.
///
/// # Panics
/// If it is not representable in JSON: a bug of its type.
pub(super) fn encode(record: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    write_json(&mut bytes, record);
    bytes
}
