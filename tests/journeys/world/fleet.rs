//! Many devices of one app, which ask one after the other and do as they are told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One device.
#[derive(Clone, Debug)]
pub struct Phone {
    pub id: String,
    /// What it runs.
    pub runs: String,
    /// Its native version.
    pub native: &'static str,
}

impl Phone {
    /// Where it stands in a rollout, in hundredths of a percent: worked out here, from what the documentation says.
    pub fn position(&self, app: &str, channel: &str, name: &str) -> u64 {
        let digest = Sha256::digest([app, channel, name, &self.id].join("\0"));
        let first: [u8; 8] = digest[..8].try_into().expect("eight bytes");
        u64::from_be_bytes(first) % 10_000
    }
}

/// Some phones on the same native version, which run what came with the app.
pub fn phones(count: usize) -> Vec<Phone> {
    let id = |at: usize| format!("{at:08x}-0000-4000-8000-{:012x}", at.wrapping_mul(2_654_435_761));
    (0..count).map(|at| Phone { id: id(at), runs: "builtin".to_owned(), native: "1.0.0" }).collect()
}

/// A connection on which phones ask.
pub struct Line {
    stream: BufReader<TcpStream>,
    app: &'static str,
    channel: &'static str,
}

impl Line {
    /// Connects to a server.
    pub fn to(address: SocketAddr, app: &'static str, channel: &'static str) -> Line {
        let stream = BufReader::new(TcpStream::connect(address).expect("a connection"));
        Line { stream, app, channel }
    }

    /// What a phone is told.
    pub fn ask(&mut self, phone: &Phone) -> Value {
        let body = json!({
            "platform": "android", "device_id": phone.id, "app_id": self.app, "version_build": phone.native,
            "version_name": phone.runs, "plugin_version": "8.43.0", "defaultChannel": self.channel,
        })
        .to_string();
        let head = format!("POST /updates HTTP/1.1\r\nHost: updates\r\nContent-Length: {}\r\n\r\n", body.len());
        self.stream.get_mut().write_all((head + &body).as_bytes()).expect("a request");
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("a head");
            let line = line.trim_end().to_ascii_lowercase();
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if line.is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).expect("a body");
        serde_json::from_slice(&answer).expect("JSON")
    }

    /// Every phone asks, and installs what it is told to.
    pub fn update(&mut self, phones: &mut [Phone]) {
        for phone in phones {
            let answer = self.ask(phone);
            if let (Some(version), None) = (answer["version"].as_str(), answer.get("error")) {
                phone.runs = version.to_owned();
            }
        }
    }
}
