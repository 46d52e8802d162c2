//! Which releases there are, and what they say.

use super::*;

fn comment(build: &Build, version: &str) -> Option<String> {
    build.release(version)?.descriptor.comment.as_deref().map(str::to_owned)
}

#[test]
fn a_directory_with_a_zip_is_a_release_and_its_descriptor_may_be_absent() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").file("1.1.0", "release.toml", "comment = \"hi\"").release("1.1.0", "two").commit();
    let build = repo.build();
    assert_eq!(build.names(), ["1.0.0", "1.1.0"]);
    assert_eq!(comment(&build, "1.1.0").as_deref(), Some("hi"));
    assert_eq!(build.release("1.0.0").unwrap().version, semver::Version::new(1, 0, 0));
    assert_eq!(build.bytes("1.0.0", Platform::Electron), Some(sha256(&zip("one"))));
}

#[test]
fn a_removed_directory_is_withdrawn_and_a_reverted_commit_as_well() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").commit();
    repo.release("1.1.0", "two").commit();
    repo.git(&["revert", "--no-edit", "HEAD"]);
    let build = repo.build();
    assert_eq!(build.names(), ["1.0.0"]);
    assert!(build.app().unwrap().is_withdrawn("1.1.0"));
    assert!(!build.app().unwrap().is_withdrawn("1.0.0"));
    assert!(!build.app().unwrap().is_withdrawn("9.9.9"));
    assert_eq!(build.problems, []);
}

#[test]
fn a_release_broken_by_a_later_commit_keeps_its_newest_valid_form() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").file("1.0.0", "release.toml", "comment = \"old\"").commit();
    let good = repo.file("1.0.0", "release.toml", "comment = \"new\"").commit();
    repo.file("1.0.0", "release.toml", "coment = \"new\"").commit();
    let build = repo.build();
    assert_eq!(comment(&build, "1.0.0").as_deref(), Some("new"));
    let unknown = build.problem("unknown-key");
    assert_eq!((unknown.app.as_deref(), unknown.version.as_deref()), (Some(APP), Some("1.0.0")));
    assert_eq!(unknown.file.as_deref(), Some("com.example.app/1.0.0/release.toml"));
    assert!(build.problem("release-kept").message.contains(&good.short()));
}

#[test]
fn a_release_that_never_was_valid_is_left_out_alone_and_is_not_withdrawn() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").file("1.1.0", "bundle.zip", "no zip").file("1.2.0", "release.toml", "");
    repo.release("1.3.0", "three").file("1.3.0", "release.toml", "nope = 1").commit();
    let build = repo.build();
    assert_eq!(build.names(), ["1.0.0"]);
    assert!(["1.1.0", "1.2.0", "1.3.0"].iter().all(|version| !build.app().unwrap().is_withdrawn(version)));
    assert_eq!(build.errors(), ["not-a-zip", "no-bundle", "unknown-key"]);
    assert!(build.problems.iter().all(|problem| problem.help.ends_with("is left out")), "{:?}", build.problems);
}

#[test]
fn a_valid_form_from_before_the_directory_was_absent_does_not_count() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").commit();
    repo.withdraw("1.0.0").commit();
    repo.release("1.0.0", "one").file("1.0.0", "release.toml", "nope = 1").commit();
    let build = repo.build();
    assert_eq!(build.names(), [""; 0]);
    assert!(!build.app().unwrap().is_withdrawn("1.0.0"));
}

#[test]
fn the_descriptor_is_read_though_the_zip_is_broken_or_changed_or_gone() {
    for (file, rule) in [(Some(b"no zip".to_vec()), "bundle-changed"), (None, "bundle-removed")] {
        let repo = Repo::new();
        repo.release("1.0.0", "one").commit();
        repo.file("1.0.0", "release.toml", "yanked = \"broken\"");
        match file {
            Some(bytes) => repo.file("1.0.0", "bundle.zip", bytes).commit(),
            None => repo.remove(&format!("{APP}/1.0.0/bundle.zip")).commit(),
        };
        let build = repo.build();
        assert!(build.release("1.0.0").unwrap().descriptor.yanked.is_some());
        assert_eq!(build.bytes("1.0.0", Platform::Android), Some(sha256(&zip("one"))));
        assert_eq!(build.errors(), [rule]);
        assert_eq!(build.read.zips, 1);
    }
}

#[test]
fn of_versions_that_differ_in_build_metadata_the_later_one_is_left_out() {
    let repo = Repo::new();
    repo.release("1.0.0+b", "b").commit();
    repo.release("1.0.0", "plain").release("1.0.0+a", "a").release("1.0.0-rc.1+a", "other").commit();
    let build = repo.build();
    assert_eq!(build.names(), ["1.0.0+b", "1.0.0-rc.1+a"]);
    assert_eq!(build.errors(), ["same-precedence"; 2]);
    assert!(!build.app().unwrap().is_withdrawn("1.0.0"));
}

#[test]
fn of_two_in_one_commit_the_higher_name_is_left_out() {
    let repo = Repo::new();
    repo.release("1.0.0+b", "b").release("1.0.0+a", "a").commit();
    let build = repo.build();
    assert_eq!(build.names(), ["1.0.0+a"]);
    assert_eq!(build.problem("same-precedence").version.as_deref(), Some("1.0.0+b"));
}

#[test]
fn which_came_first_is_asked_since_a_directory_was_last_absent() {
    let repo = Repo::new();
    repo.release("1.0.0+b", "b").commit();
    repo.withdraw("1.0.0+b").release("1.0.0+a", "a").commit();
    repo.release("1.0.0+b", "b").commit();
    assert_eq!(repo.build().names(), ["1.0.0+a"]);
}

#[test]
fn what_is_no_version_but_looks_like_one_is_an_error() {
    let repo = Repo::new();
    repo.release("v1.2.3", "one").file("v2.0.0", "notes.md", "").file("next", "release.toml", "");
    repo.release("1.0", "one").file("assets", "logo.svg", "").write("com.example.app/README.md", "").commit();
    let build = repo.build();
    assert_eq!(build.names(), [""; 0]);
    assert_eq!(build.errors(), ["not-a-version"; 4]);
    assert!(build.problems.iter().any(|p| p.help.contains("git mv com.example.app/v1.2.3 com.example.app/1.2.3")));
}

#[test]
fn symlinks_and_submodules_are_not_followed() {
    let repo = Repo::new();
    repo.release("1.0.0", "one");
    let at = |path: &str| repo.path().join(APP).join(path);
    std::os::unix::fs::symlink("1.0.0", at("1.1.0")).unwrap();
    std::fs::create_dir(at("1.2.0")).unwrap();
    std::os::unix::fs::symlink("../1.0.0/bundle.zip", at("1.2.0/bundle.zip")).unwrap();
    std::os::unix::fs::symlink(APP, repo.path().join("org.linked")).unwrap();
    repo.commit();
    let build = repo.build();
    assert_eq!(build.names(), ["1.0.0"]);
    assert_eq!(build.errors(), ["no-file"]);
}

#[test]
fn a_channel_that_is_unknown_is_an_error_with_its_place_and_breaks_nothing() {
    let repo = Repo::new();
    repo.release("1.0.0", "one").file("1.0.0", "release.toml", "\nchannels = [\"producton\", \"production\"]").commit();
    let build = repo.build();
    assert_eq!(build.names(), ["1.0.0"]);
    let unknown = build.problem("unknown-channel");
    assert_eq!((unknown.line, unknown.column), (Some(2), Some(13)));
    assert_eq!(unknown.help, "did you mean `production`?");
    assert_eq!(build.errors(), ["unknown-channel"]);
}

#[test]
fn pins_and_overrides_of_unknown_versions_are_warnings() {
    let repo = Repo::empty();
    let channels = "[apps.\"com.example.app\".channels.production]\npin = \"1.4.1\"\n";
    let overrides = "[[apps.\"com.example.app\".overrides]]\ncustom_id = \"qa\"\nversion = \"1.5.0\"\n";
    repo.write("releases.toml", format!("{SETTINGS}{channels}{overrides}")).release("1.0.0", "one").commit();
    let build = repo.build();
    assert_eq!(build.names(), ["1.0.0"]);
    assert_eq!(build.warnings(), ["pin-without-release", "override-without-release"]);
    assert_eq!(build.problem("pin-without-release").line, Some(3));
    assert_eq!(build.problem("override-without-release").line, Some(6));
    repo.release("1.4.1", "pinned").release("1.5.0", "for qa").commit();
    assert_eq!(repo.build().problems, []);
}

#[test]
fn a_release_that_no_channel_opens_is_a_warning() {
    let repo = Repo::new();
    repo.release("1.0.0-rc.1", "rc").release("1.0.0-rc.2", "rc2").file("1.0.0-rc.2", "release.toml", "yanked = true");
    repo.commit();
    let build = repo.build();
    assert_eq!(build.warnings(), ["release-not-open"]);
    assert_eq!(build.problem("release-not-open").version.as_deref(), Some("1.0.0-rc.1"));
}
