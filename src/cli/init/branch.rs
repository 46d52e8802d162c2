//! The branch that releases are read from, and where it is written down.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use crate::cli::failure::Failure;
use crate::settings::{FILE_NAME, Given, Raw, Settings, SettingsArgs};

/// The branch by flag, variable, the repository's settings file, or default.
pub(super) fn wanted(given: Option<Given>, git_dir: &Path) -> Result<String, Failure> {
    let raw = Raw { branch: given, ..Raw::default() };
    Ok(Settings::load(&SettingsArgs { config: None, raw }, git_dir)?.branch)
}

/// Writes the branch into the settings file where the daemon and the hooks would read another one, and says so, or says
/// what to write where somebody has a settings file already.
pub(super) fn write_down(branch: &str, git_dir: &Path) -> Result<Option<String>, Failure> {
    let read = wanted(None, git_dir)?;
    if read == branch {
        return Ok(None);
    }
    let line = setting(branch);
    let file = git_dir.join(FILE_NAME);
    match create(&file, &line) {
        Ok(()) => Ok(Some(format!("wrote `{line}` to {}, for serve, check and the hooks", file.display()))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Some(format!(
            "serve, check and the hooks read the branch `{read}`: to have them read `{branch}`, say `{line}` in {}",
            file.display()
        ))),
        Err(error) => Err(Failure::environment(format!("cannot write {}: {error}", file.display()))
            .hint(format!("without `{line}` in it, the branch `{read}` is read"))),
    }
}

fn create(file: &Path, line: &str) -> io::Result<()> {
    OpenOptions::new().write(true).create_new(true).open(file)?.write_all(format!("{line}\n").as_bytes())
}

/// Of all that TOML wants escaped, the name of a branch can only hold a quote.
fn setting(branch: &str) -> String {
    format!("branch = \"{}\"", branch.replace('"', "\\\""))
}
