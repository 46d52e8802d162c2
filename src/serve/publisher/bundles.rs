//! The bundles of what is published, in the store: ready where they are new, deleted where nothing names them any more.

use std::collections::HashSet;

use tracing::{info, warn};

use crate::http::live::Live;
use crate::release::channel::Listing;
use crate::release::platform::Platform;
use crate::release::table::Table;
use crate::store::Store;

/// A page that is not in memory blocks whoever sends it: the system is asked for what will be offered most.
pub fn prefetch(store: &Store, old: Option<&Table>, new: Option<&Table>) {
    let known = |app: &str, name: &str| old.and_then(|t| t.app(app)).is_some_and(|a| a.release(name).is_some());
    for (app, platform, listing) in new.into_iter().flat_map(highest) {
        if let Some(bundle) = listing.release.bundles.get(platform)
            && !known(app, &listing.release.name)
        {
            store.will_need(&bundle.sha256);
        }
    }
}

/// Deletes artefacts that neither the table nor those of the last minutes name.
pub fn collect(store: &Store, live: &Live) {
    let Some(table) = &live.table else { return };
    let mut named: HashSet<[u8; 32]> = live.retired.hashes().copied().collect();
    for release in table.apps().flat_map(|app| app.releases()) {
        named.extend(Platform::ALL.into_iter().filter_map(|p| release.bundles.get(p).as_ref()).map(|b| b.sha256));
    }
    match store.collect(&|hash| named.contains(hash)) {
        Ok(gone) if gone.files > 0 => info!(files = gone.files, bytes = gone.bytes, "deleted old bundles"),
        Ok(_) => {}
        Err(error) => warn!(%error, "old bundles could not be deleted"),
    }
}

/// The highest releases of each channel: few devices are offered another.
fn highest(table: &Table) -> impl Iterator<Item = (&str, Platform, &Listing)> {
    const FEW: usize = 3;
    let channels = table.apps().flat_map(|app| app.channels().map(|channel| (&*app.policy.id, channel)));
    channels.flat_map(|(app, channel)| {
        let listed = move |platform| channel.listed(platform).iter().take(FEW).map(move |l| (app, platform, l));
        Platform::ALL.into_iter().flat_map(listed)
    })
}
