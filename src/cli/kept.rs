//! What a running daemon goes on with, where the repository offers nothing any more.

use super::failure::Failure;
use super::time;
use crate::repository::journal::{self, Record, Serves};
use crate::settings::Settings;
use crate::store::Store;

/// The journal of the data directory.
///
/// # Errors
/// It cannot be read.
pub fn record(settings: &Settings) -> Result<Record, Failure> {
    let text = Store::read_only(&settings.data).journal().map_err(|error| Failure::environment(error.to_string()))?;
    Ok(Record::read(&text))
}

/// Whether the journal says that a daemon goes on with what it had served before.
pub fn is_kept(settings: &Settings) -> bool {
    let last = record(settings).ok().and_then(|record| journal::behind(&record, record.entries.len(), time::now()));
    last.is_some_and(|last| last.serves == Some(Serves::Kept))
}

/// Where the running daemon answers operators.
pub fn operator(settings: &Settings) -> Option<String> {
    Store::read_only(&settings.data).operator().map(|operator| format!("http://{operator}"))
}
