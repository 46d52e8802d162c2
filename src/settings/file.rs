//! `pushlive.toml`: read whole, with the places of what is in it.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::de::{DeTable, Deserializer};

use super::Fault;
use super::raw::Raw;

/// The name of the settings file in the git directory.
pub const FILE_NAME: &str = "pushlive.toml";

/// A settings file that was read.
pub(super) struct SettingsFile {
    path: PathBuf,
    text: String,
}

impl SettingsFile {
    /// The file that was asked for, which must be there, or the one in the git directory if there is one.
    pub(super) fn find(asked: Option<&Path>, git_dir: &Path) -> Result<Option<Self>, Fault> {
        let path = asked.map_or_else(|| git_dir.join(FILE_NAME), Path::to_path_buf);
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(SettingsFile { path, text })),
            Err(error) if asked.is_none() && is_absent(&error) => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    /// What it says, or every key that is unknown, or the first thing that cannot be read.
    pub(super) fn parse(&self) -> Result<Raw, Vec<Fault>> {
        let document = DeTable::parse(&self.text).map_err(|error| vec![self.syntax(&error)])?;
        let unknown = self.unknown_keys(document.get_ref());
        let raw = Raw::deserialize(Deserializer::from(document)).map_err(|error| vec![self.syntax(&error)]);
        if unknown.is_empty() { raw } else { Err(unknown) }
    }

    fn unknown_keys(&self, table: &DeTable<'_>) -> Vec<Fault> {
        let known = Raw::names();
        let mut unknown: Vec<_> = table.keys().filter(|key| !known.iter().any(|name| name == key.get_ref())).collect();
        unknown.sort_by_key(|key| key.span().start);
        unknown.into_iter().map(|key| self.unknown_key(key.get_ref(), key.span(), &known)).collect()
    }

    fn unknown_key(&self, key: &str, span: Range<usize>, known: &[String]) -> Fault {
        let help = match nearest(key, known) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("the settings are {}", known.join(", ")),
        };
        Fault::new(format!("{}: there is no setting `{key}`", self.place(&span)), help)
    }

    fn syntax(&self, error: &toml::de::Error) -> Fault {
        let place = self.place(&error.span().unwrap_or_default());
        Fault::new(format!("{place}: {}", error.message()), "write one `name = \"value\"` a line".to_owned())
    }

    /// `path:line:column` of the first of those bytes; both count from 1, columns in characters.
    pub(super) fn place(&self, span: &Range<usize>) -> String {
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("{}:{line}:{column}", self.path.display())
    }

    /// The folder that the paths in it are relative to.
    pub(super) fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}

/// Where there is no git directory, but a file, somebody else has more to say about it.
fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn unreadable(path: &Path, error: &io::Error) -> Fault {
    Fault::new(
        format!("cannot read the settings file {}: {error}", path.display()),
        format!(
            "give a readable file to `--config` or PUSHLIVE_CONFIG; without either, {FILE_NAME} in the git directory is read if it is there"
        ),
    )
}

/// The known name that a misspelt one most likely means.
fn nearest<'a>(key: &str, known: &'a [String]) -> Option<&'a String> {
    let key = key.to_lowercase().replace('-', "_");
    let distances = known.iter().map(|name| (strsim::damerau_levenshtein(&key, name), name));
    distances.filter(|(distance, name)| *distance <= 3.min(name.len() / 3)).min().map(|(_, name)| name)
}
