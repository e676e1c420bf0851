//! What processes use of the machine, read from `/proc`.

use std::fs;

use crate::system::Failure;

/// The length of a tick in `/proc/PID/stat`: USER_HZ is 100 on all of Linux's common platforms.
const TICK_MS: u64 = 10;

/// What some processes have used together since they started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Processor time of all threads, in user mode and in the kernel.
    pub processor_ms: u64,
    /// What they caused to be written to a disk: `write_bytes`, in whole pages.
    pub written_bytes: u64,
}

impl Usage {
    /// The sum over these processes.
    pub fn of(processes: &[u32]) -> Result<Usage, Failure> {
        let mut sum = Usage::default();
        for process in processes {
            let one = Usage::of_one(&process.to_string())?;
            sum.processor_ms += one.processor_ms;
            sum.written_bytes += one.written_bytes;
        }
        Ok(sum)
    }

    /// Of this process.
    pub fn own() -> Result<Usage, Failure> {
        Usage::of_one("self")
    }

    /// What was used since an earlier look.
    pub fn since(&self, earlier: &Usage) -> Usage {
        Usage {
            processor_ms: self.processor_ms - earlier.processor_ms,
            written_bytes: self.written_bytes - earlier.written_bytes,
        }
    }

    fn of_one(process: &str) -> Result<Usage, Failure> {
        let ticks = ticks_of(&read(process, "stat")?).ok_or("no processor time in /proc/PID/stat")?;
        let written_bytes = value_of(&read(process, "io")?, "write_bytes").ok_or("no write_bytes in /proc/PID/io")?;
        Ok(Usage { processor_ms: ticks * TICK_MS, written_bytes })
    }
}

/// The most memory each of these processes has had resident at a time, summed.
pub fn most_memory_bytes(processes: &[u32]) -> Result<u64, Failure> {
    let mut sum = 0;
    for process in processes {
        let status = read(&process.to_string(), "status")?;
        sum += value_of(&status, "VmHWM").ok_or("no VmHWM in /proc/PID/status")? * 1024;
    }
    Ok(sum)
}

fn read(process: &str, file: &str) -> Result<String, Failure> {
    let path = format!("/proc/{process}/{file}");
    fs::read_to_string(&path).map_err(|error| format!("{path}: {error}").into())
}

/// The fields utime and stime, 14 and 15, counted after the name of the program, which may contain anything.
fn ticks_of(stat: &str) -> Option<u64> {
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(11);
    let user = fields.next()?.parse::<u64>().ok()?;
    let kernel = fields.next()?.parse::<u64>().ok()?;
    Some(user + kernel)
}

/// The number on the line `name: number`.
fn value_of(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{ticks_of, value_of};

    #[test]
    fn processor_time_is_found_behind_any_name() {
        let stat = "7 (a) (b 1 2) S 1 7 7 0 -1 4194560 1 2 3 4 250 50 6 7 20 0 9";
        assert_eq!(ticks_of(stat), Some(300));
    }

    #[test]
    fn a_number_is_found_by_its_whole_name() {
        let io = "wchar: 1\ncancelled_write_bytes: 2\nwrite_bytes: 4096\n";
        assert_eq!(value_of(io, "write_bytes"), Some(4096));
        assert_eq!(value_of("VmHWM:\t  2048 kB\n", "VmHWM"), Some(2048));
        assert_eq!(value_of(io, "read_bytes"), None);
    }
}
