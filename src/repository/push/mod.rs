//! A push before it is taken: which problems refuse it, and which are only told.
//!
//! [`Push::judge`] compares the refs before and after, from which [`Both`] builds tables; `touched` knows which files a push
//! changes, and `rewrites` what it takes back. An old fault refuses nobody's push but that of who changes the very thing, or something that the fault keeps
//! from having any effect.

mod both;
mod rewrites;
mod touched;

use std::collections::HashSet;
use std::hash::Hash;

use crate::repository::build_error::BuildError;
use crate::repository::builder::{Build, Builder};
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::{Objects, Reader};
use crate::repository::refs::{RefUpdate, Refs};
use crate::repository::walk::SETTINGS;
pub use both::Both;
use touched::Touched;

/// The rule of a push that leaves the line of the branch.
const BRANCH_REWRITTEN: &str = "branch-rewritten";
/// The rule of a push that moves a release tag.
const TAG_MOVED: &str = "tag-moved";
/// The rules that a setting can switch off, as they are named there.
pub const SWITCHES: [&str; 4] = [BRANCH_REWRITTEN, "bundle-changed", "bundle-removed", TAG_MOVED];

/// A push, and the refs around it.
#[derive(Clone, Copy, Debug)]
pub struct Push<'p> {
    /// The refs as they are.
    pub before: &'p Refs,
    /// The refs as the push leaves them.
    pub after: &'p Refs,
    /// What git says of the push.
    pub updates: &'p [RefUpdate],
}

/// What is said of a push.
#[derive(Debug)]
pub struct Judged {
    /// The releases as they are.
    pub was: Build,
    /// The releases as the push leaves them.
    pub is: Build,
    /// What refuses it; empty: it is taken.
    pub refused: Vec<Problem>,
    /// What is told beside that: errors that it leaves alone, and warnings that it brings.
    pub told: Vec<Problem>,
    /// How many warnings were there before, and are not told.
    pub old_warnings: usize,
}

impl Push<'_> {
    /// Judges it. `builder` is new; `allowed` are the rules that refuse nothing here.
    ///
    /// # Errors
    /// Where the repository cannot be read.
    pub fn judge(&self, reader: &Reader, builder: &mut Builder, allowed: &[&str]) -> Result<Judged, BuildError> {
        let objects = &reader.objects()?;
        let Both { was, is, touched } = Both::build(reader, builder, self.before, self.after)?;
        let mut judged = Judged { was, is, refused: Vec::new(), told: Vec::new(), old_warnings: 0 };
        self.judge_refs(&mut judged, reader, builder, allowed)?;
        self.judge_problems(&mut judged, &touched, objects, builder, allowed)?;
        Ok(judged)
    }

    fn judge_refs(
        &self,
        judged: &mut Judged,
        reader: &Reader,
        builder: &Builder,
        allowed: &[&str],
    ) -> Result<(), ReadError> {
        // a line that never offered anything has nothing to lose
        let has_offered = judged.was.table.is_some();
        let rewritten = if has_offered { rewrites::of_branch(self, reader, builder)? } else { None };
        for problem in rewritten.into_iter().chain(rewrites::of_tags(self, &reader.objects()?)?) {
            judged.sort(problem, true, allowed);
        }
        Ok(())
    }

    fn judge_problems(
        &self,
        judged: &mut Judged,
        touched: &Touched,
        objects: &Objects<'_>,
        builder: &Builder,
        allowed: &[&str],
    ) -> Result<(), ReadError> {
        let problems = judged.is.problems.clone();
        let before = judged.was.problems.clone();
        let before: HashSet<_> = before.iter().map(key).collect();
        let blocked = Blocked::by(&problems, touched);
        for problem in &problems {
            let is_own = self.is_own(problem, touched);
            if !problem.is_error() && !is_own && before.contains(&key(problem)) {
                judged.old_warnings += 1;
                continue;
            }
            let refuses = is_own || blocked.is_by(problem);
            judged.sort(self.advised(problem.clone(), objects, builder)?, refuses, allowed);
        }
        Ok(())
    }

    /// Whether the push changes what the problem is in.
    fn is_own(&self, problem: &Problem, touched: &Touched) -> bool {
        match &problem.tag {
            Some(tag) => self.updates.iter().any(|update| update.new.is_some() && update.release_tag() == Some(tag)),
            None => touched.has(problem),
        }
    }

    /// With the mend that only someone who sees the push can name.
    fn advised(&self, problem: Problem, objects: &Objects<'_>, builder: &Builder) -> Result<Problem, ReadError> {
        let more = match (problem.rule, &problem.tag, &problem.app, &problem.version) {
            ("tag-unknown-release" | "tag-unknown-app" | "tag-unknown-channel" | "tag-other-bytes", Some(tag), ..)
                if self.is_ahead(tag, objects, builder)? =>
            {
                let branch = self.after.branch_name();
                format!("its commit is not on `{branch}` yet: push both, `git push origin {branch} {tag}`")
            }
            ("bundle-changed", _, Some(app), Some(version))
                if self.before.branch.is_some_and(|old| builder.is_newer(app, version, old)) =>
            {
                "the first bundle is in a commit of this very push: squash the two, and it never was there".to_owned()
            }
            _ => return Ok(problem),
        };
        Ok(Problem { help: format!("{}; {}", more, problem.help), ..problem })
    }

    /// Whether a tag of this push names a commit that the branch does not have.
    fn is_ahead(&self, tag: &str, objects: &Objects<'_>, builder: &Builder) -> Result<bool, ReadError> {
        let Some(update) = self.updates.iter().find(|update| update.release_tag() == Some(tag)) else {
            return Ok(false);
        };
        let commit = update.new.map(|new| objects.tagged(new)).transpose()?.and_then(|tagged| tagged.commit);
        Ok(commit.is_some_and(|commit| !builder.is_on_line(commit)))
    }
}

impl Judged {
    fn sort(&mut self, problem: Problem, refuses: bool, allowed: &[&str]) {
        let refuses = refuses && problem.is_error() && !allowed.contains(&problem.rule);
        let problem = switchable(problem);
        if refuses { &mut self.refused } else { &mut self.told }.push(problem);
    }
}

/// What the push changes, and a fault keeps from having any effect.
struct Blocked<'p> {
    /// Apps that are read from an older commit.
    apps: Vec<&'p str>,
    /// Everything is read from an older commit.
    all: bool,
}

impl<'p> Blocked<'p> {
    fn by(problems: &'p [Problem], touched: &Touched) -> Blocked<'p> {
        let frozen = problems.iter().filter(|problem| problem.rule == "app-frozen");
        let apps = frozen.filter_map(|problem| problem.app.as_deref()).filter(|app| touched.has_app(app)).collect();
        let is_kept = problems.iter().any(|problem| matches!(problem.rule, "settings-kept" | "settings-missing"));
        Blocked { apps, all: is_kept && touched.has_release() }
    }

    /// Whether that is the fault.
    fn is_by(&self, problem: &Problem) -> bool {
        problem.file.as_deref() == Some(SETTINGS)
            && match &problem.app {
                Some(app) => self.apps.contains(&app.as_str()),
                None => self.all,
            }
    }
}

/// Says how a rule is switched off, of one that can be.
fn switchable(problem: Problem) -> Problem {
    if !SWITCHES.contains(&problem.rule) {
        return problem;
    }
    let help = format!(
        "{}; where it is meant, `allow = [\"{}\"]` in the repository's pushlive.toml lets it pass",
        problem.help, problem.rule
    );
    Problem { help, ..problem }
}

/// What is the same in two builds where they found the same, wherever it stands in its file.
fn key(problem: &Problem) -> impl Hash + Eq + '_ {
    let Problem { rule, message, file, tag, app, version, .. } = problem;
    (*rule, message, file, tag, app, version)
}
