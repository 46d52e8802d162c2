//! What those said who speak of pushes, since that was asked the last time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::pace::Pace;

/// Bytes that are kept until somebody asks. More were said by nobody who means well, and what is left out is waited for.
const LIMIT: usize = 8 << 20;

/// Told by one thread, asked or waited for by another.
#[derive(Debug, Default)]
pub(super) struct Pushed {
    heard: Mutex<Heard>,
    bell: Condvar,
}

#[derive(Debug, Default)]
struct Heard {
    told: Option<Vec<u8>>,
    pace: Pace,
}

impl Heard {
    fn take(&mut self) -> Option<Vec<u8>> {
        if self.told.is_some() {
            self.pace.hear();
        }
        self.told.take()
    }
}

impl Pushed {
    pub fn tell(&self, lines: &[u8]) {
        let mut heard = self.lock();
        let all = heard.told.get_or_insert_default();
        if all.len() + lines.len() < LIMIT {
            all.extend_from_slice(lines);
            all.push(b'\n');
        }
        drop(heard);
        self.bell.notify_all();
    }

    /// Whether it was told, which stays as it is.
    pub fn is_told(&self) -> bool {
        self.lock().told.is_some()
    }

    /// How long who tells has to wait yet.
    pub fn held(&self, now: Instant) -> Duration {
        self.lock().pace.left(now)
    }

    /// What was told, or is in that time; no sooner than who tells is heard, where there is so much time. Then it is as if
    /// it had not been.
    pub fn take_within(&self, time: Duration) -> Option<Vec<u8>> {
        let end = Instant::now() + time;
        let mut heard = self.lock();
        heard.pace.rest(Instant::now());
        loop {
            let now = Instant::now();
            let left = end.saturating_duration_since(now);
            let due = if heard.told.is_some() { heard.pace.left(now).min(left) } else { left };
            if due.is_zero() {
                return heard.take();
            }
            (heard, _) = self.bell.wait_timeout(heard, due).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// What was read because of it is read by now.
    pub fn rest(&self, now: Instant) {
        self.lock().pace.rest(now);
    }

    /// Something new was found.
    pub fn come_true(&self) {
        self.lock().pace.come_true();
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        // the text is right whatever its holder was doing when it panicked
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
