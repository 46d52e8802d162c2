//! The settings file that somebody names.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser, ValueParserFactory};
use clap::error::Error;
use clap::parser::ValueSource;

/// What `--config` or its variable says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile(Option<PathBuf>);

impl ConfigFile {
    /// The file; none where the variable is set to nothing, which is how many tools unset one.
    pub(super) fn path(&self) -> Option<&Path> {
        self.0.as_deref()
    }
}

/// Takes any path, and from a variable nothing as well.
#[derive(Clone, Debug)]
pub struct ConfigFileParser;

impl ValueParserFactory for ConfigFile {
    type Parser = ConfigFileParser;

    fn value_parser() -> ConfigFileParser {
        ConfigFileParser
    }
}

impl TypedValueParser for ConfigFileParser {
    type Value = ConfigFile;

    fn parse_ref(&self, cmd: &clap::Command, arg: Option<&clap::Arg>, value: &OsStr) -> Result<ConfigFile, Error> {
        PathBufValueParser::new().parse_ref(cmd, arg, value).map(|path| ConfigFile(Some(path)))
    }

    fn parse_ref_(
        &self,
        cmd: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &OsStr,
        source: ValueSource,
    ) -> Result<ConfigFile, Error> {
        let is_empty = value.to_str().is_some_and(|text| text.trim().is_empty());
        if is_empty && source == ValueSource::EnvVariable {
            return Ok(ConfigFile(None));
        }
        self.parse_ref(cmd, arg, value)
    }
}
