//! An app as one build made it, which the next takes over where nothing changed.

use std::sync::Arc;

use crate::release::table::App;
use crate::release::tags::AppTags;
use crate::repository::catalog::Catalog;
use crate::repository::id::ObjectId;
use crate::repository::places::{AppSources, Kept};
use crate::repository::problem::Problem;
use crate::repository::references;
use crate::repository::standing::Settings;
use crate::repository::tag::ReadTag;

/// An app as it was built.
#[derive(Debug)]
pub struct Built {
    /// Its releases, by themselves.
    pub catalog: Arc<Catalog>,
    /// What decisions need of it.
    pub app: Arc<App>,
    /// Where it is not read from the table's commit.
    pub kept: Option<Kept>,
    /// The version of `releases.toml` that `problems` point into.
    pub settings: ObjectId,
    /// What the app's settings and its releases say of each other.
    pub problems: Vec<Problem>,
    /// Its tags.
    pub tags: Resolved,
}

/// The tags of an app, and what came of them.
#[derive(Clone, Debug, Default)]
pub struct Resolved {
    /// As they were read.
    pub read: Arc<[ReadTag]>,
    /// Whether the app was read from an older commit then.
    pub frozen: bool,
    /// What they do.
    pub tags: AppTags,
    /// What is wrong with them.
    pub problems: Vec<Problem>,
}

impl Built {
    /// Takes over from the build before whatever is equal. `same` is that one, where releases and policy are.
    pub fn of(
        catalog: Arc<Catalog>,
        settings: &Settings,
        id: &str,
        same: Option<&Built>,
        tags: Resolved,
    ) -> Option<Built> {
        let part = settings.valid(id)?;
        let policy = part.policy.as_ref()?;
        let same = same.filter(|previous| previous.tags.tags == tags.tags);
        let app = match same {
            Some(previous) => Arc::clone(&previous.app),
            None => {
                let releases = catalog.releases().map(Arc::clone);
                let withdrawn = catalog.withdrawn.keys().cloned().collect();
                Arc::new(App::new(policy.clone(), releases, withdrawn, tags.tags.clone()))
            }
        };
        let problems = match same.filter(|previous| previous.settings == settings.id) {
            Some(previous) => previous.problems.clone(),
            None => references::check(settings, &app, &part.places, &catalog),
        };
        Some(Built { catalog, app, kept: None, settings: settings.id, problems, tags })
    }

    /// The files that it was read from.
    pub fn sources(&self) -> AppSources {
        AppSources::new(self.kept.clone(), self.settings, &self.catalog, &self.tags.read)
    }
}
