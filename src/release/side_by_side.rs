//! Two tables side by side, app by app.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::table::{App, Table};

/// An app in two tables; in one of them at least.
#[derive(Clone, Copy, Debug)]
pub struct Apps<'t> {
    /// Its id.
    pub id: &'t str,
    /// As it was; `None`: it is new.
    pub old: Option<&'t App>,
    /// Whether there was no table before at all.
    pub is_first: bool,
    /// As it is; `None`: it is gone.
    pub new: Option<&'t App>,
}

/// The apps of two tables that are not the very same in both, in the order of their ids. `None`: there was no table before.
pub fn differing<'t>(old: Option<&'t Table>, new: &'t Table) -> impl Iterator<Item = Apps<'t>> {
    let both = old.into_iter().flat_map(Table::apps).chain(new.apps());
    let ids: BTreeSet<&str> = both.map(|app| &*app.policy.id).collect();
    ids.into_iter().filter_map(move |id| {
        let (before, after) = (old.and_then(|old| old.app(id)), new.app(id));
        let is_same = before.zip(after).is_some_and(|(before, after)| Arc::ptr_eq(before, after));
        (!is_same).then(|| Apps {
            id,
            old: before.map(|app| &**app),
            is_first: old.is_none(),
            new: after.map(|app| &**app),
        })
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::policy::{AppPolicy, ChannelPolicy};
    use super::super::tags::AppTags;
    use super::*;

    fn app(id: &str) -> Arc<App> {
        let policy = AppPolicy {
            id: id.into(),
            name: None,
            default_channel: "production".into(),
            channels: vec![ChannelPolicy::named("production")],
            overrides: Vec::new(),
        };
        Arc::new(App::new(policy, [], HashSet::new(), AppTags::default()))
    }

    fn table(apps: &[&Arc<App>]) -> Table {
        Table::new(String::new(), String::new(), apps.iter().map(|app| Arc::clone(app)))
    }

    #[test]
    fn each_app_once_unless_it_is_the_very_same() {
        let (kept, gone, before, after, came) = (app("kept"), app("b"), app("c"), app("c"), app("a"));
        let (old, new) = (table(&[&kept, &gone, &before]), table(&[&after, &came, &kept]));
        let told: Vec<_> = differing(Some(&old), &new).map(|a| (a.id, a.old.is_some(), a.new.is_some())).collect();
        assert_eq!(told, [("a", false, true), ("b", true, false), ("c", true, true)]);
        let of_c = differing(Some(&old), &new).last().unwrap();
        assert!(std::ptr::eq(of_c.old.unwrap(), &*before) && std::ptr::eq(of_c.new.unwrap(), &*after));
        assert_eq!(differing(None, &new).map(|apps| apps.id).collect::<Vec<_>>(), ["a", "c", "kept"]);
        assert_eq!(differing(Some(&new), &new).count(), 0);
    }
}
