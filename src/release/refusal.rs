//! The rules that say no.

use super::platform::Platform;
use super::policy::StayWithin;
use super::rollout::{Percent, Position};
use super::time::Timestamp;

/// Why a device gets nothing, or a release is not for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Nothing is served yet.
    NoTable,
    /// No such app.
    UnknownApp,
    /// No such channel.
    UnknownChannel,
    /// The channel that it names is neither public nor self-assignable.
    PrivateChannel,
    /// The channel does not serve the platform; `None`: it is none that anybody serves.
    Platform(Option<Platform>),
    /// The channel does not serve store builds.
    ProdBuild,
    /// The channel does not serve development builds.
    DevBuild,
    /// The channel does not serve real devices.
    RealDevice,
    /// The channel does not serve emulators.
    Emulator,
    /// The channel lists nothing for the platform.
    NothingListed,
    /// The native version cannot be read, and a rule needs it.
    NativeUnreadable,
    /// The release's `native` does not hold.
    Native,
    /// The release is too far from the native version.
    StayWithin(StayWithin),
    /// The release is lower than the native version.
    BelowNative,
    /// It is halted, and the device does not run it.
    Halted,
    /// It may not be entered yet.
    NotYet(Timestamp),
    /// The device is not among those that are let in.
    NotInRollout {
        /// Where the device stands; `None` without an id that stays.
        position: Option<Position>,
        /// How many are let in.
        percent: Percent,
    },
}
