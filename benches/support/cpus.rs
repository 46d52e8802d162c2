//! Which CPU does what: where a server and its load meet on one, waking each other costs less, and a comparison with a server
//! that runs apart says nothing.

use std::sync::OnceLock;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

/// Starts a server on a CPU of its own, one for all servers. This thread keeps to another one from then on.
pub fn apart<T>(start: impl FnOnce() -> T) -> T {
    let [servers, load, ..] = allowed() else {
        println!("only one CPU may be used: a server and its load share it, and ratios say little");
        return start();
    };
    keep_to(&[*servers]);
    let server = start();
    keep_to(&[*load]);
    server
}

/// Lets this thread run anywhere again, and what it starts.
pub fn anywhere() {
    keep_to(allowed());
}

/// The CPUs that this process may run on, as it began.
fn allowed() -> &'static [usize] {
    static ALLOWED: OnceLock<Vec<usize>> = OnceLock::new();
    ALLOWED.get_or_init(|| {
        let set = sched_getaffinity(Pid::from_raw(0)).expect("the CPUs of this thread");
        (0..CpuSet::count()).filter(|cpu| set.is_set(*cpu).unwrap_or(false)).collect()
    })
}

fn keep_to(cpus: &[usize]) {
    let mut set = CpuSet::new();
    cpus.iter().for_each(|cpu| set.set(*cpu).expect("a CPU"));
    sched_setaffinity(Pid::from_raw(0), &set).expect("some CPUs");
}
