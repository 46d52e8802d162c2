//! The channel of devices that name none: an app may come to have another one.

use super::cause::new_default;
use super::{Apps, Change, Spot, Who};

/// Devices that name no channel come to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewDefault<'t> {
    /// Their app.
    pub app: &'t str,
    /// The channel that they were in.
    pub from: &'t str,
    /// The channel that they are in from now on.
    pub to: &'t str,
    /// Whether some of them get something else there now.
    pub is_felt: bool,
    /// What says so.
    pub at: Option<Spot<'t>>,
}

impl<'t> Apps<'t> {
    /// The default channel as it was and as it is, where that is another one.
    pub(super) fn new_default(&self) -> Option<(&'t str, &'t str)> {
        let (from, to) = (&*self.old?.policy.default_channel, &*self.new?.policy.default_channel);
        (from != to).then_some((from, to))
    }

    /// Whether a channel is the default one in one of the two apps and not in both.
    pub(super) fn is_default_otherwise(&self, channel: &str) -> bool {
        self.new_default().is_some_and(|(from, to)| channel == from || channel == to)
    }
}

/// Of an app of which `changes` are all.
pub(super) fn told<'t>(apps: &Apps<'t>, changes: &[Change<'t>]) -> Option<NewDefault<'t>> {
    let (from, to) = apps.new_default()?;
    let is_felt = changes.iter().any(|change| matches!(change.row.who, Who::Unnamed(_)));
    Some(NewDefault { app: apps.id, from, to, is_felt, at: new_default().at })
}
