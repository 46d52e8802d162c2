//! What git would do with a release that is made: leave a file out, change its bytes, or push it without what it needs.

use std::sync::Arc;

use super::found::{self, Lies};
use super::place::Plan;
use super::target::Target;
use crate::cli::failure::Failure;
use crate::repository::descriptor::read_settings;
use crate::repository::draft::SETTINGS;
use crate::repository::problem::Problem;
use crate::repository::reader::Converts;

/// What git needs to be told beside the folder of the release, and what people do.
#[derive(Debug, Default)]
pub struct Advice {
    /// Whether git would leave a file out.
    pub is_ignored: bool,
    /// Whether the app's part of the settings is not staged.
    pub needs_settings: bool,
    /// In words.
    pub problems: Vec<Problem>,
}

impl Advice {
    /// Asks git.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn on(target: &Target, plan: &Plan<'_>) -> Result<Advice, Failure> {
        let ignored = ignored(target, plan)?;
        let settings = unstaged_settings(target)?;
        let (is_ignored, needs_settings) = (ignored.is_some(), settings.is_some());
        let mut problems: Vec<Problem> = ignored.into_iter().chain(settings).collect();
        problems.extend(converted(target, plan));
        problems.extend(shallow(target)?);
        Ok(Advice { is_ignored, needs_settings, problems })
    }
}

/// A file that `git add` would leave out.
fn ignored(target: &Target, plan: &Plan<'_>) -> Result<Option<Problem>, Failure> {
    for file in plan.files() {
        if target.reader.held(&file)?.newest().is_none() && target.reader.ignores(&file)? {
            let message = "git is told to ignore this file, so `git add` leaves it out of the release";
            let help = format!(
                "add it by `git add -f {}`; `git check-ignore -v {file}` names the rule, for the next time",
                target.path()
            );
            return Ok(Some(Problem::warning("ignored-bundle", message, help).in_file(file)));
        }
    }
    Ok(None)
}

/// The app's part of the settings as it lies there, where git holds another one.
fn unstaged_settings(target: &Target) -> Result<Option<Problem>, Failure> {
    let Some(policy) = target.policy() else { return Ok(None) };
    let Lies::OnDisk(_) = Lies::at(&target.reader, SETTINGS)? else { return Ok(None) };
    let held = target.reader.held(SETTINGS)?.newest();
    let text = held.map(|id| found::stored(&target.reader, SETTINGS, id)).transpose()?.unwrap_or_default();
    let held = read_settings(SETTINGS, &Arc::from(String::from_utf8_lossy(&text)));
    let held = held.apps.get(&*target.app).filter(|_| held.sound).and_then(|part| part.policy.clone());
    if held.as_ref() == Some(policy) {
        return Ok(None);
    }
    let app = &target.app;
    let message = match held {
        Some(_) => format!("what it says of {app} is not staged, so that the release would be pushed without it"),
        None => format!("it names {app}, and is not staged: nobody gets a release of an app that is not named"),
    };
    let help = format!("commit it with the release, or before: `git add {SETTINGS}`");
    Ok(Some(Problem::warning("settings-not-staged", message, help).in_file(SETTINGS).of_app(&**app)))
}

/// What git is told to make of the zip on its way into the repository.
fn converted(target: &Target, plan: &Plan<'_>) -> Option<Problem> {
    let file = plan.bundle();
    let (message, mend) = match target.reader.converts(&file)? {
        Converts::ByFilter(filter) => (
            format!(
                "git passes this file through the filter `{filter}`, so that something else than the zip is committed"
            ),
            "-filter",
        ),
        Converts::AsText => {
            ("git takes this file for text and changes line ends in it, which damages a zip".to_owned(), "-text")
        }
    };
    let help = format!(
        "add the line `{}/**/*.zip {mend}` at the end of .gitattributes; `git check-attr -a {file}` shows what holds now",
        target.app
    );
    Some(Problem::warning("converted-bundle", message, help).in_file(file))
}

fn shallow(target: &Target) -> Result<Option<Problem>, Failure> {
    let message =
        "this clone is shallow: whether the version had other bytes in a commit that it left out is not known";
    let help = "fetch the rest: `git fetch --unshallow`";
    Ok(target.reader.shallow()?.map(|_| Problem::warning("shallow-repository", message, help)))
}
