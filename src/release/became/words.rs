//! How it reads.

use std::fmt;

use super::{Became, Newest, Others, Part, Share, What};
use crate::release::plan::Natives;
use crate::release::platform::Platform;
use crate::release::rollout::Percent;

/// So many are named; of more, these.
const NAMED: usize = 3;

impl fmt::Display for Became {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(app) = &self.app {
            write!(f, "{app} ")?;
        }
        write!(f, "{}{}", self.channel, self.part)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(platforms) = self.platforms {
            write!(f, " on {}", some_of(platforms.iter().map(Platform::name), " and "))?;
        }
        write!(f, " {}", self.what)?;
        if self.natives.is_empty() {
            return Ok(());
        }
        write!(f, " for native {}", some_of(self.natives.iter().map(Natives::to_string), " or "))
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Gone => f.write_str("is gone"),
            What::Halted(version, new, others) => {
                write!(f, "{version} halted, new devices get {new}{}{}", new.share(), shown(others.as_ref()))
            }
            What::Width { name, before, after, others } => {
                write!(f, "{name} for {before} -> {after}{}", shown(others.as_ref()))
            }
            What::Newest(old, new, others) => {
                let old = some_of(old.iter().map(Newest::to_string), " and ");
                write!(f, "{old} -> {new}{}{}", new.share(), shown(others.as_ref()))
            }
            What::Share { version, before, after, more } => {
                write!(f, "{version} {before} -> {after}")?;
                if *more > 0 { write!(f, " and {more} more") } else { Ok(()) }
            }
            What::Redrawn(name, percent) => write!(f, "{name} for {percent}, of other devices than before"),
        }
    }
}

/// The first of them, with that between them.
fn some_of<S: AsRef<str>>(all: impl Iterator<Item = S>, between: &str) -> String {
    let all: Vec<S> = all.collect();
    let named: Vec<&str> = all.iter().take(NAMED).map(AsRef::as_ref).collect();
    match all.len().saturating_sub(NAMED) {
        0 => named.join(between),
        more => format!("{}{between}{more} more", named.join(between)),
    }
}

/// `, 1.1.0 for 1% and 1.0.0 for the others`, where that is worth a word.
fn shown(others: Option<&Others>) -> String {
    let Some(Others { some, rest }) = others else { return String::new() };
    let some = some.iter().map(|(version, percent)| format!(", {version} for {percent}"));
    format!("{} and {rest} for the others", some.collect::<String>())
}

impl Newest {
    /// Whether it leaves nobody for anything else.
    pub fn is_for_all(&self) -> bool {
        !matches!(self, Newest::Release(_, percent) if *percent < Percent::ALL)
    }

    /// ` for 10%`, where it is not for all.
    fn share(&self) -> String {
        match self {
            Newest::Release(_, percent) if *percent < Percent::ALL => format!(" for {percent}"),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Newest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Newest::Nothing => "nothing",
            Newest::Builtin => "builtin",
            Newest::Release(version, _) => version,
        })
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Share::NotOpen => f.write_str("not open"),
            Share::Halted => f.write_str("halted"),
            Share::Open(Percent::ALL) => f.write_str("open to all"),
            Share::Open(percent) => write!(f, "open to {percent}"),
            Share::Later(Percent::ALL, when) => write!(f, "open to all from {when} on"),
            Share::Later(percent, when) => write!(f, "open to {percent} from {when} on"),
        }
    }
}
