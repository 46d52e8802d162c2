//! Downloads that cost the downloader little: one thread that takes what each connection has in turn.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

/// Connections that fetch the same file over and over.
pub struct Fetch {
    connections: Vec<TcpStream>,
    request: Vec<u8>,
    /// Bytes of an answer with its head.
    length: usize,
    buffer: Vec<u8>,
}

impl Fetch {
    /// Opens connections, and fetches once on each to see that it is the right file.
    pub fn open(address: SocketAddr, path: &str, connections: usize, file: &[u8]) -> Fetch {
        let request = format!("GET {path} HTTP/1.1\r\nHost: updates.example.com\r\nUser-Agent: okhttp/4.12.0\r\n\r\n");
        let connect = || TcpStream::connect(address).expect("a connection");
        let mut connections: Vec<TcpStream> = (0..connections).map(|_| connect()).collect();
        let mut length = 0;
        for connection in &mut connections {
            connection.write_all(request.as_bytes()).expect("a request");
            length = length_of_the_first(connection, file);
        }
        Fetch { connections, request: request.into_bytes(), length, buffer: vec![0; 256 * 1024] }
    }

    /// Fetches so many times, on all connections at once.
    pub fn run(&mut self, downloads: usize) {
        let width = self.connections.len();
        let mut owed: Vec<usize> =
            (0..width).map(|at| self.length * (downloads / width + usize::from(at < downloads % width))).collect();
        for connection in &mut self.connections {
            connection.write_all(&self.request).expect("a request");
        }
        while owed.iter().any(|owed| *owed > 0) {
            for (connection, owed) in self.connections.iter_mut().zip(&mut owed).filter(|(_, owed)| **owed > 0) {
                // No request is sent before the answer to the one before is in.
                let most = ((*owed - 1) % self.length + 1).min(self.buffer.len());
                let count = connection.read(&mut self.buffer[..most]).expect("a piece");
                assert_ne!(count, 0, "the server closed a connection");
                *owed -= count;
                if *owed > 0 && *owed % self.length == 0 {
                    connection.write_all(&self.request).expect("a request");
                }
            }
        }
    }
}

fn length_of_the_first(connection: &mut TcpStream, file: &[u8]) -> usize {
    let mut answer = vec![0; file.len() + 4096];
    let mut have = 0;
    loop {
        let count = connection.read(&mut answer[have..]).expect("a piece");
        assert_ne!(count, 0, "not the file: {}", String::from_utf8_lossy(&answer[..have.min(400)]));
        have += count;
        if have >= file.len() && answer[..have].ends_with(file) {
            return have;
        }
    }
}
