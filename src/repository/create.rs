//! Makes repositories and commits: for `init` and `demo`, never for the daemon, which only reads.

use std::fmt;
use std::path::{Path, PathBuf};

use git2::build::TreeUpdateBuilder;
use git2::{ConfigLevel, ErrorCode, FileMode, ObjectFormat, Oid, Repository, RepositoryInitOptions, Signature, Tree};

use super::id::{CommitId, ObjectId};
use super::read_error::ReadError;
use super::reader::Reader;

/// A repository that is written to.
pub struct Writer {
    repository: Repository,
}

/// Where the hooks of a repository belong, and whether git calls them there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HooksPlace {
    /// The repository's own folder, or another that its own settings name.
    pub directory: PathBuf,
    /// Whether its own settings name another.
    pub moved: bool,
    /// Where the settings of the user or of the system send git instead: hooks there are those of every repository.
    pub overruled_by: Option<String>,
}

/// Why a repository could not be made or written.
#[derive(Debug)]
pub enum WriteError {
    /// There is something at that path, and it is no repository.
    Occupied(PathBuf),
    /// There is a repository that cannot be opened.
    Unreadable(ReadError),
    /// What libgit2 or the disk reported while that was done.
    Failed {
        /// What was done: "make the repository".
        doing: &'static str,
        /// What was reported.
        message: String,
    },
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Occupied(path) => {
                write!(f, "{} is there already, and it is not a git repository", path.display())
            }
            WriteError::Unreadable(error) => error.fmt(f),
            WriteError::Failed { doing, message } => write!(f, "cannot {doing}: {message}"),
        }
    }
}

impl std::error::Error for WriteError {}

fn failed(doing: &'static str) -> impl Fn(git2::Error) -> WriteError {
    move |error| WriteError::Failed { doing, message: error.message().to_owned() }
}

const HOOKS_PATH: &str = "core.hooksPath";

/// What a new git directory holds: a folder with nothing else is one whose making was cut short.
const PARTS: [&str; 9] =
    ["HEAD", "config", "description", "hooks", "info", "objects", "refs", "branches", "packed-refs"];

impl Writer {
    /// Opens the repository that is exactly here, as [`Reader::open`] does.
    pub fn open(path: &Path) -> Result<Writer, WriteError> {
        let reader = Reader::open(path).map_err(WriteError::Unreadable)?;
        let repository = Repository::open(reader.common_dir()).map_err(failed("open the repository"))?;
        Ok(Writer { repository })
    }

    /// Makes a bare repository whose `HEAD` is that branch; folders above are made too. One that was begun here and not
    /// finished is finished.
    pub fn create_bare(path: &Path, branch: &str) -> Result<Writer, WriteError> {
        if !is_free(path) {
            return Err(WriteError::Occupied(path.to_owned()));
        }
        let mut options = RepositoryInitOptions::new();
        // By name, whatever git's own default is: libgit2 reads SHA-1 with refs in files, and writes refs in no other way.
        // No template: a user's may hold hooks, and the samples are noise.
        options.bare(true).initial_head(branch).object_format(ObjectFormat::Sha1).external_template(false);
        let failed = failed("make the repository");
        let repository = Repository::init_opts(path, &options).map_err(&failed)?;
        let writer = Writer { repository };
        // clones may leave out the zips of old releases
        writer.set_own("uploadpack.allowFilter", "true").map_err(&failed)?;
        Ok(writer)
    }

    /// The directory that holds refs and objects.
    pub fn common_dir(&self) -> &Path {
        self.repository.commondir()
    }

    /// Whether it has no work tree.
    pub fn is_bare(&self) -> bool {
        self.repository.is_bare()
    }

    /// Where the hooks of a push belong.
    pub fn hooks_place(&self) -> HooksPlace {
        let own_folder = self.common_dir().join("hooks");
        // git receives a push in the git directory, which a relative path starts from.
        if let Some(directory) = self.own_hooks_path().map(|set| self.common_dir().join(set)) {
            return HooksPlace { moved: directory != own_folder, directory, overruled_by: None };
        }
        let effective = self.repository.config().and_then(|config| config.get_string(HOOKS_PATH));
        HooksPlace { directory: own_folder, moved: false, overruled_by: effective.ok() }
    }

    /// What the repository's own settings say, those of the work tree first.
    fn own_hooks_path(&self) -> Option<PathBuf> {
        let config = self.repository.config().ok()?;
        let at = |level| config.open_level(level).and_then(|own| own.get_path(HOOKS_PATH)).ok();
        at(ConfigLevel::Worktree).or_else(|| at(ConfigLevel::Local))
    }

    /// Has git call the hooks of the repository's own folder, whatever the settings of the user and the system say.
    pub fn use_own_hooks(&self) -> Result<(), WriteError> {
        self.set_own(HOOKS_PATH, "hooks").map_err(failed("set core.hooksPath"))
    }

    fn set_own(&self, key: &str, value: &str) -> Result<(), git2::Error> {
        self.repository.config()?.open_level(ConfigLevel::Local)?.set_str(key, value)
    }

    /// The names of all branches.
    pub fn branches(&self) -> Result<Vec<String>, WriteError> {
        let failed = failed("list the branches");
        let branches = self.repository.branches(Some(git2::BranchType::Local)).map_err(&failed)?;
        let name =
            |branch: git2::Branch<'_>| branch.name_bytes().map(|name| String::from_utf8_lossy(name).into_owned());
        branches.map(|found| found.and_then(|(branch, _)| name(branch))).collect::<Result<_, _>>().map_err(failed)
    }

    /// Whether the tip of a branch holds a regular file of that name at its root.
    pub fn has_file(&self, branch: &str, name: &str) -> Result<bool, WriteError> {
        let tree = self.tip(branch).and_then(|tip| tip.map(|tip| tip.tree()).transpose());
        let tree = tree.map_err(failed("read the branch"))?;
        let is_file = |mode| mode == i32::from(FileMode::Blob) || mode == i32::from(FileMode::BlobExecutable);
        Ok(tree.is_some_and(|tree| tree.get_name(name).is_some_and(|entry| is_file(entry.filemode()))))
    }

    /// Makes `HEAD` that branch, which need not exist: it is what a clone checks out.
    pub fn set_head(&self, branch: &str) -> Result<(), WriteError> {
        self.repository.set_head(&full_name(branch)).map_err(failed("set HEAD"))
    }

    /// Commits those files (paths with `/`, and their bytes) on top of what the branch holds, and moves the branch.
    ///
    /// The author is the user's own by git's settings and environment, or pushlive where there is none.
    pub fn commit_files(&self, branch: &str, files: &[(&str, &[u8])], message: &str) -> Result<CommitId, WriteError> {
        self.commit(branch, files, message).map_err(failed("write the commit"))
    }

    fn commit(&self, branch: &str, files: &[(&str, &[u8])], message: &str) -> Result<CommitId, git2::Error> {
        let parent = self.tip(branch)?;
        let tree = self.repository.find_tree(self.tree(parent.as_ref(), files)?)?;
        let parents: Vec<_> = parent.iter().collect();
        let author = identity(self.repository.author_from_env())?;
        let committer = identity(self.repository.committer_from_env())?;
        let id = self.repository.commit(Some(&full_name(branch)), &author, &committer, message, &tree, &parents)?;
        Ok(CommitId(ObjectId::new(id.as_bytes().first_chunk().copied().unwrap_or_default())))
    }

    fn tip(&self, branch: &str) -> Result<Option<git2::Commit<'_>>, git2::Error> {
        match self.repository.find_reference(&full_name(branch)) {
            Ok(reference) => reference.peel_to_commit().map(Some),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn tree(&self, parent: Option<&git2::Commit<'_>>, files: &[(&str, &[u8])]) -> Result<Oid, git2::Error> {
        let mut update = TreeUpdateBuilder::new();
        for (path, bytes) in files {
            update.upsert(*path, self.repository.blob(bytes)?, FileMode::Blob);
        }
        let base = parent.map_or_else(|| self.empty_tree(), git2::Commit::tree)?;
        update.create_updated(&self.repository, &base)
    }

    fn empty_tree(&self) -> Result<Tree<'_>, git2::Error> {
        self.repository.find_tree(self.repository.treebuilder(None)?.write()?)
    }
}

fn full_name(branch: &str) -> String {
    format!("refs/heads/{branch}")
}

/// A machine without a user's name for git must be able to make a repository, too.
fn identity(found: Result<Signature<'static>, git2::Error>) -> Result<Signature<'static>, git2::Error> {
    found.or_else(|_| Signature::now("pushlive", "pushlive@localhost"))
}

/// Whether nothing is there that a repository would be made over.
fn is_free(path: &Path) -> bool {
    match std::fs::read_dir(path) {
        Ok(entries) => entries.filter_map(Result::ok).all(|entry| PARTS.iter().any(|part| entry.file_name() == *part)),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn git(repository: &Path, arguments: &[&str]) -> String {
        let git = Command::new("git").arg("--git-dir").arg(repository).args(arguments).output().unwrap();
        assert!(git.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&git.stderr));
        String::from_utf8(git.stdout).unwrap()
    }

    #[test]
    fn a_new_repository_is_bare_with_sha1_and_refs_in_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/app.git");
        Writer::create_bare(&path, "live").unwrap();
        let shown = git(&path, &["rev-parse", "--is-bare-repository", "--show-object-format", "--show-ref-format"]);
        assert_eq!(shown, "true\nsha1\nfiles\n");
        assert_eq!(git(&path, &["symbolic-ref", "HEAD"]), "refs/heads/live\n");
    }

    #[test]
    fn commits_stack_and_keep_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::create_bare(folder.path(), "main").unwrap();
        assert_eq!(writer.branches().unwrap(), [""; 0]);
        writer.commit_files("main", &[("README.md", b"one"), ("a/1.0.0/bundle.zip", b"zip")], "First").unwrap();
        let id =
            writer.commit_files("main", &[("README.md", b"two"), ("a/1.1.0/bundle.zip", b"zip2")], "Next").unwrap();
        assert_eq!(writer.branches().unwrap(), ["main"]);
        let path = writer.common_dir();
        assert_eq!(git(path, &["rev-parse", "main"]).trim(), id.to_string());
        assert_eq!(git(path, &["log", "--format=%s", "main"]), "Next\nFirst\n");
        let files = git(path, &["ls-tree", "-r", "--format=%(objectmode) %(path)", "main"]);
        assert_eq!(files, "100644 README.md\n100644 a/1.0.0/bundle.zip\n100644 a/1.1.0/bundle.zip\n");
        assert_eq!(git(path, &["show", "main:README.md"]), "two");
        git(path, &["fsck", "--strict"]);
    }

    #[test]
    fn a_folder_with_something_else_in_it_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("thesis.txt"), "").unwrap();
        assert!(matches!(Writer::create_bare(folder.path(), "main"), Err(WriteError::Occupied(_))));
        let file = folder.path().join("thesis.txt");
        assert!(matches!(Writer::create_bare(&file, "main"), Err(WriteError::Occupied(_))));
    }

    #[test]
    fn a_repository_whose_making_was_cut_short_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("objects/info")).unwrap();
        std::fs::write(folder.path().join("config"), "").unwrap();
        assert!(matches!(Writer::open(folder.path()), Err(WriteError::Unreadable(_))));
        Writer::create_bare(folder.path(), "main").unwrap();
        assert_eq!(git(folder.path(), &["rev-parse", "--is-bare-repository"]), "true\n");
    }

    #[test]
    fn hooks_belong_where_the_repository_s_own_settings_say() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::create_bare(folder.path(), "main").unwrap();
        let path = writer.common_dir();
        let own = path.join("hooks");
        let place = writer.hooks_place();
        assert_eq!((place.directory, place.moved), (own.clone(), false));
        git(path, &["config", HOOKS_PATH, "other hooks"]);
        let place = Writer::open(path).unwrap().hooks_place();
        assert_eq!(place, HooksPlace { directory: path.join("other hooks"), moved: true, overruled_by: None });
        Writer::open(path).unwrap().use_own_hooks().unwrap();
        let place = Writer::open(path).unwrap().hooks_place();
        assert_eq!(place, HooksPlace { directory: own, moved: false, overruled_by: None });
    }

    #[test]
    fn a_file_of_a_branch_is_a_regular_one_at_its_tip() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::create_bare(folder.path(), "main").unwrap();
        assert!(!writer.has_file("main", "README.md").unwrap(), "there is no branch");
        writer.commit_files("main", &[("README.md", b"one"), ("docs/a", b"two")], "First").unwrap();
        let has = |name| writer.has_file("main", name).unwrap();
        assert_eq!((has("README.md"), has("docs"), has("releases.toml")), (true, false, false));
    }

    #[test]
    fn clones_of_a_new_repository_may_leave_out_old_zips() {
        let folder = tempfile::tempdir().unwrap();
        Writer::create_bare(folder.path(), "main").unwrap();
        assert_eq!(git(folder.path(), &["config", "--local", "uploadpack.allowFilter"]), "true\n");
    }

    #[test]
    fn who_has_no_name_for_git_commits_as_pushlive() {
        let nobody = identity(Err(git2::Error::from_str("no user.name"))).unwrap();
        assert_eq!((nobody.name(), nobody.email()), (Ok("pushlive"), Ok("pushlive@localhost")));
        let somebody = identity(Signature::now("Ada", "ada@example.com")).unwrap();
        assert_eq!(somebody.name(), Ok("Ada"));
    }
}
