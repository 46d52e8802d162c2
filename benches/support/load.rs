//! Load for a server: one thread, few connections that stay open, one request at a time on each.
//!
//! It looks for answers without a pause, and takes a CPU of its own for that. If it slept, the system would count to a server
//! what it takes to wake it: a quarter of what a check costs, which is no server's doing, and which a slower one pays more
//! often.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use super::ask::{ask, connect};

/// Connections to one server, and the requests that they send in turn.
pub struct Load<'r> {
    connections: Vec<TcpStream>,
    requests: &'r [Vec<u8>],
    /// Bytes of an answer with its head: from one server all have the same, for only the date changes.
    length: usize,
    buffer: Vec<u8>,
}

impl Load<'_> {
    /// Opens connections and asks once on each. All requests get answers of the same length.
    pub fn open(address: SocketAddr, requests: &[Vec<u8>], connections: usize) -> Load<'_> {
        let mut connections: Vec<TcpStream> = (0..connections).map(|_| connect(address)).collect();
        let length = connections.iter_mut().map(|connection| ask(connection, &requests[0]).len()).max().unwrap_or(0);
        for connection in &connections {
            connection.set_nonblocking(true).expect("a socket that need not wait");
        }
        Load { connections, requests, length, buffer: vec![0; length + 1] }
    }

    /// Asks so many times: a request on each connection, then their answers, and again.
    ///
    /// How many requests a server finds at a time decides what it costs to wait for them. Where each answer is followed by
    /// the next request at once, that is left to chance, and was anything from one to all of them.
    pub fn run(&mut self, requests: usize) {
        let width = self.connections.len();
        for begin in (0..requests).step_by(width) {
            let asked =
                self.requests.iter().cycle().skip(begin % self.requests.len()).take(width.min(requests - begin));
            for (connection, request) in self.connections.iter_mut().zip(asked.clone()) {
                connection.write_all(request).expect("a request");
            }
            for (connection, _) in self.connections.iter_mut().zip(asked) {
                read(connection, &mut self.buffer, self.length);
            }
        }
    }
}

fn read(connection: &mut TcpStream, buffer: &mut [u8], length: usize) {
    let mut have = 0;
    while have < length {
        let count = match connection.read(&mut buffer[have..]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
            count => count.expect("an answer"),
        };
        assert_ne!(count, 0, "the server closed a connection");
        have += count;
    }
    assert!(have == length && buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..have]));
}
