//! Why a release is not listed, in a word.

use crate::release::explain::NotListed;
use crate::release::opening::NotOpen;

/// The key that keeps a release off the list; `bundle`: it has none that a client there can install.
pub const fn key(why: NotListed) -> &'static str {
    match why {
        NotListed::NotOpen(NotOpen::Yanked) => "yanked",
        NotListed::NotOpen(NotOpen::Elsewhere) => "channels",
        NotListed::NotOpen(NotOpen::Prerelease) => "prereleases",
        NotListed::NotOpen(NotOpen::NotTagged) | NotListed::NotApproved => "tags",
        NotListed::Pin => "pin",
        NotListed::Platforms => "platforms",
        NotListed::Bundle => "bundle",
        NotListed::Override => "overrides",
    }
}
