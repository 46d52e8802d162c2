//! Pushes judged by what they change, without a daemon's knowledge.

use super::*;
use crate::repository::push::{Judged, Push};
use crate::repository::refs::{RefUpdate, Refs};

/// What is said of a push that moves the branch from one commit to another.
fn judged(repo: &Repo, before: CommitId, after: CommitId) -> Judged {
    let refs = |tip| Refs::at("main", Some(tip));
    let update = RefUpdate { old: Some(before.0), new: Some(after.0), name: "refs/heads/main".to_owned() };
    let push = Push { before: &refs(before), after: &refs(after), updates: &[update] };
    push.judge(&repo.reader(), &mut builder(), &[]).unwrap()
}

fn rules(problems: &[Problem]) -> Vec<&str> {
    problems.iter().map(|problem| problem.rule).collect()
}

#[test]
fn zips_that_a_push_leaves_alone_are_not_read() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").release("1.1.0", "two").file("1.2.0", "bundle.zip", "broken long ago");
    let before = repo.commit();
    let after = repo.release("2.0.0", "new").commit();
    let judged = judged(&repo, before, after);
    assert_eq!((judged.was.read.zips, judged.is.read.zips), (0, 1));
    assert_eq!((rules(&judged.refused), rules(&judged.told)), (vec![], vec![]));
}

#[test]
fn zips_beside_a_file_that_a_push_changes_are_read() {
    let repo = Repo::new();
    let mut zip = zip("one");
    let declared = |zip: &[u8]| format!("[bundle]\nsha256 = \"{}\"\n", hex::encode(sha256(zip)));
    repo.file("1.0.0", "bundle.zip", &zip).file("1.0.0", "release.toml", declared(&zip));
    repo.file("1.1.0", "bundle.zip", "no zip").release("1.2.0", "three");
    let before = repo.commit();
    // a hash that was right is right, whether or not the zip is read
    let after = repo.release("2.0.0", "new").commit();
    assert_eq!(rules(&judged(&repo, before, after).refused), [""; 0]);
    let described = repo.file("1.0.0", "release.toml", declared(&zip) + "# as before\n").commit();
    assert_eq!(rules(&judged(&repo, after, described).refused), [""; 0]);

    zip.push(0);
    let wrong = repo.file("1.0.0", "release.toml", declared(&zip)).file("1.1.0", "release.toml", "").commit();
    let judged = judged(&repo, described, wrong);
    assert_eq!(judged.is.read.zips, 2);
    assert_eq!(rules(&judged.refused), ["sha256-mismatch"]);
}

#[test]
fn what_was_there_before_is_no_news() {
    let repo = Repo::new();
    repo.write("com.example.stranger/1.0.0/bundle.zip", zip("stranger"));
    let before = repo.commit();
    let after = repo.release("1.0.0", "one").commit();
    let judged = judged(&repo, before, after);
    assert_eq!((rules(&judged.told), judged.old_warnings), (vec![], 1));
    let more = repo.write("com.example.other/1.0.0/bundle.zip", zip("other")).commit();
    let judged = self::judged(&repo, after, more);
    assert_eq!((rules(&judged.told), judged.old_warnings), (vec!["unnamed-app"], 1));
}
