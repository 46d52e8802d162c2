//! Bytes in, bytes out, over real sockets.

mod answers;
mod patience;

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use semver::Version;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::connection::{Audience, Limits};
use super::listen::{Stopped, serve};
use super::live::{Live, Retired, State};
use super::origin::Urls;
use crate::release::platform::PerPlatform;
use crate::release::policy::{AppPolicy, ChannelPolicy, Descriptor};
use crate::release::table::{App, Bundle, Release, Table};
use crate::release::tags::AppTags;
use crate::release::time::Timestamp;
use crate::store::Store;
use crate::telemetry::Events;

const VERSION: &str = "1.2.0+b";
/// Longer than any test takes; whoever waits so long has hung.
const HUNG: Duration = Duration::from_secs(20);

/// A server of one app with one release.
struct Server {
    address: SocketAddr,
    state: Arc<State>,
    events: Arc<Events>,
    table: Arc<Table>,
    path: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<Stopped>,
    _data: TempDir,
}

fn clock() -> Timestamp {
    Timestamp(1_000_000_000_000)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn table(bundle: Bundle) -> Table {
    let policy = AppPolicy {
        id: "com.example.app".into(),
        name: None,
        default_channel: "production".into(),
        channels: vec![ChannelPolicy::named("production")],
        overrides: Vec::new(),
    };
    let release = Release {
        name: VERSION.into(),
        version: Version::parse(VERSION).unwrap(),
        descriptor: Arc::new(Descriptor::default()),
        bundles: PerPlatform::from_fn(|_| Some(Arc::new(bundle))),
    };
    let app = App::new(policy, [Arc::new(release)], HashSet::new(), AppTags::default());
    Table::new("c0ffee".into(), "0123456789abcdef".into(), [Arc::new(app)])
}

impl Server {
    /// Started, but with nothing published.
    async fn waiting(zip: &[u8], limits: Limits) -> Server {
        let data = TempDir::new().unwrap();
        let store = Arc::new(Store::open(data.path(), "test").unwrap());
        let bundle = Bundle { sha256: sha256(zip), crc32: 0, size: zip.len() as u64 };
        store.keep(&bundle.sha256, zip).unwrap();
        let hex: String = bundle.sha256.iter().map(|b| format!("{b:02x}")).collect();
        let events = Arc::new(Events::default());
        let urls = Urls::new(None, None, Arc::new(|peer| peer.is_loopback()));
        let state = Arc::new(State::new(store, urls, Arc::clone(&events), clock));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move { stopped.await.unwrap_or(()) };
        let served = tokio::spawn(serve(listener, Audience::Public, Arc::clone(&state), limits, shutdown));
        let path = format!("/bundles/com.example.app/1.2.0%2Bb/{hex}.zip");
        Server { address, state, events, table: Arc::new(table(bundle)), path, stop, served, _data: data }
    }

    async fn start(zip: &[u8], limits: Limits) -> Server {
        let server = Server::waiting(zip, limits).await;
        server.publish(Some(Arc::clone(&server.table)), Retired::default());
        server
    }

    fn publish(&self, table: Option<Arc<Table>>, retired: Retired) {
        self.state.publish(Arc::new(Live::new(table, 1, 2, Err("it is gone".into()), retired, None)));
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and reads until the server closes.
    async fn raw(&self, bytes: &[u8]) -> Reply {
        let mut socket = self.connect().await;
        socket.write_all(bytes).await.unwrap();
        Reply::read(&mut socket).await
    }

    async fn get(&self, path: &str, headers: &str) -> Reply {
        self.ask("GET", path, headers, b"").await
    }

    async fn post(&self, path: &str, body: &[u8]) -> Reply {
        self.ask("POST", path, &format!("Content-Length: {}\r\n", body.len()), body).await
    }

    async fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Reply {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n{headers}\r\n");
        self.raw(&[head.as_bytes(), body].concat()).await
    }

    /// That others go on being served.
    async fn is_well(&self) {
        let reply = timeout(HUNG, self.get("/livez", "")).await.expect("the server hangs");
        assert_eq!(reply.status, 200);
    }
}

/// What came back, until the end of the connection.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    async fn read(socket: &mut TcpStream) -> Reply {
        let mut bytes = Vec::new();
        let read = timeout(HUNG, socket.read_to_end(&mut bytes)).await.expect("the server holds the connection");
        // A reset after the answer is how a connection with unread bytes ends.
        assert!(read.is_ok() || !bytes.is_empty(), "{read:?}");
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").expect("an answer with a head");
        let head = String::from_utf8(bytes[..end + 2].to_vec()).unwrap().to_lowercase();
        Reply { status: head[9..12].parse().unwrap(), head, body: bytes[end + 4..].to_vec() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    fn json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("access-control-allow-origin"), Some("*"));
        assert_eq!(self.header("etag"), None);
        serde_json::from_slice(&self.body).unwrap()
    }

    fn error(&self) -> String {
        let json = self.json();
        assert!(json["message"].as_str().is_some_and(|m| !m.is_empty()), "{json}");
        json["error"].as_str().unwrap().to_owned()
    }
}
