//! What an operator is told of what is published: the documents of the command line, with what only a daemon knows.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;

use crate::documents::explain::Served;
use crate::documents::problem;
use crate::documents::status::{Commits, Daemon, Document, OfApp, Problems, Repository};
use crate::documents::time::Time;
use crate::http::live::Live;
use crate::http::live::Report;
use crate::protocol::check::Check;
use crate::release::table::Table;
use crate::release::time::Timestamp;
use crate::repository::places::Sources;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Reader;

/// A daemon, as far as it does not change while it runs.
#[derive(Debug)]
pub struct Running {
    /// When it began to serve.
    pub since: Timestamp,
    /// The git directory that it reads.
    pub repository: PathBuf,
    /// What the URLs of explained answers start with.
    pub base: String,
}

/// What is known of a table beside the table itself. Published with it, so that no two answers contradict each other.
#[derive(Debug)]
pub struct Published {
    /// What does not change while the daemon runs.
    pub daemon: Arc<Running>,
    /// When this was published.
    pub at: Timestamp,
    /// The commits behind it.
    pub commits: Commits,
    /// What is wrong with the repository.
    pub problems: Vec<problem::Told>,
    /// The files that the table was read from.
    pub sources: Sources,
}

impl Report for Published {
    fn table(&self, live: &Live, now: Timestamp) -> Vec<u8> {
        let document = Document::new(live.table.as_deref(), &self.sources, &self.commits, self.problems.clone(), now);
        written(&Document { daemon: Some(self.state(live)), ..document })
    }

    fn app(&self, live: &Live, id: &str, now: Timestamp) -> Option<Vec<u8>> {
        let table = live.table.as_deref()?;
        let document = match table.app(id) {
            Some(app) => OfApp::new(table, app, &self.sources, &self.problems, now),
            None => OfApp::unserved(table, id, &self.problems, now)?,
        };
        Some(written(&document))
    }

    fn problems(&self, live: &Live) -> Vec<u8> {
        let commit = live.table.as_deref().map(|table| &*table.commit);
        written(&Problems { commit, tip: self.commits.tip.as_deref(), problems: &self.problems })
    }

    fn explain(&self, table: &Table, check: &Check<'_>, now: Timestamp) -> Result<Vec<u8>, String> {
        self.explained(table, check, now).map_err(|error| error.to_string())
    }
}

impl Published {
    fn explained(&self, table: &Table, check: &Check<'_>, now: Timestamp) -> Result<Vec<u8>, ReadError> {
        let reader = Reader::open(&self.daemon.repository)?;
        let served = Served { table, sources: &self.sources, base: &self.daemon.base };
        let (_, document) = served.explain(&reader, check, now)?;
        Ok(written(&document))
    }

    fn state(&self, live: &Live) -> Daemon {
        let repository = Repository { readable: live.repository.is_ok(), error: live.repository.clone().err() };
        Daemon { since: Time(self.daemon.since), published: Time(self.at), repository }
    }
}

/// Our own structs of strings and numbers always have a JSON form.
fn written(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).unwrap_or_default()
}
