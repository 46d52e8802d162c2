//! One channel of an app.

use toml::Spanned;
use toml::de::DeString;

use super::app_part::AppPlaces;
use super::faults::{Faults, quoted};
use super::fields::{Fields, Text, Value, kind};
use super::place::{CHANNEL, nearest};
use super::{leaf, name};
use crate::release::platform::Platform;
use crate::release::policy::{Builds, ChannelPolicy, Hardware, Pin, StayWithin};

/// The platforms by name.
pub(super) const PLATFORMS: [(&str, Platform); 3] =
    [("ios", Platform::Ios), ("android", Platform::Android), ("electron", Platform::Electron)];

const STAY_WITHIN: [(&str, StayWithin); 4] = [
    ("major", StayWithin::Major),
    ("minor", StayWithin::Minor),
    ("patch", StayWithin::Patch),
    ("any", StayWithin::Any),
];

/// Reads a channel; with errors noted, what comes back has only the right name.
pub(super) fn read_channel<'d>(
    key: &Spanned<DeString<'d>>,
    value: &'d Value<'d>,
    places: &mut AppPlaces,
    faults: &mut Faults<'_>,
) -> ChannelPolicy {
    let channel = key.get_ref();
    name::check("channel name", channel, &key.span(), faults);
    let mut policy = ChannelPolicy::named(channel);
    match value.get_ref().as_table() {
        Some(table) => fill(&mut policy, &Fields::open(table, &CHANNEL, faults), places, faults),
        None => not_a_table(channel, value, faults),
    }
    policy
}

fn not_a_table(channel: &str, value: &Value<'_>, faults: &mut Faults<'_>) {
    let message = format!("the channel {} is {} where a table is needed", quoted(channel), kind(value));
    faults.error("wrong-type", value.span(), message, "write `{}` for a channel that needs no settings");
}

fn fill(policy: &mut ChannelPolicy, fields: &Fields<'_>, places: &mut AppPlaces, faults: &mut Faults<'_>) {
    refuse_what_is_not_there_yet(fields, faults);
    set(&mut policy.tags, fields.flag("tags", faults));
    policy.prereleases = fields.flag("prereleases", faults);
    set(&mut policy.public, fields.flag("public", faults));
    set(&mut policy.self_assign, fields.flag("self_assign", faults));
    set(&mut policy.below_native, fields.flag("below_native", faults));
    audience(policy, fields, faults);
    let stay = fields.text("stay_within", faults);
    set(&mut policy.stay_within, stay.and_then(|text| leaf::choice("stay_within", &text, &STAY_WITHIN, faults)));
    if let Some(text) = fields.text("pin", faults) {
        policy.pin = pin(&text, faults);
        if matches!(policy.pin, Some(Pin::Version(_))) {
            places.pins.push((policy.name.clone(), text.span));
        }
    }
}

fn set<T>(slot: &mut T, written: Option<T>) {
    if let Some(value) = written {
        *slot = value;
    }
}

fn audience(policy: &mut ChannelPolicy, fields: &Fields<'_>, faults: &mut Faults<'_>) {
    let platforms = fields.get("platforms").and_then(|field| leaf::choices(&field, &PLATFORMS, faults));
    set(&mut policy.platforms, platforms.map(|list| list.into_iter().collect()));
    let builds =
        fields.get("builds").and_then(|field| leaf::choices(&field, &[("prod", true), ("dev", false)], faults));
    set(&mut policy.builds, builds.map(|list| Builds { prod: list.contains(&true), dev: list.contains(&false) }));
    let kinds = [("device", true), ("emulator", false)];
    let hardware = fields.get("hardware").and_then(|field| leaf::choices(&field, &kinds, faults));
    set(
        &mut policy.hardware,
        hardware.map(|list| Hardware { device: list.contains(&true), emulator: list.contains(&false) }),
    );
}

fn refuse_what_is_not_there_yet(fields: &Fields<'_>, faults: &mut Faults<'_>) {
    if let Some(field) = fields.get("signed")
        && field.flag(faults) == Some(true)
    {
        field.not_available("signed = true", "releases would open that nobody signed", faults);
    }
    fields.refuse(&["halt"], "a failing release would not be halted", faults);
}

fn pin(text: &Text<'_>, faults: &mut Faults<'_>) -> Option<Pin> {
    match text.value {
        "builtin" => Some(Pin::Builtin),
        _ => leaf::version(text, faults).map(Pin::Version),
    }
}

/// Notes the name of a channel that the app does not have.
pub(super) fn require(text: &Text<'_>, channels: &[ChannelPolicy], faults: &mut Faults<'_>) {
    let names = || channels.iter().map(|channel| &*channel.name);
    // Without a readable `channels` nothing can be said.
    if channels.is_empty() || names().any(|name| name == text.value) {
        return;
    }
    let help = match nearest(text.value, names()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("add it to `channels`, or name one of {}", super::faults::listed(names())),
    };
    faults.error("unknown-channel", text.span.clone(), format!("the app has no channel {}", quoted(text.value)), help);
}
