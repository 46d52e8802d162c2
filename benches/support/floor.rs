//! The floors of an update check: bare hyper servers that do what nobody can do without.

use std::borrow::Cow;
use std::hint::black_box;

use bytes::Bytes;
use http_body_util::BodyExt;
use serde::Deserialize;

use super::hyper_server::{answer, serve};

const JSON: &str = "application/json";

/// Answers the same bytes to everything, and lets hyper skip what came.
pub fn constant(body: String) {
    let body = Bytes::from(body);
    serve(move |_| {
        let body = body.clone();
        async { answer(JSON, body) }
    });
}

/// Reads the body of a check, parses it, and answers the same bytes to everything.
pub fn parsing(body: String) {
    let body = Bytes::from(body);
    serve(move |request| {
        let body = body.clone();
        async {
            let came = request.into_body().collect().await.expect("a body").to_bytes();
            black_box(serde_json::from_slice::<Check<'_>>(&came).expect("a check"));
            answer(JSON, body)
        }
    });
}

/// The fields of a check, as a server would read them that trusts its clients to send the right types.
#[derive(Deserialize)]
#[expect(dead_code, reason = "parsing them is all that is asked")]
struct Check<'a> {
    #[serde(borrow)]
    platform: Cow<'a, str>,
    #[serde(borrow)]
    device_id: Cow<'a, str>,
    #[serde(borrow)]
    app_id: Cow<'a, str>,
    #[serde(borrow)]
    custom_id: Cow<'a, str>,
    #[serde(borrow)]
    version_build: Cow<'a, str>,
    #[serde(borrow)]
    version_code: Cow<'a, str>,
    #[serde(borrow)]
    version_os: Cow<'a, str>,
    #[serde(borrow)]
    version_name: Cow<'a, str>,
    #[serde(borrow)]
    plugin_version: Cow<'a, str>,
    is_emulator: bool,
    is_prod: bool,
    #[serde(borrow, rename = "defaultChannel")]
    default_channel: Cow<'a, str>,
    #[serde(borrow)]
    install_source: Cow<'a, str>,
}
