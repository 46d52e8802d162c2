//! The hooks of a push: ours beside the team's own.
//!
//! Ours is known by its marker. What is not ours is the team's: it is moved aside under another name, never changed, and
//! ours calls it first.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::cli::shell;

/// The hooks that are installed.
pub(super) const NAMES: [&str; 2] = ["pre-receive", "post-receive"];

const SCRIPT: &str = include_str!("hook.sh");
const MARKER: &str = "# pushlive-hook:";

/// Installs what is missing and renews what is not as it should be, and says what it did, a sentence each.
pub(super) fn install(directory: &Path, binary: &Path) -> Result<Vec<String>, Failure> {
    fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
    let hooks = NAMES.map(|name| Hook { name, path: directory.join(name), text: text(name, binary) });
    let done: Vec<Option<String>> = hooks.iter().map(Hook::repair).collect::<Result<_, _>>()?;
    Ok(done.into_iter().flatten().collect())
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    Failure::environment(format!("cannot install the hooks: {}: {error}", path.display())).hint(
        "`git config core.hooksPath` in the repository says where its hooks are, if not in its `hooks` folder; it must be \
         a folder that you may write",
    )
}

fn text(name: &str, binary: &Path) -> String {
    // A path that is not UTF-8 cannot be said in the script; the hook then finds the program by the PATH.
    let binary = shell::quote(binary.to_str().unwrap_or_default());
    SCRIPT.replace("@HOOK@", name).replace("@BINARY@", &binary)
}

struct Hook {
    name: &'static str,
    path: PathBuf,
    text: String,
}

enum State {
    Missing,
    Right,
    NotExecutable,
    Outdated,
    Team(Vec<u8>),
}

impl Hook {
    fn state(&self) -> io::Result<State> {
        let found = match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Missing),
            found => found?,
        };
        Ok(match found {
            text if text == self.text.as_bytes() && is_executable(&self.path)? => State::Right,
            text if text == self.text.as_bytes() => State::NotExecutable,
            text if String::from_utf8_lossy(&text).contains(MARKER) => State::Outdated,
            text => State::Team(text),
        })
    }

    fn repair(&self) -> Result<Option<String>, Failure> {
        let shown = self.path.display();
        let done = match self.state().map_err(|error| failed(&self.path, &error))? {
            State::Right => return Ok(None),
            State::Missing => format!("installed {shown}"),
            State::NotExecutable => format!("made {shown} executable"),
            State::Outdated => format!("renewed {shown}"),
            State::Team(text) => {
                self.keep(&text)?;
                format!("installed {shown}; your own hook is {}.team now, and is called first", self.name)
            }
        };
        self.write().map_err(|error| failed(&self.path, &error))?;
        Ok(Some(done))
    }

    /// Moves the team's hook aside, over nothing.
    fn keep(&self, text: &[u8]) -> Result<(), Failure> {
        let aside = self.path.with_file_name(format!("{}.team", self.name));
        match fs::read(&aside) {
            Ok(kept) if kept == text => Ok(()),
            Ok(_) => Err(self.two_of_them(&aside)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::rename(&self.path, &aside).map_err(|error| failed(&aside, &error))
            }
            Err(error) => Err(failed(&aside, &error)),
        }
    }

    fn two_of_them(&self, aside: &Path) -> Failure {
        let (path, aside) = (self.path.display(), aside.display());
        Failure::environment(format!("{path} is a hook of your own, and {aside} is another one"))
            .hint(format!("put what both do into {aside}, remove {path}, and run this again"))
    }

    /// Whole or not at all: a push may be running it.
    fn write(&self) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(self.path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(self.text.as_bytes())?;
        make_executable(file.path())?;
        file.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

#[cfg(unix)]
fn is_executable(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::metadata(path)?.permissions().mode() & 0o111 == 0o111)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

// Git for Windows runs a hook by its first line, whatever its mode.
#[cfg(not(unix))]
fn is_executable(_: &Path) -> io::Result<bool> {
    Ok(true)
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}
