//! What a download costs: bytes per second of server CPU, beside a bare hyper server that answers the same request with
//! the same bytes from a mapped file, and beside nginx with sendfile where there is one. `cargo bench --bench download`;
//! Linux only.

mod support {
    pub mod ask;
    pub mod cpu;
    pub mod fetch;
    pub mod figures;
    pub mod hyper_server;
    pub mod nginx;
    pub mod repository;
    pub mod request;
    pub mod server;
    pub mod size;
}

use std::env;
use std::path::Path;

use hyper::header::{ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, ETAG, HeaderName, HeaderValue};
use pushlive::store::Store;
use serde_json::Value;
use sha2::{Digest, Sha256};
use support::fetch::Fetch;
use support::nginx::Nginx;
use support::repository::{NewRelease, Repository, zip};
use support::request::{Device, check};
use support::server::Server;
use support::{ask, cpu, figures, hyper_server, size};

/// Pushlive must send so much of what the better of the others sends.
const GOAL: f64 = 0.95;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["mapped", data, sha256] => mapped(Path::new(data), sha256),
        [.., "--bench"] => measure(),
        _ => println!("measures nothing without --bench: run `cargo bench --bench download`"),
    }
}

/// What plugins and proxies need to be told of a bundle, whoever sends it.
const HEAD: [(HeaderName, &str); 4] = [
    (CACHE_CONTROL, "public, max-age=31536000, immutable, no-transform"),
    (ACCEPT_RANGES, "bytes"),
    (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (ETAG, "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""),
];

/// The floor: the file of a store, mapped once, in one piece.
fn mapped(data: &Path, sha256: &str) {
    let mut hash = [0; 32];
    hex::decode_to_slice(sha256, &mut hash).expect("a hash");
    let bytes = Store::read_only(data).map(&hash).expect("a store").expect("a file of it");
    hyper_server::serve(move |_| {
        let bytes = bytes.clone();
        async {
            let mut answer = hyper_server::answer("application/zip", bytes)?;
            answer.headers_mut().extend(HEAD.map(|(name, value)| (name, HeaderValue::from_static(value))));
            Ok(answer)
        }
    });
}

/// Downloads of one size.
struct Case {
    name: &'static str,
    size: usize,
    connections: usize,
    /// Downloads in a turn.
    downloads: usize,
}

const CASES: [Case; 2] = [
    Case { name: "16 MB, 4 at a time", size: 16_000_000, connections: 4, downloads: 24 },
    Case { name: "100 KB, 8 at a time", size: 100_000, connections: 8, downloads: 2_000 },
];

fn measure() {
    let rows: Vec<_> = CASES.iter().map(costs).collect();
    let head =
        ["MB per second of server CPU", "pushlive", "hyper, mapped", "nginx, sendfile", "of the better", "goal 0.95"];
    figures::print("What a download costs", &head, &rows);
    if !Nginx::is_there() {
        println!("\n  nginx was not found on PATH, so it was not measured.");
    }
}

fn costs(case: &Case) -> Vec<String> {
    let bytes = zip(1, case.size);
    let served = Served::new(&bytes);
    let mut turns: Vec<Turns<'_>> = served.sources().map(|source| Turns::new(source, case, &bytes)).collect();
    for _ in 0..size::pick(41, 1) {
        turns.iter_mut().for_each(Turns::take);
    }
    let rates: Vec<f64> = turns.iter().map(|turns| figures::median(&turns.rates)).collect();
    let ours = turns[0].share_of_the_better(&turns[1..]);
    let rate = |at: usize| rates.get(at).map_or_else(|| "-".to_owned(), |rate| format!("{rate:.0}"));
    vec![case.name.to_owned(), rate(0), rate(1), rate(2), format!("{ours:.3}"), figures::verdict(ours >= GOAL)]
}

/// One bundle, and who serves it.
struct Served {
    pushlive: (Server, String),
    mapped: Server,
    nginx: Option<Nginx>,
    _repository: Repository,
}

/// A process that sends the bundle at an address and a path.
struct Source<'s> {
    process: u32,
    address: std::net::SocketAddr,
    path: &'s str,
}

impl Served {
    fn new(bytes: &[u8]) -> Served {
        let repository = Repository::new();
        let release = NewRelease { version: "1.0.0".into(), descriptor: String::new(), zip: bytes.to_vec() };
        repository.commit([release], 1);
        repository.push();
        let pushlive = Server::pushlive(&repository.path());
        let path = path_of_the_bundle(&pushlive);
        let data = repository.path().join("pushlive");
        let sha256 = hex::encode(Sha256::digest(bytes));
        let mapped = hyper_server::start(&["mapped", data.to_str().expect("a path"), &sha256]);
        let nginx = Nginx::is_there().then(|| Nginx::serving(bytes));
        Served { pushlive: (pushlive, path), mapped, nginx, _repository: repository }
    }

    fn sources(&self) -> impl Iterator<Item = Source<'_>> {
        let (pushlive, path) = &self.pushlive;
        let pushlive = Source { process: pushlive.process(), address: pushlive.address, path };
        let mapped = Source { process: self.mapped.process(), address: self.mapped.address, path };
        let nginx = self.nginx.as_ref().map(|n| Source { process: n.process(), address: n.address, path: Nginx::PATH });
        [pushlive, mapped].into_iter().chain(nginx)
    }
}

fn path_of_the_bundle(pushlive: &Server) -> String {
    let device = Device { native: "1.0.0", running: "1.0.0-old", channel: "" };
    let answer = ask::until(pushlive.address, &check(device), r#""url""#);
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    let url = answer["url"].as_str().expect("a URL");
    url.strip_prefix("http://updates.example.com").expect("a URL at the host of the request").to_owned()
}

/// What a source's turns have sent.
struct Turns<'s> {
    source: Source<'s>,
    fetch: Fetch,
    downloads: usize,
    size: usize,
    /// MB per second of CPU, a turn each.
    rates: Vec<f64>,
}

impl<'s> Turns<'s> {
    fn new(source: Source<'s>, case: &Case, bytes: &[u8]) -> Turns<'s> {
        let fetch = Fetch::open(source.address, source.path, case.connections, bytes);
        Turns {
            source,
            fetch,
            downloads: size::pick(case.downloads, case.connections),
            size: bytes.len(),
            rates: Vec::new(),
        }
    }

    fn take(&mut self) {
        let before = cpu::time(self.source.process);
        self.fetch.run(self.downloads);
        let cost = cpu::time(self.source.process) - before;
        self.rates.push((self.downloads * self.size) as f64 / 1e6 / cost.as_secs_f64());
    }

    /// The median over the turns, each beside the others' of the same round.
    fn share_of_the_better(&self, others: &[Turns<'_>]) -> f64 {
        let shares = others.iter().map(|other| {
            let shares: Vec<f64> = self.rates.iter().zip(&other.rates).map(|(ours, theirs)| ours / theirs).collect();
            figures::median(&shares)
        });
        shares.fold(f64::INFINITY, f64::min)
    }
}
