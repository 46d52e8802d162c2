//! Whose bytes are served, for ever.

use super::*;
use crate::release::platform::Platform::{Android, Electron, Ios};

#[test]
fn the_first_bytes_are_served_for_ever() {
    let repo = Repo::new();
    let first = repo.release("1.0.0", "first").commit();
    repo.release("1.0.0", "second").commit();
    let build = repo.build();
    assert_eq!(build.bytes("1.0.0", Ios), Some(sha256(&zip("first"))));
    let changed = build.problem("bundle-changed");
    assert_eq!(changed.file.as_deref(), Some("com.example.app/1.0.0/bundle.zip"));
    assert!(changed.help.contains(&format!("git checkout {} --", first.short())), "{}", changed.help);
    assert_eq!(build.errors(), ["bundle-changed"]);
}

#[test]
fn a_removed_version_brought_back_with_other_bytes_gets_the_first() {
    let repo = Repo::new();
    repo.release("1.0.0", "first").commit();
    repo.withdraw("1.0.0").commit();
    repo.release("1.0.0", "second").commit();
    let build = repo.build();
    assert_eq!(build.bytes("1.0.0", Ios), Some(sha256(&zip("first"))));
    assert_eq!(build.errors(), ["bundle-changed"]);
    assert!(!build.app().unwrap().is_withdrawn("1.0.0"));
    repo.release("1.0.0", "first").commit();
    assert_eq!(repo.build().problems, []);
}

#[test]
fn a_broken_zip_that_is_mended_was_never_the_first() {
    let repo = Repo::new();
    repo.file("1.0.0", "bundle.zip", "no zip").commit();
    repo.release("1.0.0", "mended").commit();
    let build = repo.build();
    assert_eq!(build.bytes("1.0.0", Ios), Some(sha256(&zip("mended"))));
    assert_eq!(build.problems, []);
}

#[test]
fn the_bytes_of_a_form_with_a_broken_descriptor_are_not_the_first() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").file("1.0.0", "release.toml", "nope = 1").commit();
    repo.release("1.0.0", "two").file("1.0.0", "release.toml", "").commit();
    assert_eq!(repo.build().bytes("1.0.0", Ios), Some(sha256(&zip("two"))));
}

#[test]
fn the_bundle_of_a_platform_wins_there() {
    let repo = Repo::new();
    repo.release("1.0.0", "all").file("1.0.0", "bundle.ios.zip", zip("ios")).commit();
    let build = repo.build();
    assert_eq!(build.bytes("1.0.0", Ios), Some(sha256(&zip("ios"))));
    assert_eq!(build.bytes("1.0.0", Android), Some(sha256(&zip("all"))));
    assert_eq!(build.problems, []);
}

#[test]
fn a_platform_gets_the_first_bytes_that_there_were_for_it() {
    let repo = Repo::new();
    repo.file("1.0.0", "bundle.ios.zip", zip("ios")).commit();
    repo.file("1.0.0", "bundle.android.zip", zip("android")).commit();
    repo.file("1.0.0", "bundle.android.zip", zip("changed")).commit();
    let build = repo.build();
    assert_eq!(build.bytes("1.0.0", Ios), Some(sha256(&zip("ios"))));
    assert_eq!(build.bytes("1.0.0", Android), Some(sha256(&zip("android"))));
    assert_eq!(build.bytes("1.0.0", Electron), None);
    assert_eq!(build.problem("bundle-changed").file.as_deref(), Some("com.example.app/1.0.0/bundle.android.zip"));
}

#[test]
fn a_bundle_for_one_platform_added_later_changes_what_that_platform_had() {
    let repo = Repo::new();
    repo.release("1.0.0", "all").commit();
    repo.file("1.0.0", "bundle.ios.zip", zip("ios")).commit();
    let build = repo.build();
    assert_eq!(build.bytes("1.0.0", Ios), Some(sha256(&zip("all"))));
    assert!(build.problem("bundle-changed").message.contains("so ios go on"), "{:?}", build.problems);
}

#[test]
fn a_zip_that_one_platform_cannot_take_is_withheld_from_it_alone() {
    let repo = Repo::new();
    repo.file("1.0.0", "bundle.zip", wrapped_zip("one")).commit();
    let build = repo.build();
    assert_eq!(build.bytes("1.0.0", Ios), Some(sha256(&wrapped_zip("one"))));
    assert_eq!(build.bytes("1.0.0", Electron), None);
    assert_eq!((build.errors(), build.warnings()), (vec![], vec!["wrapper-folder"]));
    assert!(build.problem("wrapper-folder").message.ends_with("withheld from electron"));
}

#[test]
fn withholding_is_an_error_where_the_platform_is_named_and_nothing_where_it_is_left_out() {
    let repo = Repo::new();
    repo.file("1.0.0", "bundle.zip", wrapped_zip("one"));
    repo.file("1.0.0", "release.toml", "platforms = [\"ios\", \"electron\"]").commit();
    assert_eq!(repo.build().errors(), ["wrapper-folder"]);
    repo.file("1.0.0", "release.toml", "platforms = [\"ios\"]").commit();
    assert_eq!(repo.build().problems, []);
    repo.remove(&format!("{APP}/1.0.0/release.toml"));
    repo.release("1.0.0", "two").file("1.1.0", "bundle.electron.zip", wrapped_zip("one")).commit();
    let build = repo.build();
    assert!(build.release("1.1.0").is_none());
    assert_eq!(build.problem("wrapper-folder").version.as_deref(), Some("1.1.0"));
}

#[test]
fn a_platform_that_could_not_take_the_first_zip_gets_the_next_that_it_can() {
    let repo = Repo::new();
    repo.file("1.0.0", "bundle.zip", wrapped_zip("one")).commit();
    repo.file("1.0.0", "bundle.electron.zip", zip("electron")).commit();
    let build = repo.build();
    assert_eq!(build.bytes("1.0.0", Ios), Some(sha256(&wrapped_zip("one"))));
    assert_eq!(build.bytes("1.0.0", Electron), Some(sha256(&zip("electron"))));
    assert_eq!(build.problems, []);
}

#[test]
fn a_git_lfs_pointer_is_refused_with_a_sentence() {
    let repo = Repo::new();
    let pointer = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12345\n", "a".repeat(64));
    repo.file("1.0.0", "bundle.zip", pointer).commit();
    let build = repo.build();
    assert_eq!(build.errors(), ["lfs-pointer"]);
    assert!(build.problem("lfs-pointer").message.contains("not available yet"));
    assert_eq!(build.read.zips, 0);
}

#[test]
fn a_zip_above_the_limit_is_refused_without_being_read() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").commit();
    let limits = Limits { max_bundle: 10, ..Limits::default() };
    let build = Builder::new(limits, Shelf::looking(None)).build_tip(&repo);
    assert_eq!((build.errors().len(), build.read.zips), (1, 0));
    assert!(build.release("1.0.0").is_none());
}

#[test]
fn a_declared_hash_is_checked_against_the_bytes() {
    let hex = |bytes: &[u8]| sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let repo = Repo::new();
    let declare = |of: &[u8]| format!("comment = \"hash\"\n[bundle]\nsha256 = \"{}\"\n", hex(of));
    repo.release("1.0.0", "one").file("1.0.0", "release.toml", declare(b"other")).commit();
    let build = repo.build();
    assert!(build.release("1.0.0").is_none());
    let mismatch = build.problem("sha256-mismatch");
    assert_eq!(mismatch.line, Some(3));
    assert!(mismatch.help.contains(&hex(&zip("one"))));
    repo.file("1.0.0", "release.toml", declare(&zip("one"))).commit();
    assert_eq!(repo.build().problems, []);
    repo.file("1.0.0", "release.toml", declare(b"other").replace("hash", "wrong")).commit();
    let build = repo.build();
    assert_eq!(build.release("1.0.0").unwrap().descriptor.comment.as_deref(), Some("hash"));
    assert_eq!(build.errors(), ["sha256-mismatch"]);
}

#[test]
fn a_pointer_in_the_place_of_first_bytes_is_told_as_one() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").commit();
    repo.file("1.0.0", "bundle.zip", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n").commit();
    let build = repo.build();
    assert_eq!(build.errors(), ["lfs-pointer"]);
    assert_eq!(build.bytes("1.0.0", Platform::Ios), Some(sha256(&zip("one"))));
}

#[test]
fn a_warning_of_a_zip_stays_while_the_descriptor_changes() {
    let repo = Repo::new();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for name in ["index.html", ".DS_Store"] {
        writer.start_file(name, SimpleFileOptions::default()).unwrap();
    }
    repo.file("1.0.0", "bundle.zip", writer.finish().unwrap().into_inner()).commit();
    let warned = repo.build();
    repo.file("1.0.0", "release.toml", "comment = \"x\"").commit();
    assert!(!warned.warnings().is_empty());
    assert_eq!(repo.build().warnings(), warned.warnings());
}

#[test]
fn a_form_that_adds_a_bundle_which_nobody_can_install_does_not_count() {
    let repo = Repo::new();
    repo.file("1.0.0", "bundle.android.zip", zip("one")).commit();
    repo.file("1.0.0", "bundle.ios.zip", "no zip").file("1.0.0", "release.toml", "yanked = true").commit();
    assert!(repo.build().release("1.0.0").unwrap().descriptor.yanked.is_none());
    // one that changes first bytes does, with its descriptor
    repo.remove(&format!("{APP}/1.0.0/bundle.ios.zip")).file("1.0.0", "bundle.android.zip", "no zip").commit();
    assert!(repo.build().release("1.0.0").unwrap().descriptor.yanked.is_some());
}
