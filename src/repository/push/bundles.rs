//! Which releases a push gives other bundle files, in any of its commits.

use crate::repository::builder::Builder;
use crate::repository::forms::{Shape, Slot};
use crate::repository::id::CommitId;
use crate::repository::problem::Problem;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;

/// A fault in the first bytes of a release, seen from a push.
pub struct BundleFault<'p> {
    app: &'p str,
    version: &'p str,
    file: &'p str,
    /// What the directory held at the old tip and after each commit of the push that changed it.
    shapes: Vec<Shape>,
    old: u32,
}

impl<'p> BundleFault<'p> {
    /// `None` where the problem is none of those, or the old tip is not on the line.
    pub fn of(
        problem: &'p Problem,
        builder: &Builder,
        objects: &Objects<'_>,
        old: Option<CommitId>,
    ) -> Result<Option<BundleFault<'p>>, ReadError> {
        let is_one = matches!(problem.rule, "bundle-changed" | "bundle-removed");
        let (true, Some(app), Some(version), Some(file)) = (is_one, &problem.app, &problem.version, &problem.file)
        else {
            return Ok(None);
        };
        let line = builder.line();
        let Some(old) = old.and_then(|old| line.position(old)) else { return Ok(None) };
        let Some(history) = line.app(app).and_then(|versions| versions.history(version)) else { return Ok(None) };
        let later = history.steps().iter().filter(|step| step.at > old).map(|step| step.id);
        let trees = [history.held(old)].into_iter().chain(later);
        let shape = |tree: Option<_>| match tree {
            Some(tree) => Ok(Shape::of(objects.read(tree)?.bytes())),
            None => Ok(Shape::default()),
        };
        let shapes = trees.map(shape).collect::<Result<_, ReadError>>()?;
        let file = file.rsplit('/').next().unwrap_or(file);
        Ok(Some(BundleFault { app, version, file, shapes, old }))
    }

    /// Whether the push changes a bundle file of that release, whichever the problem is told of.
    pub fn is_own(&self) -> bool {
        let differ = |[a, b]: &[Shape; 2]| Slot::ALL.iter().any(|slot| a.part(*slot) != b.part(*slot));
        self.shapes.array_windows().any(differ)
    }

    /// Whether the push itself brings the bytes that it changes or takes away.
    pub fn is_within(&self, builder: &Builder) -> bool {
        let slot = Slot::ALL.into_iter().find(|slot| slot.file_name() == self.file);
        let had = |shape: &Shape| slot.is_some_and(|slot| shape.has(slot));
        self.shapes.first().is_some_and(|old| !had(old)) && builder.has_newer_bytes(self.app, self.version, self.old)
    }
}
