//! The update check as every plugin from 4.0.1 on sends it: a POST with one flat JSON object.

use std::borrow::Cow;

use super::Unreadable;
use super::lenient::{self, Members, Value};

/// What a device says of itself when it asks for an update, whatever the form in which it said so.
///
/// A field that the client did not send, or sent with another type than a string, is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check<'a> {
    /// `ios`, `android` or `electron`.
    pub platform: Cow<'a, str>,
    /// A UUID mostly, upper-case from old iOS plugins; empty: no usable id.
    pub device_id: Cow<'a, str>,
    /// The app id of the Capacitor config.
    pub app_id: Cow<'a, str>,
    /// What the app itself calls this device.
    pub custom_id: Cow<'a, str>,
    /// The native version: `1.0.0`, but also `1.0`, `2024.1` or `1.0 (beta)`.
    pub version_build: Cow<'a, str>,
    /// The bundle that runs; `builtin`, empty or the native version where it is the app's own.
    pub version_name: Cow<'a, str>,
    /// The version of the plugin, as it reports itself.
    pub plugin_version: Cow<'a, str>,
    /// The channel that the device names, or empty.
    pub default_channel: Cow<'a, str>,
    /// A simulator or an emulator. Plugins before 4.10.0 do not say: false.
    pub is_emulator: bool,
    /// A store build. Plugins before 4.10.0 do not say: true.
    pub is_prod: bool,
}

impl Default for Check<'_> {
    fn default() -> Self {
        Check {
            platform: Cow::Borrowed(""),
            device_id: Cow::Borrowed(""),
            app_id: Cow::Borrowed(""),
            custom_id: Cow::Borrowed(""),
            version_build: Cow::Borrowed(""),
            version_name: Cow::Borrowed(""),
            plugin_version: Cow::Borrowed(""),
            default_channel: Cow::Borrowed(""),
            is_emulator: false,
            is_prod: true,
        }
    }
}

/// Reads the body of a POST.
///
/// Only two fields are required, `app_id` and `device_id`, and they may be empty. Unknown keys are ignored, a wrong type
/// counts as an absent field, and of a key that comes twice the last one counts.
///
/// # Errors
/// The body is no JSON object, or lacks one of the two.
#[inline]
pub fn read(body: &[u8]) -> Result<Check<'_>, Unreadable> {
    let mut fields = Fields::default();
    read_into(&mut fields, body)?;
    match fields {
        Fields { has_app_id: false, .. } => Err(Unreadable::NoAppId),
        Fields { has_device_id: false, .. } => Err(Unreadable::NoDeviceId),
        Fields { check, .. } => Ok(check),
    }
}

/// A device that somebody asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description<'a> {
    /// What it would say of itself.
    pub check: Check<'a>,
    /// Whether an app id is there at all. An empty one is that of no app.
    pub has_app_id: bool,
}

/// Reads the description of a device that somebody asks about, by the same names: neither id need be there.
///
/// # Errors
/// The body is no JSON object.
pub fn read_description(body: &[u8]) -> Result<Description<'_>, Unreadable> {
    let mut fields = Fields::default();
    read_into(&mut fields, body)?;
    Ok(Description { check: fields.check, has_app_id: fields.has_app_id })
}

/// In place: each function that handed all the fields on would copy them.
fn read_into<'a>(fields: &mut Fields<'a>, body: &'a [u8]) -> Result<(), Unreadable> {
    // text is checked once as a whole, which costs less than string by string
    let text = str::from_utf8(body).map_err(|_| Unreadable::NotJson)?;
    if lenient::read(text, fields).is_err() {
        let raw = serde_json::from_str(text).map_err(|_| Unreadable::NotJson)?;
        *fields = lenient::patiently(raw).ok_or(Unreadable::NotAnObject)?;
    }
    Ok(())
}

#[derive(Default)]
struct Fields<'a> {
    check: Check<'a>,
    has_app_id: bool,
    has_device_id: bool,
}

impl<'a> Members<'a> for Fields<'a> {
    fn set(&mut self, name: &[u8], value: Value<'a>) {
        let check = &mut self.check;
        match name {
            b"is_emulator" => check.is_emulator = value.bool().unwrap_or(false),
            b"is_prod" => check.is_prod = value.bool().unwrap_or(true),
            b"app_id" => {
                let text = value.text();
                self.has_app_id = text.is_some();
                check.app_id = text.unwrap_or_default();
            }
            b"device_id" => {
                let text = value.text();
                self.has_device_id = text.is_some();
                check.device_id = text.unwrap_or_default();
            }
            b"platform" => check.platform = value.text().unwrap_or_default(),
            b"custom_id" => check.custom_id = value.text().unwrap_or_default(),
            b"version_build" => check.version_build = value.text().unwrap_or_default(),
            b"version_name" => check.version_name = value.text().unwrap_or_default(),
            b"plugin_version" => check.plugin_version = value.text().unwrap_or_default(),
            b"defaultChannel" => check.default_channel = value.text().unwrap_or_default(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::protocol::lenient::tests::{json, member};

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
        }

        #[test]
        fn any_json_is_a_check_where_it_is_an_object_with_both_ids(
            before in prop::collection::vec(member(), 0..4),
            has_app: bool,
            after in prop::collection::vec(member(), 0..4),
        ) {
            let app = has_app.then(|| r#""app_id":"a""#.to_owned());
            let device = r#""device_id":"d""#.to_owned();
            let members: Vec<String> = before.into_iter().chain(app).chain([device]).chain(after).collect();
            let body = format!("{{{}}}", members.join(","));
            let expected = if has_app { Ok("a".to_owned()) } else { Err(Unreadable::NoAppId) };
            prop_assert_eq!(read(body.as_bytes()).map(|check| check.app_id.into_owned()), expected, "{}", body);
        }

        #[test]
        fn other_json_is_no_object(value in json()) {
            if !value.starts_with('{') {
                prop_assert_eq!(read(value.as_bytes()), Err(Unreadable::NotAnObject), "{}", value);
            }
        }
    }

    #[test]
    fn what_no_type_holds_counts_as_absent() {
        let body = br#"{"app_id":"a","device_id":"d","x":1e999,"version_name":"\ud800","\ud800":1,"platform":"ios"}"#;
        let check = read(body).unwrap();
        assert_eq!((&*check.app_id, &*check.version_name, &*check.platform), ("a", "", "ios"));
        let deep = format!(r#"{{"app_id":"a","x":{}{},"device_id":"d"}}"#, "[".repeat(9000), "]".repeat(9000));
        assert_eq!(read(deep.as_bytes()).unwrap().device_id, "d");
        assert_eq!(read(br#"{"app_id":"\ud800","device_id":"d"}"#), Err(Unreadable::NoAppId));
    }

    #[test]
    fn reads_what_the_plugin_sends() {
        let body =
            br#"{"platform":"ios","device_id":"A-1","app_id":"com.example.app","custom_id":"","version_build":"1.0",
            "version_code":"1","version_os":"17","version_name":"builtin","plugin_version":"8.1.0","is_emulator":true,
            "is_prod":false,"defaultChannel":"b\u0065ta","install_source":"app_store"}"#;
        let check = read(body).unwrap();
        assert_eq!((&*check.platform, &*check.device_id, &*check.app_id), ("ios", "A-1", "com.example.app"));
        assert_eq!((&*check.version_build, &*check.version_name), ("1.0", "builtin"));
        assert_eq!((&*check.plugin_version, &*check.default_channel), ("8.1.0", "beta"));
        assert!(check.is_emulator && !check.is_prod);
    }

    #[test]
    fn absent_booleans_mean_a_store_build_on_a_device() {
        let check = read(br#"{"app_id":"a","device_id":"d"}"#).unwrap();
        assert!(check.is_prod && !check.is_emulator);
    }

    #[test]
    fn a_wrong_type_counts_as_absent() {
        let check = read(
            br#"{"app_id":"a","device_id":"","custom_id":null,"version_name":7,"is_prod":"false","platform":[{}]}"#,
        );
        let check = check.unwrap();
        assert_eq!((&*check.custom_id, &*check.version_name, &*check.platform), ("", "", ""));
        assert!(check.is_prod);
        assert_eq!(read(br#"{"app_id":1,"device_id":"d"}"#), Err(Unreadable::NoAppId));
        assert_eq!(read(br#"{"app_id":"a","device_id":null}"#), Err(Unreadable::NoDeviceId));
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for (body, why) in [
            (&b"{oops"[..], Unreadable::NotJson),
            (b"", Unreadable::NotJson),
            (b"{\"app_id\":\"a\",\"device_id\":\"d\"} x", Unreadable::NotJson),
            (b"{\"app_id\":\"\xff\",\"device_id\":\"d\"}", Unreadable::NotJson),
            (b"{\"app_id\":\"a\",\"device_id\":\"d\",\"a\nb\":1}", Unreadable::NotJson),
            (b"[{]", Unreadable::NotJson),
            (b"[]", Unreadable::NotAnObject),
            (b"\"app_id\"", Unreadable::NotAnObject),
            (b"{}", Unreadable::NoAppId),
            (b"{\"app_id\":\"a\"}", Unreadable::NoDeviceId),
        ] {
            assert_eq!(read(body), Err(why), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn a_description_needs_no_id() {
        assert_eq!(read_description(b"{}"), Ok(Description { check: Check::default(), has_app_id: false }));
        assert_eq!(read_description(br#"{"platform":"ios"}"#).unwrap().check.platform, "ios");
        assert!(read_description(br#"{"app_id":""}"#).unwrap().has_app_id);
        assert!(!read_description(br#"{"app_id":null}"#).unwrap().has_app_id, "of another type it is as if not there");
        assert_eq!(read_description(b"[]"), Err(Unreadable::NotAnObject));
        assert_eq!(read_description(b"{"), Err(Unreadable::NotJson));
    }

    #[test]
    fn of_a_key_that_comes_twice_the_last_counts() {
        let check = read(br#"{"app_id":"a","app_id":"b","device_id":"d"}"#).unwrap();
        assert_eq!(check.app_id, "b");
    }
}
