//! `pushlive plan`: what a change of commits or tags changes for devices, before anybody makes it.
//!
//! Three steps, each for itself: [`change`] finds out which refs there are before and after, [`Compared`] builds both
//! tables and compares them, [`words`] and [`document`] render that.

mod change;
mod document;
mod headline;
mod lines;
mod overrides;
mod sentence;
pub(super) mod skips;
mod spots;
pub(super) mod words;

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::layout::{self, hung, laid};
use super::report::{self, Style};
use super::table;
use super::time::{self, Typed};
use crate::release::plan::{Plan, plan};
use crate::release::table::Table;
use crate::release::time::Timestamp;
use crate::repository::builder::Build;
use crate::repository::id::ObjectId;
use crate::repository::problem::Problem;
use crate::repository::push::Both;
use crate::repository::read_error::ReadError;
use crate::repository::reader::{Reader, Tagged};
use crate::repository::refs::Refs;
use crate::settings::{Settings, SettingsArgs};
use change::Change;
use document::Told;
pub use headline::Turn;

/// Say what a change of commits or tags changes: who would get what instead of what
///
/// Without revisions: in a bare repository what the tags change on the release branch; in a work tree what pushing HEAD
/// would change, against the branch of the remote as it was last heard of. With one revision, like `git diff`: from that
/// one to the same. `<old>..<new>` will do too.
#[derive(Args)]
pub struct Arguments {
    /// The repository [default: the one around the current folder]; if no such path exists, a revision of that one
    repo: Option<PathBuf>,
    /// The revision before [default: the release branch; in a work tree that of the remote]
    old: Option<String>,
    /// The revision after [default: the release branch; in a work tree HEAD]
    new: Option<String>,
    /// With a tag that is not there yet, as an annotated one made now [default revision: the one after]
    #[arg(long, value_name = "NAME[=REV]")]
    tag: Vec<String>,
    /// Without a tag that is there
    #[arg(long, value_name = "NAME")]
    untag: Vec<String>,
    /// Plan as if it were this time [default: now]
    #[arg(long, value_name = "TIME")]
    time: Option<Typed>,
    /// Print one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// Plans and prints.
///
/// # Errors
/// The repository would have errors; or it, a revision, a tag or the settings cannot be read.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    let (reader, words) = change::target(arguments)?;
    let settings = Settings::load(&arguments.settings, reader.common_dir())?;
    let now = arguments.time.map_or_else(time::now, |Typed(time)| time);
    let change = Change::asked_for(arguments, &words, &reader, &settings, now)?;
    let compared = Compared::new(&reader, &settings, &change.before, &change.after, &change.made, now)?;
    let told = compared.told(&reader, &change.turns)?;
    let printed =
        if arguments.json { told.document(&change).write(out) } else { as_text(&change, &told, &compared, out) };
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::output(error)),
        _ if told.problems.iter().any(Problem::is_error) => Err(Failure::reported()),
        printed => printed.map_err(Failure::output),
    }
}

fn as_text(change: &Change, told: &Told<'_>, compared: &Compared, out: &mut dyn Write) -> io::Result<()> {
    let style = Style::of_stdout();
    let width = layout::columns(&io::stdout()).unwrap_or(usize::MAX);
    write!(out, "{}", laid("", "  ", &change.shown(), width))?;
    change.notes.iter().try_for_each(|note| write!(out, "{}", hung("note: ", note, width)))?;
    writeln!(out)?;
    let Standing { notices, reasons, others } = Standing::of(&told.problems);
    for part in [&notices, &reasons].into_iter().filter(|part| !part.is_empty()) {
        writeln!(out, "{}", report::render(part, style))?;
    }
    words::write(told, width, out)?;
    // what was there before is no part of the change, but for what is an error still
    let known: HashSet<_> = compared.old.problems.iter().map(Problem::identity).collect();
    let (mut news, mut old) = (Vec::new(), 0);
    for problem in &others {
        if problem.is_error() || problem.rule == "no-branch" || !known.contains(&problem.identity()) {
            news.push(problem.clone());
        } else {
            old += 1;
        }
    }
    if !news.is_empty() {
        write!(out, "\n{}", report::render(&news, style))?;
    }
    let shown = [notices, reasons, news].concat();
    if !shown.is_empty() {
        writeln!(out, "\n{}", report::summary(&shown))?;
    }
    match old {
        0 => Ok(()),
        1 => writeln!(out, "\na warning was there before: `pushlive check` shows it"),
        count => writeln!(out, "\n{count} warnings were there before: `pushlive check` shows them"),
    }
}

/// Problems, by whether they keep something at an older commit: who asks what a change does there is to read first that it
/// does nothing, and why.
#[derive(Default)]
struct Standing {
    /// What is kept at an older commit.
    notices: Vec<Problem>,
    /// The errors that are why.
    reasons: Vec<Problem>,
    others: Vec<Problem>,
}

impl Standing {
    fn of(problems: &[Problem]) -> Standing {
        let is_notice = |problem: &Problem| matches!(problem.rule, "app-frozen" | "settings-kept");
        let notices: Vec<Problem> = problems.iter().filter(|problem| is_notice(problem)).cloned().collect();
        let mut standing = Standing { notices, ..Standing::default() };
        for problem in problems.iter().filter(|problem| !is_notice(problem)) {
            let is_kept = |notice: &Problem| notice.app.is_none() || notice.app == problem.app;
            let is_of_settings = problem.file.as_deref() == Some("releases.toml");
            let is_reason = problem.is_error() && is_of_settings && standing.notices.iter().any(is_kept);
            let part = if is_reason { &mut standing.reasons } else { &mut standing.others };
            part.push(problem.clone());
        }
        standing
    }
}

/// Two tables, compared at a time.
pub struct Compared {
    old: Build,
    /// Where the line offers nothing any more, devices still get what the one before gives.
    new: Build,
    now: Timestamp,
    /// The table of a line that never offered anything.
    nothing: Table,
}

impl Compared {
    /// Builds the tables of these refs. `made` are tags of the refs after that no repository holds yet, with what they
    /// name.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn new(
        reader: &Reader,
        settings: &Settings,
        before: &Refs,
        after: &Refs,
        made: &[(ObjectId, Tagged)],
        now: Timestamp,
    ) -> Result<Compared, Failure> {
        let both = Both::build(reader, &mut table::builder(settings, &[]), before, after, made);
        both.map(|both| Compared::of(both.was, both.is, now)).map_err(table::failed)
    }

    /// Of tables that are built already.
    pub fn of(old: Build, mut new: Build, now: Timestamp) -> Compared {
        if new.table.is_none() {
            new.table.clone_from(&old.table);
            new.sources.clone_from(&old.sources);
        }
        Compared { old, new, now, nothing: Table::new(String::new(), String::new(), []) }
    }

    /// The table before, if there is one.
    fn old_table(&self) -> Option<&Table> {
        self.old.table.as_deref()
    }

    /// The table after, which is empty where the line never offered anything.
    fn new_table(&self) -> &Table {
        self.new.table.as_deref().unwrap_or(&self.nothing)
    }

    /// What changes.
    fn plan(&self) -> Plan<'_> {
        plan(self.old_table(), self.new_table(), self.now)
    }

    /// What changes, with the places that decided, what each of these tags does, and the problems of the refs after.
    ///
    /// # Errors
    /// A file that is pointed to cannot be read any more.
    pub fn told(&self, reader: &Reader, turns: &[Turn]) -> Result<Told<'_>, ReadError> {
        let plan = self.plan();
        let mut problems = self.new.problems.clone();
        problems.extend(skips::problems(&plan.skipped, &self.new.sources, &reader.objects()?)?);
        Told::new(plan, self, reader, turns, problems)
    }
}
