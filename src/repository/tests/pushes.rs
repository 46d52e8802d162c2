//! Pushes judged by what they change, without a daemon's knowledge.

use super::*;
use crate::repository::push::{Judged, Push};
use crate::repository::refs::{RefUpdate, Refs};

/// What is said of a push that moves the branch from one commit to another.
fn judged(repo: &Repo, before: CommitId, after: CommitId) -> Judged {
    let update = RefUpdate { old: Some(before.0), new: Some(after.0), name: "refs/heads/main".to_owned() };
    judged_updates(repo, Some(before), &[update])
}

/// The same of a push that makes a tag at a commit, and nothing else.
fn judged_tag(repo: &Repo, tip: Option<CommitId>, tag: &str, at: CommitId) -> Judged {
    judged_updates(repo, tip, &[RefUpdate { old: None, new: Some(at.0), name: format!("refs/tags/{tag}") }])
}

fn judged_updates(repo: &Repo, before: Option<CommitId>, updates: &[RefUpdate]) -> Judged {
    let before = Refs::at("main", before);
    let after = before.clone().updated(updates);
    let push = Push { before: &before, after: &after, updates };
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
    assert_eq!(judged.was.read.zips + judged.is.read.zips, 2, "its own, and that beside it");
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

const WITH_TAGS: &str = "[apps.\"com.example.app\".channels.production]\ntags = true\n";

#[test]
fn a_zip_that_was_never_one_is_not_taken_for_the_first_bytes() {
    let repo = Repo::empty();
    repo.write("releases.toml", WITH_TAGS).release("0.9.0", "old").commit();
    repo.file("1.0.0", "bundle.zip", "garbage").commit();
    let good = repo.release("1.0.0", "good").commit();
    let tagged = judged_tag(&repo, Some(good), "production/1.0.0", good);
    assert_eq!((rules(&tagged.refused), rules(&tagged.told)), (vec![], vec![]));
    let more = repo.write("notes", "x").commit();
    let noted = judged(&repo, good, more);
    assert_eq!((rules(&noted.refused), rules(&noted.told)), (vec![], vec![]));
}

#[test]
fn the_zip_of_a_release_that_a_tag_names_is_read() {
    let repo = Repo::empty();
    repo.write("releases.toml", WITH_TAGS).release("1.0.0", "sound").commit();
    let tip = repo.file("1.1.0", "bundle.zip", "garbage").commit();
    let judged = judged_tag(&repo, Some(tip), "production/1.1.0", tip);
    assert_eq!((rules(&judged.refused), rules(&judged.told)), (vec!["tag-unknown-release"], vec!["not-a-zip"]));
}

#[test]
fn a_tag_where_nothing_is_served_yet_is_refused_with_the_advice_to_push_both() {
    let repo = Repo::empty();
    let begun = repo.write("releases.toml", "").commit();
    let tip = repo.write("releases.toml", WITH_TAGS).release("1.0.0", "one").commit();
    for before in [None, Some(begun)] {
        let judged = judged_tag(&repo, before, "production/1.0.0", tip);
        assert_eq!(rules(&judged.refused), ["tag-unknown-release"]);
        assert!(judged.refused[0].help.contains("`git push origin main production/1.0.0`"));
    }
}

#[test]
fn bytes_that_are_lost_are_refused_whichever_file_they_are_told_of() {
    let repo = Repo::new();
    repo.release("1.0.0", "shared").file("1.0.0", "bundle.ios.zip", zip("ios"));
    let before = repo.commit();
    let after = repo.remove(&format!("{APP}/1.0.0/bundle.ios.zip")).commit();
    assert_eq!(rules(&judged(&repo, before, after).refused), ["bundle-changed"]);
    // the fault is old for who only takes the release back
    let yanked = repo.file("1.0.0", "release.toml", "yanked = true").commit();
    let judged = judged(&repo, after, yanked);
    assert_eq!((rules(&judged.refused), rules(&judged.told)), (vec![], vec!["bundle-changed"]));
}

#[test]
fn what_commits_of_one_push_do_to_each_other_is_its_own() {
    let repo = Repo::new();
    let before = repo.release("1.0.0", "ios").commit();
    repo.release("1.1.0", "short-lived").file("1.1.0", "release.toml", "comment = \"a\"").commit();
    let removed = repo.remove(&format!("{APP}/1.1.0/bundle.zip")).commit();
    let removed = judged(&repo, before, removed).refused;
    assert_eq!(rules(&removed), ["bundle-removed"]);
    assert!(removed[0].help.starts_with("the first bundle is in a commit of this very push: squash"));

    repo.git(&["reset", "-q", "--hard", &before.to_string()]);
    repo.withdraw("1.0.0").commit();
    repo.release("1.0.0+b", "other").commit();
    let twins = repo.release("1.0.0", "ios").commit();
    assert_eq!(rules(&judged(&repo, before, twins).refused), ["same-precedence"]);
}

#[test]
fn bytes_of_another_platform_that_came_before_do_not_hide_that_a_push_changes_its_own() {
    let repo = Repo::new();
    let before = repo.file("1.0.0", "bundle.ios.zip", zip("ios")).commit();
    repo.release("1.0.0", "shared").commit();
    let after = repo.release("1.0.0", "changed").commit();
    let refused = judged(&repo, before, after).refused;
    assert_eq!(rules(&refused), ["bundle-changed"]);
    assert!(refused[0].help.contains("squash"), "{}", refused[0].help);
}

const TWO_APPS: &str = "[apps.\"com.example.app\"]\n[apps.\"com.example.other\"]\n";

/// A repository where the part of the other app was broken after its first release, and its last commits.
fn with_frozen_app() -> (Repo, CommitId) {
    let repo = Repo::empty();
    repo.write("releases.toml", TWO_APPS).release("1.0.0", "one");
    repo.write("com.example.other/1.0.0/bundle.zip", zip("other")).commit();
    let broken = repo.write("releases.toml", format!("{TWO_APPS}stay_inside = 1\n")).commit();
    (repo, broken)
}

#[test]
fn the_mend_of_the_file_is_not_refused_for_a_part_that_it_leaves_alone() {
    let (repo, broken) = with_frozen_app();
    let worse = repo.write("releases.toml", format!("{TWO_APPS}stay_inside = 1\nx = =\n")).commit();
    let mended = repo.write("releases.toml", format!("{TWO_APPS}stay_inside = 1\n")).commit();
    assert_eq!(rules(&judged(&repo, broken, worse).refused), ["syntax"]);
    let judged = judged(&repo, worse, mended);
    assert_eq!((rules(&judged.refused), rules(&judged.told)), (vec![], vec!["unknown-key", "app-frozen"]));
}

#[test]
fn files_that_are_no_part_of_a_release_are_nobodys_fault() {
    let (repo, broken) = with_frozen_app();
    let noted = repo.write("com.example.other/README.md", "hi").write("com.example.other/1.0.0/NOTES", "hi").commit();
    assert_eq!(rules(&judged(&repo, broken, noted).refused), [""; 0]);
    let described = repo.write("com.example.other/1.0.0/release.toml", "comment = \"hi\"").commit();
    assert_eq!(rules(&judged(&repo, noted, described).refused), ["unknown-key"]);
    // a directory without a zip is a fault of who makes it, and not of who writes beside it
    let empty = repo.file("2.0.0", "NOTES", "to do").commit();
    assert_eq!(rules(&judged(&repo, described, empty).refused), ["no-bundle"]);
    let more = repo.file("2.0.0", "NOTES", "to do, later").commit();
    assert_eq!(rules(&judged(&repo, empty, more).refused), [""; 0]);
}

#[test]
fn what_a_push_does_without_effect_is_told_again() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").commit();
    let emptied = repo.write("releases.toml", "").commit();
    let released = repo.release("1.1.0", "two").commit();
    let judged = judged(&repo, emptied, released);
    assert_eq!((rules(&judged.refused), rules(&judged.told)), (vec![], vec!["no-app", "settings-kept"]));
}

#[test]
fn a_directory_with_an_odd_name_is_its_own_fault() {
    let repo = Repo::new();
    let before = repo.commit();
    let after = repo.write(&format!("{APP}/bob's\n1.1/bundle.zip"), zip("bob")).commit();
    let refused = judged(&repo, before, after).refused;
    assert_eq!(rules(&refused), ["not-a-version"]);
    assert_eq!(refused[0].file.as_deref(), Some("com.example.app/bob's\n1.1"));
}

#[test]
fn zips_of_an_app_that_a_push_names_for_the_first_time_are_read() {
    let repo = Repo::new();
    repo.write("com.example.other/1.0.0/bundle.zip", "no zip");
    let before = repo.commit();
    let named = repo.write("releases.toml", TWO_APPS).commit();
    let judged = judged(&repo, before, named);
    assert_eq!((rules(&judged.refused), rules(&judged.told)), (vec![], vec!["not-a-zip"]));
}
