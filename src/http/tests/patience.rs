//! Clients that are slow, silent, stuck or gone harm nobody, and how a server stops.

use super::*;
use crate::http::guard::Patience;

/// Short times, so that a test need not wait.
fn hasty() -> Limits {
    let short = Duration::from_millis(300);
    let patience = Patience { head: short, idle: short, window: short, floor: 64 * 1024 };
    Limits { body_read: short, shutdown_grace: short, patience, ..Limits::default() }
}

/// More than the buffers of two sockets hold.
fn large() -> Vec<u8> {
    vec![7; 16 * 1024 * 1024]
}

impl Server {
    /// A download that has begun, of which nothing was read.
    async fn download(&self) -> TcpStream {
        let mut socket = self.connect().await;
        socket.write_all(format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", self.path).as_bytes()).await.unwrap();
        socket.peek(&mut [0]).await.unwrap();
        socket
    }
}

async fn is_closed(mut socket: TcpStream) {
    let mut rest = Vec::new();
    // How it ends, by a reset or in order, does not matter.
    let _ = timeout(HUNG, socket.read_to_end(&mut rest)).await.expect("the server holds the connection");
}

#[tokio::test]
async fn who_does_not_go_on_is_let_go() {
    let server = Server::start(b"zip", hasty()).await;
    for sent in
        ["", "GET /upd", "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n", "GET /livez HTTP/1.1\r\nHost: a\r\n\r\nGET /"]
    {
        let mut socket = server.connect().await;
        socket.write_all(sent.as_bytes()).await.unwrap();
        server.is_well().await;
        is_closed(socket).await;
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Server::start(b"zip", hasty()).await;
    let mut socket = server.connect().await;
    socket.write_all(b"POST /updates HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{").await.unwrap();
    server.is_well().await;
    let reply = Reply::read(&mut socket).await;
    assert_eq!((reply.status, &*reply.error(), reply.header("connection")), (408, "body_too_slow", Some("close")));
}

#[tokio::test]
async fn a_reader_that_stops_is_let_go() {
    let server = Server::start(&large(), Limits { max_connections: 1, ..hasty() }).await;
    let _stuck = server.download().await;
    // There is room for one connection only: that the next is served shows that the first is gone.
    server.is_well().await;
}

#[tokio::test]
async fn a_client_that_closed_its_half_gets_its_answer() {
    let zip = vec![7; 8 * 1024 * 1024];
    let server = Server::start(&zip, Limits::default()).await;
    let mut socket = server.connect().await;
    let request = format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", server.path);
    socket.write_all(request.as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();
    assert_eq!(Reply::read(&mut socket).await.body.len(), zip.len());
}

#[tokio::test]
async fn requests_may_come_all_at_once() {
    let server = Server::start(b"zip", Limits::default()).await;
    let one = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";
    let last = "GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let reply = server.raw([one, one, last].concat().as_bytes()).await;
    assert_eq!(String::from_utf8(reply.body).unwrap().matches(r#"{"status":"ok"}"#).count(), 3);
}

#[tokio::test]
async fn who_is_too_many_waits() {
    let server = Server::start(b"zip", Limits { max_connections: 1, ..Limits::default() }).await;
    let first = server.connect().await;
    let second = server.get("/livez", "");
    tokio::pin!(second);
    assert!(timeout(Duration::from_millis(100), &mut second).await.is_err());
    drop(first);
    assert_eq!(timeout(HUNG, second).await.expect("the permit is lost").status, 200);
}

#[tokio::test]
async fn a_stop_closes_who_is_idle_and_waits_for_downloads() {
    let zip = large();
    let server = Server::start(&zip, Limits::default()).await;
    let (silent, mut idle, mut busy) = (server.connect().await, server.connect().await, server.download().await);
    idle.write_all(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    idle.read_exact(&mut [0; 20]).await.unwrap();
    server.stop.send(()).unwrap();
    is_closed(silent).await;
    is_closed(idle).await;
    assert!(!server.served.is_finished());
    assert_eq!(Reply::read(&mut busy).await.body.len(), zip.len());
    assert_eq!(timeout(HUNG, server.served).await.unwrap().unwrap(), Stopped { cut: 0 });
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn a_download_that_outlasts_the_grace_is_cut() {
    let zip = large();
    let limits = Limits { shutdown_grace: Duration::from_millis(50), ..Limits::default() };
    let server = Server::start(&zip, limits).await;
    let busy = server.download().await;
    server.stop.send(()).unwrap();
    assert_eq!(timeout(HUNG, server.served).await.unwrap().unwrap(), Stopped { cut: 1 });
    is_closed(busy).await;
}

/// Kibibytes of memory that is no mapped file.
fn anonymous_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn downloads_cost_no_memory() {
    let server = Server::start(&large(), Limits::default()).await;
    let before = anonymous_memory();
    let mut downloads = Vec::new();
    for _ in 0..64 {
        downloads.push(server.download().await);
    }
    // A gibibyte is being sent. Other tests of this process use some memory meanwhile.
    let grown = anonymous_memory().saturating_sub(before);
    assert!(grown < 192 * 1024, "{grown} KiB for 64 downloads");
}
