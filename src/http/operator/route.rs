//! One request of an operator: which handler it goes to.

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CONNECTION, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode};
use tokio::task::spawn_blocking;
use tracing::debug;

use super::explain::explain;
use super::{Of, Operator};
use crate::http::answer::{self, Answer};
use crate::http::connection::Connection;
use crate::http::intake::{self, Refused};
use crate::http::live::{Live, Report};
use crate::release::time::Timestamp;

/// Bytes that a body may have.
const LIMIT: usize = 64 * 1024;
/// Bytes that may be said of a push: a line for each of some thousand refs.
const PUSH_LIMIT: usize = 1 << 20;

/// A path that means something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Route<'a> {
    Table,
    App(&'a str),
    Problems,
    Explain,
    Push(Of),
}

/// Answers one request.
pub(in crate::http) async fn handle(
    connection: &Connection,
    operator: &Operator,
    head: &Parts,
    body: Incoming,
) -> Answer {
    let mut answer = match operator.door.admit(head) {
        Ok(()) => dispatch(connection, operator, &head.method, head.uri.path(), body).await,
        Err(refusal) => leaving(*refusal),
    };
    // no web page of another server may read what is told here
    answer.headers_mut().remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    // names of apps and texts of problems are others' words: no browser may take a document for a page or a script
    answer.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let status = answer.status().as_u16();
    debug!(peer = %connection.peer, method = %head.method, path = head.uri.path(), status, "for an operator");
    answer
}

/// Who was refused makes room for who is not.
fn leaving(mut refusal: Answer) -> Answer {
    refusal.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    refusal
}

async fn dispatch(connection: &Connection, operator: &Operator, method: &Method, path: &str, body: Incoming) -> Answer {
    let Some(route) = Route::of(path) else { return answer::not_found("there is nothing at this path") };
    match (route, method) {
        (Route::Table, &Method::GET | &Method::HEAD) => {
            tell(connection, |report, live, now| document(report.table(live, now))).await
        }
        (Route::App(id), &Method::GET | &Method::HEAD) => {
            let id = id.to_owned();
            tell(connection, move |report, live, now| report.app(live, &id, now).map_or_else(no_app, document)).await
        }
        (Route::Problems, &Method::GET | &Method::HEAD) => {
            tell(connection, |report, live, _| document(report.problems(live))).await
        }
        (Route::Explain, &Method::POST) => match taken(connection, body, LIMIT).await {
            Ok(body) => tell(connection, move |report, live, now| explain(report, live, &body, now)).await,
            Err(refused) => refused.answer(),
        },
        (Route::Push(of), &Method::POST) => pushed(connection, operator, of, body).await,
        _ => answer::method_not_allowed(route.allow()),
    }
}

impl Route<'_> {
    /// A slash at the end changes nothing.
    fn of(path: &str) -> Option<Route<'_>> {
        match path.trim_end_matches('/') {
            "/api/table" => Some(Route::Table),
            "/api/problems" => Some(Route::Problems),
            "/api/explain" => Some(Route::Explain),
            "/hooks/push" => Some(Route::Push(Of::In)),
            "/hooks/coming" => Some(Route::Push(Of::Coming)),
            path => {
                let id = path.strip_prefix("/api/apps/")?;
                (!id.is_empty() && !id.contains('/')).then_some(Route::App(id))
            }
        }
    }

    const fn allow(self) -> &'static str {
        match self {
            Route::Table | Route::App(_) | Route::Problems => "GET, HEAD",
            Route::Explain | Route::Push(_) => "POST",
        }
    }
}

/// Asks the report of what is published now, on a thread that may take its time.
async fn tell(
    connection: &Connection,
    ask: impl FnOnce(&dyn Report, &Live, Timestamp) -> Answer + Send + 'static,
) -> Answer {
    let (live, now) = (connection.state.live_for_long(), connection.state.now());
    let told = spawn_blocking(move || match live.report.clone() {
        Some(report) => ask(&*report, &live, now),
        None => not_ready(&live),
    });
    told.await.unwrap_or_else(|_| {
        let message = "the answer could not be made: this is a fault of pushlive";
        answer::error(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    })
}

fn document(json: Vec<u8>) -> Answer {
    answer::json_bytes(StatusCode::OK, json.into())
}

fn no_app() -> Answer {
    answer::error(StatusCode::NOT_FOUND, "app_not_found", "there is no such app")
}

fn not_ready(live: &Arc<Live>) -> Answer {
    let why = live.repository.as_ref().err().map_or("the repository is being read for the first time", |why| &**why);
    answer::error(StatusCode::SERVICE_UNAVAILABLE, "not_ready", why)
}

async fn taken(connection: &Connection, body: Incoming, limit: usize) -> Result<Bytes, Refused> {
    intake::read(body, limit, connection.limits.body_read, &connection.reads_body).await
}

/// "Something was pushed": a reason to look, whatever it says; "something is about to be": none yet. What is said of refs only
/// ends or prolongs the wait for the rest of a push.
async fn pushed(connection: &Connection, operator: &Operator, of: Of, body: Incoming) -> Answer {
    let said = match taken(connection, body, PUSH_LIMIT).await {
        Ok(said) => said,
        Err(refused) => return refused.answer(),
    };
    (operator.hear)(of, &said);
    answer::json_bytes(StatusCode::ACCEPTED, br#"{"status":"ok"}"#.to_vec().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_something_and_what_is_not() {
        assert_eq!(Route::of("/api/table/"), Some(Route::Table));
        assert_eq!(Route::of("/api/apps/com.example.app"), Some(Route::App("com.example.app")));
        for path in ["/", "", "/metrics", "/api", "/api/apps", "/api/apps/", "/api/apps/a/b", "/API/table", "/updates"]
        {
            assert_eq!(Route::of(path), None, "{path}");
        }
    }
}
