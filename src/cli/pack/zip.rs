//! Packs the web app, and judges the zip as `check` will.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::progress::Progress;
use super::web_app::{WebApp, shown};
use crate::cli::failure::Failure;
use crate::release::platform::Platform;
use crate::repository::bundle::{Facts, Limits, ZipRule, inspect, write::write};
use crate::repository::draft;
use crate::repository::problem::Problem;
use crate::repository::shell_word::quote;

/// What the web app calls to say that it runs. It is a property of the plugin, so that no minifier gives it another name.
const CALL: &[u8] = b"notifyAppReady";
/// Endings of files that can call it.
const CODE: [&str; 5] = ["js", "mjs", "cjs", "html", "htm"];

/// The zip of a web app.
pub struct Packed {
    /// The zip itself.
    pub bytes: Vec<u8>,
    /// What it is known by.
    pub facts: Facts,
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
        calls = calls || is_code(name) && content.windows(CALL.len()).any(|bytes| bytes == CALL);
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
    Ok(Packed { bytes, facts: inspection.bundle, problems })
}

fn in_file(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn is_code(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    CODE.iter().any(|code| code.eq_ignore_ascii_case(ending))
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
    }
}

fn name_the_folder(files: &BTreeMap<String, PathBuf>, folder: &Path) -> String {
    let below = files.keys().filter_map(|name| name.strip_suffix("/index.html")).min_by_key(|name| name.len());
    match below {
        Some(below) => {
            let folder = folder.join(below);
            format!("name the folder that holds it: `pushlive pack {}`", quote(&folder.to_string_lossy()))
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
    fn the_call_is_found_in_code_alone() {
        for (file, text) in [
            ("assets/app.js", "x.notifyAppReady()"),
            ("app.MJS", "const{notifyAppReady:a}=x"),
            ("other.html", "<script>CapacitorUpdater.notifyAppReady()</script>"),
        ] {
            assert_eq!(rules(&packed(&[("index.html", ""), (file, text)])), [""; 0], "{file}");
        }
        for (file, text) in
            [("app.js", "notifyAppRead()"), ("notes.txt", "notifyAppReady"), ("a.map", "notifyAppReady")]
        {
            assert_eq!(rules(&packed(&[("index.html", ""), (file, text)])), ["notify-app-ready"], "{file}");
        }
    }

    #[test]
    fn a_mend_is_in_terms_of_the_folder() {
        let call = "notifyAppReady";
        let help = |files: &[(&str, &str)]| packed(files).problems.remove(0).help;
        assert!(help(&[("www/index.html", call), ("a.js", call)]).ends_with("/www`"));
        assert!(help(&[("app.js", call)]).starts_with("name the folder that holds `index.html`, after"));
        assert!(help(&[]).starts_with("name the folder that holds `index.html`, after"));
        let clash = packed(&[("index.html", call), ("A.js", ""), ("a.js", "")]);
        assert_eq!(
            (rules(&clash), &*clash.problems[0].help),
            (vec!["case-clash"], "rename or leave out one of the two in the web app")
        );
        assert_eq!(rules(&packed(&[("index.html", call), ("a\\b.js", "")])), ["unsafe-name"]);
    }

    #[test]
    fn a_fault_that_stops_one_platform_is_an_error_where_that_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("www")).unwrap();
        fs::write(folder.path().join("www/index.html"), "<script>notifyAppReady()</script>").unwrap();
        let limits = Limits::default();
        let web_app = WebApp::walk(folder.path(), &limits).ok().unwrap();
        let errors = |wanted: &[Platform]| {
            let packed = pack(&web_app, &limits, wanted).ok().unwrap();
            packed.problems.iter().filter(|problem| problem.is_error()).count()
        };
        assert_eq!((errors(&Platform::ALL), errors(&[Platform::Ios])), (1, 0));
    }
}
