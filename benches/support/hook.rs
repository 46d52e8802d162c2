//! The commands of pushlive in a bare repository, and its hook there.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// Installs the hook that judges pushes, and no other.
pub fn install(repository: &Path) {
    pushlive(repository, &["init", "."]);
    fs::remove_file(repository.join("hooks/post-receive")).expect("a hook");
}

/// Does something without the hook.
pub fn without<T>(repository: &Path, run: impl FnOnce() -> T) -> T {
    let [hook, aside] = ["hooks/pre-receive", "hooks/pre-receive.off"].map(|name| repository.join(name));
    fs::rename(&hook, &aside).expect("the hook aside");
    let done = run();
    fs::rename(&aside, &hook).expect("the hook back");
    done
}

/// Runs the build of pushlive that is measured there; what it prints.
pub fn pushlive(repository: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushlive"));
    let done = command.current_dir(repository).args(arguments).stderr(Stdio::inherit()).output().expect("pushlive");
    assert!(done.status.success(), "pushlive {arguments:?} failed");
    String::from_utf8(done.stdout).expect("text")
}
