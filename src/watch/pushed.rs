//! What those said who speak of pushes, since that was asked the last time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Bytes that are kept until somebody asks. More were said by nobody who means well, and what is left out is waited for.
const LIMIT: usize = 8 << 20;

/// Told by one thread, asked or waited for by another.
#[derive(Debug, Default)]
pub(super) struct Pushed {
    told: Mutex<Option<Vec<u8>>>,
    bell: Condvar,
}

impl Pushed {
    pub fn tell(&self, lines: &[u8]) {
        let mut told = self.lock();
        let all = told.get_or_insert_default();
        if all.len() + lines.len() < LIMIT {
            all.extend_from_slice(lines);
            all.push(b'\n');
        }
        drop(told);
        self.bell.notify_all();
    }

    /// Whether it was told, which stays as it is.
    pub fn is_told(&self) -> bool {
        self.lock().is_some()
    }

    /// What was told, or is in that time. Then it is as if it had not been.
    pub fn take_within(&self, time: Duration) -> Option<Vec<u8>> {
        let wait = self.bell.wait_timeout_while(self.lock(), time, |told| told.is_none());
        let (mut told, _) = wait.unwrap_or_else(PoisonError::into_inner);
        told.take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Vec<u8>>> {
        // the text is right whatever its holder was doing when it panicked
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
