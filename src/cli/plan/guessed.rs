//! Tags of a clone that are taken to be those of the remote. What was deleted there stays in every clone that fetched it, and
//! nothing in a clone tells.

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
    let mut found: Vec<&ReleaseTag> = found.filter(|tag| change.before.tag(&tag.name).is_some()).collect();
    // the highest first: where several are above what is asked about, that one decides
    let height = |tag: &ReleaseTag| version(&tag.version);
    found.sort_by(|a, b| height(b).cmp(&height(a)).then_with(|| a.name.cmp(&b.name)));
    found.dedup_by(|a, b| a.name == b.name);
    let shown: Vec<_> = found.iter().take(MOST).map(|tag| quote(&tag.name)).collect();
    let (named, first) = (shown.join(" "), shown.first()?);
    let more = match found.len() - shown.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let them = if found.len() == 1 { "it is" } else { "they are" };
    Some(format!(
        "what this clone has of {}{more} counts, though a tag that was deleted on {remote} stays here: `git ls-remote {remote} \
         {named}` shows whether {them} there, and `git tag -d {first}` takes one away here",
        shown.join(", ")
    ))
}

/// The tags of the releases that the change is about, by its files or by the tags that are asked about, and of higher ones in
/// the channels of those: they may be why a tag does nothing.
fn deciding<'t>(table: &'t Table, compared: &Compared, turns: &[Turn]) -> impl Iterator<Item = &'t ReleaseTag> {
    let asked = turns.iter().filter_map(|turn| {
        let tag = TagName::parse(&turn.name)?;
        Some((tag, version(tag.version)?, app_of(turn, tag, compared)))
    });
    let asked: Vec<_> = asked.collect();
    let is_asked = move |app: &str, tag: &ReleaseTag| {
        let is_above = |asked: &Version| version(&tag.version).is_some_and(|one| one.cmp_precedence(asked).is_ge());
        asked.iter().any(|(asked, version, of)| {
            of.is_none_or(|of| of == app) && *asked.channel == *tag.channel && is_above(version)
        })
    };
    let mut found = Vec::new();
    for app in table.apps() {
        let id = &app.policy.id;
        let tags = app.tags().iter();
        let deciding = tags.filter(|tag| is_asked(id, tag) || compared.touched.has_version(id, &tag.version));
        found.extend(deciding);
    }
    found.into_iter()
}

/// The app of a tag that is asked about; of a short one that which has it in one of the tables.
fn app_of<'t>(turn: &Turn, tag: TagName<'t>, compared: &'t Compared) -> Option<&'t str> {
    let tables = [compared.old_table(), Some(compared.new_table())];
    let mut apps = tables.into_iter().flatten().flat_map(Table::apps);
    tag.app.or_else(|| apps.find(|app| app.tags().iter().any(|one| *one.name == *turn.name)).map(|app| &*app.policy.id))
}
