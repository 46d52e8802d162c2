//! What a repository serves, or a daemon: commit, apps, channels, releases, problems.

mod made;

use serde::{Deserialize, Serialize};

use super::problem::Told;
use super::time::Time;
use crate::release::status;
use crate::release::table::{self, Table};
use crate::release::time::Timestamp;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::places::Sources;
use crate::repository::reader::Reader;
pub use made::next;

/// The document of `pushlive status --json` and of `/api/table`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The commit that is served; `None`: nothing is.
    pub commit: Option<String>,
    /// When that commit says that it was made.
    pub committed: Option<Time>,
    /// Where the branch is: not what is served, where its settings cannot be read.
    pub tip: Option<String>,
    /// The digest of commit and release tags.
    pub table: Option<String>,
    /// When all this held.
    pub time: Time,
    /// Of a repository that offers nothing: what a running daemon goes on with all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What only a running daemon knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daemon: Option<Daemon>,
    /// Each app, by its id.
    pub apps: Vec<App>,
    /// What is wrong, and what is worth a look.
    pub problems: Vec<Told>,
}

/// A running daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Daemon {
    /// When it began to serve.
    pub since: Time,
    /// When it published this table.
    pub published: Time,
    /// Whether it can read its repository.
    pub repository: Repository,
}

/// Whether a daemon can read its repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repository {
    /// Whether it could the last time.
    pub readable: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// An app.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct App {
    /// Its id.
    pub id: String,
    /// Its name, for people.
    pub name: Option<String>,
    /// The default channel first, the others by name.
    pub channels: Vec<Channel>,
    /// Its release tags, by name, whatever comes of them.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// Versions that were once there and are gone, by name.
    #[serde(default)]
    pub withdrawn: Vec<String>,
}

/// A release tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tag {
    /// Its name below `refs/tags/`.
    pub tag: String,
    /// The channel that it names.
    pub channel: String,
    /// The release that it names.
    pub version: String,
    /// The commit that it names.
    pub commit: Option<String>,
    /// The date of an annotated one.
    pub date: Option<Time>,
    /// How many devices it opens the release to, where its name says so.
    pub percent: Option<f64>,
    /// Whether it stops the release.
    pub halt: bool,
    /// The platforms where it has an effect: those whose bundle it approves.
    pub platforms: Vec<String>,
}

/// A channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// Whether it is that of devices that name none.
    pub default: bool,
    /// Whether it opens what is tagged for it, and nothing else.
    pub tags: bool,
    /// The version that it is pinned to, or `builtin`.
    pub pin: Option<String>,
    /// The platforms that it serves.
    pub platforms: Vec<String>,
    /// The kinds of build that it serves: `prod`, `dev`. `None`: an older daemon says nothing of them, nor of what follows.
    #[serde(default)]
    pub builds: Option<Vec<String>>,
    /// The kinds of hardware that it serves: `device`, `emulator`.
    #[serde(default)]
    pub hardware: Option<Vec<String>>,
    /// Whether devices may name it.
    #[serde(default = "yes")]
    pub public: bool,
    /// What is open or halted and not yanked, highest first.
    pub releases: Vec<Release>,
    /// All others, highest first.
    #[serde(default)]
    pub closed: Vec<Closed>,
}

fn yes() -> bool {
    true
}

/// A release that is neither open nor halted in a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closed {
    /// Its version.
    pub version: String,
    /// The key that keeps it off the list: `yanked`, `channels`, `prereleases`, `tags`, `pin` or `platforms`; or `bundle`,
    /// where it has none that a client can install.
    pub rule: String,
}

/// A release in a channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// Its version.
    pub version: String,
    /// How many devices it is open to; where platforms differ, on those with the most. A halt aside.
    pub percent: f64,
    /// Whether nobody enters who does not run it.
    pub halted: bool,
    /// The next change of that percentage.
    pub next: Option<Next>,
    /// The platforms where it is open.
    pub platforms: Vec<String>,
    /// Whose highest release it is that they, or some of them, may enter.
    pub serves: Vec<Serves>,
    /// Each share, where platforms differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
}

/// A change of a percentage that comes by itself.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Next {
    /// The new percentage.
    pub percent: f64,
    /// When it begins.
    pub when: Time,
}

/// Devices by platform and native version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serves {
    /// Their platforms.
    pub platforms: Vec<String>,
    /// Their native versions: requirements of which one holds.
    pub native: Vec<String>,
}

/// How many devices of some platforms a release is open to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// The platforms.
    pub platforms: Vec<String>,
    /// How many of their devices.
    pub percent: f64,
    /// The next change of that.
    pub next: Option<Next>,
}

/// The document of `/api/apps/<app>`.
#[derive(Clone, Debug, Serialize)]
pub struct OfApp<'a> {
    /// The commit that is served.
    pub commit: &'a str,
    /// The digest of commit and release tags.
    pub table: &'a str,
    /// When all this held.
    pub time: Time,
    /// The app.
    #[serde(flatten)]
    pub app: App,
    /// What is wrong with it.
    pub problems: Vec<&'a Told>,
}

impl<'a> OfApp<'a> {
    /// An app of the table, which was read from `sources`. `problems` are all of the repository.
    pub fn new(
        table: &'a Table,
        app: &'a table::App,
        sources: &Sources,
        problems: &'a [Told],
        now: Timestamp,
    ) -> OfApp<'a> {
        let id = &app.policy.id;
        OfApp { app: App::of(&status::of_app(app, now), sources), ..OfApp::bare(table, id, problems, now) }
    }

    /// An app that the table has not, as its part of `releases.toml` was never right; `None`: nothing is wrong with any such.
    pub fn unserved(table: &'a Table, id: &str, problems: &'a [Told], now: Timestamp) -> Option<OfApp<'a>> {
        Some(OfApp::bare(table, id, problems, now)).filter(|told| !told.problems.is_empty())
    }

    fn bare(table: &'a Table, id: &str, problems: &'a [Told], now: Timestamp) -> OfApp<'a> {
        let of_app = |told: &&Told| told.app.as_deref() == Some(id);
        OfApp {
            commit: &table.commit,
            table: &table.digest,
            time: Time(now),
            app: App { id: id.to_owned(), name: None, channels: Vec::new(), tags: Vec::new(), withdrawn: Vec::new() },
            problems: problems.iter().filter(of_app).collect(),
        }
    }
}

/// The document of `/api/problems`.
#[derive(Clone, Debug, Serialize)]
pub struct Problems<'a> {
    /// The commit that is served.
    pub commit: Option<&'a str>,
    /// Where the branch is.
    pub tip: Option<&'a str>,
    /// What is wrong, and what is worth a look.
    pub problems: &'a [Told],
}

/// What is known of the commits behind a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commits {
    /// Where the branch is.
    pub tip: Option<String>,
    /// When the commit that is served says that it was made.
    pub committed: Option<Timestamp>,
}

impl Commits {
    /// Those of a table, and of the tip that it was read at. A date that cannot be read is left out.
    pub fn of(reader: &Reader, table: Option<&Table>, tip: Option<CommitId>) -> Commits {
        let served = table.and_then(|table| ObjectId::from_hex(&table.commit)).map(CommitId);
        let objects = reader.objects().ok();
        let committed = objects.zip(served).and_then(|(objects, id)| objects.committed(id).ok());
        Commits { tip: tip.map(|tip| tip.to_string()), committed }
    }
}

impl Document {
    /// The status at a time. The table was read from `sources`.
    pub fn new(
        table: Option<&Table>,
        sources: &Sources,
        commits: &Commits,
        problems: Vec<Told>,
        now: Timestamp,
    ) -> Document {
        let apps = table.map(|table| status::status(table, now)).unwrap_or_default();
        Document {
            commit: table.map(|table| table.commit.clone()),
            committed: commits.committed.map(Time),
            tip: commits.tip.clone(),
            table: table.map(|table| table.digest.clone()),
            time: Time(now),
            note: None,
            daemon: None,
            apps: apps.iter().map(|app| App::of(app, sources)).collect(),
            problems,
        }
    }
}
