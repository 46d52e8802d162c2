//! What alone knows libgit2 of all that reads: opening a repository, its refs, and its objects by id.

mod hook;
mod staged;
mod work_tree;

use std::path::{Path, PathBuf};
use std::sync::Once;

use git2::{ErrorCode, ObjectType, Odb, OdbObject, Oid, Repository, RepositoryOpenFlags};

use super::id::{CommitId, ObjectId};
use super::read_error::ReadError;
use super::refs::{Refs, TAGS};
use super::shell_word::quote;
use super::tag::{TagObject, author};
use crate::release::time::Timestamp;

pub use work_tree::{Converts, Held, blob_id};

/// An open repository. Open a new one for each build: libgit2 keeps packs and refs that git may have replaced since.
pub struct Reader {
    repository: Repository,
    origin: Origin,
    /// Whether git left out objects that it fetches one by one when it wants them, which libgit2 does not.
    is_partial: bool,
}

/// How to open the same repository again.
enum Origin {
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

/// What became of a tag that names another object now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// It names another commit.
    Commit,
    /// It was annotated and has another text or date now.
    Rewritten,
    /// It was lightweight, and is annotated now at the same commit.
    Annotated,
}

/// What a tag names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The commit; `None` where it is no commit in the end.
    pub commit: Option<CommitId>,
    /// When an annotated tag says that it was made.
    pub date: Option<Timestamp>,
}

/// A commit, as far as the line needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its root tree.
    pub tree: ObjectId,
    /// The first of its parents.
    pub first_parent: Option<CommitId>,
    /// Whether it has parents that a shallow repository does not hold.
    pub cut: bool,
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

    /// Opens the repository that holds this folder.
    pub fn discover(from: &Path) -> Result<Reader, ReadError> {
        // `.` alone would tell nobody where the search began
        let from = std::path::absolute(from).unwrap_or_else(|_| from.to_owned());
        let found =
            Repository::discover_path(&from, std::iter::empty::<&Path>()).map_err(|error| refusal(&error, &from))?;
        Reader::open(&found)
    }

    /// Opens the repository that git names in the environment, as it does for hooks in a clone.
    pub fn open_from_env() -> Result<Reader, ReadError> {
        Reader::from_env_in_part()?.whole(Path::new("."))
    }

    /// The same of a partial clone too.
    pub fn from_env_in_part() -> Result<Reader, ReadError> {
        Reader::opened(Origin::Environment, Path::new("."), Repository::open_from_env)
    }

    /// Opens the same repository anew, so that objects and packs that came since are found.
    pub fn reopen(&self) -> Result<Reader, ReadError> {
        self.origin.open()
    }

    fn opened(
        origin: Origin,
        path: &Path,
        open: impl FnOnce() -> Result<Repository, git2::Error>,
    ) -> Result<Reader, ReadError> {
        settle();
        let repository = open().map_err(|error| refusal(&error, path))?;
        let is_partial = is_partial(&repository).map_err(|error| failed(&error))?;
        Ok(Reader { repository, origin, is_partial })
    }

    fn whole(self, path: &Path) -> Result<Reader, ReadError> {
        if self.is_partial { Err(partial(path)) } else { Ok(self) }
    }

    /// What a partial clone cannot read, as something to act on where people work.
    pub fn explain(&self, error: ReadError) -> ReadError {
        match error {
            ReadError::Missing(id) if self.is_partial => left_out(id),
            error => error,
        }
    }

    /// The directory that holds refs and objects; for a linked work tree that of the main one.
    pub fn common_dir(&self) -> &Path {
        self.repository.commondir()
    }

    /// Whether it has no work tree.
    pub fn is_bare(&self) -> bool {
        self.repository.is_bare()
    }

    /// Where that branch and the release tags are now.
    pub fn refs(&self, branch: &str) -> Result<Refs, ReadError> {
        let tip = self.target(&Refs::full_name(branch))?;
        Ok(Refs::at(branch, tip).with_tags(self.tags()?).with_boundary(self.shallow()?))
    }

    /// Every tag with the object that it names.
    fn tags(&self) -> Result<Vec<(Box<str>, ObjectId)>, ReadError> {
        let references = self.repository.references_glob(&format!("{TAGS}*")).map_err(|error| failed(&error))?;
        let mut tags = Vec::new();
        for reference in references {
            let reference = match reference {
                Ok(reference) => reference,
                // one that was deleted since its name was listed
                Err(error) if error.code() == ErrorCode::NotFound => continue,
                Err(error) => return Err(failed(&error)),
            };
            let name = reference.name().ok().and_then(|name| name.strip_prefix(TAGS));
            // a symbolic one stands for what it leads to
            let target = || reference.target().or_else(|| reference.resolve().ok()?.target());
            tags.extend(name.and_then(|name| Some((name.into(), from_oid(target()?)))));
        }
        Ok(tags)
    }

    /// The commit that is checked out; `None` where there is no commit yet.
    pub fn head(&self) -> Result<Option<CommitId>, ReadError> {
        self.target("HEAD")
    }

    /// Where the remote's branch was when it was last heard of: that of the upstream of the local branch, else of `origin`.
    /// `None` where there is none.
    pub fn upstream(&self, branch: &str) -> Result<Option<CommitId>, ReadError> {
        let full = Refs::full_name(branch);
        let upstream = self.repository.branch_upstream_name(&full).ok();
        let name = upstream.as_ref().and_then(|name| name.as_str().ok().map(str::to_owned));
        self.target(&name.unwrap_or_else(|| format!("refs/remotes/origin/{branch}")))
    }

    fn target(&self, name: &str) -> Result<Option<CommitId>, ReadError> {
        match self.repository.refname_to_id(name) {
            Ok(oid) => Ok(Some(CommitId(from_oid(oid)))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// The commit that a revision names, in git's own syntax: `HEAD~2`, a tag, a short id.
    pub fn resolve(&self, revision: &str) -> Result<CommitId, ReadError> {
        let commit = self.repository.revparse_single(revision).and_then(|object| object.peel_to_commit());
        commit.map(|commit| CommitId(from_oid(commit.id()))).map_err(|_| ReadError::UnknownRevision(revision.into()))
    }

    /// Whether a commit is among the ancestors of another, by whatever parents.
    pub fn is_ancestor(&self, old: CommitId, new: CommitId) -> Result<bool, ReadError> {
        self.repository.graph_descendant_of(to_oid(new.0), to_oid(old.0)).map_err(|error| failed(&error))
    }

    /// The file that says where a shallow repository ends, as it is; `None` for a whole one.
    pub fn shallow(&self) -> Result<Option<String>, ReadError> {
        match std::fs::read_to_string(self.common_dir().join("shallow")) {
            Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ReadError::Failed(format!("{}/shallow: {error}", self.common_dir().display()))),
        }
    }

    /// Its objects.
    pub fn objects(&self) -> Result<Objects<'_>, ReadError> {
        let store = self.repository.odb().map_err(|error| failed(&error))?;
        Ok(Objects { repository: &self.repository, store, is_partial: self.is_partial })
    }
}

/// The objects of a repository, by id.
pub struct Objects<'r> {
    repository: &'r Repository,
    store: Odb<'r>,
    is_partial: bool,
}

impl Objects<'_> {
    /// A commit.
    pub fn commit(&self, id: CommitId) -> Result<Commit, ReadError> {
        let commit = self.repository.find_commit(to_oid(id.0)).map_err(|error| absent(&error, id.0))?;
        let first_parent = commit.parent_id(0).ok().map(|oid| CommitId(from_oid(oid)));
        let has_parents = commit.raw_header_bytes().windows(8).any(|bytes| bytes == b"\nparent ");
        Ok(Commit { tree: from_oid(commit.tree_id()), first_parent, cut: has_parents && first_parent.is_none() })
    }

    /// When a commit says that it was made.
    pub fn committed(&self, id: CommitId) -> Result<Timestamp, ReadError> {
        let commit = self.repository.find_commit(to_oid(id.0)).map_err(|error| absent(&error, id.0))?;
        Ok(Timestamp(commit.time().seconds().saturating_mul(1000)))
    }

    /// A tree or a blob, whole.
    pub fn read(&self, id: ObjectId) -> Result<Object<'_>, ReadError> {
        self.store.read(to_oid(id)).map(Object).map_err(|error| absent(&error, id))
    }

    /// Whether this is an object that a partial clone left out. What somebody added here since is never one.
    pub fn lacks(&self, id: ObjectId) -> bool {
        self.is_partial && !self.store.exists(to_oid(id))
    }

    /// What a tag names in the end, be it lightweight or annotated.
    pub fn tagged(&self, id: ObjectId) -> Result<Tagged, ReadError> {
        let mut tagged = Tagged { commit: None, date: None };
        let mut next = id;
        // a tag may name a tag; the chain ends, as no object can name what names it
        loop {
            match self.store.read_header(to_oid(next)).map_err(|error| absent(&error, next))?.1 {
                ObjectType::Commit => return Ok(Tagged { commit: Some(CommitId(next)), ..tagged }),
                ObjectType::Tag => {
                    let object = self.store.read(to_oid(next)).map_err(|error| absent(&error, next))?;
                    let tag = TagObject::parse(object.data());
                    tagged.date = tagged.date.or(tag.date);
                    let Some(target) = tag.target else { return Ok(tagged) };
                    next = target;
                }
                _ => return Ok(tagged),
            }
        }
    }

    /// Who made an annotated tag or a commit, as `Name <mail>`.
    pub fn author(&self, id: ObjectId) -> Result<Option<String>, ReadError> {
        let object = self.store.read(to_oid(id)).map_err(|error| absent(&error, id))?;
        Ok(author(object.data()))
    }

    /// What it means that a tag named one object and names another now.
    pub fn moved(&self, old: ObjectId, new: ObjectId) -> Result<Moved, ReadError> {
        let (before, after) = (self.tagged(old)?.commit, self.tagged(new)?.commit);
        Ok(match before {
            _ if before != after => Moved::Commit,
            Some(commit) if commit.0 == old => Moved::Annotated,
            _ => Moved::Rewritten,
        })
    }

    /// The size of a blob in bytes, without reading it.
    pub fn size(&self, id: ObjectId) -> Result<u64, ReadError> {
        match self.store.read_header(to_oid(id)) {
            Ok((size, ObjectType::Blob)) => Ok(size as u64),
            Ok(_) => Err(ReadError::Failed(format!("object {id} is named as a file and is none"))),
            Err(error) => Err(absent(&error, id)),
        }
    }
}

/// An object's content.
pub struct Object<'o>(OdbObject<'o>);

impl Object<'_> {
    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.0.data()
    }
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

fn to_oid(id: ObjectId) -> Oid {
    Oid::from_bytes(id.as_bytes()).unwrap_or(Oid::ZERO_SHA1)
}

fn from_oid(oid: Oid) -> ObjectId {
    ObjectId::new(oid.as_bytes().first_chunk().copied().unwrap_or_default())
}

fn failed(error: &git2::Error) -> ReadError {
    ReadError::Failed(error.message().to_owned())
}

fn absent(error: &git2::Error, id: ObjectId) -> ReadError {
    match error.code() {
        ErrorCode::NotFound => ReadError::Missing(id),
        _ => failed(error),
    }
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
