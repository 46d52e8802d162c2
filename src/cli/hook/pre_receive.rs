//! `pushlive hook pre-receive`: a push that `check` refuses is refused here, before anything is changed.

use std::io::{self, Write};

use crate::cli::failure::Failure;
use crate::cli::report::{self, Style};
use crate::cli::table;
use crate::repository::problem::Problem;
use crate::repository::push::{Judged, Push};
use crate::repository::reader::Reader;
use crate::settings::Settings;

/// Judges a push and prints what there is to say.
///
/// # Errors
/// The push is refused; or the repository cannot be read.
pub(super) fn judge(push: &Push<'_>, reader: &Reader, settings: &Settings, out: &mut dyn Write) -> Result<(), Failure> {
    let mut builder = table::builder(settings, &[]);
    let judged = push.judge(reader, &mut builder, &settings.allow).map_err(table::failed)?;
    let printed = print(&judged, out).map_err(Failure::output);
    // what is refused is refused, whether or not anybody can read why
    if judged.refused.is_empty() { printed } else { Err(Failure::reported()) }
}

fn print(judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    if judged.refused.is_empty() { print_taken(judged, out) } else { print_refused(judged, out) }
}

/// Errors alone: what else the push would have led to will not come.
fn print_refused(judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", report::render(&judged.refused, Style::Plain))?;
    let others: Vec<Problem> = judged.told.iter().filter(|problem| problem.is_error()).cloned().collect();
    if !others.is_empty() {
        writeln!(out, "These are not why it is refused:\n\n{}", report::render(&others, Style::Plain))?;
    }
    writeln!(out, "pushlive: refused for {}; nothing was changed", report::summary(&judged.refused))
}

fn print_taken(judged: &Judged, out: &mut dyn Write) -> io::Result<()> {
    let Judged { told, old_warnings, .. } = judged;
    if told.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", report::render(told, Style::Plain))?;
    writeln!(out, "pushlive: {}; the push is taken all the same", report::summary(told))?;
    if *old_warnings > 0 {
        let s = if *old_warnings == 1 { "" } else { "s" };
        writeln!(out, "pushlive: {old_warnings} older warning{s} not shown; `pushlive check` shows all")?;
    }
    Ok(())
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
