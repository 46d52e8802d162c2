//! `pushlive init`: a release repository that is ready for its first push.
//!
//! Run again it repairs what is missing and changes nothing else, so it is also the way to renew hooks, and to finish
//! what a crash or a full disk cut short.

mod branch;
mod hooks;

use std::borrow::Cow;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::shell::this_program;
use crate::repository::create::{HooksPlace, WriteError, Writer};
use crate::repository::read_error::ReadError;
use crate::repository::shell_word::quote;
use crate::settings::{self, FILE_NAME, Given};

/// The commented settings of the apps, as they are shown in our own repository.
const RELEASES: &str = include_str!("../../../releases.example.toml");
/// What the team reads when it opens the repository.
const README: &str = include_str!("README.md");
/// Keeps git from leaving out the releases, as the settings of many people would.
pub(super) const GITIGNORE: &str = include_str!("gitignore");

/// Make a release repository, or repair one
///
/// Makes a bare repository with the hooks installed and a commented releases.toml on its branch. In a repository that
/// is there already, it repairs what is missing and changes nothing else.
#[derive(clap::Args)]
pub struct Arguments {
    /// Where the repository is, or will be
    repo: PathBuf,

    /// The branch that releases are read from; another than main is written to pushlive.toml in the git directory
    /// [default: main]
    #[arg(long, env = "PUSHLIVE_BRANCH", value_name = "NAME")]
    branch: Option<Given>,
}

pub(super) fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let text = init(&arguments.repo, arguments.branch.clone(), &this_binary())?;
    out.write_all(text.as_bytes()).map_err(Failure::output)
}

/// Gives a repository that was just made all that a release repository has beside its commits.
pub(super) fn equip(repository: &Writer, branch: &str) -> Result<(), Failure> {
    let mut work = Work::default();
    work.settings(repository, branch)?;
    work.hooks(repository, &this_binary())
}

fn this_binary() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

/// Does it, for hooks that call that binary, and says what it did.
fn init(path: &Path, branch: Option<Given>, binary: &Path) -> Result<String, Failure> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut work = Work::default();
    let (repository, branch) = work.repository(&path, branch)?;
    work.settings(&repository, &branch)?;
    work.content(&repository, &branch)?;
    work.hooks(&repository, binary)?;
    Ok(work.report(&path))
}

/// What the team reads, with how to name a branch that no command looks for by itself in a clone.
fn readme(branch: &str) -> Cow<'static, str> {
    const COMMANDS: &str = "    pushlive check\n";
    if branch == settings::BRANCH {
        return README.into();
    }
    let named = format!("    export PUSHLIVE_BRANCH={}\n{COMMANDS}", quote(branch));
    README.replacen(COMMANDS, &named, 1).into()
}

/// What was done so far, and what is left to others, a sentence each.
#[derive(Default)]
struct Work {
    done: Vec<String>,
    first_commit: bool,
}

impl Work {
    /// The repository, made if need be, and its branch.
    fn repository(&mut self, path: &Path, given: Option<Given>) -> Result<(Writer, String), Failure> {
        match Writer::open(path) {
            Ok(repository) => {
                let branch = branch::wanted(given, repository.common_dir())?;
                Ok((repository, branch))
            }
            Err(WriteError::Unreadable(ReadError::NotARepository(_))) => {
                let branch = branch::wanted(given, path)?;
                let repository = Writer::create_bare(path, &branch)?;
                self.done.push(format!("made the bare repository {}", path.display()));
                Ok((repository, branch))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The branch in the settings file, so that all that read the repository read the same one.
    fn settings(&mut self, repository: &Writer, branch: &str) -> Result<(), Failure> {
        self.done.extend(branch::write_down(branch, repository.common_dir())?);
        Ok(())
    }

    /// The first commit, where there is none on any branch: a team's history is never given a second root.
    fn content(&mut self, repository: &Writer, branch: &str) -> Result<(), Failure> {
        let branches = repository.branches()?;
        if branches.iter().any(|name| name == branch) {
            let is_whole = repository.has_file(branch, "releases.toml")?;
            self.done.extend((!is_whole).then(|| no_settings(branch)));
            return Ok(());
        }
        if !branches.is_empty() {
            self.done.push(other_branches(repository, branch, &branches));
            return Ok(());
        }
        if !repository.is_bare() {
            self.done.push(format!(
                "left `{branch}` to you: commit a releases.toml there, since this repository has a work tree"
            ));
            return Ok(());
        }
        self.first_commit(repository, branch)
    }

    fn first_commit(&mut self, repository: &Writer, branch: &str) -> Result<(), Failure> {
        let readme = readme(branch);
        let files = [("README.md", &*readme), ("releases.toml", RELEASES), (".gitignore", GITIGNORE)];
        let files = files.map(|(name, text)| (name, text.as_bytes()));
        let id = repository.commit_files(branch, &files, "Begin the release repository\n")?;
        // A repository that git made may have another branch there, and a clone would check out nothing.
        repository.set_head(branch)?;
        self.done.push(format!(
            "wrote releases.toml, README.md and .gitignore to the branch {branch}, commit {}",
            id.short()
        ));
        self.first_commit = true;
        Ok(())
    }

    fn hooks(&mut self, repository: &Writer, binary: &Path) -> Result<(), Failure> {
        let HooksPlace { directory, moved, overruled_by } = repository.hooks_place();
        let done = hooks::install(&directory, binary)?;
        if moved && !done.is_empty() {
            self.done.push(format!("went to {} for the hooks, as core.hooksPath says", directory.display()));
        }
        self.done.extend(done);
        match overruled_by {
            Some(elsewhere) if repository.is_bare() => {
                repository.use_own_hooks()?;
                self.done.push(own_hooks(&elsewhere));
            }
            Some(elsewhere) => self.done.push(hooks_not_called(repository, &directory, &elsewhere)),
            None => {}
        }
        Ok(())
    }

    fn report(&self, path: &Path) -> String {
        if self.done.is_empty() {
            return format!("{} is as it should be; nothing to do\n", path.display());
        }
        let done: String = self.done.iter().map(|line| format!("{line}\n")).collect();
        if self.first_commit { done + &next_steps(path) } else { done }
    }
}

fn no_settings(branch: &str) -> String {
    format!(
        "left `{branch}` as it is, where no releases.toml says what to serve: commit one at its root; the line \
         `[apps.\"com.example.app\"]` with your app's id is enough"
    )
}

fn own_hooks(elsewhere: &str) -> String {
    format!(
        "set core.hooksPath to `hooks` in this repository: git's settings of the user or the system lead to \
         `{elsewhere}`, and its own hooks would not be called"
    )
}

/// In a work tree a team has other hooks than ours, and may want those of all its repositories more.
fn hooks_not_called(repository: &Writer, directory: &Path, elsewhere: &str) -> String {
    let git_dir = repository.common_dir().to_string_lossy();
    format!(
        "these hooks are not called yet: core.hooksPath in git's settings of the user or the system leads to \
         `{elsewhere}`. To have these called, and none there, type `git -C {} config core.hooksPath {}`",
        quote(&git_dir),
        quote(&directory.to_string_lossy()),
    )
}

fn other_branches(repository: &Writer, branch: &str, branches: &[String]) -> String {
    let settings = repository.common_dir().join(FILE_NAME);
    format!(
        "wrote no releases.toml: there is no branch `{branch}`, but {}. Push to `{branch}`, or say `branch = \"…\"` in {}",
        branches.join(", "),
        settings.display()
    )
}

fn next_steps(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    // Not the repository's own name: the clone may well be made beside it.
    // Nor an option.
    let here = if stem.starts_with('-') { "./" } else { "" };
    let clone = format!("{here}{stem}-work");
    format!(
        "
Next, name your app, push, and serve:

  git clone {repository} {clone} && cd {clone}
  printf '\\n[apps.\"com.example.app\"]\\n' >> releases.toml
  git commit -am 'Add the app' && git push
  {program} serve {repository}

README.md in the clone says how to release.
",
        repository = quote(&path.to_string_lossy()),
        clone = quote(&clone),
        program = this_program(),
    )
}

#[cfg(test)]
mod tests;
