//! How things grow with the number of releases: from the end of a push to the new answer, starts, memory.
//! `cargo bench --bench scale`; Linux only.

mod support {
    pub mod ask;
    pub mod figures;
    pub mod history;
    pub mod memory;
    pub mod repository;
    pub mod request;
    pub mod server;
    pub mod size;
}

use std::env;
use std::fs;
use std::thread;
use std::time::Instant;

use support::memory::{self, Memory};
use support::repository::Repository;
use support::request::{Device, check};
use support::server::Server;
use support::{ask, figures, history, size};

/// Milliseconds from the end of a push.
const LIVE: f64 = 200.0;
/// Milliseconds from the start of the process.
const START: f64 = 1000.0;
/// MiB.
const RESIDENT: f64 = 64.0;

fn main() {
    match env::args().next_back().as_deref() {
        Some("--bench") => measure(),
        _ => println!("measures nothing without --bench: run `cargo bench --bench scale`"),
    }
}

fn measure() {
    let few = Figures::of(size::pick(100, 10));
    let many = Figures::of(size::pick(10_000, 30));
    let row = |name: &str, few: f64, many: f64, goal: Option<f64>| {
        let verdict = goal.map_or_else(String::new, |goal| figures::verdict(few.max(many) < goal));
        let goal = goal.map_or_else(String::new, |goal| format!("< {goal:.0}"));
        vec![name.to_owned(), format!("{few:.1}"), format!("{many:.1}"), format!("x {:.2}", many / few), goal, verdict]
    };
    let middle = |values: &[f64]| figures::median(values);
    let most = |values: &[f64]| figures::percentile(values, 100.0);
    let rows = [
        row(
            "live after the push of one release of 1 MB, median, ms",
            middle(&few.live),
            middle(&many.live),
            Some(LIVE),
        ),
        row("the slowest of those, ms", most(&few.live), most(&many.live), Some(LIVE)),
        row("start with an empty store to the first right answer, ms", few.empty, many.empty, None),
        row("start with a warm store, median, ms", middle(&few.warm), middle(&many.warm), Some(START)),
        row(
            "resident after a start with an empty store, MiB",
            mib(few.after_empty.resident),
            mib(many.after_empty.resident),
            Some(RESIDENT),
        ),
        row("its own of those, MiB", mib(few.after_empty.anonymous), mib(many.after_empty.anonymous), None),
        row(
            "resident after a start with a warm store, MiB",
            mib(few.after_warm.resident),
            mib(many.after_warm.resident),
            Some(RESIDENT),
        ),
        row("its own of those, MiB", mib(few.after_warm.anonymous), mib(many.after_warm.anonymous), None),
        row(
            "resident after the pushes, MiB",
            mib(few.after_pushes.resident),
            mib(many.after_pushes.resident),
            Some(RESIDENT),
        ),
        row("its own of those, MiB", mib(few.after_pushes.anonymous), mib(many.after_pushes.anonymous), None),
    ];
    let head = ["with so many releases", "100", "10,000", "growth", "goal", ""];
    figures::print("How it grows", &head, &rows);
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// What was measured with so many releases.
struct Figures {
    /// Milliseconds from the end of each push to the new answer.
    live: Vec<f64>,
    /// Milliseconds.
    empty: f64,
    /// Milliseconds.
    warm: Vec<f64>,
    after_empty: Memory,
    after_warm: Memory,
    after_pushes: Memory,
}

impl Figures {
    fn of(count: usize) -> Figures {
        let repository = history::repository(count, 1);
        let newest = format!(r#""version":"{}""#, history::version(count - 1));
        let start = |empty: bool| {
            if empty {
                fs::remove_dir_all(repository.path().join("pushlive")).ok();
            }
            let started = Instant::now();
            let server = Server::pushlive(&repository.path());
            ask::until(server.address, &check(DEVICE), &newest);
            (milliseconds(started), memory::of(server.process()), server)
        };
        let (empty, after_empty, server) = start(true);
        server.stop();
        let warm = (0..size::pick(5, 1)).map(|_| {
            let (warm, _, server) = start(false);
            server.stop();
            warm
        });
        let warm: Vec<f64> = warm.collect();
        let (_, after_warm, server) = start(false);
        let live = (count..count + size::pick(15, 2)).map(|at| push(&repository, &server, at)).collect();
        Figures { live, empty, warm, after_empty, after_warm, after_pushes: memory::of(server.process()) }
    }
}

const DEVICE: Device<'static> = Device { native: "1.0.99999", running: "builtin", channel: "" };

/// Milliseconds from the end of a push of one more release of 1 MB to the answer that offers it; less than zero where it
/// was there before git came back.
fn push(repository: &Repository, server: &Server, at: usize) -> f64 {
    let release = history::release_of(at, 1_000_000);
    repository.commit([release], 1);
    let wanted = format!(r#""version":"{}""#, history::version(at));
    thread::scope(|scope| {
        let answered = scope.spawn(|| {
            ask::until(server.address, &check(DEVICE), &wanted);
            Instant::now()
        });
        repository.push();
        let pushed = Instant::now();
        let answered = answered.join().expect("an answer");
        let after = answered.saturating_duration_since(pushed).as_secs_f64();
        (after - pushed.saturating_duration_since(answered).as_secs_f64()) * 1e3
    })
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
