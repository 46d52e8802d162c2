//! What lies around the release that is made: its other bundles, and the folder that is packed.

use std::path::Path;

use super::found::Lies;
use super::target::Target;
use crate::cli::failure::Failure;
use crate::repository::bundle::{Inspection, Limits};
use crate::repository::draft::{Lying, Slot};
use crate::repository::read_error::ReadError;

/// Every bundle file of the release as it will be. `ours` is the one that was packed.
///
/// # Errors
/// One that is there cannot be read.
pub fn bundles(target: &Target, ours: (Slot, &Inspection), limits: &Limits) -> Result<Vec<(Slot, Lying)>, Failure> {
    let mut found = vec![(ours.0, Lying::Zip(ours.1.clone()))];
    for slot in Slot::ALL.into_iter().filter(|slot| *slot != ours.0) {
        let path = format!("{}/{}", target.path(), slot.file_name());
        let lying = match Lies::at(&target.reader, &path)? {
            Lies::Nothing => continue,
            Lies::NoFile => Lying::NoFile,
            Lies::OnDisk(bytes) => Lying::of(&bytes, limits),
            Lies::InGit(id) => match target.reader.objects()?.read(id) {
                Ok(object) => Lying::of(object.bytes(), limits),
                Err(ReadError::Missing(_)) => Lying::Elsewhere,
                Err(error) => return Err(error.into()),
            },
        };
        found.push((slot, lying));
    }
    Ok(found)
}

/// A web app is never where releases are kept.
///
/// # Errors
/// The folder that is to be packed is the work tree or the place of the release, or holds one of them.
pub fn refuse_around(packed: &Path, target: &Target) -> Result<(), Failure> {
    let real = |path: &Path| path.canonicalize().ok();
    let (Some(inner), Some(root)) = (real(packed), real(&target.root)) else { return Ok(()) };
    let place = root.join(&target.app).join(&target.version);
    let place = real(&place).unwrap_or(place);
    if !place.starts_with(&inner) {
        return Ok(());
    }
    let what = if root.starts_with(&inner) { "the work tree of the releases" } else { "the place of the release" };
    let is = if inner == root || inner == place { "is" } else { "holds" };
    Err(Failure::usage(format!("{} {is} {what}, and no web app", packed.display()))
        .hint("name the folder that the build of the web app makes: `dist`, `www` or `build`, mostly"))
}
