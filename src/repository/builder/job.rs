//! One build under way: from the line to a table, app by app.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use sha2::{Digest, Sha256};

use super::Builder;
use super::built::{Built, Resolved};
use crate::release::table::Table;
use crate::repository::build_error::BuildError;
use crate::repository::catalog::{Catalog, Place};
use crate::repository::forms::FormReader;
use crate::repository::id::ObjectId;
use crate::repository::notices;
use crate::repository::places::Kept;
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;
use crate::repository::refs::TagRefs;
use crate::repository::standing::Standing;
use crate::repository::tag::{ReadTag, ReadTags, Reading, Subject, faults as tag_faults};
use crate::repository::tree;

/// One build under way.
pub struct Job<'b> {
    objects: &'b Objects<'b>,
    tags: &'b TagRefs,
    builder: &'b mut Builder,
    /// What was found wrong.
    pub problems: Vec<Problem>,
    /// Where the table is not that of the tip.
    pub kept: Option<Kept>,
    /// Apps whose part of the settings never was valid, each with what is wrong with it.
    pub never_valid: Vec<(Box<str>, Problem)>,
    /// How many descriptors were parsed.
    pub descriptors: usize,
}

impl<'b> Job<'b> {
    /// From a line that was followed to its tip.
    pub fn new(objects: &'b Objects<'b>, tags: &'b TagRefs, builder: &'b mut Builder) -> Job<'b> {
        Job { objects, tags, builder, problems: Vec::new(), kept: None, never_valid: Vec::new(), descriptors: 0 }
    }
}

impl Job<'_> {
    /// Makes the table; `None` where the line offers nothing.
    pub fn table(&mut self) -> Result<Option<Arc<Table>>, BuildError> {
        let line = &self.builder.line;
        self.problems.extend(line.cut_at().map(notices::shallow));
        let last = line.last();
        let standing = self.builder.files.newest(self.objects, line, last)?;
        self.tell_of_tip(standing.as_ref())?;
        let table = standing.map(|standing| self.stand_at(&standing)).transpose()?;
        self.builder.files.forget_unused();
        Ok(table)
    }

    /// Reports the settings of the tip, whether they count or not.
    fn tell_of_tip(&mut self, standing: Option<&Standing>) -> Result<(), BuildError> {
        let line = &self.builder.line;
        let of_tip: Vec<Problem> = match line.settings().held(line.last()) {
            Some(id) => self.builder.files.read(self.objects, id)?.file.all_problems().cloned().collect(),
            None => vec![notices::no_settings()],
        };
        let behind = standing.filter(|standing| standing.at != line.last());
        let commit = behind.and_then(|standing| line.commit(standing.at));
        self.kept = commit.map(|commit| Kept { commit, fault: worst(&of_tip) });
        self.problems.extend(of_tip);
        self.problems.extend(commit.map(notices::settings_kept));
        Ok(())
    }

    /// The table as if that commit were the tip.
    fn stand_at(&mut self, standing: &Standing) -> Result<Arc<Table>, BuildError> {
        let roots = self.directories(standing.at)?;
        let found = self.standings(standing)?;
        let tags = self.read_tags(&found)?;
        let mut apps = FxHashMap::default();
        let mut of_tags = tags.problems.clone();
        for (id, found) in found {
            let tree = if found.at == standing.at { roots.get(id).copied() } else { self.directory(found.at, id)? };
            let Some(mut built) = self.app(id, &found, tree, tags.of(id))? else { continue };
            built.kept = self.kept_app(id, &found, standing);
            let problems = built.catalog.problems.iter().chain(&built.problems).cloned();
            let placed: Vec<Problem> = problems.map(|problem| self.placed(found.at, problem)).collect();
            self.problems.extend(placed);
            of_tags.extend(built.tags.problems.iter().cloned());
            apps.insert(id.into(), built);
        }
        self.problems.extend(self.builder.strangers.find(self.objects, &roots, &standing.settings)?);
        of_tags.extend(self.tags_of_nobody(&tags, &apps, standing));
        of_tags.sort_by(|a, b| (&a.tag, a.rule).cmp(&(&b.tag, b.rule)));
        self.problems.extend(of_tags);
        let table = self.publish(standing, &apps);
        self.builder.apps = apps;
        Ok(table)
    }

    /// Each app that is served, with the commit that it is read from.
    fn standings<'s>(&mut self, standing: &'s Standing) -> Result<Vec<(&'s str, Standing)>, BuildError> {
        let mut standings = Vec::new();
        for (id, part) in &standing.settings.file.apps {
            let found = self.builder.files.newest_of_app(self.objects, &self.builder.line, standing, id)?;
            if part.policy.is_none() {
                let commit = found.as_ref().and_then(|found| self.builder.line.commit(found.at));
                let notice = notices::frozen(id, &standing.settings, &part.places, commit);
                self.problems.push(self.placed(standing.at, notice));
                if found.is_none() {
                    self.never_valid.extend(worst(&part.problems).map(|fault| (id.clone(), fault)));
                }
            }
            standings.extend(found.map(|found| (&**id, found)));
        }
        Ok(standings)
    }

    /// Where an app is not read from the commit of the table.
    fn kept_app(&self, id: &str, found: &Standing, table: &Standing) -> Option<Kept> {
        let commit = self.builder.line.commit(found.at).filter(|_| found.at != table.at)?;
        let part = table.settings.file.apps.get(id);
        Some(Kept { commit, fault: part.and_then(|part| worst(&part.problems)) })
    }

    fn read_tags(&mut self, apps: &[(&str, Standing)]) -> Result<ReadTags, ReadError> {
        let Builder { line, files, tags, .. } = &mut *self.builder;
        if self.tags.is_empty() {
            return Ok(ReadTags::default());
        }
        let only = if let [(only, _)] = apps { Some(*only) } else { None };
        let reading = Reading { objects: self.objects, line, positions: line.positions() };
        let read = tags.read(&reading, files, self.tags, only)?;
        tags.forget_unused(self.tags);
        Ok(read)
    }

    /// A problem of the files of that commit: lines of another one than the tip are not those that people see.
    fn placed(&self, at: u32, problem: Problem) -> Problem {
        let line = &self.builder.line;
        match line.commit(at).filter(|_| at != line.last()) {
            Some(commit) => problem.as_of(commit),
            None => problem,
        }
    }

    /// One app, from what the build before knew of it.
    fn app(
        &mut self,
        id: &str,
        standing: &Standing,
        tree: Option<ObjectId>,
        read: &[ReadTag],
    ) -> Result<Option<Built>, BuildError> {
        let frozen = standing.at != self.builder.line.last();
        let Builder { zips, line, default, apps, tags, .. } = &mut *self.builder;
        let previous = apps.get(id);
        let mut forms = FormReader { objects: self.objects, zips, default, descriptors: 0 };
        let place = Place { app: id, at: standing.at, tree };
        let catalog = Catalog::read(&mut forms, line, place, previous.map(|built| &built.catalog));
        self.descriptors += forms.descriptors;
        let catalog = catalog?;
        let Some(policy) = standing.settings.valid(id).and_then(|part| part.policy.as_ref()) else { return Ok(None) };
        let same = previous.filter(|p| Arc::ptr_eq(&p.catalog, &catalog) && p.app.policy == *policy);
        let resolved = match same.filter(|previous| *previous.tags.read == *read && previous.tags.frozen == frozen) {
            Some(previous) => previous.tags.clone(),
            None if read.is_empty() => Resolved { frozen, ..Resolved::default() },
            None => {
                let reading = Reading { objects: self.objects, line, positions: line.positions() };
                let subject = Subject { policy, catalog: &catalog, frozen };
                let (tags, problems) = tags.resolve(&reading, subject, read)?;
                Resolved { read: read.into(), frozen, tags, problems }
            }
        };
        Ok(Built::of(catalog, &standing.settings, id, same, resolved))
    }

    fn directories(&self, at: u32) -> Result<FxHashMap<Box<str>, ObjectId>, ReadError> {
        let Some(commit) = self.builder.line.commit(at) else { return Ok(FxHashMap::default()) };
        let root = self.objects.read(self.objects.commit(commit)?.tree)?;
        let directory = |entry: tree::Entry<'_>| Some((entry.name_text()?.into(), entry.directory()?));
        Ok(tree::entries(root.bytes()).filter_map(directory).collect())
    }

    fn directory(&self, at: u32, app: &str) -> Result<Option<ObjectId>, ReadError> {
        Ok(self.directories(at)?.get(app).copied())
    }

    /// Tags of apps that are not served.
    fn tags_of_nobody(&self, tags: &ReadTags, apps: &FxHashMap<Box<str>, Built>, standing: &Standing) -> Vec<Problem> {
        let named = &standing.settings.file.apps;
        let problem = |(app, tag): (&str, &ReadTag)| {
            if named.contains_key(app) {
                return tag_faults::app_not_served(app, tag);
            }
            let was_there = self.builder.line.app(app).is_some();
            tag_faults::unknown_app(app, tag, was_there, named.keys().map(|id| &**id))
        };
        tags.of_others(|app| apps.contains_key(app)).into_iter().map(problem).collect()
    }

    fn publish(&self, standing: &Standing, apps: &FxHashMap<Box<str>, Built>) -> Arc<Table> {
        let commit = self.builder.line.commit(standing.at).map(|id| id.to_string()).unwrap_or_default();
        let digest = digest(&commit, self.tags);
        Arc::new(Table::new(commit, digest, apps.values().map(|built| Arc::clone(&built.app))))
    }
}

/// The first error, or else the first problem.
fn worst(problems: &[Problem]) -> Option<Problem> {
    problems.iter().find(|problem| problem.is_error()).or(problems.first()).cloned()
}

/// What tables have in common that answer alike: the commit, and the release tags in the order of their names.
fn digest(commit: &str, tags: &TagRefs) -> String {
    let mut hash = Sha256::new();
    hash.update(commit);
    for (name, id) in tags.iter() {
        hash.update(format!("\n{id} {name}"));
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
