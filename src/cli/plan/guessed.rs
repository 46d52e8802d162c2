//! Tags of a clone that are taken to be those of the remote. What was deleted there stays in every clone that fetched it, and
//! nothing in a clone tells.

use std::collections::BTreeSet;

use semver::Version;

use super::Turn;
use super::change::Change;
use super::compared::Compared;
use crate::release::table::Table;
use crate::release::tags::ReleaseTag;
use crate::repository::names::version;
use crate::repository::shell_word::quote;
use crate::repository::tag::TagName;

/// Tags that are named; the rest is counted.
const MOST: usize = 3;

/// Says which of them decide what the plan says, and how to find out whether they are there.
pub fn note(compared: &Compared, change: &Change) -> Option<String> {
    let remote = quote(change.guessed.as_deref()?);
    let tables = [compared.old_table(), Some(compared.new_table())];
    let found = tables.into_iter().flatten().flat_map(|table| deciding(table, compared, &change.turns));
    let found: BTreeSet<&str> = found.filter(|tag| change.before.tag(tag).is_some()).collect();
    let shown: Vec<_> = found.iter().take(MOST).map(|tag| quote(tag)).collect();
    let (named, last) = (shown.join(" "), shown.last()?);
    let more = match found.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let them = if found.len() == 1 { "it is" } else { "they are" };
    Some(format!(
        "what this clone has of {}{more} counts, though a tag that was deleted on {remote} stays here: `git ls-remote {remote} \
         {named}` shows whether {them} there, and `git tag -d {last}` takes one away here",
        shown.join(", ")
    ))
}

/// The tags of the releases that the change is about, by its files or by the tags that are asked about, and of higher ones in
/// the channels of those: they may be why a tag does nothing.
fn deciding<'t>(table: &'t Table, compared: &Compared, turns: &[Turn]) -> impl Iterator<Item = &'t str> {
    let asked: Vec<(TagName<'_>, Version)> = turns
        .iter()
        .filter_map(|turn| TagName::parse(&turn.name))
        .filter_map(|tag| Some((tag, version(tag.version)?)))
        .collect();
    let is_asked = move |app: &str, tag: &ReleaseTag| {
        let is_above =
            |asked: &Version| version(&tag.version).is_some_and(|version| version.cmp_precedence(asked).is_ge());
        asked.iter().any(|(asked, version)| {
            asked.app.is_none_or(|of| of == app) && *asked.channel == *tag.channel && is_above(version)
        })
    };
    let mut found = Vec::new();
    for app in table.apps() {
        let id = &app.policy.id;
        let tags = app.tags().iter();
        let deciding = tags.filter(|tag| is_asked(id, tag) || compared.touched.has_version(id, &tag.version));
        found.extend(deciding.map(|tag| &*tag.name));
    }
    found.into_iter()
}
