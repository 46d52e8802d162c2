//! Whether a new table takes something away that the old one gave.

use std::ptr;
use std::sync::Arc;

use super::policy::AppPolicy;
use super::table::{App, Release, Table};

/// Whether some device may lose by the change what it could have before. Errs on the side of yes.
///
/// git changes the refs of one push one after the other, so what looks like a loss may be half of a replacement: who
/// publishes tables waits a moment before one that narrows, and not at all before another.
pub fn narrows(old: &Table, new: &Table) -> bool {
    old.apps().any(|app| new.app(&app.policy.id).is_none_or(|successor| app_narrows(app, successor)))
}

fn app_narrows(old: &Arc<App>, new: &Arc<App>) -> bool {
    if Arc::ptr_eq(old, new) {
        return false;
    }
    // most are the very same, which needs no look into them
    let same = |before: &Release, after: &Release| ptr::eq(before, after) || before == after;
    let changed = |before: &Release| new.release(&before.name).is_none_or(|after| !same(before, after));
    policy_narrows(&old.policy, &new.policy)
        || new.tags().narrow(old.tags())
        || old.releases().any(|release| changed(release))
}

/// Channels may come; anything else may take something from somebody.
fn policy_narrows(old: &AppPolicy, new: &AppPolicy) -> bool {
    old.default_channel != new.default_channel
        || old.overrides != new.overrides
        || old.channels.iter().any(|channel| !new.channels.contains(channel))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::platform::PerPlatform;
    use super::super::policy::{ChannelPolicy, Descriptor, Yank};
    use super::super::tags::AppTags;
    use super::super::version::Release;
    use super::*;

    fn release(name: &str, descriptor: Descriptor) -> Arc<Release> {
        let (name, version) = (name.into(), name.parse().unwrap());
        Arc::new(Release { name, version, descriptor: Arc::new(descriptor), bundles: PerPlatform::default() })
    }

    fn table(channels: &[&str], releases: &[Arc<Release>]) -> Table {
        let policy = AppPolicy {
            id: "a".into(),
            name: None,
            default_channel: "production".into(),
            channels: channels.iter().map(|name| ChannelPolicy::named(name)).collect(),
            overrides: Vec::new(),
        };
        let app = App::new(policy, releases.iter().cloned(), HashSet::new(), AppTags::default());
        Table::new(String::new(), String::new(), [Arc::new(app)])
    }

    #[test]
    fn a_release_or_a_channel_more_narrows_nothing() {
        let one = release("1.0.0", Descriptor::default());
        let old = table(&["production"], std::slice::from_ref(&one));
        let new = table(&["production", "beta"], &[one, release("1.0.1", Descriptor::default())]);
        assert!(!narrows(&old, &new));
        assert!(narrows(&new, &old));
    }

    #[test]
    fn a_change_of_what_is_there_may_narrow() {
        let old = table(&["production"], &[release("1.0.0", Descriptor::default())]);
        let yanked = Descriptor { yanked: Some(Yank { reason: None }), ..Descriptor::default() };
        assert!(narrows(&old, &table(&["production"], &[release("1.0.0", yanked)])));
        assert!(narrows(&old, &table(&["beta"], &[release("1.0.0", Descriptor::default())])));
        assert!(narrows(&old, &Table::new(String::new(), String::new(), [])));
    }
}
