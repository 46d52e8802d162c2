//! The files of a built web app: every one but what the machine that built it left there.

use std::collections::BTreeMap;
use std::fs::{self, DirEntry, FileType};
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::failure::Failure;
use crate::repository::bundle::{Limits, ZipRule};
use crate::repository::problem::Problem;

/// What is never part of a web app: leavings of desktops and of version control. Source maps and other hidden files are kept.
const LEAVINGS: [&str; 7] = [".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX", ".git", ".hg", ".svn"];
/// Files in which macOS keeps what a file system has no place for.
const APPLE_DOUBLE: &str = "._";
/// Faults of the folder that are told one by one.
const MOST: usize = 20;

/// The mend of a web app that is too large.
pub const LESS: &str = "name the folder of the built web app and nothing around it, leave out what devices do not need (source \
                        maps, videos), or raise the limit in the settings, here and for the daemon";
/// What belongs to the making of a web app. What it was made of is seldom meant for everybody.
const OF_MAKERS: [(&str, &str); 2] = [
    (".env", "it may hold passwords, and every device could read them"),
    ("node_modules", "it holds what a web app is built from, and no device needs it"),
];

/// A folder that was walked.
pub struct WebApp {
    /// The folder as it was named.
    pub folder: PathBuf,
    /// Each file by its path in the folder, with `/`, and where it is.
    pub files: BTreeMap<String, PathBuf>,
    /// Bytes of all files.
    pub size: u64,
    /// What was left out, by its path in the folder.
    pub left_out: Vec<String>,
    /// What cannot be packed.
    pub problems: Vec<Problem>,
}

impl WebApp {
    /// Finds every file. Files of which there are more than the limits allow are not looked for.
    ///
    /// # Errors
    /// The folder, or one in it, cannot be read.
    pub fn walk(folder: &Path, limits: &Limits) -> Result<WebApp, Failure> {
        let mut web_app = WebApp {
            folder: folder.to_owned(),
            files: BTreeMap::new(),
            size: 0,
            left_out: Vec::new(),
            problems: Vec::new(),
        };
        check_folder(folder)?;
        // a stack of our own: a folder may be as deep as the disk allows
        let mut folders = vec![(folder.to_owned(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| unreadable(&folder, &error))? {
                let entry = entry.map_err(|error| unreadable(&folder, &error))?;
                folders.extend(web_app.take(&entry, &prefix)?);
            }
            if web_app.is_beyond(limits) {
                break;
            }
        }
        web_app.left_out.sort();
        web_app.problems.sort_by(|a, b| a.file.cmp(&b.file));
        Ok(web_app)
    }

    /// Notes a file; a folder is handed back, with the path of what is in it.
    fn take(&mut self, entry: &DirEntry, prefix: &str) -> Result<Option<(PathBuf, String)>, Failure> {
        let path = entry.path();
        let kind = entry.file_type().map_err(|error| unreadable(&path, &error))?;
        let Some(name) = entry.file_name().to_str().map(|name| format!("{prefix}{name}")) else {
            self.refuse(not_utf8(&path));
            return Ok(None);
        };
        if is_leaving(name.strip_prefix(prefix).unwrap_or(&name)) {
            self.left_out.push(name);
        } else if kind.is_dir() {
            return Ok(Some((path, format!("{name}/"))));
        } else if kind.is_file() {
            self.size += entry.metadata().map_err(|error| unreadable(&path, &error))?.len();
            self.files.insert(name, path);
        } else {
            self.refuse(special(&path, kind));
        }
        Ok(None)
    }

    /// What is packed, and is worth a look.
    pub fn warnings(&self) -> Vec<Problem> {
        OF_MAKERS.iter().filter_map(|(kind, why)| self.warning(kind, why)).collect()
    }

    fn warning(&self, kind: &str, why: &str) -> Option<Problem> {
        let is_one = |part: &str| part == kind || kind == ".env" && part.starts_with(".env.");
        // as far as the part that tells
        let upto = |name: &str| {
            let parts: Vec<&str> = name.split('/').collect();
            parts.iter().position(|part| is_one(part)).map(|at| parts.iter().take(at + 1).copied().collect::<PathBuf>())
        };
        let found = self.files.keys().find_map(|name| upto(name))?;
        let message = format!("`{kind}` is packed with the web app: {why}");
        let help = "take it out, or name the folder that the build makes: `dist`, `www` or `build`, mostly";
        Some(Problem::warning("not-built", message, help).in_file(shown(&self.folder.join(found))))
    }

    fn refuse(&mut self, problem: Problem) {
        if self.problems.len() < MOST {
            self.problems.push(problem);
        }
    }

    /// Whether no zip of it could be within the limits. Somebody who named a wrong folder need not wait.
    fn is_beyond(&mut self, limits: &Limits) -> bool {
        let (count, size) = (self.files.len() as u64, self.size);
        let (rule, message) = if count > limits.max_entries {
            let message = format!(
                "there are more than {} files in the folder, which is the limit (`max_entries`)",
                limits.max_entries
            );
            (ZipRule::TooManyEntries, message)
        } else if size > limits.max_unpacked {
            let message =
                format!("the files have more than {} bytes, which is the limit (`max_unpacked`)", limits.max_unpacked);
            (ZipRule::UnpacksTooLarge, message)
        } else {
            return false;
        };
        self.refuse(Problem::error(rule.code(), message, LESS).in_file(shown(&self.folder)));
        true
    }
}

/// A path as it is shown.
pub fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn check_folder(folder: &Path) -> Result<(), Failure> {
    let found = fs::metadata(folder).map_err(|error| unreadable(folder, &error))?;
    if found.is_dir() {
        return Ok(());
    }
    Err(Failure::environment(format!("{} is no folder", folder.display()))
        .hint("name the folder of the built web app, with index.html in it: the zip is made of what is there"))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::environment(format!("cannot read {}: {error}", path.display()));
    if error.kind() == io::ErrorKind::NotFound {
        return failure
            .hint("build the web app, and name the folder that this makes: `dist`, `www` or `build`, mostly");
    }
    failure
}

fn is_leaving(name: &str) -> bool {
    LEAVINGS.iter().any(|leaving| leaving.eq_ignore_ascii_case(name)) || name.starts_with(APPLE_DOUBLE)
}

fn not_utf8(path: &Path) -> Problem {
    let message = "the name is not UTF-8, and clients do not agree on what it is";
    Problem::error(ZipRule::NotUtf8.code(), message, "rename it in the web app, with ASCII letters at best")
        .in_file(shown(path))
}

fn special(path: &Path, kind: FileType) -> Problem {
    let (message, help) = if kind.is_symlink() {
        let message = "this is a symlink, which no client installs as what it leads to";
        let help = "put a copy of what it leads to in its place (`cp -rL` copies a whole folder so), or take it out";
        (message, help)
    } else {
        ("this is neither a file nor a folder", "take it out of the web app")
    };
    Problem::error(ZipRule::SpecialFile.code(), message, help).in_file(shown(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path, names: &[&str]) {
        for name in names {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
    }

    fn walk(folder: &Path, limits: Limits) -> WebApp {
        WebApp::walk(folder, &limits).unwrap_or_else(|failure| panic!("{failure}"))
    }

    fn rules(web_app: &WebApp) -> Vec<&str> {
        web_app.problems.iter().map(|problem| problem.rule).collect()
    }

    #[test]
    fn leavings_of_machines_are_left_out_and_all_else_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["index.html", "a/b/c.js", "a/b/c.js.map", ".well-known/x", "a/._c.js", "THUMBS.DB"]);
        write(folder.path(), &[".git/config", "a/.DS_Store", "__MACOSX/x"]);
        fs::create_dir(folder.path().join("empty")).unwrap();
        let web_app = walk(folder.path(), Limits::default());
        let files: Vec<_> = web_app.files.keys().collect();
        assert_eq!(files, [".well-known/x", "a/b/c.js", "a/b/c.js.map", "index.html"]);
        assert_eq!(web_app.left_out, [".git", "THUMBS.DB", "__MACOSX", "a/.DS_Store", "a/._c.js"]);
        assert_eq!((web_app.size, rules(&web_app)), (4, vec![]));
    }

    #[test]
    fn what_a_web_app_is_made_of_is_warned_of() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["index.html", "environment.js", ".environment"]);
        assert_eq!(walk(folder.path(), Limits::default()).warnings(), []);
        write(folder.path(), &["a/.env.local", "node_modules/x/y.js", "node_modules/z.js"]);
        let warnings = walk(folder.path(), Limits::default()).warnings();
        let files: Vec<_> = warnings.iter().filter_map(|problem| problem.file.as_deref()).collect();
        assert!(files[0].ends_with("/a/.env.local") && files[1].ends_with("/node_modules"), "{files:?}");
        assert!(!warnings.iter().any(Problem::is_error));
    }

    #[test]
    fn what_is_no_file_is_refused_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["index.html"]);
        std::os::unix::fs::symlink("index.html", folder.path().join("home.html")).unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("assets")).unwrap();
        let odd: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(b"\xff.js".to_vec());
        fs::write(folder.path().join(odd), "x").unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("socket")).unwrap();
        let web_app = walk(folder.path(), Limits::default());
        assert_eq!(rules(&web_app), ["special-file", "special-file", "special-file", "not-utf8"]);
        let files: Vec<_> = web_app.problems.iter().filter_map(|problem| problem.file.as_deref()).collect();
        assert!(files[0].ends_with("/assets") && files[1].ends_with("/home.html"), "{files:?}");
    }

    #[test]
    fn a_folder_beyond_the_limits_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["a", "b", "c"]);
        let few = Limits { max_entries: 2, ..Limits::default() };
        assert_eq!(rules(&walk(folder.path(), few)), ["too-many-entries"]);
        let small = Limits { max_unpacked: 2, ..Limits::default() };
        assert_eq!(rules(&walk(folder.path(), small)), ["unpacks-too-large"]);
    }

    #[test]
    fn a_folder_that_is_not_there_or_is_a_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &["app.zip"]);
        let told = |name: &str| WebApp::walk(&folder.path().join(name), &Limits::default()).err().unwrap().to_string();
        assert!(told("dist").contains("help: build the web app"));
        assert!(told("app.zip").contains("app.zip is no folder\nhelp: name the folder of the built web app"));
    }
}
