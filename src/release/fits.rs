//! Whether a release is for a native version.

use semver::Version;

use super::native::{Native, meets, triple};
use super::platform::Platform;
use super::policy::{ChannelPolicy, StayWithin};
use super::refusal::Refusal;
use super::version::Release;

/// What a channel asks of a release beside the release's own rules.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Which part of its version a release has to share with the native version.
    pub stay_within: StayWithin,
    /// Whether it may be lower than the native version.
    pub below_native: bool,
}

impl Limits {
    /// What this channel asks.
    pub const fn of(policy: &ChannelPolicy) -> Limits {
        Limits { stay_within: policy.stay_within, below_native: policy.below_native }
    }
}

/// Whether a listed release is for a native version, by the rules in the order in which they are named.
pub fn fits(limits: Limits, release: &Release, platform: Platform, native: &Native) -> Result<(), Refusal> {
    let requirement = release.descriptor.native.get(platform).as_ref();
    let Native::Known(native) = native else {
        let is_needed = requirement.is_some() || limits.stay_within != StayWithin::Any;
        return if is_needed { Err(Refusal::NativeUnreadable) } else { Ok(()) };
    };
    if requirement.is_some_and(|requirement| !meets(native, requirement)) {
        return Err(Refusal::Native);
    }
    if !stays_within(limits.stay_within, &release.version, native) {
        return Err(Refusal::StayWithin(limits.stay_within));
    }
    if !limits.below_native && release.version.cmp_precedence(native).is_lt() {
        return Err(Refusal::BelowNative);
    }
    Ok(())
}

fn stays_within(level: StayWithin, release: &Version, native: &Version) -> bool {
    match level {
        StayWithin::Any => true,
        StayWithin::Major => release.major <= native.major,
        StayWithin::Minor => (release.major, release.minor) == (native.major, native.minor),
        StayWithin::Patch => triple(release) == triple(native),
    }
}
