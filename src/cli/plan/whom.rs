//! Whom a channel serves: what is told of everyone there is told of those.

use super::Compared;
use crate::cli::whom::served;
use crate::release::table::Table;

/// Whom a channel serves, or did before it was removed, where that is not everyone.
pub(super) fn serves(compared: &Compared, app: &str, channel: &str) -> Option<String> {
    let of = |table: &Table| {
        let policy = &table.app(app)?.channel(channel)?.policy;
        let (builds, hardware) = (policy.builds, policy.hardware);
        Some(served([builds.prod, builds.dev], [hardware.device, hardware.emulator]))
    };
    of(compared.new_table()).or_else(|| compared.old_table().and_then(of)).flatten()
}
