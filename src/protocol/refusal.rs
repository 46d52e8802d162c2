//! Refusals in words: a code that logs and old plugins know, a sentence, and the kind that tells a plugin how to count it.

use crate::release::decide::Refusal;
use crate::release::platform::Platform;
use crate::release::policy::StayWithin;

/// How a plugin takes an answer without an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing to do.
    UpToDate,
    /// A rule withholds an update.
    Blocked,
    /// Something is wrong with the request or the setup. Newer plugins count it as a failed download.
    Failed,
}

impl Kind {
    /// The word on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::UpToDate => "up_to_date",
            Kind::Blocked => "blocked",
            Kind::Failed => "failed",
        }
    }
}

/// A reason as it goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// `error`
    pub code: &'static str,
    /// `message`
    pub message: &'static str,
    /// `kind`
    pub kind: Kind,
}

/// Electron and the shake menu of some plugins look for this very code.
pub const UP_TO_DATE: Reason =
    Reason { code: "no_new_version_available", message: "No new version available", kind: Kind::UpToDate };

/// There is no table yet.
pub const NOT_READY: Reason = blocked("not_ready", "The server has not read its repository yet");

/// The device should go back to its own bundle, but its plugin does not know how.
pub const CANNOT_RESET: Reason = failed(
    "revert_to_builtin_plugin_version_too_old",
    "The device should go back to the bundle of the app, which this version of the plugin cannot do",
);

/// A newer app from the store is needed. Plugins from 8.46.0 on know it by this message, so it is no sentence.
pub const STORE_UPDATE: Reason = blocked("disable_auto_update_to_major", "store_update_required");

const fn blocked(code: &'static str, message: &'static str) -> Reason {
    Reason { code, message, kind: Kind::Blocked }
}

const fn failed(code: &'static str, message: &'static str) -> Reason {
    Reason { code, message, kind: Kind::Failed }
}

/// A refusal of the core, in words.
pub const fn reason(refusal: Refusal) -> Reason {
    match refusal {
        Refusal::NoTable => NOT_READY,
        Refusal::UnknownApp => blocked("app_not_found", "This server does not know the app"),
        Refusal::UnknownChannel => failed("no_channel", "The app has no channel of that name"),
        Refusal::PrivateChannel => {
            blocked("cannot_update_via_private_channel", "The channel is neither public nor self-assignable")
        }
        Refusal::Platform(platform) => blocked(platform_code(platform), "The channel does not serve this platform"),
        Refusal::ProdBuild => blocked("disable_prod_build", "The channel does not serve store builds"),
        Refusal::DevBuild => blocked("disable_dev_build", "The channel does not serve development builds"),
        Refusal::RealDevice => blocked("disable_device", "The channel does not serve real devices"),
        Refusal::Emulator => blocked("disable_emulator", "The channel does not serve emulators"),
        Refusal::NothingListed => blocked("no_release", "The channel has no release for this platform"),
        Refusal::NativeUnreadable => failed(
            "semver_error",
            "The native version of the app starts with no number that can be read, and the channel needs one",
        ),
        Refusal::Native => blocked("native_incompatible", "The release does not run on this native version"),
        Refusal::StayWithin(StayWithin::Minor) => {
            blocked("disable_auto_update_to_minor", "The release has another minor version than the native app")
        }
        Refusal::StayWithin(StayWithin::Patch) => {
            blocked("disable_auto_update_to_patch", "The release has another patch version than the native app")
        }
        Refusal::StayWithin(StayWithin::Major | StayWithin::Any) => STORE_UPDATE,
        Refusal::BelowNative => {
            blocked("disable_auto_update_under_native", "The release is lower than the native version")
        }
        Refusal::Halted => blocked("halted", "The release is halted"),
        Refusal::NotYet(_) | Refusal::NotInRollout { .. } => {
            blocked("not_in_rollout", "The release is not open to this device yet")
        }
    }
}

const fn platform_code(platform: Option<Platform>) -> &'static str {
    match platform {
        Some(Platform::Ios) => "disabled_platform_ios",
        Some(Platform::Android) => "disabled_platform_android",
        Some(Platform::Electron) => "disabled_platform_electron",
        None => "disabled_platform_unknown",
    }
}
