//! The repository as git's hooks on a server see it: with the objects of a push that is not taken yet.

use std::env;
use std::path::Path;

use git2::{ReferenceType, Repository, RepositoryOpenFlags};

use super::{Origin, Reader};
use crate::repository::read_error::ReadError;

/// Symbolic refs that lead to symbolic refs, as far as git follows them.
const DEEPEST: usize = 5;

impl Reader {
    /// Opens the repository that git names in the environment of a hook.
    ///
    /// The pushed objects lie in a quarantine beside the others. libgit2 would find both by the environment too, but takes
    /// a path with a colon in it for two.
    pub fn open_in_hook() -> Result<Reader, ReadError> {
        let path = env::var_os("GIT_DIR").unwrap_or_else(|| ".".into());
        Reader::opened(Origin::Hook, Path::new(&path), || quarantined(Path::new(&path)))?.whole(Path::new(&path))
    }

    /// The name of the ref that this one leads to; a push to a symbolic ref moves that one.
    pub fn direct_name(&self, name: String) -> String {
        let mut name = name;
        for _ in 0..DEEPEST {
            let Ok(reference) = self.repository.find_reference(&name) else { break };
            match (reference.kind(), reference.symbolic_target()) {
                (Some(ReferenceType::Symbolic), Ok(Some(target))) => name = target.to_owned(),
                _ => break,
            }
        }
        name
    }
}

fn quarantined(path: &Path) -> Result<Repository, git2::Error> {
    let repository = Repository::open_ext(path, RepositoryOpenFlags::NO_SEARCH, std::iter::empty::<&Path>())?;
    let objects = repository.odb()?;
    let alternates = env::var("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
    // git puts a path with a colon in quotes; the only such one that it names itself is the repository's own
    let others = alternates.split(':').filter(|path| !alternates.contains('"') && !path.is_empty());
    let quarantine = env::var("GIT_OBJECT_DIRECTORY");
    for path in quarantine.as_deref().into_iter().chain(others) {
        objects.add_disk_alternate(path)?;
    }
    drop(objects);
    Ok(repository)
}
