//! This program as a word of a shell, for commands that people copy.

use std::path::Path;

use crate::repository::shell_word::quote;

/// How to call this program from any folder: its name where that was enough to find it, else its path.
pub fn this_program() -> String {
    let typed = std::env::args().next().unwrap_or_default();
    let named = !typed.is_empty() && Path::new(&typed).components().count() == 1;
    let path = std::env::current_exe().ok().filter(|_| !named);
    path.map_or(typed, |path| quote(&path.to_string_lossy()).into_owned())
}
