//! How far the packing is: shown on a terminal, and only where it takes long.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is done by then is done before anybody wonders.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that appears once it is worth a look, and goes away at the end.
pub struct Progress {
    bar: ProgressBar,
    /// When to show it; `None`: it is shown, or never will be.
    due: Option<Instant>,
}

impl Progress {
    /// Of that many bytes.
    pub fn of(bytes: u64) -> Progress {
        let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::hidden());
        // nobody would see a form that is wrong before it is there
        let style = ProgressStyle::with_template("packing [{bar:40}] {bytes} of {total_bytes}");
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
        Progress { bar, due: io::stderr().is_terminal().then(|| Instant::now() + PATIENCE) }
    }

    /// So many more are packed.
    pub fn advance(&mut self, bytes: u64) {
        if self.due.is_some_and(|due| Instant::now() >= due) {
            self.due = None;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.bar.inc(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_the_bar_is_right() {
        assert!(ProgressStyle::with_template("packing [{bar:40}] {bytes} of {total_bytes}").is_ok());
        let mut progress = Progress::of(10);
        progress.advance(4);
        progress.advance(6);
        assert_eq!(progress.bar.position(), 10);
    }
}
