//! A status as a person reads it.

use std::io::{self, Write};

use crate::cli::when::{goes, length, with_commas};
use crate::cli::whom::served;
use crate::documents::status::{App, Channel, Daemon, Document, Release, Serves};
use crate::documents::time::shown;
use crate::release::platform::Platform;
use crate::release::time::Timestamp;

/// Releases of a channel that are shown; the rest is counted.
const SHOWN: usize = 20;

/// Writes it: the commit, each app with its channels and who gets what. Not the problems.
pub(super) fn write(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    head(document, out)?;
    document.apps.iter().try_for_each(|app| of_app(app, document.time.0, out))
}

fn head(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let now = document.time.0;
    match (&document.commit, &document.tip) {
        (None, None) if document.note.is_some() => {
            writeln!(out, "the branch is not there, so the repository offers nothing now")?
        }
        (None, Some(tip)) if document.note.is_some() => {
            writeln!(out, "the branch offers nothing now: no commit up to {} has settings that count", short(tip))?
        }
        (None, None) => writeln!(out, "nothing is served: there is no such branch yet")?,
        (None, Some(tip)) => {
            writeln!(out, "nothing is served: no commit up to {} has settings that count", short(tip))?
        }
        (Some(commit), _) => {
            let age = document.committed.map(|made| format!(", made {} ago", length(made.0, now)));
            writeln!(out, "commit {}{}", short(commit), age.unwrap_or_default())?;
        }
    }
    if let (Some(commit), Some(tip)) = (&document.commit, &document.tip)
        && commit != tip
    {
        writeln!(out, "the branch is at {}, of which nothing is served: see the problems", short(tip))?;
    }
    document.note.iter().try_for_each(|note| writeln!(out, "{note}"))?;
    document.daemon.iter().try_for_each(|daemon| of_daemon(daemon, now, out))?;
    writeln!(out, "{}; all times are in UTC", shown(now))
}

fn of_daemon(daemon: &Daemon, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let (published, runs) = (length(daemon.published.0, now), length(daemon.since.0, now));
    writeln!(out, "published {published} ago by a daemon that has run for {runs}")?;
    match &daemon.repository.error {
        Some(why) => writeln!(out, "the daemon cannot read its repository: {why}"),
        None => Ok(()),
    }
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

fn of_app(app: &App, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let name = app.name.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    writeln!(out, "\n{}{name}", app.id)?;
    app.channels.iter().try_for_each(|channel| of_channel(channel, now, out))
}

/// Whom a channel serves, as far as a daemon says so.
fn kinds_served(channel: &Channel) -> Option<String> {
    let kinds = |all: &Option<Vec<String>>, names: [&str; 2]| {
        names.map(|name| all.as_ref().is_none_or(|all| all.iter().any(|one| one == name)))
    };
    served(kinds(&channel.builds, ["prod", "dev"]), kinds(&channel.hardware, ["device", "emulator"]))
}

fn of_channel(channel: &Channel, now: Timestamp, out: &mut dyn Write) -> io::Result<()> {
    let default = if channel.default { ", the default" } else { "" };
    let tags = if channel.tags { ", opened by tags" } else { "" };
    let pin = channel.pin.as_ref().map(|pin| format!(", pinned to {pin}")).unwrap_or_default();
    let private = if channel.public { "" } else { ", private" };
    let is_everywhere = channel.platforms.len() == Platform::ALL.len();
    let on = if is_everywhere { String::new() } else { format!(", on {} alone", channel.platforms.join(" and ")) };
    let whom = kinds_served(channel).map(|whom| format!(", serves {whom}")).unwrap_or_default();
    writeln!(out, "  {}{default}{private}{tags}{pin}{on}{whom}", channel.name)?;
    let shown: Vec<&Release> = worth_showing(channel).take(SHOWN).collect();
    let longest = shown.iter().map(|release| release.version.len()).max().unwrap_or(0);
    for release in &shown {
        let percent = format!("{}%", release.percent);
        let remarks = remarks(release, channel, now);
        writeln!(out, "{}", format!("    {:longest$}  {percent:>6}  {remarks}", release.version).trim_end())?;
    }
    match (channel.releases.len() - shown.len(), channel.pin.as_deref()) {
        (0, Some("builtin")) => writeln!(out, "    devices go back to the bundle that came with the app"),
        (0, _) if shown.is_empty() => writeln!(out, "    nothing is open"),
        (0, _) => Ok(()),
        (1, _) => writeln!(out, "    and an older one"),
        (rest, _) => writeln!(out, "    and {} older ones", with_commas(rest)),
    }
}

/// The releases that somebody gets, or that may surprise: those that are halted or not open to all, and those above the
/// first that somebody gets.
fn worth_showing(channel: &Channel) -> impl Iterator<Item = &Release> {
    let first = channel.releases.iter().position(|release| !release.serves.is_empty());
    let is_above = move |at: usize| first.is_none_or(|first| at < first);
    let is_whole = |release: &Release| release.percent >= 100.0 && !release.halted && release.shares.is_empty();
    let all = channel.releases.iter().enumerate();
    all.filter(move |(at, r)| is_above(*at) || !r.serves.is_empty() || !is_whole(r)).map(|(_, release)| release)
}

fn remarks(release: &Release, channel: &Channel, now: Timestamp) -> String {
    let mut remarks = Vec::new();
    if release.halted {
        remarks.push(if release.platforms.is_empty() { "halted, and not open" } else { "halted" }.to_owned());
    }
    if let Some(next) = &release.next {
        remarks.push(goes(next, now));
    }
    for share in release.shares.iter().skip(1) {
        let next = share.next.as_ref().map(|next| format!(", {}", goes(next, now))).unwrap_or_default();
        remarks.push(format!("{}: {}%{next}", share.platforms.join(", "), share.percent));
    }
    remarks.extend(release.serves.iter().map(|serves| whom(serves, channel)));
    if release.serves.is_empty() && !release.halted && release.percent > 0.0 {
        remarks.push("nobody is sent to it".to_owned());
    }
    remarks.join("; ")
}

fn whom(serves: &Serves, channel: &Channel) -> String {
    let everywhere = serves.platforms == channel.platforms;
    let platforms = if everywhere { String::new() } else { format!("{}: ", serves.platforms.join(", ")) };
    let native = if serves.native == ["*"] { "every version".to_owned() } else { serves.native.join(" or ") };
    format!("{platforms}native {native}")
}

#[cfg(test)]
mod tests;
