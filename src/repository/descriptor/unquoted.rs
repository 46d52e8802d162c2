//! App ids without quotes, which TOML reads as tables in tables.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable};

use super::faults::Faults;
use super::fields::Value;
use super::place::{CHANNEL, nearest};

/// An app whose id was written without quotes.
pub(super) struct Unquoted<'d> {
    /// The id that was meant.
    pub id: String,
    /// Where it stands, or the last part of it.
    pub place: Range<usize>,
    /// The app's part.
    pub part: &'d Value<'d>,
}

/// The apps that were meant by an entry of `apps`. None: the key is an app's id as it is.
pub(super) fn find<'d>(key: &Spanned<DeString<'d>>, value: &'d Value<'d>, text: &str) -> Vec<Unquoted<'d>> {
    let mut found = Vec::new();
    match value.get_ref().as_table() {
        // A dot in a key means that it had quotes.
        Some(table) if !key.get_ref().contains('.') && !is_part(key.get_ref(), table) => {
            descend(key.get_ref(), table, text, &mut found)
        }
        _ => {}
    }
    found
}

fn descend<'d>(path: &str, table: &'d DeTable<'d>, text: &str, found: &mut Vec<Unquoted<'d>>) {
    for (key, value) in table.iter().filter(|(key, value)| is_more_of_an_id(path, key.get_ref(), value)) {
        let Some(inner) = value.get_ref().as_table() else { continue };
        let id = format!("{path}.{}", key.get_ref());
        descend(&id, inner, text, found);
        if is_part(&id, inner) {
            found.push(Unquoted { place: whole(&id, key.span(), text), id, part: value });
        }
    }
}

/// Whether the table at that path is an app's part, not one more step of an id.
fn is_part(path: &str, table: &DeTable<'_>) -> bool {
    table.is_empty() || table.iter().any(|(key, value)| !is_more_of_an_id(path, key.get_ref(), value))
}

fn is_more_of_an_id(path: &str, key: &str, value: &Value<'_>) -> bool {
    const NAMES: [&str; 2] = ["channels", "overrides"];
    // below `com` alone a word that is only like one of ours is more likely a word of the id
    let app_key = || NAMES.contains(&key) || !is_domain(path) && nearest(key, NAMES).is_some();
    value.get_ref().as_table().is_some_and(|table| !app_key() && !is_channel(table))
}

/// Whether an app id begins so, and no app is called so.
fn is_domain(path: &str) -> bool {
    matches!(path, "com" | "org" | "net" | "app" | "dev" | "edu" | "gov" | "info") || path.len() == 2
}

/// Whether the table is a channel; one that misses its `channels` is no part of an id.
fn is_channel(table: &DeTable<'_>) -> bool {
    let is_own = |key: &str, value: &Value<'_>| match value.get_ref().as_table() {
        None => CHANNEL.keys.contains(&key),
        Some(table) => key == "halt" && table.contains_key("failures"),
    };
    table.iter().any(|(key, value)| is_own(key.get_ref(), value))
}

/// The whole id where it stands in one piece before the end of its last key, as it does in a header.
fn whole(id: &str, last: Range<usize>, text: &str) -> Range<usize> {
    match text.get(..last.end) {
        Some(before) if before.ends_with(id) => last.end - id.len()..last.end,
        _ => last,
    }
}

impl Unquoted<'_> {
    /// Notes what is wrong and its mend.
    pub(super) fn note(&self, faults: &mut Faults<'_>) {
        let message = format!("the app id `{}` has no quotes, so TOML takes each part of it for a table", self.id);
        let help = format!("put it in quotes, here and in every table below it: `[apps.\"{}\"]`", self.id);
        faults.error("unquoted-app-id", self.place.clone(), message, help);
    }
}
