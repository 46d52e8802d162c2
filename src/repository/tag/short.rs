//! The apps that short tags mean.

use rustc_hash::FxHashMap;

use super::name::TagName;
use super::resolve::{Reading, Tags};
use crate::release::tags::Says;
use crate::repository::id::CommitId;
use crate::repository::line::Line;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;
use crate::repository::standing::SettingsFiles;

/// The apps that short tags mean, for who reads no line.
#[derive(Debug, Default)]
pub struct ShortTags {
    tags: Tags,
    files: SettingsFiles,
}

impl ShortTags {
    /// The app that a tag at a commit, or at none, means for ever; `None` where nobody can tell, or what tells is gone. `only`
    /// is the app of the table, where there is one only.
    pub fn app(
        &mut self,
        objects: &Objects<'_>,
        tag: &str,
        commit: Option<CommitId>,
        only: Option<&str>,
    ) -> Result<Option<String>, ReadError> {
        let Some(TagName { app, says: Ok(says), .. }) = TagName::parse(tag) else { return Ok(None) };
        if let Some(app) = app {
            return Ok(Some(app.to_owned()));
        }
        let Some(commit) = commit else {
            // a halt holds whatever it points at
            return Ok(only.filter(|_| says == Says::Halt).map(str::to_owned));
        };
        let reading = Reading { objects, line: &Line::default(), positions: FxHashMap::default() };
        match self.tags.meant(&reading, &mut self.files, commit, says, only) {
            Ok(app) => Ok(app.ok().map(String::from)),
            Err(ReadError::Missing(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
