//! Writes the files of a release: all of them or none, and over nothing that came meanwhile.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A file of a release.
pub struct File<'b> {
    /// Its name.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: &'b [u8],
    /// Whether another file of that name may go.
    pub replaces: bool,
}

/// Writes the files into `<root>/<app>/<version>/`.
///
/// # Errors
/// What the disk says; then everything is as it was.
pub fn write(files: &[File<'_>], root: &Path, app: &str, version: &str) -> io::Result<()> {
    // on the same file system, and gone at the end whatever happens
    let beside = tempfile::Builder::new().prefix(".pushlive-pack-").tempdir_in(root)?;
    // not that folder itself, which nobody else may read
    let made_app = beside.path().join("app");
    let made = made_app.join(version);
    fs::create_dir_all(&made)?;
    for file in files {
        fs::write(made.join(file.name), file.bytes)?;
    }
    let app = root.join(app);
    if moved_whole(&made_app, &app)? || moved_whole(&made, &app.join(version))? {
        return Ok(());
    }
    move_each(files, &made, &app.join(version), &beside.path().join("old"))
}

/// Moves a folder to where none is; whether that was so. Another process may make it at any time.
fn moved_whole(made: &Path, to: &Path) -> io::Result<bool> {
    // an empty folder would be replaced
    if to.exists() {
        return Ok(false);
    }
    match fs::rename(made, to) {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::DirectoryNotEmpty | ErrorKind::AlreadyExists) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Moves files into a folder that is there.
fn move_each(files: &[File<'_>], made: &Path, to: &Path, old: &Path) -> io::Result<()> {
    fs::create_dir(old)?;
    let mut moved = Vec::new();
    for file in files {
        let place = Place { new: made.join(file.name), at: to.join(file.name), old: old.join(file.name) };
        match place.take(file) {
            Ok(done) => moved.extend(done.then_some(place)),
            Err(error) => {
                moved.iter().rev().for_each(Place::give_back);
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Where a file goes.
struct Place {
    new: PathBuf,
    at: PathBuf,
    /// Where what was there is kept until all is well.
    old: PathBuf,
}

impl Place {
    /// Puts the new file there; whether that changed anything.
    fn take(&self, file: &File<'_>) -> io::Result<bool> {
        if file.replaces && fs::symlink_metadata(&self.at).is_ok() {
            fs::rename(&self.at, &self.old)?;
        }
        // a link replaces nothing; not every file system has links
        match fs::hard_link(&self.new, &self.at).or_else(|error| match self.at.exists() {
            true => Err(error),
            false => fs::rename(&self.new, &self.at),
        }) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists && is_same(&self.at, file.bytes) => Ok(false),
            Err(error) => {
                let _ = fs::rename(&self.old, &self.at);
                Err(error)
            }
        }
    }

    /// Puts what was there back.
    fn give_back(&self) {
        let _ = fs::rename(&self.old, &self.at).or_else(|_| fs::remove_file(&self.at));
    }
}

/// Somebody who packs the same at the same time is no trouble.
fn is_same(path: &Path, bytes: &[u8]) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file()) && fs::read(path).is_ok_and(|found| found == bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [(&str, &str); 2] = [("bundle.zip", "zip"), ("release.toml", "text")];

    fn files(replaces: bool) -> Vec<File<'static>> {
        FILES.map(|(name, bytes)| File { name, bytes: bytes.as_bytes(), replaces }).into()
    }

    fn read(root: &Path, name: &str) -> String {
        fs::read_to_string(root.join("app/1.0.0").join(name)).unwrap_or_default()
    }

    fn left(root: &Path) -> Vec<String> {
        let names = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn files_are_there_whatever_was() {
        for there in ["", "app", "app/1.0.0"] {
            let root = tempfile::tempdir().unwrap();
            fs::create_dir_all(root.path().join(there)).unwrap();
            write(&files(false), root.path(), "app", "1.0.0").unwrap();
            assert_eq!((read(root.path(), FILES[0].0), read(root.path(), FILES[1].0)), ("zip".into(), "text".into()));
            assert_eq!(left(root.path()), ["app"], "{there}");
        }
    }

    #[test]
    fn what_came_meanwhile_stays_unless_it_is_the_same() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("app/1.0.0")).unwrap();
        let one = root.path().join("app/1.0.0/bundle.zip");
        fs::write(&one, "zip").unwrap();
        write(&files(false), root.path(), "app", "1.0.0").unwrap();
        fs::write(&one, "other").unwrap();
        let refused = write(&files(false), root.path(), "app", "1.0.0").unwrap_err();
        assert_eq!((refused.kind(), read(root.path(), "bundle.zip")), (ErrorKind::AlreadyExists, "other".into()));
    }

    #[test]
    fn where_one_file_cannot_be_moved_the_others_are_as_before() {
        let root = tempfile::tempdir().unwrap();
        let version = root.path().join("app/1.0.0");
        fs::create_dir_all(&version).unwrap();
        fs::write(version.join("bundle.zip"), "old").unwrap();
        fs::write(version.join("release.toml"), "other").unwrap();
        let mut both = files(true);
        both[1].replaces = false;
        write(&both, root.path(), "app", "1.0.0").unwrap_err();
        assert_eq!(
            (read(root.path(), "bundle.zip"), read(root.path(), "release.toml")),
            ("old".into(), "other".into())
        );
        fs::remove_file(version.join("bundle.zip")).unwrap();
        write(&both, root.path(), "app", "1.0.0").unwrap_err();
        assert!(!version.join("bundle.zip").exists(), "there was none");
        assert_eq!(left(root.path()), ["app"]);
    }
}
