//! Whom a channel serves: what is told of everyone there is told of those.

use super::Compared;
use crate::release::channel::Channel;
use crate::release::policy::ChannelPolicy;
use crate::release::table::Table;

/// Whom a channel serves, or did before it was removed, where that is not everyone.
pub(super) fn serves(compared: &Compared, app: &str, channel: &str) -> Option<String> {
    let of = |table: &Table| table.app(app).and_then(|app| app.channel(channel)).map(told);
    of(compared.new_table()).or_else(|| compared.old_table().and_then(of)).flatten()
}

fn told(channel: &Channel) -> Option<String> {
    let ChannelPolicy { builds, hardware, .. } = channel.policy;
    let build = match (builds.prod, builds.dev) {
        (true, true) => None,
        (true, false) => Some("store builds"),
        (false, true) => Some("development builds"),
        (false, false) => Some("no builds"),
    };
    let hardware = match (hardware.device, hardware.emulator) {
        (true, true) => None,
        (true, false) => Some("real devices"),
        (false, true) => Some("emulators"),
        (false, false) => Some("no devices"),
    };
    match (build, hardware) {
        (Some(build), Some(hardware)) => Some(format!("serves {build} on {hardware} alone")),
        (one, other) => one.or(other).map(|kind| format!("serves {kind} alone")),
    }
}
