//! One app's part of `releases.toml`.

use std::ops::Range;

use super::app_part::{AppPart, AppPlaces};
use super::faults::{Faults, quoted};
use super::fields::{Fields, Value, kind};
use super::place::APP;
use super::{channel, name, overrides};
use crate::release::policy::{AppPolicy, ChannelPolicy};

const PRODUCTION: &str = "production";

/// Reads the part of the app whose id stands at `place`, adding to what is wrong already.
pub(super) fn read_app<'d>(id: &str, place: Range<usize>, value: &'d Value<'d>, mut faults: Faults<'_>) -> AppPart {
    name::check("app id", id, &place, &mut faults);
    let mut places = AppPlaces { app: place, pins: Vec::new(), overrides: Vec::new() };
    let policy = match value.get_ref().as_table() {
        Some(table) => Some(policy(id, &Fields::open(table, &APP, &mut faults), &mut places, &mut faults)),
        None => not_a_table(id, value, &mut faults),
    };
    AppPart { policy: policy.filter(|_| !faults.broken()), problems: faults.into_problems(), places }
}

fn not_a_table(id: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<AppPolicy> {
    let message = format!("the app {} is {} where a table is needed", quoted(id), kind(value));
    faults.error("wrong-type", value.span(), message, "write `[apps.\"<app id>\"]` on a line of its own");
    None
}

fn policy(id: &str, fields: &Fields<'_>, places: &mut AppPlaces, faults: &mut Faults<'_>) -> AppPolicy {
    let name = fields.note("name", faults);
    let channels = channels(fields, places, faults);
    let default_channel = default_channel(fields, &channels, faults);
    let overrides = fields.get("overrides").map(|field| overrides::read_overrides(&field, &channels, faults));
    let (overrides, at) = overrides.unwrap_or_default().into_iter().unzip();
    places.overrides = at;
    AppPolicy { id: id.into(), name, default_channel, channels, overrides }
}

/// None at all only where `channels` is no table.
fn channels(fields: &Fields<'_>, places: &mut AppPlaces, faults: &mut Faults<'_>) -> Vec<ChannelPolicy> {
    let Some(field) = fields.get("channels") else { return vec![ChannelPolicy::named(PRODUCTION)] };
    let Some(table) = field.table(faults) else { return Vec::new() };
    if table.is_empty() {
        return vec![ChannelPolicy::named(PRODUCTION)];
    }
    table.iter().map(|(key, value)| channel::read_channel(key, value, places, faults)).collect()
}

fn default_channel(fields: &Fields<'_>, channels: &[ChannelPolicy], faults: &mut Faults<'_>) -> Box<str> {
    if let Some(field) = fields.get("default_channel") {
        let text = field.text(faults);
        text.iter().for_each(|text| channel::require(text, channels, faults));
        return text.map_or(PRODUCTION, |text| text.value).into();
    }
    let first = channels.first().filter(|_| channels.iter().all(|channel| &*channel.name != PRODUCTION));
    if let (Some(first), Some(field)) = (first, fields.get("channels")) {
        let message = "no channel is called `production`, so a device that names no channel would have none";
        let help = format!("add a channel `production`, or say `default_channel = \"{}\"`", first.name);
        faults.error("no-default-channel", field.place, message, help);
    }
    PRODUCTION.into()
}
