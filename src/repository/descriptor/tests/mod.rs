mod any_text;
mod app;
mod channel;
mod example;
mod overrides;
mod release;
mod settings;
mod unquoted;

use super::*;
use crate::release::policy::AppPolicy;
use crate::repository::problem::{Problem, Severity};

const ID: &str = "com.example.app";

fn settings(text: &str) -> SettingsFile {
    read_settings("releases.toml", &text.into())
}

fn release(text: &str) -> ReleaseFile {
    read_release("com.example.app/1.4.2/release.toml", &text.into())
}

/// An app of the usual id whose part, below its header, is this text.
fn part(text: &str) -> AppPart {
    let mut read = settings(&format!("[apps.\"{ID}\"]\n{text}"));
    assert!(read.sound, "{:?}", read.problems);
    assert_eq!(read.problems, []);
    read.apps.remove(ID).expect("the app is named")
}

fn policy(text: &str) -> AppPolicy {
    let part = part(text);
    part.policy.unwrap_or_else(|| panic!("{:?}", part.problems))
}

/// Rule, line and column of each; a warning has a question mark.
fn rules(problems: &[Problem]) -> Vec<String> {
    let mark = |p: &Problem| if p.severity == Severity::Warning { "?" } else { "" };
    let place = |p: &Problem| p.line.zip(p.column).map(|(line, column)| format!(" {line}:{column}"));
    problems.iter().map(|p| format!("{}{}{}", p.rule, mark(p), place(p).unwrap_or_default())).collect()
}

/// That the part is broken by just these rules.
#[track_caller]
fn breaks(text: &str, expected: &[&str]) {
    let part = part(text);
    assert_eq!(rules(&part.problems), expected, "{text}");
    assert_eq!(part.policy, None, "{text}");
}

/// That the release is broken by just these rules.
#[track_caller]
fn breaks_release(text: &str, expected: &[&str]) {
    let read = release(text);
    assert_eq!(rules(&read.problems), expected, "{text}");
    assert_eq!(read.descriptor, None, "{text}");
}
