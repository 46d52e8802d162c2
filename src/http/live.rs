//! What requests see: one value, swapped whole when the repository changes.

use std::collections::HashMap;
use std::sync::Arc;
use std::{fmt, ptr};

use arc_swap::{ArcSwap, Guard};

use super::answer::{self, CheckHeaders};
use super::bundle_name::BundleName;
use super::origin::Urls;
use crate::protocol::check::Check;
use crate::release::platform::Platform;
use crate::release::table::{App, Release, Table};
use crate::release::time::Timestamp;
use crate::store::Store;
use crate::telemetry::Events;

/// What can be told of what is published, each as a JSON document. Slow: not for a thread that serves others.
pub trait Report: fmt::Debug + Send + Sync {
    /// Everything that is served, at a time.
    fn table(&self, live: &Live, now: Timestamp) -> Vec<u8>;

    /// One app of it; `None`: there is no such app.
    fn app(&self, live: &Live, id: &str, now: Timestamp) -> Option<Vec<u8>>;

    /// What is wrong with the repository.
    fn problems(&self, live: &Live) -> Vec<u8>;

    /// Why a device of the table gets what it gets, at a time.
    ///
    /// # Errors
    /// The repository cannot be read; says why.
    fn explain(&self, table: &Table, check: &Check<'_>, now: Timestamp) -> Result<Vec<u8>, String>;
}

/// The table and how the last attempt to build one went. No two answers of one [`Live`] contradict each other.
#[derive(Debug)]
pub struct Live {
    /// `None`: nothing was ever built.
    pub table: Option<Arc<Table>>,
    /// How many errors the repository has.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
    /// Whether the repository could be read the last time, else a sentence that says why not.
    pub repository: Result<(), String>,
    /// What earlier tables named.
    pub retired: Retired,
    /// What an operator is told of all this; `None`: nothing was ever built.
    pub report: Option<Arc<dyn Report>>,
    check_headers: CheckHeaders,
}

impl Live {
    /// A value to publish.
    pub fn new(
        table: Option<Arc<Table>>,
        errors: usize,
        warnings: usize,
        repository: Result<(), String>,
        retired: Retired,
        report: Option<Arc<dyn Report>>,
    ) -> Self {
        let check_headers = answer::check_headers(table.as_ref().map(|t| (&*t.commit, &*t.digest)));
        Live { table, errors, warnings, repository, retired, report, check_headers }
    }

    /// The headers of every answer to a check.
    pub(super) fn check_headers(&self) -> &CheckHeaders {
        &self.check_headers
    }

    /// Whether the table, or one of those of the last minutes, has that bundle.
    pub(super) fn names(&self, name: &BundleName<'_>, now: Timestamp) -> bool {
        let app = self.table.as_ref().and_then(|table| table.app(name.app));
        app.is_some_and(|app| has(app, &name.version, &name.sha256)) || self.retired.names(name, now)
    }
}

impl Default for Live {
    /// Before the first build.
    fn default() -> Self {
        Live::new(None, 0, 0, Ok(()), Retired::default(), None)
    }
}

fn has(app: &App, version: &str, sha256: &[u8; 32]) -> bool {
    app.release(version).is_some_and(|r| r.bundles.iter().any(|(_, b)| b.as_ref().is_some_and(|b| b.sha256 == *sha256)))
}

/// An app, a version of it, and the hash of one of its bundles; until when that is served.
type Bundles = HashMap<(Box<str>, Box<str>, [u8; 32]), Timestamp>;

/// The bundles that no table names any more but one of the last minutes did: a device that was just sent to one of them
/// still gets it.
#[derive(Clone, Debug, Default)]
pub struct Retired {
    bundles: Bundles,
}

impl Retired {
    /// How long a bundle is served after its table, in milliseconds.
    pub const KEPT: i64 = 10 * 60 * 1000;

    /// What is retired once `new` takes the place of `old`. Costs a look at each app that changed.
    #[must_use]
    pub fn after(&self, old: &Table, new: &Table, now: Timestamp) -> Retired {
        let mut bundles = self.bundles.clone();
        bundles.retain(|_, until| *until > now);
        for app in old.apps() {
            let successor = new.app(&app.policy.id);
            if successor.is_none_or(|successor| !Arc::ptr_eq(app, successor)) {
                retire(&mut bundles, app, successor.map(|a| &**a), Timestamp(now.0.saturating_add(Retired::KEPT)));
            }
        }
        Retired { bundles }
    }

    /// Whether the time of any has passed.
    pub fn any_expired(&self, now: Timestamp) -> bool {
        self.bundles.values().any(|until| *until <= now)
    }

    /// Those whose time has not passed.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Retired {
        let mut bundles = self.bundles.clone();
        bundles.retain(|_, until| *until > now);
        Retired { bundles }
    }

    /// The hashes of all, for whoever cleans the store.
    pub fn hashes(&self) -> impl Iterator<Item = &[u8; 32]> {
        self.bundles.keys().map(|(_, _, sha256)| sha256)
    }

    fn names(&self, name: &BundleName<'_>, now: Timestamp) -> bool {
        if self.bundles.is_empty() {
            return false;
        }
        let key = (name.app.into(), (*name.version).into(), name.sha256);
        self.bundles.get(&key).is_some_and(|until| now < *until)
    }
}

fn retire(bundles: &mut Bundles, app: &App, successor: Option<&App>, until: Timestamp) {
    let kept = |release: &Release| {
        successor.and_then(|app| app.release(&release.name)).is_some_and(|after| ptr::eq(after, release))
    };
    for release in app.releases().filter(|release| !kept(release)) {
        for bundle in Platform::ALL.into_iter().filter_map(|p| release.bundles.get(p).as_ref()) {
            if !successor.is_some_and(|app| has(app, &release.name, &bundle.sha256)) {
                bundles.insert((app.policy.id.clone(), release.name.clone(), bundle.sha256), until);
            }
        }
    }
}

/// What all connections share.
pub struct State {
    live: ArcSwap<Live>,
    store: Arc<Store>,
    urls: Urls,
    events: Arc<Events>,
    now: fn() -> Timestamp,
}

impl State {
    /// Nothing is published yet: checks are told that the server is not ready. `now` is the clock.
    pub fn new(store: Arc<Store>, urls: Urls, events: Arc<Events>, now: fn() -> Timestamp) -> Self {
        State { live: ArcSwap::default(), store, urls, events, now }
    }

    /// Shows requests a new value, and returns the one before. Whoever publishes should let go of that one: it is big,
    /// and a request that happened to hold it last would pay for it.
    pub fn publish(&self, live: Arc<Live>) -> Arc<Live> {
        self.live.swap(live)
    }

    /// What is published now. Not to be held while waiting for anything.
    pub(super) fn live(&self) -> Guard<Arc<Live>> {
        self.live.load()
    }

    /// The same, for who takes long.
    pub(super) fn live_for_long(&self) -> Arc<Live> {
        self.live.load_full()
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) fn urls(&self) -> &Urls {
        &self.urls
    }

    pub(super) fn events(&self) -> &Events {
        &self.events
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.now)()
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("urls", &self.urls).finish_non_exhaustive()
    }
}
