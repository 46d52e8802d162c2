//! A fault of the repository: data that people and programs read, not an error that stops anything.

use std::hash::Hash;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::id::CommitId;

/// What is wrong, where, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Whether `check` and the push hook refuse it.
    pub severity: Severity,
    /// A stable code that people search for: `unknown-key`, `bundle-changed`.
    pub rule: &'static str,
    /// What is wrong and why it matters, in a sentence that starts in lower case and has no full stop.
    pub message: String,
    /// How to mend it, in the same form.
    pub help: String,
    /// The file, as a path from the root of the repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// 1-based, where the file is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// 1-based, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The tag, where the fault is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The app that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The version that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The offending text, for a report that shows it.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
}

/// Whether a problem refuses a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Something does not do what it says.
    Error,
    /// Worth a look.
    Warning,
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The whole file.
    pub source: Arc<str>,
    /// The bytes in it that the problem is about.
    pub span: Range<usize>,
}

impl Problem {
    /// An error of that rule.
    pub fn error(rule: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Problem::new(Severity::Error, rule, message.into(), help.into())
    }

    /// A warning of that rule.
    pub fn warning(rule: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Problem::new(Severity::Warning, rule, message.into(), help.into())
    }

    fn new(severity: Severity, rule: &'static str, message: String, help: String) -> Self {
        Problem {
            severity,
            rule,
            message,
            help,
            file: None,
            line: None,
            column: None,
            tag: None,
            app: None,
            version: None,
            excerpt: None,
        }
    }

    /// In that file.
    #[must_use]
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// At that place of its file's text: sets line and column too.
    #[must_use]
    pub fn at(mut self, source: &Arc<str>, span: Range<usize>) -> Self {
        let before = source.get(..span.start).unwrap_or(source);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.line = Some(count(before.matches('\n').count() + 1));
        self.column = Some(count(before[line_start..].chars().count() + 1));
        self.excerpt = Some(Excerpt { source: Arc::clone(source), span });
        self
    }

    /// On that line of its file, which is not at hand.
    #[must_use]
    pub fn on_line(self, line: u32) -> Self {
        Problem { line: Some(line), ..self }
    }

    /// As an older commit has it, whose lines are not those of the tip.
    #[must_use]
    pub fn as_of(mut self, commit: CommitId) -> Self {
        self.message = format!("{} (in commit {}, which this app is read from)", self.message, commit.short());
        Problem { line: None, column: None, excerpt: None, ..self }
    }

    /// Of that tag.
    #[must_use]
    pub fn of_tag(mut self, tag: impl Into<String>) -> Self {
        self.tag = Some(tag.into());
        self
    }

    /// About that app.
    #[must_use]
    pub fn of_app(mut self, app: impl Into<String>) -> Self {
        self.app = Some(app.into());
        self
    }

    /// About that version.
    #[must_use]
    pub fn of_version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// What a list of problems is sorted by: file, line, column, rule, and the words where all that is equal.
    pub fn position(&self) -> impl Ord + '_ {
        (&self.file, self.line, self.column, self.rule, &self.message)
    }

    /// What is the same in two builds where they found the same, wherever it stands in its file.
    pub fn identity(&self) -> impl Hash + Eq + '_ {
        let Problem { rule, message, file, tag, app, version, .. } = self;
        (*rule, message, file, tag, app, version)
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
