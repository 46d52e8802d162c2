//! What one check says of a device, in the core's own terms.

use std::borrow::Cow;

use super::native::Native;
use super::platform::Platform;

/// A device that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device<'a> {
    /// The app that it runs.
    pub app: &'a str,
    /// Its platform; `None` for one that is none of the three.
    pub platform: Option<Platform>,
    /// Its id, lower-cased; empty where it has no usable one.
    pub id: Cow<'a, str>,
    /// What the app calls it; a claim, not a secret. May be empty.
    pub custom_id: &'a str,
    /// What it runs.
    pub running: Running<'a>,
    /// `version_build` as it came.
    pub version_build: &'a str,
    /// The same, read.
    pub native: Native,
    /// The channel that it names; empty for none.
    pub default_channel: &'a str,
    /// A store build.
    pub is_prod: bool,
    /// A simulator or an emulator.
    pub is_emulator: bool,
}

/// What a device runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Running<'a> {
    /// The bundle that came with the app.
    Builtin,
    /// A bundle of that name.
    Release(&'a str),
}
