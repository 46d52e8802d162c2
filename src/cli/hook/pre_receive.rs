//! `pushlive hook pre-receive`: a push that `check` refuses is refused here, before anything is changed; of one that passes
//! it says what it does to devices, and to the daemon that it comes.

use std::io::{self, Write};

use crate::cli::failure::Failure;
use crate::cli::live::tell;
use crate::cli::plan::{Compared, Turn, words};
use crate::cli::report::{self, PLAIN_WIDTH, Style};
use crate::cli::{table, time};
use crate::repository::problem::Problem;
use crate::repository::push::{Judged, Push, switchable};
use crate::repository::reader::Reader;
use crate::repository::refs::RefUpdate;
use crate::settings::Settings;
use crate::store::Store;

/// Judges a push and prints what there is to say.
///
/// # Errors
/// The push is refused; or the repository cannot be read.
pub(super) fn judge(push: &Push<'_>, reader: &Reader, settings: &Settings, out: &mut dyn Write) -> Result<(), Failure> {
    let mut builder = table::builder(settings, &[]);
    let judged = push.judge(reader, &mut builder, &settings.allow).map_err(table::failed)?;
    if judged.refused.is_empty() {
        print_taken(judged, push, reader, out).map_err(Failure::output)?;
        // last: what is still to come after this is git's to do
        tell::coming(&Store::read_only(&settings.data), settings, &tell::that_matter(push.updates, push.after));
        return Ok(());
    }
    // what is refused is refused, whether or not anybody can read why
    let _ = print_refused(&judged, out);
    Err(Failure::reported())
}

/// Errors alone: what else the push would have led to will not come.
fn print_refused(judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let refused: Vec<Problem> = judged.refused.iter().cloned().map(switchable).collect();
    writeln!(out, "{}", report::render(&refused, Style::Plain))?;
    let errors = judged.told.iter().filter(|problem| problem.is_error());
    let (reasons, others): (Vec<_>, Vec<_>) = errors.cloned().partition(|problem| is_reason(problem, &judged.refused));
    if !reasons.is_empty() {
        writeln!(out, "What is wrong there:\n\n{}", report::render(&reasons, Style::Plain))?;
    }
    if !others.is_empty() {
        writeln!(out, "These are not why it is refused:\n\n{}", report::render(&others, Style::Plain))?;
    }
    writeln!(out, "pushlive: refused for {}; nothing was changed", report::summary(&judged.refused))
}

/// Whether that is what a tag is refused for, which says no more than that its release is left out.
fn is_reason(problem: &Problem, refused: &[Problem]) -> bool {
    let is_of = |tag: &Problem| {
        tag.tag.is_some() && problem.tag.is_none() && (&tag.app, &tag.version) == (&problem.app, &problem.version)
    };
    problem.version.is_some() && refused.iter().any(is_of)
}

fn print_taken(judged: Judged, push: &Push<'_>, reader: &Reader, out: &mut dyn Write) -> io::Result<()> {
    let Judged { was, is, mut told, old_warnings, .. } = judged;
    let compared = Compared::of(was, is, time::now());
    let plan = compared.told(reader, &turns(push));
    told.extend(plan.iter().flat_map(|plan| plan.skipped()));
    if !told.is_empty() {
        writeln!(out, "{}", report::render(&told, Style::Plain))?;
        writeln!(out, "pushlive: {}; the push is taken all the same", report::summary(&told))?;
        if old_warnings > 0 {
            let s = if old_warnings == 1 { "" } else { "s" };
            writeln!(out, "pushlive: {old_warnings} older warning{s} not shown; `pushlive check` shows all")?;
        }
        writeln!(out)?;
    }
    match plan {
        Ok(plan) => words::write(&plan, PLAIN_WIDTH, out).and_then(|()| writeln!(out)),
        // the push was judged, and is sound
        Err(error) => writeln!(out, "pushlive: nothing tells what this does to devices: {error}"),
    }
}

/// The release tags of a push that come, move or go.
fn turns(push: &Push<'_>) -> Vec<Turn> {
    let turn =
        |update: &RefUpdate| Some(Turn { name: update.release_tag()?.to_owned(), is_gone: update.new.is_none() });
    let mut turns: Vec<Turn> = push.updates.iter().filter_map(turn).collect();
    turns.sort_by(|a, b| (a.is_gone, &a.name).cmp(&(b.is_gone, &b.name)));
    turns
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::*;
    use crate::repository::push::SWITCHES;
    use crate::settings::SettingsArgs;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        settings: SettingsArgs,
    }

    #[test]
    fn the_setting_takes_every_rule_that_can_be_switched_off() {
        let line = Line::parse_from(["x", "--allow", &SWITCHES.join(",")]);
        let settings = Settings::load(&line.settings, Path::new("nowhere")).unwrap();
        assert_eq!(settings.allow, SWITCHES);
    }
}
