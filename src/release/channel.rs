//! A channel with what it lists: the releases that are open to it, highest first.

use std::sync::Arc;

use super::listings::Listings;
pub use super::listings::{Gate, Listing};
use super::native::Native;
use super::platform::{PerPlatform, Platform};
use super::policy::{ChannelPolicy, Pin};
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
    pub(super) fn new(policy: ChannelPolicy, is_default: bool, releases: &[Arc<Release>]) -> Channel {
        let open: Vec<&Arc<Release>> = releases.iter().filter(|r| lists(&policy, is_default, r)).collect();
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

/// Whether the branch opens the release to the channel.
fn lists(channel: &ChannelPolicy, is_default: bool, release: &Release) -> bool {
    let descriptor = &release.descriptor;
    let may_go = descriptor.channels.as_ref().is_none_or(|names| names.contains(&channel.name));
    let opened = release.version.pre.is_empty() || channel.prereleases.unwrap_or(!is_default);
    let pinned = match &channel.pin {
        None => true,
        Some(Pin::Builtin) => false,
        Some(Pin::Version(name)) => *name == release.name,
    };
    may_go && opened && pinned && descriptor.yanked.is_none()
}
