//! Whom a channel serves: what is told of everyone there is told of those.

use super::Compared;
use crate::cli::whom::served;
use crate::release::policy::ChannelPolicy;
use crate::release::table::Table;

/// Whom a channel serves, or served before it was removed, where that is not every device that asks for it.
pub(super) fn serves(compared: &Compared, app: &str, channel: &str) -> Option<String> {
    let in_new = policy(compared.new_table(), app, channel);
    let is_there = in_new.is_some();
    let policy = in_new.or_else(|| policy(compared.old_table()?, app, channel))?;
    let (builds, hardware) = (policy.builds, policy.hardware);
    let whom = served([builds.prod, builds.dev], [hardware.device, hardware.emulator]);
    let whom = whom.map(|whom| format!("it {} {whom}", if is_there { "serves" } else { "served" }));
    let is_private = is_there && !policy.public && !policy.self_assign;
    let private = is_private.then(|| "no device may name it".to_owned());
    let told: Vec<String> = whom.into_iter().chain(private).collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn policy<'t>(table: &'t Table, app: &str, channel: &str) -> Option<&'t ChannelPolicy> {
    Some(&table.app(app)?.channel(channel)?.policy)
}
