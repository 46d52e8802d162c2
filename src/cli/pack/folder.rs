//! What lies in the folder of the release already: on the disk, or in git alone where a sparse checkout leaves it out.

use std::fs;
use std::io;
use std::path::Path;

use super::target::Target;
use crate::cli::failure::Failure;
use crate::repository::bundle::{Inspection, Limits};
use crate::repository::draft::{Lying, Slot};
use crate::repository::id::ObjectId;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Reader;
use crate::repository::shell_word::quote;

/// What is found under a name.
pub enum Lies {
    /// Nothing.
    Nothing,
    /// No regular file. Whoever read it might wait for ever, and no release is made of it.
    NoFile,
    /// A file with these bytes.
    OnDisk(Vec<u8>),
    /// Nothing on the disk, and a file of that name in git.
    InGit(ObjectId),
}

impl Lies {
    /// Looks for a file, by its path from the root of the work tree.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn at(reader: &Reader, path: &str) -> Result<Lies, Failure> {
        let file = reader.work_tree()?.join(path);
        match fs::symlink_metadata(&file) {
            Ok(found) if found.is_file() => {
                Ok(Lies::OnDisk(fs::read(&file).map_err(|error| unreadable(&file, &error))?))
            }
            Ok(_) => Ok(Lies::NoFile),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(reader.held(path)?.newest().map_or(Lies::Nothing, Lies::InGit))
            }
            Err(error) => Err(unreadable(&file, &error)),
        }
    }
}

/// The text of a file; `None` where there is none.
///
/// # Errors
/// It cannot be read, or is no text.
pub fn text(reader: &Reader, path: &str) -> Result<Option<String>, Failure> {
    let bytes = match Lies::at(reader, path)? {
        Lies::Nothing => return Ok(None),
        Lies::NoFile => return Err(no_file(reader, path)),
        Lies::OnDisk(bytes) => bytes,
        Lies::InGit(id) => stored(reader, path, id)?,
    };
    let text = String::from_utf8(bytes);
    text.map(Some).map_err(|_| Failure::environment(format!("{path} is not UTF-8")).hint("save it as UTF-8"))
}

/// The bytes that git holds.
///
/// # Errors
/// They are not here: a partial clone left them out.
pub fn stored(reader: &Reader, path: &str, id: ObjectId) -> Result<Vec<u8>, Failure> {
    let read = reader.objects().and_then(|objects| Ok(objects.read(id)?.bytes().to_vec()));
    read.map_err(|error| match error {
        ReadError::Missing(_) => Failure::environment(format!("{path} is in git, and this clone left its text out"))
            .hint(format!("`git cat-file -p {id}` fetches it from where the clone came from, and shows it")),
        error => error.into(),
    })
}

/// Every bundle file of the release as it will be. `ours` is the one that was packed.
///
/// # Errors
/// One that is there cannot be read.
pub fn bundles(target: &Target, ours: (Slot, &Inspection), limits: &Limits) -> Result<Vec<(Slot, Lying)>, Failure> {
    let mut found = vec![(ours.0, Lying::Zip(ours.1.clone()))];
    for slot in Slot::ALL.into_iter().filter(|slot| *slot != ours.0) {
        let path = format!("{}/{}", target.path(), slot.file_name());
        let lying = match Lies::at(&target.reader, &path)? {
            Lies::Nothing => continue,
            Lies::NoFile => Lying::NoFile,
            Lies::OnDisk(bytes) => Lying::of(&bytes, limits),
            Lies::InGit(id) => match target.reader.objects()?.read(id) {
                Ok(object) => Lying::of(object.bytes(), limits),
                Err(ReadError::Missing(_)) => Lying::Elsewhere,
                Err(error) => return Err(error.into()),
            },
        };
        found.push((slot, lying));
    }
    Ok(found)
}

/// Something else than a file under the name of one.
pub fn no_file(reader: &Reader, path: &str) -> Failure {
    let shown = reader.work_tree().map(|root| root.join(path)).unwrap_or_default();
    Failure::environment(format!("{path} is there, and is no regular file"))
        .hint(format!("move it elsewhere: `mv {} /tmp/`", quote(&shown.to_string_lossy())))
}

/// Nobody follows a link in the repository, so what lies behind it would not be released.
///
/// # Errors
/// The folder of the app, or that of the version, is something else.
pub fn refuse_links(target: &Target) -> Result<(), Failure> {
    for folder in [target.root.join(&target.app), target.directory()] {
        if fs::symlink_metadata(&folder).is_ok_and(|found| !found.is_dir()) {
            return Err(Failure::environment(format!("{} is there, and is no folder", folder.display()))
                .hint("move it elsewhere: a release is a folder with files, and links are not followed"));
        }
    }
    Ok(())
}

/// A web app is never where releases are kept.
///
/// # Errors
/// The folder that is to be packed is the work tree or the place of the release, or holds one of them.
pub fn refuse_around(packed: &Path, target: &Target) -> Result<(), Failure> {
    let real = |path: &Path| path.canonicalize().ok();
    let (Some(inner), Some(root)) = (real(packed), real(&target.root)) else { return Ok(()) };
    let place = root.join(&target.app).join(&target.version);
    let place = real(&place).unwrap_or(place);
    if !place.starts_with(&inner) {
        return Ok(());
    }
    let what = if root.starts_with(&inner) { "the work tree of the releases" } else { "the place of the release" };
    let is = if inner == root || inner == place { "is" } else { "holds" };
    Err(Failure::usage(format!("{} {is} {what}, and no web app", packed.display()))
        .hint("name the folder that the build of the web app makes: `dist`, `www` or `build`, mostly"))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::environment(format!("cannot read {}: {error}", path.display()))
}
