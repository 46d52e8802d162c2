//! How much memory a process has.

use std::fs;

/// Resident memory.
#[derive(Clone, Copy)]
pub struct Memory {
    /// KiB that are resident, mapped files among them.
    pub resident: u64,
    /// KiB of them that are the process's own: heap and stacks.
    pub anonymous: u64,
}

/// What `/proc` says of a process.
pub fn of(process: u32) -> Memory {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the status of a running process");
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a field of the status");
        line.trim_end_matches("kB").trim().parse().expect("a number of KiB")
    };
    Memory { resident: field("VmRSS:"), anonymous: field("RssAnon:") }
}
