//! Which devices must not keep what they run, by the rules of the release alone, and at which native versions.

use std::collections::BTreeSet;

use semver::{Prerelease, Version, VersionReq};

use super::natives::Natives;
use crate::release::native::{Native, Triple, meets};
use crate::release::platform::Platform;
use crate::release::requirement::named;
use crate::release::span::{Span, after};
use crate::release::table::{App, Release};

/// What an app says to devices of one platform that run a version of it, where nothing else is for them.
#[derive(Clone, Copy)]
pub(super) enum Keeps<'t> {
    /// Each of them keeps it.
    Always,
    /// Those keep it whose native version meets this, or cannot be read.
    Where(&'t VersionReq),
    /// It was taken back.
    Never,
}

impl<'t> Keeps<'t> {
    /// Of an app, which may not be there, and a version, which may be none of it.
    pub fn of(app: Option<&'t App>, name: &str, platform: Platform) -> Keeps<'t> {
        match app.map(|app| (app.release(name), app.is_withdrawn(name))) {
            Some((Some(release), _)) => Keeps::of_release(release, platform),
            Some((None, true)) => Keeps::Never,
            Some((None, false)) | None => Keeps::Always,
        }
    }

    /// Of a release that is there.
    pub fn of_release(release: &'t Release, platform: Platform) -> Keeps<'t> {
        let descriptor = &release.descriptor;
        if descriptor.yanked.is_some() || !descriptor.platforms.contains(platform) {
            return Keeps::Never;
        }
        descriptor.native.get(platform).as_ref().map_or(Keeps::Always, Keeps::Where)
    }

    /// Whether devices of some of these native versions keep it no longer that kept it by the other rules. A lane is about
    /// the pre-releases of its versions too, but for those of `apart`, which have lanes of their own.
    pub fn ends(self, before: Keeps<'t>, native: &Natives, apart: &BTreeSet<Triple>) -> bool {
        let ends_at = |native: &Native| before.keeps(native) && !self.keeps(native);
        match (before, self) {
            (Keeps::Never, _) | (_, Keeps::Always) => false,
            _ => edges(&[before, self], native, apart).iter().any(ends_at),
        }
    }

    fn keeps(self, native: &Native) -> bool {
        match (self, native) {
            (Keeps::Never, _) => false,
            (Keeps::Where(requirement), Native::Known(native)) => meets(native, requirement),
            (Keeps::Always, _) | (Keeps::Where(_), Native::Unreadable) => true,
        }
    }

    const fn requirement(self) -> Option<&'t VersionReq> {
        if let Keeps::Where(requirement) = self { Some(requirement) } else { None }
    }
}

/// Native versions that stand for all of these: between two of them none of the rules begins or ends to hold.
fn edges(rules: &[Keeps<'_>], native: &Natives, apart: &BTreeSet<Triple>) -> Vec<Native> {
    let requirements = || rules.iter().filter_map(|rule| rule.requirement());
    let known = |of: Triple, pre: Prerelease| Native::Known(Version { pre, ..version(of) });
    match native {
        Natives::Unreadable => vec![Native::Unreadable],
        Natives::Lane { low, high } => {
            let is_within = |of: &Triple| low <= of && of <= high;
            let spans = requirements().filter_map(Span::of_requirement);
            let finished = spans.flat_map(|span| [Some(span.low), after(span.high)]).flatten().filter(is_within);
            let finished = [*low].into_iter().chain(finished).map(|of| known(of, Prerelease::EMPTY));
            let named = requirements().flat_map(named).filter(|(of, _)| is_within(of) && !apart.contains(of));
            finished.chain(named.map(|(of, pre)| known(of, pre))).collect()
        }
        Natives::Unfinished { of, from, to } => {
            let is_within = |pre: &Prerelease| from < pre && to.as_ref().is_none_or(|to| pre < to);
            let named = requirements().flat_map(named).filter(|(same, pre)| same == of && is_within(pre));
            [from.clone()].into_iter().chain(named.map(|(_, pre)| pre)).map(|pre| known(*of, pre)).collect()
        }
    }
}

fn version((major, minor, patch): Triple) -> Version {
    Version::new(major, minor, patch)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether devices of native versions from the first to the last go to builtin, and whether some come back.
    fn told(old: &str, new: &str, native: &Natives) -> (bool, bool) {
        let (old, new): (VersionReq, VersionReq) = (old.parse().unwrap(), new.parse().unwrap());
        let (old, new, apart) = (Keeps::Where(&old), Keeps::Where(&new), BTreeSet::new());
        (new.ends(old, native, &apart), old.ends(new, native, &apart))
    }

    #[test]
    fn some_that_are_refused_before_and_others_that_are_after_are_not_taken_for_each_other() {
        let lane = |low, high| Natives::Lane { low, high };
        // 0.x is refused anew, and what was refused from 2.0.0 on still is
        assert_eq!(told("<2.0.0", "^1.0.0", &lane((0, 0, 0), (2, 1, 2))), (true, false));
        assert_eq!(told("^1.0.0", "<2.0.0", &lane((0, 0, 0), (2, 1, 2))), (false, true));
        assert_eq!(told("<2.0.0", "^1.0.0", &lane((1, 0, 0), (2, 1, 2))), (false, false));
        assert_eq!(told("<2.0.0", ">=1.0.0", &lane((0, 0, 0), (2, 1, 2))), (true, true));
        assert_eq!(told("<2.0.0", ">=1.0.0", &Natives::Unreadable), (false, false));
        // up to the last of them, and not beyond
        assert_eq!(told("*", "<2.1.2", &lane((0, 0, 0), (2, 1, 1))), (false, false));
        assert_eq!(told("*", "<2.1.2", &lane((0, 0, 0), (2, 1, 2))), (true, false));
    }

    #[test]
    fn a_pre_release_that_one_of_them_names_is_refused_by_that_one_alone() {
        let lane = Natives::Lane { low: (1, 0, 0), high: (3, 0, 0) };
        assert_eq!(told(">=1.0.0", ">=1.0.0, >1.0.0-rc.1", &lane), (true, false));
        let pre = |text: &str| Prerelease::new(text).unwrap();
        let up_to_rc = Natives::Unfinished { of: (1, 0, 0), from: pre("0"), to: Some(pre("rc.1")) };
        let from_rc = Natives::Unfinished { of: (1, 0, 0), from: pre("rc.1"), to: None };
        assert_eq!(told("*", ">=1.0.0-rc.1", &up_to_rc), (true, false));
        assert_eq!(told("*", ">=1.0.0-rc.1", &from_rc), (false, false));
        assert_eq!(told("*", ">1.0.0-rc.1", &from_rc), (true, false));
    }
}
