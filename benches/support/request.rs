//! An update check as a current plugin on a phone sends it.

/// The app of all repositories here.
pub const APP: &str = "com.example.app";

/// A device, as far as the decision depends on it.
#[derive(Clone, Copy)]
pub struct Device<'a> {
    /// The native version.
    pub native: &'a str,
    /// What it runs.
    pub running: &'a str,
    /// The channel that it names, or nothing.
    pub channel: &'a str,
}

/// The whole request, head and body.
pub fn check(device: Device<'_>) -> Vec<u8> {
    check_of(device, "5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40")
}

/// The requests of so many such devices, each with an id of its own.
#[allow(dead_code, reason = "not everybody asks for a fleet")]
pub fn checks(device: Device<'_>, count: u32) -> Vec<Vec<u8>> {
    // as far from each other as random ones, and the same in each run
    let id = |at: u32| format!("{:08x}-7b1d-4c55-9a31-0c6c1d2e3f40", at.wrapping_mul(2_654_435_761));
    (0..count).map(|at| check_of(device, &id(at))).collect()
}

fn check_of(device: Device<'_>, id: &str) -> Vec<u8> {
    let body = body(device, id);
    format!(
        "POST /updates HTTP/1.1\r\n\
         Content-Type: application/json; charset=utf-8\r\n\
         Content-Length: {}\r\n\
         Host: updates.example.com\r\n\
         Connection: Keep-Alive\r\n\
         Accept-Encoding: gzip\r\n\
         User-Agent: CapacitorUpdater/8.50.0 ({APP}) android/15\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn body(Device { native, running, channel }: Device<'_>, id: &str) -> String {
    format!(r#"{{"platform":"android","device_id":"{id}","app_id":"{APP}","#)
        + &format!(r#""custom_id":"","version_build":"{native}","version_code":"421","version_os":"15","#)
        + &format!(r#""version_name":"{running}","plugin_version":"8.50.0","is_emulator":false,"is_prod":true,"#)
        + &format!(r#""defaultChannel":"{channel}","install_source":"google_play"}}"#)
}
