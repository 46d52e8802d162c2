//! What is typed into a shell, by someone who has set up nothing.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use super::{Ran, World};

impl World {
    /// Runs a line as it stands in `sh`, in a folder that has nothing to do with anything, with variables, without an
    /// identity in git, and without pushlive in the environment.
    pub fn type_in(&self, line: &str, variables: &[(&str, &str)]) -> Ran {
        let elsewhere = self.path("elsewhere");
        std::fs::create_dir_all(&elsewhere).expect("a folder");
        let mut command = self.command("sh");
        command.current_dir(elsewhere).args(["-c", line]).envs(variables.iter().copied()).env_remove("PUSHLIVE_BIN");
        for who in ["AUTHOR", "COMMITTER"] {
            for what in ["NAME", "EMAIL", "DATE"] {
                command.env_remove(format!("GIT_{who}_{what}"));
            }
        }
        Ran::of(command)
    }
}

/// Whether a program is there to be called.
pub fn is_installed(program: impl AsRef<OsStr>) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok()
}
