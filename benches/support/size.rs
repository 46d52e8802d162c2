//! How much is measured: all, or with `--quick` just enough to see that everything still runs.

use std::env;

/// Whether the figures say nothing, since next to nothing is measured.
pub fn is_quick() -> bool {
    env::args().any(|argument| argument == "--quick")
}

/// The one for figures that say something, or the one for a quick run.
pub fn pick<T>(full: T, quick: T) -> T {
    if is_quick() { quick } else { full }
}
