//! What is wrong with release tags, in words.

use super::name::TagName;
use super::read::{ReadTag, Subject};
use crate::release::opening::NotOpen;
use crate::repository::descriptor::nearest;
use crate::repository::id::CommitId;
use crate::repository::problem::Problem;

/// A suffix that means nothing.
pub fn suffix(name: &str, suffix: &str) -> Problem {
    let message = format!("`@{suffix}` at the end of a release tag means nothing, so the tag does nothing");
    let help = "write `@10%` to open the release to a share of the devices, from 0 to 100 with two decimals at most, \
                `@halt` to stop it, or neither to open it";
    Problem::error("tag-suffix", message, help).of_tag(name)
}

/// A short tag whose app cannot be told. `named` are the apps of its commit, each with whether it has the release there;
/// `None`: it names no commit.
pub fn app_unclear(name: &str, named: Option<&[(Box<str>, bool)]>, tag: &TagName<'_>) -> Problem {
    let why = match named {
        None => "it names no commit".to_owned(),
        Some([]) => "no releases.toml up to the tagged commit names an app".to_owned(),
        Some(apps) => format!("releases.toml of the tagged commit names {} apps", apps.len()),
    };
    let message = format!("nobody can tell which app this tag means: {why}");
    let long = |app| format!("`{}`", TagName { app: Some(app), ..*tag });
    let having: Vec<&str> = named.into_iter().flatten().filter(|(_, has_it)| *has_it).map(|(app, _)| &**app).collect();
    let help = match (named, &*having) {
        (None, _) => "tag a commit: one of the branch that has the release".to_owned(),
        (Some([]), _) => "tag a commit that has the release, and its app in releases.toml".to_owned(),
        (_, []) => format!(
            "none of them has {} in that commit: tag one that has it, and write the app into the tag: {}",
            tag.version,
            long("<app>")
        ),
        (_, [one]) => format!("write the app into it: {}", long(one)),
        (_, [one, other]) => format!("write the app into it: {} or {}", long(one), long(other)),
        (_, [one, ..]) => {
            format!("write the app into it, one of the {} that have the release: {}", having.len(), long(one))
        }
    };
    Problem::error("tag-app-unclear", message, help).of_tag(name)
}

/// An app that is not there. `was_there` tells whether it ever had releases.
pub fn unknown_app<'a>(app: &str, tag: &ReadTag, was_there: bool, known: impl IntoIterator<Item = &'a str>) -> Problem {
    let (what, name) = ("so the tag does nothing", &tag.name);
    if was_there {
        let message = format!("the app `{app}` is in releases.toml no longer, {what}");
        let help = format!("delete the tag: `git push origin :{name}`; or bring the app back");
        return Problem::error("tag-unknown-app", message, help).of_tag(&*tag.name);
    }
    let message = format!("there is no app `{app}` in releases.toml, {what}");
    let help = match nearest(app, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "delete the tag, or name the app in releases.toml".to_owned(),
    };
    Problem::error("tag-unknown-app", message, help).of_tag(&*tag.name)
}

/// A tag of an app whose part of the settings is broken, and never was right.
pub fn app_not_served(app: &str, tag: &ReadTag) -> Problem {
    let message =
        format!("{app} is not served for the errors in its part of releases.toml, so the tag does nothing yet");
    Problem::warning("tag-of-frozen-app", message, "mend those errors").of_tag(&*tag.name).of_app(app)
}

/// A channel that the app does not have.
pub fn unknown_channel(tag: &ReadTag, subject: Subject<'_>) -> Problem {
    let Subject { policy, .. } = subject;
    let names = || policy.channels.iter().map(|channel| &*channel.name);
    let message = format!("{} has no channel `{}`, so the tag does nothing", policy.id, &tag.channel);
    let help = match nearest(&tag.channel, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("its channels are {}; add this one there, or delete the tag", listed(names())),
    };
    of_subject(tag, subject, "tag-unknown-channel", message, help)
}

/// A release that is not there. A withdrawn one is no fault.
pub fn no_release(tag: &ReadTag, subject: Subject<'_>) -> Option<Problem> {
    let version = &*tag.version;
    let Subject { policy, catalog, .. } = subject;
    if catalog.withdrawn.contains_key(version) {
        return None;
    }
    if catalog.is_left_out(version) {
        let message = format!("{version} is left out of {}, so the tag does nothing", policy.id);
        return Some(of_subject(
            tag,
            subject,
            "tag-unknown-release",
            message,
            "mend the errors of that release".into(),
        ));
    }
    let message = format!("{} has no release {version}, so the tag does nothing", policy.id);
    let help = match like(version, catalog.releases().map(|release| &*release.name)) {
        Some(near) => format!("did you mean {near}? If not, push the branch with `{}/{version}` first", policy.id),
        None => format!("push the branch with `{}/{version}` first, or delete the tag", policy.id),
    };
    Some(of_subject(tag, subject, "tag-unknown-release", message, help))
}

/// The version that is the same but for build metadata, else one that differs in a digit or two. A slip in another one is hardly
/// told from a release that is not there yet, and there may be thousands of tags and releases to compare.
fn like<'n>(version: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    const MOST: usize = 2;
    let names: Vec<&str> = names.collect();
    if let Some(built) = names.iter().find(|name| name.split_once('+').is_some_and(|(of, _)| of == version)) {
        return Some(built);
    }
    let differing = |name: &str| name.bytes().zip(version.bytes()).filter(|(a, b)| a != b).count();
    let alike = names.into_iter().filter(|name| name.len() == version.len()).map(|name| (differing(name), name));
    alike.filter(|(count, _)| *count <= MOST).min().map(|(_, name)| name)
}

/// Reported as what it is where the app is read from an older commit.
fn of_subject(tag: &ReadTag, subject: Subject<'_>, rule: &'static str, message: String, help: String) -> Problem {
    let problem = if subject.frozen {
        let message = format!("{message} as long as the app is read from an older commit");
        Problem::warning("tag-of-frozen-app", message, "mend the errors in its part of releases.toml")
    } else {
        Problem::error(rule, message, help)
    };
    claim(problem, tag, subject)
}

fn claim(problem: Problem, tag: &ReadTag, subject: Subject<'_>) -> Problem {
    problem.of_tag(&*tag.name).of_app(&*subject.policy.id).of_version(&*tag.version)
}

/// A channel that takes no tags. `why` is what keeps the release from it by the branch.
pub fn without_effect(tag: &ReadTag, subject: Subject<'_>, why: Option<NotOpen>) -> Problem {
    let (version, channel) = (&*tag.version, &tag.channel);
    let (message, help) = match why {
        Some(NotOpen::Prerelease) => (
            format!("`{channel}` takes no tags, and the branch opens no pre-releases there, so the tag opens nothing"),
            "say `prereleases = true` in that channel to have the branch open them, or `tags = true` to open releases by \
             tags; or delete the tag"
                .to_owned(),
        ),
        Some(NotOpen::Elsewhere) => (
            format!("`{channel}` takes no tags, and {version} may not go there by the `channels` of its release.toml"),
            format!("add `{channel}` there, or delete the tag"),
        ),
        _ => (
            format!("the branch opens everything in `{channel}`, so the tag changes nothing there"),
            "say `tags = true` in that channel to open releases by tags, or delete the tag".to_owned(),
        ),
    };
    claim(Problem::warning("tag-without-effect", message, help), tag, subject)
}

/// A channel where the release may not go.
pub fn elsewhere(tag: &ReadTag, subject: Subject<'_>) -> Problem {
    let (version, channel) = (&*tag.version, &tag.channel);
    let message =
        format!("{version} may not go to `{channel}` by the `channels` of its release.toml, so nothing opens");
    let help = format!("add `{channel}` there, or delete the tag");
    claim(Problem::error("tag-elsewhere", message, help), tag, subject)
}

/// A commit without the bytes that are served. `brought` is the commit that has them.
pub fn other_bytes(tag: &ReadTag, subject: Subject<'_>, brought: Option<CommitId>) -> Problem {
    let version = &*tag.version;
    let message = match tag.commit {
        None => format!("the tag names no commit, so it approves no bundle of {version} and opens nothing"),
        Some(commit) => format!(
            "commit {} has not the bundle of {version} that is served, so the tag approves nothing and opens nothing",
            commit.short()
        ),
    };
    let at = brought.map_or_else(|| "<commit>".to_owned(), |commit| commit.short());
    let help = anew(tag, &format!("tag the commit that brought those bytes: `{}`", made_at(tag, &at)));
    claim(Problem::error("tag-other-bytes", message, help), tag, subject)
}

/// Steps that begin at no time.
pub fn without_date(tag: &ReadTag, subject: Subject<'_>) -> Problem {
    let (name, version) = (&tag.name, &*tag.version);
    let (why, mend) = if tag.annotated {
        // the hook lets nobody replace an annotated tag
        let again = format!("`git tag -a -f {name} {name}^0 && git push origin {name}`");
        ("no date that can be read", anew(tag, &format!("make it again at the same commit: {again}")))
    } else {
        let again = format!("`git tag -a -f {name} {name} && git push --force origin {name}`");
        ("no date, since it is lightweight", format!("annotate it at the same commit: {again}"))
    };
    let message = format!("the tag has {why}, so the steps of {version} never begin and it stays at its first one");
    let help = format!("{mend}; or say `rollout_start` in release.toml");
    claim(Problem::error("tag-without-date", message, help), tag, subject)
}

/// A mend that replaces the tag, which takes two pushes where it is on the server.
fn anew(tag: &ReadTag, mend: &str) -> String {
    format!("{}{mend}", if_pushed(&tag.name))
}

/// What comes first where a tag is on the server already. Who sees that it is not leaves it out.
pub fn if_pushed(tag: &str) -> String {
    format!("where it was pushed already, take it back first, by a push of its own: `git push origin :{tag}`; then ")
}

/// The command that makes a tag at a commit, as it was made.
fn made_at(tag: &ReadTag, at: &str) -> String {
    let annotated = if tag.annotated { "-a " } else { "" };
    format!("git tag {annotated}-f {0} {at} && git push origin {0}", tag.name)
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
