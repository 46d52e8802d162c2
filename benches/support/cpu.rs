//! What a process has cost so far.

use std::time::Duration;

use nix::time::ClockId;
use nix::unistd::Pid;

/// CPU time of all threads of a process since its start, in user space and in the kernel.
pub fn time(process: u32) -> Duration {
    let process = Pid::from_raw(i32::try_from(process).expect("a process id"));
    let clock = ClockId::pid_cpu_clock_id(process).expect("the CPU clock of a running process");
    clock.now().expect("its time").into()
}
