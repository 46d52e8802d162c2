//! A range of IP addresses.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// The addresses that share their first bits with one: `10.0.0.0/8`, `::1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    addr: IpAddr,
    prefix: u8,
}

impl Network {
    /// `127.0.0.0/8`.
    pub const LOOPBACK_V4: Network = Network { addr: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), prefix: 8 };
    /// `::1`.
    pub const LOOPBACK_V6: Network = Network { addr: IpAddr::V6(Ipv6Addr::LOCALHOST), prefix: 128 };

    /// Whether that address is in it. An IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`) counts as the IPv4 one.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.addr, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                same_start(network.to_bits().into(), address.to_bits().into(), 32 - u32::from(self.prefix))
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                same_start(network.to_bits(), address.to_bits(), 128 - u32::from(self.prefix))
            }
            _ => false,
        }
    }
}

/// Whether two numbers are the same above their last `ignored` bits.
fn same_start(a: u128, b: u128, ignored: u32) -> bool {
    (a ^ b).checked_shr(ignored).unwrap_or(0) == 0
}

/// The text is no network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    /// An address, with or without a prefix length behind `/`.
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let (addr, prefix) = text.split_once('/').map_or((text, None), |(addr, prefix)| (addr, Some(prefix)));
        let addr: IpAddr = addr.trim().parse().map_err(|_| NotANetwork)?;
        let most = if addr.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(most), |prefix| prefix.trim().parse()).map_err(|_| NotANetwork)?;
        (prefix <= most).then(|| Network { addr, prefix }.canonical()).ok_or(NotANetwork)
    }
}

impl Network {
    /// Compared addresses are canonical, so an IPv4 network in IPv6 clothes must be as well.
    fn canonical(self) -> Self {
        match (self.addr.to_canonical(), self.prefix.checked_sub(96)) {
            (addr @ IpAddr::V4(_), Some(prefix)) if self.addr.is_ipv6() => Network { addr, prefix },
            _ => self,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.addr, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(network: &str, address: &str) -> bool {
        network.parse::<Network>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn a_network_contains_the_addresses_that_share_its_first_bits() {
        assert!(contains("10.1.0.0/16", "10.1.255.3"));
        assert!(!contains("10.1.0.0/16", "10.2.0.0"));
        assert!(contains("10.1.2.3/16", "10.1.0.0"), "host bits are ignored");
        assert!(contains("fd00::/8", "fd12:3456::1"));
        assert!(!contains("fd00::/8", "fe80::1"));
    }

    #[test]
    fn an_address_alone_contains_itself_only() {
        assert!(contains("::1", "::1"));
        assert!(!contains("::1", "::2"));
        assert!(!contains("192.0.2.1", "192.0.2.2"));
    }

    #[test]
    fn a_prefix_of_nothing_contains_its_whole_family() {
        assert!(contains("0.0.0.0/0", "203.0.113.9"));
        assert!(!contains("0.0.0.0/0", "2001:db8::1"));
        assert!(contains("::/0", "2001:db8::1"));
    }

    #[test]
    fn ipv4_in_ipv6_clothes_is_ipv4() {
        assert!(contains("127.0.0.0/8", "::ffff:127.0.0.1"));
        assert!(contains("::ffff:10.0.0.0/104", "10.9.9.9"));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "example.com", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8"]
        {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork), "{text}");
        }
    }
}
