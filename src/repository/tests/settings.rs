//! Which commit counts.

use super::*;

const TWO: &str = "[apps.\"com.example.app\"]\nname = \"One\"\n[apps.\"org.other\"]\nname = \"Other\"\n";

fn name(build: &Build, app: &str) -> Option<String> {
    build.table.as_ref()?.app(app)?.policy.name.as_deref().map(str::to_owned)
}

#[test]
fn the_table_is_that_of_the_tip() {
    let repo = Repo::new();
    let tip = repo.release("1.0.0", "one").commit();
    let build = repo.build();
    let table = build.table.as_ref().unwrap();
    assert_eq!(table.commit, tip.to_string());
    assert_eq!(build.tip, Some(tip));
    assert_eq!(build.names(), ["1.0.0"]);
    assert_eq!(build.problems, []);
}

#[test]
fn a_commit_whose_settings_do_not_parse_changes_nothing() {
    let repo = Repo::new();
    let good = repo.release("1.0.0", "one").commit();
    repo.write("releases.toml", "[apps\n").release("2.0.0", "two").withdraw("1.0.0").commit();
    let build = repo.build();
    assert_eq!(build.table.as_ref().unwrap().commit, good.to_string());
    assert_eq!(build.names(), ["1.0.0"]);
    assert!(!build.app().unwrap().is_withdrawn("1.0.0"));
    assert_eq!(build.errors(), ["syntax"]);
    assert_eq!(build.problem("syntax").line, Some(1));
    assert!(build.problem("settings-kept").message.contains(&good.short()));
}

#[test]
fn settings_that_are_removed_or_no_file_are_an_error_and_change_nothing() {
    let repo = Repo::new();
    let good = repo.release("1.0.0", "one").commit();
    repo.remove("releases.toml").commit();
    let removed = repo.build();
    repo.write("releases.toml/x", "").commit();
    for build in [removed, repo.build()] {
        assert_eq!(build.table.as_ref().unwrap().commit, good.to_string());
        assert_eq!(build.errors(), ["settings-missing"]);
    }
}

#[test]
fn a_file_that_names_no_app_counts_as_not_there_and_is_a_warning() {
    let repo = Repo::new();
    let good = repo.tip();
    repo.write("releases.toml", "# soon\n").commit();
    let build = repo.build();
    assert_eq!(build.table.as_ref().unwrap().commit, good.to_string());
    assert_eq!(build.errors(), [""; 0]);
    assert_eq!(build.warnings(), ["no-app", "settings-kept"]);
}

#[test]
fn an_unknown_top_level_key_keeps_the_settings_before() {
    let repo = Repo::new();
    let good = repo.tip();
    repo.write("releases.toml", format!("oops = 1\n{SETTINGS}")).commit();
    assert_eq!(repo.build().table.unwrap().commit, good.to_string());
}

#[test]
fn settings_that_are_no_text_count_as_broken() {
    let repo = Repo::new();
    repo.write("releases.toml", b"[apps]\n\xff").commit();
    let build = repo.build();
    assert_eq!(build.errors(), ["not-utf8"]);
    assert_eq!(build.problem("not-utf8").line, Some(2));
    repo.write("releases.toml", vec![b'#'; (1 << 20) + 1]).commit();
    assert_eq!(repo.build().errors(), ["file-too-large"]);
}

#[test]
fn later_commits_that_leave_good_settings_alone_are_read() {
    let repo = Repo::new();
    repo.write("releases.toml", "[apps\n").commit();
    repo.write("releases.toml", SETTINGS).release("1.0.0", "one").commit();
    repo.release("1.1.0", "more").commit();
    assert_eq!(repo.build().names(), ["1.0.0", "1.1.0"]);
}

#[test]
fn a_broken_rule_in_one_part_freezes_that_app_alone() {
    let repo = Repo::empty();
    repo.write("releases.toml", TWO).release("1.0.0", "one").commit();
    let good = repo.write("org.other/1.0.0/bundle.zip", zip("other")).commit();
    repo.write("releases.toml", TWO.replace("\"One\"", "7").replace("Other", "Renamed"));
    repo.release("2.0.0", "two").withdraw("1.0.0").write("org.other/2.0.0/bundle.zip", zip("two")).commit();
    let build = repo.build();
    assert_eq!(build.names(), ["1.0.0"]);
    assert!(!build.app().unwrap().is_withdrawn("1.0.0"));
    assert_eq!(name(&build, APP).as_deref(), Some("One"));
    assert_eq!(name(&build, "org.other").as_deref(), Some("Renamed"));
    assert!(build.table.as_ref().unwrap().app("org.other").unwrap().release("2.0.0").is_some());
    let frozen = build.problem("app-frozen");
    assert!(!frozen.is_error() && frozen.message.contains(&good.short()), "{frozen:?}");
    assert_eq!((frozen.app.as_deref(), frozen.line), (Some(APP), Some(1)));
    assert_eq!(build.errors().len(), 1);
}

#[test]
fn an_app_whose_part_never_was_valid_is_unknown() {
    let repo = Repo::empty();
    repo.write("releases.toml", TWO.replace("\"One\"", "7")).release("1.0.0", "one").commit();
    let build = repo.build();
    assert!(build.app().is_none());
    assert!(build.problem("app-frozen").message.contains("not served"));
}

#[test]
fn a_part_counts_only_since_the_app_was_last_absent() {
    let repo = Repo::empty();
    repo.write("releases.toml", TWO).commit();
    repo.write("releases.toml", "[apps.\"org.other\"]\n").commit();
    repo.write("releases.toml", TWO.replace("\"One\"", "7")).commit();
    assert!(repo.build().app().is_none());
}

#[test]
fn settings_that_do_not_count_do_not_make_an_app_absent() {
    let repo = Repo::empty();
    repo.write("releases.toml", TWO).commit();
    for broken in ["[apps\n", "# none\n"] {
        repo.write("releases.toml", broken).commit();
    }
    repo.write("releases.toml", TWO.replace("\"One\"", "7")).commit();
    assert_eq!(name(&repo.build(), APP).as_deref(), Some("One"));
}

#[test]
fn an_app_id_without_quotes_freezes_the_app_that_it_means() {
    let repo = Repo::empty();
    repo.write("releases.toml", TWO).commit();
    repo.write("releases.toml", TWO.replace("\"com.example.app\"", "com.example.app")).commit();
    let build = repo.build();
    assert_eq!(name(&build, APP).as_deref(), Some("One"));
    assert!(build.warnings().contains(&"app-frozen"));
}

#[test]
fn an_app_that_left_the_settings_is_gone_and_its_directory_is_a_warning() {
    let repo = Repo::empty();
    repo.write("releases.toml", TWO).release("1.0.0", "one").commit();
    repo.write("releases.toml", "[apps.\"org.other\"]\n").write("docs/guide/a.md", "").commit();
    let build = repo.build();
    assert!(build.app().is_none());
    assert_eq!(build.errors(), [""; 0]);
    assert_eq!(build.warnings(), ["unnamed-app"]);
}

#[test]
fn where_the_line_offers_nothing_there_is_no_table() {
    let repo = Repo::empty();
    let build = repo.build();
    assert!(build.table.is_none() && build.tip.is_none());
    assert_eq!(build.warnings(), ["no-branch"]);
    repo.write("README.md", "soon").commit();
    let build = repo.build();
    assert!(build.table.is_none());
    assert_eq!(build.errors(), ["settings-missing"]);
}

#[test]
fn only_first_parents_are_the_line() {
    let repo = Repo::new();
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.release("1.0.0", "side").commit();
    repo.release("1.0.0", "changed on the side").commit();
    repo.git(&["checkout", "-q", "main"]);
    repo.write("README.md", "main").commit();
    repo.git(&["merge", "-q", "--no-ff", "side", "-m", "merge"]);
    let build = repo.build();
    assert_eq!(build.bytes("1.0.0", Platform::Ios), Some(sha256(&zip("changed on the side"))));
    assert_eq!(build.errors(), [""; 0]);
}

#[test]
fn a_shallow_repository_ends_at_its_boundary_which_is_a_warning() {
    let repo = Repo::new();
    repo.release("1.0.0", "first").commit();
    repo.release("1.0.0", "second").commit();
    let clone = TempDir::new().unwrap();
    let url = format!("file://{}", repo.path().display());
    git(clone.path(), &["clone", "-q", "--bare", "--depth=1", &url, "."]);
    let mut builder = builder();
    let build = |builder: &mut Builder| {
        let reader = Reader::open(clone.path()).unwrap();
        builder.build(&reader, &reader.refs("main").unwrap()).unwrap()
    };
    let shallow = build(&mut builder);
    assert_eq!(shallow.warnings(), ["shallow-repository"]);
    assert_eq!(shallow.bytes("1.0.0", Platform::Ios), Some(sha256(&zip("second"))));
    git(clone.path(), &["fetch", "-q", "--unshallow", &url]);
    let whole = build(&mut builder);
    assert_eq!(whole.bytes("1.0.0", Platform::Ios), Some(sha256(&zip("first"))));
    assert_eq!(whole.errors(), ["bundle-changed"]);
}

#[test]
fn every_fault_of_a_file_is_told_at_once() {
    let repo = Repo::new();
    repo.write("releases.toml", format!("oops = 1\n{SETTINGS}nmae = \"x\"\n")).commit();
    assert_eq!(repo.build().errors(), ["unknown-key"; 2]);
}

#[test]
fn what_an_older_commit_has_wrong_names_the_commit_and_no_line_of_the_tip() {
    let repo = Repo::new();
    let old = repo.write("releases.toml", format!("{SETTINGS}channels = {{ production = {{ pin = \"3.0.0\" }} }}\n"));
    let old = old.commit();
    repo.write("releases.toml", format!("# one\n# two\n{SETTINGS}bad = 1\n")).commit();
    let build = repo.build();
    let problem = build.problem("pin-without-release");
    assert!(problem.message.contains(&format!("in commit {}", old.short())), "{}", problem.message);
    assert_eq!((problem.line, problem.column), (None, None));
    assert_eq!(build.problem("unknown-key").line, Some(4));
}

#[test]
fn a_pin_to_what_is_not_open_there_is_a_warning_at_the_pin() {
    let channels = "channels = { production = { pin = \"1.0.0\" }, beta = { pin = \"1.0.0-rc.1\" } }\n";
    let repo = Repo::new();
    repo.write("releases.toml", format!("{SETTINGS}{channels}")).release("1.0.0", "a").release("1.0.0-rc.1", "b");
    repo.commit();
    assert_eq!(repo.build().problems, []);
    for why in ["yanked = true", "channels = [\"beta\"]"] {
        repo.file("1.0.0", "release.toml", why).commit();
        assert_eq!(repo.build().warnings(), ["pin-not-open"], "{why}");
        assert_eq!(repo.build().problem("pin-not-open").column, Some(35));
    }
    repo.file("1.0.0", "release.toml", "");
    let swapped = channels
        .replace("\"1.0.0\"", "\"x\"")
        .replace("\"1.0.0-rc.1\"", "\"1.0.0\"")
        .replace("\"x\"", "\"1.0.0-rc.1\"");
    repo.write("releases.toml", format!("{SETTINGS}{swapped}")).commit();
    assert_eq!(repo.build().warnings(), ["pin-not-open"], "a pre-release in the default channel");
}

#[test]
fn an_override_to_a_yanked_release_is_passed_over_with_a_warning() {
    let repo = Repo::new();
    let overrides = "overrides = [{ custom_id = \"a\", version = \"1.0.0\" }]\n";
    repo.write("releases.toml", format!("{SETTINGS}{overrides}")).release("1.0.0", "a").commit();
    assert_eq!(repo.build().problems, []);
    repo.file("1.0.0", "release.toml", "yanked = true").commit();
    assert_eq!(repo.build().warnings(), ["override-yanked"]);
}

#[test]
fn a_directory_that_looks_like_an_app_is_a_warning_whatever_its_versions_are_called() {
    let repo = Repo::new();
    repo.write("docs/1/page.md", "").write("tools/run", "").commit();
    assert_eq!(repo.build().problems, []);
    for path in ["com.other/v1.0.0/bundle.zip", "com.third/1.0/bundle.zip", "com.fourth/2.0.0/x"] {
        repo.write(path, zip("x")).commit();
        assert_eq!(repo.build().warnings(), ["unnamed-app"], "{path}");
        repo.remove(path.split('/').next().unwrap()).commit();
    }
    repo.write("1.0.0/bundle.zip", zip("x")).commit();
    assert_eq!(repo.build().warnings(), ["release-without-app"]);
}
