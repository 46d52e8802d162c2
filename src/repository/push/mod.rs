//! A push before it is taken: which problems refuse it, and which are only told.
//!
//! [`Push::judge`] compares the refs before and after, from which [`Both`] builds tables. `touched` knows which files a push
//! changes, `bundles` which releases it gives other bytes, `rewrites` what it takes back, `blocked` what it changes without
//! effect, and `advice` the mend that only someone who sees the push can name.
//!
//! The invariant: an old fault refuses nobody's push but that of who changes the very thing, or something that the fault
//! keeps from having any effect.

mod advice;
mod blocked;
mod both;
mod bundles;
mod parts;
mod rewrites;
mod touched;

use std::collections::HashSet;

use rustc_hash::FxHashMap;

use crate::repository::build_error::BuildError;
use crate::repository::builder::{Build, Builder};
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::{Objects, Reader};
use crate::repository::refs::{RefUpdate, Refs};
pub use advice::{may_come_with_branch, switchable};
use blocked::Blocked;
pub use both::Both;
use bundles::BundleFault;
pub use touched::Touched;

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
    /// What refuses it; empty: it is taken. [`switchable`] says of each which setting lets it pass.
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
        let Both { was, is, touched } = Both::build(reader, builder, self.before, self.after, &[])?;
        let judge = Judge {
            push: self,
            reader,
            objects: &reader.objects()?,
            builder,
            touched: &touched,
            tags: self.updates.iter().filter_map(|update| Some((update.release_tag()?, update))).collect(),
            allowed,
        };
        let mut judged = Judged { was, is, refused: Vec::new(), told: Vec::new(), old_warnings: 0 };
        judge.refs(&mut judged)?;
        judge.problems(&mut judged)?;
        Ok(judged)
    }
}

/// What it takes to judge a problem.
struct Judge<'j> {
    push: &'j Push<'j>,
    reader: &'j Reader,
    objects: &'j Objects<'j>,
    /// It has built what the push leaves.
    builder: &'j Builder,
    touched: &'j Touched,
    /// The updates of release tags, by the tag.
    tags: FxHashMap<&'j str, &'j RefUpdate>,
    allowed: &'j [&'j str],
}

impl Judge<'_> {
    fn refs(&self, judged: &mut Judged) -> Result<(), ReadError> {
        // a line that never offered anything has nothing to lose
        if judged.was.table.is_some() {
            let rewritten = rewrites::of_branch(self.push, self.reader, self.builder)?;
            rewritten.into_iter().for_each(|problem| self.sort(judged, problem, true));
        }
        for problem in rewrites::of_tags(self.push, self.objects)? {
            self.sort(judged, problem, true);
        }
        if judged.is.table.is_none() {
            advice::unread_tags(self).into_iter().for_each(|problem| self.sort(judged, problem, true));
        }
        Ok(())
    }

    fn problems(&self, judged: &mut Judged) -> Result<(), ReadError> {
        let [was, is] = [&judged.was, &judged.is].map(|build| build.problems.clone());
        let before: HashSet<_> = was.iter().map(Problem::identity).collect();
        let blocked = Blocked::by(&is, self.touched);
        for problem in &is {
            let fault = BundleFault::of(problem, self.builder, self.objects, self.push.before.branch)?;
            let is_own = fault.as_ref().map_or_else(|| self.is_own(problem), BundleFault::is_own);
            let is_known = !is_own && !blocked.is_said_by(problem) && before.contains(&problem.identity());
            if !problem.is_error() && is_known {
                judged.old_warnings += 1;
                continue;
            }
            let refuses = is_own || blocked.is_by(problem);
            let advised = advice::added(self, problem.clone(), fault.as_ref())?;
            let advised = if is_own { advised } else { blocked.explained(advised) };
            self.sort(judged, advised, refuses);
        }
        Ok(())
    }

    /// Whether the push changes what the problem is in.
    fn is_own(&self, problem: &Problem) -> bool {
        match &problem.tag {
            Some(tag) => self.tags.get(&**tag).is_some_and(|update| update.new.is_some()),
            None => self.touched.has(problem),
        }
    }

    fn sort(&self, judged: &mut Judged, problem: Problem, refuses: bool) {
        if refuses && problem.is_error() && !self.allowed.contains(&problem.rule) {
            judged.refused.push(problem);
        } else {
            judged.told.push(problem);
        }
    }
}
