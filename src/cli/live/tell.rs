//! Telling the daemon of a push: what it is about to change, and what it changed.

use std::time::Duration;

use hyper::Method;

use crate::cli::ask::ask;
use crate::repository::id::ObjectId;
use crate::repository::refs::{RefUpdate, Refs};
use crate::settings::Settings;
use crate::store::Store;

/// The daemon answers at once, or is not to be had.
const PATIENCE: Duration = Duration::from_millis(200);
/// Bytes that it listens to.
const SAID: usize = 1 << 20;

/// The updates of a push that change what is served.
pub fn that_matter<'u>(updates: &'u [RefUpdate], refs: &Refs) -> Vec<&'u RefUpdate> {
    let matters = |update: &&RefUpdate| update.name == refs.full_branch() || update.release_tag().is_some();
    updates.iter().filter(matters).collect()
}

/// Says that a push is about to change these, so that nobody takes its half for the whole. One ref has no half.
pub fn coming(store: &Store, settings: &Settings, updates: &[&RefUpdate]) {
    if updates.len() > 1 {
        say(store, settings, "/hooks/coming", &lines(updates, |update| update.old));
    }
}

/// Says that all of a push is in. Of more than a daemon listens to, it is told only that something is in.
pub fn pushed(store: &Store, settings: &Settings, updates: &[&RefUpdate]) {
    say(store, settings, "/hooks/push", &lines(updates, |update| update.new));
}

/// A daemon that cannot be told finds out by itself, a moment later.
fn say(store: &Store, settings: &Settings, path: &str, said: &str) {
    let Some(address) = store.operator().and_then(|address| address.to_string().parse().ok()) else { return };
    let token = settings.operator_token.as_ref().map(|token| token.reveal());
    let said = if said.len() <= SAID { said } else { "" };
    let _ = ask(Method::POST, &address, path, token, said.to_owned(), PATIENCE);
}

/// A line for each ref: an object, and its name.
fn lines(updates: &[&RefUpdate], object: impl Fn(&RefUpdate) -> Option<ObjectId>) -> String {
    updates.iter().map(|update| format!("{} {}\n", object(update).unwrap_or(ObjectId::NONE), update.name)).collect()
}
