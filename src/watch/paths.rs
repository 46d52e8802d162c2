//! What a path of a git directory means to somebody who waits for its refs to change.

use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

/// What a change of some paths means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// Nothing: objects, logs, the index, whatever lies beside them.
    Nothing,
    /// Refs may have changed, or what is read with them.
    Changed,
    /// The git directory or its `refs` came, went or moved: its watches may watch nothing.
    Replaced,
}

/// The strongest meaning of those paths, for the git directory at `root`.
pub(super) fn meaning(root: &Path, paths: &[PathBuf]) -> Meaning {
    paths.iter().map(|path| meaning_of(root, path)).max().unwrap_or(Meaning::Nothing)
}

fn meaning_of(root: &Path, path: &Path) -> Meaning {
    let Ok(inside) = path.strip_prefix(root) else { return Meaning::Nothing };
    let mut parts = inside.components();
    let Some(Component::Normal(first)) = parts.next() else { return Meaning::Replaced };
    let first = first.to_string_lossy();
    // git writes `x.lock` and renames it; some systems report that under the old name alone.
    match first.strip_suffix(".lock").unwrap_or(&first) {
        "refs" if parts.next().is_none() => Meaning::Replaced,
        "refs" | "HEAD" | "config" | "shallow" => Meaning::Changed,
        name if name.starts_with("packed-refs") => Meaning::Changed,
        _ => Meaning::Nothing,
    }
}

/// Which directories lie at a repository's paths: equal as long as nobody replaced them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    directory: Option<Inode>,
    refs: Option<Inode>,
}

/// A file system gives a number again soon after it was freed, hence the birth time beside it.
type Inode = (u64, u64, Option<SystemTime>);

impl Identity {
    /// Of the git directory at that path, as it is now.
    pub(super) fn of(directory: &Path) -> Self {
        Identity { directory: inode(directory), refs: inode(&directory.join("refs")) }
    }
}

fn inode(path: &Path) -> Option<Inode> {
    let metadata = std::fs::metadata(path).ok()?;
    let (device, number) = numbers(&metadata);
    Some((device, number, metadata.created().ok()))
}

#[cfg(unix)]
fn numbers(metadata: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (metadata.dev(), metadata.ino())
}

#[cfg(not(unix))]
fn numbers(_: &std::fs::Metadata) -> (u64, u64) {
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Meaning {
        meaning(Path::new("/r.git"), &[PathBuf::from(path)])
    }

    #[test]
    fn what_names_a_commit_counts() {
        for path in ["HEAD", "packed-refs", "packed-refs.new", "refs/heads/main", "refs/tags/a/b", "config", "shallow"]
        {
            assert_eq!(of(&format!("/r.git/{path}")), Meaning::Changed, "{path}");
            assert_eq!(of(&format!("/r.git/{path}.lock")), Meaning::Changed, "{path}.lock");
        }
    }

    #[test]
    fn what_lies_beside_it_does_not() {
        for path in
            ["objects", "objects/ab/cd", "logs/HEAD", "index", "index.lock", "FETCH_HEAD", "pushlive/lock", "hooks"]
        {
            assert_eq!(of(&format!("/r.git/{path}")), Meaning::Nothing, "{path}");
        }
        assert_eq!(of("/elsewhere/HEAD"), Meaning::Nothing);
    }

    #[test]
    fn the_directories_themselves_are_what_is_watched() {
        assert_eq!(of("/r.git"), Meaning::Replaced);
        assert_eq!(of("/r.git/refs"), Meaning::Replaced);
        let both = [PathBuf::from("/r.git/objects"), PathBuf::from("/r.git/refs/heads/x")];
        assert_eq!(meaning(Path::new("/r.git"), &both), Meaning::Changed, "the strongest counts");
    }
}
