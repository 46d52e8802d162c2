//! Builds one after the other: what they cost, what they keep, and that they equal a build from nothing.

use super::*;
use crate::repository::builder::ReadCounts;

fn keeping(data: &Path) -> (Arc<Store>, Builder) {
    let store = open_store(data);
    let builder = Builder::new(Limits::default(), Shelf::keeping(Arc::clone(&store)));
    (store, builder)
}

fn counts(commits: usize, descriptors: usize, zips: usize) -> ReadCounts {
    ReadCounts { commits, descriptors, zips }
}

fn two_apps() -> Repo {
    let repo = Repo::empty();
    repo.write("releases.toml", format!("{SETTINGS}[apps.\"org.other\"]\n"));
    repo.release("1.0.0", "one").file("1.0.0", "release.toml", "");
    repo.write("org.other/1.0.0/bundle.zip", zip("other")).write("org.other/1.0.0/release.toml", "").commit();
    repo
}

#[test]
fn an_equal_tip_reads_nothing_and_gives_the_same_apps() {
    let repo = two_apps();
    let mut builder = builder();
    let first = builder.build_tip(&repo);
    let second = builder.build_tip(&repo);
    assert_eq!(first.read, counts(1, 2, 2));
    assert_eq!(second.read, counts(0, 0, 0));
    assert!(Arc::ptr_eq(first.app().unwrap(), second.app().unwrap()));
}

#[test]
fn a_push_to_one_app_parses_nothing_of_another() {
    let repo = two_apps();
    let mut builder = builder();
    let first = builder.build_tip(&repo);
    repo.release("1.1.0", "two").file("1.1.0", "release.toml", "comment = \"new\"").commit();
    let second = builder.build_tip(&repo);
    assert_eq!(second.read, counts(1, 1, 1));
    let other = |build: &Build| Arc::clone(build.table.as_ref().unwrap().app("org.other").unwrap());
    assert!(Arc::ptr_eq(&other(&first), &other(&second)));
    assert!(std::ptr::eq(first.release("1.0.0").unwrap(), second.release("1.0.0").unwrap()));
    assert!(!Arc::ptr_eq(first.app().unwrap(), second.app().unwrap()));
}

#[test]
fn a_change_of_settings_keeps_releases_and_the_other_app() {
    let repo = two_apps();
    let mut builder = builder();
    let first = builder.build_tip(&repo);
    repo.write("releases.toml", format!("# moved\n{SETTINGS}name = \"New\"\n[apps.\"org.other\"]\n")).commit();
    let second = builder.build_tip(&repo);
    assert_eq!(second.read, counts(1, 0, 0));
    assert_eq!(second.app().unwrap().policy.name.as_deref(), Some("New"));
    assert!(std::ptr::eq(first.release("1.0.0").unwrap(), second.release("1.0.0").unwrap()));
}

#[test]
fn problems_of_what_is_taken_over_are_still_told() {
    let repo = two_apps();
    let mut builder = builder();
    repo.file("1.0.0", "release.toml", "channels = [\"nope\"]").file("1.1.0", "bundle.zip", "no zip").commit();
    let first = builder.build_tip(&repo);
    assert_eq!(first.errors().len(), 2);
    repo.write("org.other/1.1.0/bundle.zip", zip("more")).commit();
    assert_eq!(builder.build_tip(&repo).problems, first.problems);
}

#[test]
fn problems_point_into_the_settings_as_they_are_now() {
    let repo = Repo::empty();
    let settings = format!("{SETTINGS}channels.production.pin = \"9.9.9\"\n");
    repo.write("releases.toml", &settings).commit();
    let mut builder = builder();
    assert_eq!(builder.build_tip(&repo).problem("pin-without-release").line, Some(2));
    repo.write("releases.toml", format!("# moved\n{settings}")).commit();
    assert_eq!(builder.build_tip(&repo).problem("pin-without-release").line, Some(3));
}

#[test]
fn the_zips_of_withdrawn_releases_are_never_read() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").commit();
    repo.withdraw("1.0.0").release("1.1.0", "two").commit();
    assert_eq!(repo.build().read, counts(3, 0, 1));
}

#[test]
fn a_rewritten_line_is_read_from_where_the_two_parted() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").commit();
    repo.release("1.1.0", "two").commit();
    let mut builder = builder();
    builder.build_tip(&repo);
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    let back = builder.build_tip(&repo);
    assert_eq!(back.read, counts(0, 0, 0));
    assert!(!back.app().unwrap().is_withdrawn("1.1.0"));
    repo.release("1.2.0", "three").commit();
    let other = builder.build_tip(&repo);
    assert_eq!(other.read, counts(1, 0, 1));
    assert_eq!(other.names(), ["1.0.0", "1.2.0"]);
}

#[test]
fn a_merge_that_puts_the_old_tip_second_is_read_as_the_line_it_is() {
    let repo = Repo::new();
    repo.git(&["checkout", "-q", "-b", "mine"]);
    repo.release("1.0.0", "mine").commit();
    repo.git(&["checkout", "-q", "main"]);
    repo.release("1.0.0", "theirs").commit();
    let mut builder = builder();
    builder.build_tip(&repo);
    repo.git(&["checkout", "-q", "mine"]);
    repo.git(&["merge", "-q", "-X", "ours", "main", "-m", "pull"]);
    repo.git(&["checkout", "-q", "-B", "main"]);
    let merged = builder.build_tip(&repo);
    assert_eq!(merged.bytes("1.0.0", Platform::Ios), Some(sha256(&zip("mine"))));
    assert_eq!(merged.problems, []);
}

#[test]
fn a_deleted_branch_gives_no_table_and_costs_nothing_when_it_is_back() {
    let repo = two_apps();
    let mut builder = builder();
    let first = builder.build_tip(&repo);
    repo.git(&["checkout", "-q", "--detach"]);
    repo.git(&["branch", "-q", "-D", "main"]);
    assert!(builder.build_tip(&repo).table.is_none());
    repo.git(&["checkout", "-q", "-b", "main"]);
    let back = builder.build_tip(&repo);
    assert!(Arc::ptr_eq(first.app().unwrap(), back.app().unwrap()));
}

#[test]
fn a_warm_start_reads_neither_history_nor_zips() {
    let (repo, data) = (two_apps(), TempDir::new().unwrap());
    let (store, mut first) = keeping(data.path());
    let cold = first.build_tip(&repo);
    first.remember().unwrap();
    drop((store, first));
    repo.release("1.1.0", "two").commit();
    let (_store, mut second) = keeping(data.path());
    let warm = second.build_tip(&repo);
    assert_eq!(cold.read, counts(1, 2, 2));
    assert_eq!(warm.read, counts(1, 2, 1));
    assert_eq!(format!("{:?}", warm.problems), format!("{:?}", repo.build().problems));
}

#[test]
fn the_bundles_that_are_served_are_kept_and_a_lost_one_comes_back() {
    let (repo, data) = (two_apps(), TempDir::new().unwrap());
    let (store, mut first) = keeping(data.path());
    let bundle = *first.build_tip(&repo).release("1.0.0").unwrap().bundles.ios.as_deref().unwrap();
    assert!(store.has(&bundle.sha256, bundle.size));
    store.collect(&|_| false).unwrap();
    assert!(!store.has(&bundle.sha256, bundle.size));
    drop((store, first));
    let (store, mut second) = keeping(data.path());
    second.build_tip(&repo);
    assert!(store.has(&bundle.sha256, bundle.size));
}

#[test]
fn other_limits_judge_zips_anew() {
    let (repo, data) = (two_apps(), TempDir::new().unwrap());
    let (store, mut first) = keeping(data.path());
    first.build_tip(&repo);
    let limits = Limits { max_entries: 7, ..Limits::default() };
    assert_eq!(Builder::new(limits, Shelf::looking(Some(Arc::clone(&store)))).build_tip(&repo).read.zips, 2);
    let same = Builder::new(Limits::default(), Shelf::looking(Some(store))).build_tip(&repo);
    assert_eq!(same.read.zips, 0);
}

#[test]
fn what_looks_only_writes_nothing() {
    let (repo, data) = (two_apps(), TempDir::new().unwrap());
    let store = Arc::new(Store::read_only(data.path()));
    let mut builder = Builder::new(Limits::default(), Shelf::looking(Some(store)));
    assert_eq!(builder.build_tip(&repo).names(), ["1.0.0"]);
    builder.remember().unwrap();
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn a_store_that_cannot_be_written_is_an_error_and_the_next_build_mends_it() {
    let (repo, data) = (two_apps(), TempDir::new().unwrap());
    let (_store, mut builder) = keeping(data.path());
    let (folder, away) = (data.path().join("store"), data.path().join("away"));
    std::fs::rename(&folder, &away).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    let reader = repo.reader();
    let error = builder.build(&reader, &reader.refs("main").unwrap()).unwrap_err();
    assert!(error.to_string().contains("data directory"), "{error}");
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&away, &folder).unwrap();
    assert_eq!(builder.build_tip(&repo).names(), ["1.0.0"]);
}

#[test]
fn a_reader_that_is_older_than_the_packs_finds_the_objects() {
    let repo = two_apps();
    let reader = repo.reader();
    reader.refs("main").unwrap();
    repo.release("1.1.0", "two").commit();
    repo.git(&["gc", "-q", "--prune=now"]);
    let refs = repo.reader().refs("main").unwrap();
    assert_eq!(builder().build(&reader, &refs).unwrap().names(), ["1.0.0", "1.1.0"]);
}
