//! One value as somebody wrote it, and where they wrote it.

use std::ffi::OsStr;
use std::fmt;
use std::ops::Range;

use clap::builder::{TypedValueParser, ValueParserFactory};
use clap::error::{Error, ErrorKind};
use clap::parser::ValueSource;
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};

/// A value that nobody has read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    /// What was written.
    pub(super) written: Written,
    /// Where.
    pub(super) origin: Origin,
}

/// The two shapes of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A string or a number; of a list, its items with commas between them.
    Text(String),
    /// An array of the settings file.
    Items(Vec<String>),
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// On the command line, by that flag.
    Flag(String),
    /// In that environment variable.
    Variable(String),
    /// In the settings file, at those bytes.
    File(Range<usize>),
}

impl Given {
    /// Whether it is an environment variable that is set to nothing, which is how many tools unset one.
    pub(super) fn is_unset(&self) -> bool {
        let empty = matches!(&self.written, Written::Text(text) if text.trim().is_empty());
        empty && matches!(self.origin, Origin::Variable(_))
    }
}

/// Takes any text, and notes whether a flag or a variable gave it.
#[derive(Clone, Debug)]
pub struct GivenParser;

impl ValueParserFactory for Given {
    type Parser = GivenParser;

    fn value_parser() -> GivenParser {
        GivenParser
    }
}

impl TypedValueParser for GivenParser {
    type Value = Given;

    fn parse_ref(&self, cmd: &clap::Command, arg: Option<&clap::Arg>, value: &OsStr) -> Result<Given, Error> {
        self.parse_ref_(cmd, arg, value, ValueSource::CommandLine)
    }

    fn parse_ref_(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
        source: ValueSource,
    ) -> Result<Given, Error> {
        let origin = origin_of(arg, source);
        match value.to_str() {
            Some(text) => Ok(Given { written: Written::Text(text.to_owned()), origin }),
            None => Err(Error::raw(ErrorKind::InvalidUtf8, format!("{origin} is not UTF-8\n")).with_cmd(cmd)),
        }
    }
}

fn origin_of(arg: Option<&clap::Arg>, source: ValueSource) -> Origin {
    match arg.and_then(clap::Arg::get_env) {
        Some(variable) if source == ValueSource::EnvVariable => Origin::Variable(variable.to_string_lossy().into()),
        _ => Origin::Flag(format!("--{}", arg.and_then(clap::Arg::get_long).unwrap_or_default())),
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) | Origin::Variable(name) => write!(f, "`{name}`"),
            Origin::File(_) => f.write_str("the settings file"),
        }
    }
}

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = toml::Spanned::<Written>::deserialize(deserializer)?;
        let origin = Origin::File(written.span());
        Ok(Given { written: written.into_inner(), origin })
    }
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WrittenVisitor)
    }
}

struct WrittenVisitor;

impl<'de> Visitor<'de> for WrittenVisitor {
    type Value = Written;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string, a whole number, or an array of strings")
    }

    fn visit_str<E>(self, text: &str) -> Result<Written, E> {
        Ok(Written::Text(text.to_owned()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Written, E> {
        Ok(Written::Text(number.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Written, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element::<String>()? {
            all.push(item);
        }
        Ok(Written::Items(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_knows_whether_a_flag_or_a_variable_gave_it() {
        let path = clap::Arg::new("path").long("path").env("PATH").value_parser(GivenParser);
        let command = clap::Command::new("x").arg(path);
        let origin = |words: &[&str]| {
            let matches = command.clone().get_matches_from(words);
            matches.get_one::<Given>("path").unwrap().origin.clone()
        };
        assert_eq!(origin(&["x", "--path", "a"]), Origin::Flag("--path".to_owned()));
        assert_eq!(origin(&["x"]), Origin::Variable("PATH".to_owned()), "every test runs with a PATH");
    }
}
