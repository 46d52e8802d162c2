//! Where the branch that is read is not there, and another one is meant.

use super::failure::Failure;
use crate::repository::reader::Reader;
use crate::repository::shell_word::quote;

/// What to do about it, where the repository tells which one is meant.
pub fn instead(reader: &Reader, branch: &str) -> Option<String> {
    let meant = reader.branch_instead(branch)?;
    Some(format!("`{meant}` is the branch of this repository: read it with `--branch {}`", quote(&meant)))
}

/// The branch is not there.
pub fn absent(reader: &Reader, branch: &str) -> Failure {
    let help = instead(reader, branch).unwrap_or_else(|| "push a commit to it, or name another with `--branch`".into());
    Failure::environment(format!("there is no branch `{branch}`, so the repository offers nothing yet")).hint(help)
}
