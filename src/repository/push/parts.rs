//! The apps' parts of `releases.toml` before and after a push.

use crate::repository::id::ObjectId;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;
use crate::repository::text;
use crate::repository::tree;
use crate::repository::walk::SETTINGS;

/// What the file said before and says after; `None` where it is not there or is no TOML.
#[derive(Debug, Default)]
pub struct Parts {
    before: Option<toml::Table>,
    after: Option<toml::Table>,
}

impl Parts {
    /// Those of two root trees.
    pub fn of(objects: &Objects<'_>, [before, after]: [ObjectId; 2]) -> Result<Parts, ReadError> {
        Ok(Parts { before: settings(objects, before)?, after: settings(objects, after)? })
    }

    /// Takes another tree for the one before, where that has no parts.
    pub fn stand_in(&mut self, objects: &Objects<'_>, before: ObjectId) -> Result<(), ReadError> {
        if self.before.is_none() {
            self.before = settings(objects, before)?;
        }
        Ok(())
    }

    /// Whether an app's part means something else. What is no TOML has no parts that could be equal.
    pub fn differ(&self, app: &str) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => part(before, app) != part(after, app),
            _ => true,
        }
    }
}

/// What stands under an app's id, and where it stands if somebody forgot the quotes.
fn part<'t>(settings: &'t toml::Table, app: &str) -> [Option<&'t toml::Value>; 2] {
    let apps = settings.get("apps");
    let unquoted = app.split('.').try_fold(apps, |table, word| Some(table?.as_table()?.get(word)));
    [apps.and_then(|apps| apps.get(app)), unquoted.flatten()]
}

fn settings(objects: &Objects<'_>, root: ObjectId) -> Result<Option<toml::Table>, ReadError> {
    let stored = objects.read(root)?;
    let file = tree::entries(stored.bytes()).find(|entry| entry.name == SETTINGS.as_bytes());
    let Some(blob) = file.and_then(|entry| entry.file()) else { return Ok(None) };
    Ok(text::read(objects, blob, SETTINGS)?.ok().and_then(|text| text.parse().ok()))
}
