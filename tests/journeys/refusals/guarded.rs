//! A repository that pushes with mistakes are made to, and all that must stay as it was.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::world::{Daemon, Ran, Team, World};

pub const APP: &str = "com.example.app";
pub const OTHER: &str = "com.example.other";
pub const SETTINGS: &str = "[apps.\"com.example.app\".channels.production]\n\n\
                            [apps.\"com.example.app\".channels.beta]\ntags = true\n\n\
                            [apps.\"com.example.other\"]\n";
/// Opens a release to a part of beta.
pub const BETA: &str = "com.example.app/beta/1.0.1@50%";
/// Opens the one below to all of it.
const ALL: &str = "com.example.app/beta/1.0.0@100%";
/// A device that is let in, and one that is not.
const IDS: [&str; 2] = ["d-1", "d-2"];

/// A guarded repository with a daemon on it: two releases of one app, tagged for beta, and one of another app.
pub struct Guarded<'w> {
    pub world: &'w World,
    pub repo: PathBuf,
    pub team: Team<'w>,
    pub daemon: Daemon,
}

/// What a push may change.
#[derive(Debug, PartialEq, Eq)]
struct State {
    refs: String,
    /// Each object that git knows, and folders of pushes that were left behind.
    objects: String,
    left: Vec<PathBuf>,
    answers: Vec<Value>,
}

impl<'w> Guarded<'w> {
    pub fn begin(world: &'w World) -> Guarded<'w> {
        let repo = world.init("releases.git");
        let team = world.team(&repo);
        team.write("releases.toml", SETTINGS);
        team.add_release(APP, "1.0.0");
        team.add_release(APP, "1.0.1");
        team.add_release(OTHER, "1.0.0");
        let tip = team.publish("Begin");
        team.tag(BETA, "HEAD");
        team.tag(ALL, "HEAD");
        let daemon = Daemon::start(world, &repo, &[]);
        daemon.wait_for_commit(&tip);
        let told = |id: &str| daemon.check_with(APP, json!({ "defaultChannel": "beta", "device_id": id }));
        assert_ne!(told(IDS[0])["version"], told(IDS[1])["version"], "the tag decides what a device is told");
        Guarded { world, repo, team, daemon }
    }

    fn state(&self) -> State {
        let git = |arguments: &[&str]| self.world.run("git", [&["-C", "releases.git"], arguments].concat()).success();
        git(&["fsck", "--no-dangling"]);
        State {
            refs: git(&["for-each-ref"]),
            objects: git(&["cat-file", "--batch-all-objects", "--batch-check"]),
            left: left_in(&self.repo.join("objects")),
            answers: answers(&self.daemon),
        }
    }

    /// Pushes what is named, sees it refused with nothing changed, and returns the report.
    pub fn is_refused(&self, refs: &[&str]) -> String {
        let before = self.state();
        let pushed = self.push(refs);
        let said = report(&pushed);
        assert_ne!(pushed.code(), 0, "taken: {said}");
        assert_eq!(self.state(), before);
        said
    }

    pub fn is_taken(&self, refs: &[&str]) -> String {
        let pushed = self.push(refs);
        assert_eq!(pushed.code(), 0, "{}", pushed.stderr());
        report(&pushed)
    }

    fn push(&self, refs: &[&str]) -> Ran {
        self.team.git(&[&["push", "--quiet", "origin"], refs].concat())
    }

    /// A colleague pushes while the team commits, and the team merges that by `git pull`.
    pub fn merge_by_pull(&self) {
        let (team, colleague) = (&self.team, self.world.team(&self.repo));
        colleague.add_release(APP, "1.0.2");
        self.daemon.wait_for_commit(&colleague.publish("Release 1.0.2"));
        team.add_release(APP, "1.0.3");
        team.commit("Release 1.0.3");
        team.git(&["pull", "--quiet", "--no-rebase", "--no-edit", "origin", "main"]).success();
    }

    /// Commits what was changed and sees the push refused; what was changed is taken back.
    pub fn mistake(&self, what: &str) -> String {
        self.team.commit(what);
        let said = self.is_refused(&["HEAD:main"]);
        self.team.git(&["reset", "--quiet", "--hard", "origin/main"]).success();
        said
    }

    /// Whether a daemon that reads the repository only now answers as the one does that saw all pushes.
    pub fn is_served_elsewhere_alike(&self) {
        let data = self.world.path("fresh");
        let fresh = Daemon::start(self.world, &self.repo, &["--data", &data.to_string_lossy()]);
        fresh.wait_for_line("its table", |line| line["message"] == "published");
        assert_eq!(answers(&fresh), answers(&self.daemon));
    }
}

/// What devices of every kind are told, and of which table; without the address of who says so.
fn answers(daemon: &Daemon) -> Vec<Value> {
    let mut answers = Vec::new();
    for app in [APP, OTHER] {
        for channel in ["", "beta"] {
            for platform in ["ios", "android", "electron"] {
                for runs in ["builtin", "1.0.0", "1.0.1"] {
                    for id in IDS {
                        let device = json!({ "defaultChannel": channel, "platform": platform, "version_name": runs,
                            "device_id": id });
                        let reply = daemon.check_by(&[], app, device.clone());
                        let body = String::from_utf8_lossy(&reply.body).replace(&daemon.address().to_string(), "");
                        let [table, commit] = ["x-release-table", "x-release-commit"].map(|name| reply.header(name));
                        answers.push(json!([app, device, table, commit, body]));
                    }
                }
            }
        }
    }
    answers
}

/// Folders of the objects of pushes that git did not take away.
fn left_in(objects: &Path) -> Vec<PathBuf> {
    let names = std::fs::read_dir(objects).expect("the objects").map(|entry| entry.expect("an entry").path());
    let is_git = |name: &str| name.len() == 2 || name == "info" || name == "pack";
    names.filter(|path| !path.file_name().and_then(|name| name.to_str()).is_some_and(is_git)).collect()
}

/// What the hook said, without git's own words.
pub fn report(pushed: &Ran) -> String {
    let said = pushed.stderr();
    let lines = said.lines().filter_map(|line| line.strip_prefix("remote:"));
    lines.map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line).trim_end())).collect()
}

/// Whether the report has each of these.
#[track_caller]
pub fn says(report: &str, parts: &[&str]) {
    for part in parts {
        assert!(report.contains(part), "no `{part}` in:\n{report}");
    }
}
