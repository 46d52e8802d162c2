//! What a journey needs: a folder of its own, the real `git` without anybody's settings, the real binary, real zips.

mod daemon;
mod fleet;
mod http;
#[cfg(target_os = "linux")]
mod openings;
mod shell;
mod team;
mod wire;
mod zips;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

pub use daemon::Daemon;
pub use fleet::{Line, Phone, phones};
pub use http::{Reply, request};
#[cfg(target_os = "linux")]
pub use openings::Openings;
pub use shell::is_installed;
pub use team::Team;
pub use wire::Wire;
pub use zips::{stored, web_app, zip};

/// A folder that goes away with the test, and everything that lies in it.
pub struct World {
    dir: TempDir,
}

impl World {
    /// An empty one.
    pub fn new() -> World {
        World { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A bare repository made by `pushlive init`.
    pub fn init(&self, name: &str) -> PathBuf {
        let repo = self.path(name);
        self.run(pushlive(), [OsStr::new("init"), repo.as_os_str()]).success();
        repo
    }

    /// The same without hooks: it takes every push, as a server does where none of ours run.
    pub fn init_without_hooks(&self, name: &str) -> PathBuf {
        let repo = self.init(name);
        take_hooks_off(&repo);
        repo
    }

    /// A clone of a repository, for someone who works in it.
    pub fn team(&self, repo: &Path) -> Team<'_> {
        let mut at = self.path("work");
        let mut count = 0;
        while at.exists() {
            count += 1;
            at = self.path(&format!("work-{count}"));
        }
        self.run("git", [OsStr::new("clone"), OsStr::new("--quiet"), repo.as_os_str(), at.as_os_str()]).success();
        Team::new(self, at)
    }

    /// A new bare repository with an app of one production channel, its clone, and a daemon on it that has read both.
    pub fn with_app(&self, app: &str) -> (Team<'_>, Daemon) {
        let repo = self.init("releases.git");
        let team = self.team(&repo);
        team.write("releases.toml", format!("[apps.\"{app}\"]\n"));
        let commit = team.publish("Add the app");
        let daemon = Daemon::start(self, &repo, &[]);
        daemon.wait_for_commit(&commit);
        (team, daemon)
    }

    /// Runs a program in this world: its own home, none of the user's settings, a fixed identity.
    pub fn run(&self, program: impl AsRef<OsStr>, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Ran {
        let mut command = self.command(program);
        command.args(args);
        Ran::of(command)
    }

    /// The command itself, for who wants to add to it.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.dir.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.dir.path())
            .env("LC_ALL", "C")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("PUSHLIVE_BIN", pushlive());
        for who in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{who}_NAME"), "Team")
                .env(format!("GIT_{who}_EMAIL"), "team@example.com")
                .env(format!("GIT_{who}_DATE"), "2026-01-02T03:04:05Z");
        }
        command
    }
}

/// The binary under test.
pub fn pushlive() -> &'static str {
    env!("CARGO_BIN_EXE_pushlive")
}

/// Lets a repository take pushes with mistakes, and tell of them as it did.
pub fn take_guard_off(repo: &Path) {
    fs::remove_file(repo.join("hooks/pre-receive")).expect("the hook");
}

/// Lets a repository take every push.
pub fn take_hooks_off(repo: &Path) {
    fs::remove_dir_all(repo.join("hooks")).expect("its hooks");
}

/// What a finished program said.
#[must_use]
pub struct Ran {
    what: String,
    output: Output,
}

impl Ran {
    /// Runs a command to its end.
    pub fn of(mut command: Command) -> Ran {
        let what = format!("{command:?}");
        let output = command.output().unwrap_or_else(|error| panic!("{what}: {error}"));
        Ran { what, output }
    }

    /// Its standard output, once it is known to have succeeded.
    pub fn success(self) -> String {
        assert!(self.output.status.success(), "{}\n{}\n{}", self.what, self.stdout(), self.stderr());
        self.stdout()
    }

    /// Its exit code.
    pub fn code(&self) -> i32 {
        self.output.status.code().expect("an exit code")
    }

    /// What it printed.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    /// What it complained.
    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }
}
