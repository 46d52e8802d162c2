//! What is asked for, what cannot be, and what programs read.

use serde_json::json;

use super::{APP, SETTINGS, describe, document, plan_in, release, team};
use crate::world::World;

#[test]
fn a_clone_that_lacks_what_the_remote_has_is_told_so() {
    let world = World::new();
    let team = team(&world);
    let colleague = world.team(&world.path("releases.git"));
    release(&colleague, "1.4.3", "");
    colleague.publish("Release 1.4.3");
    team.git(&["fetch", "--quiet"]).success();
    let behind = plan_in(&world, team.folder(), &[]).success();
    assert!(behind.contains("looks withdrawn here: `git pull --rebase` first"), "{behind}");
    let meant = plan_in(&world, team.folder(), &["origin/main", "HEAD"]).success();
    assert!(!meant.contains("note:"), "a way back that was asked for: {meant}");
    team.git(&["tag", "production/1.4.2"]).success();
    let local = plan_in(&world, team.folder(), &["--tag", "production/1.4.2"]).success();
    assert!(local.contains("note: `production/1.4.2` is in this clone already"), "{local}");
    team.git(&["remote", "rename", "origin", "hub"]).success();
    team.git(&["branch", "--unset-upstream"]).success();
    let alone = plan_in(&world, team.folder(), &[]).success();
    assert!(alone.contains("note: no branch of a remote is known here"), "{alone}");
}

#[test]
fn tags_of_a_clone_that_decide_a_plan_are_named_since_the_remote_may_not_have_them() {
    let world = World::new();
    let team = team(&world);
    let colleague = world.team(&world.path("releases.git"));
    team.tag("production/1.4.2", "HEAD");
    // taken back elsewhere: it stays here
    colleague.git(&["push", "--quiet", "origin", ":production/1.4.2"]).success();
    let asked = |args: &[&str]| plan_in(&world, team.folder(), args).success().replace('\n', " ");
    let said = asked(&["--tag", "production/1.4.2@10%"]);
    let note = "note: what this clone has of production/1.4.2 counts, though a tag that was deleted on origin stays here: \
                `git ls-remote origin production/1.4.2` shows whether it is there, and `git tag -d production/1.4.2` takes one away here";
    assert!(said.contains(note) && said.contains("production/1.4.2 opens 1.4.2 to all"), "{said}");
    assert_eq!(team.git(&["ls-remote", "origin", "production/1.4.2"]).success(), "");
    team.git(&["tag", "-d", "production/1.4.2"]).success();
    let said = asked(&["--tag", "production/1.4.2@10%"]);
    assert!(!said.contains("note:") && said.contains("opens 1.4.2 to 10%"), "{said}");

    // one of a higher release is why it would do nothing
    release(&team, "1.5.0", "");
    team.publish("Release 1.5.0");
    team.git(&["tag", "production/1.5.0"]).success();
    let said = asked(&["--tag", "production/1.4.2@10%"]);
    let counts = "what this clone has of production/1.5.0 counts";
    assert!(said.contains("everyone gets 1.5.0 there") && said.contains(counts), "{said}");
    release(&team, "1.10.0", "");
    team.publish("Release 1.10.0");
    for tag in ["production/1.5.0@1%", "production/1.5.0@2%", "production/1.5.0@3%", "production/1.10.0"] {
        team.git(&["tag", tag]).success();
    }
    let said = asked(&["--tag", "production/1.4.2@10%"]);
    let more = "production/1.10.0, production/1.5.0, production/1.5.0@1% and 2 more counts";
    assert!(said.contains(more) && said.contains("shows whether they are there"), "{said}");
    assert!(said.contains("`git tag -d production/1.10.0` takes one away"), "the one that decides: {said}");
    let tags = team.git(&["tag", "--list", "production/1.5.0*", "production/1.10.0"]).success();
    team.git(&[&["tag", "--delete"][..], &tags.lines().collect::<Vec<_>>()].concat()).success();

    // a halt that is here alone hides what a commit does
    team.git(&["tag", "production/1.4.1@halt"]).success();
    describe(&team, "1.4.1", "comment = \"Better\"\n");
    team.commit("A comment");
    let said = asked(&[]);
    assert!(said.contains("note: what this clone has of production/1.4.1, production/1.4.1@halt counts"), "{said}");
    assert!(
        said.contains("`git ls-remote origin production/1.4.1 production/1.4.1@halt` shows whether they are there"),
        "{said}"
    );
    assert!(!asked(&["HEAD~1", "HEAD"]).contains("note:"), "between revisions nothing is said of a remote");
    team.publish("A comment");
    assert!(!asked(&[]).contains("note:"), "nothing is to be pushed");
    let bare = plan_in(&world, &world.path("releases.git"), &["--tag", "production/1.4.1@10%"]).success();
    assert!(!bare.contains("note:"), "the repository itself knows: {bare}");
}

#[test]
fn tags_of_another_app_decide_nothing_of_a_short_tag() {
    let world = World::new();
    let team = team(&world);
    let one_app = team.head();
    team.write("releases.toml", format!("{SETTINGS}\n[apps.\"com.example.other\".channels.production]\ntags = true\n"));
    team.add_release("com.example.other", "3.0.0");
    team.publish("Another app");
    team.tag("com.example.other/production/3.0.0", "HEAD");
    let asked = format!("production/1.4.2@10%={one_app}");
    let said = plan_in(&world, team.folder(), &["--tag", &asked]).success();
    assert!(said.contains("opens 1.4.2 to 10% of production") && !said.contains("note:"), "{said}");
}

#[test]
fn a_tag_of_the_clone_is_planned_as_one_that_is_not_pushed_also_where_its_commit_is_named() {
    let world = World::new();
    let team = team(&world);
    team.git(&["tag", "--annotate", "--message", "Go", "production/1.4.2@10%"]).success();
    let as_it_is = super::planned(&world, &team, &["--tag", "production/1.4.2@10%"]);
    assert!(as_it_is.contains("production/1.4.2@10% opens 1.4.2 to 10% of production"), "{as_it_is}");
    assert_eq!(super::planned(&world, &team, &["--tag", "production/1.4.2@10%=HEAD"]), as_it_is);
    let moved = plan_in(&world, team.folder(), &["--tag", "production/1.4.2@10%=HEAD~1"]);
    assert!(moved.stdout().contains("in this clone already, at commit "), "{}", moved.stdout());
}

#[test]
fn a_branch_of_another_name_is_named_where_devices_may_be_served_it_already() {
    let world = World::new();
    let team = team(&world);
    team.git(&["branch", "--move", "main", "live"]).success();
    team.git(&["--git-dir=../releases.git", "branch", "--move", "main", "live"]).success();
    team.git(&["fetch", "--quiet", "--prune"]).success();
    team.git(&["branch", "--set-upstream-to", "origin/live"]).success();
    let said = "error: there is no branch `main`, so the repository offers nothing yet\n\
                help: `live` is the branch of this repository: read it with `--branch live`\n";
    for folder in [&*world.path("releases.git"), team.folder()] {
        let failed = plan_in(&world, folder, &[]);
        assert_eq!((failed.code(), failed.stdout(), failed.stderr()), (2, String::new(), said.to_owned()));
        let named = plan_in(&world, folder, &["--branch", "live"]).success();
        assert!(named.contains("nothing changes for any device"), "{named}");
    }
    // between two commits that are named it makes no difference
    let named = plan_in(&world, team.folder(), &["HEAD~1", "HEAD"]).success();
    assert!(named.contains("released com.example.app 1.4.2"), "{named}");
}

#[test]
fn a_side_of_two_dots_where_nothing_stands_is_what_is_checked_out() {
    let world = World::new();
    let team = team(&world);
    release(&team, "1.4.3", "");
    team.commit("Release 1.4.3");
    let repository = world.path("releases.git");
    for (folder, args, note) in [
        (team.folder(), &["HEAD~1.."][..], "nothing stands behind `..`: it goes to HEAD"),
        (team.folder(), &["..HEAD~1"], "nothing stands before `..`: it goes from HEAD"),
        (team.folder(), &[".", ".."], "nothing stands on either side of `..`: both are taken as HEAD"),
        (team.folder(), &[".."], "nothing stands on either side of `..`: both are taken as HEAD"),
        (&repository, &["HEAD~1.."], "nothing stands behind `..`: it goes to refs/heads/main"),
    ] {
        let said = plan_in(&world, folder, args).success();
        assert!(said.contains(&format!("\nnote: {note}\n\n")), "{args:?}: {said}");
        assert_eq!(said.contains("nothing changes for any device"), args.last() == Some(&".."), "{args:?}: {said}");
    }
    // the folder above is meant where that is a repository
    let within = team.folder().join(APP);
    let above = plan_in(&world, &within, &[".."]).success();
    assert!(!above.contains("note:") && above.contains("everyone gets 1.4.3"), "{above}");
}

#[test]
fn the_document_of_json() {
    let world = World::new();
    let team = team(&world);
    let tip = team.head();
    let document = document(&world, &team, &["--tag", "production/1.4.2@10%"]);
    assert_eq!((&document["old"], &document["new"]), (&json!(tip), &json!(tip)));
    let row = json!({
        "app": APP, "channel": "production", "platform": "ios", "native": ">=1.0.0, <1.4.2", "devices": "all", "runs": null,
        "from": "1.4.1", "to": "1.4.2", "percent": 10.0, "why": "tagged", "at": { "tag": "production/1.4.2@10%" },
    });
    assert_eq!(document["changes"][0], row);
    let tag = json!([{ "tag": "production/1.4.2@10%", "app": APP, "channel": "production", "version": "1.4.2", "percent": 10.0 }]);
    assert_eq!(document["tags"], tag);
    for empty in ["later", "problems", "overrides", "meant"] {
        assert_eq!(document[empty], json!([]), "{empty}");
    }
    let nothing = super::document(&world, &team, &[]);
    assert_eq!((&nothing["changes"], &nothing["tags"]), (&json!([]), &json!([])));
}

#[test]
fn what_cannot_be_planned_is_said_with_the_mend() {
    let world = World::new();
    let team = team(&world);
    for (args, said) in [
        (
            &["--tag", "production/1.4"][..],
            "error: `production/1.4` is no release tag\nhelp: write `<channel>/<version>`",
        ),
        (
            &["--tag", "production/1.4.2@101%"],
            "error: `@101%` at the end of `production/1.4.2@101%` means nothing\nhelp: write",
        ),
        (&["--tag", "production/1.4.2=nowhere"], "error: `nowhere` names no commit here\n"),
        (
            &["--untag", "production/1.4.2"],
            "error: there is no release tag `production/1.4.2` to take away\nhelp: did you mean `production/1.4.1`?\n",
        ),
        (&["--untag", "x"], "error: there is no release tag `x` to take away\nhelp: `git tag` shows those that are\n"),
        (
            &["../releases.git", "--tag", "production/1.4.1"],
            "error: there is a tag `production/1.4.1` already\nhelp: to plan what moving it would do, say where to: `--tag production/1.4.1=<revision>`\n",
        ),
        (
            &["relaeses.git"],
            "error: `relaeses.git` names no commit here\nhelp: `git log --oneline --all` shows those that are\nhelp: if `relaeses.git` was meant as a repository: there is no such path\n",
        ),
        (&["nowhere", "HEAD", "HEAD"], "is not a git repository\n"),
        (
            &["--tag", "production/1.4.2=HEAD", "--untag", "refs/tags/production/1.4.2"],
            "error: `production/1.4.2` cannot both be there and be gone: `--tag` and `--untag` name it\nhelp: to plan moving it, `--tag production/1.4.2=<revision>` alone will do\n",
        ),
        (
            &["--untag", "production/1.4.1", "--untag", "production/1.4.1"],
            "error: `production/1.4.1` is named twice\nhelp: name each tag once\n",
        ),
        (
            &["main...HEAD"],
            "error: `main...HEAD` names no commit here\nhelp: `git log --oneline --all` shows those that are\nhelp: a plan goes from one revision to another: `main..HEAD`\n",
        ),
    ] {
        let failed = plan_in(&world, team.folder(), args);
        assert_eq!((failed.code(), failed.stdout()), (2, String::new()), "{args:?}");
        assert!(failed.stderr().contains(said), "{said} in {}", failed.stderr());
    }
    // a tag that does nothing is an error of what would be
    let unknown = plan_in(&world, team.folder(), &["--tag", "prodution/1.4.2@10%"]);
    assert_eq!((unknown.code(), unknown.stderr()), (1, String::new()));
    assert!(
        unknown.stdout().contains("nothing changes for any device\n\nerror[tag-unknown-channel]"),
        "{}",
        unknown.stdout()
    );
    assert!(unknown.stdout().contains("help: did you mean `production`?"), "{}", unknown.stdout());
    // and so is a mistake in a commit
    describe(&team, "1.4.2", "platfroms = [\"ios\"]\n");
    team.commit("A slip");
    let slip = plan_in(&world, team.folder(), &[]);
    assert_eq!(slip.code(), 1);
    assert!(slip.stdout().contains("error[unknown-key]"), "{}", slip.stdout());
}
