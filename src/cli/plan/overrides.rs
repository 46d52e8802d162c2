//! What an override gives instead of what, as a sentence.

use semver::VersionReq;

use super::document::{key_and_value, names};
use super::words::listed;
use crate::documents::at::At;
use crate::release::plan::Reassigned;
use crate::release::platform::{PerPlatform, Platform, PlatformSet};
use crate::release::policy::What;
use crate::release::table::Release;

/// Whom it names, what they get, and where that stands.
pub(super) fn reassigned(change: &Reassigned<'_>, at: Option<&At>) -> String {
    let (key, value) = key_and_value(change.who);
    let what = |what: &What| match what {
        What::Channel(name) => format!("channel {name}"),
        What::Version(name) => name.to_string(),
    };
    let new = || change.is.map(fits).map(|fits| where_not_everywhere(&fits)).unwrap_or_default();
    let gets = match (change.from.map(what), change.to.map(what)) {
        (Some(from), Some(to)) if from == to => otherwise(change, &to),
        (Some(from), Some(to)) => format!("gets {to}{} instead of {from}", new()),
        (None, Some(to)) => format!("gets {to}{}", new()),
        (Some(from), None) => format!("no longer gets {from}"),
        (None, None) => "gets what it got".to_owned(),
    };
    let place = at.map(|at| format!(" ({at})")).unwrap_or_default();
    format!("{key} {value} of {} {gets}{place}", change.app)
}

/// Where a release fits devices of a platform: on none of them, on each, or by a requirement on the native version.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fits<'r> {
    None,
    All,
    Native(&'r VersionReq),
}

fn fits(release: &Release) -> PerPlatform<Fits<'_>> {
    PerPlatform::from_fn(|platform| match release.descriptor.native.get(platform) {
        _ if !release.serves(platform) => Fits::None,
        Some(native) => Fits::Native(native),
        None => Fits::All,
    })
}

/// The same is given as before, but not to the same devices.
fn otherwise(change: &Reassigned<'_>, to: &str) -> String {
    let (Some(was), Some(is)) = (change.was.map(fits), change.is.map(fits)) else {
        return format!("gets {to}, which is otherwise than before");
    };
    if was == is {
        return format!(
            "gets {to}{} as before; where it is not for the device, or another override names that too, what it gets may \
             be otherwise",
            where_not_everywhere(&is)
        );
    }
    let both = PerPlatform::from_fn(|platform| (*was.get(platform), *is.get(platform)));
    let of_group = |(platforms, (was, is)): &(PlatformSet, (Fits<'_>, Fits<'_>))| -> Option<String> {
        let on = on(*platforms);
        Some(match (was, is) {
            _ if was == is => return None,
            (Fits::None, is) => format!("gets {to}{on}{}, and did not before", native(*is)),
            (was, Fits::None) => format!("no longer gets {to}{on}{}", native(*was)),
            (was, is) => format!("gets {to}{on} on {} instead of on {}", natives(*is), natives(*was)),
        })
    };
    groups(&both).iter().filter_map(of_group).collect::<Vec<_>>().join("; it ")
}

/// On which devices alone a release is given.
fn where_not_everywhere(fits: &PerPlatform<Fits<'_>>) -> String {
    let groups = groups(fits);
    if let [(_, Fits::None)] = &*groups {
        return ", which is for no device".to_owned();
    }
    let parts = groups.iter().filter(|(_, fits)| *fits != Fits::None);
    let said: Vec<String> = parts.map(|(platforms, fits)| format!("{}{}", on(*platforms), native(*fits))).collect();
    said.join(" and")
}

/// Platforms of which the same holds, together.
fn groups<T: Copy + PartialEq>(all: &PerPlatform<T>) -> Vec<(PlatformSet, T)> {
    let mut groups: Vec<(PlatformSet, T)> = Vec::new();
    for (platform, one) in all.iter() {
        match groups.iter_mut().find(|(_, same)| same == one) {
            Some((platforms, _)) => {
                platforms.insert(platform);
            }
            None => groups.push((Platform::ALL.into_iter().filter(|of| *of == platform).collect(), *one)),
        }
    }
    groups
}

fn on(platforms: PlatformSet) -> String {
    if platforms == PlatformSet::ALL { String::new() } else { format!(" on {}", listed(&names(platforms))) }
}

fn native(fits: Fits<'_>) -> String {
    match fits {
        Fits::Native(native) => format!(" with native {native}"),
        Fits::None | Fits::All => String::new(),
    }
}

fn natives(fits: Fits<'_>) -> String {
    match fits {
        Fits::Native(native) => format!("native {native}"),
        Fits::None | Fits::All => "all native versions".to_owned(),
    }
}
