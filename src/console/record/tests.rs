//! What stays of a record in a run that no script brings about: one in which splitbrain itself panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;

#[test]
fn the_record_of_a_run_that_panics_stays() {
    let folder = Record::begin(&Place::Temporary).unwrap().temporary().unwrap().to_owned();
    assert!(!folder.exists(), "without a panic it goes with the record");

    let mut kept = PathBuf::new();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let record = Record::begin(&Place::Temporary).unwrap();
        kept = record.temporary().unwrap().to_owned();
        let _readers = record.readers().unwrap();
        panic!("a bug");
    }));
    assert!(panicked.is_err());
    let trace = std::fs::read_to_string(kept.join(folder::TRACE)).unwrap();
    assert!(trace.starts_with("{\"format\":\"splitbrain trace\""), "what was gathered is written: {trace}");
    std::fs::remove_dir_all(kept).unwrap();
}
