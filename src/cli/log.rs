//! Where log lines go: standard error, as text on a terminal and as JSON elsewhere.

use std::io::{IsTerminal, stderr};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;

use crate::settings::LogFormat;

/// Starts logging, for the rest of the process.
pub fn start(level: LevelFilter, format: Option<LogFormat>) {
    let terminal = stderr().is_terminal();
    // said nowhere: where lines cannot be written, a line about that cannot be either, and to try is to panic
    let builder = fmt().with_writer(stderr).with_max_level(level).with_target(false).log_internal_errors(false);
    // where logging was started before it goes on as it is
    let _ = match format.unwrap_or(if terminal { LogFormat::Text } else { LogFormat::Json }) {
        LogFormat::Text => builder.with_ansi(terminal).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
}
