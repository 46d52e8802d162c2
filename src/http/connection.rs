//! What a connection may take, and what its requests share.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::guard::Patience;
use super::live::State;
use super::operator::Operator;

/// What a client may take of us.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at a time. More of them wait in the system's queue.
    pub max_connections: usize,
    /// How long downloads may go on once the server stops.
    pub shutdown_grace: Duration,
    /// How long a body may take.
    pub body_read: Duration,
    /// Bytes of a head; more are refused with 431.
    pub max_head: usize,
    /// How long heads, pauses and slow readers may take.
    pub patience: Patience,
}

impl Limits {
    /// The connections of operators at a time: each may keep a thread busy for a moment.
    pub const OPERATORS: usize = 32;

    /// The same for operators. They are few and near: who says nothing at once is a stranger that takes the place of one.
    #[must_use]
    pub const fn for_operators(mut self) -> Limits {
        self.max_connections = Limits::OPERATORS;
        self.patience.head = Duration::from_secs(2);
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        let (window, rate) = (30, 1024);
        Limits {
            max_connections: 10_000,
            shutdown_grace: Duration::from_secs(30),
            body_read: Duration::from_secs(10),
            max_head: 16 * 1024,
            patience: Patience {
                head: Duration::from_secs(10),
                idle: Duration::from_secs(75),
                window: Duration::from_secs(window as u64),
                floor: window * rate,
            },
        }
    }
}

/// Whom a listener is for.
#[derive(Clone, Debug)]
pub enum Audience {
    /// Devices, and whoever else comes.
    Public,
    /// Who runs the daemon.
    Operator(Arc<Operator>),
}

/// What the requests of one connection share.
#[derive(Debug)]
pub(super) struct Connection {
    pub state: Arc<State>,
    pub audience: Audience,
    pub limits: Limits,
    /// Who is at the other end of the socket: a proxy, mostly.
    pub peer: IpAddr,
    /// Whether a handler is waiting for a body: then its clock runs, and not the guard's.
    pub reads_body: Arc<AtomicBool>,
}
