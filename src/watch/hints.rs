//! Waking a watch from any thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use super::pushed::Pushed;

/// Wakes a [`Watch`](super::Watch) from any thread. Never blocks; many hints before one look are one.
#[derive(Clone, Debug)]
pub struct Hints {
    bell: SyncSender<()>,
    pub(super) flags: Arc<Flags>,
}

/// What a watch looks at when it was rung.
#[derive(Debug)]
pub(super) struct Flags {
    pub stop: AtomicBool,
    /// The watcher no longer sees what it should.
    pub stale: AtomicBool,
    pub pushed: Pushed,
    pub coming: Pushed,
    began: Instant,
    /// Nanoseconds from then to the last hint.
    last: AtomicU64,
}

impl Default for Flags {
    fn default() -> Self {
        Flags {
            stop: AtomicBool::default(),
            stale: AtomicBool::default(),
            pushed: Pushed::default(),
            coming: Pushed::default(),
            began: Instant::now(),
            last: AtomicU64::new(0),
        }
    }
}

impl Flags {
    pub fn last_hint(&self) -> Instant {
        self.began + Duration::from_nanos(self.last.load(Ordering::Acquire))
    }
}

impl Hints {
    pub(super) fn ringing(bell: SyncSender<()>) -> Hints {
        Hints { bell, flags: Arc::default() }
    }

    /// Asks for a look once all is quiet.
    pub fn look(&self) {
        let now = u64::try_from(self.flags.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.flags.last.store(now, Ordering::Release);
        self.ring();
    }

    /// Says that all refs of a push are in, in lines that whoever takes them has to read, and asks for a look at once; a
    /// tenth of a second after the last such look, where that came to nothing.
    pub fn pushed(&self, lines: &[u8]) {
        self.flags.pushed.tell(lines);
        self.ring();
    }

    /// What was said so since the last time that this was asked, or is within that time. Of those who say so again and
    /// again nobody is heard sooner than at the end of the time, or a tenth of a second after the last was.
    pub fn take_pushed(&self, within: Duration) -> Option<Vec<u8>> {
        self.flags.pushed.take_within(within)
    }

    /// Says that a push is about to change refs, in lines likewise. Nothing has changed yet, so nobody looks for it.
    pub fn coming(&self, lines: &[u8]) {
        self.flags.coming.tell(lines);
    }

    /// What was said so since the last time that this was asked: of each push its lines, and an empty one.
    pub fn take_coming(&self) -> Option<Vec<u8>> {
        self.flags.coming.take_within(Duration::ZERO)
    }

    /// A look found something new: the next who says something is heard at once.
    pub fn came_true(&self) {
        self.flags.pushed.come_true();
    }

    fn ring(&self) {
        // A full channel holds a hint that nobody took yet, and one is enough.
        let _ = self.bell.try_send(());
    }

    /// Asks for the end. Whoever waits next is told as well.
    pub fn stop(&self) {
        self.flags.stop.store(true, Ordering::Release);
        self.look();
    }

    pub(super) fn renew(&self) {
        self.flags.stale.store(true, Ordering::Release);
        self.look();
    }
}
