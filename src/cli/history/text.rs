//! The journal as a person reads it.

use std::io::{self, Write};

use super::told::{AtOnce, Gap, Told};
use crate::cli::layout::laid;
use crate::cli::time::shown;
use crate::release::time::Timestamp;
use crate::repository::journal::Entry;

/// Lines of what became of channels at once, that a person reads; another file of them is a list for programs.
const MOST: usize = 40;

/// Before what an entry meant, and before what goes on below that.
const INDENT: &str = "    ";
const DEEPER: &str = "        ";
const DEEPEST: &str = "            ";

/// Writes it, in lines of at most that many characters. What others typed is escaped where it would do something to a
/// terminal.
pub(super) fn write(told: &[Told<'_>], width: usize, out: &mut dyn Write) -> io::Result<()> {
    told.iter().try_for_each(|told| match told {
        Told::AtOnce(taken) => at_once(taken, width, out),
        Told::Gap(missing) => gap(missing, width, out),
    })
}

/// What became of it stands below all that did it.
fn at_once(taken: &AtOnce<'_>, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let time = format!("{}  ", shown(Timestamp(taken.time())));
    let mut say = |start: &str, indent: &str, text: &str| write!(out, "{}", laid(start, indent, text, width));
    let (inside, below) = if let [(entry, meant)] = &*taken.changes {
        say(&time, INDENT, &who(entry))?;
        say(INDENT, DEEPER, meant)?;
        (INDENT, DEEPER)
    } else {
        say(&time, INDENT, &format!("{} changes at once", taken.changes.len()))?;
        for (entry, meant) in &taken.changes {
            say(INDENT, DEEPER, &who(entry))?;
            say(DEEPER, DEEPEST, meant)?;
        }
        if !taken.became.is_empty() {
            say(INDENT, DEEPER, "by all of them")?;
        }
        (DEEPER, DEEPEST)
    };
    taken.became.iter().take(MOST).try_for_each(|channel| say(inside, below, channel))?;
    match taken.became.len().saturating_sub(MOST) {
        0 => Ok(()),
        more => say(inside, below, &format!("and {more} more; `pushlive log <app>` tells what is about one app")),
    }
}

/// The ref, and who made what it names.
fn who(entry: &Entry) -> String {
    let by = match (&entry.tagger, &entry.committer) {
        (Some(tagger), _) => format!(", by {tagger}"),
        // who moved the branch is not known
        (None, Some(committer)) => format!(", a commit by {committer}"),
        (None, None) => String::new(),
    };
    format!("{}{by}", entry.short_name())
}

fn gap(gap: &Gap, width: usize, out: &mut dyn Write) -> io::Result<()> {
    let time = |time: i64| shown(Timestamp(time));
    let from = gap.from.map_or_else(|| "its beginning".to_owned(), time);
    let until = gap.until.map_or_else(|| "now".to_owned(), time);
    let text = format!("(lines are missing here: between {from} and {until} the journal may not tell all)");
    write!(out, "{}", laid("", " ", &text, width))
}
