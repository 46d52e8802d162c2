//! What a push costs the one who waits for it: the hook, and the commands that look at a repository before a push.
//! `cargo bench --bench pushes`; Linux only.
//!
//! Pushes with and without the hook take turns, so that what differs is the hook's. Commands are timed whole, from the
//! start of the process. There are thousands of tags, and both plans are of changes that devices feel.

mod support {
    pub mod ask;
    pub mod children;
    pub mod figures;
    pub mod history;
    pub mod hook;
    pub mod repository;
    pub mod request;
    pub mod server;
    pub mod size;
}

use std::env;

use serde_json::Value;
use support::children::Cost;
use support::repository::Repository;
use support::request::{Device, check};
use support::server::Server;
use support::{ask, children, figures, history, hook, size};

/// Milliseconds that the hook may add to a push into a repository of 1,000 releases.
const ADDED: f64 = 100.0;
const DEVICE: Device<'static> = Device { native: "1.0.99999", running: "builtin", channel: "" };

fn main() {
    match env::args().next_back().as_deref() {
        Some("--bench") => measure(),
        _ => println!("measures nothing without --bench: run `cargo bench --bench pushes`"),
    }
}

/// How often each is done.
fn turns() -> usize {
    size::pick(9, 1)
}

/// Bytes of the bundle that is pushed.
fn bundle() -> usize {
    size::pick(5_000_000, 50_000)
}

fn measure() {
    let figures: Vec<Figures> = size::pick([1000, 10_000], [10, 30]).into_iter().flat_map(Figures::of).collect();
    let row = |name: &str, of: &dyn Fn(&Figures) -> f64, goal: Option<f64>| {
        let mut row = vec![name.to_owned()];
        row.extend(figures.iter().map(|one| format!("{:.1}", of(one))));
        let goals = goal.map_or_else(Vec::new, |goal| {
            let reached = figures.iter().filter(|one| one.releases <= 1000).all(|one| of(one) <= goal);
            vec![format!("<= {goal:.0} for 1,000"), figures::verdict(reached)]
        });
        row.extend(goals);
        row
    };
    let added = |f: fn(&Cost) -> f64| move |one: &Figures| middle(&one.guarded, f) - middle(&one.unguarded, f);
    let rows = [
        row("a push of 5 MB without a hook", &|one| middle(&one.unguarded, Cost::elapsed), None),
        row("the hook adds", &added(Cost::elapsed), Some(ADDED)),
        row("of that CPU time", &added(Cost::cpu), None),
        row("pushlive check", &|one| middle(&one.check, Cost::elapsed), None),
        row("of that CPU time", &|one| middle(&one.check, Cost::cpu), None),
        row("pushlive plan --tag", &|one| middle(&one.plan_of_a_tag, Cost::elapsed), None),
        row("of that CPU time", &|one| middle(&one.plan_of_a_tag, Cost::cpu), None),
        row("pushlive plan of a commit", &|one| middle(&one.plan_of_a_commit, Cost::elapsed), None),
        row("of that CPU time", &|one| middle(&one.plan_of_a_commit, Cost::cpu), None),
    ];
    let head = ["milliseconds, median", "1,000 cold", "with a daemon", "10,000 cold", "with a daemon", "goal", ""];
    figures::print("What a push costs", &head, &rows);
}

fn middle(costs: &[Cost], of: impl Fn(&Cost) -> f64) -> f64 {
    figures::median(&costs.iter().map(of).collect::<Vec<_>>())
}

/// What was measured with so many releases, with or without a daemon that keeps what it knows.
struct Figures {
    releases: usize,
    unguarded: Vec<Cost>,
    guarded: Vec<Cost>,
    check: Vec<Cost>,
    plan_of_a_tag: Vec<Cost>,
    plan_of_a_commit: Vec<Cost>,
}

impl Figures {
    /// Without a daemon, and then with one.
    fn of(releases: usize) -> [Figures; 2] {
        let repository = history::repository(releases, 1);
        hook::install(&repository.path());
        let mut next = releases;
        let cold = Figures::measured(&repository, releases, &mut next);
        let server = Server::pushlive(&repository.path());
        let newest = format!(r#""version":"{}""#, history::version(next - 1));
        ask::until(server.address, &check(DEVICE), &newest);
        [cold, Figures::measured(&repository, releases, &mut next)]
    }

    fn measured(repository: &Repository, releases: usize, next: &mut usize) -> Figures {
        let path = &repository.path();
        let mut push = |is_guarded: bool| {
            repository.commit([history::release_of(*next, bundle())], 1);
            *next += 1;
            let push = || children::cost(|| repository.push());
            if is_guarded { push() } else { hook::without(path, push) }
        };
        let (mut unguarded, mut guarded) = (Vec::new(), Vec::new());
        for _ in 0..turns() {
            unguarded.push(push(false));
            guarded.push(push(true));
        }
        let command = |arguments: &[&str]| {
            (0..turns()).map(|_| children::cost(|| drop(hook::pushlive(path, arguments)))).collect::<Vec<_>>()
        };
        let plan = |arguments: &[&str]| {
            let said = hook::pushlive(path, &[&["plan", "--json"], arguments].concat());
            let said: Value = serde_json::from_str(&said).expect("JSON");
            let changes = said["changes"].as_array().map_or(0, Vec::len);
            assert_ne!(changes, 0, "plan {arguments:?} is of nothing that devices feel");
            command(&[&["plan"], arguments].concat())
        };
        let tag = format!("tagged/{}@10%", history::version(*next - 1));
        let (plan_of_a_tag, plan_of_a_commit) = (plan(&["--tag", &tag]), plan(&["main~1", "main"]));
        Figures { releases, unguarded, guarded, check: command(&["check"]), plan_of_a_tag, plan_of_a_commit }
    }
}
