//! Where a release goes: the work tree, the app, the version.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use semver::Version;

use super::found;
use crate::cli::failure::Failure;
use crate::release::policy::AppPolicy;
use crate::repository::descriptor::{SettingsFile, nearest, read_settings};
use crate::repository::draft::SETTINGS;
use crate::repository::earlier;
use crate::repository::names;
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Reader;

/// The place of a release that is not there yet.
pub struct Target {
    /// The repository.
    pub reader: Reader,
    /// The root of its work tree.
    pub root: PathBuf,
    /// The app's id.
    pub app: String,
    /// The version.
    pub version: String,
    /// What `releases.toml` says there; `None` where it is not there.
    settings: Option<SettingsFile>,
}

impl Target {
    /// Finds it.
    ///
    /// # Errors
    /// There is no work tree, the app cannot be told, or the version can be none.
    pub fn find(into: Option<&Path>, app: Option<&str>, version: &str) -> Result<Target, Failure> {
        check_version(version)?;
        let reader = Reader::to_work_in(into).map_err(|error| no_repository(error.into(), into))?;
        let root = reader.work_tree()?.to_owned();
        let settings = read(&reader)?;
        let app = app.map_or_else(|| only_app(settings.as_ref()), |app| checked_app(app).map(str::to_owned))?;
        let target = Target { reader, root, app, version: version.to_owned(), settings };
        target.refuse_links()?;
        target.refuse_twins()?;
        Ok(target)
    }

    /// The path of its directory from the root of the work tree.
    pub fn path(&self) -> String {
        format!("{}/{}", self.app, self.version)
    }

    /// Its directory.
    pub fn directory(&self) -> PathBuf {
        self.root.join(&self.app).join(&self.version)
    }

    /// The app's part of `releases.toml`, where that is valid.
    pub fn policy(&self) -> Option<&AppPolicy> {
        let settings = self.settings.as_ref().filter(|settings| settings.sound)?;
        settings.apps.get(&*self.app)?.policy.as_ref()
    }

    /// Whether the app has or had a version: in the work tree, in the index, or in a commit before.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn ever_had(&self, version: &str) -> Result<bool, ReadError> {
        let is_here = self.root.join(&self.app).join(version).exists();
        Ok(is_here
            || self.reader.held_names(&self.app)?.contains(version)
            || earlier::ever_had(&self.reader, &self.app, version)?)
    }

    /// What is worth a look.
    pub fn problem(&self) -> Option<Problem> {
        let Some(settings) = &self.settings else { return Some(unnamed(&self.app, [])) };
        if self.policy().is_some() {
            return None;
        }
        if settings.sound && !settings.apps.contains_key(&*self.app) {
            return Some(unnamed(&self.app, settings.apps.keys().map(|id| &**id)));
        }
        let message =
            format!("{SETTINGS} has errors, so the release is not compared with what it says of {}", self.app);
        let help = "`pushlive check --staged` tells them, once the file is staged";
        Some(Problem::warning("settings-broken", message, help).in_file(SETTINGS).of_app(&*self.app))
    }

    /// Nobody follows a link in the repository, so what lies behind it would not be released.
    fn refuse_links(&self) -> Result<(), Failure> {
        for folder in [self.root.join(&self.app), self.directory()] {
            if fs::symlink_metadata(&folder).is_ok_and(|found| !found.is_dir()) {
                return Err(Failure::environment(format!("{} is there, and is no folder", folder.display()))
                    .hint("move it elsewhere: a release is a folder with files, and links are not followed"));
            }
        }
        Ok(())
    }

    /// Devices see no difference between versions that differ in build metadata only, and `check` refuses the later one.
    fn refuse_twins(&self) -> Result<(), Failure> {
        let base = |name: &str| name.split('+').next().unwrap_or_default().to_owned();
        let names = fs::read_dir(self.root.join(&self.app)).into_iter().flatten().flatten();
        let names = names.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names = names.chain(self.reader.held_names(&self.app)?);
        let is_twin = |name: &String| {
            *name != self.version && base(name) == base(&self.version) && names::version(name).is_some()
        };
        match names.find(is_twin) {
            Some(twin) => Err(Failure::usage(format!(
                "{} and {twin}, which is there, are one version to devices, which ignore build metadata",
                self.version
            ))
            .hint("give it a version that differs in more than what follows the `+`")),
            None => Ok(()),
        }
    }
}

fn unnamed<'n>(app: &str, named: impl IntoIterator<Item = &'n str>) -> Problem {
    let meant = nearest(app, named).map(|near| format!("did you mean `--app {near}`? Else ")).unwrap_or_default();
    let message = format!("{SETTINGS} does not name {app}, so nothing of it is served");
    let help = format!("{meant}add the line `[apps.\"{app}\"]` to it, and commit that before the release");
    Problem::warning("unnamed-app", message, help).in_file(SETTINGS).of_app(app)
}

fn no_repository(failure: Failure, into: Option<&Path>) -> Failure {
    match into {
        Some(_) => failure,
        None => failure.hint("or say where a clone of the release repository is: `--into <dir>`"),
    }
}

fn read(reader: &Reader) -> Result<Option<SettingsFile>, Failure> {
    let text = found::text(reader, SETTINGS)?;
    Ok(text.map(|text| read_settings(SETTINGS, &Arc::from(text))))
}

fn only_app(settings: Option<&SettingsFile>) -> Result<String, Failure> {
    let ids: Vec<&str> = settings.iter().flat_map(|settings| settings.apps.keys().map(|id| &**id)).collect();
    match ids[..] {
        [only] if names::is_app_id(only) => Ok(only.to_owned()),
        [first, _, ..] => Err(Failure::usage(format!("{SETTINGS} names more than one app: {}", ids.join(", ")))
            .hint(format!("say which one this is: `--app {first}`"))),
        _ if settings.is_some_and(|settings| !settings.sound) => {
            Err(Failure::usage(format!("{SETTINGS} has errors, so it does not say which app this is"))
                .hint("mend it, or say the app: `--app com.example.app`"))
        }
        _ => Err(Failure::usage(format!("{SETTINGS} names no app yet, so it does not say which one this is"))
            .hint("say it by the id that is in capacitor.config: `--app com.example.app`")),
    }
}

fn checked_app(app: &str) -> Result<&str, Failure> {
    if names::is_app_id(app) {
        return Ok(app);
    }
    Err(Failure::usage(format!("`{app}` cannot be an app's id"))
        .hint("an id has ASCII letters, digits, `.`, `_` and `-`, like `com.example.app`"))
}

fn check_version(version: &str) -> Result<(), Failure> {
    if names::version(version).is_some() {
        return Ok(());
    }
    let why = match Version::parse(version) {
        Ok(_) => "no tag may end with `.lock`".to_owned(),
        Err(error) => error.to_string(),
    };
    let bare = version.trim().trim_start_matches(['v', 'V', '=']);
    let guesses = [bare.to_owned(), format!("{bare}.0"), format!("{bare}.0.0")];
    let meant = guesses.iter().find(|guess| names::version(guess).is_some());
    let hint = match meant.filter(|_| Version::parse(version).is_err()) {
        Some(guess) => format!("write `--version {guess}`"),
        None if version.ends_with(".lock") => "let it end otherwise: tags name it".to_owned(),
        None => "write all three numbers and nothing before them, like 1.4.2 or 1.5.0-rc.1".to_owned(),
    };
    Err(Failure::usage(format!("`{version}` is not a version: {why}")).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_that_is_none_is_told_what_was_meant() {
        let told = |version: &str| check_version(version).err().map(|failure| failure.to_string()).unwrap_or_default();
        assert_eq!(told("1.4.2-rc.1+7"), "");
        assert!(told("v1.4.2").ends_with("help: write `--version 1.4.2`\n"));
        assert!(told("1.4").ends_with("help: write `--version 1.4.0`\n"));
        assert!(
            told("1.4.2-a.lock").ends_with("no tag may end with `.lock`\nhelp: let it end otherwise: tags name it\n")
        );
        assert!(told("next").ends_with("like 1.4.2 or 1.5.0-rc.1\n"));
    }

    #[test]
    fn the_only_app_need_not_be_named() {
        let app =
            |text: &str| only_app(Some(&read_settings(SETTINGS, &text.into()))).map_err(|failure| failure.to_string());
        assert_eq!(app("[apps.\"a.b\"]"), Ok("a.b".to_owned()));
        assert!(
            app("[apps.\"a.b\"]\n[apps.c]")
                .unwrap_err()
                .ends_with("more than one app: a.b, c\nhelp: say which one this is: `--app a.b`\n")
        );
        assert!(app("# nothing yet").unwrap_err().contains("names no app yet"));
        assert!(app("[apps").unwrap_err().contains("has errors"));
        assert!(only_app(None).is_err());
    }
}
