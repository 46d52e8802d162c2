//! What is found under a name in the work tree: on the disk, or in git alone where a sparse checkout leaves it out.

use std::fs;
use std::io;
use std::path::Path;

use crate::cli::failure::Failure;
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

/// Something else than a file under the name of one.
pub fn no_file(reader: &Reader, path: &str) -> Failure {
    let shown = reader.work_tree().map(|root| root.join(path)).unwrap_or_default();
    Failure::environment(format!("{path} is there, and is no regular file"))
        .hint(format!("move it elsewhere: `mv {} /tmp/`", quote(&shown.to_string_lossy())))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::environment(format!("cannot read {}: {error}", path.display()))
}
