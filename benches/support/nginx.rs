//! nginx, where it is installed, with the settings that send files fastest.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A running nginx of one process, killed when it is dropped.
pub struct Nginx {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    _dir: TempDir,
}

impl Nginx {
    /// Where the file is.
    pub const PATH: &str = "/bundle.zip";

    /// Whether it is on `PATH`.
    pub fn is_there() -> bool {
        Command::new("nginx").arg("-v").stderr(Stdio::null()).status().is_ok()
    }

    /// Serves one file.
    pub fn serving(file: &[u8]) -> Nginx {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let root = dir.path().to_str().expect("a path");
        let address = free_address();
        fs::write(dir.path().join("bundle.zip"), file).expect("a file");
        fs::write(dir.path().join("nginx.conf"), configuration(root, address)).expect("a file");
        let mut command = Command::new("nginx");
        command.args(["-p", root, "-c", "nginx.conf", "-e", "stderr"]).stderr(Stdio::null());
        let child = command.spawn().expect("nginx");
        wait_for(address);
        Nginx { child, address, _dir: dir }
    }

    /// Its process: there is no master that would have another.
    pub fn process(&self) -> u32 {
        self.child.id()
    }
}

fn configuration(root: &str, address: SocketAddr) -> String {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary: String = temporary.iter().map(|what| format!("{what}_temp_path {root}/{what};\n")).collect();
    format!(
        "daemon off;\nmaster_process off;\npid {root}/pid;\nevents {{}}\nhttp {{\n{temporary}access_log off;\n\
         sendfile on;\ntcp_nopush on;\nkeepalive_requests 1000000;\nopen_file_cache max=10;\n\
         server {{ listen {address}; root {root}; }}\n}}\n"
    )
}

/// One that is free now; nginx cannot choose for itself.
fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port")
}

fn wait_for(address: SocketAddr) {
    let until = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(address).is_err() {
        assert!(Instant::now() < until, "nginx does not listen");
        thread::sleep(Duration::from_millis(10));
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
