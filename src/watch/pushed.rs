//! Whether somebody said that a push is in whole, since that was asked the last time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Told by one thread, asked or waited for by another.
#[derive(Debug, Default)]
pub(super) struct Pushed {
    told: Mutex<bool>,
    bell: Condvar,
}

impl Pushed {
    pub fn tell(&self) {
        *self.lock() = true;
        self.bell.notify_all();
    }

    /// Whether it was told, which stays as it is.
    pub fn is_told(&self) -> bool {
        *self.lock()
    }

    /// Whether it was told, or is in that time. Then it is as if it had not been.
    pub fn take_within(&self, time: Duration) -> bool {
        let wait = self.bell.wait_timeout_while(self.lock(), time, |told| !*told);
        let (mut told, _) = wait.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *told)
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        // a flag is right whatever its holder was doing when it panicked
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
