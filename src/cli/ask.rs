//! Asking a daemon's operator listener: one request, one answer.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, AUTHORIZATION, HOST};
use hyper::http::uri::Authority;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Bytes of an answer that are read: enough for a table of more releases than any repository has.
const LIMIT: usize = 256 << 20;

/// Why there is no answer, in words.
type Failed = Box<dyn Error + Send + Sync>;

/// Asks with that body, and the token if there is one, and waits for the whole answer for so long.
///
/// # Errors
/// Nobody answers there, or not in time, or not in HTTP.
pub fn ask(
    method: Method,
    server: &Authority,
    path: &str,
    token: Option<&str>,
    body: String,
    at_most: Duration,
) -> Result<(StatusCode, Bytes), Failed> {
    let mut request = Request::builder().method(method).uri(path).header(HOST, server.as_str());
    request = request.header(ACCEPT, "application/json");
    if let Some(token) = token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request.body(Full::from(body))?;
    let host = server.host().trim_matches(['[', ']']);
    within(at_most, exchange(host, server.port_u16().unwrap_or(80), request))?
}

async fn exchange(host: &str, port: u16, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), Failed> {
    let socket = TcpStream::connect((host, port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
    // it ends with the runtime, which serves this request alone
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    Ok((head.status, Limited::new(body, LIMIT).collect().await?.to_bytes()))
}

fn within<T>(time: Duration, work: impl Future<Output = T>) -> Result<T, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let told = runtime.block_on(async { timeout(time, work).await });
    told.map_err(|_| format!("no answer within {} s", time.as_secs_f32()).into())
}
