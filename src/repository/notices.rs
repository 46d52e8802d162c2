//! Problems of the line as a whole: what is read from an older commit, and what is not read at all.

use super::descriptor::AppPlaces;
use super::id::CommitId;
use super::problem::Problem;
use super::refs::Refs;
use super::standing::Settings;
use super::walk::SETTINGS;

/// The branch is not there.
pub fn no_branch(refs: &Refs) -> Problem {
    let branch = refs.branch_name();
    let message = format!("there is no branch `{branch}`, so the repository offers nothing");
    Problem::warning("no-branch", message, format!("push a commit to it, or name another branch than `{branch}`"))
}

/// The history ends early.
pub fn shallow(oldest: CommitId) -> Problem {
    let message = format!(
        "the repository is shallow and its history ends at commit {}: what came before, a version's first bytes among it, \
         is not known",
        oldest.short()
    );
    Problem::warning("shallow-repository", message, "fetch the rest: `git fetch --unshallow`")
}

/// The tip has no settings.
pub fn no_settings() -> Problem {
    let message = "there is no regular file `releases.toml` at the tip of the branch, so nothing says what to offer";
    let help = "bring it back; the smallest one is `[apps.\"com.example.app\"]`";
    Problem::error("settings-missing", message, help).in_file(SETTINGS)
}

/// The table is that of an older commit.
pub fn settings_kept(commit: CommitId) -> Problem {
    let message = format!(
        "everything is served as of commit {}, the newest whose releases.toml counts; later commits are not read",
        commit.short()
    );
    Problem::warning("settings-kept", message, "mend releases.toml").in_file(SETTINGS)
}

/// An app's part is broken: the app stays as it was in that commit, or is unknown.
pub fn frozen(app: &str, settings: &Settings, places: &AppPlaces, commit: Option<CommitId>) -> Problem {
    let message = match commit {
        Some(commit) => format!(
            "{app} is served as of commit {}, the newest where its part of releases.toml is valid; its later releases are \
             not read",
            commit.short()
        ),
        None => format!("{app} is not served: its part of releases.toml was never valid since it was added"),
    };
    let problem = Problem::warning("app-frozen", message, "mend the errors in its part of releases.toml");
    problem.in_file(SETTINGS).at(&settings.text, places.app.clone()).of_app(app)
}

/// A directory that looks like an app, and that the settings do not name.
pub fn unnamed_app(id: &str) -> Problem {
    let message = format!("`{id}` looks like an app, but releases.toml does not name it, so nothing of it is served");
    let help = format!("add `[apps.\"{id}\"]` to releases.toml, or move the directory elsewhere");
    Problem::warning("unnamed-app", message, help).in_file(id).of_app(id)
}

/// A directory at the root that holds what a release holds.
pub fn release_without_app(name: &str) -> Problem {
    let message = format!("`{name}` holds a release, but lies in no app's directory, so nothing of it is served");
    Problem::warning("release-without-app", message, format!("move it: `git mv {name} <app id>/<version>`"))
        .in_file(name)
}
