//! A bare hyper server, set up as the daemon's own is: what is left when nothing is decided.

use std::convert::Infallible;
use std::env;
use std::future::Future;
use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use super::server::Server;

/// What it answers.
pub type Answer = Result<Response<Full<Bytes>>, Infallible>;

/// Starts this benchmark once more, as the server that these arguments ask for.
pub fn start(arguments: &[&str]) -> Server {
    let mut command = Command::new(env::current_exe().expect("the path of this benchmark"));
    command.args(arguments);
    Server::start(command)
}

/// Serves until it is killed.
pub fn serve<F: Future<Output = Answer> + Send>(answer: impl Fn(Request<Incoming>) -> F + Clone + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(accept(answer));
}

/// The bytes, and what they are.
pub fn answer(kind: &'static str, bytes: Bytes) -> Answer {
    let mut response = Response::new(Full::new(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(response)
}

async fn accept<F: Future<Output = Answer> + Send>(answer: impl Fn(Request<Incoming>) -> F + Clone + Send + 'static) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    eprintln!(r#"{{"message":"listening","address":"{address}"}}"#);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(10)).max_buf_size(32 * 1024);
    loop {
        let (socket, _) = listener.accept().await.expect("a connection");
        socket.set_nodelay(true).expect("a socket");
        let connection = http.serve_connection(TokioIo::new(socket), service_fn(answer.clone()));
        tokio::spawn(async move { connection.await.ok() });
    }
}
