//! A plan as text: what is asked, what was wrong before it, what changes, and what else is wrong.

use std::collections::HashSet;
use std::io::{self, Write};

use super::change::Change;
use super::compared::Compared;
use super::document::Told;
use super::words;
use crate::cli::layout::{self, hung, laid};
use crate::cli::report::{self, Style};
use crate::repository::problem::Problem;

/// Writes a plan, as wide as the terminal.
pub fn write(change: &Change, told: &Told<'_>, compared: &Compared, out: &mut dyn Write) -> io::Result<()> {
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
    report::older(old).map_or(Ok(()), |older| writeln!(out, "\n{older}"))
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
