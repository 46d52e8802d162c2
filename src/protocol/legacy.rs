//! The update check of plugins 3.0.0 to 3.3.20: a GET whose headers, with underscores in their names, say who asks.

use std::borrow::Cow;

use super::check::Check;

/// Reads the headers of a GET; `None` where it has no `cap_app_id` and so is no check.
///
/// Bytes that are not UTF-8 are replaced: such a value matches nothing, and harms nothing. These plugins say nothing of the
/// kind of build or hardware, and name no channel.
pub fn read<'a>(header: impl Fn(&str) -> Option<&'a [u8]>) -> Option<Check<'a>> {
    let text = |name: &str| header(name).map(String::from_utf8_lossy);
    let or_empty = |name: &str| text(name).unwrap_or(Cow::Borrowed(""));
    Some(Check {
        app_id: text("cap_app_id")?,
        platform: or_empty("cap_platform"),
        device_id: or_empty("cap_device_id"),
        version_build: or_empty("cap_version_build"),
        version_name: or_empty("cap_version_name"),
        plugin_version: or_empty("cap_plugin_version"),
        ..Check::default()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_headers_are_a_check_where_they_name_an_app(
            app in prop::option::of(prop::collection::vec(any::<u8>(), 0..20)),
            other in prop::option::of(prop::collection::vec(any::<u8>(), 0..20)),
        ) {
            let header = |name: &str| if name == "cap_app_id" { app.as_deref() } else { other.as_deref() };
            prop_assert_eq!(read(header).is_some(), app.is_some());
        }
    }

    #[test]
    fn a_get_is_a_check_where_it_names_an_app() {
        assert_eq!(read(|_| None), None);
        let check = read(|name| (name == "cap_app_id").then_some(&b""[..])).unwrap();
        assert_eq!((&*check.app_id, &*check.device_id), ("", ""));
        assert!(check.is_prod && !check.is_emulator);
    }

    #[test]
    fn odd_bytes_are_replaced() {
        let check = read(|name| (name != "cap_platform").then_some(&b"1.\xff"[..])).unwrap();
        assert_eq!((&*check.version_name, &*check.platform), ("1.\u{fffd}", ""));
    }
}
