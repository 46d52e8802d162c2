//! Packs the web app, and judges the zip as `check` will.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::call;
use super::progress::Progress;
use super::web_app::{LESS, WebApp, shown};
use crate::cli::failure::Failure;
use crate::release::platform::Platform;
use crate::repository::bundle::{Inspection, Limits, ZipRule, inspect, write::write};
use crate::repository::draft;
use crate::repository::problem::Problem;
use crate::repository::shell_word::quote;

/// The zip of a web app.
pub struct Packed {
    /// The zip itself.
    pub bytes: Vec<u8>,
    /// What was learned from it.
    pub inspection: Inspection,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// Packs the files. The zip is for these platforms.
///
/// # Errors
/// A file cannot be read.
pub fn pack(web_app: &WebApp, limits: &Limits, wanted: &[Platform]) -> Result<Packed, Failure> {
    let mut progress = Progress::of(web_app.size);
    let mut calls = false;
    let read = |name: &str, path: &PathBuf| {
        let content = fs::read(path).map_err(|error| in_file(path, &error))?;
        calls = calls || call::is_in(name, &content);
        Ok(content)
    };
    let bytes = write(&web_app.files, read, |count| progress.advance(count));
    let bytes = bytes.map_err(|error| Failure::environment(format!("cannot pack the web app: {error}")))?;
    drop(progress);
    let inspection = inspect(&bytes, limits);
    let place = |entry: Option<&str>| shown(&entry.map_or(web_app.folder.clone(), |entry| web_app.folder.join(entry)));
    let mut problems = draft::zip(&inspection, wanted, place);
    problems.iter_mut().for_each(|problem| in_terms_of_the_folder(problem, web_app));
    problems.extend((!calls).then(|| not_called(&web_app.folder)));
    Ok(Packed { bytes, inspection, problems })
}

fn in_file(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// The mend of a fault is in the folder that was packed, not in how a zip is made.
fn in_terms_of_the_folder(problem: &mut Problem, web_app: &WebApp) {
    let is = |rules: &[ZipRule]| rules.iter().any(|rule| rule.code() == problem.rule);
    if is(&[ZipRule::EmptyZip, ZipRule::IndexMissing, ZipRule::WrapperFolder]) {
        problem.help = name_the_folder(&web_app.files, &web_app.folder);
    } else if is(&[ZipRule::UnsafeName, ZipRule::LongName]) {
        problem.help = "rename it in the web app".to_owned();
    } else if is(&[ZipRule::DuplicateName, ZipRule::CaseClash, ZipRule::FileAndFolder]) {
        problem.help = "rename or leave out one of the two in the web app".to_owned();
    } else if is(&[ZipRule::ZipTooLarge, ZipRule::TooManyEntries, ZipRule::UnpacksTooLarge]) {
        problem.help = LESS.to_owned();
    } else if is(&[ZipRule::Zip64]) {
        problem.help = "leave out what devices do not need, until it is less than 4 GiB and 65,535 files".to_owned();
    }
}

fn name_the_folder(files: &BTreeMap<String, PathBuf>, folder: &Path) -> String {
    let below = files.keys().filter_map(|name| name.strip_suffix("/index.html")).min_by_key(|name| name.len());
    match below {
        Some(below) => {
            let folder = folder.join(below);
            format!("name the folder that holds it in the place of this one: `{}`", quote(&folder.to_string_lossy()))
        }
        None => "name the folder that holds `index.html`, after the web app was built into it".to_owned(),
    }
}

fn not_called(folder: &Path) -> Problem {
    let message = "nothing in the web app calls `notifyAppReady`, by which the plugin knows that a release runs: every device \
                   rolls back ten seconds after it starts this one, and downloads it again at its next check";
    let help = "call it where the app starts: `CapacitorUpdater.notifyAppReady()`, of `@capgo/capacitor-updater`";
    Problem::warning("notify-app-ready", message, help).in_file(shown(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(files: &[(&str, &str)]) -> Packed {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let limits = Limits::default();
        let web_app = WebApp::walk(folder.path(), &limits).ok().unwrap();
        pack(&web_app, &limits, &Platform::ALL).ok().unwrap()
    }

    fn rules(packed: &Packed) -> Vec<&str> {
        packed.problems.iter().map(|problem| problem.rule).collect()
    }

    #[test]
    fn a_web_app_without_the_call_is_warned_of() {
        assert_eq!(rules(&packed(&[("index.html", ""), ("assets/app.js", "x.notifyAppReady()")])), [""; 0]);
        assert_eq!(rules(&packed(&[("index.html", ""), ("a.map", "x.notifyAppReady()")])), ["notify-app-ready"]);
    }

    #[test]
    fn a_mend_is_in_terms_of_the_folder() {
        let call = "<script>x.notifyAppReady()</script>";
        let help = |files: &[(&str, &str)]| packed(files).problems.remove(0).help;
        assert!(help(&[("www/index.html", call), ("a.js", "")]).ends_with("/www`"));
        assert!(help(&[("app.html", call)]).starts_with("name the folder that holds `index.html`, after"));
        assert!(help(&[]).starts_with("name the folder that holds `index.html`, after"));
        let clash = packed(&[("index.html", call), ("A.js", ""), ("a.js", "")]);
        assert_eq!(
            (rules(&clash), &*clash.problems[0].help),
            (vec!["case-clash"], "rename or leave out one of the two in the web app")
        );
        assert_eq!(rules(&packed(&[("index.html", call), ("a\\b.js", "")])), ["unsafe-name"]);
        let drive = packed(&[("index.html", call), ("a:b.js", "")]);
        assert!(drive.problems[0].message.starts_with("the name begins like a drive of Windows"));
    }

    #[test]
    fn what_windows_cannot_hold_is_told_where_electron_gets_it() {
        let told = |wanted: &[Platform]| {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("index.html"), "<script>x.notifyAppReady()</script>").unwrap();
            fs::write(folder.path().join("aux.js"), "").unwrap();
            let web_app = WebApp::walk(folder.path(), &Limits::default()).ok().unwrap();
            let packed = pack(&web_app, &Limits::default(), wanted).ok().unwrap();
            packed.problems.iter().map(|problem| (problem.rule, problem.is_error())).collect::<Vec<_>>()
        };
        assert_eq!(told(&Platform::ALL), [("windows-name", false)]);
        assert_eq!(told(&[Platform::Ios, Platform::Android]), []);
    }

    #[test]
    fn a_fault_that_stops_one_platform_is_an_error_where_that_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("www")).unwrap();
        fs::write(folder.path().join("www/index.html"), "<script>x.notifyAppReady()</script>").unwrap();
        let limits = Limits::default();
        let web_app = WebApp::walk(folder.path(), &limits).ok().unwrap();
        let errors = |wanted: &[Platform]| {
            let packed = pack(&web_app, &limits, wanted).ok().unwrap();
            packed.problems.iter().filter(|problem| problem.is_error()).count()
        };
        assert_eq!((errors(&Platform::ALL), errors(&[Platform::Ios])), (1, 0));
    }
}
