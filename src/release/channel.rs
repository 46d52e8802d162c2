//! A channel with what it lists: the releases that are open to it, highest first.

use std::sync::Arc;

use super::listings::Listings;
pub use super::listings::{Gate, Listing};
use super::native::Native;
use super::platform::{PerPlatform, Platform};
use super::policy::{AppPolicy, ChannelPolicy, Pin};
use super::version::Release;

/// One channel of an app, ready to be asked.
#[derive(Debug)]
pub struct Channel {
    /// What `releases.toml` says of it.
    pub policy: ChannelPolicy,
    listings: PerPlatform<Arc<Listings>>,
}

impl Channel {
    /// Lists what is open to the channel. `releases` are all of the app's, highest first.
    pub(super) fn new(app: &AppPolicy, policy: ChannelPolicy, releases: &[Arc<Release>]) -> Channel {
        let listed = |release: &Release| pin_allows(&policy, release) && opens(app, &policy, release).is_ok();
        let open: Vec<&Arc<Release>> = releases.iter().filter(|release| listed(release)).collect();
        let mut made: Vec<(Platform, Arc<Listings>)> = Vec::with_capacity(1);
        let listings = PerPlatform::from_fn(|platform| {
            let ranked: Box<[Listing]> = open.iter().filter(|r| r.serves(platform)).map(|r| Listing::of(r)).collect();
            // one copy serves the platforms that see the same
            if let Some((_, same)) = made.iter().find(|(of, other)| other.serve_as_well(*of, platform, &ranked)) {
                return Arc::clone(same);
            }
            let new = Arc::new(Listings::new(&policy, platform, ranked));
            made.push((platform, Arc::clone(&new)));
            new
        });
        Channel { policy, listings }
    }

    /// Everything that is listed for a platform, highest first.
    pub fn listed(&self, platform: Platform) -> &[Listing] {
        self.listings.get(platform).ranked()
    }

    /// What a device with this native version may fit, highest first. What is left out does not fit; what is not may.
    pub fn candidates(&self, platform: Platform, native: &Native) -> impl Iterator<Item = &Listing> {
        self.listings.get(platform).candidates(native)
    }
}

/// Why a release is not open to a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOpen {
    /// It is yanked.
    Yanked,
    /// Its own `channels` leaves the channel out.
    Elsewhere,
    /// It is a pre-release, which the branch alone does not open there.
    Prerelease,
}

/// Whether the release is open to a channel of the app, whatever that one is pinned to.
///
/// # Errors
/// Why it is not.
pub fn opens(app: &AppPolicy, channel: &ChannelPolicy, release: &Release) -> Result<(), NotOpen> {
    let descriptor = &release.descriptor;
    if descriptor.yanked.is_some() {
        return Err(NotOpen::Yanked);
    }
    if descriptor.channels.as_ref().is_some_and(|names| !names.contains(&channel.name)) {
        return Err(NotOpen::Elsewhere);
    }
    let prereleases = channel.prereleases.unwrap_or(channel.name != app.default_channel);
    if release.version.pre.is_empty() || prereleases { Ok(()) } else { Err(NotOpen::Prerelease) }
}

/// Whether the channel's pin leaves the release in.
fn pin_allows(channel: &ChannelPolicy, release: &Release) -> bool {
    match &channel.pin {
        None => true,
        Some(Pin::Builtin) => false,
        Some(Pin::Version(name)) => *name == release.name,
    }
}
