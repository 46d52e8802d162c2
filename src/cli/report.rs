//! Problems as people read them, in the form that compilers have made familiar.

use std::borrow::Cow;
use std::io::{self, IsTerminal};
use std::ops::Range;
use std::os::fd::AsFd;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::layout::{self, lines_of};
use crate::documents::problem::Told;
use crate::repository::problem::{Excerpt, Problem, Severity};

/// Columns of a plain report: git puts `remote: ` before each line of a hook's.
pub const PLAIN_WIDTH: usize = 72;

/// For what a report is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A pipe, a log or git's `remote:` lines: ASCII of our own, 72 columns, no colour.
    Plain,
    /// A terminal of so many columns, with colour.
    Terminal(usize),
}

impl Style {
    /// What suits the standard output.
    pub fn of_stdout() -> Style {
        Style::of(&io::stdout())
    }

    /// What suits an output.
    pub fn of(output: &(impl AsFd + IsTerminal)) -> Style {
        layout::columns(output).map_or(Style::Plain, Style::Terminal)
    }

    fn width(self) -> usize {
        match self {
            Style::Plain => PLAIN_WIDTH,
            Style::Terminal(columns) => columns,
        }
    }

    fn renderer(self) -> Renderer {
        let renderer = match self {
            Style::Plain => Renderer::plain(),
            Style::Terminal(_) => Renderer::styled(),
        };
        renderer.decor_style(DecorStyle::Ascii).term_width(self.width())
    }
}

/// A problem as far as it is shown, whoever found it.
pub struct Shown<'a> {
    severity: Severity,
    rule: &'a str,
    message: &'a str,
    help: &'a str,
    file: Option<&'a str>,
    line: Option<u32>,
    column: Option<u32>,
    tag: Option<&'a str>,
    excerpt: Option<&'a Excerpt>,
}

impl<'a> From<&'a Problem> for Shown<'a> {
    fn from(problem: &'a Problem) -> Shown<'a> {
        let Problem { severity, rule, message, help, line, column, .. } = problem;
        let (file, tag, excerpt) = (problem.file.as_deref(), problem.tag.as_deref(), problem.excerpt.as_ref());
        Shown { severity: *severity, rule, message, help, file, line: *line, column: *column, tag, excerpt }
    }
}

impl<'a> From<&'a Told> for Shown<'a> {
    fn from(told: &'a Told) -> Shown<'a> {
        let Told { severity, rule, message, help, line, column, .. } = told;
        let (file, tag) = (told.file.as_deref(), told.tag.as_deref());
        Shown { severity: *severity, rule, message, help, file, line: *line, column: *column, tag, excerpt: None }
    }
}

/// Every problem with its place, its text and its mend: errors first, then by file and line. Ends with a line break
/// unless there is none.
pub fn render<'a>(problems: impl IntoIterator<Item = impl Into<Shown<'a>>>, style: Style) -> String {
    let mut sorted: Vec<Shown<'a>> = problems.into_iter().map(Into::into).collect();
    sorted.sort_by_key(|p| (p.severity, p.file, p.line, p.column, p.tag));
    let renderer = style.renderer();
    sorted.iter().map(|problem| renderer.render(&groups(problem, style)) + "\n").collect::<Vec<_>>().join("\n")
}

/// How many there are: "2 errors, 1 warning".
pub fn summary(problems: &[Problem]) -> String {
    let errors = problems.iter().filter(|problem| problem.is_error()).count();
    let counts = [(errors, "error"), (problems.len() - errors, "warning")];
    let said =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}{}", if *n == 1 { "" } else { "s" }));
    let said = said.collect::<Vec<_>>().join(", ");
    if said.is_empty() { "no problems".into() } else { said }
}

/// How many warnings were there before and are not shown.
pub fn older(warnings: usize) -> Option<String> {
    match warnings {
        0 => None,
        1 => Some("a warning was there before: `pushlive check` shows it".to_owned()),
        more => Some(format!("{more} warnings were there before: `pushlive check` shows them")),
    }
}

fn groups<'a>(problem: &Shown<'a>, style: Style) -> [Group<'a>; 2] {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let indent = format!("{:?}[{}]: ", problem.severity, problem.rule).len();
    let message = problem.message.split_whitespace().map(printable);
    let title = level
        .primary_title(lines_of(message, style.width().saturating_sub(indent)).join("\n"))
        .id(printable(problem.rule));
    let title = match (problem.excerpt, place(problem)) {
        (Some(excerpt), place) => title.element(snippet(excerpt, place)),
        (None, Some(place)) => title.element(origin(place, problem)),
        (None, None) => Group::with_title(title),
    };
    let help = words_and_code(problem.help).map(printable);
    let help = Level::HELP.secondary_title(lines_of(help, style.width() - "help: ".len()).join("\n"));
    [title, Group::with_title(help)]
}

fn place<'a>(problem: &Shown<'a>) -> Option<Cow<'a, str>> {
    match (problem.file, problem.tag) {
        (Some(file), _) => Some(printable(file)),
        (None, Some(tag)) => Some(format!("tag {}", printable(tag)).into()),
        (None, None) => None,
    }
}

/// The place of a problem whose file is not at hand.
fn origin<'a>(place: Cow<'a, str>, problem: &Shown<'_>) -> Origin<'a> {
    let origin = Origin::path(place);
    match (problem.line, problem.column) {
        (Some(line), Some(column)) => origin.line(line as usize).char_column(column as usize),
        (Some(line), None) => origin.line(line as usize),
        (None, _) => origin,
    }
}

/// A text that breaks no line, changes no colour and turns no direction, whoever wrote it.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unprintable) {
        return text.into();
    }
    let escaped = |c: char| match c {
        c if c.is_control() => c.escape_debug().to_string(),
        c if is_unprintable(c) => c.escape_unicode().to_string(),
        c => c.to_string(),
    };
    text.chars().map(escaped).collect::<String>().into()
}

/// Controls, ends of lines, and the marks that turn the direction of what follows.
fn is_unprintable(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

/// The first line of the place alone: a file may be long, and so may what is wrong in it.
fn snippet<'a>(excerpt: &'a Excerpt, place: Option<Cow<'a, str>>) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let (line, number, span) = line_of(&excerpt.source, &excerpt.span);
    let snippet = Snippet::source(line).line_start(number).annotation(AnnotationKind::Primary.span(span));
    snippet.path(place)
}

/// The line where a place begins, its number, and the place in it.
fn line_of<'a>(source: &'a str, span: &Range<usize>) -> (&'a str, usize, Range<usize>) {
    let begin = source.floor_char_boundary(span.start);
    let (before, after) = source.split_at(begin);
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = begin + after.find(['\n', '\r']).unwrap_or(after.len());
    let line = source.get(start..end).unwrap_or_default();
    let stop = source.ceil_char_boundary(span.end).clamp(begin, end);
    (line, before.matches('\n').count() + 1, begin - start..stop - start)
}

/// The words of a mend. Code in backticks is part of one: a command on two lines cannot be copied.
fn words_and_code(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    let breaks = move |c: char| {
        in_code ^= c == '`';
        c.is_whitespace() && !in_code
    };
    text.split(breaks).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests;
