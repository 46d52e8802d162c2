//! Causes, by name.

use std::fmt;

/// Why devices get something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The app is served from now on.
    AppAdded,
    /// The app is served no longer.
    AppRemoved,
    /// The channel is there from now on.
    ChannelAdded,
    /// The channel is gone.
    ChannelRemoved,
    /// Devices that name no channel come to another one.
    DefaultChannel,
    /// Whether devices may name the channel.
    Public,
    /// The kinds of build that the channel serves.
    Builds,
    /// The kinds of hardware that it serves.
    Hardware,
    /// A release came.
    Released,
    /// A release is gone from the branch.
    Withdrawn,
    /// A release was never on the line, as that is now.
    Gone,
    /// A release was yanked.
    Yanked,
    /// A release is no longer yanked.
    Restored,
    /// A tag opens it.
    Tagged,
    /// The tag is gone that opened it.
    Untagged,
    /// A tag stops it.
    Halted,
    /// The tag is gone that stopped it.
    Resumed,
    /// It is open to more devices.
    Raised,
    /// It is open to fewer devices.
    Lowered,
    /// It draws other devices.
    Redrawn,
    /// When it may be entered first.
    NotBefore,
    /// The channel is pinned to something.
    Pinned,
    /// The channel is no longer pinned.
    Unpinned,
    /// The native versions that it is for.
    Native,
    /// The platforms that a release is for, or a channel serves.
    Platforms,
    /// The channels where it may go.
    Channels,
    /// Whether pre-releases go to the channel.
    Prereleases,
    /// Whether the channel takes tags.
    Tags,
    /// How far from the native version a release may be.
    StayWithin,
    /// Whether a release may be below the native version.
    BelowNative,
    /// Its bundle.
    Bundle,
}

impl Why {
    /// A word or two, that stay the same.
    pub const fn name(self) -> &'static str {
        match self {
            Why::AppAdded => "app added",
            Why::AppRemoved => "app removed",
            Why::ChannelAdded => "channel added",
            Why::ChannelRemoved => "channel removed",
            Why::DefaultChannel => "default_channel",
            Why::Public => "public",
            Why::Builds => "builds",
            Why::Hardware => "hardware",
            Why::Released => "released",
            Why::Withdrawn => "withdrawn",
            Why::Gone => "gone",
            Why::Yanked => "yanked",
            Why::Restored => "no longer yanked",
            Why::Tagged => "tagged",
            Why::Untagged => "untagged",
            Why::Halted => "halted",
            Why::Resumed => "no longer halted",
            Why::Raised => "raised",
            Why::Lowered => "lowered",
            Why::Redrawn => "rollout_as",
            Why::NotBefore => "not_before",
            Why::Pinned => "pinned",
            Why::Unpinned => "no longer pinned",
            Why::Native => "native",
            Why::Platforms => "platforms",
            Why::Channels => "channels",
            Why::Prereleases => "prereleases",
            Why::Tags => "tags",
            Why::StayWithin => "stay_within",
            Why::BelowNative => "below_native",
            Why::Bundle => "bundle",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
