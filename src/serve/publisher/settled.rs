//! Waiting until git is done with a change of several refs.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Refs that read the same twice, so far apart, are taken for settled.
const APART: Duration = Duration::from_millis(50);
/// A repository that never settles is believed after this: what somebody stopped must not wait for the push of another.
const LONGEST: Duration = Duration::from_secs(2);

/// What ended the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// Who pushed said that all is in.
    Push,
    /// Two readings agreed, and no ref was locked.
    Readings,
    /// It took too long.
    Limit,
}

/// How a reading stands to what is said of pushes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// All that is new in it was said to be in whole.
    In,
    /// It has some of the changes of a push that was announced, and not all.
    Half,
    /// Nothing was said that would tell.
    Unknown,
}

impl By {
    /// A word for the log.
    pub const fn name(self) -> &'static str {
        match self {
            By::Push => "push",
            By::Readings => "readings",
            By::Limit => "limit",
        }
    }
}

/// Waits until two readings agree, no ref is locked and no push is known to be half in, and at most two seconds. Gives the
/// last reading. `read` waits for so long, or until somebody says something of a push, and reads; one of which all was said to
/// be in will do.
///
/// # Errors
/// What `read` reports.
pub fn settled<T: PartialEq, E>(
    git_dir: &Path,
    first: T,
    mut read: impl FnMut(Duration) -> Result<(T, Stand), E>,
) -> Result<(T, By), E> {
    let end = Instant::now() + LONGEST;
    let (mut before, mut since) = (first, Instant::now());
    loop {
        let (after, stand) = read(APART.saturating_sub(since.elapsed()))?;
        if stand == Stand::In {
            return Ok((after, By::Push));
        }
        let is_same = after == before;
        if stand == Stand::Unknown && is_same && since.elapsed() >= APART && !any_lock(git_dir) {
            return Ok((after, By::Readings));
        }
        if Instant::now() >= end {
            return Ok((after, By::Limit));
        }
        if !is_same || since.elapsed() >= APART {
            (before, since) = (after, Instant::now());
        }
    }
}

/// Whether git holds a ref: `packed-refs.lock`, or any `*.lock` below `refs`.
pub fn any_lock(git_dir: &Path) -> bool {
    git_dir.join("packed-refs.lock").exists() || has_lock(&git_dir.join("refs"))
}

fn has_lock(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => has_lock(&entry.path()),
        _ => entry.path().extension().is_some_and(|extension| extension == "lock"),
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;
    use std::thread;

    use super::*;

    #[test]
    fn two_equal_readings_settle() {
        let folder = tempfile::tempdir().unwrap();
        let readings = Cell::new(0);
        let read = |within| {
            thread::sleep(within);
            readings.set(readings.get() + 1);
            Ok::<_, Infallible>((readings.get().min(3), Stand::Unknown))
        };
        assert_eq!(settled(folder.path(), 0, read), Ok((3, By::Readings)));
        assert_eq!(readings.get(), 4);
    }

    #[test]
    fn readings_that_somebody_asked_for_in_between_count_only_when_they_are_so_far_apart() {
        let folder = tempfile::tempdir().unwrap();
        let readings = Cell::new(0);
        let read = |within: Duration| {
            thread::sleep(within / 4);
            readings.set(readings.get() + 1);
            Ok::<_, Infallible>((1, Stand::Unknown))
        };
        assert_eq!(settled(folder.path(), 1, read), Ok((1, By::Readings)));
        assert!(readings.get() > 1, "the second came too soon after the first");
    }

    #[test]
    fn who_says_that_all_is_in_is_believed_whatever_is_locked() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("packed-refs.lock"), "").unwrap();
        let readings = Cell::new(0);
        let read = |_| {
            readings.set(readings.get() + 1);
            Ok::<_, Infallible>((readings.get(), if readings.get() == 3 { Stand::In } else { Stand::Unknown }))
        };
        assert_eq!(settled(folder.path(), 0, read), Ok((3, By::Push)));
    }

    #[test]
    fn a_push_that_is_half_in_is_waited_for_while_the_refs_rest() {
        let folder = tempfile::tempdir().unwrap();
        let readings = Cell::new(0);
        let read = |within| {
            thread::sleep(within);
            readings.set(readings.get() + 1);
            Ok::<_, Infallible>(if readings.get() < 4 { (1, Stand::Half) } else { (2, Stand::Unknown) })
        };
        assert_eq!(settled(folder.path(), 1, read), Ok((2, By::Readings)));
        assert_eq!(readings.get(), 5);
    }

    #[test]
    fn a_lock_is_found_where_git_puts_it() {
        let folder = tempfile::tempdir().unwrap();
        let refs = folder.path().join("refs/tags/production");
        fs::create_dir_all(&refs).unwrap();
        assert!(!any_lock(folder.path()));
        fs::write(refs.join("1.0.0.lock"), "").unwrap();
        assert!(any_lock(folder.path()));
        fs::remove_file(refs.join("1.0.0.lock")).unwrap();
        fs::write(folder.path().join("packed-refs.lock"), "").unwrap();
        assert!(any_lock(folder.path()));
    }
}
