//! With repositories that come and go.

use std::fs;
use std::sync::Arc;

use super::*;
use crate::serve::report::Running;

#[test]
fn a_repository_that_went_away_is_a_fault_and_what_was_missed_is_added_later() {
    let folder = tempfile::tempdir().unwrap();
    let (there, away) = (folder.path().join("releases.git"), folder.path().join("away.git"));
    let repository = git2::Repository::init_bare(&there).unwrap();
    let who = git2::Signature::now("Team", "team@example.com").unwrap();
    let tree = repository.find_tree(repository.treebuilder(None).unwrap().write().unwrap()).unwrap();
    repository.commit(Some("refs/heads/main"), &who, &who, "Begin", &tree, &[]).unwrap();
    let running = Running { since: Timestamp(0), repository: there.clone(), base: String::new() };
    let place = Place {
        repository: there.clone(),
        branch: "main".to_owned(),
        holder: String::new(),
        operator: None,
        running: Arc::new(running),
    };
    let store = Store::open(&folder.path().join("data"), "a test").unwrap();
    let refs = place.refs().unwrap();
    let mut chronicle = Chronicle::default();
    let (is_on_line, past) = (|_: CommitId| true, |_: &Moment| None);
    let taken =
        TakenUp { refs: &refs, table: None, before: None, is_on_line: &is_on_line, is_first: true, past: &past };
    fs::rename(&there, &away).unwrap();
    let fault = chronicle.add(&store, &place, &taken, Timestamp(1)).unwrap_err().to_string();
    assert!(fault.contains("releases.git"), "{fault}");
    assert_eq!(store.journal().unwrap(), "");
    fs::rename(&away, &there).unwrap();
    chronicle.add(&store, &place, &taken, Timestamp(2)).unwrap();
    assert_eq!(store.journal().unwrap().lines().count(), 1);
}
