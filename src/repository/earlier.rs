//! What a version was before, on the line of a commit: its name may be taken, and its bytes with it.

use super::bundle::{self, Limits};
use super::draft::Slot;
use super::forms::{Part, Shape};
use super::id::{CommitId, ObjectId};
use super::line::Line;
use super::read_error::ReadError;
use super::reader::{Objects, Reader};
use crate::release::platform::Platform;

/// What the line says of a version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Earlier {
    /// Whether the newest commit has it.
    pub is_there: bool,
    /// The first commit that had other bytes for a platform that the bundle would be for.
    pub other_bytes: Option<CommitId>,
}

/// Looks for a version on the line of the commit that is checked out. `id` is the name of the bundle's bytes in git.
///
/// # Errors
/// The repository cannot be read.
pub fn look(
    reader: &Reader,
    app: &str,
    version: &str,
    bundle: (Slot, ObjectId),
    limits: &Limits,
) -> Result<Earlier, ReadError> {
    let line = line(reader)?;
    let Some(history) = line.app(app).and_then(|versions| versions.history(version)) else {
        return Ok(Earlier::default());
    };
    let is_there = history.held(line.last()).is_some();
    let objects = reader.objects()?;
    for step in history.steps() {
        let Some(tree) = step.id else { continue };
        if had_other_bytes(&objects, &Shape::of(objects.read(tree)?.bytes()), bundle, limits)? {
            return Ok(Earlier { is_there, other_bytes: line.commit(step.at) });
        }
    }
    Ok(Earlier { is_there, other_bytes: None })
}

/// Whether a version is or was on the line of the commit that is checked out.
///
/// # Errors
/// The repository cannot be read.
pub fn ever_had(reader: &Reader, app: &str, version: &str) -> Result<bool, ReadError> {
    Ok(line(reader)?.app(app).is_some_and(|versions| versions.history(version).is_some()))
}

/// The line of the commit that is checked out; an empty one before the first commit.
fn line(reader: &Reader) -> Result<Line, ReadError> {
    let mut line = Line::default();
    if let Some(head) = reader.head()? {
        line.follow(reader, head)?;
    }
    Ok(line)
}

/// Whether a form had, for a platform that takes this bundle, another one.
fn had_other_bytes(
    objects: &Objects<'_>,
    shape: &Shape,
    (slot, id): (Slot, ObjectId),
    limits: &Limits,
) -> Result<bool, ReadError> {
    for platform in Platform::ALL {
        let had = shape.slot(platform);
        let takes = match slot {
            Slot::Own(own) => own == platform,
            // where the platform has its own it keeps that
            Slot::Shared => had == Slot::Shared,
        };
        if let Part::File(other) = shape.part(had)
            && takes
            && other != id
            && counts(objects, other, platform, limits)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a platform could install a zip: one that it never could leaves the name free.
fn counts(objects: &Objects<'_>, id: ObjectId, platform: Platform, limits: &Limits) -> Result<bool, ReadError> {
    match objects.read(id) {
        Ok(object) => Ok(bundle::inspect(object.bytes(), limits).installable().contains(platform)),
        // a partial clone leaves zips out
        Err(ReadError::Missing(_)) => Ok(true),
        Err(error) => Err(error),
    }
}
