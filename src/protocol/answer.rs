//! The answer to a check: the core's decision in the form that this very client understands.
//!
//! An answer is either an update, which is `version`, `url` and what belongs to them, or a reason, which is `error`,
//! `message` and `kind`. Never both: from 8.45.11 on (and its sisters on older trains) plugins take the mere presence of
//! `error` or `kind` for "no update". And nothing is ever null: some plugins crash on one.

use std::borrow::Cow;

use super::check::Check;
use super::client::{Checksum, Client, UpToDate};
use super::json::{Object, Piece, digits};
use super::refusal::{CANNOT_RESET, NOT_READY, Reason, STORE_UPDATE, UP_TO_DATE, reason};
use crate::release::decide::{Decision, decide};
use crate::release::device::{Device, Running};
use crate::release::native::Native;
use crate::release::platform::Platform;
use crate::release::table::{Bundle, Release, Table};
use crate::release::time::Timestamp;

/// Answers a check. The bytes are a JSON object, to be sent with status 200 whatever they say: many plugins lose the body
/// of any other status. `artefact_base` is what URLs start with, in two pieces and without a slash at its end.
pub fn answer(table: Option<&Table>, check: &Check<'_>, artefact_base: [&str; 2], now: Timestamp) -> Vec<u8> {
    let Some(table) = table else {
        return refused(NOT_READY, None);
    };
    let platform = Platform::from_name(&check.platform);
    let client = Client::new(platform, &check.plugin_version);
    let device = device(check, platform, client);
    let url = UrlOf { base: artefact_base, app: device.app };
    match decide(table, &device, now) {
        Decision::Offer { release, bundle } => update(client, release, bundle, &url),
        Decision::UpToDate => match (client.up_to_date(), current_bundle(table, &device)) {
            (UpToDate::KindOnly, Some(_)) => {
                Object::new().text("kind", UP_TO_DATE.kind.name()).text("version", &check.version_name).finish()
            }
            (UpToDate::CurrentUrl, Some(bundle)) => {
                with_url(Object::new(), &check.version_name, &digits(&bundle.sha256), &url).finish()
            }
            _ => refused(UP_TO_DATE, Some(&*check.version_name).filter(|name| !matches!(*name, "" | "builtin"))),
        },
        Decision::Builtin if client.resets_to_builtin() => Object::new().text("version", "builtin").finish(),
        Decision::Builtin => refused(CANNOT_RESET, None),
        Decision::Refused { why, withheld } => refused(reason(why), withheld.map(|release| &*release.name)),
    }
}

struct UrlOf<'a> {
    base: [&'a str; 2],
    app: &'a str,
}

/// The device that sends a check, as the core sees it.
pub fn device_of<'a>(check: &'a Check<'_>) -> Device<'a> {
    let platform = Platform::from_name(&check.platform);
    device(check, platform, Client::new(platform, &check.plugin_version))
}

/// Whether the plugin that sends a check can go back to the bundle that came with the app.
pub fn resets_to_builtin(check: &Check<'_>) -> bool {
    Client::new(Platform::from_name(&check.platform), &check.plugin_version).resets_to_builtin()
}

/// Whether the plugin that sends a check is told that it is up to date by the URL of the release that it runs.
pub fn is_told_by_url(check: &Check<'_>) -> bool {
    let client = Client::new(Platform::from_name(&check.platform), &check.plugin_version);
    client.up_to_date() == UpToDate::CurrentUrl
}

/// What the core needs to know of the device that sent a check.
fn device<'a>(check: &'a Check<'_>, platform: Option<Platform>, client: Client) -> Device<'a> {
    let running = match &*check.version_name {
        "" | "builtin" => Running::Builtin,
        name if client.names_builtin_by_native() && name == check.version_build => Running::Builtin,
        name => Running::Release(name),
    };
    let nameless = client.forgets_its_id() && running == Running::Builtin;
    Device {
        app: &check.app_id,
        platform,
        id: if nameless { Cow::Borrowed("") } else { lower_case(&check.device_id) },
        custom_id: &check.custom_id,
        running,
        version_build: &check.version_build,
        native: Native::read(&check.version_build),
        default_channel: &check.default_channel,
        is_prod: check.is_prod,
        is_emulator: check.is_emulator,
    }
}

fn lower_case(text: &str) -> Cow<'_, str> {
    // without an early end, so that many bytes are looked at at once
    let may_change = text.bytes().fold(false, |found, byte| found | !byte.is_ascii() | byte.is_ascii_uppercase());
    if !may_change { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// The bundle that the device runs, where the table serves it to the device's platform.
fn current_bundle<'t>(table: &'t Table, device: &Device<'_>) -> Option<&'t Bundle> {
    let Running::Release(name) = device.running else {
        return None;
    };
    let platform = device.platform?;
    let release = table.app(device.app)?.release(name).filter(|release| release.serves(platform))?;
    release.bundles.get(platform).as_deref()
}

fn update(client: Client, release: &Release, bundle: &Bundle, url: &UrlOf<'_>) -> Vec<u8> {
    let sha256 = digits(&bundle.sha256);
    let mut object = with_url(Object::new(), &release.name, &sha256, url);
    object = match client.checksum() {
        Checksum::Omit => object,
        Checksum::Crc32 => object.joined("checksum", &[Piece::Digits(&digits(&bundle.crc32.to_be_bytes()))]),
        Checksum::Sha256 => object.joined("checksum", &[Piece::Digits(&sha256)]),
    };
    if client.reads_notes() {
        let descriptor = &release.descriptor;
        object = object.text_if("link", descriptor.link.as_deref()).text_if("comment", descriptor.comment.as_deref());
    }
    object.finish()
}

/// The version, and where its bundle is fetched: `/bundles/<app>/<version>/<sha256>.zip` below the base of a server.
fn with_url(object: Object, version: &str, sha256: &[[u8; 2]], url: &UrlOf<'_>) -> Object {
    let in_path = if version.contains('+') { Cow::Owned(version.replace('+', "%2B")) } else { Cow::Borrowed(version) };
    let text = Piece::Text;
    let [scheme, host] = url.base;
    let url = [
        text(scheme),
        text(host),
        text("/bundles/"),
        text(url.app),
        text("/"),
        text(&in_path),
        text("/"),
        Piece::Digits(sha256),
        text(".zip"),
    ];
    object.text("version", version).joined("url", &url)
}

fn refused(reason: Reason, version: Option<&str>) -> Vec<u8> {
    let Reason { code, message, kind } = reason;
    let object = Object::new().text("error", code).text("message", message).text("kind", kind.name());
    let object = object.text_if("version", version);
    if reason == STORE_UPDATE { object.yes("major").yes("breaking").finish() } else { object.finish() }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::release::platform::PerPlatform;
    use crate::release::policy::{AppPolicy, ChannelPolicy, Descriptor, Pin};
    use crate::release::table::App;
    use crate::release::tags::AppTags;

    fn release(name: &str, descriptor: Descriptor) -> Arc<Release> {
        let bundle = Arc::new(Bundle { sha256: [0xab; 32], crc32: 0x1f, size: 1 });
        Arc::new(Release {
            name: name.into(),
            version: name.parse().unwrap(),
            descriptor: Arc::new(descriptor),
            bundles: PerPlatform::from_fn(|_| Some(Arc::clone(&bundle))),
        })
    }

    fn table() -> Table {
        let policy = AppPolicy {
            id: "com.example.app".into(),
            name: None,
            default_channel: "production".into(),
            channels: vec![
                ChannelPolicy { below_native: true, ..ChannelPolicy::named("production") },
                ChannelPolicy { pin: Some(Pin::Builtin), ..ChannelPolicy::named("reset") },
            ],
            overrides: Vec::new(),
        };
        let noted = Descriptor {
            comment: Some("Fixes \"login\"".into()),
            link: Some("https://n".into()),
            ..Descriptor::default()
        };
        let app = App::new(policy, [release("1.2.0+7", noted)], HashSet::new(), AppTags::default());
        Table::new("c0".to_owned(), "d0".to_owned(), [Arc::new(app)])
    }

    fn ask(platform: &str, plugin: &str, version_name: &str, version_build: &str, channel: &str) -> Value {
        let check = Check {
            platform: platform.into(),
            app_id: "com.example.app".into(),
            device_id: "D".into(),
            version_name: version_name.into(),
            version_build: version_build.into(),
            plugin_version: plugin.into(),
            default_channel: channel.into(),
            ..Check::default()
        };
        serde_json::from_slice(&answer(Some(&table()), &check, ["http://", "h"], Timestamp(0))).unwrap()
    }

    const URL: &str = "http://h/bundles/com.example.app/1.2.0%2B7/abababababababababababababababababababababababababababababababab.zip";

    #[test]
    fn an_update_has_what_the_client_reads_and_no_more() {
        assert_eq!(
            ask("ios", "7.20.1", "1.1.0", "1.0.0", ""),
            json!({"version": "1.2.0+7", "url": URL, "checksum": "ab".repeat(32)})
        );
        assert_eq!(
            ask("ios", "8.51.0", "1.1.0", "1.0.0", ""),
            json!({"version": "1.2.0+7", "url": URL, "checksum": "ab".repeat(32), "link": "https://n", "comment": "Fixes \"login\""})
        );
        assert_eq!(
            ask("android", "5.9.5", "1.1.0", "1.0.0", ""),
            json!({"version": "1.2.0+7", "url": URL, "checksum": "0000001f"})
        );
        assert_eq!(ask("android", "7.0.20", "1.1.0", "1.0.0", ""), json!({"version": "1.2.0+7", "url": URL}));
    }

    #[test]
    fn up_to_date_is_said_so_that_the_client_stays_quiet() {
        let reason = json!({"error": "no_new_version_available", "message": "No new version available", "kind": "up_to_date", "version": "1.2.0+7"});
        assert_eq!(ask("ios", "8.51.0", "1.2.0+7", "1.0.0", ""), reason);
        assert_eq!(ask("electron", "0.0.1", "1.2.0+7", "1.0.0", ""), reason);
        assert_eq!(ask("ios", "7.20.1", "1.2.0+7", "1.0.0", ""), json!({"kind": "up_to_date", "version": "1.2.0+7"}));
        assert_eq!(ask("ios", "6.14.1", "1.2.0+7", "1.0.0", ""), json!({"version": "1.2.0+7", "url": URL}));
    }

    #[test]
    fn on_builtin_every_client_gets_the_reason_and_no_echo_of_the_word() {
        let reason =
            json!({"error": "no_new_version_available", "message": "No new version available", "kind": "up_to_date"});
        for plugin in ["8.43.0", "7.20.1", "6.14.1"] {
            assert_eq!(ask("ios", plugin, "builtin", "1.2.0+7", ""), reason, "{plugin}");
        }
        assert_eq!(ask("ios", "8.44.0", "1.2.0+7", "1.2.0+7", "")["version"], "1.2.0+7");
    }

    #[test]
    fn back_to_builtin_where_the_plugin_can() {
        assert_eq!(ask("ios", "8.51.0", "1.2.0+7", "1.0.0", "reset"), json!({"version": "builtin"}));
        assert_eq!(
            ask("ios", "5.9.5", "1.2.0+7", "1.0.0", "reset")["error"],
            "revert_to_builtin_plugin_version_too_old"
        );
        assert_eq!(ask("ios", "8.51.0", "builtin", "1.0.0", "reset")["kind"], "up_to_date");
    }

    #[test]
    fn only_a_major_update_asks_for_the_store() {
        let major = json!({"error": "disable_auto_update_to_major", "message": "store_update_required", "kind": "blocked",
            "version": "1.2.0+7", "major": true, "breaking": true});
        assert_eq!(ask("ios", "8.51.0", "builtin", "0.9.0", ""), major);
        let unreadable = ask("ios", "8.51.0", "builtin", "what", "");
        assert_eq!((&unreadable["error"], &unreadable["kind"]), (&json!("semver_error"), &json!("failed")));
        assert_eq!(unreadable.get("major"), None);
    }

    #[test]
    fn without_a_table_nothing_is_ready() {
        let body = answer(None, &Check::default(), ["", ""], Timestamp(0));
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!((&body["error"], &body["kind"]), (&json!("not_ready"), &json!("blocked")));
    }
}
