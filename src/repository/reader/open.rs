//! Opening a repository, and what is said where that cannot be done.

use std::path::{Path, PathBuf};
use std::sync::Once;

use git2::{ErrorCode, Repository, RepositoryOpenFlags};

use super::{Reader, failed};
use crate::repository::id::ObjectId;
use crate::repository::read_error::ReadError;
use crate::repository::shell_word::quote;

/// How to open the same repository again.
pub(super) enum Origin {
    Path(PathBuf),
    Environment,
    Hook,
    Work(Option<PathBuf>),
    Staged(Box<Origin>),
}

impl Origin {
    fn open(&self) -> Result<Reader, ReadError> {
        match self {
            Origin::Path(path) => Reader::open(path),
            Origin::Environment => Reader::open_from_env(),
            Origin::Hook => Reader::open_in_hook(),
            Origin::Work(at) => Reader::to_work_in(at.as_deref()),
            Origin::Staged(origin) => Ok(origin.open_in_part()?.staged()?.0),
        }
    }

    fn open_in_part(&self) -> Result<Reader, ReadError> {
        match self {
            Origin::Path(path) => Reader::open_in_part(path),
            Origin::Environment => Reader::from_env_in_part(),
            Origin::Hook | Origin::Work(_) | Origin::Staged(_) => self.open(),
        }
    }
}

impl Reader {
    /// Opens the repository that is exactly here: a bare one, a git directory, the root of a work tree, or a linked
    /// work tree. Folders above are not searched.
    pub fn open(path: &Path) -> Result<Reader, ReadError> {
        Reader::open_in_part(path)?.whole(path)
    }

    /// The same of a partial clone too, of which some objects are not here.
    pub fn open_in_part(path: &Path) -> Result<Reader, ReadError> {
        let flags = RepositoryOpenFlags::NO_SEARCH;
        let open = || Repository::open_ext(path, flags, std::iter::empty::<&Path>());
        Reader::opened(Origin::Path(path.to_owned()), path, open)
    }

    /// Opens the repository that git's environment names, as `GIT_DIR` does, else the one that holds this folder.
    pub fn discover(from: &Path) -> Result<Reader, ReadError> {
        if std::env::var_os(GIT_DIR).is_some() {
            return Reader::open_from_env();
        }
        // `.` alone would tell nobody where the search began
        let from = std::path::absolute(from).unwrap_or_else(|_| from.to_owned());
        let found =
            Repository::discover_path(&from, std::iter::empty::<&Path>()).map_err(|error| refusal(&error, &from))?;
        Reader::open(&found)
    }

    /// Opens the repository that git names in the environment, as it does for hooks in a clone.
    pub fn open_from_env() -> Result<Reader, ReadError> {
        Reader::from_env_in_part()?.whole(&in_environment())
    }

    /// The same of a partial clone too.
    pub fn from_env_in_part() -> Result<Reader, ReadError> {
        Reader::opened(Origin::Environment, &in_environment(), Repository::open_from_env)
    }

    /// Opens the same repository anew, so that objects and packs that came since are found.
    pub fn reopen(&self) -> Result<Reader, ReadError> {
        self.origin.open()
    }

    pub(super) fn opened(
        origin: Origin,
        path: &Path,
        open: impl FnOnce() -> Result<Repository, git2::Error>,
    ) -> Result<Reader, ReadError> {
        settle();
        let repository = open().map_err(|error| refusal(&error, path))?;
        let is_partial = is_partial(&repository).map_err(|error| failed(&error))?;
        Ok(Reader { repository, origin, is_partial })
    }

    pub(super) fn whole(self, path: &Path) -> Result<Reader, ReadError> {
        if self.is_partial { Err(partial(path)) } else { Ok(self) }
    }

    /// What a partial clone cannot read, as something to act on where people work.
    pub fn explain(&self, error: ReadError) -> ReadError {
        match error {
            ReadError::Missing(id) if self.is_partial => left_out(id),
            error => error,
        }
    }
}

/// Where git's environment says that the repository is.
const GIT_DIR: &str = "GIT_DIR";

fn in_environment() -> PathBuf {
    std::env::var_os(GIT_DIR).map_or_else(|| ".".into(), PathBuf::from)
}

/// Sets libgit2 up, once: almost every object is read a single time, so neither a cache nor a second hash of what
/// zlib has verified already pays for itself.
fn settle() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        git2::opts::enable_caching(false);
        git2::opts::strict_hash_verification(false);
    });
}

/// A repository whose objects are fetched one by one when git wants them, which libgit2 does not.
fn is_partial(repository: &Repository) -> Result<bool, git2::Error> {
    let config = repository.config()?.snapshot()?;
    let mut entries =
        config.entries(Some(r"^(extensions\.partialclone|remote\..*\.(promisor|partialclonefilter))$"))?;
    while let Some(entry) = entries.next() {
        if entry?.value().is_ok_and(|value| value != "false") {
            return Ok(true);
        }
    }
    Ok(false)
}

fn partial(path: &Path) -> ReadError {
    ReadError::Refused {
        why: format!("{} is a partial clone: bundles that git left out cannot be read", path.display()),
        mend: "clone it again without `--filter`, for example with `git clone --mirror <url>`".into(),
    }
}

fn left_out(id: ObjectId) -> ReadError {
    ReadError::Refused {
        why: format!("this is a partial clone, and it left out object {id}, which is no zip and has to be read"),
        mend: "have it leave out large files alone: `git config remote.origin.partialclonefilter blob:limit=100k`, and then \
               `git fetch --refetch`"
            .into(),
    }
}

/// What libgit2 says when it opens nothing, as something to act on.
fn refusal(error: &git2::Error, path: &Path) -> ReadError {
    let message = error.message().to_ascii_lowercase();
    // a mend is typed elsewhere, and git compares absolute paths
    let path = &std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let shown = path.display();
    let text = path.to_string_lossy();
    let word = quote(&text);
    let refused = |why: String, mend: &str| ReadError::Refused { why, mend: mend.to_owned() };
    match error.code() {
        ErrorCode::Owner => refused(
            format!("{shown} belongs to another user, and git does not trust it"),
            &format!("if you do: git config --global --add safe.directory {word}"),
        ),
        _ if message.contains("extensions.refstorage") => refused(
            format!("{shown} keeps its refs in the reftable format, which cannot be read yet"),
            &format!("convert it in place: git -C {word} refs migrate --ref-format=files"),
        ),
        _ if message.contains("extensions.partialclone") => partial(path),
        _ if message.contains("object format") || message.contains("objectformat") => refused(
            format!("{shown} uses SHA-256 object names, which cannot be read yet"),
            "use a repository made with `git init --bare --object-format=sha1`, and push the branch's files there",
        ),
        ErrorCode::NotFound => ReadError::NotARepository(path.to_owned()),
        _ => failed(error),
    }
}
