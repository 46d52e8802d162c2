//! Which repositories are opened, and what is said of those that are not.

use super::*;
use crate::repository::read_error::ReadError;
use crate::repository::refs::{RefUpdate, Refs};

#[track_caller]
fn refusal(path: &Path) -> String {
    match Reader::open(path) {
        Ok(_) => panic!("opened"),
        Err(error) => error.to_string(),
    }
}

fn init(dir: &Path, options: &[&str]) {
    git(dir, &[&["init", "-q", "--bare", "-b", "main"], options, &["."]].concat());
}

fn file_url(repo: &Repo) -> String {
    format!("file://{}", repo.path().display())
}

#[test]
fn a_bare_one_a_git_directory_and_a_work_tree_are_opened() {
    let repo = Repo::new();
    let bare = TempDir::new().unwrap();
    git(bare.path(), &["clone", "-q", "--bare", &file_url(&repo), "."]);
    for (path, is_bare) in [(repo.path(), false), (&repo.path().join(".git"), false), (bare.path(), true)] {
        let reader = Reader::open(path).unwrap();
        assert_eq!(reader.is_bare(), is_bare);
        assert_eq!(reader.refs("main").unwrap().branch, Some(repo.tip()));
        assert_eq!(reader.head().unwrap(), Some(repo.tip()));
    }
}

#[test]
fn a_linked_work_tree_is_followed_to_the_common_directory() {
    let repo = Repo::new();
    let linked = TempDir::new().unwrap();
    let path = linked.path().join("tree");
    repo.git(&["worktree", "add", "-q", "-b", "other", path.to_str().unwrap()]);
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.common_dir().canonicalize().unwrap(), repo.path().join(".git").canonicalize().unwrap());
    assert_eq!(reader.refs("main").unwrap().branch, Some(repo.tip()));
}

#[test]
fn folders_above_are_searched_only_on_request() {
    let repo = Repo::new();
    let inside = repo.path().join("a/b");
    std::fs::create_dir_all(&inside).unwrap();
    assert!(refusal(&inside).contains("is not a git repository"));
    assert_eq!(Reader::discover(&inside).unwrap().refs("main").unwrap().branch, Some(repo.tip()));
    let elsewhere = TempDir::new().unwrap();
    assert!(matches!(Reader::discover(elsewhere.path()), Err(ReadError::NotARepository(_))));
    assert!(refusal(&elsewhere.path().join("gone")).contains("pushlive init"));
}

#[test]
fn reftable_is_refused_with_the_command_that_converts_it() {
    let dir = TempDir::new().unwrap();
    init(dir.path(), &["--ref-format=reftable"]);
    assert!(refusal(dir.path()).contains("refs migrate --ref-format=files"));
    git(dir.path(), &["refs", "migrate", "--ref-format=files"]);
    assert!(Reader::open(dir.path()).is_ok());
}

#[test]
fn sha256_is_refused_with_the_way_out() {
    let dir = TempDir::new().unwrap();
    init(dir.path(), &["--object-format=sha256"]);
    assert!(refusal(dir.path()).contains("git init --bare --object-format=sha1"));
}

#[test]
fn a_partial_clone_is_refused() {
    let repo = Repo::new();
    repo.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = TempDir::new().unwrap();
    git(clone.path(), &["clone", "-q", "--bare", "--filter=blob:none", &file_url(&repo), "."]);
    let said = refusal(clone.path());
    assert!(said.contains("partial clone") && said.contains("git clone --mirror"), "{said}");
}

#[test]
fn a_repository_of_another_user_is_refused_with_the_setting_that_allows_it() {
    let dir = TempDir::new().unwrap();
    init(dir.path(), &[]);
    let other = std::process::Command::new("chown").args(["-R", "12345"]).arg(dir.path()).status();
    if !other.is_ok_and(|status| status.success()) {
        return; // Only root can give a directory away.
    }
    let said = refusal(dir.path());
    assert!(said.contains(&format!("git config --global --add safe.directory {}", dir.path().display())), "{said}");
}

#[test]
fn a_mend_that_is_typed_names_any_path_as_a_shell_reads_it() {
    let dir = tempfile::Builder::new().prefix("the team's \"folder\" ").tempdir().unwrap();
    init(dir.path(), &["--ref-format=reftable"]);
    let said = refusal(dir.path());
    let (_, typed) = said.split_once("convert it in place: ").unwrap();
    assert!(std::process::Command::new("sh").args(["-c", typed]).status().unwrap().success(), "{typed}");
    assert!(Reader::open(dir.path()).is_ok());
}

#[test]
fn a_revision_is_named_as_git_names_it() {
    let repo = Repo::new();
    let first = repo.tip();
    let second = repo.release("1.0.0", "one").commit();
    repo.git(&["tag", "-a", "-m", "x", "mark"]);
    let reader = repo.reader();
    assert_eq!(reader.resolve("HEAD~1").unwrap(), first);
    assert_eq!(reader.resolve("mark").unwrap(), second);
    assert_eq!(reader.resolve(&second.short()).unwrap(), second);
    assert_eq!(reader.resolve("nope"), Err(ReadError::UnknownRevision("nope".into())));
    let build = builder().build(&reader, &Refs::at("main", Some(first))).unwrap();
    assert_eq!(build.table.unwrap().commit, first.to_string());
}

#[test]
fn a_branch_without_commits_has_no_tip() {
    let reader = Repo::empty().reader();
    assert_eq!(reader.refs("main").unwrap().branch, None);
    assert_eq!(reader.head().unwrap(), None);
}

#[test]
fn refs_as_a_push_would_leave_them_give_the_table_after_it() {
    let repo = Repo::new();
    let old = repo.tip();
    repo.git(&["checkout", "-q", "-b", "next"]);
    let new = repo.release("1.0.0", "one").commit();
    let reader = repo.reader();
    let update = RefUpdate::parse(&format!("{old} {new} refs/heads/main")).unwrap();
    let refs = reader.refs("main").unwrap().updated(&[update]);
    assert_eq!(builder().build(&reader, &refs).unwrap().names(), ["1.0.0"]);
}

#[test]
fn objects_that_are_gone_are_an_error_that_names_one() {
    let repo = Repo::new();
    let reader = repo.reader();
    let gone = CommitId(ObjectId::new([7; 20]));
    let error = builder().build(&reader, &Refs::at("main", Some(gone))).unwrap_err();
    assert!(error.to_string().contains(&gone.to_string()));
}
