//! Why nobody knows an app: its part of the settings never was valid, or a commit took it out.

use rustc_hash::FxHashMap;

use super::id::{CommitId, ObjectId};
use super::line::Line;
use super::problem::Problem;
use super::read_error::ReadError;
use super::reader::Objects;
use super::standing::SettingsFiles;
use super::text;
use super::walk::SETTINGS;

/// Why an app is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unserved {
    /// Its part of `releases.toml` never was valid since it came: what is wrong with it now.
    NeverValid(Problem),
    /// That commit took it out of `releases.toml`.
    Removed(CommitId),
}

/// What tells why apps are not served.
#[derive(Debug, Default)]
pub struct Reasons {
    never_valid: FxHashMap<Box<str>, Problem>,
    /// Each version of `releases.toml`, the oldest first, with the commit that brought it.
    versions: Vec<(CommitId, Option<ObjectId>)>,
}

impl Reasons {
    /// Of a line. `never_valid` are the apps whose part never was valid, each with what is wrong with it.
    pub(super) fn new(line: &Line, never_valid: impl IntoIterator<Item = (Box<str>, Problem)>) -> Reasons {
        let steps = line.settings().steps().iter();
        let versions = steps.filter_map(|step| Some((line.commit(step.at)?, step.id))).collect();
        Reasons { never_valid: never_valid.into_iter().collect(), versions }
    }

    /// Why an app that is not served is not; `None`: it never was there.
    pub(super) fn of(&self, objects: &Objects<'_>, app: &str) -> Result<Option<Unserved>, ReadError> {
        match self.never_valid.get(app) {
            Some(fault) => Ok(Some(Unserved::NeverValid(fault.clone()))),
            None => Ok(self.removed(objects, app)?.map(Unserved::Removed)),
        }
    }

    /// The commit with the oldest settings that count and leave it out, after the newest that named it.
    fn removed(&self, objects: &Objects<'_>, app: &str) -> Result<Option<CommitId>, ReadError> {
        let mut files = SettingsFiles::default();
        let mut found = None;
        for (at, (_, id)) in self.versions.iter().enumerate().rev() {
            let Some(id) = *id else { continue };
            // to parse each version that there ever was takes long
            let may_name = text::read(objects, id, SETTINGS)?.is_ok_and(|text| text.contains(app));
            if may_name && files.read(objects, id)?.file.apps.contains_key(app) {
                found = Some(at);
                break;
            }
        }
        let Some(named) = found else { return Ok(None) };
        for (commit, id) in self.versions.iter().skip(named + 1) {
            let Some(id) = *id else { continue };
            if files.read(objects, id)?.counts() {
                return Ok(Some(*commit));
            }
        }
        Ok(None)
    }
}
