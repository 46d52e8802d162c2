//! The repository as git's hooks on a server see it: with the objects of a push that is not taken yet.

use std::env;
use std::path::{Path, PathBuf};

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
        let alternates = alternates()?;
        let open = || quarantined(Path::new(&path), &alternates);
        Reader::opened(Origin::Hook, Path::new(&path), open)?.whole(Path::new(&path))
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

fn quarantined(path: &Path, alternates: &[String]) -> Result<Repository, git2::Error> {
    let repository = Repository::open_ext(path, RepositoryOpenFlags::NO_SEARCH, std::iter::empty::<&Path>())?;
    let objects = repository.odb()?;
    alternates.iter().try_for_each(|path| objects.add_disk_alternate(path))?;
    drop(objects);
    Ok(repository)
}

/// Where objects are besides the repository's own: the quarantine first.
fn alternates() -> Result<Vec<String>, ReadError> {
    let others = env::var_os("GIT_ALTERNATE_OBJECT_DIRECTORIES").unwrap_or_default();
    // git puts a path with a colon in quotes; the only such one that it names itself is the repository's own
    let is_plain = !others.as_encoded_bytes().contains(&b'"');
    let others = env::split_paths(&others).filter(|path| is_plain && !path.as_os_str().is_empty());
    // the repository's own is read anyway, whatever it is called
    let mut found: Vec<String> = others.filter_map(|path| as_text(&path)).collect();
    if let Some(quarantine) = env::var_os("GIT_OBJECT_DIRECTORY").map(PathBuf::from) {
        found.insert(0, as_text(&quarantine).ok_or_else(|| unreadable(&quarantine))?);
    }
    Ok(found)
}

/// A path as libgit2 takes it here, which is text alone: where it is none, that from the folder that git calls hooks in.
fn as_text(path: &Path) -> Option<String> {
    if let Some(text) = path.to_str() {
        return Some(text.to_owned());
    }
    let here = env::current_dir().and_then(|here| here.canonicalize()).ok()?;
    Some(path.canonicalize().ok()?.strip_prefix(here).ok()?.to_str()?.to_owned())
}

fn unreadable(quarantine: &Path) -> ReadError {
    ReadError::Refused {
        why: format!("the pushed objects lie in {}, whose path is no UTF-8, and cannot be read", quarantine.display()),
        mend: "give the repository a path that is UTF-8".into(),
    }
}
