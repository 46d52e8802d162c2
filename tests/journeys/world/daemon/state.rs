//! What a daemon says of itself, and what it costs.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Daemon;
use crate::world::Reply;

impl Daemon {
    /// What it answers to `/readyz`.
    pub fn readyz(&self) -> Reply {
        self.request("GET", "/readyz", &[], b"")
    }

    /// The number of errors and warnings that `/readyz` counts.
    pub fn problems(&self) -> (u64, u64) {
        let problems = &self.readyz().json()["problems"];
        let count = |name: &str| problems[name].as_u64().unwrap_or_else(|| panic!("no {name} in {problems}"));
        (count("errors"), count("warnings"))
    }

    /// The lines that it logs from now on, for so long.
    pub fn lines_for(&self, time: Duration) -> Vec<Value> {
        let until = Instant::now() + time;
        let lines = self.lines.lock().expect("the lines");
        std::iter::from_fn(|| lines.recv_timeout(until.saturating_duration_since(Instant::now())).ok()).collect()
    }

    /// The lines that it logged and nobody waited for.
    pub fn unread_lines(&self) -> Vec<Value> {
        self.lines.lock().expect("the lines").try_iter().collect()
    }

    /// The time of processors that it has used, in ticks (hundredths of a second, as a rule). `None` where the system
    /// does not tell in the way of Linux.
    pub fn cpu_ticks(&self) -> Option<u64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.id())).ok()?;
        // The name of the program may have spaces, and ends with the last bracket.
        let (_, after_name) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = after_name.split_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(ticks(11)? + ticks(12)?)
    }
}
