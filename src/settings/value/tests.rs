use super::*;

fn why<T: std::fmt::Debug>(result: Result<T, Wrong>) -> String {
    result.unwrap_err().why
}

#[test]
fn sizes_have_units_of_1024_and_of_1000() {
    assert_eq!(size("512 MiB"), Ok(512 << 20));
    assert_eq!(size("512MiB"), Ok(512 << 20));
    assert_eq!(size("2 gib"), Ok(2 << 30));
    assert_eq!(size("5 MB"), Ok(5_000_000));
    assert_eq!(size("1000000"), Ok(1_000_000));
    assert_eq!(size("1_000,000 B"), Ok(1_000_000));
}

#[test]
fn what_is_no_size_says_why() {
    assert_eq!(why(size("")), "which is not a size");
    assert_eq!(why(size("MiB")), "which is not a size");
    assert_eq!(why(size("-5")), "which is not a size");
    assert_eq!(why(size("5 M")), "where `m` is not a unit of size");
    assert_eq!(why(size("1.5 GiB")), "where `.5 gib` is not a unit of size");
    assert_eq!(why(size("0")), "which would allow nothing");
    assert_eq!(why(size("99999999999 GiB")), "which is more than any file can hold");
}

#[test]
fn durations_have_a_unit() {
    assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
    assert_eq!(duration("10s"), Ok(Duration::from_secs(10)));
    assert_eq!(duration("2 m"), Ok(Duration::from_secs(120)));
    assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
    assert_eq!(duration("0s"), Ok(Duration::ZERO));
    assert_eq!(why(duration("10")), "which lacks a unit");
    assert_eq!(why(duration("10 parsecs")), "where `parsecs` is not a unit of time");
    assert_eq!(why(duration("soon")), "which is not a length of time");
    assert_eq!(why(duration("18446744073709551615d")), "which is more than a year");
}

#[test]
fn a_poll_is_no_busy_loop() {
    assert_eq!(poll("100ms"), Ok(Duration::from_millis(100)));
    assert_eq!(why(poll("99ms")), "which would keep the machine busy with looking");
}

#[test]
fn numbers_may_be_written_as_people_do() {
    assert_eq!(number("20,000"), Ok(20_000));
    assert_eq!(number("20_000"), Ok(20_000));
    for text in ["", ",", "1,", "_1", "1.5", "-1", "ten", "99999999999999999999"] {
        assert_eq!(why(number(text)), "which is not a whole number", "{text}");
    }
    assert_eq!(why(number("0")), "which would allow nothing");
}

#[test]
fn addresses_need_a_port() {
    assert_eq!(address("0.0.0.0:80"), Ok("0.0.0.0:80".parse().unwrap()));
    assert_eq!(address("[::1]:8080"), Ok("[::1]:8080".parse().unwrap()));
    assert_eq!(address("localhost:8080"), Ok("127.0.0.1:8080".parse().unwrap()));
    for text in ["", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:80800", "localhost:http"] {
        assert_eq!(why(address(text)), "which is not an address with a port", "{text}");
    }
    assert_eq!(address_or_off("off"), Ok(None));
}

#[test]
fn urls_are_absolute_and_end_without_a_slash() {
    assert_eq!(url("https://updates.example.com/"), Ok("https://updates.example.com".to_owned()));
    assert_eq!(url("http://127.0.0.1:8080/ota//"), Ok("http://127.0.0.1:8080/ota".to_owned()));
    assert_eq!(why(url("https://a.example/?x=1")), "which has a query or a fragment: paths are put behind it");
    assert_eq!(why(url("https://a.example/#x")), "which has a query or a fragment: paths are put behind it");
    assert_eq!(why(url("updates.example.com")), "which does not start with http:// or https://");
    assert_eq!(why(url("/updates")), "which does not start with http:// or https://");
    assert_eq!(why(url("ftp://a.example")), "which does not start with http:// or https://");
    assert_eq!(why(url("https://me@a.example")), "which names a user");
    assert_eq!(why(url("https://")), "which is not a URL");
}

#[test]
fn a_url_holds_only_what_urls_may_hold() {
    for good in
        ["https://a/x(1)-_~!$&*+,;=@%20", "https://a:1", "https://a:65535/x", "https://[::1]", "http://[::1]:80/x"]
    {
        assert_eq!(url(good), Ok(good.to_owned()));
    }
    for bad in ["https://a:99999/x", "https://a:65536", "https://a:0", "https://a:", "http://[::1]:99999"] {
        assert_eq!(why(url(bad)), "whose port is not a number from 1 to 65535", "{bad}");
    }
    for (bad, named) in [
        ("https://a/x'y\"z", "`'`"),
        ("https://a/x\"z", "`\"`"),
        ("https://a b", "a space"),
        ("https://a/x\ty", "the control character U+0009"),
        ("https://a/x\\y", "`\\`"),
        ("https://a/<x", "`<`"),
        ("https://a/x>", "`>`"),
        ("https://a/x`", "a backtick"),
        ("https://a/é", "`é`"),
    ] {
        assert_eq!(why(url(bad)), format!("where {named} may not stand in a URL"), "{bad}");
    }
}

#[test]
fn branches_are_what_git_allows() {
    assert_eq!(branch("main"), Ok("main".to_owned()));
    assert_eq!(branch("refs/heads/release/2026"), Ok("release/2026".to_owned()));
    for text in ["", "-x", "a b", "a..b", "a/", "/a", ".a", "a.lock", "a.", "HEAD", "a~1", "a@{1}", "a\tb"] {
        assert!(branch(text).is_err(), "{text}");
    }
}

#[test]
fn a_token_fits_in_a_header_and_is_not_shown() {
    assert_eq!(format!("{:?}", token("s3cret")), "Ok(Token(hidden))");
    assert_eq!(why(token("two words")), "which an HTTP header cannot carry");
    assert_eq!(why(token("")), "which an HTTP header cannot carry");
}
