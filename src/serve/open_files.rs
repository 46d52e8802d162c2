//! How many files and connections the system lets this process have open.

use rustix::process::{Resource, getrlimit, setrlimit};
use tracing::warn;

/// Beside the connections: the log, the repository, bundles, the runtime.
const RESERVE: u64 = 200;

/// Raises the limit as far as the system allows, and warns where the connections that were asked for do not fit in it.
pub fn raise_limit(max_connections: usize) {
    let wanted = u64::try_from(max_connections).unwrap_or(u64::MAX).saturating_add(RESERVE);
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|current| current < wanted) {
        limit.current = Some(limit.maximum.map_or(wanted, |maximum| maximum.min(wanted)));
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            warn!(%error, "the limit of open files cannot be raised");
        }
    }
    if let Some(current) = getrlimit(Resource::Nofile).current.filter(|current| *current < wanted) {
        warn!(
            limit = current,
            max_connections,
            "the system allows fewer open files than max_connections needs: raise its limit (ulimit -n, LimitNOFILE) or \
             lower max_connections"
        );
    }
}
