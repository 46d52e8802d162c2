//! From what was written to what it means, with the defaults, and with the rules that two settings share.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use super::file::SettingsFile;
use super::given::{Given, Origin, Written};
use super::value::{self, Wrong};
use super::{Fault, Network, Raw, Settings};

/// The branch where nobody names one.
pub const BRANCH: &str = "main";

/// The settings that those values make, or all that is wrong with them.
pub(super) fn settings(raw: &Raw, file: Option<&SettingsFile>, git_dir: &Path) -> Result<Settings, Vec<Fault>> {
    let mut check = Check { file, faults: Vec::new() };
    let public_url = check.one("public_url", &raw.public_url, value::url);
    let operator_listen = check.one("operator_listen", &raw.operator_listen, value::address_or_off);
    let settings = Settings {
        listen: check.one("listen", &raw.listen, value::address).unwrap_or(loopback(8080)),
        operator_listen: operator_listen.unwrap_or(Some(loopback(8081))),
        operator_token: check.one("operator_token", &raw.operator_token, value::token),
        artefact_url: check.one("artefact_url", &raw.artefact_url, value::url).or_else(|| public_url.clone()),
        public_url,
        trusted_proxies: check.trusted_proxies(&raw.trusted_proxies),
        branch: check.one("branch", &raw.branch, value::branch).unwrap_or_else(|| BRANCH.to_owned()),
        allow: check.rules(&raw.allow),
        allowed_signers: check.paths("allowed_signers", &raw.allowed_signers),
        upstream: check.one("upstream", &raw.upstream, value::text),
        poll: check.one("poll", &raw.poll, value::poll).unwrap_or(Duration::from_secs(10)),
        data: check.path("data", &raw.data).unwrap_or_else(|| git_dir.join("pushlive")),
        max_bundle: check.one("max_bundle", &raw.max_bundle, value::size).unwrap_or(512 << 20),
        max_entries: check.one("max_entries", &raw.max_entries, value::number).unwrap_or(20_000),
        max_unpacked: check.one("max_unpacked", &raw.max_unpacked, value::size).unwrap_or(2 << 30),
        max_connections: check.one("max_connections", &raw.max_connections, value::count).unwrap_or(10_000),
        shutdown_grace: check
            .one("shutdown_grace", &raw.shutdown_grace, value::duration)
            .unwrap_or(Duration::from_secs(30)),
        log: check.one("log", &raw.log, value::level).unwrap_or(LevelFilter::INFO),
        log_format: check.one("log_format", &raw.log_format, value::log_format),
        not_yet: not_yet(raw),
    };
    check.operator(raw, &settings);
    if check.faults.is_empty() { Ok(settings) } else { Err(check.faults) }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// Reads values and collects what is wrong with them.
struct Check<'a> {
    file: Option<&'a SettingsFile>,
    faults: Vec<Fault>,
}

impl Check<'_> {
    fn one<T>(&mut self, name: &str, given: &Option<Given>, read: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let given = given.as_ref()?;
        let read = match &given.written {
            Written::Text(text) => read(text),
            Written::Items(_) => Err(Wrong::new("which are several values", "write one value, not an array")),
        };
        self.keep(name, given, &given.written, read)
    }

    /// Items of an array, or of a text with commas between them.
    fn list<T>(&mut self, name: &str, given: &Given, read: impl Fn(&str) -> Result<T, Wrong>) -> Option<Vec<T>> {
        let items = match &given.written {
            Written::Text(text) => text.split(',').map(|item| item.trim().to_owned()).collect(),
            Written::Items(items) => items.clone(),
        };
        let read = |item: String| (read(&item), Written::Text(item));
        items.into_iter().map(read).map(|(value, item)| self.keep(name, given, &item, value)).collect()
    }

    fn keep<T>(&mut self, name: &str, given: &Given, written: &Written, read: Result<T, Wrong>) -> Option<T> {
        read.map_err(|wrong| self.faults.push(self.fault(name, given, written, wrong))).ok()
    }

    fn fault(&self, name: &str, given: &Given, written: &Written, wrong: Wrong) -> Fault {
        let text = match written {
            // A secret does not belong on a screen or in a log, not even a wrong one.
            _ if name == "operator_token" => "set to something".to_owned(),
            Written::Text(text) => format!("`{text}`"),
            Written::Items(items) => format!("`{}`", items.join(", ")),
        };
        Fault::new(format!("{} is {text}, {}", self.subject(name, &given.origin), wrong.why), wrong.accepted)
    }

    fn subject(&self, name: &str, origin: &Origin) -> String {
        match (origin, self.file) {
            (Origin::File(span), Some(file)) => format!("{}: `{name}`", file.place(span)),
            _ => origin.to_string(),
        }
    }

    fn trusted_proxies(&mut self, given: &Option<Given>) -> Vec<Network> {
        match given {
            None => vec![Network::LOOPBACK_V4, Network::LOOPBACK_V6],
            Some(Given { written: Written::Text(text), .. }) if text.trim() == "none" => Vec::new(),
            Some(given) => self.list("trusted_proxies", given, value::network).unwrap_or_default(),
        }
    }

    fn rules(&mut self, given: &Option<Given>) -> Vec<&'static str> {
        match given {
            None => Vec::new(),
            Some(Given { written: Written::Text(text), .. }) if text.trim() == "none" => Vec::new(),
            Some(given) => self.list("allow", given, value::rule).unwrap_or_default(),
        }
    }

    fn path(&mut self, name: &str, given: &Option<Given>) -> Option<PathBuf> {
        let text = self.one(name, given, value::text)?;
        Some(self.resolved(&text, &given.as_ref()?.origin))
    }

    fn paths(&mut self, name: &str, given: &Option<Given>) -> Vec<PathBuf> {
        let Some(given) = given else { return Vec::new() };
        let texts = self.list(name, given, value::text).unwrap_or_default();
        texts.iter().map(|text| self.resolved(text, &given.origin)).collect()
    }

    /// A path in the settings file is relative to that file's folder, another one to where the command runs.
    fn resolved(&self, text: &str, origin: &Origin) -> PathBuf {
        match (origin, self.file) {
            (Origin::File(_), Some(file)) => file.folder().join(text),
            _ => PathBuf::from(text),
        }
    }

    fn operator(&mut self, raw: &Raw, settings: &Settings) {
        let (Some(given), Some(address)) = (&raw.operator_listen, settings.operator_listen) else { return };
        let open = !address.ip().to_canonical().is_loopback();
        if open && settings.operator_token.is_none() && raw.operator_token.is_none() {
            let wrong = Wrong::new(
                "which others than this machine can reach, and there is no `operator_token`",
                "set `operator_token` (PUSHLIVE_OPERATOR_TOKEN keeps it out of the list of processes), or listen on 127.0.0.1",
            );
            self.faults.push(self.fault("operator_listen", given, &given.written, wrong));
        }
    }
}

fn not_yet(raw: &Raw) -> Vec<String> {
    let notes = [
        (
            raw.allowed_signers.is_some(),
            "`allowed_signers` is accepted, but signatures are not available yet: no tag is verified",
        ),
        (
            raw.upstream.is_some(),
            "`upstream` is accepted, but mirroring is not available yet: nothing is fetched, so push to this repository or run `git fetch` in it",
        ),
    ];
    notes.into_iter().filter(|(given, _)| *given).map(|(_, note)| note.to_owned()).collect()
}
