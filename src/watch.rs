//! When to look at a git repository again: after a change in its directory, after a poll, or when somebody says so.
//!
//! [`Watch`] waits on one thread, [`Hints`] wakes it from any other. An event is only a hint: whoever is woken compares the
//! refs with what it knows. Invariant: a change that is made after [`Watch::wait`] returned is either seen as an event or
//! found by the next poll, so a watch that fails costs time, never truth.
//!
//! This part knows paths of a git directory, and nothing else of git.

mod hints;
mod pace;
mod paths;
mod pushed;

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Config, ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

pub use hints::Hints;
use paths::{Identity, Meaning};

/// git changes several files for one push; so long without a change counts as its end.
const QUIET: Duration = Duration::from_millis(25);
/// A repository that never rests is looked at all the same.
const LONGEST: Duration = Duration::from_millis(250);

/// Why [`Watch::wait`] returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Compare the refs: something may have changed.
    Look,
    /// End.
    Stop,
}

/// Waits for a reason to look at one repository.
pub struct Watch {
    directory: PathBuf,
    bell: Receiver<()>,
    hints: Hints,
    watcher: Option<Watched>,
    /// The last failure was said, so that a lasting one is said once.
    said: bool,
    /// The last hint that work was done for.
    known: Instant,
}

/// A watcher, and what it was made for.
struct Watched {
    _watcher: RecommendedWatcher,
    identity: Identity,
}

/// What ended a wait.
#[derive(Debug, PartialEq, Eq)]
enum Woken {
    Hint,
    Poll,
    Stop,
}

impl Watch {
    /// Watches the git directory at that path: of a linked worktree, the common one. It need not exist yet.
    pub fn new(common_dir: &Path) -> Self {
        let (sender, bell) = sync_channel(1);
        let hints = Hints::ringing(sender);
        let (directory, known) = (common_dir.to_path_buf(), hints.flags.last_hint());
        let mut watch = Watch { directory, bell, hints, watcher: None, said: false, known };
        watch.renew();
        watch
    }

    /// A handle that wakes this watch.
    pub fn hints(&self) -> Hints {
        self.hints.clone()
    }

    /// Waits for a change, a hint or the stop, and at most `poll`.
    ///
    /// After a change it goes on waiting until the directory is quiet, for a quarter of a second at most, or until somebody
    /// says that a push is in. `meanwhile` is called at each change in that time, for work that may turn out to have been
    /// for nothing. Who waits has done with what the last wait was for.
    pub fn wait(&mut self, poll: Duration, meanwhile: impl FnMut()) -> Wake {
        match self.woken(poll, meanwhile) {
            Woken::Stop => Wake::Stop,
            Woken::Hint | Woken::Poll => Wake::Look,
        }
    }

    fn woken(&mut self, poll: Duration, meanwhile: impl FnMut()) -> Woken {
        self.hints.flags.pushed.rest(Instant::now());
        let rang = !self.stopped() && self.rang(poll);
        if rang {
            self.settle(meanwhile);
        }
        // Before the look, or what changes between the two is missed.
        if !self.stopped() && self.is_stale() {
            self.renew();
        }
        match rang {
            _ if self.stopped() => Woken::Stop,
            true => Woken::Hint,
            false => Woken::Poll,
        }
    }

    fn stopped(&self) -> bool {
        self.hints.flags.stop.load(Ordering::Acquire)
    }

    fn rang(&self, within: Duration) -> bool {
        match self.bell.recv_timeout(within) {
            Ok(()) => true,
            // Never: the sender is in `hints`.
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => false,
        }
    }

    fn settle(&mut self, mut meanwhile: impl FnMut()) {
        let end = Instant::now() + LONGEST;
        let mut changes = false;
        while !self.is_due() {
            let last = self.hints.flags.last_hint();
            if last != self.known {
                (self.known, changes) = (last, true);
                meanwhile();
            }
            let left = self.left(changes.then_some(end));
            // also when nothing is left: a hint until now is answered by the look that follows
            self.rang(left);
            if left.is_zero() || self.stopped() {
                break;
            }
        }
    }

    /// Whether somebody said that a push is in, and is heard.
    fn is_due(&self) -> bool {
        let pushed = &self.hints.flags.pushed;
        pushed.is_told() && pushed.held(Instant::now()).is_zero()
    }

    /// How long to wait yet: until it is quiet, where something changes, and until who spoke is heard.
    fn left(&self, changes_until: Option<Instant>) -> Duration {
        let (now, flags) = (Instant::now(), &self.hints.flags);
        let pushed = &flags.pushed;
        let quiet = changes_until.map(|end| (flags.last_hint() + QUIET).min(end));
        let quiet = quiet.map(|quiet| quiet.saturating_duration_since(now));
        match quiet {
            Some(quiet) if pushed.is_told() => quiet.min(pushed.held(now)),
            Some(quiet) => quiet,
            // nothing changes: somebody spoke, and may have been heard by now
            None => pushed.held(now),
        }
    }

    fn is_stale(&self) -> bool {
        let told = self.hints.flags.stale.swap(false, Ordering::AcqRel);
        let moved = || self.watcher.as_ref().is_none_or(|watched| watched.identity != Identity::of(&self.directory));
        told || moved()
    }

    fn renew(&mut self) {
        // The old one first: two of them may be more than the system allows.
        self.watcher = None;
        match self.watched() {
            Ok(watched) => {
                self.watcher = Some(watched);
                if std::mem::take(&mut self.said) {
                    tracing::info!(directory = %self.directory.display(), "watching the repository again");
                }
            }
            Err(error) => self.say(&error),
        }
    }

    fn watched(&self) -> notify::Result<Watched> {
        // Taken first: what is replaced while the watcher is made has another identity afterwards.
        let identity = Identity::of(&self.directory);
        let directory = self.directory.canonicalize()?;
        let hints = self.hints.clone();
        let root = directory.clone();
        let config = Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(move |event| judge(&hints, &root, event), config)?;
        watcher.watch(&directory, RecursiveMode::NonRecursive)?;
        let refs = directory.join("refs");
        if refs.exists() {
            watcher.watch(&refs, RecursiveMode::Recursive)?;
        }
        Ok(Watched { _watcher: watcher, identity })
    }

    fn say(&mut self, error: &notify::Error) {
        if std::mem::replace(&mut self.said, true) {
            return;
        }
        let mend = mend(&error.kind);
        let directory = self.directory.display();
        tracing::warn!(%directory, %error, mend, "cannot watch the repository; changes are found by the poll alone");
    }
}

fn mend(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::MaxFilesWatch => "raise fs.inotify.max_user_watches; it is tried again at each poll",
        _ => "it is tried again at each poll",
    }
}

/// Turns an event into a hint, if it can mean that refs changed.
fn judge(hints: &Hints, root: &Path, event: notify::Result<Event>) {
    match event {
        Ok(event) if event.need_rescan() => hints.renew(),
        Ok(event) if is_read(event.kind) => {}
        Ok(event) => match paths::meaning(root, &event.paths) {
            Meaning::Nothing => {}
            Meaning::Replaced if comes_or_goes(event.kind) => hints.renew(),
            Meaning::Changed | Meaning::Replaced => hints.look(),
        },
        Err(_) => hints.renew(),
    }
}

/// Whether nothing was written. Reads are events too, our own among them: heeding them would never end.
fn is_read(kind: EventKind) -> bool {
    matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

/// Whether something was made, removed or renamed, as far as the system says.
fn comes_or_goes(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Metadata(_)))
}

#[cfg(test)]
mod tests;
