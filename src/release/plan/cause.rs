//! Finds out why something is otherwise than before, and what decided.

use super::subject::Subject;
use super::{Gets, Side, Spot, Who, Why};
use crate::release::channel::{Channel, Listing};
use crate::release::decide::Refusal;
use crate::release::explain::Because;
use crate::release::fits::{Limits, fits};
use crate::release::native::Native;
use crate::release::opening::{NotOpen, opens, pin_allows};
use crate::release::platform::Platform;
use crate::release::policy::Descriptor;
use crate::release::rollout::Percent;
use crate::release::table::{App, Release};
use crate::release::tags::{ReleaseTag, Says};
use crate::release::time::Timestamp;

/// Why, and what decided.
pub(super) struct Cause<'t> {
    pub why: Why,
    pub at: Option<Spot<'t>>,
    /// What else decided, where neither alone explains it.
    pub also: Option<(Why, Spot<'t>)>,
}

/// What becomes of devices in a release that lets in others than before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// They get it, and did not.
    Enter,
    /// They got it, and do not.
    Leave,
    /// They get other bytes of it; or run it, and it leaves them or comes back.
    Stay,
}

/// Of devices that get something else. `release` is the higher of the two that they get, and where it was.
pub(super) fn of<'t>(
    subject: &Subject<'_, 't>,
    from: Gets<'t>,
    to: Gets<'t>,
    release: Option<(Side, &'t Release)>,
    native: &Native,
) -> Cause<'t> {
    let channel = subject.place.channel;
    if matches!(subject.who, Who::Unnamed(_)) {
        return new_default();
    }
    match (from, to, release) {
        (_, Gets::Refused(why), _) => of_door(why, Side::New, channel),
        (Gets::Refused(why), ..) => of_door(why, Side::Old, channel),
        (.., Some((_, release))) => {
            let own = Gets::Version(&release.name);
            let turn = match (from == own, to == own) {
                (false, true) => Turn::Enter,
                (true, false) => Turn::Leave,
                _ => Turn::Stay,
            };
            of_release(subject, &release.name, native, turn)
        }
        (_, Gets::Builtin, None) => cause(Why::Pinned, Side::New, channel, "", Because::Channel("pin")),
        (.., None) => cause(Why::Unpinned, Side::Old, channel, "", Because::Channel("pin")),
    }
}

/// Of a channel that serves devices no longer, or again: `side` has the refusal.
fn of_door<'t>(why: Refusal, side: Side, channel: &'t str) -> Cause<'t> {
    let (gone, other) = (side == Side::New, if side == Side::New { Side::Old } else { Side::New });
    let of_key = |why, key| cause(why, Side::New, channel, "", Because::Channel(key));
    match why {
        Refusal::UnknownApp if gone => nowhere(Why::AppRemoved),
        Refusal::UnknownApp | Refusal::NoTable => cause(Why::AppAdded, other, channel, "", Because::Channel("")),
        Refusal::UnknownChannel if gone => cause(Why::ChannelRemoved, other, channel, "", Because::Channel("")),
        Refusal::UnknownChannel => cause(Why::ChannelAdded, other, channel, "", Because::Channel("")),
        Refusal::PrivateChannel => of_key(Why::Public, "public"),
        Refusal::ProdBuild | Refusal::DevBuild => of_key(Why::Builds, "builds"),
        Refusal::RealDevice | Refusal::Emulator => of_key(Why::Hardware, "hardware"),
        _ => of_key(Why::Platforms, "platforms"),
    }
}

fn cause<'t>(why: Why, side: Side, channel: &'t str, version: &'t str, because: Because<'t>) -> Cause<'t> {
    Cause { why, at: Some(Spot { side, channel, version, because }), also: None }
}

/// What nobody wrote anywhere.
fn nowhere<'t>(why: Why) -> Cause<'t> {
    Cause { why, at: None, also: None }
}

/// Of devices that come to another channel.
pub(super) fn new_default<'t>() -> Cause<'t> {
    cause(Why::DefaultChannel, Side::New, "", "", Because::Channel("default_channel"))
}

/// Of a release that is otherwise open than before.
pub(super) fn of_release<'t>(subject: &Subject<'_, 't>, name: &'t str, native: &Native, turn: Turn) -> Cause<'t> {
    let at = |why, side, because| cause(why, side, subject.place.channel, name, because);
    if matches!(subject.who, Who::Unnamed(_)) {
        return new_default();
    }
    let (Some(old_app), Some(new_app)) = (subject.apps.old, subject.apps.new) else {
        let why = if subject.apps.old.is_none() { Why::AppAdded } else { Why::AppRemoved };
        return nowhere(why);
    };
    let (old, new) = match (old_app.release(name), new_app.release(name)) {
        (_, None) if new_app.is_withdrawn(name) => return nowhere(Why::Withdrawn),
        (_, None) => return nowhere(Why::Gone),
        (None, Some(_)) => {
            let tag = subject.new.ok().and_then(|channel| opening(new_app, channel, name, subject));
            return Cause { why: Why::Released, at: tag.map(|tag| spot_of_tag(Side::New, tag)), also: None };
        }
        (Some(old), Some(new)) => (old, new),
    };
    match (&old.descriptor.yanked, &new.descriptor.yanked) {
        (None, Some(_)) => return at(Why::Yanked, Side::New, Because::Release("yanked")),
        (Some(_), None) => return at(Why::Restored, Side::Old, Because::Release("yanked")),
        _ => {}
    }
    let platform = subject.place.platform;
    if old.descriptor.platforms.contains(platform) != new.descriptor.platforms.contains(platform) {
        return at(Why::Platforms, Side::New, Because::Release("platforms"));
    }
    let (Ok(old_channel), Ok(new_channel)) = (subject.old, subject.new) else {
        return at(Why::Native, Side::New, Because::Release("native"));
    };
    let reading = Reading { subject, name, turn, old: (old_app, old_channel, old), new: (new_app, new_channel, new) };
    reading.of_channel().or_else(|| reading.of_opening()).unwrap_or_else(|| reading.of_fit(native))
}

/// A release in a channel, before and after.
struct Reading<'r, 't> {
    subject: &'r Subject<'r, 't>,
    name: &'t str,
    turn: Turn,
    old: (&'t App, &'t Channel, &'t Release),
    new: (&'t App, &'t Channel, &'t Release),
}

impl<'t> Reading<'_, 't> {
    fn at(&self, why: Why, side: Side, because: Because<'t>) -> Cause<'t> {
        cause(why, side, self.subject.place.channel, self.name, because)
    }

    fn by_tag(&self, why: Why, side: Side, tag: Option<&'t ReleaseTag>) -> Cause<'t> {
        Cause { why, at: tag.map(|tag| spot_of_tag(side, tag)), also: None }
    }

    fn tags(&self, side: Side) -> &'t [ReleaseTag] {
        let (app, channel, _) = if side == Side::Old { self.old } else { self.new };
        app.tags().of(&channel.policy.name, self.name)
    }

    fn of_channel(&self) -> Option<Cause<'t>> {
        let ((_, old_channel, old), (_, new_channel, new)) = (self.old, self.new);
        match (pin_allows(&old_channel.policy, old), pin_allows(&new_channel.policy, new)) {
            (_, false) => Some(self.at(Why::Pinned, Side::New, Because::Channel("pin"))),
            (false, true) if new_channel.policy.pin.is_some() => {
                Some(self.at(Why::Pinned, Side::New, Because::Channel("pin")))
            }
            (false, true) => Some(self.at(Why::Unpinned, Side::Old, Because::Channel("pin"))),
            (true, true) => None,
        }
    }

    /// Where it was open before and is not, the other way round, or is to others.
    fn of_opening(&self) -> Option<Cause<'t>> {
        let platform = self.subject.place.platform;
        let ((old_app, old_channel, old), (new_app, new_channel, new)) = (self.old, self.new);
        let before = opens(&old_app.policy, &old_channel.policy, old, platform, self.tags(Side::Old));
        let after = opens(&new_app.policy, &new_channel.policy, new, platform, self.tags(Side::New));
        let opening = |side| {
            let (app, channel, _) = if side == Side::Old { self.old } else { self.new };
            opening(app, channel, self.name, self.subject)
        };
        match (before, after) {
            (Ok(_), Err(NotOpen::NotTagged)) if old_channel.policy.tags => {
                Some(self.by_tag(Why::Untagged, Side::Old, opening(Side::Old)))
            }
            (Err(NotOpen::NotTagged), Ok(_)) if new_channel.policy.tags => {
                Some(self.by_tag(Why::Tagged, Side::New, opening(Side::New)))
            }
            (Ok(_), Err(why)) | (Err(why), Ok(_)) => Some(match why {
                NotOpen::Elsewhere => self.at(Why::Channels, Side::New, Because::Release("channels")),
                NotOpen::Prerelease if self.is_by_default() => new_default(),
                NotOpen::Prerelease => self.at(Why::Prereleases, Side::New, Because::Channel("prereleases")),
                NotOpen::NotTagged | NotOpen::Yanked => self.at(Why::Tags, Side::New, Because::Channel("tags")),
            }),
            (Ok(before), Ok(after)) => match (before.halted, after.halted) {
                (false, true) => Some(self.by_tag(Why::Halted, Side::New, halting(self.tags(Side::New)))),
                (true, false) => Some(self.by_tag(Why::Resumed, Side::Old, halting(self.tags(Side::Old)))),
                _ if old_channel.policy.tags != new_channel.policy.tags => {
                    Some(self.at(Why::Tags, Side::New, Because::Channel("tags")))
                }
                _ => None,
            },
            (Err(_), Err(_)) => None,
        }
    }

    fn of_fit(&self, native: &Native) -> Cause<'t> {
        let platform = self.subject.place.platform;
        let ((_, old_channel, old), (_, new_channel, new)) = (self.old, self.new);
        let before = fits(Limits::of(&old_channel.policy), old, platform, native);
        let after = fits(Limits::of(&new_channel.policy), new, platform, native);
        let listed = |channel: &'t Channel, release: &Release| channel.listing(platform, self.name, &release.version);
        match (before, after) {
            (Ok(()), Err(why)) | (Err(why), Ok(())) => match why {
                Refusal::NativeUnreadable if old.descriptor.native == new.descriptor.native => {
                    self.at(Why::StayWithin, Side::New, Because::Channel("stay_within"))
                }
                Refusal::StayWithin(_) => self.at(Why::StayWithin, Side::New, Because::Channel("stay_within")),
                Refusal::BelowNative => self.at(Why::BelowNative, Side::New, Because::Channel("below_native")),
                _ => self.at(Why::Native, Side::New, Because::Release("native")),
            },
            _ if old.descriptor.native != new.descriptor.native => {
                self.at(Why::Native, Side::New, Because::Release("native"))
            }
            _ => match listed(old_channel, old).zip(listed(new_channel, new)) {
                Some((before, after)) => self.of_gate(before, after),
                None => self.at(Why::Bundle, Side::New, Because::Default),
            },
        }
    }

    /// It is open to others than before: to more or fewer, or it draws others, or both.
    fn of_gate(&self, old: &Listing, new: &Listing) -> Cause<'t> {
        let now = self.subject.now;
        let (before, after) = (old.gate.percent(now), new.gate.percent(now));
        let is_drawn = |percent: Percent| Percent::NONE < percent && percent < Percent::ALL;
        let is_redrawn = old.release.draw() != new.release.draw() && is_drawn(before) && is_drawn(after);
        let redrawn = || self.at(Why::Redrawn, Side::New, Because::Release("rollout_as"));
        match self.turn {
            Turn::Stay => self.at(Why::Bundle, Side::New, Because::Default),
            Turn::Enter if is_redrawn && before >= after => redrawn(),
            Turn::Leave if is_redrawn && before <= after => redrawn(),
            _ => Cause {
                also: redrawn().at.filter(|_| is_redrawn).map(|at| (Why::Redrawn, at)),
                ..self.of_share(old, new)
            },
        }
    }

    /// It is open to more or fewer than before.
    fn of_share(&self, old: &Listing, new: &Listing) -> Cause<'t> {
        let now = self.subject.now;
        let waits = |listing: &Listing| listing.gate.not_before.is_some_and(|begin| now < begin);
        if waits(old) != waits(new) {
            return self.at(Why::NotBefore, Side::New, Because::Release("not_before"));
        }
        let is_raised = old.gate.percent(now) < new.gate.percent(now);
        let (why, side) = if is_raised { (Why::Raised, Side::New) } else { (Why::Lowered, Side::Old) };
        let (app, channel, _) = if side == Side::Old { self.old } else { self.new };
        let tag = opening(app, channel, self.name, self.subject);
        let other = self.tags(if side == Side::Old { Side::New } else { Side::Old });
        match tag.filter(|tag| !other.contains(tag)) {
            Some(tag) => self.by_tag(why, side, Some(tag)),
            None => match self.key_of_share() {
                Some(key) => self.at(why, Side::New, Because::Release(key)),
                None if self.subject.apps.is_default_otherwise(self.subject.place.channel) => new_default(),
                None => self.at(why, Side::New, Because::Release("rollout")),
            },
        }
    }

    /// Whether the channel has the same to say of pre-releases as before, but is, or was, the default one.
    fn is_by_default(&self) -> bool {
        let ((_, old, _), (_, new, _)) = (self.old, self.new);
        old.policy.prereleases == new.policy.prereleases
    }

    /// The key that says otherwise how many devices there are at what time.
    fn key_of_share(&self) -> Option<&'static str> {
        let (old, new) = (&self.old.2.descriptor, &self.new.2.descriptor);
        let steps = |descriptor: &Descriptor| descriptor.steps(self.subject.place.channel).cloned();
        match () {
            () if steps(old) != steps(new) => Some("rollout"),
            () if old.rollout_start != new.rollout_start => Some("rollout_start"),
            () if old.not_before != new.not_before => Some("not_before"),
            () => None,
        }
    }
}

fn spot_of_tag(side: Side, tag: &ReleaseTag) -> Spot<'_> {
    Spot { side, channel: &tag.channel, version: &tag.version, because: Because::Tag(&tag.name) }
}

fn halting(tags: &[ReleaseTag]) -> Option<&ReleaseTag> {
    tags.iter().find(|tag| tag.says == Says::Halt)
}

/// The tag that lets most devices of the platform in, where the channel takes tags.
fn opening<'t>(app: &'t App, channel: &Channel, name: &str, subject: &Subject<'_, '_>) -> Option<&'t ReleaseTag> {
    if !channel.policy.tags {
        return None;
    }
    let release = app.release(name)?;
    let tags = app.tags().of(&channel.policy.name, name).iter();
    let opening = tags.filter(|tag| tag.says != Says::Halt && tag.platforms.contains(subject.place.platform));
    opening.max_by_key(|tag| alone(app, channel, release, tag, subject.place.platform, subject.now))
}

/// How many devices a tag lets in by itself.
pub(super) fn alone(
    app: &App,
    channel: &Channel,
    release: &Release,
    tag: &ReleaseTag,
    platform: Platform,
    now: Timestamp,
) -> Percent {
    let gate = opens(&app.policy, &channel.policy, release, platform, std::slice::from_ref(tag));
    gate.map_or(Percent::NONE, |gate| gate.percent(now))
}
