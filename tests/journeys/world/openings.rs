//! How often anyone opens a file, where the system tells.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, EventKind};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

/// Counts how often a file is opened.
pub struct Openings {
    _watcher: RecommendedWatcher,
    count: Arc<AtomicU32>,
}

impl Openings {
    /// From now on.
    pub fn of(file: &Path) -> Openings {
        let count = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&count);
        let hear = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| matches!(event.kind, EventKind::Access(AccessKind::Open(_)))) {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        };
        let mut watcher = notify::recommended_watcher(hear).expect("a watcher");
        watcher.watch(file, RecursiveMode::NonRecursive).expect("a watch");
        Openings { _watcher: watcher, count }
    }

    /// How many there were.
    pub fn until_now(&self) -> u32 {
        self.count.load(Ordering::Relaxed)
    }

    /// Waits for so many.
    pub fn wait_for(&self, count: u32) {
        let until = Instant::now() + Duration::from_secs(30);
        while self.until_now() < count {
            assert!(Instant::now() < until, "opened {} times only", self.until_now());
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
