//! `pushlive hook`: what git's hooks in a release repository call.

mod pre_receive;

use std::io::{self, Read, Write};

use clap::{Args, ValueEnum};

use super::failure::Failure;
use super::live;
use crate::repository::push::Push;
use crate::repository::reader::Reader;
use crate::repository::refs::{HEADS, RefUpdate, Refs};
use crate::settings::{Settings, SettingsArgs};

/// Look at a push, as a hook of the repository that receives it
#[derive(Args)]
pub struct Arguments {
    /// The hook that calls
    when: When,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// The hooks that call.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum When {
    /// Before the push is taken: refuses what `check` refuses, and says what the rest will do
    PreReceive,
    /// After it was taken: says where the branch is, tells the daemon, and waits briefly for what is live then
    PostReceive,
}

/// Reads the updates that git writes to the standard input, and reports.
///
/// # Errors
/// The push is refused; or the repository or the settings cannot be read.
pub fn run(arguments: &Arguments, out: &mut dyn Write) -> Result<(), Failure> {
    // the objects of the push are in quarantine: git's environment says where
    let reader = Reader::open_in_hook()?;
    let said = said()?;
    let settings = Settings::load(&arguments.settings, reader.common_dir());
    // what may be pushed, and to which branch, is said there: who cannot read it can let nothing through
    let settings = settings.map_err(|faults| Failure::from(faults).refusing())?;
    let before = reader.refs(&settings.branch)?;
    let updates = updates(&said, &reader, before.full_branch());
    let after = before.clone().updated(&updates);
    match arguments.when {
        When::PreReceive if after == before => say_unread(&updates, &after, out).map_err(Failure::output),
        When::PreReceive => {
            let push = Push { before: &before, after: &after, updates: &updates };
            pre_receive::judge(&push, &reader, &settings, out)
        }
        When::PostReceive => {
            say_tip(&updates, &after, out)?;
            live::wait(&settings, &updates, &after, out).map_err(Failure::output)
        }
    }
}

/// Of a push of branches only, none of them the one that releases are read from, while that one is not there at all.
fn say_unread(updates: &[RefUpdate], refs: &Refs, out: &mut dyn Write) -> io::Result<()> {
    if refs.branch.is_some() || !updates.iter().any(|update| update.name.starts_with(HEADS)) {
        return Ok(());
    }
    let branch = refs.branch_name();
    writeln!(
        out,
        "pushlive: releases are read from the branch `{branch}`, which is not there, and not in this push: nothing was looked at"
    )
}

/// What git says of the push.
fn said() -> Result<Vec<u8>, Failure> {
    let mut said = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut said);
    read.map_err(|error| Failure::environment(format!("cannot read the pushed refs: {error}")))?;
    Ok(said)
}

/// The updates of a push. A ref that only leads to another stands for it; and where the branch leads to another one, that
/// one stands for the branch. Bytes in a name that are no text are replaced, as where refs are read.
fn updates(said: &[u8], reader: &Reader, branch: &str) -> Vec<RefUpdate> {
    let leads_to = reader.direct_name(branch.to_owned());
    let direct = |update: RefUpdate| {
        let name = reader.direct_name(update.name);
        RefUpdate { name: if name == leads_to { branch.to_owned() } else { name }, ..update }
    };
    let lines = said.split(|byte| *byte == b'\n').map(String::from_utf8_lossy);
    lines.filter_map(|line| RefUpdate::parse(&line)).map(direct).collect()
}

fn say_tip(updates: &[RefUpdate], refs: &Refs, out: &mut dyn Write) -> Result<(), Failure> {
    let Some(tip) = refs
        .branch
        .filter(|tip| updates.iter().any(|update| update.name == refs.full_branch() && update.new == Some(tip.0)))
    else {
        return Ok(());
    };
    writeln!(out, "pushlive: {} is at {}", refs.branch_name(), tip.short()).map_err(Failure::output)
}
