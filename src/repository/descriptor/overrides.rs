//! Who gets something else than their channel.

use std::ops::Range;

use super::faults::Faults;
use super::fields::{Field, Fields, Text, Value, kind};
use super::place::OVERRIDE;
use super::{channel, leaf};
use crate::release::policy::{ChannelPolicy, Override, What, Who};

/// Reads `overrides`: each with the place of what it gives. One with an error is left out.
pub(super) fn read_overrides(
    field: &Field<'_>,
    channels: &[ChannelPolicy],
    faults: &mut Faults<'_>,
) -> Vec<(Override, Range<usize>)> {
    let Some(list) = field.value.get_ref().as_array() else {
        let help = "write each override under its own `[[apps.\"<app id>\".overrides]]`, with two brackets";
        field.wrong::<()>("a list of tables", help, faults);
        return Vec::new();
    };
    list.iter().filter_map(|value| read_override(value, channels, faults)).collect()
}

fn read_override<'d>(
    value: &'d Value<'d>,
    channels: &[ChannelPolicy],
    faults: &mut Faults<'_>,
) -> Option<(Override, Range<usize>)> {
    let Some(table) = value.get_ref().as_table() else {
        let message = format!("an override is {} where a table is needed", kind(value));
        faults.error("wrong-type", value.span(), message, "write `{ device = \"...\", channel = \"...\" }`");
        return None;
    };
    let fields = Fields::open(table, &OVERRIDE, faults);
    let who =
        one_of(&fields, ["device", "custom_id"], value.span(), faults).and_then(|(key, text)| who(key, &text, faults));
    let what = one_of(&fields, ["channel", "version"], value.span(), faults)
        .and_then(|(key, text)| Some((what(key, &text, channels, faults)?, text.span)));
    let (what, place) = what?;
    Some((Override { who: who?, what }, place))
}

/// The one of two keys that is written.
fn one_of<'d>(
    fields: &Fields<'d>,
    keys: [&'static str; 2],
    place: Range<usize>,
    faults: &mut Faults<'_>,
) -> Option<(&'static str, Text<'d>)> {
    let [one, other] = keys;
    let (key, field) = match (fields.get(one), fields.get(other)) {
        (Some(field), None) => (one, field),
        (None, Some(field)) => (other, field),
        (neither, _) => {
            let (says, place) = neither.map_or(("neither", place), |field| ("both", field.place));
            let message = format!("an override has exactly one of `{one}` and `{other}`, and this one has {says}");
            faults.error("bad-override", place, message, format!("write one of `{one}` and `{other}`"));
            return None;
        }
    };
    field.text(faults).map(|text| (key, text))
}

fn who(key: &str, text: &Text<'_>, faults: &mut Faults<'_>) -> Option<Who> {
    if text.value.is_empty() {
        let message = format!("`{key}` is empty, so the override is for nobody");
        faults.error("bad-override", text.span.clone(), message, "name someone, or remove the override");
        return None;
    }
    if key == "custom_id" {
        return Some(Who::CustomId(text.value.into()));
    }
    let device = text.value.to_lowercase();
    match device.strip_prefix("sha256:") {
        Some(hex) => hashed(hex, text, faults),
        None => Some(Who::Device(device.into())),
    }
}

fn hashed(hex: &str, text: &Text<'_>, faults: &mut Faults<'_>) -> Option<Who> {
    let hash = leaf::sha256(hex);
    if hash.is_none() {
        let bare = Text { value: text.value.get("sha256:".len()..).unwrap_or_default(), span: text.span.clone() };
        leaf::bad_sha256(&bare, "write `sha256:` and the SHA-256 of the device id in lower case", faults);
    }
    hash.map(Who::DeviceSha256)
}

fn what(key: &str, text: &Text<'_>, channels: &[ChannelPolicy], faults: &mut Faults<'_>) -> Option<What> {
    if key == "version" {
        return leaf::version(text, faults).map(What::Version);
    }
    channel::require(text, channels, faults);
    Some(What::Channel(text.value.into()))
}
