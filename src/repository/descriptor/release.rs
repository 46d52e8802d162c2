//! `release.toml`.

use std::ops::Range;
use std::sync::Arc;

use semver::{Comparator, Op, Version, VersionReq};

use super::channel::PLATFORMS;
use super::faults::Faults;
use super::fields::{Field, Fields, text};
use super::place::{BUNDLE, NATIVE, RELEASE};
use super::{leaf, name, rollout};
use crate::release::platform::PerPlatform;
use crate::release::policy::{Descriptor, Yank};
use crate::repository::problem::Problem;

/// `release.toml`, after reading. Places are bytes of the file.
#[derive(Clone, Debug, Default)]
pub struct ReleaseFile {
    /// `None`: broken.
    pub descriptor: Option<Descriptor>,
    /// `[bundle] sha256`, with its place.
    pub bundle_sha256: Option<([u8; 32], Range<usize>)>,
    /// What it says that only the app's settings and the other releases can judge.
    pub mentions: Mentions,
    /// The place of `platforms`, where it is written.
    pub platforms_place: Option<Range<usize>>,
    /// What is wrong in the file.
    pub problems: Vec<Problem>,
}

/// Places in the text of a descriptor, as bytes of it, of what is judged with the rest of the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// The channels that it names, in `channels` and `rollout`.
    pub channels: Vec<(Box<str>, Range<usize>)>,
    /// `rollout`, where it is written.
    pub rollout: Option<Range<usize>>,
    /// `native`, where it is written.
    pub native: Option<Range<usize>>,
    /// The version in `rollout_as`, where that is written.
    pub rollout_as: Option<Range<usize>>,
}

impl Mentions {
    /// Whether there is nothing to judge.
    pub fn is_empty(&self) -> bool {
        *self == Mentions::default()
    }
}

/// Reads a descriptor. `file` is `<app>/<version>/release.toml`, which every problem gets.
pub fn read_release(file: &str, text: &Arc<str>) -> ReleaseFile {
    let mut faults = Faults::of_release(file, text);
    let mut read = ReleaseFile::default();
    if let Some(table) = faults.parse() {
        let fields = Fields::open(table.get_ref(), &RELEASE, &mut faults);
        let descriptor = descriptor(&fields, &mut read, &mut faults);
        read.bundle_sha256 = fields.get("bundle").and_then(|field| bundle(&field, &mut faults));
        read.descriptor = Some(descriptor).filter(|_| !faults.broken());
    }
    read.problems = faults.into_problems();
    read
}

fn descriptor(fields: &Fields<'_>, read: &mut ReleaseFile, faults: &mut Faults<'_>) -> Descriptor {
    let rollout = fields.get("rollout");
    read.mentions.rollout = rollout.as_ref().map(|field| field.place.clone());
    read.mentions.rollout_as = fields.get("rollout_as").map(|field| field.value.span());
    let platforms = fields.get("platforms");
    read.platforms_place = platforms.as_ref().map(|field| field.value.span());
    let platforms = platforms.and_then(|field| leaf::choices(&field, &PLATFORMS, faults));
    let defaults = Descriptor::default();
    let native_field = fields.get("native");
    read.mentions.native = native_field.as_ref().map(|field| field.place.clone());
    let native = native_field.as_ref().map(|field| native(field, faults)).unwrap_or_default();
    native_field.iter().for_each(|field| warn_of_its_own_name(field, &native, faults));
    Descriptor {
        comment: fields.note("comment", faults),
        link: fields.note("link", faults),
        native,
        platforms: platforms.map_or(defaults.platforms, |list| list.into_iter().collect()),
        channels: fields.get("channels").and_then(|field| channels(&field, read, faults)),
        not_before: fields.get("not_before").and_then(|field| leaf::timestamp(&field, faults)),
        yanked: fields.get("yanked").and_then(|field| yanked(&field, faults)),
        rollout: rollout.and_then(|field| rollout::read(&field, &mut read.mentions.channels, faults)),
        rollout_start: fields.get("rollout_start").and_then(|field| leaf::timestamp(&field, faults)),
        rollout_as: fields.text("rollout_as", faults).and_then(|text| leaf::version(&text, faults)),
    }
}

fn native(field: &Field<'_>, faults: &mut Faults<'_>) -> PerPlatform<Option<VersionReq>> {
    if let Some(table) = field.value.get_ref().as_table() {
        let fields = Fields::open(table, &NATIVE, faults);
        let mut one = |key| fields.text(key, faults).and_then(|text| leaf::requirement(&text, faults));
        return PerPlatform::from_fn(|platform| one(platform.name()));
    }
    let help = "write `native = \">=2.0.0\"`, or `native = { ios = \">=2\", android = \">=2.1\" }`";
    let text = text(field.value).or_else(|| field.wrong("a requirement in quotes", help, faults));
    let all = text.and_then(|text| leaf::requirement(&text, faults));
    PerPlatform::from_fn(|_| all.clone())
}

/// `native` speaks of a native version that is called like the release. Plugins from 8.44.0 on (and their sisters on older
/// trains) name the app's own bundle by the native version, so that such a device takes the two for the same.
fn warn_of_its_own_name(field: &Field<'_>, native: &PerPlatform<Option<VersionReq>>, faults: &mut Faults<'_>) {
    let Some(version) = faults.version().and_then(|name| Version::parse(name).ok()) else { return };
    let names_it = |c: &Comparator| {
        let number = (c.major, c.minor.unwrap_or(0), c.patch.unwrap_or(0));
        let begins_there = matches!(c.op, Op::Exact | Op::GreaterEq | Op::Caret | Op::Tilde | Op::LessEq);
        begins_there && c.pre == version.pre && number == (version.major, version.minor, version.patch)
    };
    let named = native.iter().filter_map(|(_, requirement)| requirement.as_ref());
    if named.flat_map(|requirement| &requirement.comparators).any(names_it) {
        let message = format!(
            "a native version is called {version} too, and a device with that one takes this release for the bundle that \
             came with the app, so it never gets it"
        );
        let help = "call the release something else, for example with a higher patch number";
        faults.warning("named-like-native", field.value.span(), message, help);
    }
}

fn channels(field: &Field<'_>, read: &mut ReleaseFile, faults: &mut Faults<'_>) -> Option<Box<[Box<str>]>> {
    let mut names = field.texts(faults)?;
    if field.value.get_ref().as_array().is_some_and(|list| list.is_empty()) {
        let message = "`channels` is empty, so the release could go nowhere";
        let help = "remove it for every channel, name some, or say `yanked = true` to take the release back";
        faults.error("empty-list", field.value.span(), message, help);
    }
    names.iter().for_each(|text| name::check("channel name", text.value, &text.span, faults));
    // The order says nothing, so it must not make two descriptors differ.
    names.sort_by_key(|text| text.value);
    names.dedup_by_key(|text| text.value);
    read.mentions.channels = names.iter().map(|text| (text.value.into(), text.span.clone())).collect();
    Some(names.iter().map(|text| text.value.into()).collect())
}

fn yanked(field: &Field<'_>, faults: &mut Faults<'_>) -> Option<Yank> {
    let value = field.value.get_ref();
    match (value.as_bool(), value.as_str()) {
        (Some(yanked), _) => yanked.then_some(Yank { reason: None }),
        (None, Some(why)) => Some(Yank { reason: (!why.is_empty()).then(|| why.into()) }),
        _ => field.wrong("true, false or the reason in quotes", "write `yanked = true`, or `yanked = \"why\"`", faults),
    }
}

fn bundle(field: &Field<'_>, faults: &mut Faults<'_>) -> Option<([u8; 32], Range<usize>)> {
    let fields = Fields::open(field.table(faults)?, &BUNDLE, faults);
    let later = ["url", "size", "session_key", "key_id", "checksum", "checksum_old"];
    fields.refuse(&later, "devices would get other bytes than it says", faults);
    let text = fields.text("sha256", faults)?;
    let hash = leaf::sha256(text.value);
    if hash.is_none() {
        leaf::bad_sha256(&text, "write what `sha256sum bundle.zip` prints", faults);
    }
    Some((hash?, text.span))
}
