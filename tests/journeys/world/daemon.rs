//! The real binary, serving on a real port.

mod ending;
mod state;

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Reply, World, pushlive, request};

/// The longest that anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running daemon, killed when it is dropped.
pub struct Daemon {
    child: Child,
    address: SocketAddr,
    operator: Option<SocketAddr>,
    lines: Mutex<Receiver<Value>>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Daemon {
    /// Starts it on a free port, with more arguments, and waits until it listens.
    pub fn start(world: &World, repo: &Path, args: &[&str]) -> Daemon {
        let mut command = world.command(pushlive());
        command.arg("serve").arg(repo).args(args);
        Daemon::spawn(command)
    }

    /// The same with an operator's listener, also on a free port.
    pub fn start_for_operators(world: &World, repo: &Path, args: &[&str]) -> Daemon {
        let mut command = world.command(pushlive());
        command.arg("serve").arg(repo).args(args);
        command.args(["--listen", "127.0.0.1:0", "--operator-listen", "127.0.0.1:0"]);
        Daemon::spawn_as_it_is(command)
    }

    /// Starts a command that serves, and waits until it listens.
    pub fn spawn(command: Command) -> Daemon {
        Daemon::spawn_on("127.0.0.1:0", command)
    }

    /// The same on an address.
    pub fn spawn_on(listen: &str, mut command: Command) -> Daemon {
        command.args(["--listen", listen, "--operator-listen", "off"]);
        Daemon::spawn_as_it_is(command)
    }

    /// The same with no word on where to listen.
    pub fn spawn_as_it_is(mut command: Command) -> Daemon {
        command.args(["--log-format", "json"]);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary");
        let (sender, lines) = channel();
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&log);
        let stderr = BufReader::new(child.stderr.take().expect("its standard error"));
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Ok(value) = serde_json::from_str(&line) {
                    let _ = sender.send(value);
                }
                kept.lock().expect("the log").push(line);
            }
        });
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut daemon = Daemon { child, address, operator: None, lines: Mutex::new(lines), log };
        let listening = daemon.wait_for_line("listening", |line| line["message"] == "listening");
        let address = |name: &str| listening[name].as_str().and_then(|a| a.parse().ok());
        daemon.address = address("address").expect("its address");
        daemon.operator = address("operator");
        daemon
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for operators.
    pub fn operator(&self) -> SocketAddr {
        self.operator.expect("an operator's listener")
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a line of its log that was not waited for before.
    pub fn wait_for_line(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + PATIENCE;
        let lines = self.lines.lock().expect("the lines");
        loop {
            match lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(line) if wanted(&line) => return line,
                Ok(_) => {}
                Err(_) => panic!("waited for {what}; the log:\n{}", self.log().join("\n")),
            }
        }
    }

    /// Waits until a table of that commit is published.
    pub fn wait_for_commit(&self, commit: &str) -> Value {
        self.wait_for_line(commit, |line| line["message"] == "published" && line["commit"] == commit)
    }

    /// Waits until it has looked at that tip, whatever it made of it.
    pub fn wait_for_tip(&self, tip: &str) -> Value {
        self.wait_for_line(tip, |line| line["message"] == "published" && line["tip"] == tip)
    }

    /// What it prints, line by line, up to the first that is wanted, which is the last. Can be asked for once.
    pub fn printed_until(&mut self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let out = BufReader::new(self.child.stdout.take().expect("its standard output"));
        let mut printed = Vec::new();
        for line in out.lines().map_while(Result::ok) {
            let last = wanted(&line);
            printed.push(line);
            if last {
                break;
            }
        }
        printed
    }

    /// All that it logged.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().expect("the log").clone()
    }

    /// Sends it a request.
    pub fn request(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Reply {
        request(self.address, method, path, headers, body)
    }

    /// An update check of a current iOS plugin that runs `version_name` on native 1.0.0.
    pub fn check(&self, app: &str, version_name: &str) -> Value {
        self.check_with(app, json!({ "version_name": version_name }))
    }

    /// The same with other fields.
    pub fn check_with(&self, app: &str, fields: Value) -> Value {
        self.check_by(&[], app, fields).json()
    }

    /// The same with more headers, and the whole answer.
    pub fn check_by(&self, headers: &[&str], app: &str, fields: Value) -> Reply {
        let mut body = json!({
            "platform": "ios", "device_id": "5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40", "app_id": app, "custom_id": "",
            "version_build": "1.0.0", "version_code": "1", "version_os": "17.4", "version_name": "builtin",
            "plugin_version": "8.43.0", "is_emulator": false, "is_prod": true, "defaultChannel": "",
        });
        for (key, value) in fields.as_object().expect("fields") {
            body[key] = value.clone();
        }
        let headers = [&["Content-Type: application/json"], headers].concat();
        let reply = self.request("POST", "/updates", &headers, body.to_string().as_bytes());
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        reply
    }

    /// Fetches what an answer's `url` names.
    pub fn download(&self, answer: &Value) -> Vec<u8> {
        let url = answer["url"].as_str().unwrap_or_else(|| panic!("no url in {answer}"));
        let base = format!("http://{}", self.address);
        let path = url.strip_prefix(&base).unwrap_or_else(|| panic!("{url} does not start with {base}"));
        let reply = self.request("GET", path, &[], b"");
        assert_eq!(reply.status, 200);
        reply.body
    }

    /// Kills it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("a kill");
        self.child.wait().expect("its end");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- the daemon's log\n{}\n---", self.log().join("\n"));
        }
    }
}
