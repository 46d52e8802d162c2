//! The flags that stand for keys of `release.toml`. What they say is written as such a file and read back by the code that
//! will read it, so that nothing can mean one thing here and another there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;
use toml::value::Datetime;

use super::target::Target;
use crate::cli::failure::Failure;
use crate::release::platform::Platform;
use crate::repository::descriptor::{Way, line_of};
use crate::repository::draft::{self, Judged};
use crate::repository::problem::Problem;

/// The keys that have a flag.
const KEYS: [&str; 9] =
    ["comment", "link", "native", "platforms", "channels", "not_before", "rollout", "rollout_start", "rollout_as"];

/// What `release.toml` says.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "release.toml, which is made where one of these is given")]
pub struct Flags {
    /// What the release brings, sent to plugins that read it
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    /// Where more is told of it, sent likewise
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// Native versions that may run it: ">=2.0.0, <3.0.0"; or by platform: "ios=>=2", once for each
    #[arg(long, value_name = "[PLATFORM=]REQUIREMENT")]
    native: Vec<String>,
    /// The platforms that get it [default: all]
    #[arg(long, value_name = "PLATFORM,…", value_delimiter = ',')]
    platforms: Vec<String>,
    /// The channels where it may go at all [default: anywhere]
    #[arg(long, value_name = "CHANNEL,…", value_delimiter = ',')]
    channels: Vec<String>,
    /// When the first device may get it: 2026-12-01T08:00:00Z
    #[arg(long, value_name = "TIME")]
    not_before: Option<String>,
    /// How it enters: "1% for 2h, 10% for 1d, 100%"; or by channel: "beta=100%", once for each
    #[arg(long, value_name = "[CHANNEL=]STEPS")]
    rollout: Vec<String>,
    /// When the steps begin: 2026-12-01T08:00:00Z
    #[arg(long, value_name = "TIME")]
    rollout_start: Option<String>,
    /// Draw the devices that this version drew
    #[arg(long, value_name = "VERSION")]
    rollout_as: Option<String>,
}

/// The file, in the order in which people write it.
#[derive(Default, Serialize)]
struct Document<'f> {
    comment: Option<&'f str>,
    link: Option<&'f str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    platforms: Vec<&'f str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    channels: Vec<&'f str>,
    not_before: Option<Datetime>,
    rollout_start: Option<Datetime>,
    rollout_as: Option<&'f str>,
    // last, since they may be tables
    native: Option<Each<'f, &'f str>>,
    rollout: Option<Each<'f, Vec<&'f str>>>,
}

/// One value for all, or one for each name.
#[derive(Serialize)]
#[serde(untagged)]
enum Each<'f, T> {
    All(T),
    By(BTreeMap<&'f str, T>),
}

impl Flags {
    /// The text of `release.toml`; `None` where no flag was given.
    ///
    /// # Errors
    /// A time is none, or something is said twice.
    pub fn descriptor(&self) -> Result<Option<String>, Failure> {
        said("comment", self.comment.as_deref())?;
        said("link", self.link.as_deref())?;
        once("platforms", &self.platforms)?;
        once("channels", &self.channels)?;
        let document = Document {
            comment: self.comment.as_deref(),
            link: self.link.as_deref(),
            platforms: self.platforms.iter().map(|name| name.trim()).collect(),
            channels: self.channels.iter().map(|name| name.trim()).collect(),
            not_before: time("not-before", self.not_before.as_deref())?,
            rollout_start: time("rollout-start", self.rollout_start.as_deref())?,
            rollout_as: self.rollout_as.as_deref(),
            native: each("native", "--native ios=2 --native android=2.1", &self.native, of_platform, str::trim)?,
            rollout: each(
                "rollout",
                "--rollout beta=100% --rollout production=10%",
                &self.rollout,
                of_channel,
                |steps| steps.split(',').map(str::trim).collect(),
            )?,
        };
        let text = toml::to_string(&document);
        let text = text.map_err(|error| Failure::usage(format!("release.toml cannot say this: {error}")))?;
        Ok((!text.is_empty()).then_some(text))
    }
}

/// A script whose variable is empty means to say something.
fn said(flag: &str, text: Option<&str>) -> Result<(), Failure> {
    match text {
        Some(text) if text.trim().is_empty() => {
            Err(Failure::usage(format!("`--{flag}` is empty")).hint("say something, or leave it out"))
        }
        _ => Ok(()),
    }
}

fn once(flag: &str, names: &[String]) -> Result<(), Failure> {
    let mut seen = BTreeSet::new();
    match names.iter().find(|name| !seen.insert(name.trim())) {
        Some(twice) => Err(Failure::usage(format!("`--{flag}` names `{}` twice", twice.trim())).hint("leave one out")),
        None => Ok(()),
    }
}

fn time(flag: &str, text: Option<&str>) -> Result<Option<Datetime>, Failure> {
    let read = |text: &str| {
        text.trim().parse::<Datetime>().map_err(|_| {
            Failure::usage(format!("`--{flag}` is `{text}`, which is no time"))
                .hint("write it as 2026-12-01T08:00:00Z, or with an offset: 2026-12-01T08:00:00+01:00")
        })
    };
    text.map(read).transpose()
}

/// The name before the `=`, if it is one of a platform: requirements begin with that character too.
fn of_platform(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    Platform::from_name(name.trim()).map(|platform| (platform.name(), value))
}

/// No step has that character.
fn of_channel(text: &str) -> Option<(&str, &str)> {
    text.split_once('=').map(|(name, value)| (name.trim(), value))
}

fn each<'f, T>(
    flag: &str,
    example: &str,
    given: &'f [String],
    split: impl Fn(&'f str) -> Option<(&'f str, &'f str)>,
    value: impl Fn(&'f str) -> T,
) -> Result<Option<Each<'f, T>>, Failure> {
    let mut by = BTreeMap::new();
    for text in given {
        match split(text) {
            None if given.len() == 1 => return Ok(Some(Each::All(value(text)))),
            None => {
                return Err(Failure::usage(format!("`--{flag}` is given more than once, and `{text}` is for all"))
                    .hint(format!("give it once for all, or once for each name: `{example}`")));
            }
            Some((name, one)) => {
                if by.insert(name, value(one)).is_some() {
                    return Err(Failure::usage(format!("`--{flag}` is given twice for {name}")).hint("leave one out"));
                }
            }
        }
    }
    Ok((!by.is_empty()).then_some(Each::By(by)))
}

/// Reads what the flags say, or else the file that is there already. What is wrong with that is handed back.
///
/// # Errors
/// What would be an error of the file, each in terms of its flag.
pub fn judge(text: &Arc<str>, is_of_flags: bool, target: &Target) -> Result<Judged, Failure> {
    // where that cannot be read, whatever reads it next tells why
    let ever_had = |version: &str| target.ever_had(version).unwrap_or(true);
    let judged = draft::descriptor(&target.app, &target.version, text, target.policy(), &ever_had);
    let Judged { problems, platforms } = judged;
    let (errors, problems): (Vec<_>, Vec<_>) = problems.into_iter().partition(|one| is_of_flags && one.is_error());
    let failures = errors.into_iter().map(|problem| in_terms_of_the_flag(text, problem));
    failures.reduce(Failure::and).map_or(Ok(Judged { problems, platforms }), Err)
}

fn in_terms_of_the_flag(text: &str, problem: Problem) -> Failure {
    let key = key_at(text, problem.line.unwrap_or(1));
    let flag = key.replace('_', "-");
    let mend = [key, "rollout_start"]
        .iter()
        .fold(problem.help, |help, key| help.replace(&format!("`{key} = "), &format!("`--{} ", key.replace('_', "-"))));
    Failure::usage(format!("`--{flag}`: {}", problem.message)).hint(mend)
}

/// The key at the top of the file that a line belongs to.
fn key_at(text: &str, line: u32) -> &'static str {
    let found = KEYS.iter().filter_map(|key| Some((line_of(text, &[Way::Key(key)])?, *key)));
    found.filter(|(begin, _)| *begin <= line).max().map_or("comment", |(_, key)| key)
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn told(flags: &Flags) -> String {
        let text = flags.descriptor().unwrap_or_else(|failure| panic!("{failure}"));
        let text: Arc<str> = text.unwrap_or_default().into();
        let problems = draft::descriptor("a.b", "1.0.0", &text, None, &|_| true).problems;
        problems.into_iter().map(|problem| in_terms_of_the_flag(&text, problem).to_string()).collect()
    }

    #[test]
    fn no_flag_makes_no_file() {
        assert_eq!(Flags::default().descriptor().ok(), Some(None));
    }

    #[test]
    fn every_flag_is_a_key_of_the_file() {
        let flags = Flags {
            comment: Some("Fixes the \"login\" loop\nand C:\\".to_owned()),
            link: Some("https://example.com/1".to_owned()),
            native: strings(&["ios=>=2", "android = >=2.1, <3"]),
            platforms: strings(&["ios", " android"]),
            channels: strings(&["beta", "production"]),
            not_before: Some("2026-12-01T08:00:00Z".to_owned()),
            rollout: strings(&["production=1% for 2h, 100%", "beta=100%"]),
            rollout_start: Some("2026-12-01T08:00:00+01:00".to_owned()),
            rollout_as: Some("1.4.1".to_owned()),
        };
        assert_eq!(told(&flags), "");
        let text = flags.descriptor().unwrap().unwrap();
        let (comment, rest) = text.split_once("link").unwrap();
        assert_eq!(comment, "comment = '''\nFixes the \"login\" loop\nand C:\\'''\n");
        assert_data_eq!(
            rest,
            str![[r#"
 = "https://example.com/1"
platforms = ["ios", "android"]
channels = ["beta", "production"]
not_before = 2026-12-01T08:00:00Z
rollout_start = 2026-12-01T08:00:00+01:00
rollout_as = "1.4.1"

[native]
android = ">=2.1, <3"
ios = ">=2"

[rollout]
beta = ["100%"]
production = ["1% for 2h", "100%"]

"#]]
        );
    }

    #[test]
    fn one_value_for_all_is_written_as_one() {
        let flags = Flags { native: strings(&["=2.0.0"]), rollout: strings(&["10% for 1d,100%"]), ..Flags::default() };
        assert_data_eq!(
            flags.descriptor().unwrap().unwrap(),
            str![[r#"
native = "=2.0.0"
rollout = ["10% for 1d", "100%"]

"#]]
        );
        assert_eq!(told(&flags), "");
    }

    #[test]
    fn faults_are_told_by_the_flag() {
        let one = |flags: Flags| told(&flags);
        let native = one(Flags { native: strings(&["ios=two"]), ..Flags::default() });
        assert!(native.starts_with("error: `--native`: `two` is no requirement"), "{native}");
        let platforms = one(Flags { comment: Some("a\n\nb".into()), platforms: strings(&["iOS"]), ..Flags::default() });
        assert!(platforms.starts_with("error: `--platforms`: `iOS` is nothing"), "{platforms}");
        let rollout = one(Flags { rollout: strings(&["beta=10% for 1d, 5%"]), ..Flags::default() });
        assert!(rollout.starts_with("error: `--rollout`: 5% after 10% is no step up"), "{rollout}");
        let time = one(Flags { not_before: Some("2026-12-01".into()), ..Flags::default() });
        assert!(time.starts_with("error: `--not-before`: ") && time.contains("2026-12-01T00:00:00Z"), "{time}");
        let draw = one(Flags { rollout_as: Some("v1.4.1".into()), ..Flags::default() });
        assert!(draw.starts_with("error: `--rollout-as`: `v1.4.1` is not a version"), "{draw}");
    }

    #[test]
    fn what_is_said_twice_or_is_no_time_is_refused() {
        let refused = |flags: Flags| flags.descriptor().unwrap_err().to_string();
        let twice = refused(Flags { native: strings(&["ios=2", "ios=3"]), ..Flags::default() });
        assert!(twice.starts_with("error: `--native` is given twice for ios"), "{twice}");
        let mixed = refused(Flags { rollout: strings(&["beta=100%", "10%"]), ..Flags::default() });
        assert!(mixed.contains("`10%` is for all") && mixed.contains("each name: `--rollout beta="), "{mixed}");
        let double = refused(Flags { platforms: strings(&["ios", " ios"]), ..Flags::default() });
        assert!(double.starts_with("error: `--platforms` names `ios` twice"), "{double}");
        let empty = refused(Flags { link: Some(" ".into()), ..Flags::default() });
        assert!(empty.starts_with("error: `--link` is empty"), "{empty}");
        let never = refused(Flags { rollout_start: Some("tomorrow".into()), ..Flags::default() });
        assert!(never.starts_with("error: `--rollout-start` is `tomorrow`, which is no time"), "{never}");
    }
}
