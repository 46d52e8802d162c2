//! Texts in lines of as many columns as the reader has.

use std::io::IsTerminal;
use std::os::fd::AsFd;

use terminal_size::{Width, terminal_size_of};

use super::report::printable;

/// Columns of a text on a wide terminal: longer lines read badly.
const MOST: usize = 100;
/// Columns that a text gets on the narrowest.
const LEAST: usize = 40;
/// The least that is left to a text beside its start.
const ROOM: usize = 24;

/// The columns of an output for people; `None`: it is no terminal, and whoever reads it breaks lines himself.
pub fn columns(output: &(impl AsFd + IsTerminal)) -> Option<usize> {
    let told =
        || terminal_size_of(output).map(|(Width(columns), _)| usize::from(columns)).filter(|columns| *columns > 0);
    output.is_terminal().then(|| told().unwrap_or(MOST).clamp(LEAST, MOST))
}

/// A text behind a start, in lines of at most that many characters; those after the first are indented as far.
pub fn hung(start: &str, text: &str, width: usize) -> String {
    laid(start, &" ".repeat(start.chars().count()), text, width)
}

/// A text behind a start, in lines of at most that many characters; those after the first begin with an indent. What others
/// typed in it does nothing to a terminal.
pub fn laid(start: &str, indent: &str, text: &str, width: usize) -> String {
    let room = width.saturating_sub(start.chars().count().max(indent.chars().count())).max(ROOM);
    let lines = lines_of(printable(text).split(' '), room);
    let starts = [start].into_iter().chain(std::iter::repeat(indent));
    starts.zip(lines).map(|(start, line)| format!("{}\n", format!("{start}{line}").trim_end())).collect()
}

/// Words in lines of at most that many characters; a longer word has a line to itself.
pub fn lines_of(words: impl Iterator<Item: AsRef<str>>, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        let word = word.as_ref();
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
