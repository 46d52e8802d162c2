//! Where the URLs of an answer start: the settings, else what the request says of itself. Pure, but for one warning.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::header::{HOST, HeaderMap, HeaderName};
use hyper::http::request::Parts;
use hyper::{StatusCode, Version};
use tracing::warn;

use super::answer::{self, Answer};

static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Whether a peer is a proxy whose `X-Forwarded-*` headers are believed.
pub type Trusted = Arc<dyn Fn(IpAddr) -> bool + Send + Sync>;

/// How the URLs of answers are made.
pub struct Urls {
    base: Option<Box<str>>,
    set_by: Option<&'static str>,
    trusted: Trusted,
    warned: AtomicBool,
}

impl fmt::Debug for Urls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Urls").field("base", &self.base).finish_non_exhaustive()
    }
}

/// A request that does not say for which host it is, or says it in a way that no URL can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHost;

impl BadHost {
    /// The refusal.
    pub fn answer(self) -> Answer {
        let message = "the request needs one Host header with a name or an address, and a port at most";
        answer::error(StatusCode::BAD_REQUEST, "invalid_host", message)
    }
}

impl Urls {
    /// The URL that a person configured for artefacts, or for everything, wins; a slash at its end is dropped. Without
    /// one, each request tells.
    pub fn new(public: Option<&str>, artefact: Option<&str>, trusted: Trusted) -> Self {
        let base = artefact.or(public).map(|url| url.trim_end_matches('/').into());
        // where nobody set it, the one for artefacts is the public one
        let set_by = match (artefact, public) {
            (Some(artefact), public) if public != Some(artefact) => Some("artefact_url"),
            (_, public) => public.map(|_| "public_url"),
        };
        Urls { base, set_by, trusted, warned: AtomicBool::new(false) }
    }

    /// What URLs of artefacts start with, without a slash at the end: two pieces of text, of which one may be empty. `host`
    /// is the request's own, checked.
    ///
    /// # Errors
    /// Nothing is configured, and neither the request nor a trusted proxy names a host.
    pub fn base<'a>(
        &'a self,
        host: Option<&'a str>,
        headers: &'a HeaderMap,
        peer: IpAddr,
    ) -> Result<[&'a str; 2], BadHost> {
        let is_forwarded = is_forwarded(headers);
        let base = match &self.base {
            Some(base) => ["", &**base],
            None if is_forwarded => self.of_forwarded(host, headers, peer)?,
            None => in_clear(host)?,
        };
        if is_forwarded {
            self.warn_of_cleartext(base, headers, peer);
        }
        Ok(base)
    }

    fn of_forwarded<'a>(
        &self,
        host: Option<&'a str>,
        headers: &'a HeaderMap,
        peer: IpAddr,
    ) -> Result<[&'a str; 2], BadHost> {
        if !(self.trusted)(peer.to_canonical()) {
            return in_clear(host);
        }
        let scheme = if says_https(headers) { "https://" } else { "http://" };
        let host = match first_item(headers, &FORWARDED_HOST) {
            Some(forwarded) => check(forwarded)?,
            None => host.ok_or(BadHost)?,
        };
        Ok([scheme, host])
    }

    /// Phones refuse cleartext, so a base that is not https although a proxy in front speaks it means no update at all.
    fn warn_of_cleartext(&self, [scheme, rest]: [&str; 2], headers: &HeaderMap, peer: IpAddr) {
        let is_clear = scheme == "http://" || rest.starts_with("http://");
        if is_clear && says_https(headers) && !self.warned.swap(true, Ordering::Relaxed) {
            warn!(
                proxy = %peer,
                "a proxy says that devices come by https, but the URLs they are sent start with http://, which phones \
                 refuse: {}",
                self.mend_of_cleartext()
            );
        }
    }

    fn mend_of_cleartext(&self) -> String {
        match self.set_by {
            Some(setting) => format!("{setting} says so, give it an https address"),
            None => {
                "set public_url to the https address of this server, or add the proxy to trusted_proxies".to_owned()
            }
        }
    }
}

/// The host that a request is for, checked. `None`: it is an old request (HTTP/1.0) that does not say.
///
/// # Errors
/// It must say and does not, says it twice, or in a malformed way.
pub fn host(request: &Parts) -> Result<Option<&str>, BadHost> {
    let mut lines = request.headers.get_all(HOST).iter();
    match (request.uri.authority(), lines.next(), lines.next()) {
        (_, Some(_), Some(_)) => Err(BadHost),
        // A client that takes us for a proxy writes the host into the first line, where it beats the header.
        (Some(authority), ..) => check(authority.as_str().as_bytes()).map(Some),
        (None, Some(line), None) => check(line.as_bytes()).map(Some),
        (None, None, _) if request.version == Version::HTTP_10 => Ok(None),
        (None, None, _) => Err(BadHost),
    }
}

fn in_clear(host: Option<&str>) -> Result<[&str; 2], BadHost> {
    Ok(["http://", host.ok_or(BadHost)?])
}

/// Whether it says that it went through a proxy. Most do not: a look along the few names costs less than to hash these two.
fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| *name == FORWARDED_PROTO || *name == FORWARDED_HOST)
}

/// The client's own side of a chain of proxies comes first.
fn first_item<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let line = headers.get(name)?.as_bytes();
    line.split(|&b| b == b',').next().map(<[u8]>::trim_ascii).filter(|item| !item.is_empty())
}

fn says_https(headers: &HeaderMap) -> bool {
    first_item(headers, &FORWARDED_PROTO).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"https"))
}

/// A host, with or without a port, that can be written into a URL as it is.
fn check(host: &[u8]) -> Result<&str, BadHost> {
    let host = std::str::from_utf8(host.trim_ascii()).map_err(|_| BadHost)?;
    let (is_named, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(address, port)| (is_ipv6(address), port)).ok_or(BadHost)?,
        None if is_name(host) => (true, ""),
        None => {
            let end = host.bytes().take_while(|byte| *byte != b':').count();
            host.split_at_checked(end).map(|(name, port)| (is_name(name), port)).ok_or(BadHost)?
        }
    };
    if is_named && is_port(port) { Ok(host) } else { Err(BadHost) }
}

fn is_name(name: &str) -> bool {
    // without an early end, so that many bytes are looked at at once
    (1..=253).contains(&name.len()) && name.bytes().fold(true, |so_far, byte| so_far & is_of_name(byte))
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn is_ipv6(address: &str) -> bool {
    address.parse::<std::net::Ipv6Addr>().is_ok()
}

/// Nothing, or a colon and a number. Some clients send the colon alone.
fn is_port(port: &str) -> bool {
    let Some(digits) = port.strip_prefix(':') else { return port.is_empty() };
    digits.bytes().all(|b| b.is_ascii_digit()) && (digits.is_empty() || digits.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use hyper::Request;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1));
    const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn urls(public: Option<&str>, artefact: Option<&str>) -> Urls {
        Urls::new(public, artefact, Arc::new(|peer| peer == PROXY))
    }

    fn base(urls: &Urls, peer: IpAddr, proto: &str, forwarded: &str) -> Result<String, BadHost> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(&FORWARDED_PROTO, proto), (&FORWARDED_HOST, forwarded)] {
            if !value.is_empty() {
                headers.insert(name, HeaderValue::from_str(value).unwrap());
            }
        }
        urls.base(Some("own:8080"), &headers, peer).map(|pieces| pieces.concat())
    }

    #[test]
    fn settings_win() {
        let both = urls(Some("https://a.example/"), Some("https://cdn.example/x//"));
        assert_eq!(base(&both, PROXY, "http", "b").unwrap(), "https://cdn.example/x");
        assert_eq!(base(&urls(Some("https://a.example/"), None), PROXY, "http", "b").unwrap(), "https://a.example");
    }

    #[test]
    fn else_the_request_tells() {
        let urls = urls(None, None);
        assert_eq!(base(&urls, PROXY, "", "").unwrap(), "http://own:8080");
        assert_eq!(base(&urls, PROXY, "https", "").unwrap(), "https://own:8080");
        assert_eq!(base(&urls, PROXY, "HTTPS, http", "a.example, b").unwrap(), "https://a.example");
        assert_eq!(base(&urls, PROXY, "gopher", "").unwrap(), "http://own:8080");
        assert_eq!(base(&urls, PROXY, "https", "a b"), Err(BadHost));
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        let urls = urls(None, None);
        assert_eq!(base(&urls, STRANGER, "https", "evil.example").unwrap(), "http://own:8080");
        assert!(urls.warned.load(Ordering::Relaxed));
        let mapped = "::ffff:127.0.0.1".parse().unwrap();
        assert_eq!(base(&urls, mapped, "https", "").unwrap(), "https://own:8080");
    }

    #[test]
    fn no_warning_where_urls_are_https() {
        for urls in [urls(None, None), urls(Some("https://a.example"), None)] {
            base(&urls, PROXY, "https", "").unwrap();
            assert!(!urls.warned.load(Ordering::Relaxed));
        }
        let cleartext = urls(Some("http://a.example"), None);
        base(&cleartext, PROXY, "https", "").unwrap();
        assert!(cleartext.warned.load(Ordering::Relaxed));
    }

    #[test]
    fn the_warning_names_the_setting_that_says_http() {
        let mend = |public, artefact| urls(public, artefact).mend_of_cleartext();
        let (secure, clear) = (Some("https://a.example"), Some("http://b.example"));
        assert!(mend(secure, clear).starts_with("artefact_url says so"));
        assert!(mend(None, clear).starts_with("artefact_url says so"));
        assert!(mend(clear, None).starts_with("public_url says so"));
        assert!(mend(clear, clear).starts_with("public_url says so"), "one is the other's default");
        assert!(mend(None, None).contains("set public_url") && mend(None, None).contains("trusted_proxies"));
    }

    #[test]
    fn hosts() {
        for good in ["a", "a.example", "a_b.example:1", "127.0.0.1:8080", "[::1]", "[::1]:65535", "a:", "xn--a"] {
            assert_eq!(check(good.as_bytes()), Ok(good));
        }
        for bad in
            ["", ":80", "a:b", "a:65536", "a:1:2", "a/b", "a b", "a\"b", "u@a", "[::1", "[x]", "[::1]x", "::1", "a%41"]
        {
            assert_eq!(check(bad.as_bytes()), Err(BadHost), "{bad}");
        }
        assert_eq!(check(b"a\xff"), Err(BadHost));
        assert_eq!(check(&[b'a'; 300]), Err(BadHost));
    }

    fn parts(version: Version, uri: &str, hosts: &[&str]) -> Parts {
        let mut request = Request::builder().version(version).uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn one_host_and_no_other() {
        assert_eq!(host(&parts(Version::HTTP_11, "/", &["a"])), Ok(Some("a")));
        assert_eq!(host(&parts(Version::HTTP_11, "http://b:1/", &["a"])), Ok(Some("b:1")));
        assert_eq!(host(&parts(Version::HTTP_10, "/", &[])), Ok(None));
        assert_eq!(host(&parts(Version::HTTP_11, "/", &[])), Err(BadHost));
        assert_eq!(host(&parts(Version::HTTP_11, "/", &["a", "a"])), Err(BadHost));
        assert_eq!(host(&parts(Version::HTTP_11, "/", &["a\"b"])), Err(BadHost));
    }

    proptest! {
        #[test]
        fn any_base_can_be_written_into_json_and_urls(host in prop::collection::vec(any::<u8>(), 0..30)) {
            let Ok(value) = HeaderValue::from_bytes(&host) else { return Ok(()) };
            let mut headers = HeaderMap::new();
            headers.insert(&FORWARDED_HOST, value.clone());
            headers.insert(&FORWARDED_PROTO, value);
            if let Ok(base) = urls(None, None).base(None, &headers, PROXY) {
                let base = base.concat();
                prop_assert!(base.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\<>@?#".contains(&b)), "{base}");
            }
        }
    }
}
