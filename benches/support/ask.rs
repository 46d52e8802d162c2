//! One request, one answer, and waiting for an answer that says what it should.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// A connection that stays open.
pub fn connect(address: SocketAddr) -> TcpStream {
    let connection = TcpStream::connect(address).expect("a connection");
    connection.set_nodelay(true).expect("a socket");
    connection
}

/// Sends a request and reads the whole answer, head and body, by its `Content-Length`.
pub fn ask(connection: &mut TcpStream, request: &[u8]) -> Vec<u8> {
    connection.write_all(request).expect("a request");
    let mut answer = Vec::with_capacity(1024);
    let mut chunk = [0; 4096];
    loop {
        let count = connection.read(&mut chunk).expect("an answer");
        assert_ne!(count, 0, "the server closed a connection");
        answer.extend_from_slice(&chunk[..count]);
        if whole_length(&answer) == Some(answer.len()) {
            return answer;
        }
    }
}

/// Asks each millisecond until the answer has this text in it, and returns its body.
pub fn until(address: SocketAddr, request: &[u8], wanted: &str) -> String {
    let mut connection = connect(address);
    let patience = Instant::now() + Duration::from_secs(300);
    loop {
        let answer = ask(&mut connection, request);
        let body = body(&answer);
        if body.contains(wanted) {
            return body.to_owned();
        }
        assert!(Instant::now() < patience, "waited for {wanted}, got {body}");
        thread::sleep(Duration::from_millis(1));
    }
}

fn body(answer: &[u8]) -> &str {
    let text = str::from_utf8(answer).expect("a text");
    text.split_once("\r\n\r\n").expect("a body").1
}

fn whole_length(answer: &[u8]) -> Option<usize> {
    let text = str::from_utf8(answer).ok()?;
    let (head, _) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
    Some(head.len() + 4 + length.parse::<usize>().ok()?)
}
