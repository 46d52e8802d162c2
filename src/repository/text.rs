//! Text files of the repository.

use std::sync::Arc;

use super::id::ObjectId;
use super::problem::Problem;
use super::read_error::ReadError;
use super::reader::Objects;

/// Bytes that a text file may have: far beyond what people write, and little enough to parse.
const LONGEST: u64 = 1 << 20;

/// Reads a text file. What is no text is a problem of the file at `path`.
pub fn read(objects: &Objects<'_>, id: ObjectId, path: &str) -> Result<Result<Arc<str>, Problem>, ReadError> {
    let size = objects.size(id)?;
    if size > LONGEST {
        let message =
            format!("the file has {size} bytes, more than the {LONGEST} that are read, so nothing of it counts");
        return Ok(Err(Problem::error("file-too-large", message, "shorten it").in_file(path)));
    }
    let object = objects.read(id)?;
    Ok(match std::str::from_utf8(object.bytes()) {
        Ok(text) => Ok(text.into()),
        Err(error) => Err(not_utf8(object.bytes(), error.valid_up_to()).in_file(path)),
    })
}

fn not_utf8(bytes: &[u8], at: usize) -> Problem {
    let before = String::from_utf8_lossy(bytes.get(..at).unwrap_or_default());
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
    let message = format!("the file is not UTF-8 from line {line} on, so nothing of it counts");
    let mut problem = Problem::error("not-utf8", message, "save it as UTF-8, without a byte order mark");
    problem.line = u32::try_from(line).ok();
    problem.column = u32::try_from(column).ok();
    problem
}
