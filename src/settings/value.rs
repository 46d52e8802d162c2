//! From the text of a value to what it means, or a sentence on what is wrong with it and what is accepted.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use hyper::Uri;
use hyper::http::uri::Authority;
use tracing::level_filters::LevelFilter;

use super::network::Network;
use super::{LogFormat, Token};

/// Why a text is no value: continues the sentence "`--poll` is `x`, …", and what is accepted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) why: String,
    pub(super) accepted: &'static str,
}

impl Wrong {
    pub(super) fn new(why: impl Into<String>, accepted: &'static str) -> Self {
        Wrong { why: why.into(), accepted }
    }
}

/// A whole number from 1, with `_` or `,` between digits.
pub(super) fn number(text: &str) -> Result<u64, Wrong> {
    const ACCEPTED: &str = "write a whole number from 1 on, like `20000` or `20,000`";
    let number = digits(text.trim()).ok_or_else(|| Wrong::new("which is not a whole number", ACCEPTED))?;
    if number == 0 { Err(Wrong::new("which would allow nothing", ACCEPTED)) } else { Ok(number) }
}

/// A [`number`] of things that fit into memory.
pub(super) fn count(text: &str) -> Result<usize, Wrong> {
    let number = number(text)?;
    // The semaphore that counts connections takes no more than this.
    let most = u64::try_from(tokio::sync::Semaphore::MAX_PERMITS).unwrap_or(u64::MAX);
    let fits = usize::try_from(number).ok().filter(|_| number <= most);
    fits.ok_or_else(|| Wrong::new("which is more than a machine can hold", "write a smaller number, like `10,000`"))
}

fn digits(text: &str) -> Option<u64> {
    let plain: String = text.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    let starts_well = text.starts_with(|c: char| c.is_ascii_digit());
    (starts_well && text.ends_with(|c: char| c.is_ascii_digit())).then(|| plain.parse().ok()).flatten()
}

/// Number and unit of `512 MiB`; the unit is lower-cased.
fn measure(text: &str) -> Option<(u64, String)> {
    let text = text.trim();
    let unit_at = text.find(|c: char| !c.is_ascii_digit() && !matches!(c, '_' | ',')).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(unit_at)?;
    Some((digits(number)?, unit.trim().to_lowercase()))
}

/// A number of bytes: alone, or with a unit of 1024 (`MiB`) or of 1000 (`MB`).
pub(super) fn size(text: &str) -> Result<u64, Wrong> {
    const ACCEPTED: &str = "write a number of bytes, or a whole number and KiB, MiB, GiB, kB, MB or GB, like `512 MiB`";
    let (number, unit) = measure(text).ok_or_else(|| Wrong::new("which is not a size", ACCEPTED))?;
    let unit: u64 = match unit.as_str() {
        "" | "b" => 1,
        "kb" => 1000,
        "mb" => 1000 * 1000,
        "gb" => 1000 * 1000 * 1000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return Err(Wrong::new(format!("where `{unit}` is not a unit of size"), ACCEPTED)),
    };
    match number.checked_mul(unit) {
        Some(0) => Err(Wrong::new("which would allow nothing", ACCEPTED)),
        Some(bytes) => Ok(bytes),
        None => Err(Wrong::new("which is more than any file can hold", ACCEPTED)),
    }
}

const DURATION: &str = "write a whole number and ms, s, m, h or d, like `250ms` or `10s`";

/// A length of time.
pub(super) fn duration(text: &str) -> Result<Duration, Wrong> {
    let (number, unit) = measure(text).ok_or_else(|| Wrong::new("which is not a length of time", DURATION))?;
    let millis: u64 = match unit.as_str() {
        "ms" => 1,
        "s" => 1000,
        "m" => 60 * 1000,
        "h" => 60 * 60 * 1000,
        "d" => 24 * 60 * 60 * 1000,
        "" => return Err(Wrong::new("which lacks a unit", DURATION)),
        _ => return Err(Wrong::new(format!("where `{unit}` is not a unit of time"), DURATION)),
    };
    let whole = number.checked_mul(millis).filter(|all| *all <= Duration::from_secs(366 * 86_400).as_millis() as u64);
    whole.map(Duration::from_millis).ok_or_else(|| Wrong::new("which is more than a year", DURATION))
}

/// A length of time to wait between two looks: short enough is a busy loop.
pub(super) fn poll(text: &str) -> Result<Duration, Wrong> {
    let poll = duration(text)?;
    if poll < Duration::from_millis(100) {
        return Err(Wrong::new("which would keep the machine busy with looking", "write 100ms or more, like `10s`"));
    }
    Ok(poll)
}

const ADDRESS: &str =
    "write an address of this machine and a port, like `127.0.0.1:8080`, `0.0.0.0:80` or `[::1]:8080`";

/// An address and a port; a host name is resolved, to IPv4 where it has both.
pub(super) fn address(text: &str) -> Result<SocketAddr, Wrong> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let has_port = text.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    if !has_port {
        return Err(Wrong::new("which is not an address with a port", ADDRESS));
    }
    let found = text.to_socket_addrs().map(|found| found.min_by_key(SocketAddr::is_ipv6));
    found.ok().flatten().ok_or_else(|| Wrong::new("whose host name has no address here", ADDRESS))
}

/// An address and a port, or `off`.
pub(super) fn address_or_off(text: &str) -> Result<Option<SocketAddr>, Wrong> {
    if text.trim() == "off" { Ok(None) } else { address(text).map(Some) }
}

const URL: &str =
    "write a scheme, a host, and a path if need be, like `https://updates.example.com` or `https://example.com/ota`";

/// An absolute http or https URL without query and fragment; a slash at its end is dropped.
pub(super) fn url(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.contains(['?', '#']) {
        return Err(Wrong::new("which has a query or a fragment: paths are put behind it", URL));
    }
    if let Some(stranger) = text.chars().find(|c| !may_stand_in_url(*c)) {
        return Err(Wrong::new(format!("where {} may not stand in a URL", named(stranger)), URL));
    }
    let uri: Uri = text.parse().map_err(|_| Wrong::new("which is not a URL", URL))?;
    if !matches!(uri.scheme_str(), Some("http" | "https")) {
        return Err(Wrong::new("which does not start with http:// or https://", URL));
    }
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => Err(Wrong::new("which names a user", URL)),
        Some(authority) if authority.host().is_empty() => Err(Wrong::new("which names no host", URL)),
        Some(authority) if !has_sound_port(authority) => {
            Err(Wrong::new("whose port is not a number from 1 to 65535", URL))
        }
        Some(_) => Ok(text.trim_end_matches('/').to_owned()),
        None => Err(Wrong::new("which names no host", URL)),
    }
}

/// What is allowed in URLs, but `'`: they are printed between such for people to copy.
fn may_stand_in_url(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&()*+,;=%".contains(c)
}

/// A character as a sentence can hold it.
fn named(c: char) -> String {
    match c {
        ' ' => "a space".to_owned(),
        '`' => "a backtick".to_owned(),
        c if c.is_control() => format!("the control character U+{:04X}", u32::from(c)),
        c => format!("`{c}`"),
    }
}

fn has_sound_port(authority: &Authority) -> bool {
    let has_none = authority.as_str() == authority.host();
    has_none || authority.port_u16().is_some_and(|port| port > 0)
}

/// A network.
pub(super) fn network(text: &str) -> Result<Network, Wrong> {
    const ACCEPTED: &str = "write IP addresses or networks, like `10.0.0.0/8, ::1`, or `none`";
    text.parse().map_err(|_| Wrong::new("which is not an IP address or network", ACCEPTED))
}

/// The name of a branch, with or without `refs/heads/` before it.
pub(super) fn branch(text: &str) -> Result<String, Wrong> {
    const ACCEPTED: &str = "write the name of a branch as `git branch` prints it, like `main`";
    let name = text.strip_prefix("refs/heads/").unwrap_or(text);
    let parts_well = name.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock"));
    let forbidden = |c: char| c.is_ascii_control() || " ~^:?*[\\".contains(c);
    let refused = name.starts_with('-') || name.ends_with('.') || name.contains("..") || name.contains("@{");
    if !parts_well || refused || name == "HEAD" || name.contains(forbidden) {
        return Err(Wrong::new("which git does not allow as the name of a branch", ACCEPTED));
    }
    Ok(name.to_owned())
}

/// What the push hook refuses, and a setting can let pass.
const RULES: [&str; 4] = ["bundle-changed", "bundle-removed", "tag-moved", "branch-rewritten"];

/// The name of such a rule.
pub(super) fn rule(text: &str) -> Result<&'static str, Wrong> {
    const ACCEPTED: &str =
        "write bundle-changed, bundle-removed, tag-moved or branch-rewritten, with commas between several";
    let rule = RULES.into_iter().find(|rule| *rule == text.trim());
    rule.ok_or_else(|| Wrong::new("which is no rule that can be let pass", ACCEPTED))
}

/// A secret that a header can carry.
pub(super) fn token(text: &str) -> Result<Token, Wrong> {
    const ACCEPTED: &str = "write visible ASCII characters without spaces, like what `openssl rand -hex 32` prints";
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Wrong::new("which an HTTP header cannot carry", ACCEPTED));
    }
    Ok(Token(text.to_owned()))
}

/// Any text but an empty one.
pub(super) fn text(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        Err(Wrong::new("which says nothing", "leave it out, or give a value"))
    } else {
        Ok(text.to_owned())
    }
}

/// How much is logged.
pub(super) fn level(text: &str) -> Result<LevelFilter, Wrong> {
    match text.trim().to_lowercase().as_str() {
        "off" => Ok(LevelFilter::OFF),
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        "trace" => Ok(LevelFilter::TRACE),
        _ => Err(Wrong::new("which is not a level", "write error, warn, info, debug, trace or off")),
    }
}

/// How a line of the log looks.
pub(super) fn log_format(text: &str) -> Result<LogFormat, Wrong> {
    match text.trim().to_lowercase().as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(Wrong::new("which is not a format", "write text or json")),
    }
}

#[cfg(test)]
mod tests;
