//! How a daemon ends.

use std::process::Command;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Instant;

use super::{Daemon, PATIENCE};

impl Daemon {
    /// Sends it a signal, by its name without `SIG`.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.id())]).status();
        assert!(sent.expect("a shell").success(), "SIG{name} was not sent");
    }

    /// Waits until it ends by itself; its exit code, unless a signal ended it.
    pub fn end(mut self) -> Option<i32> {
        let until = Instant::now() + PATIENCE;
        let lines = self.lines.lock().expect("the lines");
        // Its log ends with it.
        loop {
            match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end; the log:\n{}", self.log().join("\n")),
            }
        }
        drop(lines);
        self.child.wait().expect("its end").code()
    }
}
