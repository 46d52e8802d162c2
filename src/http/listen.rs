//! Accepts connections, serves them, stops.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tracing::{debug, warn};

use super::answer::Answer;
use super::connection::{Audience, Connection, Limits};
use super::guard::Guard;
use super::live::State;
use super::stop::Stop;
use super::{operator, route};

/// How a server stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Connections that were still busy when the grace was over, and were cut.
    pub cut: usize,
}

/// Serves until `shutdown` is done. Then idle connections are closed at once, and busy ones once they have their answer, or
/// when the grace is over.
pub async fn serve(
    listener: TcpListener,
    audience: Audience,
    state: Arc<State>,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) -> Stopped {
    let mut server = Server::new(audience, state, limits);
    tokio::select! {
        biased;
        () = shutdown => {}
        () = server.accept_all(&listener) => {}
    }
    drop(listener);
    server.stop().await
}

struct Server {
    audience: Audience,
    state: Arc<State>,
    limits: Limits,
    http: http1::Builder,
    permits: Arc<Semaphore>,
    stop: Stop,
    connections: JoinSet<()>,
}

impl Server {
    fn new(audience: Audience, state: Arc<State>, limits: Limits) -> Self {
        let mut http = http1::Builder::new();
        // The guard's clock runs instead of hyper's, which makes a timer per request. A client may close its half once it
        // has asked, and hyper need not read to find out.
        http.header_read_timeout(None)
            .half_close(true)
            .max_header_size(limits.max_head)
            .max_buf_size(2 * limits.max_head);
        Server {
            audience,
            state,
            http,
            permits: Arc::new(Semaphore::new(limits.max_connections)),
            stop: Stop::default(),
            connections: JoinSet::new(),
            limits,
        }
    }

    async fn accept_all(&mut self, listener: &TcpListener) {
        let mut is_failing = false;
        // A permit before accepting: who is too many waits in the system's queue. The semaphore is never closed.
        while let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await {
            while self.connections.try_join_next().is_some() {}
            match listener.accept().await {
                Ok((socket, peer)) => {
                    is_failing = false;
                    self.start(socket, peer, permit);
                }
                Err(e) => {
                    tell(&e, is_failing);
                    is_failing = true;
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    fn start(&mut self, socket: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        if let Err(e) = socket.set_nodelay(true) {
            debug!(%peer, error = %e, "the connection was gone before it began");
            return;
        }
        let reads_body = Arc::new(AtomicBool::new(false));
        let guard = Guard::new(socket, self.limits.patience, Arc::clone(&reads_body));
        let (state, audience) = (Arc::clone(&self.state), self.audience.clone());
        let connection = Arc::new(Connection { state, audience, limits: self.limits, peer: peer.ip(), reads_body });
        let service = service_fn(move |request: Request<Incoming>| {
            let connection = Arc::clone(&connection);
            async move {
                // taken apart here, since each function that hands it on would copy it
                let (mut head, body) = request.into_parts();
                Ok::<_, Infallible>(handle(&connection, &mut head, body).await)
            }
        });
        let served = self.http.serve_connection(TokioIo::new(guard), service);
        let mut stop = self.stop.listener();
        self.connections.spawn(async move {
            let mut served = pin!(served);
            let ended = poll_fn(|context| {
                if stop.hears(context) {
                    served.as_mut().graceful_shutdown();
                }
                served.as_mut().poll(context)
            });
            if let Err(e) = ended.await {
                debug!(%peer, error = %e, "a connection broke");
            }
            drop(permit);
        });
    }

    async fn stop(self) -> Stopped {
        let Server { stop, mut connections, .. } = self;
        stop.say();
        let all_end = async { while connections.join_next().await.is_some() {} };
        // Dropping what is left of the set cuts it.
        let _ = timeout(self.limits.shutdown_grace, all_end).await;
        while connections.try_join_next().is_some() {}
        let cut = connections.len();
        if cut > 0 {
            warn!(
                cut,
                "`shutdown_grace` was over: connections that were still answering were cut; raise it to give downloads longer"
            );
        }
        Stopped { cut }
    }
}

async fn handle(connection: &Connection, head: &mut Parts, body: Incoming) -> Answer {
    match &connection.audience {
        Audience::Public => route::handle(connection, head, body).await,
        Audience::Operator(operator) => operator::route::handle(connection, operator, head, body).await,
    }
}

/// Says so once, not ten times a second.
fn tell(error: &io::Error, was_failing: bool) {
    if !was_failing {
        warn!(
            %error,
            "cannot accept connections; where there are too many open files, raise the limit (ulimit -n, LimitNOFILE) \
             or lower max_connections"
        );
    }
}
