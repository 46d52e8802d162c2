//! What is said of a release that was made, or was not.

use std::io::{self, Write};
use std::path::Path;

use serde::Serialize;

use super::git::Advice;
use super::place::Plan;
use super::target::Target;
use super::web_app::WebApp;
use super::zip::Packed;
use crate::cli::failure::Failure;
use crate::cli::report::{self, Style};
use crate::repository::draft::SETTINGS;
use crate::repository::problem::Problem;
use crate::repository::shell_word::quote;

/// A release that is there.
pub struct Made<'m> {
    /// Where.
    pub target: &'m Target,
    /// Of what.
    pub web_app: &'m WebApp,
    /// Its zip.
    pub packed: &'m Packed,
    /// What was written.
    pub plan: &'m Plan<'m>,
    /// What git needs to be told.
    pub advice: &'m Advice,
}

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'d> {
    app: Option<&'d str>,
    version: Option<&'d str>,
    bundle: Option<Bundle>,
    /// The path of `release.toml`, where flags asked for one.
    descriptor: Option<String>,
    problems: &'d [Problem],
}

#[derive(Serialize)]
struct Bundle {
    /// From the root of the work tree.
    path: String,
    sha256: String,
    /// Bytes.
    size: u64,
    files: usize,
}

/// Nothing was made.
///
/// # Errors
/// Always: the exit code says it too.
pub fn refused(problems: &[Problem], json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    if json {
        let document = Document { app: None, version: None, bundle: None, descriptor: None, problems };
        as_json(&document, out).map_err(Failure::output)?;
    } else {
        report(problems)?;
        eprint_line(&format!("{}; nothing was made", report::summary(problems)))?;
    }
    Err(Failure::reported())
}

/// The release is there.
///
/// # Errors
/// Nobody can be told.
pub fn made(made: &Made<'_>, problems: &[Problem], json: bool, out: &mut dyn Write) -> Result<(), Failure> {
    let told = if json {
        as_json(&made.document(problems), out).map_err(Failure::output)
    } else {
        report(problems).and_then(|()| out.write_all(made.text().as_bytes()).map_err(Failure::output))
    };
    told.map_err(|failure| failure.hint(format!("{} was made all the same", made.plan.bundle())))
}

impl Made<'_> {
    fn document<'d>(&'d self, problems: &'d [Problem]) -> Document<'d> {
        let bundle = Bundle {
            path: self.plan.bundle(),
            sha256: hex::encode(self.packed.inspection.bundle.sha256),
            size: self.packed.inspection.bundle.size,
            files: self.web_app.files.len(),
        };
        Document {
            app: Some(&self.target.app),
            version: Some(&self.target.version),
            bundle: Some(bundle),
            descriptor: self.plan.descriptor(),
            problems,
        }
    }

    fn text(&self) -> String {
        let (plan, facts) = (self.plan, self.packed.inspection.bundle);
        let done = if plan.is_done_already() { "there already, with these very bytes:" } else { "made" };
        let count = self.web_app.files.len();
        let files = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        let mut lines = vec![
            format!("{done} {}: {files}, {}", plan.bundle(), size(facts.size)),
            format!("sha256 {}", hex::encode(facts.sha256)),
        ];
        lines.extend(plan.descriptor().filter(|_| !plan.is_done_already()).map(|path| format!("made {path}")));
        lines.extend(left_out(&self.web_app.left_out));
        lines.join("\n") + "\n" + &self.next()
    }

    fn next(&self) -> String {
        if self.plan.is_committed() && self.plan.is_done_already() {
            return "it is committed: nothing is left to do\n".to_owned();
        }
        let git = git(&self.target.root);
        let (path, version) = (self.target.path(), &self.target.version);
        let sparse = if self.target.reader.is_sparse() { " --sparse" } else { "" };
        let settings = if self.advice.needs_settings { format!("{SETTINGS} ") } else { String::new() };
        let force = if self.advice.is_ignored { " -f" } else { "" };
        format!(
            "\nNext:\n\n  {git} add{sparse}{force} {settings}{path}\n  {git} commit -m 'Release {version}'\n  {git} push\n"
        )
    }
}

/// How to call git from here.
pub(super) fn git(root: &Path) -> String {
    let is_here = std::env::current_dir().is_ok_and(|here| here.canonicalize().ok() == root.canonicalize().ok());
    let elsewhere = (!is_here).then(|| format!(" -C {}", quote(root.to_string_lossy().trim_end_matches('/'))));
    format!("git{}", elsewhere.unwrap_or_default())
}

fn left_out(names: &[String]) -> Option<String> {
    const SHOWN: usize = 5;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| name.escape_debug().to_string()).collect();
    let more = names.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!shown.is_empty()).then(|| format!("left out, as no device needs it: {}{more}", shown.join(", ")))
}

/// Bytes as people say them.
fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", tenths(1_000)),
        _ => format!("{} MB", tenths(1_000_000)),
    }
}

fn as_json(document: &Document<'_>, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, document)?;
    writeln!(out)
}

/// To the standard error: what was made is the output.
fn report(problems: &[Problem]) -> Result<(), Failure> {
    let style = Style::of(&io::stderr());
    match problems.is_empty() {
        true => Ok(()),
        false => eprint_line(&report::render(problems, style)),
    }
}

fn eprint_line(text: &str) -> Result<(), Failure> {
    writeln!(io::stderr(), "{text}").map_err(Failure::output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_said_as_people_do() {
        assert_eq!([999, 1_000, 1_260_000, 29_950_000].map(size), ["999 bytes", "1.0 kB", "1.2 MB", "29.9 MB"]);
    }

    #[test]
    fn what_was_left_out_is_named_up_to_a_few() {
        let names: Vec<String> = (0..7).map(|n| format!("{n}/.DS_Store")).collect();
        assert_eq!(left_out(&[]), None);
        assert!(left_out(&names).is_some_and(|said| said.ends_with("4/.DS_Store and 2 more")));
    }
}
