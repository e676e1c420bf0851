//! How many times a second a disk makes a small write durable: what bounds every replicated log on it.

use std::fmt::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::system::Failure;

/// The sizes of a write that are measured.
const SIZES: [usize; 2] = [512, 16 * 1024];
/// The size of the file, which is written once before the clock starts, as a preallocated log is.
const FILE_BYTES: usize = 16 * 1024 * 1024;
/// How long each size is measured.
const DURATION: Duration = Duration::from_secs(2);

/// Measures each size, one write and one `fdatasync` after the other, from the start of the file to its end and again.
pub fn measure(folder: &Path) -> Result<String, Failure> {
    let at_folder = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut text = String::new();
    for size in SIZES {
        let file = tempfile::tempfile_in(folder).map_err(at_folder)?;
        file.write_all_at(&vec![0; FILE_BYTES], 0).map_err(at_folder)?;
        file.sync_all().map_err(at_folder)?;
        let bytes = vec![1; size];
        let begun = Instant::now();
        let mut syncs: usize = 0;
        while begun.elapsed() < DURATION {
            file.write_all_at(&bytes, u64::try_from(syncs * size % FILE_BYTES)?).map_err(at_folder)?;
            file.sync_data().map_err(at_folder)?;
            syncs += 1;
        }
        let a_second = u128::try_from(syncs)? * 1_000_000 / begun.elapsed().as_micros();
        writeln!(text, "{size} bytes and fdatasync, one after the other: {a_second}/s")?;
    }
    Ok(text)
}
