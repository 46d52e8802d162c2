//! With repositories that come and go.

use std::collections::HashSet;
use std::fs;
use std::io::Write;
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::release::policy::{AppPolicy, ChannelPolicy};
use crate::release::table::App;
use crate::release::tags::AppTags;

/// A repository with a branch, and a data directory.
struct World {
    folder: tempfile::TempDir,
    store: Store,
    place: Place,
}

impl World {
    fn new() -> World {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("releases.git");
        git2::Repository::init_bare(&repository).unwrap();
        let store = Store::open(&folder.path().join("data"), "a test").unwrap();
        World { folder, store, place: Place::of(repository) }
    }

    /// The refs with one more commit on the branch.
    fn commit(&self) -> Refs {
        let repository = git2::Repository::open(&self.place.repository).unwrap();
        let who = git2::Signature::now("Team", "team@example.com").unwrap();
        let tree = repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
        let before = repository.find_reference("refs/heads/main").ok().map(|main| main.peel_to_commit().unwrap());
        let parents: Vec<_> = before.iter().collect();
        repository.commit(Some("refs/heads/main"), &who, &who, "Go on", &tree, &parents).unwrap();
        self.place.refs().unwrap()
    }

    fn away(&self) -> PathBuf {
        self.folder.path().join("away.git")
    }

    /// The repository is away meanwhile.
    fn without_it<T>(&self, then: impl FnOnce() -> T) -> T {
        fs::rename(&self.place.repository, self.away()).unwrap();
        let done = then();
        fs::rename(self.away(), &self.place.repository).unwrap();
        done
    }

    fn last(&self) -> Entry {
        Record::read(&self.store.journal().unwrap()).entries.pop().unwrap_or_default()
    }

    /// The last line of the journal in words.
    fn told(&self) -> String {
        self.last().meant
    }

    /// Takes up a table of these refs, where that was served before.
    fn add(
        &self,
        chronicle: &mut Chronicle,
        refs: &Refs,
        [before, table]: [Option<&Arc<Table>>; 2],
        is_first: bool,
        past: Option<&Arc<Table>>,
    ) -> Result<(), String> {
        let (is_on_line, past) = (|_: CommitId| true, |_: &Moment| past.cloned());
        let taken = TakenUp { refs, table, before, is_on_line: &is_on_line, is_first, past: &past };
        let open = chronicle.open(&self.store, refs, Timestamp(1));
        let added = open.and_then(|_| chronicle.add(&self.store, &self.place, &taken, Timestamp(1)));
        added.map_err(|error| error.to_string())
    }
}

/// A table of apps without releases.
fn table(apps: &[&str]) -> Arc<Table> {
    table_with(apps, &["production"])
}

/// The same, each with these channels.
fn table_with(apps: &[&str], channels: &[&str]) -> Arc<Table> {
    let app = |id: &&str| {
        let policy = AppPolicy {
            id: (*id).into(),
            name: None,
            default_channel: "production".into(),
            channels: channels.iter().map(|name| ChannelPolicy::named(name)).collect(),
            overrides: Vec::new(),
        };
        Arc::new(App::new(policy, [], HashSet::new(), AppTags::default()))
    };
    Arc::new(Table::new(String::new(), String::new(), apps.iter().map(app)))
}

#[test]
fn a_repository_that_went_away_is_a_fault_and_what_was_missed_is_added_later() {
    let world = World::new();
    let refs = world.commit();
    let mut chronicle = Chronicle::default();
    let mut add = || world.add(&mut chronicle, &refs, [None, None], true, None);
    let fault = world.without_it(&mut add).unwrap_err();
    assert!(fault.contains("releases.git"), "{fault}");
    assert_eq!(world.store.journal().unwrap(), "");
    add().unwrap();
    assert_eq!(world.store.journal().unwrap().lines().count(), 1);
}

#[test]
fn what_could_not_be_written_is_told_with_what_comes_next() {
    let world = World::new();
    let (first, second, third) = (table(&["a"]), table(&["a", "b"]), table(&["a", "b", "c"]));
    let mut chronicle = Chronicle::default();
    world.add(&mut chronicle, &world.commit(), [None, Some(&first)], true, None).unwrap();
    let refs = world.commit();
    let missed = || world.add(&mut chronicle, &refs, [Some(&first), Some(&second)], false, None);
    world.without_it(missed).unwrap_err();
    world.add(&mut chronicle, &world.commit(), [Some(&second), Some(&third)], false, None).unwrap();
    assert_eq!(world.told(), "added the app b, added the app c");
    world.add(&mut chronicle, &world.commit(), [Some(&third), Some(&third)], false, None).unwrap();
    assert_eq!(world.told(), journal::NOTHING);
}

#[test]
fn the_same_holds_of_what_the_process_before_left() {
    let (first, second, third) = (table(&["a"]), table(&["a", "b"]), table(&["a", "b", "c"]));
    for (past, told) in
        [(Some(&first), "added the app b, added the app c"), (None, "moved while the journal could not be written")]
    {
        let world = World::new();
        world.add(&mut Chronicle::default(), &world.commit(), [None, Some(&first)], true, None).unwrap();
        let (mut chronicle, refs) = (Chronicle::default(), world.commit());
        let missed = || world.add(&mut chronicle, &refs, [None, Some(&second)], true, past);
        world.without_it(missed).unwrap_err();
        world.add(&mut chronicle, &world.commit(), [Some(&second), Some(&third)], false, past).unwrap();
        assert_eq!(world.told(), told);
    }
}

#[test]
fn what_happened_while_none_ran_is_told_as_that() {
    let (first, second) = (table(&["a"]), table(&["a", "b"]));
    let world = World::new();
    world.add(&mut Chronicle::default(), &world.commit(), [None, Some(&first)], true, None).unwrap();
    world.add(&mut Chronicle::default(), &world.commit(), [None, Some(&second)], true, Some(&first)).unwrap();
    assert_eq!(world.told(), "while no daemon ran, added the app b");
}

#[test]
fn a_tag_that_came_while_none_ran_is_told_as_that() {
    let table = table(&["a"]);
    let world = World::new();
    let refs = world.commit();
    let tagged = |names: &[&str]| {
        let tags = names.iter().map(|name| ((*name).into(), refs.branch.unwrap().0));
        refs.clone().with_tags(tags)
    };
    let first = |refs: &Refs| {
        let mut chronicle = Chronicle::default();
        world.add(&mut chronicle, refs, [None, Some(&table)], true, Some(&table)).unwrap();
        chronicle
    };
    first(&tagged(&["production/1.0.0"]));
    assert_eq!(world.told(), "opens 1.0.0 to production; it has no effect now", "no daemon ever was away");
    let mut chronicle = first(&tagged(&["production/1.0.0", "production/1.1.0"]));
    assert_eq!(world.told(), "opens 1.1.0 to production; it has no effect now; that was while no daemon ran");
    world.add(&mut chronicle, &tagged(&["production/1.1.0"]), [Some(&table), Some(&table)], false, None).unwrap();
    assert_eq!(world.told(), "is taken back; it opened 1.0.0 to production");
}

#[test]
fn channels_are_told_of_each_app_as_far_as_a_person_reads() {
    let world = World::new();
    let apps: Vec<String> = (10..40).map(|at| format!("app.{at}")).collect();
    let apps: Vec<&str> = apps.iter().map(String::as_str).collect();
    let channels: Vec<String> = (10..30).map(|at| format!("channel-{at}")).collect();
    let channels: Vec<&str> = ["production"].into_iter().chain(channels.iter().map(String::as_str)).collect();
    let (all, fewer) = (table_with(&apps, &channels), table(&[]));
    let mut chronicle = Chronicle::default();
    world.add(&mut chronicle, &world.commit(), [None, Some(&all)], true, None).unwrap();
    world.add(&mut chronicle, &world.commit(), [Some(&all), Some(&fewer)], false, None).unwrap();
    let became = world.last().became.unwrap();
    let of = |app: &str| became.iter().filter(|line| line.starts_with(&format!("{app} "))).collect::<Vec<_>>();
    assert!(apps.iter().all(|app| of(app).len() == 21), "{became:?}");
    assert_eq!(of("app.39")[19..], ["app.39 channel-28 is gone", "app.39 and 1 more change"]);
}

#[test]
fn what_a_failed_write_left_behind_is_read_and_closed_by_the_next() {
    let table = table(&["a"]);
    let mut world = World::new();
    let mut chronicle = Chronicle::default();
    world.add(&mut chronicle, &world.commit(), [None, Some(&table)], true, None).unwrap();
    let data = world.folder.path().join("data");
    let store = mem::replace(&mut world.store, Store::read_only(&data));
    let mut go_on = |world: &World| world.add(&mut chronicle, &world.commit(), [Some(&table); 2], false, None);
    go_on(&world).unwrap_err();
    world.store = store;
    // as on a disk where it could not be taken away again
    fs::OpenOptions::new().append(true).open(data.join("journal")).unwrap().write_all(b"{\"time\":1,").unwrap();
    for count in [3, 4] {
        go_on(&world).unwrap();
        let record = Record::read(&world.store.journal().unwrap());
        assert_eq!((record.entries.len(), record.gaps.len(), record.ends_in_doubt()), (count, 1, false), "{record:?}");
    }
}
