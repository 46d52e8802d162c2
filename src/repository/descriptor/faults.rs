//! The problems of one file while it is read.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

use crate::repository::problem::Problem;

/// Collects the problems of one file, or of one app's part of it.
pub(super) struct Faults<'a> {
    file: &'a str,
    text: &'a Arc<str>,
    app: Option<String>,
    version: Option<String>,
    found: Vec<Problem>,
    broken: bool,
    passed_over: usize,
}

/// Problems of one part that are told: finding the line of each takes a look at the whole file.
const MOST: usize = 200;

impl<'a> Faults<'a> {
    pub(super) fn new(file: &'a str, text: &'a Arc<str>) -> Self {
        Faults { file, text, app: None, version: None, found: Vec::new(), broken: false, passed_over: 0 }
    }

    /// The faults of one app's part of the same file, apart from the others.
    pub(super) fn of_app(&self, app: &str) -> Faults<'a> {
        Faults { app: Some(app.to_owned()), ..Faults::new(self.file, self.text) }
    }

    /// The faults of `<app>/<version>/release.toml`.
    pub(super) fn of_release(file: &'a str, text: &'a Arc<str>) -> Self {
        let mut parts = file.split('/').map(str::to_owned);
        Faults { app: parts.next(), version: parts.next(), ..Faults::new(file, text) }
    }

    /// The file as a table; a syntax error is noted.
    pub(super) fn parse(&mut self) -> Option<Spanned<DeTable<'a>>> {
        DeTable::parse(self.text).map_err(|error| self.syntax(&error)).ok()
    }

    fn syntax(&mut self, error: &toml::de::Error) {
        let message = error.message().trim().replace('\n', ", ");
        let help = match message.as_str() {
            m if m.starts_with("duplicate key") => "keep one of the two; a table may also be written only once",
            _ => "mend this place; nothing of the file counts before it is TOML again",
        };
        self.error("syntax", error.span().unwrap_or(0..0), format!("this is not valid TOML: {message}"), help);
    }

    pub(super) fn error(
        &mut self,
        rule: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.place(Problem::error(rule, message, help), span);
    }

    pub(super) fn warning(
        &mut self,
        rule: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.place(Problem::warning(rule, message, help), span);
    }

    fn place(&mut self, problem: Problem, span: Range<usize>) {
        self.broken |= problem.is_error();
        if self.found.len() < MOST {
            self.add(problem.at(self.text, self.clamp(span)));
        } else {
            self.passed_over += 1;
        }
    }

    /// A problem of the file as a whole.
    pub(super) fn add(&mut self, problem: Problem) {
        self.broken |= problem.is_error();
        let problem = Problem { app: self.app.clone(), version: self.version.clone(), ..problem };
        self.found.push(problem.in_file(self.file));
    }

    /// Whether there was an error.
    pub(super) fn broken(&self) -> bool {
        self.broken
    }

    /// The version that the file describes.
    pub(super) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The bytes of the file.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// All of them, in the order of the file.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        if self.passed_over > 0 {
            let help = "mend these, and look again";
            self.add(Problem::warning(
                "too-many-problems",
                format!("{} more problems are not shown", self.passed_over),
                help,
            ));
        }
        self.found.sort_by_key(|problem| (problem.line, problem.column));
        self.found
    }

    // The parser's places are within the text but for what it says of the end of the file.
    fn clamp(&self, span: Range<usize>) -> Range<usize> {
        let start = self.text.floor_char_boundary(span.start);
        start..self.text.ceil_char_boundary(span.end).max(start)
    }
}

/// Text of the file as it stands in a message: in backticks, without control characters, and never long.
pub(super) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let clean = |c: char| if c.is_control() { '?' } else { c };
    let mut shown: String = text.chars().take(LONGEST).map(clean).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("...");
    }
    format!("`{shown}`")
}

/// The names in backticks, as a list in a sentence.
pub(super) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}
