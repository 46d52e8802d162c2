//! What the store asks of the file system, with the path in every error.

use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

/// Only the daemon's own user may enter.
const FOLDER_MODE: u32 = 0o700;
/// Written once: nobody changes it afterwards.
const FILE_MODE: u32 = 0o444;

/// Makes a folder and those above it; one that is there already is success.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path);
    made.map_err(|e| explain("make the folder", path, &e))
}

/// Makes the folders from `root` down to a path. `root` itself must be there: where the whole store was moved away,
/// nothing may grow in its old place and keep it from being moved back.
pub(super) fn make_folders_below(root: &Path, path: &Path) -> io::Result<()> {
    let mut folder = root.to_owned();
    for part in path.strip_prefix(root).into_iter().flat_map(Path::components) {
        folder.push(part);
        match DirBuilder::new().mode(FOLDER_MODE).create(&folder) {
            Err(e) if e.kind() != io::ErrorKind::AlreadyExists => return Err(explain("make the folder", &folder, &e)),
            _ => {}
        }
    }
    Ok(())
}

/// Removes a folder with all that is in it; one that is not there is success.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => Err(explain("clear the folder", path, &e)),
        _ => Ok(()),
    }
}

/// Makes the names in a folder durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(|e| explain("sync the folder", path, &e))
}

/// Writes to a new file in `temporary`, then gives it its name. Where anything fails the new file is removed.
pub(super) fn write(temporary: &Path, path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
    write_new(temporary, path, bytes, durable).map_err(|e| explain("write", path, &e))
}

fn write_new(temporary: &Path, path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(temporary).map_err(nameless)?;
    // by the plain file, whose errors do not name it either
    file.as_file_mut().write_all(bytes)?;
    file.as_file().set_permissions(Permissions::from_mode(FILE_MODE))?;
    if durable {
        file.as_file().sync_all()?;
    }
    // It may take the place of a file: of the same bytes (two writers at once), or of one that is not to be believed.
    // A rename leaves whoever has mapped that one its bytes.
    file.persist(path)?;
    Ok(())
}

/// Without the random name: a failure that lasts is told by its text from a new one.
fn nameless(error: io::Error) -> io::Error {
    match error.get_ref().and_then(|with_path| with_path.source()) {
        Some(plain) => io::Error::new(error.kind(), plain.to_string()),
        None => error,
    }
}

/// Adds to an error of the system what was being done, and where.
pub(super) fn explain(doing: &str, path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("cannot {doing} {}: {error}", path.display()))
}

/// An error that is not the system's: the file is not to be written, and why.
pub(super) fn refused(path: &Path, why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("cannot write {}: {why}", path.display()))
}

/// Opens a file to read, and nothing else: a pipe in its place would be waited for.
pub fn open_regular(path: &Path) -> io::Result<File> {
    let found = fs::metadata(path)?;
    if found.is_file() { File::open(path) } else { Err(io::Error::other("it is no regular file")) }
}
