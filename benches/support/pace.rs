//! How long answers take at a steady pace, as devices feel it: who has to wait for one answer asks the next time late, and
//! that counts too.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::ask::{ask, connect};

const BETWEEN: Duration = Duration::from_millis(1);

/// Asks each server once a millisecond, all at the same time, until `stop` is set. Milliseconds of each answer, by server.
pub fn waits<const N: usize>(servers: [SocketAddr; N], request: &[u8], stop: &AtomicBool) -> [Vec<f64>; N] {
    thread::scope(|scope| {
        let asking = servers.map(|server| scope.spawn(move || steadily(server, request, stop)));
        asking.map(|thread| thread.join().expect("answers"))
    })
}

fn steadily(server: SocketAddr, request: &[u8], stop: &AtomicBool) -> Vec<f64> {
    let mut connection = connect(server);
    let mut waits = Vec::new();
    let mut due = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        due += BETWEEN;
        let is_late = due < Instant::now();
        thread::sleep(due.saturating_duration_since(Instant::now()));
        // a thread that wakes late is no fault of the server; an answer that came late is
        let since = if is_late { due } else { Instant::now() };
        ask(&mut connection, request);
        waits.push(since.elapsed().as_secs_f64() * 1e3);
    }
    waits
}
