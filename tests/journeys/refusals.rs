//! Pushes with mistakes: each is refused with its place and its mend, and leaves everything as it was.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use serde_json::Value;

use crate::world::{Daemon, Ran, Team, World, pushlive, web_app};

const APP: &str = "com.example.app";
const OTHER: &str = "com.example.other";
const SETTINGS: &str = "[apps.\"com.example.app\".channels.production]\n\n\
                        [apps.\"com.example.app\".channels.beta]\ntags = true\n\n\
                        [apps.\"com.example.other\"]\n";
const BETA: &str = "com.example.app/beta/1.0.1";

/// A guarded repository with a daemon on it: two releases of one app, the second tagged for beta, and one of another app.
struct Guarded<'w> {
    world: &'w World,
    repo: PathBuf,
    team: Team<'w>,
    daemon: Daemon,
}

impl<'w> Guarded<'w> {
    fn begin(world: &'w World) -> Guarded<'w> {
        let repo = world.init("releases.git");
        let team = world.team(&repo);
        team.write("releases.toml", SETTINGS);
        team.add_release(APP, "1.0.0");
        team.add_release(APP, "1.0.1");
        team.add_release(OTHER, "1.0.0");
        let tip = team.publish("Begin");
        team.tag(BETA, "HEAD");
        let daemon = Daemon::start(world, &repo, &[]);
        daemon.wait_for_commit(&tip);
        Guarded { world, repo, team, daemon }
    }

    /// All refs of the repository, and what devices of both apps are told.
    fn state(&self) -> (String, [Value; 2]) {
        let refs = self.world.run("git", ["-C", "releases.git", "for-each-ref"]).success();
        (refs, [APP, OTHER].map(|app| self.daemon.check(app, "builtin")))
    }

    /// Pushes what is named, sees it refused with nothing changed, and returns the report.
    fn is_refused(&self, refs: &[&str]) -> String {
        let before = self.state();
        let pushed = self.push(refs);
        let said = report(&pushed);
        assert_ne!(pushed.code(), 0, "taken: {said}");
        assert_eq!(self.state(), before);
        said
    }

    fn is_taken(&self, refs: &[&str]) -> String {
        let pushed = self.push(refs);
        assert_eq!(pushed.code(), 0, "{}", pushed.stderr());
        report(&pushed)
    }

    fn push(&self, refs: &[&str]) -> Ran {
        self.team.git(&[&["push", "--quiet", "origin"], refs].concat())
    }

    /// A colleague pushes while the team commits, and the team merges that by `git pull`.
    fn merge_by_pull(&self) {
        let (team, colleague) = (&self.team, self.world.team(&self.repo));
        colleague.add_release(APP, "1.0.2");
        colleague.publish("Release 1.0.2");
        team.add_release(APP, "1.0.3");
        team.commit("Release 1.0.3");
        team.git(&["pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main"]).success();
    }

    /// Commits what was changed and sees the push refused; what was changed is taken back.
    fn mistake(&self, what: &str) -> String {
        self.team.commit(what);
        let said = self.is_refused(&["HEAD:main"]);
        self.team.git(&["reset", "--quiet", "--hard", "origin/main"]).success();
        said
    }
}

/// What the hook said, without git's own words.
fn report(pushed: &Ran) -> String {
    let said = pushed.stderr();
    let lines = said.lines().filter_map(|line| line.strip_prefix("remote:"));
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line).trim_end())).collect()
}

/// Whether the report has each of these.
#[track_caller]
fn says(report: &str, parts: &[&str]) {
    for part in parts {
        assert!(report.contains(part), "no `{part}` in:\n{report}");
    }
}

#[test]
fn mistakes_in_files_are_refused_with_line_and_mend() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;
    let release = format!("{APP}/1.1.0/release.toml");

    team.write("releases.toml", "[apps.\"com.example.app\"\n");
    says(&guarded.mistake("Bad TOML"), &["error[syntax]", "--> releases.toml:1:", "help: "]);

    team.write("releases.toml", SETTINGS.replace("tags = true", "tags = true\npubic = false"));
    let said = guarded.mistake("An unknown key");
    says(&said, &["error[unknown-key]", "--> releases.toml:5:1", "did you mean `public`?"]);
    assert!(!said.contains("warning"), "what it would have led to is no news: {said}");

    team.add_release(APP, "1.1.0");
    team.write(&release, "nativ = \">=1\"\n");
    let said = guarded.mistake("An unknown key of a release");
    says(&said, &["error[unknown-key]", "--> com.example.app/1.1.0/release.toml:1:1", "did you mean `native`?"]);

    team.add_release(APP, "1.1.0");
    team.write(&release, "native = \">=2.0.0, <1.0.0\"\n");
    let said = guarded.mistake("An impossible requirement");
    says(&said, &["error[impossible-requirement]", "--> com.example.app/1.1.0/release.toml:1:10", "help: all that"]);

    team.write(&release, "comment = \"all but the zip\"\n");
    says(&guarded.mistake("A missing zip"), &["error[no-bundle]", "--> com.example.app/1.1.0", "add the zip"]);

    team.write(&format!("{APP}/1.1.0/bundle.zip"), "no zip at all");
    says(&guarded.mistake("A bad zip"), &["error[", "--> com.example.app/1.1.0/bundle.zip", "help: "]);

    team.add_release(APP, "v1.1.0");
    let said = guarded.mistake("A wrong version name");
    says(&said, &["error[not-a-version]", "git mv com.example.app/v1.1.0 com.example.app/1.1.0"]);

    team.write(&format!("{APP}/1.0.1/bundle.zip"), web_app("another"));
    let said = guarded.mistake("A changed bundle");
    says(&said, &["error[bundle-changed]", "--> com.example.app/1.0.1/bundle.zip", "git checkout", "allow = "]);

    team.git(&["rm", "--quiet", "-r", "releases.toml"]).success();
    says(&guarded.mistake("No settings"), &["error[settings-missing]", "--> releases.toml", "bring it back"]);
}

#[test]
fn mistakes_in_tags_are_refused_with_the_tag_and_the_mend() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;
    let tag = |name: &str| {
        team.git(&["tag", "--annotate", "--message", "Go", name]).success();
        let said = guarded.is_refused(&[name]);
        team.git(&["tag", "--delete", name]).success();
        said
    };
    let said = tag("com.example.app/bata/1.0.1");
    says(&said, &["error[tag-unknown-channel]", "--> tag com.example.app/bata/1.0.1", "did you mean `beta`?"]);
    says(&tag("com.example.app/beta/1.0.1@101%"), &["error[tag-suffix]", "write `@10%`"]);
    says(&tag("com.example.ap/beta/1.0.1"), &["error[tag-unknown-app]", "did you mean `com.example.app`?"]);
    says(&tag("beta/1.0.1"), &["error[tag-app-unclear]", "`com.example.app/beta/1.0.1`"]);

    team.git(&["commit", "--quiet", "--allow-empty", "--message", "Elsewhere"]).success();
    team.git(&["tag", "--annotate", "--force", "--message", "Go", BETA]).success();
    let said = guarded.is_refused(&["--force", BETA]);
    says(&said, &["error[tag-moved]", &format!("git fetch --force origin tag {BETA}"), "allow = [\"tag-moved\"]"]);
    team.git(&["tag", "--annotate", "--force", "--message", "Again", BETA, "origin/main"]).success();
    says(&guarded.is_refused(&["--force", BETA]), &["error[tag-moved]", "would be replaced"]);
}

#[test]
fn a_lightweight_tag_may_become_an_annotated_one_and_any_may_be_deleted() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let (team, name) = (&guarded.team, "com.example.app/beta/1.0.0");
    team.git(&["tag", name]).success();
    guarded.is_taken(&[name]);
    team.git(&["tag", "--annotate", "--force", "--message", "With a date", name, name]).success();
    guarded.is_taken(&["--force", name]);
    guarded.is_taken(&[&format!(":{name}"), &format!(":{BETA}")]);
}

#[test]
fn branch_and_tag_may_come_in_one_push_and_a_tag_not_before_its_branch() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let (team, name) = (&guarded.team, "com.example.app/beta/1.1.0");
    team.add_release(APP, "1.1.0");
    team.commit("Release 1.1.0");
    team.git(&["tag", "--annotate", "--message", "Go", name]).success();
    let said = guarded.is_refused(&[name]);
    says(&said, &["error[tag-unknown-release]", &format!("`git push origin main {name}`")]);
    guarded.is_taken(&["HEAD:main", name]);
    assert_eq!(guarded.daemon.check_with(APP, serde_json::json!({ "defaultChannel": "beta" }))["version"], "1.1.0");
}

#[test]
fn history_that_leaves_the_line_is_refused() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;
    team.git(&["commit", "--quiet", "--amend", "--message", "Another beginning"]).success();
    let said = guarded.is_refused(&["--force", "HEAD:main"]);
    says(
        &said,
        &["error[branch-rewritten]", "would leave its tip", "git pull --rebase", "allow = [\"branch-rewritten\"]"],
    );
    team.git(&["reset", "--quiet", "--hard", "origin/main"]).success();

    guarded.merge_by_pull();
    let said = guarded.is_refused(&["HEAD:main"]);
    says(&said, &["error[branch-rewritten]", "merges `main` into something", "git pull --rebase"]);
    team.git(&["pull", "--quiet", "--rebase", "origin", "main"]).success();
    guarded.is_taken(&["HEAD:main"]);

    // git itself refuses to delete the branch that HEAD names, unless it is told not to
    let config = ["-C", "releases.git", "config", "receive.denyDeleteCurrent", "ignore"];
    world.run("git", config).success();
    says(&guarded.is_refused(&[":main"]), &["error[branch-rewritten]", "this deletes `main`", "git revert"]);
}

#[test]
fn a_bundle_may_not_change_within_one_push_either_until_the_commits_are_one() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;
    team.add_release(APP, "1.1.0");
    team.commit("Release 1.1.0");
    team.write(&format!("{APP}/1.1.0/bundle.zip"), web_app("mended"));
    team.commit("Mend 1.1.0");
    says(&guarded.is_refused(&["HEAD:main"]), &["error[bundle-changed]", "squash"]);
    team.git(&["reset", "--quiet", "--soft", "origin/main"]).success();
    team.commit("Release 1.1.0");
    guarded.is_taken(&["HEAD:main"]);
    let offered = guarded.daemon.check(APP, "builtin");
    assert_eq!(guarded.daemon.download(&offered), web_app("mended"));
}

#[test]
fn what_is_meant_can_be_allowed_by_a_setting_and_is_told_all_the_same() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;
    let allow = "allow = [\"bundle-changed\", \"bundle-removed\", \"tag-moved\", \"branch-rewritten\"]\n";
    fs::write(guarded.repo.join("pushlive.toml"), allow).expect("settings");
    team.git(&["commit", "--quiet", "--allow-empty", "--message", "Elsewhere"]).success();
    team.git(&["tag", "--annotate", "--force", "--message", "Go", BETA]).success();
    says(&guarded.is_taken(&["--force", "HEAD:main", BETA]), &["error[tag-moved]", "taken all the same"]);
    team.write(&format!("{APP}/1.0.1/bundle.zip"), web_app("another"));
    team.git(&["rm", "--quiet", &format!("{APP}/1.0.0/bundle.zip")]).success();
    team.write(&format!("{APP}/1.0.0/release.toml"), "comment = \"its zip is gone\"\n");
    team.commit("Change one and lose one");
    says(&guarded.is_taken(&["HEAD:main"]), &["error[bundle-changed]", "error[bundle-removed]", "taken all the same"]);
    team.git(&["commit", "--quiet", "--amend", "--message", "Another end"]).success();
    says(&guarded.is_taken(&["--force", "HEAD:main"]), &["error[branch-rewritten]"]);
}

#[test]
fn an_old_fault_refuses_only_who_touches_it_or_what_it_keeps_from_having_effect() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;
    // faults that came in before there was a hook
    let hooks = guarded.repo.join("hooks");
    fs::rename(&hooks, guarded.repo.join("off")).expect("no hooks");
    team.write("releases.toml", format!("{SETTINGS}stay_inside = \"major\"\n"));
    team.add_release(APP, "v0.9.0");
    team.publish("Two faults");
    fs::rename(guarded.repo.join("off"), &hooks).expect("hooks");

    // a yank in the app that is sound, with an old fault in a directory beside it
    team.write(&format!("{APP}/1.0.1/release.toml"), "yanked = \"crashes\"\n");
    team.commit("Yank 1.0.1");
    let said = guarded.is_taken(&["HEAD:main"]);
    says(&said, &["error[not-a-version]", "error[unknown-key]", "the push is taken all the same"]);
    assert_eq!(guarded.daemon.check(APP, "1.0.1")["version"], "1.0.0");

    // the frozen app is read from an older commit: this would change nothing
    team.add_release(OTHER, "1.0.1");
    let said = guarded.mistake("A release of the frozen app");
    says(
        &said,
        &["error[unknown-key]: unknown key `stay_inside`", "--> releases.toml:7:1", "These are not why it is refused"],
    );
    team.write(&format!("{APP}/v0.9.0/release.toml"), "comment = \"still wrong\"\n");
    says(&guarded.mistake("More of the same"), &["error[not-a-version]"]);
    team.write("releases.toml", format!("{SETTINGS}stay_inside = \"minor\"\n"));
    says(&guarded.mistake("Another part, as broken"), &["error[unknown-key]"]);

    // the other app's part may change beside the broken one
    let renamed = SETTINGS.replacen("channels.beta]", "channels.beta]\nself_assign = true", 1);
    team.write("releases.toml", format!("{renamed}stay_inside = \"major\"\n"));
    team.commit("A switch of the sound app");
    guarded.is_taken(&["HEAD:main"]);

    team.write("releases.toml", renamed);
    team.add_release(OTHER, "1.0.1");
    team.commit("The mend, and the release");
    guarded.is_taken(&["HEAD:main"]);
    assert_eq!(guarded.daemon.check(OTHER, "builtin")["version"], "1.0.1");
}

#[test]
fn the_revert_of_a_pinned_release_is_taken_with_a_warning() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;
    team.add_release(OTHER, "1.1.0");
    let release = team.publish("Release 1.1.0");
    team.write("releases.toml", SETTINGS.replace("other\"]", "other\".channels.production]\npin = \"1.1.0\""));
    team.publish("Pin it");
    team.git(&["revert", "--no-edit", &release]).success();
    says(&guarded.is_taken(&["HEAD:main"]), &["warning[pin-without-release]", "--> releases.toml:"]);
}

#[test]
fn a_repository_that_offers_nothing_yet_takes_a_forced_push() {
    let world = World::new();
    let repo = world.init("releases.git");
    let team = world.team(&repo);
    team.git(&["checkout", "--quiet", "--orphan", "from-elsewhere"]).success();
    team.write("releases.toml", format!("[apps.\"{OTHER}\"]\n"));
    team.add_release(OTHER, "1.0.0");
    team.commit("What there was before");
    team.git(&["push", "--quiet", "--force", "origin", "HEAD:main"]).success();
}

#[test]
fn a_merge_below_the_tip_is_named_by_its_own_commit() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;
    guarded.merge_by_pull();
    let merge = team.head();
    team.commit("One more");
    says(&guarded.is_refused(&["HEAD:main"]), &[&format!("commit {} merges", &merge[..10])]);
}

#[test]
fn no_name_and_no_alias_of_a_ref_leads_past_the_hook() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;
    team.write("releases.toml", "x = =\n");
    team.commit("Bad TOML");
    let mut command = world.command("git");
    let odd = OsStr::from_bytes(b"HEAD:refs/heads/caf\xe9");
    command.current_dir(team.folder()).args(["push", "--quiet", "origin", "HEAD:main"]).arg(odd);
    let pushed = Ran::of(command);
    assert_ne!(pushed.code(), 0);
    says(&report(&pushed), &["error[syntax]"]);
    let alias = ["-C", "releases.git", "symbolic-ref", "refs/heads/master", "refs/heads/main"];
    world.run("git", alias).success();
    says(&guarded.is_refused(&["HEAD:master"]), &["error[syntax]"]);
}

#[test]
fn a_push_to_the_ref_that_the_branch_leads_to_is_a_push_of_the_branch() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let in_repo = |args: &[&str]| world.run("git", [&["-C", "releases.git"], args].concat()).success();
    in_repo(&["branch", "--move", "main", "trunk"]);
    in_repo(&["symbolic-ref", "refs/heads/main", "refs/heads/trunk"]);
    guarded.team.write("releases.toml", "x = =\n");
    guarded.team.commit("Bad TOML");
    says(&guarded.is_refused(&["HEAD:trunk"]), &["error[syntax]"]);
    guarded.team.git(&["reset", "--quiet", "--hard", "HEAD~"]).success();
    guarded.team.add_release(APP, "1.2.0");
    guarded.team.commit("Release 1.2.0");
    says(&guarded.is_taken(&["HEAD:trunk"]), &["released com.example.app 1.2.0", "pushlive: main is at", "live in"]);
}

#[test]
fn a_release_tag_with_bytes_that_are_no_text_is_refused() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let push = || {
        let mut command = world.command("git");
        let odd = OsStr::from_bytes(b"HEAD:refs/tags/com.example.app/beta/1.0.1@\xff");
        command.current_dir(guarded.team.folder()).args(["push", "--quiet", "origin"]).arg(odd);
        Ran::of(command)
    };
    let pushed = push();
    assert_ne!(pushed.code(), 0);
    says(&report(&pushed), &["error[tag-suffix]"]);
    fs::remove_dir_all(guarded.repo.join("hooks")).expect("no hooks");
    assert_eq!(push().code(), 0);
    let checked = world.run(pushlive(), ["check", "releases.git"]);
    assert_eq!(checked.code(), 1);
    says(&checked.stdout(), &["error[tag-suffix]", "--> tag com.example.app/beta/1.0.1@"]);
}

#[test]
fn a_repository_whose_path_is_no_text_is_guarded() {
    let world = World::new();
    let repo = world.path("").join(OsStr::from_bytes(b"re\xffleases.git"));
    world.run(pushlive(), [OsStr::new("init"), repo.as_os_str()]).success();
    let team = world.team(&repo);
    team.write("releases.toml", "x = =\n");
    team.commit("Bad TOML");
    let pushed = team.push();
    assert_ne!(pushed.code(), 0);
    says(&report(&pushed), &["error[syntax]"]);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.git(&["commit", "--quiet", "--all", "--amend", "--no-edit"]).success();
    team.push().success();
}

#[test]
fn a_repository_whose_path_has_a_colon_is_guarded() {
    let world = World::new();
    let repo = world.init("re:leases.git");
    let team = world.team(&repo);
    team.write("releases.toml", "x = =\n");
    team.commit("Bad TOML");
    let pushed = team.push();
    assert_ne!(pushed.code(), 0);
    says(&report(&pushed), &["error[syntax]"]);
    team.write("releases.toml", format!("[apps.\"{APP}\"]\n"));
    team.git(&["commit", "--quiet", "--all", "--amend", "--no-edit"]).success();
    team.push().success();
}

#[test]
fn settings_that_cannot_be_read_let_nothing_pass() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    guarded.team.add_release(APP, "1.1.0");
    guarded.team.commit("Release 1.1.0");
    let settings = guarded.repo.join("pushlive.toml");
    fs::write(&settings, "alow = [\"tag-moved\"]\n").expect("settings");
    says(&guarded.is_refused(&["HEAD:main"]), &["pushlive.toml:1:1", "did you mean `allow`?"]);
    fs::remove_file(&settings).expect("no settings");
    guarded.is_taken(&["HEAD:main"]);
}
