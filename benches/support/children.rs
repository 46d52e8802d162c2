//! What other processes cost that this one starts and waits for.

use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;

/// Time on the wall and on the processors.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    elapsed: Duration,
    cpu: Duration,
}

impl Cost {
    /// Milliseconds from start to end.
    pub fn elapsed(&self) -> f64 {
        self.elapsed.as_secs_f64() * 1e3
    }

    /// Milliseconds of CPU time, of the processes and of those that they waited for.
    pub fn cpu(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e3
    }
}

/// The cost of what runs processes to their end.
pub fn cost(run: impl FnOnce()) -> Cost {
    let (begun, before) = (Instant::now(), spent());
    run();
    Cost { elapsed: begun.elapsed(), cpu: spent().saturating_sub(before) }
}

fn spent() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the usage of children");
    duration(usage.user_time()) + duration(usage.system_time())
}

fn duration(time: TimeVal) -> Duration {
    let micros = u64::try_from(time.tv_usec()).unwrap_or_default();
    Duration::from_secs(u64::try_from(time.tv_sec()).unwrap_or_default()) + Duration::from_micros(micros)
}
