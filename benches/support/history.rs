//! The releases of a large repository: each with native versions of its own, so that no two look alike to the table.

use std::io::Write;

use super::repository::{NewRelease, Repository, git, zip};
use super::size;

/// Releases that have tags: git takes a while for each file of a tag.
const TAGGED: usize = 2500;

/// A repository with so many of them, from the lowest to the highest, so many in a commit. The newest are tagged twice.
pub fn repository(count: usize, at_once: usize) -> Repository {
    let repository = Repository::new();
    repository.commit((0..count).map(|at| release_of(at, 0)), at_once);
    repository.push();
    tag(&repository, (count.saturating_sub(TAGGED)..count).map(version));
    repository
}

/// Opens versions that were pushed to `tagged`: first to a tenth, then to everyone.
fn tag(repository: &Repository, versions: impl IntoIterator<Item = String>) {
    repository.import(|stream| {
        for version in versions {
            for name in [format!("tagged/{version}@10%"), format!("tagged/{version}")] {
                let tagger = "tagger Team <team@example.com> 1767323045 +0000";
                write!(stream, "tag {name}\nfrom refs/heads/main^0\n{tagger}\ndata 2\nGo\n").expect("a stream");
            }
        }
    });
    git(&repository.path(), &["fetch", "--quiet", "../team.git", "refs/tags/*:refs/tags/*"]);
    git(&repository.path(), &["pack-refs", "--all"]);
}

/// The only one that the channel `solo` has, where there are so many.
pub fn solo() -> usize {
    size::pick(5000, 50)
}

/// The one at that place, with a zip of about that many bytes. A native version `1.0.n` fits all up to place `n`.
pub fn release_of(at: usize, size: usize) -> NewRelease {
    let solo = if at == solo() { r#", "solo""# } else { "" };
    NewRelease {
        version: version(at),
        descriptor: format!("native = \">=1.0.{at}\"\nchannels = [\"production\", \"tagged\"{solo}]\n"),
        zip: zip(at as u64, size),
    }
}

/// The version of the one at that place.
pub fn version(at: usize) -> String {
    format!("1.{}.0", at + 1)
}
