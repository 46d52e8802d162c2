//! A server in a process of its own, so that its CPU time is its own: pushlive, or a floor.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

/// A running server, killed when it is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// The release build of pushlive on a repository.
    pub fn pushlive(repository: &Path) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pushlive"));
        command.arg("serve").arg(repository);
        command.args(["--listen", "127.0.0.1:0", "--operator-listen", "off", "--log-format", "json"]);
        Server::start(command)
    }

    /// Starts one, and waits for the line of its log that says where it listens.
    pub fn start(mut command: Command) -> Server {
        // The load takes one of the few cores, so one thread serves: all servers alike.
        command.env("TOKIO_WORKER_THREADS", "1").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("a server");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines().map_while(Result::ok);
        let address = lines.by_ref().find_map(|line| address(&line));
        // Nobody may wait to log, or it would measure this program.
        thread::spawn(move || lines.for_each(drop));
        match address {
            Some(address) => Server { child, address },
            None => panic!("{command:?} ended before it listened: {:?}", child.wait()),
        }
    }

    /// Stops it as an operator does, and waits for its end: what it learned is kept then.
    #[allow(dead_code, reason = "most have no use for what it keeps")]
    pub fn stop(mut self) {
        let process = Pid::from_raw(i32::try_from(self.child.id()).expect("a process id"));
        kill(process, Signal::SIGTERM).expect("a running server");
        self.child.wait().expect("its end");
    }

    /// Its process.
    #[allow(dead_code, reason = "not everybody asks what it costs")]
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

fn address(line: &str) -> Option<SocketAddr> {
    let line: Value = serde_json::from_str(line).ok()?;
    (line["message"] == "listening").then(|| line["address"].as_str()?.parse().ok())?
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
