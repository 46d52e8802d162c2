//! What an update check costs: server CPU time per request, beside two floors in the same run, and how long a check waits
//! while a build runs. `cargo bench --bench checks`; Linux only.

mod support {
    pub mod ask;
    pub mod cpu;
    pub mod figures;
    pub mod floor;
    pub mod history;
    pub mod hyper_server;
    pub mod load;
    pub mod pace;
    pub mod repository;
    pub mod request;
    pub mod server;
}

use std::env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use support::load::Load;
use support::repository::{NewRelease, Repository};
use support::request::{Device, check};
use support::server::Server;
use support::{ask, cpu, figures, floor, history, hyper_server, pace};

/// Pushlive may cost so many times what the parsing floor costs.
const GOAL: f64 = 1.10;
/// A check where so many rollouts are partial may cost so many times one where none is.
const PARTIAL: usize = 20;
const GOAL_OF_PARTIAL: f64 = 1.30;
const CONNECTIONS: usize = 8;
/// A turn is this many requests.
const REQUESTS: usize = 2_000;
const TURNS: usize = 60;
/// How long the quiet is in which checks are timed.
const IDLE: Duration = Duration::from_secs(5);
/// Bundles of the build in which checks are timed.
const BUILD: usize = 200;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["constant", body] => floor::constant(body.to_owned()),
        ["parsing", body] => floor::parsing(body.to_owned()),
        [.., "--bench"] => measure(),
        _ => println!("measures nothing without --bench: run `cargo bench --bench checks`"),
    }
}

/// Who asks, of how many releases.
struct Case {
    name: &'static str,
    releases: usize,
    device: Device<'static>,
    /// What is expected in the answer.
    gets: &'static str,
}

const NEWEST: Device<'static> = Device { native: "1.0.99999", running: "builtin", channel: "" };

const CASES: [Case; 6] = [
    Case { name: "1 release", releases: 1, device: NEWEST, gets: r#""version":"1.1.0""# },
    Case { name: "100 releases", releases: 100, device: NEWEST, gets: r#""version":"1.100.0""# },
    Case { name: "10,000 releases", releases: 10_000, device: NEWEST, gets: r#""version":"1.10000.0""# },
    Case {
        name: "only the lowest fits",
        releases: 10_000,
        device: Device { native: "1.0.0", running: "builtin", channel: "" },
        gets: r#""version":"1.1.0""#,
    },
    Case {
        name: "a channel with one of 10,000",
        releases: 10_000,
        device: Device { native: "1.0.99999", running: "builtin", channel: "solo" },
        gets: r#""version":"1.5001.0""#,
    },
    Case {
        name: "up to date, of 10,000",
        releases: 10_000,
        device: Device { native: "1.0.99999", running: "1.10000.0", channel: "" },
        gets: "no_new_version_available",
    },
];

fn measure() {
    let mut rows = Vec::new();
    for cases in CASES.chunk_by(|a, b| a.releases == b.releases) {
        let (repository, pushlive) = serving(cases[0].releases);
        rows.extend(cases.iter().map(|case| costs(case, &pushlive)));
        drop((pushlive, repository));
    }
    let head = ["server CPU per check", "pushlive", "constant", "parsing", "x constant", "x parsing", "goal 1.10"];
    figures::print("What a check costs, in microseconds of server CPU, beside two bare hyper servers", &head, &rows);
    rollouts();
    waiting();
}

/// What it costs that a device is asked for at many doors, and let in at the last.
fn rollouts() {
    let serving = |partial: usize| {
        let repository = Repository::new();
        let partial = (1..=partial).map(partial_release_of);
        repository.commit([history::release_of(0, 0)].into_iter().chain(partial), 100);
        repository.push();
        let pushlive = Server::pushlive(&repository.path());
        (repository, pushlive)
    };
    let (none, partial) = (serving(0), serving(PARTIAL));
    let request = check(NEWEST);
    for (_, server) in [&none, &partial] {
        ask::until(server.address, &request, r#""version":"1.1.0""#);
    }
    let mut turns = [&partial.1, &none.1].map(|server| Turns::new(server, &request));
    for _ in 0..TURNS {
        turns.iter_mut().for_each(Turns::take);
    }
    let [partial, none] = turns;
    let over = partial.ratio(&none);
    let micros = |turns: &Turns<'_>| format!("{:.2}", figures::median(&turns.micros));
    let row = vec![micros(&partial), micros(&none), format!("{over:.3}"), figures::verdict(over < GOAL_OF_PARTIAL)];
    let head = ["20 partial rollouts", "none", "times", "goal 1.30"];
    figures::print("What rollouts cost a check, in microseconds of server CPU", &head, &[row]);
}

fn serving(releases: usize) -> (Repository, Server) {
    let repository = Repository::new();
    repository.commit(history::releases(releases), 100);
    repository.push();
    let pushlive = Server::pushlive(&repository.path());
    (repository, pushlive)
}

/// One that nobody is in: its steps are at their first for a very long time.
fn partial_release_of(at: usize) -> NewRelease {
    let steps = "rollout = [\"0% for 9999w\", \"100%\"]\nrollout_start = 2026-01-01T00:00:00Z\n";
    NewRelease { descriptor: steps.to_owned(), ..history::release_of(at, 0) }
}

/// How long checks take, of a repository with 10,000 releases: while nothing happens, and while 200 bundles are read.
fn waiting() {
    let (repository, pushlive) = serving(10_000);
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
    let idle = during(&|| thread::sleep(IDLE));
    let releases = (0..BUILD).map(|at| history::release_of(10_000 + at, 1_000_000));
    repository.commit(releases, BUILD);
    repository.push();
    let newest = format!(r#""version":"{}""#, history::version(10_000 + BUILD - 1));
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
    let body = ask::until(pushlive.address, &request, case.gets);
    let floors = ["constant", "parsing"].map(|kind| hyper_server::start(&[kind, &body]));
    let mut turns = [pushlive, &floors[0], &floors[1]].map(|server| Turns::new(server, &request));
    for _ in 0..TURNS {
        turns.iter_mut().for_each(Turns::take);
    }
    let [pushlive, constant, parsing] = turns;
    let over = pushlive.ratio(&parsing);
    let micros = |turns: &Turns<'_>| format!("{:.2}", figures::median(&turns.micros));
    vec![
        case.name.to_owned(),
        micros(&pushlive),
        micros(&constant),
        micros(&parsing),
        format!("{:.3}", pushlive.ratio(&constant)),
        format!("{over:.3}"),
        figures::verdict(over <= GOAL),
    ]
}

/// What a server's turns have cost.
struct Turns<'s> {
    server: &'s Server,
    load: Load,
    /// Per request, a turn each.
    micros: Vec<f64>,
}

impl<'s> Turns<'s> {
    fn new(server: &'s Server, request: &[u8]) -> Turns<'s> {
        let mut load = Load::open(server.address, request.to_vec(), CONNECTIONS);
        load.run(REQUESTS);
        Turns { server, load, micros: Vec::with_capacity(TURNS) }
    }

    fn take(&mut self) {
        let before = cpu::time(self.server.process());
        self.load.run(REQUESTS);
        let cost = cpu::time(self.server.process()) - before;
        self.micros.push(cost.as_secs_f64() * 1e6 / REQUESTS as f64);
    }

    fn ratio(&self, floor: &Turns<'_>) -> f64 {
        let ratios: Vec<f64> = self.micros.iter().zip(&floor.micros).map(|(ours, floor)| ours / floor).collect();
        figures::median(&ratios)
    }
}
