//! Which commit of the line counts: for the settings as a whole, and for each app whose part of them is broken.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::descriptor::{AppPart, SettingsFile, read_settings};
use super::history::Step;
use super::id::ObjectId;
use super::line::Line;
use super::read_error::ReadError;
use super::reader::Objects;
use super::text;
use super::walk::SETTINGS;

/// A version of `releases.toml` with its text.
#[derive(Debug)]
pub struct Settings {
    /// Its blob.
    pub id: ObjectId,
    /// What it says. Empty where it is no text.
    pub text: Arc<str>,
    /// What it means.
    pub file: SettingsFile,
}

impl Settings {
    /// Whether it can be the one that counts: it is free of errors outside the apps' parts and names an app.
    pub fn counts(&self) -> bool {
        self.file.sound && !self.file.apps.is_empty()
    }

    /// The part of an app, where it is valid.
    pub fn valid(&self, app: &str) -> Option<&AppPart> {
        self.file.apps.get(app).filter(|part| part.policy.is_some())
    }
}

/// A commit of the line with the settings that count at it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The position of the commit on the line.
    pub at: u32,
    /// The settings in it.
    pub settings: Arc<Settings>,
}

/// Reads versions of `releases.toml`, each once as long as it is in use.
#[derive(Debug, Default)]
pub struct SettingsFiles {
    known: FxHashMap<ObjectId, Arc<Settings>>,
    used: FxHashMap<ObjectId, Arc<Settings>>,
}

impl SettingsFiles {
    /// The version with that blob.
    pub fn read(&mut self, objects: &Objects<'_>, id: ObjectId) -> Result<Arc<Settings>, ReadError> {
        let known = self.used.get(&id).or_else(|| self.known.get(&id)).cloned();
        let settings = match known {
            Some(settings) => settings,
            None => Arc::new(read(objects, id)?),
        };
        self.used.insert(id, Arc::clone(&settings));
        Ok(settings)
    }

    /// Forgets what was not read since the last call.
    pub fn forget_unused(&mut self) {
        self.known = std::mem::take(&mut self.used);
    }

    /// The newest commit up to that position whose settings count.
    pub fn newest(&mut self, objects: &Objects<'_>, line: &Line, upto: u32) -> Result<Option<Standing>, ReadError> {
        for (at, id) in spans(line.settings().upto(upto), upto) {
            let Some(id) = id else { continue };
            let settings = self.read(objects, id)?;
            if settings.counts() {
                return Ok(Some(Standing { at, settings }));
            }
        }
        Ok(None)
    }

    /// The newest commit up to that position where the app's part is valid, since the app was last absent.
    pub fn newest_of_app(
        &mut self,
        objects: &Objects<'_>,
        line: &Line,
        upto: &Standing,
        app: &str,
    ) -> Result<Option<Standing>, ReadError> {
        let mut standing = Some(upto.clone());
        while let Some(found) = standing {
            if found.settings.valid(app).is_some() {
                return Ok(Some(found));
            }
            let present = found.settings.file.apps.contains_key(app);
            standing = match line.settings().upto(found.at).last().filter(|step| present && step.at > 0) {
                Some(step) => self.newest(objects, line, step.at - 1)?,
                None => None,
            };
        }
        Ok(None)
    }
}

/// What the path held, newest first, each with the position of the last commit that had it so.
fn spans(steps: &[Step], last: u32) -> impl Iterator<Item = (u32, Option<ObjectId>)> {
    let ends = std::iter::once(last).chain(steps.iter().rev().map(|step| step.at.saturating_sub(1)));
    ends.zip(steps.iter().rev().map(|step| step.id))
}

fn read(objects: &Objects<'_>, id: ObjectId) -> Result<Settings, ReadError> {
    Ok(match text::read(objects, id, SETTINGS)? {
        Ok(text) => Settings { id, file: read_settings(SETTINGS, &text), text },
        Err(problem) => {
            let file = SettingsFile { sound: false, apps: Default::default(), problems: vec![problem] };
            Settings { id, file, text: "".into() }
        }
    })
}
