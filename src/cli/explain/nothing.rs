//! Why there is nothing to explain by, and who still knows more.

use super::moment::record;
use crate::cli::failure::Failure;
use crate::cli::time;
use crate::repository::journal::{self, Serves};
use crate::repository::refs::Refs;
use crate::settings::Settings;
use crate::store::Store;

/// The line of these refs offers nothing. A daemon that served something goes on with it.
pub(super) fn offered(settings: &Settings, refs: &Refs) -> Failure {
    let branch = refs.branch_name();
    let now = time::now();
    let last = record(settings).ok().and_then(|record| journal::behind(&record, record.entries.len(), now));
    let is_kept = last.is_some_and(|last| last.serves == Some(Serves::Kept));
    let failure = Failure::environment(match refs.branch {
        None if is_kept => format!("the branch `{branch}` is not there, so the repository offers nothing now"),
        None => format!("the branch `{branch}` offers nothing yet: it has no commit"),
        Some(tip) if is_kept => format!("the branch `{branch}` offers nothing now, at {}", tip.short()),
        Some(tip) => format!("the branch `{branch}` offers nothing yet, at {}", tip.short()),
    });
    if !is_kept {
        return failure.hint("`pushlive check` says why");
    }
    let running = Store::read_only(&settings.data)
        .operator()
        .map(|operator| format!("; it can be asked itself too, by `POST /api/explain` at http://{operator}"));
    failure.hint(format!(
        "a running daemon goes on with what it had: `--at {}` explains that, by its journal{}",
        time::shown(now),
        running.unwrap_or_default()
    ))
}
