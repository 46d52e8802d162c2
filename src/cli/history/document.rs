//! The journal as a program reads it.

use std::io::{self, Write};

use serde::Serialize;

use super::told::{AtOnce, Gap, Told};
use crate::cli::time::shown;
use crate::release::time::Timestamp;
use crate::repository::journal::Entry;

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    /// Each change, the newest first.
    entries: Vec<Shown<'a>>,
    /// What became of the channels by all changes of one time.
    became: Vec<Became<'a>>,
    /// Where the journal may not tell all.
    gaps: Vec<Missing>,
}

/// An entry with its time in words.
#[derive(Serialize)]
struct Shown<'a> {
    time: String,
    #[serde(rename = "ref")]
    name: &'a str,
    old: Option<String>,
    new: Option<String>,
    /// Who made an annotated tag.
    tagger: Option<&'a str>,
    /// Who made the commit that the branch names.
    committer: Option<&'a str>,
    /// The app of a tag.
    app: Option<&'a str>,
    meant: &'a str,
}

#[derive(Serialize)]
struct Became<'a> {
    time: String,
    channels: &'a [&'a str],
}

#[derive(Serialize)]
struct Missing {
    from: Option<String>,
    until: Option<String>,
}

impl<'a> Shown<'a> {
    fn of(entry: &'a Entry, meant: &'a str) -> Shown<'a> {
        Shown {
            time: time(entry.time),
            name: &entry.name,
            old: entry.old.map(|id| id.to_string()),
            new: entry.new.map(|id| id.to_string()),
            tagger: entry.tagger.as_deref(),
            committer: entry.committer.as_deref(),
            app: entry.app_of_tag(),
            meant,
        }
    }
}

/// Writes it, and the end of a line.
pub(super) fn write(told: &[Told<'_>], out: &mut dyn Write) -> io::Result<()> {
    let (mut entries, mut became, mut gaps) = (Vec::new(), Vec::new(), Vec::new());
    for told in told {
        match told {
            Told::Gap(Gap { from, until }) => gaps.push(Missing { from: from.map(time), until: until.map(time) }),
            Told::AtOnce(AtOnce { changes, became: channels }) => {
                entries.extend(changes.iter().map(|(entry, meant)| Shown::of(entry, meant)));
                let at = changes.first().map(|(entry, _)| time(entry.time)).filter(|_| !channels.is_empty());
                became.extend(at.map(|time| Became { time, channels }));
            }
        }
    }
    serde_json::to_writer(&mut *out, &Document { entries, became, gaps })?;
    writeln!(out)
}

fn time(time: i64) -> String {
    shown(Timestamp(time))
}
