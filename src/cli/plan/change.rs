//! Which change is asked for: the refs before and after.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Arguments, Turn};
use crate::cli::branch;
use crate::cli::failure::Failure;
use crate::release::time::Timestamp;
use crate::repository::descriptor::nearest;
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::reader::{Reader, Tagged};
use crate::repository::refs::Refs;
use crate::repository::tag::TagName;
use crate::settings::Settings;

/// The refs before and after.
pub struct Change {
    /// As they are, or at the revision before.
    pub before: Refs,
    /// As they would be.
    pub after: Refs,
    /// Tags that no repository holds yet, with what they name.
    pub made: Vec<(ObjectId, Tagged)>,
    /// What whoever reads the plan should know of its two sides.
    pub notes: Vec<String>,
    /// The tags that are asked about.
    pub turns: Vec<Turn>,
    /// The remote whose tags are taken to be those of this clone, since nothing here tells which it has.
    pub guessed: Option<String>,
    tags: Vec<String>,
    untags: Vec<String>,
}

/// Words of the command line that are revisions.
pub(super) struct Revisions {
    old: Option<Word>,
    new: Option<Word>,
}

/// A revision as it is typed.
enum Word {
    Revision(String),
    /// A side of `..` where nothing stands.
    Nothing,
}

/// The first word is a repository if such a path exists, else a revision of the repository here.
pub(super) fn target(arguments: &Arguments) -> Result<(Reader, Revisions), Failure> {
    let (old, new) = (arguments.old.clone(), arguments.new.clone());
    let here = || Reader::discover(Path::new("."));
    match &arguments.repo {
        None => Ok((here()?, Revisions { old: None, new: None })),
        // the folder above, as git takes it, where that is a repository
        Some(repo) if repo == Path::new("..") && old.is_none() => match Reader::open(repo) {
            Ok(above) => Ok((above, Revisions { old: None, new: None })),
            Err(_) => Ok((here()?, Revisions::of(Some("..".to_owned()), None))),
        },
        Some(repo) if repo.exists() || new.is_some() => Ok((Reader::open(repo)?, Revisions::of(old, new))),
        Some(word) => {
            let reader = here().map_err(|error| no_such_path(error.into(), word))?;
            Ok((reader, Revisions::of(Some(word.to_string_lossy().into_owned()), old)))
        }
    }
}

fn three_dots(failure: Failure, word: &str) -> Failure {
    match word.split_once("...") {
        Some((old, new)) => failure.hint(format!("a plan goes from one revision to another: `{old}..{new}`")),
        None => failure,
    }
}

fn no_such_path(failure: Failure, word: &Path) -> Failure {
    failure.hint(format!("if `{}` was meant as a repository: there is no such path", word.display()))
}

impl Revisions {
    /// `<old>..<new>` is two words in one.
    fn of(old: Option<String>, new: Option<String>) -> Revisions {
        match (old.as_deref().and_then(|word| word.split_once("..")), &new) {
            (Some((old, end)), None) if !end.starts_with('.') => {
                let word = |word: &str| if word.is_empty() { Word::Nothing } else { Word::Revision(word.to_owned()) };
                Revisions { old: Some(word(old)), new: Some(word(end)) }
            }
            _ => Revisions { old: old.map(Word::Revision), new: new.map(Word::Revision) },
        }
    }
}

impl Word {
    /// The revision that is meant. Nothing means what it means to git, but in a bare repository, where nobody checks out
    /// anything, the release branch.
    fn revision<'w>(&'w self, reader: &Reader, branch: &'w str) -> &'w str {
        match self {
            Word::Revision(word) => word,
            Word::Nothing if reader.is_bare() => branch,
            Word::Nothing => "HEAD",
        }
    }
}

impl Change {
    /// What the arguments ask for.
    ///
    /// # Errors
    /// A revision or a tag that is not there; a tag that is there and would have to be moved; a name that is no release
    /// tag's.
    pub(super) fn asked_for(
        arguments: &Arguments,
        words: &Revisions,
        reader: &Reader,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Change, Failure> {
        let (turns, present) = (turns(arguments)?, reader.refs(&settings.branch)?);
        let resolve = |word: &str| {
            let named = reader.resolve(word).map_err(|error| three_dots(error.into(), word));
            // one that came first may have been meant as a path
            let is_first = arguments.repo.as_deref().is_some_and(|first| first == Path::new(word));
            named.map_err(|failure| if is_first { no_such_path(failure, Path::new(word)) } else { failure })
        };
        let upstream = if reader.is_bare() { None } else { reader.upstream(&settings.branch)? };
        let branch = present.full_branch().to_owned();
        // where one of them is left out, it is the release branch that is meant
        let is_meant = words.old.is_none() && upstream.is_none() || words.new.is_none() && reader.is_bare();
        if is_meant && present.branch.is_none() && is_elsewhere(reader, &settings.branch)? {
            return Err(branch::absent(reader, &settings.branch));
        }
        let old = match &words.old {
            Some(word) => Some(resolve(word.revision(reader, &branch))?),
            None => upstream.or(present.branch),
        };
        let new = match &words.new {
            Some(word) => Some(resolve(word.revision(reader, &branch))?),
            None if reader.is_bare() => present.branch,
            None => reader.head()?,
        };
        let after = present.clone().with_branch(new);
        let is_of_remote = upstream.is_some() && (!turns.is_empty() || words.old.is_none() && words.new.is_none());
        let mut change = Change {
            before: present.with_branch(old),
            after,
            made: Vec::new(),
            notes: notes(reader, words, &branch, upstream, [old, new])?,
            turns,
            guessed: is_of_remote.then(|| reader.remote(&settings.branch)),
            tags: arguments.tag.clone(),
            untags: arguments.untag.clone(),
        };
        for name in &arguments.untag {
            change.take_away(short(name))?;
        }
        for tag in &arguments.tag {
            let (name, revision) = named(tag);
            change.add(name, revision.map(resolve).transpose()?, reader, now)?;
        }
        Ok(change)
    }

    fn take_away(&mut self, name: &str) -> Result<(), Failure> {
        let tags = &self.after.tags;
        if find(&self.after, name).is_none() {
            let failure = Failure::usage(format!("there is no release tag `{name}` to take away"));
            let near = nearest(name, tags.iter().map(|(name, _)| &**name));
            return Err(match near {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint("`git tag` shows those that are"),
            });
        }
        let left: Vec<_> = tags.iter().filter(|(other, _)| **other != *name).cloned().collect();
        self.after = self.after.clone().with_tags(left);
        Ok(())
    }

    /// As `git tag` would make it, and push it.
    fn add(&mut self, name: &str, commit: Option<CommitId>, reader: &Reader, now: Timestamp) -> Result<(), Failure> {
        form(name)?;
        let here = find(&self.after, name);
        let held = here.filter(|_| !reader.is_bare()).map(|id| reader.objects()?.tagged(id)).transpose()?;
        let is_new = commit.is_some() || here.is_none();
        match held.map(|held| held.commit) {
            Some(held) if commit.is_none() || commit == held => {
                // made here and not pushed yet, most likely
                let others: Vec<_> = self.before.tags.iter().filter(|(other, _)| **other != *name).cloned().collect();
                self.before = self.before.clone().with_tags(others);
                let anew = if commit.is_some() { ", made anew" } else { "" };
                let note = "is in this clone already, and is planned as a tag that is not pushed yet";
                self.notes.push(format!("`{name}` {note}{anew}"));
                if commit.is_none() {
                    return Ok(());
                }
            }
            Some(held) => {
                let held = held.map_or_else(|| "no commit".to_owned(), |held| format!("commit {}", held.short()));
                self.notes
                    .push(format!("`{name}` is in this clone already, at {held}, and is planned as moved from there"));
            }
            None => {}
        }
        if !is_new {
            return Err(Failure::usage(format!("there is a tag `{name}` already"))
                .hint(format!("to plan what moving it would do, say where to: `--tag {name}=<revision>`")));
        }
        let Some(commit) = commit.or(self.after.branch) else {
            return Err(Failure::usage(format!("there is no commit that `{name}` could name")));
        };
        let (id, tagged) = made(name, commit, now);
        let others = self.after.tags.iter().filter(|(other, _)| **other != *name).cloned();
        let tags: Vec<_> = others.chain([(name.into(), id)]).collect();
        self.after = self.after.clone().with_tags(tags);
        self.made.push((id, tagged));
        Ok(())
    }

    /// What is planned, in a line.
    pub(super) fn shown(&self) -> String {
        let short = |tip: Option<CommitId>| tip.map_or_else(|| "nothing".to_owned(), |tip| tip.short());
        let (old, new) = (short(self.before.branch), short(self.after.branch));
        let commits = if old == new { format!("plan of {new}") } else { format!("plan from {old} to {new}") };
        let with = self.tags.iter().map(|tag| format!("with tag {tag}"));
        let without = self.untags.iter().map(|tag| format!("without tag {tag}"));
        [commits].into_iter().chain(with).chain(without).collect::<Vec<_>>().join(", ")
    }
}

/// The name below `refs/tags/`.
fn short(name: &str) -> &str {
    name.strip_prefix("refs/tags/").unwrap_or(name)
}

/// `<name>=<revision>`.
fn named(tag: &str) -> (&str, Option<&str>) {
    let tag = short(tag);
    tag.split_once('=').map_or((tag, None), |(name, word)| (name, Some(word)))
}

/// In the order that they are typed in, those that come first. Each is named once.
fn turns(arguments: &Arguments) -> Result<Vec<Turn>, Failure> {
    let turn = |name: &str, is_gone| Turn { name: name.to_owned(), is_gone };
    let come = arguments.tag.iter().map(|tag| turn(named(tag).0, false));
    let all: Vec<Turn> = come.chain(arguments.untag.iter().map(|name| turn(short(name), true))).collect();
    for (at, turn) in all.iter().enumerate() {
        let before = all.iter().take(at).find(|before| before.name == turn.name);
        if let Some(before) = before {
            return Err(twice(&turn.name, before.is_gone != turn.is_gone));
        }
    }
    Ok(all)
}

fn twice(name: &str, is_both: bool) -> Failure {
    if is_both {
        let failure =
            Failure::usage(format!("`{name}` cannot both be there and be gone: `--tag` and `--untag` name it"));
        return failure.hint(format!("to plan moving it, `--tag {name}=<revision>` alone will do"));
    }
    Failure::usage(format!("`{name}` is named twice")).hint("name each tag once")
}

/// Whether devices are served another branch, as far as the repository tells: its own, or that of the remote.
fn is_elsewhere(reader: &Reader, branch: &str) -> Result<bool, Failure> {
    let Some(meant) = reader.branch_instead(branch) else { return Ok(false) };
    Ok(reader.is_bare() || reader.upstream(&meant)?.is_some())
}

/// Where the two sides may not be what somebody thinks they are.
fn notes(
    reader: &Reader,
    words: &Revisions,
    branch: &str,
    upstream: Option<CommitId>,
    [old, new]: [Option<CommitId>; 2],
) -> Result<Vec<String>, Failure> {
    let mut notes = Vec::new();
    let is_nothing = |word: &Option<Word>| matches!(word, Some(Word::Nothing));
    let taken = Word::Nothing.revision(reader, branch);
    match (is_nothing(&words.old), is_nothing(&words.new)) {
        (true, true) => notes.push(format!("nothing stands on either side of `..`: both are taken as {taken}")),
        (true, false) => notes.push(format!("nothing stands before `..`: it goes from {taken}")),
        (false, true) => notes.push(format!("nothing stands behind `..`: it goes to {taken}")),
        (false, false) => {}
    }
    let is_asked = words.old.is_some() || words.new.is_some();
    if !is_asked && !reader.is_bare() && upstream.is_none() {
        notes.push("no branch of a remote is known here, so HEAD is compared with the branch of this clone".to_owned());
    }
    let Some((old, new)) = old.zip(new).filter(|(old, new)| old != new) else { return Ok(notes) };
    let is_back = is_asked && reader.is_ancestor(new, old)?;
    if !is_back && !reader.is_ancestor(old, new)? {
        notes.push(format!(
            "{} does not contain {}, so what only that one has looks withdrawn here: `git pull --rebase` first",
            new.short(),
            old.short()
        ));
    }
    Ok(notes)
}

fn find(refs: &Refs, name: &str) -> Option<ObjectId> {
    let at = refs.tags.binary_search_by(|(other, _)| (**other).cmp(name)).ok()?;
    refs.tags.get(at).map(|(_, id)| *id)
}

fn form(name: &str) -> Result<(), Failure> {
    let hint = "write `<channel>/<version>` or `<app>/<channel>/<version>`, and behind it `@10%`, `@halt` or nothing";
    let example = "for example `production/1.4.2@10%`";
    match TagName::parse(name).map(|tag| tag.says) {
        Some(Ok(_)) => Ok(()),
        Some(Err(suffix)) => {
            let message = format!("`@{suffix}` at the end of `{name}` means nothing");
            Err(Failure::usage(message).hint(format!("{hint}: {example}; at most two decimals, and at most 100%")))
        }
        None => Err(Failure::usage(format!("`{name}` is no release tag")).hint(format!("{hint}: {example}"))),
    }
}

/// An annotated tag that is made now. No object has such an id: it is a hash of something that is no git object.
fn made(name: &str, commit: CommitId, now: Timestamp) -> (ObjectId, Tagged) {
    let hash = Sha256::digest(format!("planned {name} {} {}", commit.0, now.0));
    let id = ObjectId::new(hash.first_chunk().copied().unwrap_or_default());
    // git counts seconds
    let date = Timestamp(now.0 - now.0.rem_euclid(1000));
    (id, Tagged { commit: Some(commit), date: Some(date) })
}
