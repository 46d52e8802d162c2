//! Why there is nothing to explain by, and who still knows more.

use crate::cli::failure::Failure;
use crate::cli::{branch, kept, time};
use crate::repository::reader::Reader;
use crate::repository::refs::Refs;
use crate::settings::Settings;

/// The line of these refs offers nothing. A daemon that served something goes on with it.
pub(super) fn offered(reader: &Reader, settings: &Settings, refs: &Refs) -> Failure {
    let branch_name = refs.branch_name();
    let is_kept = kept::is_kept(settings);
    if refs.branch.is_none() && !is_kept {
        return branch::absent(reader, branch_name);
    }
    let failure = Failure::environment(match refs.branch {
        None => format!("the branch `{branch_name}` is not there, so the repository offers nothing now"),
        Some(tip) if is_kept => format!("the branch `{branch_name}` offers nothing now, at {}", tip.short()),
        Some(tip) => format!("the branch `{branch_name}` offers nothing yet, at {}", tip.short()),
    });
    if !is_kept {
        return failure.hint("`pushlive check` says why");
    }
    let running = kept::operator(settings)
        .map(|operator| format!("; it can be asked itself too, by `POST /api/explain` at {operator}"));
    failure.hint(format!(
        "a running daemon goes on with what it had: `--at {}` explains that, by its journal{}",
        time::shown(time::now()),
        running.unwrap_or_default()
    ))
}

/// The line that is taken for that of then offers nothing.
pub(super) fn offered_then(refs: &Refs, note: String) -> Failure {
    let at = refs.branch.map(|tip| format!(", at {}", tip.short())).unwrap_or_default();
    Failure::environment(format!("the branch `{}` offers nothing there{at}", refs.branch_name())).hint(note)
}
