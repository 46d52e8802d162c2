//! A bare connection, for clients that do not behave.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use super::Reply;
use super::http::parse;

/// A connection on which anything can be sent.
pub struct Wire(TcpStream);

impl Wire {
    /// Connects.
    pub fn to(address: SocketAddr) -> Wire {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
        stream.set_write_timeout(Some(Duration::from_secs(30))).expect("a time limit");
        Wire(stream)
    }

    /// Sends bytes. That the other side has hung up already is its right.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Wire {
        match self.0.write_all(bytes.as_ref()) {
            Err(error) if !hung_up(error.kind()) => panic!("{error}"),
            _ => self,
        }
    }

    /// Says that no more will be sent.
    pub fn close_half(&mut self) -> &mut Wire {
        let _ = self.0.shutdown(Shutdown::Write);
        self
    }

    /// The next bytes, as many as were asked for.
    pub fn take(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).expect("that many bytes");
        bytes
    }

    /// All that comes until the other side hangs up.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self.0.read_to_end(&mut bytes) {
            Err(error) if !hung_up(error.kind()) => panic!("the connection is held: {error}"),
            _ => bytes,
        }
    }

    /// Whether the other side neither spoke nor hung up yet.
    pub fn is_silent(&self) -> bool {
        self.0.set_nonblocking(true).expect("a switch");
        let seen = self.0.peek(&mut [0]);
        self.0.set_nonblocking(false).expect("a switch");
        seen.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
    }

    /// The first answer on a connection that is then closed; `None` where it was closed without one.
    pub fn answer(&mut self) -> Option<Reply> {
        let bytes = self.rest();
        (!bytes.is_empty()).then(|| parse("GET", &bytes))
    }
}

fn hung_up(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted)
}
