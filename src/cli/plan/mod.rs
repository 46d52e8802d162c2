//! `pushlive plan`: what a change of commits or tags changes for devices, before anybody makes it.
//!
//! Three steps, each for itself: [`change`] finds out which refs there are before and after, [`compared`] builds both
//! tables and compares them, [`text`] and [`document`] render that.

mod change;
mod compared;
mod document;
mod guessed;
mod headline;
mod lines;
mod overrides;
mod sentence;
pub(super) mod skips;
mod spots;
mod text;
mod unsaid;
mod whom;
pub(super) mod words;

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::failure::Failure;
use super::time::{self, Typed};
use crate::repository::problem::Problem;
use crate::settings::{Settings, SettingsArgs};
use change::Change;
pub use compared::Compared;
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
    let mut change = Change::asked_for(arguments, &words, &reader, &settings, now)?;
    let compared = Compared::new(&reader, &settings, &change.before, &change.after, &change.made, now)?;
    change.notes.extend(guessed::note(&compared, &change));
    let told = compared.told(&reader, &change.turns)?;
    let printed =
        if arguments.json { told.document(&change).write(out) } else { text::write(&change, &told, &compared, out) };
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::output(error)),
        _ if told.problems.iter().any(Problem::is_error) => Err(Failure::reported()),
        printed => printed.map_err(Failure::output),
    }
}
