//! Who may ask: whoever knows the token; without one, whoever is on this machine and no web page.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderValue, ORIGIN, WWW_AUTHENTICATE};
use hyper::http::request::Parts;
use subtle::ConstantTimeEq;

use crate::http::answer::{self, Answer};
use crate::http::origin;

/// The door of a listener.
pub struct Door {
    token: Option<Box<str>>,
    address: SocketAddr,
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Door").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Door {
    /// Of a listener at that address. Without a token that should be loopback.
    pub fn new(token: Option<&str>, address: SocketAddr) -> Door {
        Door { token: token.map(Into::into), address }
    }

    /// Lets a request in.
    ///
    /// # Errors
    /// The refusal.
    pub(super) fn admit(&self, request: &Parts) -> Result<(), Box<Answer>> {
        match &self.token {
            Some(token) if bears(request, token) => Ok(()),
            Some(_) => Err(Box::new(unauthorized())),
            None => self.admit_local(request),
        }
    }

    /// A browser on this machine reaches loopback for any web page: through a name that the page's owner made point here,
    /// which `Host` tells, or by a request from another page, which `Origin` or `Sec-Fetch-Site` tells.
    fn admit_local(&self, request: &Parts) -> Result<(), Box<Answer>> {
        let host = origin::host(request).map_err(|bad| Box::new(bad.answer()))?;
        if !host.is_none_or(|host| self.is_ours(host)) {
            return Err(Box::new(forbidden("forbidden_host", "without a token this listens to its own address only")));
        }
        let site = request.headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        if !site.is_none_or(|site| matches!(site, b"none" | b"same-origin")) {
            return Err(Box::new(forbidden("forbidden_origin", "without a token no web page may ask")));
        }
        let own = format!("http://{}", host.unwrap_or_default());
        let mut origins = request.headers.get_all(ORIGIN).iter();
        if !origins.all(|origin| origin.as_bytes().eq_ignore_ascii_case(own.as_bytes())) {
            return Err(Box::new(forbidden("forbidden_origin", "without a token no web page may ask")));
        }
        Ok(())
    }

    /// Whether a host, with or without a port, is this machine by a name that nobody else can give it.
    fn is_ours(&self, host: &str) -> bool {
        let name = match host.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => host.split(':').next().unwrap_or_default(),
        };
        let ours = |ip: IpAddr| ip.to_canonical().is_loopback() || ip == self.address.ip();
        name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(ours)
    }
}

/// Whether the request bears that token. How long that takes tells nothing but its length.
fn bears(request: &Parts, token: &str) -> bool {
    let given = request.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes).unwrap_or_default();
    let (scheme, given) = given.split_at_checked("bearer ".len()).unwrap_or_default();
    scheme.eq_ignore_ascii_case(b"bearer ") && bool::from(given.trim_ascii().ct_eq(token.as_bytes()))
}

fn unauthorized() -> Answer {
    let message = "this asks for the operator_token of the daemon: `Authorization: Bearer <token>`";
    let mut answer = answer::error(StatusCode::UNAUTHORIZED, "unauthorized", message);
    answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"pushlive\""));
    answer
}

fn forbidden(code: &str, message: &str) -> Answer {
    answer::error(StatusCode::FORBIDDEN, code, message)
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    fn told(token: Option<&str>, headers: &[(&str, &str)]) -> u16 {
        let door = Door::new(token, "127.0.0.1:8081".parse().unwrap());
        let mut request = Request::builder().uri("/api/table");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        door.admit(&head).map_or_else(|answer| answer.status().as_u16(), |()| 200)
    }

    #[test]
    fn a_token_is_asked_for_and_enough() {
        let bearing = |value: &str| told(Some("s3cret"), &[("host", "ops.example.com"), ("authorization", value)]);
        for right in ["Bearer s3cret", "bearer s3cret", "BEARER  s3cret "] {
            assert_eq!(bearing(right), 200, "{right}");
        }
        for wrong in
            ["Bearer s3cre", "Bearer s3cret1", "Bearer S3CRET", "s3cret", "Basic s3cret", "Bearer", "Bearer ", ""]
        {
            assert_eq!(bearing(wrong), 401, "{wrong}");
        }
        assert_eq!(told(Some("s3cret"), &[("host", "127.0.0.1:8081")]), 401, "on loopback too");
    }

    #[test]
    fn without_a_token_only_names_of_this_machine_will_do() {
        for ours in ["127.0.0.1:8081", "127.0.0.1", "localhost:9", "LOCALHOST", "[::1]:8081", "127.8.8.8"] {
            assert_eq!(told(None, &[("host", ours)]), 200, "{ours}");
        }
        for other in ["evil.example:8081", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]"] {
            assert_eq!(told(None, &[("host", other)]), 403, "{other}");
        }
        assert_eq!(told(None, &[]), 400, "of HTTP/1.1");
    }

    #[test]
    fn without_a_token_no_other_page_may_ask() {
        let from = |origin: &str| told(None, &[("host", "localhost:8081"), ("origin", origin)]);
        assert_eq!(from("http://localhost:8081"), 200);
        let by = |site: &str| told(None, &[("host", "localhost:8081"), ("sec-fetch-site", site)]);
        assert_eq!([by("none"), by("same-origin"), by("same-site"), by("cross-site")], [200, 200, 403, 403]);
        for other in ["null", "http://evil.example", "http://localhost:3000", "https://localhost:8081", ""] {
            assert_eq!(from(other), 403, "{other}");
        }
    }
}
