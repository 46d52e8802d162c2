//! What an update check costs: server CPU time per request, beside two floors in the same run, and how long a check waits
//! while a build runs. `cargo bench --bench checks`; Linux only.
//!
//! Where CPU time is counted, all servers run on one CPU, with one thread that serves, and their load on another: what work
//! costs that moves between threads is not in it. Checks come in bursts, one on each connection, and the load never sleeps. How
//! long a check waits is measured where the system puts everything.

mod support {
    pub mod ask;
    pub mod cpu;
    pub mod cpus;
    pub mod figures;
    pub mod floor;
    pub mod history;
    pub mod hyper_server;
    pub mod load;
    pub mod pace;
    pub mod repository;
    pub mod request;
    pub mod server;
    pub mod size;
}

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use support::load::Load;
use support::repository::{NewRelease, Repository};
use support::request::{self, Device, check};
use support::server::Server;
use support::{ask, cpu, cpus, figures, floor, history, hyper_server, pace, size};

/// Pushlive may cost so many times what the parsing floor costs.
const GOAL: f64 = 1.10;
/// A check where so many rollouts are partial may cost so many times one where none is.
const PARTIAL: usize = 20;
const GOAL_OF_PARTIAL: f64 = 1.30;
/// So many devices ask then, in turn.
const FLEET: u32 = 1000;
const CONNECTIONS: usize = 16;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["constant", body] => floor::constant(body.to_owned()),
        ["parsing", body] => floor::parsing(body.to_owned()),
        [.., "--bench"] => measure(),
        _ => println!("measures nothing without --bench: run `cargo bench --bench checks`"),
    }
}

/// A server's turn in a round is this many requests.
fn in_a_turn() -> usize {
    size::pick(2_000, 50)
}

fn rounds() -> usize {
    size::pick(60, 1)
}

/// Releases of a large repository.
fn many() -> usize {
    size::pick(10_000, 200)
}

/// Who asks, of how many releases.
struct Case {
    name: &'static str,
    releases: usize,
    device: Device<'static>,
    /// What is expected in the answer.
    gets: String,
}

const NEWEST: Device<'static> = Device { native: "1.0.99999", running: "builtin", channel: "" };

fn cases() -> [Case; 6] {
    let gets = |at: usize| format!(r#""version":"{}""#, history::version(at));
    let of = |name, releases, device, gets| Case { name, releases, device, gets };
    let many = many();
    let up_to_date = Device { running: size::pick("1.10000.0", "1.200.0"), ..NEWEST };
    [
        of("1 release", 1, NEWEST, gets(0)),
        of("100 releases", 100, NEWEST, gets(99)),
        of("10,000 releases", many, NEWEST, gets(many - 1)),
        of("only the lowest fits", many, Device { native: "1.0.0", ..NEWEST }, gets(0)),
        of("a channel with one of 10,000", many, Device { channel: "solo", ..NEWEST }, gets(history::solo())),
        of("up to date, of 10,000", many, up_to_date, "no_new_version_available".to_owned()),
    ]
}

fn measure() {
    let mut rows = Vec::new();
    for cases in cases().chunk_by(|a, b| a.releases == b.releases) {
        let repository = history::repository(cases[0].releases, 100);
        let pushlive = cpus::apart(|| Server::pushlive(&repository.path()));
        rows.extend(cases.iter().map(|case| costs(case, &pushlive)));
        drop((pushlive, repository));
    }
    let head = ["server CPU per check", "pushlive", "constant", "parsing", "x constant", "x parsing", "goal 1.10"];
    figures::print("What a check costs, in microseconds of server CPU, beside two bare hyper servers", &head, &rows);
    rollouts();
    waiting();
}

/// What it costs that rollouts are partial. A device is held against one after the other until one lets it in, by a hash
/// each time: where each lets in a tenth, most are let in on the way, and where none lets in anybody, all go the whole way.
fn rollouts() {
    // all versions have two digits in the middle, so that all answers have one length
    const OPEN: usize = 9;
    let serving = |rollout: Option<&str>| {
        let repository = Repository::new();
        let partial = rollout.map(|rollout| (1..=PARTIAL).map(move |at| partial_release_of(OPEN + at, rollout)));
        repository.commit([history::release_of(OPEN, 0)].into_iter().chain(partial.into_iter().flatten()), 100);
        repository.push();
        let pushlive = cpus::apart(|| Server::pushlive(&repository.path()));
        (repository, pushlive)
    };
    let [none, tenths, shut] = [None, Some("10% for 9999w"), Some("0% for 9999w")].map(serving);
    let requests = request::checks(NEWEST, FLEET);
    for (_, server) in [&none, &tenths, &shut] {
        ask::until(server.address, &requests[0], r#""version":"1."#);
    }
    let mut turns = [&none, &tenths, &shut].map(|(_, server)| Turns::new(server, &requests));
    for _ in 0..rounds() {
        turns.iter_mut().for_each(Turns::take);
    }
    let [none, tenths, shut] = turns;
    let row = |name: &str, partial: &Turns<'_>| {
        let over = partial.ratio(&none);
        let verdict = figures::verdict(over < GOAL_OF_PARTIAL);
        vec![name.to_owned(), partial.shown(), none.shown(), format!("{over:.3}"), verdict]
    };
    let rows = [row("the most: nobody let in by any", &shut), row("a fleet, a tenth let in by each", &tenths)];
    let head = ["20 partial rollouts", "partial", "open", "times", "goal 1.30"];
    figures::print("What rollouts cost a check, in microseconds of server CPU", &head, &rows);
}

/// One whose steps are at their first for a very long time.
fn partial_release_of(at: usize, first: &str) -> NewRelease {
    let steps = format!("rollout = [\"{first}\", \"100%\"]\nrollout_start = 2026-01-01T00:00:00Z\n");
    NewRelease { descriptor: steps, ..history::release_of(at, 0) }
}

/// How long checks take, of a repository with 10,000 releases: while nothing happens, and while 200 bundles are read.
fn waiting() {
    cpus::anywhere();
    let repository = history::repository(many(), 100);
    let pushlive = Server::pushlive(&repository.path());
    let request = check(NEWEST);
    let floor = hyper_server::start(&["constant", &ask::until(pushlive.address, &request, "url")]);
    let servers = [pushlive.address, floor.address];
    let stop = AtomicBool::new(false);
    let during = |what: &dyn Fn()| {
        stop.store(false, Ordering::Relaxed);
        thread::scope(|scope| {
            let waits = scope.spawn(|| pace::waits(servers, &request, &stop));
            what();
            stop.store(true, Ordering::Relaxed);
            waits.join().expect("answers")
        })
    };
    let idle = during(&|| thread::sleep(size::pick(Duration::from_secs(5), Duration::from_millis(50))));
    // the bundles of the build in which checks are timed
    let bundles = size::pick(200, 2);
    repository.commit((0..bundles).map(|at| history::release_of(many() + at, 1_000_000)), bundles);
    repository.push();
    let newest = format!(r#""version":"{}""#, history::version(many() + bundles - 1));
    let started = Instant::now();
    let building = during(&|| drop(ask::until(pushlive.address, &request, &newest)));
    let title =
        format!("How long a check takes, in milliseconds; the build took {:.1} s", started.elapsed().as_secs_f64());
    let rows = [
        waits_row("pushlive, idle", &idle[0]),
        waits_row("constant, idle", &idle[1]),
        waits_row("pushlive, while 200 new bundles of 1 MB are read", &building[0]),
        waits_row("constant, in the same seconds", &building[1]),
    ];
    figures::print(&title, &["", "checks", "median", "p99", "longest"], &rows);
}

fn waits_row(name: &str, waits: &[f64]) -> Vec<String> {
    let at = |percent| format!("{:.2}", figures::percentile(waits, percent));
    vec![name.to_owned(), waits.len().to_string(), at(50.0), at(99.0), at(100.0)]
}

/// One row: the servers take short turns, so that whatever else the machine does hits them alike.
fn costs(case: &Case, pushlive: &Server) -> Vec<String> {
    let request = check(case.device);
    let body = ask::until(pushlive.address, &request, &case.gets);
    let floors = ["constant", "parsing"].map(|kind| cpus::apart(|| hyper_server::start(&[kind, &body])));
    let requests = [request];
    let mut turns = [pushlive, &floors[0], &floors[1]].map(|server| Turns::new(server, &requests));
    for _ in 0..rounds() {
        turns.iter_mut().for_each(Turns::take);
    }
    let [pushlive, constant, parsing] = turns;
    let over = pushlive.ratio(&parsing);
    vec![
        case.name.to_owned(),
        pushlive.shown(),
        constant.shown(),
        parsing.shown(),
        format!("{:.3}", pushlive.ratio(&constant)),
        format!("{over:.3}"),
        figures::verdict(over <= GOAL),
    ]
}

/// What a server's turns have cost.
struct Turns<'s> {
    server: &'s Server,
    load: Load<'s>,
    /// Per request, a turn each.
    micros: Vec<f64>,
}

impl<'s> Turns<'s> {
    fn new(server: &'s Server, requests: &'s [Vec<u8>]) -> Turns<'s> {
        let mut load = Load::open(server.address, requests, CONNECTIONS);
        load.run(in_a_turn());
        Turns { server, load, micros: Vec::new() }
    }

    fn take(&mut self) {
        let before = cpu::time(self.server.process());
        self.load.run(in_a_turn());
        let cost = cpu::time(self.server.process()) - before;
        self.micros.push(cost.as_secs_f64() * 1e6 / in_a_turn() as f64);
    }

    fn shown(&self) -> String {
        format!("{:.2}", figures::median(&self.micros))
    }

    fn ratio(&self, floor: &Turns<'_>) -> f64 {
        let ratios: Vec<f64> = self.micros.iter().zip(&floor.micros).map(|(ours, floor)| ours / floor).collect();
        figures::median(&ratios)
    }
}
