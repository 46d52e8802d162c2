//! First bytes: devices keep bundles by the name of their version, so a version keeps the bytes that it had first.

use std::sync::Arc;

use super::build_error::BuildError;
use super::forms::{Form, FormReader, Part, Shape, Slot};
use super::history::Step;
use super::id::ObjectId;
use super::shelf::known_sha256;
use crate::release::platform::{PerPlatform, Platform};
use crate::release::table::Bundle;

/// The bundle of the oldest valid form that had one for a platform.
#[derive(Clone, Debug)]
pub struct First {
    /// The blob of the zip.
    pub id: ObjectId,
    /// The name that it had.
    pub slot: Slot,
    /// Its bytes.
    pub bundle: Arc<Bundle>,
    /// The commit that brought it.
    pub at: u32,
}

/// The first bytes of a version on each platform.
#[derive(Clone, Debug, Default)]
pub struct Firsts {
    /// `None` where no valid form had any.
    pub bundles: PerPlatform<Option<First>>,
}

impl Firsts {
    /// Goes over the forms of a directory, oldest first, and reads zips until each platform has its bytes. Also returns
    /// the form of the newest step, if it was among those that were read.
    pub fn find(forms: &mut FormReader<'_>, path: &str, steps: &[Step]) -> Result<(Firsts, Option<Form>), BuildError> {
        let mut firsts = Firsts::default();
        let mut newest = None;
        for (index, step) in steps.iter().enumerate() {
            let Some(tree) = step.id.filter(|_| !firsts.complete()) else { continue };
            let is_newest = index + 1 == steps.len();
            let form = read_form(forms, path, tree, is_newest)?;
            form.iter().filter(|form| form.is_valid()).for_each(|form| firsts.take(form, step.at));
            newest = form.filter(|_| is_newest);
        }
        Ok((firsts, newest))
    }

    fn take(&mut self, form: &Form, at: u32) {
        for platform in Platform::ALL {
            let slot = form.shape.slot(platform);
            if let (first @ None, Some((id, bundle))) = (self.bundles.get_mut(platform), form.bundle(platform)) {
                *first = Some(First { id, slot, bundle: Arc::clone(bundle), at });
            }
        }
    }

    /// Whether no form was valid yet.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Whether a blob is among them.
    pub fn has(&self, id: ObjectId) -> bool {
        self.iter().any(|(_, first)| first.id == id)
    }

    fn complete(&self) -> bool {
        self.bundles.iter().all(|(_, first)| first.is_some())
    }

    /// Each first bundle.
    pub fn iter(&self) -> impl Iterator<Item = (Platform, &First)> {
        self.bundles.iter().filter_map(|(platform, first)| Some((platform, first.as_ref()?)))
    }

    /// The first bytes whose place in that form holds something else, or nothing.
    pub fn lost<'f>(&'f self, shape: &'f Shape) -> impl Iterator<Item = (Platform, &'f First, Slot, Part)> {
        let placed = self.iter().map(|(platform, first)| (platform, first, shape.slot(platform)));
        let parts = placed.map(|(platform, first, slot)| (platform, first, slot, shape.part(slot)));
        parts.filter(|(_, first, _, part)| *part != Part::File(first.id))
    }

    /// The hash of `bundle.zip` in that form, where it is one of the first bytes and known.
    pub fn sha256_of_shared(&self, shape: &Shape) -> Option<[u8; 32]> {
        let shared = shape.part(Slot::Shared);
        let first = self.iter().find(|(_, first)| shared == Part::File(first.id));
        first.and_then(|(_, first)| known_sha256(&first.bundle))
    }
}

/// Reads a form. The zips of one with a broken descriptor only matter where it is the newest, to report them too.
fn read_form(forms: &mut FormReader<'_>, path: &str, tree: ObjectId, newest: bool) -> Result<Option<Form>, BuildError> {
    let shape = forms.shape(tree)?;
    let described = forms.describe(&shape, path)?;
    if described.descriptor.is_none() && !newest {
        return Ok(None);
    }
    let looked = forms.look(&shape)?;
    Ok(Some(Form { shape, described, looked }))
}
