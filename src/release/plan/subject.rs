//! Whom a comparison is about.

use super::{Apps, Who};
use crate::release::channel::Channel;
use crate::release::decide::Refusal;
use crate::release::platform::Platform;
use crate::release::time::Timestamp;

/// Where devices are.
#[derive(Clone, Copy)]
pub(super) struct Place<'t> {
    pub app: &'t str,
    pub channel: &'t str,
    pub platform: Platform,
}

/// Devices, and the channel that serves them before and after, or why none does.
pub(super) struct Subject<'a, 't> {
    pub apps: &'a Apps<'t>,
    pub place: Place<'t>,
    pub who: Who,
    pub old: Result<&'t Channel, Refusal>,
    pub new: Result<&'t Channel, Refusal>,
    pub now: Timestamp,
}
