//! The status of a running daemon, by the URL of its operator's listener.

use std::time::Duration;

use bytes::Bytes;
use hyper::{Method, StatusCode, Uri};
use serde::Deserialize;

use crate::cli::ask::ask;
use crate::cli::failure::Failure;
use crate::cli::report::printable;
use crate::documents::status::Document;
use crate::settings::{Settings, SettingsArgs};

/// A table of many releases takes its time.
const LONGEST: Duration = Duration::from_secs(30);

/// Asks the daemon.
pub(super) fn fetch(url: &str, settings: &SettingsArgs) -> Result<Document, Failure> {
    let uri: Uri = url.parse().map_err(|_| Failure::usage(format!("`{url}` is not a URL")))?;
    let Some(server) = uri.authority().filter(|server| !server.as_str().contains('@')) else {
        return Err(Failure::usage(format!("`{url}` names no host that can be asked")));
    };
    if uri.scheme_str() == Some("https") {
        return Err(Failure::usage("https is not available here yet: a daemon is asked in cleartext")
            .hint("run this on the daemon's machine, or through a tunnel: ssh -L 8081:127.0.0.1:8081 <host>"));
    }
    // of no repository here: its token is not for whoever answers at a URL
    let settings = Settings::load_for_no_repository(settings)?;
    let token = settings.operator_token.as_ref().map(|token| token.reveal());
    let path = format!("{}/api/table", uri.path().trim_end_matches('/'));
    let (status, body) = ask(Method::GET, server, &path, token, String::new(), LONGEST).map_err(|error| {
        Failure::environment(format!("cannot ask {server}: {}", with_causes(&*error)))
            .hint("name the operator's listener of a running daemon; its log says where that is")
    })?;
    match status {
        StatusCode::OK => read(url, &body),
        _ => Err(refused(url, status, &body)),
    }
}

fn read(url: &str, body: &Bytes) -> Result<Document, Failure> {
    serde_json::from_slice(body).map_err(|error| {
        Failure::environment(format!("{url} does not answer as a daemon's operator listener does: {error}"))
            .hint("the public listener knows no status: name the other one")
    })
}

fn refused(url: &str, status: StatusCode, body: &Bytes) -> Failure {
    /// As every refusal of a daemon.
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    let said = serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.message);
    let said = said.unwrap_or_else(|_| "no words".into());
    let failure = Failure::environment(format!("{url} answers {status}: {}", printable(&said)));
    match status {
        StatusCode::UNAUTHORIZED => failure.hint("give it with PUSHLIVE_OPERATOR_TOKEN or --operator-token"),
        StatusCode::NOT_FOUND => failure.hint("the public listener knows no status: name the operator's"),
        _ => failure,
    }
}

/// An error with what it came of: the first alone is often no more than "error trying to connect".
fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
