//! `releases.toml`, app by app.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable};

use super::app::read_app;
use super::app_part::AppPart;
use super::faults::Faults;
use super::fields::{Fields, Value};
use super::place::SETTINGS;
use super::unquoted;
use crate::repository::problem::Problem;

/// `releases.toml`, after reading.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    /// Free of errors outside the apps' parts: syntax, unknown keys at the top.
    pub sound: bool,
    /// Each app that is named, valid or not. Empty: the file counts as not there, which is a warning of its own.
    pub apps: BTreeMap<Box<str>, AppPart>,
    /// Problems outside the apps' parts.
    pub problems: Vec<Problem>,
}

impl SettingsFile {
    /// Everything that is wrong with the file, within the apps' parts too.
    pub fn all_problems(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().chain(self.apps.values().flat_map(|part| &part.problems))
    }
}

/// Reads the settings of all apps. `file` is the path in the repository, which every problem gets.
pub fn read_settings(file: &str, text: &Arc<str>) -> SettingsFile {
    let mut faults = Faults::new(file, text);
    let document = faults.parse();
    let apps = document.as_ref().map(|table| read_apps(table.get_ref(), &mut faults)).unwrap_or_default();
    let sound = !faults.broken();
    if sound && apps.is_empty() {
        let help = "name an app: `[apps.\"com.example.app\"]`";
        faults.add(Problem::warning("no-app", "the file names no app, so it counts as not there", help));
    }
    SettingsFile { sound, apps, problems: faults.into_problems() }
}

fn read_apps<'d>(top: &'d DeTable<'d>, faults: &mut Faults<'_>) -> BTreeMap<Box<str>, AppPart> {
    let mut apps = BTreeMap::new();
    let table = Fields::open(top, &SETTINGS, faults).get("apps").and_then(|field| field.table(faults));
    for (key, value) in table.into_iter().flatten() {
        for (id, part) in read_entry(key, value, faults) {
            merge(&mut apps, id, part);
        }
    }
    apps
}

fn read_entry<'d>(key: &Spanned<DeString<'d>>, value: &'d Value<'d>, faults: &Faults<'_>) -> Vec<(Box<str>, AppPart)> {
    let meant = unquoted::find(key, value, faults.text());
    if meant.is_empty() {
        let id = key.get_ref();
        return vec![(id.as_ref().into(), read_app(id, key.span(), value, faults.of_app(id)))];
    }
    let read = |app: unquoted::Unquoted<'d>| {
        let mut faults = faults.of_app(&app.id);
        app.note(&mut faults);
        let part = read_app(&app.id, app.place, app.part, faults);
        (app.id.into(), part)
    };
    meant.into_iter().map(read).collect()
}

/// An app may stand there twice: with quotes and without. Then both are said, and the part is broken.
fn merge(apps: &mut BTreeMap<Box<str>, AppPart>, id: Box<str>, part: AppPart) {
    match apps.entry(id) {
        Entry::Vacant(slot) => {
            slot.insert(part);
        }
        Entry::Occupied(mut slot) => {
            let there = slot.get_mut();
            there.policy = None;
            there.problems.extend(part.problems);
            there.problems.sort_by_key(|problem| (problem.line, problem.column));
        }
    }
}
