//! A channel with what it lists: the releases that are open to it, highest first.

use std::sync::Arc;

use semver::{Prerelease, Version};

use super::fits::{Limits, fits};
pub use super::listings::Listing;
use super::listings::Listings;
use super::native::{Native, Triple};
use super::opening::{opens, pin_allows};
use super::platform::{PerPlatform, Platform};
use super::policy::{AppPolicy, ChannelPolicy};
use super::span::Span;
use super::tags::{AppTags, ReleaseTag};
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
    pub(super) fn new(app: &AppPolicy, policy: ChannelPolicy, releases: &[Arc<Release>], tags: &AppTags) -> Channel {
        let allowed: Vec<(&Arc<Release>, &[ReleaseTag])> = releases
            .iter()
            .filter(|release| pin_allows(&policy, release))
            .map(|release| (release, tags.of(&policy.name, &release.name)))
            .collect();
        let listing = |release: &Arc<Release>, platform, tags: &[ReleaseTag]| {
            let gate = opens(app, &policy, release, platform, tags).ok()?;
            Some(Listing { release: Arc::clone(release), gate })
        };
        let mut made: Vec<(Platform, Arc<Listings>)> = Vec::with_capacity(1);
        let listings = PerPlatform::from_fn(|platform| {
            let served = allowed.iter().filter(|(release, _)| release.serves(platform));
            let ranked: Box<[Listing]> =
                served.filter_map(|(release, tags)| listing(release, platform, tags)).collect();
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

    /// Each run of native versions that fit the same releases, rising, with those that fit it, highest first.
    pub(super) fn runs(&self, platform: Platform) -> impl Iterator<Item = (Span, impl Iterator<Item = &Listing>)> {
        self.listings.get(platform).runs(&self.policy, platform)
    }

    /// What is listed that is for a native version, highest first.
    pub fn fitting(&self, platform: Platform, native: &Native) -> impl Iterator<Item = &Listing> {
        let candidates = self.listings.get(platform).candidates(native);
        let fitting = candidates.filter(move |one| one.fits || self.is_for(&one.listing.release, platform, native));
        fitting.map(|candidate| candidate.listing)
    }

    /// Whether a release is for that native version here.
    pub fn is_for(&self, release: &Release, platform: Platform, native: &Native) -> bool {
        fits(Limits::of(&self.policy), release, platform, native).is_ok()
    }

    /// What is listed of that name for a platform. `version` is the same name, parsed.
    pub fn listing(&self, platform: Platform, name: &str, version: &Version) -> Option<&Listing> {
        let listed = self.listed(platform);
        let at = listed.partition_point(|listing| listing.release.version.cmp_precedence(version).is_gt());
        listed.get(at).filter(|listing| *listing.release.name == *name)
    }

    /// Where each lane of native versions begins, rising; the first begins at 0.0.0.
    pub(super) fn starts(&self, platform: Platform) -> &[Triple] {
        self.listings.get(platform).starts()
    }

    /// The pre-releases of native versions at which something that is listed may begin or end to fit.
    pub(super) fn told_apart(&self, platform: Platform) -> impl Iterator<Item = (Triple, &Prerelease)> {
        self.listings.get(platform).told_apart(platform)
    }
}
