//! The recipes for hosted servers, as README has them: what is commented on a pull request, and whether it passes.

mod api;
mod host;

use std::path::PathBuf;

use serde_json::Value;

use self::api::{Api, Comment};
use self::host::{GITEA, GITHUB, GITLAB, Host, recipe};
use crate::world::{World, is_installed};

const APP: &str = "com.example.app";
const SETTINGS: &str = "[apps.\"com.example.app\".channels]\nproduction = {}\nbeta = { tags = true }\n";
const NOT_ACCEPTED: &str = "the comment was not accepted; what it would say stands above\n";

/// A pull request: its commits, how the step ends, and what is said.
struct Pull {
    /// What its commits release or change, one each: a version and its descriptor.
    releases: &'static [(&'static str, &'static str)],
    code: i32,
    said: &'static [&'static str],
    unsaid: &'static str,
}

/// Goes from the branch to what merging makes of it, through several commits.
const SOUND: Pull = Pull {
    releases: &[("1.0.1", "comment = \"Faster\"\n"), ("1.0.2", "")],
    code: 0,
    said: &["released com.example.app 1.0.1\n", "everyone gets 1.0.2 instead of 1.0.0"],
    unsaid: "instead of 1.0.1",
};

/// The slip is not in the last commit.
const SLIP: Pull = Pull {
    releases: &[("1.0.1", "platfroms = [\"ios\"]\n"), ("1.0.2", "")],
    code: 1,
    said: &["error[unknown-key]", "help: did you mean `platforms`?", "pushlive: refused for 1 error"],
    unsaid: "taken all the same",
};

/// What it does depends on a tag.
const TAGGED: Pull = Pull {
    releases: &[("1.0.0", "yanked = \"crashes\"\n")],
    code: 0,
    said: &["beta of com.example.app, all platforms"],
    unsaid: "refused",
};

/// A hosted repository with a release, and a pull request that comes to be merged.
fn hosted(world: &World, pull: &Pull) -> PathBuf {
    let repo = world.init_without_hooks("hosted.git");
    let team = world.team(&repo);
    team.write("releases.toml", SETTINGS);
    team.add_release(APP, "1.0.0");
    team.publish("Release 1.0.0");
    team.tag("beta/1.0.0", "HEAD");
    team.git(&["checkout", "--quiet", "-b", "next"]).success();
    for (version, descriptor) in pull.releases {
        team.add_release(APP, version);
        team.write(&format!("{APP}/{version}/release.toml"), descriptor);
        team.commit(&format!("Release {version}"));
    }
    // others go on meanwhile
    team.git(&["checkout", "--quiet", "main"]).success();
    team.write("notes.txt", "for ourselves");
    team.publish("Notes");
    team.git(&["checkout", "--quiet", "--detach", "main"]).success();
    team.git(&["merge", "--quiet", "--no-ff", "-m", "merged", "next"]).success();
    team.git(&["push", "--quiet", "origin", "next:refs/pull/7/head", "HEAD:refs/pull/7/merge"]).success();
    repo
}

/// Whether the programs of a recipe are there; said where one is missing.
fn is_here(host: &Host) -> bool {
    let missing: Vec<_> = host.programs.iter().filter(|program| !is_installed(program)).collect();
    if !missing.is_empty() {
        eprintln!("{missing:?} is not installed, so the recipe for {} was not run", host.name);
    }
    missing.is_empty()
}

/// Runs the step for a pull request, with an API that answers so, and sees that it ends and says what it should; what was
/// commented.
fn step(host: &Host, pull: &Pull, status: &'static str) -> Option<Comment> {
    if !is_here(host) {
        return None;
    }
    let world = World::new();
    let folder = host.check_out(&world, &hosted(&world, pull));
    let api = Api::answering(status);
    let ran = host.run(&world, &folder, &api.url());
    let (log, code) = (ran.stdout(), ran.code());
    assert_eq!(code, pull.code, "{}: {log}\n{}", host.name, ran.stderr());
    says(host, pull, &log);
    assert_eq!(log.ends_with(NOT_ACCEPTED), status.starts_with('4'), "{}: {log}", host.name);
    let comment = api.comment();
    assert!(comment.head.starts_with(host.comments_at), "{}", comment.head);
    assert!(comment.head.contains(host.token), "{}", comment.head);
    Some(comment)
}

fn says(host: &Host, pull: &Pull, text: &str) {
    for said in pull.said {
        assert!(text.contains(said), "{}: no {said:?} in {text}", host.name);
    }
    assert!(!text.contains(pull.unsaid), "{}: {text}", host.name);
}

#[test]
fn github_and_gitea_comment_what_merging_does_and_refuse_what_a_push_would_be_refused_for() {
    for host in [GITHUB, GITEA] {
        for pull in [SOUND, SLIP, TAGGED] {
            let Some(comment) = step(&host, &pull, "201 Created") else { continue };
            let body: Value = serde_json::from_str(&comment.body).expect("JSON");
            let body = body["body"].as_str().expect("a text");
            assert!(body.starts_with("```\n") && body.ends_with("\n```"), "{body}");
            says(&host, &pull, body);
        }
    }
}

#[test]
fn only_what_is_merged_into_the_branch_that_is_read_is_judged() {
    for (host, condition) in [
        (GITHUB, "\non:\n  pull_request:\n    branches: [main]\n"),
        (GITEA, "\non:\n  pull_request:\n    branches: [main]\n"),
        (GITLAB, "== \"merge_request_event\" && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == \"main\"\n"),
    ] {
        assert!(recipe(host.name).contains(condition), "{}", host.name);
    }
}

#[test]
fn gitlab_comments_the_same() {
    for pull in [SOUND, SLIP, TAGGED] {
        let Some(Comment { body, .. }) = step(&GITLAB, &pull, "201 Created") else { continue };
        assert!(body.contains("name=\"body\"") && body.contains("\r\n\r\n```\n"), "{body}");
        says(&GITLAB, &pull, &body);
    }
}

#[test]
fn a_comment_that_is_not_accepted_loses_neither_the_report_nor_the_result() {
    for host in [GITHUB, GITEA, GITLAB] {
        for pull in [SOUND, SLIP] {
            step(&host, &pull, "403 Forbidden");
        }
    }
}
