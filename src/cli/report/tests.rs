use std::sync::Arc;

use snapbox::{assert_data_eq, str};

use super::*;
use crate::repository::descriptor::{read_release, read_settings};

/// The report of a `releases.toml`.
fn settings(text: &str) -> String {
    let read = read_settings("releases.toml", &text.into());
    let parts = read.apps.into_values().flat_map(|part| part.problems);
    render(&read.problems.into_iter().chain(parts).collect::<Vec<_>>(), Style::Plain)
}

/// The report of a `release.toml`.
fn release(text: &str) -> String {
    render(&read_release("com.example.app/1.4.2/release.toml", &text.into()).problems, Style::Plain)
}

#[test]
fn a_misspelt_key() {
    assert_data_eq!(
        settings("[apps.\"com.example.app\"]\ndefualt_channel = \"x\"\n"),
        str![[r#"
error[unknown-key]: unknown key `defualt_channel` in an app's part
 --> releases.toml:2:1
  |
2 | defualt_channel = "x"
  | ^^^^^^^^^^^^^^^
  |
help: did you mean `default_channel`?

"#]]
    );
}

#[test]
fn a_key_of_another_file() {
    assert_data_eq!(
        settings("[apps.a.channels.production]\nrollout = [\"10% for 1d\", \"100%\"]\n"),
        str![[r#"
error[unknown-key]: unknown key `rollout` in a channel
 --> releases.toml:2:1
  |
2 | rollout = ["10% for 1d", "100%"]
  | ^^^^^^^
  |
help: `rollout` belongs in release.toml, above all tables

"#]]
    );
}

#[test]
fn an_id_without_quotes() {
    assert_data_eq!(
        settings("[apps.com.example.app.channels.production]\n"),
        str![[r#"
error[unquoted-app-id]: the app id `com.example.app` has no quotes, so
                        TOML takes each part of it for a table
 --> releases.toml:1:7
  |
1 | [apps.com.example.app.channels.production]
  |       ^^^^^^^^^^^^^^^
  |
help: put it in quotes, here and in every table below it:
      `[apps."com.example.app"]`

"#]]
    );
}

#[test]
fn a_syntax_error() {
    assert_data_eq!(
        settings("[apps.\"com.example.app\"]\nname = Example\n"),
        str![[r#"
error[syntax]: this is not valid TOML: string values must be quoted,
               expected literal string
 --> releases.toml:2:8
  |
2 | name = Example
  |        ^^^^^^^
  |
help: mend this place; nothing of the file counts before it is TOML
      again

"#]]
    );
}

#[test]
fn a_wrong_type() {
    assert_data_eq!(
        settings("[apps.a.channels.production]\npublic = \"yes\"\n"),
        str![[r#"
error[wrong-type]: `public` is a text where true or false is needed
 --> releases.toml:2:10
  |
2 | public = "yes"
  |          ^^^^^
  |
help: write `public = true` or `public = false`, without quotes

"#]]
    );
}

#[test]
fn a_channel_that_there_is_not() {
    assert_data_eq!(
        settings("[apps.a]\ndefault_channel = \"bta\"\n[apps.a.channels.beta]\n"),
        str![[r#"
error[unknown-channel]: the app has no channel `bta`
 --> releases.toml:2:19
  |
2 | default_channel = "bta"
  |                   ^^^^^
  |
help: did you mean `beta`?

"#]]
    );
}

#[test]
fn a_name_that_no_tag_can_hold() {
    assert_data_eq!(
        settings("[apps.\"com.example/app\"]\n"),
        str![[r#"
error[bad-name]: `com.example/app` cannot be an app id: it holds `/`,
                 which a tag, a path or a URL may not
 --> releases.toml:1:7
  |
1 | [apps."com.example/app"]
  |       ^^^^^^^^^^^^^^^^^
  |
help: use ASCII letters, digits, `.`, `_` and `-`

"#]]
    );
}

#[test]
fn something_that_is_not_there_yet() {
    assert_data_eq!(
        settings("[apps.a.channels.production]\nsigned = true\n"),
        str![[r#"
error[not-available-yet]: `signed = true` is not available yet, and
                          without it releases would open that nobody
                          signed
 --> releases.toml:2:1
  |
2 | signed = true
  | ^^^^^^
  |
help: remove it, or make it a comment, until pushlive can do it

"#]]
    );
}

#[test]
fn a_requirement_that_is_none() {
    assert_data_eq!(
        release("native = \">=2.0.0 <3.0.0\"\n"),
        str![[r#"
error[bad-requirement]: `>=2.0.0 <3.0.0` is no requirement on the native
                        version: expected comma after patch version
                        number, found '<'
 --> com.example.app/1.4.2/release.toml:1:10
  |
1 | native = ">=2.0.0 <3.0.0"
  |          ^^^^^^^^^^^^^^^^
  |
help: write it as Cargo does: ">=2.0.0, <3.0.0", or "2" for 2.0.0 up to
      3.0.0

"#]]
    );
}

#[test]
fn a_time_without_offset() {
    assert_data_eq!(
        release("not_before = 2026-12-01T08:00:00\n"),
        str![[r#"
error[bad-time]: `not_before` has no offset from UTC, so it is no point
                 in time
 --> com.example.app/1.4.2/release.toml:1:14
  |
1 | not_before = 2026-12-01T08:00:00
  |              ^^^^^^^^^^^^^^^^^^^
  |
help: write `2026-12-01T08:00:00Z` for UTC, or the offset of a place:
      `2026-12-01T08:00:00+01:00`

"#]]
    );
}

#[test]
fn a_version_with_a_letter_before_it() {
    assert_data_eq!(
        settings("[apps.a.channels.production]\npin = \"v1.4.1\"\n"),
        str![[r#"
error[bad-version]: `v1.4.1` is not a version: unexpected character 'v'
                    while parsing major version number
 --> releases.toml:2:7
  |
2 | pin = "v1.4.1"
  |       ^^^^^^^^
  |
help: write "1.4.1"

"#]]
    );
}

#[test]
fn a_file_without_apps() {
    assert_data_eq!(
        settings("# nothing yet\n"),
        str![[r#"
warning[no-app]: the file names no app, so it counts as not there
--> releases.toml
 |
help: name an app: `[apps."com.example.app"]`

"#]]
    );
}

#[test]
fn a_problem_of_a_tag() {
    let mut problem = Problem::error("unknown-channel", "no app has a channel `bta`", "did you mean `beta/1.4.2`?");
    problem.tag = Some("bta/1.4.2".into());
    assert_data_eq!(
        render(&[problem], Style::Plain),
        str![[r#"
error[unknown-channel]: no app has a channel `bta`
--> tag bta/1.4.2
 |
help: did you mean `beta/1.4.2`?

"#]]
    );
}

#[test]
fn errors_come_first_then_files_then_lines() {
    let text: Arc<str> = "one\ntwo\n".into();
    let at = |problem: Problem, file: &str, place| problem.in_file(file).at(&text, place);
    let problems = [
        at(Problem::warning("w", "warned", "look"), "a", 0..3),
        at(Problem::error("c", "third", "mend"), "b", 0..3),
        at(Problem::error("b", "second", "mend"), "a", 4..7),
        at(Problem::error("a", "first", "mend"), "a", 0..3),
    ];
    let titles = render(&problems, Style::Plain);
    let titles: Vec<&str> = titles.lines().filter(|line| line.contains("]: ")).collect();
    assert_eq!(titles, ["error[a]: first", "error[b]: second", "error[c]: third", "warning[w]: warned"]);
}

#[test]
fn a_long_line_is_cut_to_what_matters() {
    let report = settings(&format!("{}[apps.a]\nname = [{}]\n", "\n".repeat(5_000), "1,".repeat(500_000)));
    assert!(report.contains("--> releases.toml:5002:8"), "{report}");
    assert!(report.lines().count() < 10 && report.lines().all(|line| line.chars().count() <= 80), "{report}");
    let deep = settings(&format!("{:500}x = [{}\n", "", "1,".repeat(1_000)));
    assert!(deep.lines().all(|line| line.chars().count() <= 80), "{deep}");
}

#[test]
fn a_place_of_several_lines_shows_the_first() {
    let report = settings("[apps.a]\nname = [\r\n1,\r\n2]\n");
    assert!(report.contains("2 | name = [\n") && !report.contains("3 |"), "{report}");
}

#[test]
fn a_plain_report_has_no_escapes_and_is_narrow() {
    let text = format!("[apps.a]\n\"\\u001b[31m{}\" = 1\n", "long words ".repeat(50));
    let report = settings(&text);
    assert!(!report.contains('\u{1b}') && report.lines().all(|line| line.chars().count() <= 80), "{report}");
    let read = read_settings("releases.toml", &text.as_str().into());
    let styled = render(&read.apps["a"].problems, Style::Terminal(100));
    assert!(styled.contains("\u{1b}[") && !styled.contains("\u{1b}[31m"), "{styled:?}");
}

#[test]
fn the_summary_counts_both_kinds() {
    let (e, w) = (Problem::error("e", "", ""), Problem::warning("w", "", ""));
    assert_eq!(summary(&[]), "no problems");
    assert_eq!(summary(&[e.clone(), w.clone(), e.clone()]), "2 errors, 1 warning");
    assert_eq!(summary(&[w.clone(), w]), "2 warnings");
    assert_eq!(summary(&[e]), "1 error");
}

#[test]
fn a_command_stays_on_one_line() {
    let help = "take its pattern out of `.gitattributes`, for instance with `git lfs untrack '*.zip'`";
    let report = render(&[Problem::error("lfs-pointer", "a pointer", help)], Style::Plain);
    assert!(report.contains("for instance with\n      `git lfs untrack '*.zip'`\n"), "{report}");
}

#[test]
fn a_path_that_would_break_the_line_is_escaped() {
    let problem = Problem::error("not-a-version", "no version", "rename it").in_file("com.example.app/a\nb");
    assert!(render(&[problem], Style::Plain).contains("--> com.example.app/a\\nb\n"));
}

/// A problem of a daemon, which tells no more of a file than its name.
fn told(severity: Severity, file: Option<&str>, tag: Option<&str>, help: &str) -> Told {
    Told {
        severity,
        rule: "a-rule".to_owned(),
        message: "the words of a message that is longer than one line of seventy-two characters".to_owned(),
        help: help.to_owned(),
        file: file.map(str::to_owned),
        line: file.map(|_| 2),
        column: file.map(|_| 3),
        tag: tag.map(str::to_owned),
        app: None,
        version: None,
    }
}

#[test]
fn problems_that_were_told_look_the_same_without_their_text() {
    let help = "have the tag say so: type `git tag -a -f production/1.4.2 production/1.4.2` and push it";
    let problems = [
        told(Severity::Warning, Some("releases.toml"), None, help),
        told(Severity::Error, None, Some("beta/1.0.0"), help),
    ];
    assert_data_eq!(
        render(&problems, Style::Plain),
        str![[r#"
error[a-rule]: the words of a message that is longer than one line of
               seventy-two characters
--> tag beta/1.0.0
 |
help: have the tag say so: type
      `git tag -a -f production/1.4.2 production/1.4.2` and push it

warning[a-rule]: the words of a message that is longer than one line of
                 seventy-two characters
--> releases.toml:2:3
 |
help: have the tag say so: type
      `git tag -a -f production/1.4.2 production/1.4.2` and push it

"#]]
    );
}

#[test]
fn what_somebody_told_changes_no_terminal() {
    let problem = Told {
        rule: "\u{1b}[31mrule".to_owned(),
        message: "\u{1b}[32mmessage\nof two lines".to_owned(),
        ..told(Severity::Error, None, Some("\u{1b}[33mtag"), "\u{1b}[34mhelp `\u{7}\n`")
    };
    let report = render(&[problem], Style::Plain);
    assert!(!report.contains(['\u{1b}', '\u{7}']) && report.lines().count() == 4, "{report}");
}

#[test]
fn marks_that_turn_the_direction_are_shown_as_what_they_are() {
    assert_eq!(printable("a\u{202e}b\u{2066}\n\u{1b}"), "a\\u{202e}b\\u{2066}\\n\\u{1b}");
    assert!(matches!(printable("Łódź עברית"), Cow::Borrowed(_)));
}
