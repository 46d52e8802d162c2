//! A problem of the repository in a document, also as it is read back from one.

use serde::{Deserialize, Serialize};

use crate::repository::problem::{Problem, Severity};

/// What is wrong, where, and how to mend it: the fields of [`Problem`], but for the text that it points into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Whether `check` refuses it.
    pub severity: Severity,
    /// A stable code.
    pub rule: String,
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
    /// The file, from the root of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// From 1 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// From 1 on, in characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The app that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// The version that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

impl From<&Problem> for Told {
    fn from(problem: &Problem) -> Told {
        let Problem { severity, rule, message, help, file, line, column, tag, app, version, excerpt: _ } =
            problem.clone();
        Told { severity, rule: rule.to_owned(), message, help, file, line, column, tag, app, version }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_the_problem_itself_is() {
        let plain = Problem::warning("unnamed-app", "a message", "a mend");
        let mut placed = Problem::error("unknown-key", "a message", "a mend").in_file("releases.toml");
        (placed.line, placed.column) = (Some(2), Some(3));
        for problem in [plain, placed.of_tag("beta/1.0.0").of_app("a").of_version("1.0.0")] {
            let written = serde_json::to_value(Told::from(&problem)).unwrap();
            assert_eq!(written, serde_json::to_value(&problem).unwrap());
            assert_eq!(serde_json::from_value::<Told>(written).unwrap(), Told::from(&problem));
        }
    }
}
