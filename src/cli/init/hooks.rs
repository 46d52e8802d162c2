//! The hooks of a push: ours beside the team's own.
//!
//! Ours is known by its marker. What is not ours is the team's: it is moved aside under another name, never changed, and
//! ours calls it first.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::repository::shell_word::quote;

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
        "`git config --local core.hooksPath` in the repository says where its hooks are, if not in its `hooks` folder; it \
         must be a folder that you may write",
    )
}

fn text(name: &str, binary: &Path) -> String {
    // A path that is not UTF-8 cannot be said in the script; the hook then finds the program by the PATH.
    let binary = quote(binary.to_str().unwrap_or_default());
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
    Team(Content),
}

/// What lies at a hook's path.
#[derive(PartialEq, Eq)]
enum Content {
    Text(Vec<u8>),
    /// A link to that path, where nothing is, or not now.
    Dangling(PathBuf),
}

impl Content {
    fn of(path: &Path) -> io::Result<Option<Content>> {
        match fs::read(path) {
            Ok(text) => Ok(Some(Content::Text(text))),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Err(_) => match fs::read_link(path) {
                Ok(target) => Ok(Some(Content::Dangling(target))),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
        }
    }
}

impl Hook {
    fn state(&self) -> io::Result<State> {
        Ok(match Content::of(&self.path)? {
            None => State::Missing,
            Some(Content::Text(text)) if text == self.text.as_bytes() => {
                if is_executable(&self.path)? {
                    State::Right
                } else {
                    State::NotExecutable
                }
            }
            Some(Content::Text(text)) if String::from_utf8_lossy(&text).contains(MARKER) => State::Outdated,
            Some(content) => State::Team(content),
        })
    }

    fn repair(&self) -> Result<Option<String>, Failure> {
        let shown = self.path.display();
        let done = match self.state().map_err(|error| failed(&self.path, &error))? {
            State::Right => return Ok(None),
            State::Missing => format!("installed {shown}"),
            State::NotExecutable => format!("made {shown} executable"),
            State::Outdated => format!("renewed {shown}"),
            State::Team(content) => {
                self.keep(&content)?;
                let kept = format!("installed {shown}; your own hook is {}.team now, and is called first", self.name);
                match content {
                    Content::Text(_) => kept,
                    Content::Dangling(to) => {
                        format!("{kept} once there is something at {}, where it leads", to.display())
                    }
                }
            }
        };
        self.write().map_err(|error| failed(&self.path, &error))?;
        Ok(Some(done))
    }

    /// Moves the team's hook aside, over nothing.
    fn keep(&self, content: &Content) -> Result<(), Failure> {
        let aside = self.path.with_file_name(format!("{}.team", self.name));
        match Content::of(&aside).map_err(|error| failed(&aside, &error))? {
            Some(kept) if kept == *content => Ok(()),
            Some(_) => Err(self.two_of_them(&aside)),
            None => fs::rename(&self.path, &aside).map_err(|error| failed(&aside, &error)),
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
