//! The releases before and after a change, at the cost of what it changes.

use rustc_hash::{FxHashMap, FxHashSet};

use super::touched::Touched;
use crate::repository::build_error::BuildError;
use crate::repository::builder::{Build, Builder};
use crate::repository::id::{CommitId, ObjectId};
use crate::repository::read_error::ReadError;
use crate::repository::reader::{Objects, Reader, Tagged};
use crate::repository::refs::Refs;
use crate::repository::tag::TagName;
use crate::repository::tree;

/// Two builds of one repository.
#[derive(Debug)]
pub struct Both {
    /// From the refs before.
    pub was: Build,
    /// From the refs after.
    pub is: Build,
    /// What differs between the two tips.
    pub touched: Touched,
}

impl Both {
    /// Builds both with a new builder. `made` are tags of the refs after that the repository does not hold yet, with what
    /// they name.
    ///
    /// Zips that the change leaves alone are not read where nothing is known of them: who has no daemon's knowledge would
    /// read them all, every time. They are taken for sound, as they were when they came in, where their directory never
    /// changed and no tag of the change names it.
    ///
    /// # Errors
    /// Where the repository cannot be read.
    pub fn build(
        reader: &Reader,
        builder: &mut Builder,
        before: &Refs,
        after: &Refs,
        made: &[(ObjectId, Tagged)],
    ) -> Result<Both, BuildError> {
        let objects = &reader.objects()?;
        let mut touched = Touched::between(objects, before.branch, after.branch)?;
        let mut doubted: FxHashSet<ObjectId> = touched.blobs().iter().copied().collect();
        for tip in [before.branch, after.branch].into_iter().flatten() {
            doubted.extend(tagged(objects, tip, before, after)?);
        }
        builder.trust_zips_but(doubted);
        let was = builder.build(reader, before)?;
        builder.read_all_zips();
        builder.know_tagged(made.iter().copied());
        let is = builder.build(reader, after)?;
        touched.add_passed(builder.line(), before.branch);
        if let Some(commit) = was.table.as_ref().and_then(|table| CommitId::from_hex(&table.commit)) {
            touched.compare_settings_with(objects, commit)?;
        }
        Ok(Both { was, is, touched })
    }
}

/// The files of the releases in that commit that tags name which come or move.
fn tagged(objects: &Objects<'_>, tip: CommitId, before: &Refs, after: &Refs) -> Result<Vec<ObjectId>, ReadError> {
    let known: FxHashMap<&str, ObjectId> = before.tags.iter().map(|(name, id)| (&**name, *id)).collect();
    let come = after.tags.iter().filter(|(name, id)| known.get(&**name) != Some(id));
    let named: FxHashSet<&str> = come.filter_map(|(name, _)| TagName::parse(name)).map(|tag| tag.version).collect();
    let mut found = Vec::new();
    if named.is_empty() {
        return Ok(found);
    }
    // which app a short tag means is not known yet, so that those of that version are taken in every one
    let root = objects.read(objects.commit(tip)?.tree)?;
    for app in tree::entries(root.bytes()).filter_map(|entry| entry.directory()) {
        let app = objects.read(app)?;
        let versions = tree::entries(app.bytes()).filter(|entry| entry.name_text().is_some_and(|n| named.contains(n)));
        for version in versions.filter_map(|entry| entry.directory()) {
            let version = objects.read(version)?;
            found.extend(tree::entries(version.bytes()).filter_map(|entry| entry.file()));
        }
    }
    Ok(found)
}
