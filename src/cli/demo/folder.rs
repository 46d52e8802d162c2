//! The folder of a demo: which one may be used, and what lies in it.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::repository::create::Writer;

const REPOSITORY: &str = "releases.git";
/// The repository until it is whole, so that one cut short is never taken for a demo.
const BEGUN: &str = "begun.git";
const NEXT: &str = "next";

/// A folder that is a demo, or can become one.
pub struct Folder {
    /// As an absolute path: what is printed works from anywhere.
    pub path: PathBuf,
    /// Whether it has a whole demo in it.
    pub is_demo: bool,
}

impl Folder {
    /// The folder that was asked for, or a new one.
    ///
    /// # Errors
    /// It has something else in it, or cannot be used.
    pub fn find(wanted: Option<&Path>) -> Result<Folder, Failure> {
        let Some(wanted) = wanted else {
            let made = tempfile::Builder::new().prefix("pushlive-demo-").tempdir();
            let path = made.map_err(|error| unusable(&std::env::temp_dir(), &error))?.keep();
            return Ok(Folder { path, is_demo: false });
        };
        fs::create_dir_all(wanted).map_err(|error| unusable(wanted, &error))?;
        let path = wanted.canonicalize().map_err(|error| unusable(wanted, &error))?;
        let is_free = is_free(&path).map_err(|error| unusable(wanted, &error))?;
        let folder = Folder { path, is_demo: !is_free };
        if is_free || has_commits(&folder.repository()) {
            return Ok(folder);
        }
        Err(Failure::environment(format!("{} has something else in it", wanted.display()))
            .hint("give a folder that is empty, that does not exist yet, or that an earlier demo made"))
    }

    /// The repository of a demo.
    pub fn repository(&self) -> PathBuf {
        self.path.join(REPOSITORY)
    }

    /// The same until it is whole.
    pub fn begun(&self) -> PathBuf {
        self.path.join(BEGUN)
    }

    /// What waits to be released.
    pub fn next(&self) -> PathBuf {
        self.path.join(NEXT)
    }

    /// Why the demo cannot be made in it.
    pub fn unusable(&self, error: &io::Error) -> Failure {
        unusable(&self.path, error)
    }
}

fn unusable(folder: &Path, error: &io::Error) -> Failure {
    Failure::environment(format!("cannot make the demo in {}: {error}", folder.display()))
        .hint("give a folder that you may write: `pushlive demo <dir>`")
}

/// Whether nothing is there but what a demo leaves that was cut short, and an empty folder for the repository.
fn is_free(folder: &Path) -> io::Result<bool> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    let was_begun = names.iter().any(|name| name == BEGUN);
    let is_of_begun = |name: &OsStr| name == BEGUN || was_begun && name == NEXT;
    let is_empty = |name: &OsStr| name == REPOSITORY && is_empty_folder(&folder.join(name));
    Ok(names.iter().all(|name| is_of_begun(name) || is_empty(name)))
}

fn is_empty_folder(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

fn has_commits(repository: &Path) -> bool {
    Writer::open(repository).and_then(|repository| repository.branches()).is_ok_and(|branches| !branches.is_empty())
}
