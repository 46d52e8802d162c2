//! Pushes with mistakes: each is refused with its place and its mend, and leaves everything as it was.

mod guarded;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use self::guarded::{APP, BETA, Guarded, OTHER, SETTINGS, report, says};
use crate::world::{Ran, World, pushlive, web_app, zip};

/// Whether the report is of this one error, at this place, with a mend that has these words.
#[track_caller]
fn refuses(report: &str, rule: &str, place: &str, mend: &str) {
    let rules: Vec<_> = report.lines().filter_map(|line| line.strip_prefix("error[")?.split(']').next()).collect();
    assert_eq!(rules, [rule], "{report}");
    let places: Vec<_> = report.lines().filter_map(|line| line.trim_start().strip_prefix("--> ")).collect();
    assert_eq!(places, [place].iter().filter(|place| !place.is_empty()).copied().collect::<Vec<_>>(), "{report}");
    let (_, help) = report.split_once("help: ").unwrap_or_else(|| panic!("no mend in:\n{report}"));
    let help = help.split("\n\n").next().unwrap_or_default();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains(mend), "no `{mend}` in:\n{report}");
    assert!(report.ends_with("\npushlive: refused for 1 error; nothing was changed\n"), "{report}");
}

#[test]
fn mistakes_in_files_are_refused_with_line_and_mend() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;

    team.write("releases.toml", "[apps.\"com.example.app\"\n");
    refuses(&guarded.mistake("Bad TOML"), "syntax", "releases.toml:1:24", "mend this place");

    team.write("releases.toml", SETTINGS.replace("tags = true", "tags = true\npubic = false"));
    let said = guarded.mistake("An unknown key");
    refuses(&said, "unknown-key", "releases.toml:5:1", "did you mean `public`?");
    assert!(!said.contains("warning"), "what it would have led to is no news: {said}");

    let at = |file: &str| format!("{APP}/1.1.0/{file}");
    let described = |text: &str, what: &str| {
        team.add_release(APP, "1.1.0");
        team.write(&at("release.toml"), text);
        guarded.mistake(what)
    };
    let said = described("comment = \"Faster\"\nnativ = \">=1\"\n", "An unknown key of a release");
    refuses(&said, "unknown-key", &at("release.toml:2:1"), "did you mean `native`? Until then 1.1.0 is left out");
    let said = described("native = \">=2.0.0, <1.0.0\"\n", "An impossible requirement");
    let mend = "`>=2.0.0, <3.0.0` is every 2.x.y; until then 1.1.0 is left out";
    refuses(&said, "impossible-requirement", &at("release.toml:1:10"), mend);

    team.write(&at("release.toml"), "comment = \"all but the zip\"\n");
    let mend = "add the zip of the built web app as `bundle.zip`";
    refuses(&guarded.mistake("A missing zip"), "no-bundle", &format!("{APP}/1.1.0"), mend);

    let page = ("index.html", &b"<!doctype html>"[..]);
    for (bundle, rule, mend) in [
        (b"no zip at all".to_vec(), "not-a-zip", "make the zip anew from the built web app"),
        (zip([page])[..80].to_vec(), "not-a-zip", "make the zip anew from the built web app"),
        (zip([page, ("../escaped.js", b"")]), "unsafe-name", "make the zip inside the folder of the web app"),
        (zip([("app.js", &b""[..])]), "index-missing", "zip what is in the folder that holds `index.html`"),
    ] {
        team.write(&at("bundle.zip"), bundle);
        refuses(&guarded.mistake("A bad zip"), rule, &at("bundle.zip"), mend);
    }

    team.add_release(APP, "v1.1.0");
    let said = guarded.mistake("A wrong version name");
    let mend = "rename it: `git mv com.example.app/v1.1.0 com.example.app/1.1.0`";
    refuses(&said, "not-a-version", &format!("{APP}/v1.1.0"), mend);

    let first = &team.head()[..10];
    let bundle = format!("{APP}/1.0.1/bundle.zip");
    team.write(&bundle, web_app("another"));
    let said = guarded.mistake("A changed bundle");
    refuses(
        &said,
        "bundle-changed",
        &bundle,
        &format!("`git checkout {first} -- {bundle}` brings the first bundle back"),
    );
    says(&said, &["allow = [\"bundle-changed\"]"]);

    team.git(&["rm", "--quiet", &bundle]).success();
    team.write(&format!("{APP}/1.0.1/release.toml"), "comment = \"its zip is gone\"\n");
    let said = guarded.mistake("A bundle that is gone");
    refuses(&said, "bundle-removed", &bundle, "to take a release back, use `platforms` or `yanked`");

    team.git(&["rm", "--quiet", "-r", "releases.toml"]).success();
    refuses(&guarded.mistake("No settings"), "settings-missing", "releases.toml", "bring it back");
    guarded.is_served_elsewhere_alike();
}

#[test]
fn mistakes_in_tags_are_refused_with_the_tag_and_the_mend() {
    let world = World::new();
    let guarded = Guarded::begin(&world);
    let team = &guarded.team;
    for (name, rule, mend) in [
        ("com.example.app/bata/1.0.1", "tag-unknown-channel", "did you mean `beta`?"),
        (
            "com.example.app/beta/1.0.9",
            "tag-unknown-release",
            "did you mean 1.0.0? If not, push the branch with `com.example.app/1.0.9` first",
        ),
        ("com.example.app/beta/1.0.1@101%", "tag-suffix", "write `@10%` to open the release to a share of the devices"),
        ("com.example.app/beta/1.0.1@stop", "tag-suffix", "`@halt` to stop it"),
        ("com.example.ap/beta/1.0.1", "tag-unknown-app", "did you mean `com.example.app`?"),
        ("beta/1.0.1", "tag-app-unclear", "write the app into it: `com.example.app/beta/1.0.1`"),
    ] {
        team.git(&["tag", "--annotate", "--message", "Go", name]).success();
        refuses(&guarded.is_refused(&[name]), rule, &format!("tag {name}"), mend);
        team.git(&["tag", "--delete", name]).success();
    }

    let (place, mend) =
        (format!("tag {BETA}"), format!("`git fetch --force origin tag {BETA}` brings the old one back"));
    team.git(&["commit", "--quiet", "--allow-empty", "--message", "Elsewhere"]).success();
    team.git(&["tag", "--annotate", "--force", "--message", "Go", BETA]).success();
    let said = guarded.is_refused(&["--force", BETA]);
    refuses(&said, "tag-moved", &place, &mend);
    says(&said, &["the tag would move from commit", "allow = [\"tag-moved\"]"]);
    team.git(&["tag", "--annotate", "--force", "--message", "Again", BETA, "origin/main"]).success();
    let said = guarded.is_refused(&["--force", BETA]);
    refuses(&said, "tag-moved", &place, &mend);
    says(&said, &["would be replaced"]);
    guarded.is_served_elsewhere_alike();
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
    // to push a commit that has it not would not help
    team.git(&["tag", "com.example.app/beta/7.7.7"]).success();
    let said = guarded.is_refused(&["com.example.app/beta/7.7.7"]);
    says(&said, &["error[tag-unknown-release]", "push the branch with `com.example.app/7.7.7` first"]);
    assert!(!said.contains("git push origin main"), "{said}");
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
    refuses(&said, "branch-rewritten", "", "keep them: `git pull --rebase`, then push without --force");
    says(&said, &["would leave its tip", "allow = [\"branch-rewritten\"]"]);
    team.git(&["reset", "--quiet", "--hard", "origin/main"]).success();

    guarded.merge_by_pull();
    let said = guarded.is_refused(&["HEAD:main"]);
    refuses(&said, "branch-rewritten", "", "put your commits on top: `git pull --rebase`, then push again");
    says(&said, &["merges `main` into something"]);
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
        &[
            "error[unknown-key]: unknown key `stay_inside`",
            "--> releases.toml:7:1",
            "no commit changes",
            "These are not why it is refused",
        ],
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

fn refuses_a_slip_and_takes_its_mend(world: &World, repo: &Path) {
    let team = world.team(repo);
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
fn a_repository_whose_path_is_no_text_is_guarded() {
    let world = World::new();
    let repo = world.path("").join(OsStr::from_bytes(b"re\xffleases.git"));
    world.run(pushlive(), [OsStr::new("init"), repo.as_os_str()]).success();
    refuses_a_slip_and_takes_its_mend(&world, &repo);
}

#[test]
fn a_repository_whose_path_has_a_colon_is_guarded() {
    let world = World::new();
    let repo = world.init("re:leases.git");
    refuses_a_slip_and_takes_its_mend(&world, &repo);
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
