//! The API of a hosted server, as far as comments go.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::{self, JoinHandle};

/// A request as the server got it.
pub struct Comment {
    pub head: String,
    pub body: String,
}

/// Takes one comment, and answers with this status.
pub struct Api {
    address: SocketAddr,
    taking: JoinHandle<Comment>,
}

impl Api {
    pub fn answering(status: &'static str) -> Api {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("its address");
        let taking = thread::spawn(move || {
            let (stream, _) = listener.accept().expect("a connection");
            let mut stream = BufReader::new(stream);
            let comment = Comment::read(&mut stream);
            let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}");
            stream.get_mut().write_all(answer.as_bytes()).expect("an answer");
            comment
        });
        Api { address, taking }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was commented, once it was.
    pub fn comment(self) -> Comment {
        self.taking.join().expect("a comment")
    }
}

impl Comment {
    fn read(stream: &mut impl BufRead) -> Comment {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).expect("a head"), 0, "it ends early: {head}");
        }
        let length = head.to_ascii_lowercase();
        let length = length.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let mut body = vec![0; length.and_then(|length| length.parse().ok()).expect("a length")];
        stream.read_exact(&mut body).expect("a body");
        Comment { head, body: String::from_utf8(body).expect("text") }
    }
}
