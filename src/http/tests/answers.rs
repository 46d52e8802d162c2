//! What each route answers, to good requests and to bad ones.

use super::*;

const CHECK: &str = r#"{"app_id":"com.example.app","device_id":"d","platform":"ios","version_build":"1.0.0",
    "version_name":"builtin","plugin_version":"8.51.23"}"#;

#[tokio::test]
async fn a_check_is_answered_from_the_published_table() {
    let server = Server::waiting(b"zip", Limits::default()).await;
    let reply = server.post("/updates", CHECK.as_bytes()).await;
    assert_eq!((reply.status, &*reply.error()), (200, "not_ready"));
    assert_eq!(reply.header("x-release-commit"), None);

    server.publish(Some(Arc::clone(&server.table)), Retired::default());
    for path in ["/updates", "/updates/", "/", "/updates?x=y"] {
        let reply = server.post(path, CHECK.as_bytes()).await;
        let json = reply.json();
        assert_eq!((reply.status, &json["version"]), (200, &VERSION.into()), "{json}");
        assert_eq!(json["url"], format!("http://a.example{}", server.path));
        assert_eq!(reply.header("x-release-commit"), Some("c0ffee"));
        assert_eq!(reply.header("x-release-table"), Some("0123456789abcdef"));
    }
}

#[tokio::test]
async fn a_check_in_pieces_is_the_same_check() {
    let server = Server::start(b"zip", Limits::default()).await;
    let whole = server.post("/updates", CHECK.as_bytes()).await;
    let head = "POST /updates HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n";
    let (left, right) = CHECK.split_at(20);
    let mut socket = server.connect().await;
    let length = CHECK.len();
    socket
        .write_all(format!("{head}Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut go_on = [0; 25];
    socket.read_exact(&mut go_on).await.unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n", "the head is read, and the body waited for");
    socket.write_all(CHECK.as_bytes()).await.unwrap();
    assert_eq!(Reply::read(&mut socket).await.body, whole.body);
    let chunks = format!("{:x}\r\n{left}\r\n{:x}\r\n{right}\r\n0\r\n\r\n", left.len(), right.len());
    let chunked = server.raw(format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}").as_bytes()).await;
    assert_eq!(chunked.body, whole.body);
}

#[tokio::test]
async fn an_old_plugin_asks_by_headers() {
    let server = Server::start(b"zip", Limits::default()).await;
    let headers = "cap_app_id: com.example.app\r\nCAP_PLATFORM: android\r\ncap_version_build: 1.0.0\r\n\
        cap_device_id: d\r\ncap_version_name: builtin\r\ncap_plugin_version: 3.3.20\r\n";
    for path in ["/updates", "/"] {
        assert_eq!(server.get(path, headers).await.json()["version"], VERSION);
        assert_eq!(server.get(path, "").await.json(), serde_json::json!({"status": "ok"}));
    }
    let mut odd = b"GET /updates HTTP/1.1\r\nHost: a\r\nConnection: close\r\ncap_version_name: \xff\xfe\r\n".to_vec();
    odd.extend(b"cap_app_id: \xe9\xff\r\nUser-Agent: \xff\r\nX-Forwarded-Proto: \xff\r\n\r\n");
    assert_eq!(server.raw(&odd).await.error(), "app_not_found");
}

#[tokio::test]
async fn urls_follow_the_host_and_a_trusted_proxy() {
    let server = Server::start(b"zip", Limits::default()).await;
    let length = format!("Content-Length: {}\r\n", CHECK.len());
    let proxied = format!("X-Forwarded-Proto: https\r\nX-Forwarded-Host: b.example\r\n{length}");
    let json = server.ask("POST", "/updates", &proxied, CHECK.as_bytes()).await.json();
    assert_eq!(json["url"], format!("https://b.example{}", server.path));
    for host in ["Host: a\"b\r\n", "Host: a/b\r\n", "Host: \r\n", "Host: a:99999\r\n", "Host: a\r\nHost: a\r\n", ""] {
        let request = format!("POST /updates HTTP/1.1\r\n{host}Connection: close\r\n{length}\r\n{CHECK}");
        let reply = server.raw(request.as_bytes()).await;
        assert_eq!((reply.status, &*reply.error()), (400, "invalid_host"), "{host}");
    }
    let old = format!("POST /updates HTTP/1.0\r\n{length}\r\n{CHECK}");
    assert_eq!(server.raw(old.as_bytes()).await.error(), "invalid_host");
    assert_eq!(server.raw(b"GET /livez HTTP/1.0\r\n\r\n").await.status, 200);
}

#[tokio::test]
async fn bad_bodies_are_refused_with_a_reason() {
    let server = Server::start(b"zip", Limits::default()).await;
    let (large, huge) = (vec![b' '; 65 * 1024], vec![b' '; 1024 * 1024 + 1]);
    for (path, body, status, error) in [
        ("/updates", &b"{oops"[..], 400, "invalid_json_parse_body"),
        ("/updates", b"[]", 400, "invalid_json_body"),
        ("/updates", b"", 400, "invalid_json_parse_body"),
        ("/updates", br#"{"device_id":"d"}"#, 400, "missing_app_id"),
        ("/updates", br#"{"app_id":"a","device_id":3}"#, 400, "missing_device_id"),
        ("/updates", &large, 413, "body_too_large"),
        ("/updates", &huge, 413, "body_too_large"),
        ("/stats", b"[{]", 400, "invalid_json_parse_body"),
        ("/stats", &large, 400, "invalid_json_parse_body"),
        ("/stats", &huge, 413, "body_too_large"),
    ] {
        let reply = server.post(path, body).await;
        assert_eq!((reply.status, &*reply.error()), (status, error), "{path} {}", body.len());
    }
    let broken = b"POST /updates HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n";
    assert_eq!(server.raw(broken).await.status, 400);
    let head = format!("GET /updates HTTP/1.1\r\nHost: a\r\nx: {}\r\n\r\n", "x".repeat(20_000));
    assert_eq!(server.raw(head.as_bytes()).await.status, 431);
    server.is_well().await;
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let server = Server::start(b"zip", Limits::default()).await;
    for path in ["/nothing", "/updates/x", "/bundles/", "/bundles/a/b/c.zip", "/%00", "/..//updates"] {
        let reply = server.get(path, "").await;
        assert_eq!((reply.status, &*reply.error()), (404, "not_found"), "{path}");
    }
    for (method, path) in
        [("PUT", "/updates"), ("DELETE", "/stats"), ("POST", "/livez"), ("BREW", "/"), ("POST", &server.path)]
    {
        let reply = server.ask(method, path, "", b"").await;
        assert_eq!((reply.status, &*reply.error()), (405, "method_not_allowed"), "{method} {path}");
        assert!(reply.header("allow").unwrap().starts_with("get, head"));
    }
}

#[tokio::test]
async fn browsers_may_ask_from_anywhere() {
    let server = Server::start(b"zip", Limits::default()).await;
    for path in ["/updates", "/stats", "*", &server.path, "/channel_self", "/nothing"] {
        let reply = server.ask("OPTIONS", path, "Origin: https://x\r\n", b"").await;
        assert_eq!((reply.status, reply.body.len()), (204, 0), "{path}");
        assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
        assert_eq!(reply.header("access-control-allow-headers"), Some("*"));
    }
    assert_eq!(server.ask("GET", "/nothing", "", b"").await.status, 404);
}

#[tokio::test]
async fn ready_once_there_is_a_table() {
    let server = Server::waiting(b"zip", Limits::default()).await;
    let reply = server.get("/readyz", "").await;
    assert_eq!((reply.status, &reply.json()["status"]), (503, &"not_ready".into()));
    assert_eq!(server.get(&server.path, "").await.status, 503);
    assert_eq!(server.get("/livez", "").await.status, 200);
    server.publish(Some(Arc::clone(&server.table)), Retired::default());
    let reply = server.get("/readyz/", "").await;
    let expected = serde_json::json!({
        "status": "ok",
        "commit": "c0ffee",
        "problems": {"errors": 1, "warnings": 2},
        "repository": {"readable": false, "error": "it is gone"},
    });
    assert_eq!((reply.status, reply.json()), (200, expected));
}

#[tokio::test]
async fn head_says_what_get_would_send() {
    let server = Server::start(b"zip", Limits::default()).await;
    for path in ["/updates", "/stats", "/livez", "/readyz", &server.path, "/nothing"] {
        let (get, head) = (server.get(path, "").await, server.ask("HEAD", path, "", b"").await);
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(head.header("content-length"), Some(&*get.body.len().to_string()), "{path}");
    }
}

#[tokio::test]
async fn a_bundle_whole_and_in_part() {
    let zip: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let server = Server::start(&zip, Limits::default()).await;
    let reply = server.get(&server.path, "Accept-Encoding: br, gzip\r\n").await;
    assert!(reply.status == 200 && reply.body == zip);
    assert_eq!(reply.header("content-length"), Some(&*zip.len().to_string()));
    assert_eq!(reply.header("content-type"), Some("application/zip"));
    assert_eq!(reply.header("accept-ranges"), Some("bytes"));
    assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable, no-transform"));
    assert_eq!(reply.header("content-encoding"), None);
    let etag = reply.header("etag").unwrap().to_owned();

    let reply = server.get(&server.path, "Range: bytes=7-\r\n").await;
    assert!(reply.status == 206 && reply.body == zip[7..]);
    assert_eq!(reply.header("content-range"), Some(&*format!("bytes 7-{}/{}", zip.len() - 1, zip.len())));
    let reply = server.get(&server.path, &format!("If-None-Match: {etag}\r\n")).await;
    assert_eq!((reply.status, reply.body.len(), reply.header("etag")), (304, 0, Some(&*etag)));

    let past = format!("Range: bytes={}-\r\n", zip.len());
    let reply = server.get(&server.path, &past).await;
    assert_eq!((reply.status, &*reply.error()), (416, "range_not_satisfiable"));
    let reply = server.get(&server.path, &format!("{past}User-Agent: App iOS 16\r\n")).await;
    assert_eq!((reply.status, reply.body.len(), reply.header("content-length")), (206, 0, Some("0")));
    assert_eq!(reply.header("content-range"), Some(&*format!("bytes */{}", zip.len())));
}

#[tokio::test]
async fn only_what_a_table_names_is_served() {
    let server = Server::start(b"zip", Limits::default()).await;
    assert_eq!(server.get(&server.path.replace("%2B", "+"), "").await.body, b"zip");
    for other in [server.path.replace("com.example.app", "com.other"), server.path.replace("%2Bb", "")] {
        assert_eq!(server.get(&other, "").await.status, 404);
    }
    let empty = Arc::new(Table::new("e".into(), "f".into(), []));
    server.publish(Some(Arc::clone(&empty)), Retired::default());
    let reply = server.get(&server.path, "").await;
    assert_eq!((reply.status, &*reply.error()), (404, "not_found"));

    let kept = |ago: i64| Retired::default().after(&server.table, &empty, Timestamp(clock().0 - ago));
    server.publish(Some(Arc::clone(&empty)), kept(Retired::KEPT - 1));
    assert_eq!(server.get(&server.path, "").await.body, b"zip");
    server.publish(Some(Arc::clone(&empty)), kept(Retired::KEPT));
    assert_eq!(server.get(&server.path, "").await.status, 404);
    assert_eq!(kept(Retired::KEPT).after(&empty, &empty, clock()).hashes().count(), 0);
    assert_eq!(Retired::default().after(&server.table, &server.table, clock()).hashes().count(), 0);
}

#[tokio::test]
async fn events_are_counted_and_answered_at_once() {
    let server = Server::start(b"zip", Limits::default()).await;
    let event =
        r#"{"app_id":"com.example.app","device_id":"d","platform":"ios","action":"set","version_name":"1.2.0+b"}"#;
    for body in [event, &format!("[{event},7,{event}]"), "[]", "null", "{}"] {
        let reply = server.post("/stats", body.as_bytes()).await;
        assert_eq!((reply.status, reply.json()), (200, serde_json::json!({"status": "ok"})), "{body}");
    }
    let counts = server.events.counts();
    assert!(
        counts.iter().any(|(key, count)| &*key.version == VERSION && key.action == "set" && *count == 3),
        "{counts:?}"
    );
}
