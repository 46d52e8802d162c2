//! One request: which handler it goes to.

use std::mem;

use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use serde::Serialize;
use tracing::debug;

use super::answer::{self, Answer};
use super::bundle_name::BundleName;
use super::check::Decided;
use super::connection::Connection;
use super::live::Live;
use super::{artefact, check, origin, stats};

/// A path that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Route<'a> {
    Check,
    Stats,
    Livez,
    Readyz,
    Bundle(BundleName<'a>),
    /// `*`, the whole server, which only `OPTIONS` can ask of.
    Server,
}

/// Answers one request. Takes the headers of its head.
pub(super) async fn handle(connection: &Connection, head: &mut Parts, body: Incoming) -> Answer {
    let reply = match origin::host(head) {
        Ok(host) => dispatch(connection, head, host, body).await,
        Err(bad) => Err(Box::new(bad.answer())),
    };
    let answer = match reply {
        Ok(decided) => decided.answer(mem::take(&mut head.headers)),
        Err(other) => *other,
    };
    debug!(peer = %connection.peer, method = %head.method, path = head.uri.path(), status = answer.status().as_u16());
    answer
}

/// What a check was decided to get, or the answer to anything else. That one is boxed, so that checks, which are nearly all
/// requests, do not carry its size along.
async fn dispatch(
    connection: &Connection,
    head: &Parts,
    host: Option<&str>,
    body: Incoming,
) -> Result<Decided, Box<Answer>> {
    let Some(route) = Route::of(head.uri.path()) else {
        // a browser asks before it sends, and shows its page why a path is wrong only if it may send
        let is_asking = head.method == Method::OPTIONS;
        let nothing = || answer::not_found("there is nothing at this path");
        return Err(Box::new(if is_asking { answer::preflight(Route::ANYTHING) } else { nothing() }));
    };
    let state = &*connection.state;
    Err(Box::new(match (&route, &head.method) {
        (_, &Method::OPTIONS) => answer::preflight(route.allow()),
        (Route::Check, &Method::POST) => return check::post(connection, head, host, body).await,
        (Route::Check, &Method::GET | &Method::HEAD) => return check::get(connection, head, host),
        (Route::Stats, &Method::POST) => stats::post(connection, body).await,
        (Route::Stats | Route::Livez, &Method::GET | &Method::HEAD) => answer::ok(),
        (Route::Readyz, &Method::GET | &Method::HEAD) => ready(&state.live()),
        (Route::Bundle(name), &Method::GET | &Method::HEAD) => artefact::get(state, name, &head.method, &head.headers),
        _ => answer::method_not_allowed(route.allow()),
    }))
}

impl Route<'_> {
    /// What may be asked of a path that is none of ours.
    const ANYTHING: &'static str = "GET, HEAD, PUT, POST, DELETE, OPTIONS";

    /// A slash at the end changes nothing.
    fn of(path: &str) -> Option<Route<'_>> {
        match path.trim_end_matches('/') {
            "" | "/updates" => Some(Route::Check),
            "/stats" => Some(Route::Stats),
            "/livez" => Some(Route::Livez),
            "/readyz" => Some(Route::Readyz),
            "*" => Some(Route::Server),
            path => BundleName::of(path.strip_prefix("/bundles/")?).map(Route::Bundle),
        }
    }

    const fn allow(&self) -> &'static str {
        match self {
            Route::Check | Route::Stats => "GET, HEAD, POST, OPTIONS",
            Route::Livez | Route::Readyz | Route::Bundle(_) => "GET, HEAD, OPTIONS",
            Route::Server => "OPTIONS",
        }
    }
}

/// Ready once there is a table, whatever is wrong with the repository now: the last good one is served.
fn ready(live: &Live) -> Answer {
    #[derive(Serialize)]
    struct Ready<'a> {
        status: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        commit: Option<&'a str>,
        problems: Problems,
        repository: Repository<'a>,
    }
    #[derive(Serialize)]
    struct Problems {
        errors: usize,
        warnings: usize,
    }
    #[derive(Serialize)]
    struct Repository<'a> {
        readable: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a str>,
    }
    let (code, status) = match live.table {
        Some(_) => (StatusCode::OK, "ok"),
        None => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
    };
    answer::json(
        code,
        &Ready {
            status,
            commit: live.table.as_ref().map(|table| &*table.commit),
            problems: Problems { errors: live.errors, warnings: live.warnings },
            repository: Repository {
                readable: live.repository.is_ok(),
                error: live.repository.as_ref().err().map(|why| &**why),
            },
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_changes_nothing() {
        for path in ["/updates", "/updates/", "/", ""] {
            assert_eq!(Route::of(path), Some(Route::Check), "{path}");
        }
        assert_eq!(Route::of("/stats/"), Some(Route::Stats));
        assert_eq!(Route::of("/readyz/"), Some(Route::Readyz));
    }

    #[test]
    fn what_is_nothing() {
        for path in
            ["/update", "//updates", "/updates/x", "/Updates", "/bundles", "/bundles/", "/bundles/a/b", "/%75pdates"]
        {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }
}
