//! The operator's listener: taken before anything is served, and told of in the data directory.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use tracing::warn;

use super::StartError;
use crate::http::operator::{Door, Of, Operator};
use crate::settings::Settings;
use crate::store::Store;
use crate::watch::Hints;

/// A port that was taken.
pub struct Taken {
    /// What listens.
    pub listener: TcpListener,
    /// Where.
    pub address: SocketAddr,
}

impl Taken {
    /// Takes the port that the settings name, unless it is off.
    pub fn take(settings: &Settings) -> Result<Option<Taken>, StartError> {
        let Some(wanted) = settings.operator_listen else { return Ok(None) };
        let listen = || {
            let listener = TcpListener::bind(wanted)?;
            listener.set_nonblocking(true)?;
            Ok(Taken { address: listener.local_addr()?, listener })
        };
        listen().map(Some).map_err(|error| StartError::ListenForOperator(wanted, error))
    }

    /// What answers there.
    pub fn operator(&self, settings: &Settings, hints: Hints) -> Arc<Operator> {
        let token = settings.operator_token.as_ref().map(|token| token.reveal());
        let hear = move |of, lines: &[u8]| match of {
            Of::Coming => hints.coming(lines),
            Of::In => hints.pushed(lines),
        };
        Arc::new(Operator { door: Door::new(token, self.address), hear: Box::new(hear) })
    }
}

/// Leaves the address in the data directory for the hooks of the repository, or takes away that of a daemon before. They
/// do without, so that a failure is no more than a warning.
pub fn leave_address(store: &Store, address: Option<SocketAddr>) {
    if let Err(error) = store.leave_operator(address.map(reachable)) {
        warn!(%error, "the hooks of the repository will not find the operator's listener");
    }
}

/// An address at which this machine reaches a listener on that one.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_on_every_address_is_reached_on_loopback() {
        let told = |address: &str| reachable(address.parse().unwrap()).to_string();
        let expected = ["127.0.0.1:1", "[::1]:1", "10.0.0.1:1"];
        assert_eq!(["0.0.0.0:1", "[::]:1", "10.0.0.1:1"].map(told), expected);
    }
}
