//! The journal as a person reads it.

use std::io::{self, Write};

use super::told::{AtOnce, Gap, Told};
use crate::cli::report::printable;
use crate::cli::time::shown;
use crate::release::time::Timestamp;
use crate::repository::journal::Entry;

/// Writes it. What others typed is escaped where it would do something to a terminal.
pub(super) fn write(told: &[Told<'_>], out: &mut dyn Write) -> io::Result<()> {
    told.iter().try_for_each(|told| match told {
        Told::AtOnce(taken) => at_once(taken, out),
        Told::Gap(missing) => gap(missing, out),
    })
}

/// What became of it stands below all that did it.
fn at_once(taken: &AtOnce<'_>, out: &mut dyn Write) -> io::Result<()> {
    let time = shown(Timestamp(taken.time()));
    if let [(entry, meant)] = &*taken.changes {
        writeln!(out, "{time}  {}", who(entry))?;
        writeln!(out, "    {}", printable(meant))?;
    } else {
        writeln!(out, "{time}  {} changes at once", taken.changes.len())?;
        for (entry, meant) in &taken.changes {
            writeln!(out, "    {}", who(entry))?;
            writeln!(out, "        {}", printable(meant))?;
        }
        if !taken.became.is_empty() {
            writeln!(out, "    by all of them")?;
        }
    }
    let indent = if taken.changes.len() == 1 { 4 } else { 8 };
    taken.became.iter().try_for_each(|channel| writeln!(out, "{:indent$}{}", "", printable(channel)))
}

/// The ref, and who made what it names.
fn who(entry: &Entry) -> String {
    let by = match (&entry.tagger, &entry.committer) {
        (Some(tagger), _) => format!(", by {tagger}"),
        // who moved the branch is not known
        (None, Some(committer)) => format!(", a commit by {committer}"),
        (None, None) => String::new(),
    };
    printable(&format!("{}{by}", entry.short_name())).into_owned()
}

fn gap(gap: &Gap, out: &mut dyn Write) -> io::Result<()> {
    let time = |time: i64| shown(Timestamp(time));
    let from = gap.from.map_or_else(|| "its beginning".to_owned(), time);
    let until = gap.until.map_or_else(|| "now".to_owned(), time);
    writeln!(out, "(lines are missing here: between {from} and {until} the journal may not tell all)")
}
