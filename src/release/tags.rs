//! What release tags say, after reading.

use std::sync::Arc;

use super::platform::PlatformSet;
use super::rollout::Percent;
use super::time::Timestamp;

/// What a tag says of a release in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseTag {
    /// The tag's name, as git has it below `refs/tags/`.
    pub name: Box<str>,
    /// The channel that it names.
    pub channel: Box<str>,
    /// The release that it names.
    pub version: Box<str>,
    /// What it does.
    pub says: Says,
    /// The platforms whose bundle it approves: those where the commit that it names has the very bytes that are served.
    pub platforms: PlatformSet,
    /// The date of an annotated one.
    pub date: Option<Timestamp>,
}

/// What a tag does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Opens the release: by its steps if it has any, else to everyone.
    Open,
    /// Opens it to a share of the devices.
    Percent(Percent),
    /// Lets nobody in who does not run it.
    Halt,
}

/// The release tags of an app. Clones share them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppTags(Arc<[ReleaseTag]>);

impl AppTags {
    /// These tags.
    pub fn new(mut tags: Vec<ReleaseTag>) -> AppTags {
        tags.sort_unstable_by(|a, b| (key(a), &a.name).cmp(&(key(b), &b.name)));
        AppTags(tags.into())
    }

    /// Each tag.
    pub fn iter(&self) -> impl Iterator<Item = &ReleaseTag> {
        self.0.iter()
    }

    /// The tags of one release in one channel.
    pub fn of(&self, channel: &str, version: &str) -> &[ReleaseTag] {
        let wanted = (channel, version);
        let start = self.0.partition_point(|tag| key(tag) < wanted);
        let rest = self.0.get(start..).unwrap_or_default();
        let end = rest.partition_point(|tag| key(tag) == wanted);
        rest.get(..end).unwrap_or_default()
    }

    /// Whether something that one of `older` opens may be missing here, or a halt be new.
    pub fn narrow(&self, older: &AppTags) -> bool {
        if Arc::ptr_eq(&self.0, &older.0) {
            return false;
        }
        let has = |tags: &AppTags, tag: &ReleaseTag| tags.of(&tag.channel, &tag.version).contains(tag);
        let opens = |tag: &&ReleaseTag| tag.says != Says::Halt;
        older.iter().filter(opens).any(|tag| !has(self, tag))
            || self.iter().any(|tag| tag.says == Says::Halt && !has(older, tag))
    }
}

fn key(tag: &ReleaseTag) -> (&str, &str) {
    (&tag.channel, &tag.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(channel: &str, version: &str, says: Says) -> ReleaseTag {
        let name = format!("{channel}/{version}{says:?}").into();
        let (channel, version) = (channel.into(), version.into());
        ReleaseTag { name, channel, version, says, platforms: PlatformSet::ALL, date: None }
    }

    #[test]
    fn the_tags_of_one_release_in_one_channel() {
        let all = [("beta", "1.0.0"), ("production", "1.0.0"), ("production", "1.0.1"), ("production", "1.0.0")];
        let tags = AppTags::new(all.map(|(channel, version)| tag(channel, version, Says::Open)).to_vec());
        assert_eq!(tags.of("production", "1.0.0").len(), 2);
        assert_eq!(tags.of("production", "1.0.1").len(), 1);
        assert_eq!(tags.of("beta", "1.0.1"), []);
    }

    #[test]
    fn what_is_taken_away_and_what_halts_narrows() {
        let open = tag("production", "1.0.0", Says::Open);
        let (few, halt) = (tag("production", "1.0.0", Says::Percent(Percent::NONE)), tag("beta", "1.0.0", Says::Halt));
        let tags = |of: &[&ReleaseTag]| AppTags::new(of.iter().map(|tag| (*tag).clone()).collect());
        let one = tags(&[&open]);
        assert!(!tags(&[&open, &few]).narrow(&one) && !one.narrow(&one.clone()) && !tags(&[&open]).narrow(&one));
        assert!(tags(&[]).narrow(&one) && tags(&[&few]).narrow(&one) && tags(&[&open, &halt]).narrow(&one));
        assert!(!one.narrow(&tags(&[&open, &halt])), "a halt that is taken back only widens");
    }
}
