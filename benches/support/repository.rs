//! Release repositories, written by `git fast-import` and pushed by `git push`.

use std::io::{BufWriter, Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};

use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::request::APP;

/// A bare repository, and a clone in which a team makes commits for it.
pub struct Repository {
    dir: TempDir,
}

/// A release to be.
pub struct NewRelease {
    /// Its version.
    pub version: String,
    /// Its `release.toml`.
    pub descriptor: String,
    /// Its `bundle.zip`.
    pub zip: Vec<u8>,
}

impl Repository {
    /// One with the app and the channels `production`, `solo` and `tagged`, which takes tags, and nothing else.
    pub fn new() -> Repository {
        let repository = Repository { dir: tempfile::tempdir().expect("a temporary folder") };
        git(repository.dir.path(), &["init", "--quiet", "--bare", "--initial-branch=main", "releases.git"]);
        git(repository.dir.path(), &["init", "--quiet", "--bare", "--initial-branch=main", "team.git"]);
        git(&repository.team(), &["remote", "add", "origin", "../releases.git"]);
        let settings =
            format!("[apps.\"{APP}\".channels]\nproduction = {{}}\nsolo = {{}}\ntagged = {{ tags = true }}\n");
        repository.import(|stream| {
            commit(stream, 0, None);
            file(stream, "releases.toml", settings.as_bytes());
        });
        repository
    }

    /// The bare repository.
    pub fn path(&self) -> PathBuf {
        self.dir.path().join("releases.git")
    }

    fn team(&self) -> PathBuf {
        self.dir.path().join("team.git")
    }

    /// Commits releases in the clone, so many in a commit.
    pub fn commit(&self, releases: impl IntoIterator<Item = NewRelease>, at_once: usize) {
        self.import(|stream| {
            for (at, release) in releases.into_iter().enumerate() {
                if at % at_once == 0 {
                    commit(stream, at, (at == 0).then_some("refs/heads/main^0"));
                }
                let directory = format!("{APP}/{}", release.version);
                file(stream, &format!("{directory}/release.toml"), release.descriptor.as_bytes());
                file(stream, &format!("{directory}/bundle.zip"), &release.zip);
            }
        });
    }

    /// Pushes what was committed.
    pub fn push(&self) {
        git(&self.team(), &["push", "--quiet", "origin", "main"]);
    }

    pub(super) fn import(&self, write: impl FnOnce(&mut BufWriter<ChildStdin>)) {
        let mut command = command(&self.team(), &["-c", "core.compression=0", "fast-import", "--quiet"]);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("git");
        let mut stream = BufWriter::new(child.stdin.take().expect("its standard input"));
        write(&mut stream);
        stream.flush().expect("a stream");
        drop(stream);
        assert!(child.wait().expect("its end").success(), "git fast-import failed");
    }
}

/// Begins a commit on `main`; the ones of one stream follow each other.
fn commit(stream: &mut impl Write, at: usize, from: Option<&str>) {
    let time = 1_767_323_045 + at;
    let message = format!("Release {at}");
    write!(stream, "commit refs/heads/main\ncommitter Team <team@example.com> {time} +0000\n").expect("a stream");
    write!(stream, "data {}\n{message}\n", message.len()).expect("a stream");
    if let Some(from) = from {
        writeln!(stream, "from {from}").expect("a stream");
    }
}

fn file(stream: &mut impl Write, path: &str, content: &[u8]) {
    write!(stream, "M 100644 inline {path}\ndata {}\n", content.len()).expect("a stream");
    stream.write_all(content).expect("a stream");
    writeln!(stream).expect("a stream");
}

pub(super) fn git(dir: &Path, arguments: &[&str]) {
    let done = command(dir, arguments).output().expect("git");
    assert!(done.status.success(), "git {arguments:?} failed: {}", String::from_utf8_lossy(&done.stderr));
}

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(dir).args(arguments);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Team").env(format!("GIT_{who}_EMAIL"), "team@example.com");
    }
    command
}

/// A zip of about that many bytes that nothing compresses, another one for each seed.
pub fn zip(seed: u64, size: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("index.html", stored).expect("an entry");
    write!(zip, "<!doctype html><title>{seed}</title>").expect("its content");
    if size > 0 {
        zip.start_file("assets/app.js", stored).expect("an entry");
        zip.write_all(&noise(seed, size)).expect("its content");
    }
    zip.finish().expect("a zip").into_inner()
}

/// xorshift64*.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = || {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes()
    };
    std::iter::repeat_with(next).take(size / 8).flatten().collect()
}
