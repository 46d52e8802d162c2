//! Load that costs little itself: one thread, few connections that stay open, one request at a time on each.

use std::io::{Read, Write};
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
        Load { connections, requests, length, buffer: vec![0; length + 1] }
    }

    /// Asks so many times, with a request on its way on each connection.
    pub fn run(&mut self, requests: usize) {
        let width = self.connections.len();
        for at in 0..requests + width {
            let connection = &mut self.connections[at % width];
            if at >= width {
                read(connection, &mut self.buffer, self.length);
            }
            if at < requests {
                connection.write_all(&self.requests[at % self.requests.len()]).expect("a request");
            }
        }
    }
}

fn read(connection: &mut TcpStream, buffer: &mut [u8], length: usize) {
    let mut have = 0;
    while have < length {
        let count = connection.read(&mut buffer[have..]).expect("an answer");
        assert_ne!(count, 0, "the server closed a connection");
        have += count;
    }
    assert!(have == length && buffer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..have]));
}
