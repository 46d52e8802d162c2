//! Which keys belong where, and what someone may have meant by one that does not.

use strsim::damerau_levenshtein;

use super::faults::{listed, quoted};

/// A table with a fixed set of keys.
pub(super) struct Place {
    /// Every key that may stand there.
    pub keys: &'static [&'static str],
    /// Where that is: "in a channel".
    pub name: &'static str,
    /// How a key gets there.
    way: &'static str,
    file: &'static str,
}

pub(super) static SETTINGS: Place =
    Place { keys: &["apps"], name: "at the top of releases.toml", way: "above all tables", file: "releases.toml" };

pub(super) static APP: Place = Place {
    keys: &["name", "default_channel", "channels", "overrides"],
    name: "in an app's part",
    way: "under `[apps.\"<app id>\"]`",
    file: "releases.toml",
};

pub(super) static CHANNEL: Place = Place {
    keys: &[
        "tags",
        "prereleases",
        "signed",
        "public",
        "self_assign",
        "platforms",
        "builds",
        "hardware",
        "stay_within",
        "below_native",
        "pin",
        "halt",
    ],
    name: "in a channel",
    way: "under `[apps.\"<app id>\".channels.<channel>]`",
    file: "releases.toml",
};

pub(super) static OVERRIDE: Place = Place {
    keys: &["device", "custom_id", "channel", "version"],
    name: "in an override",
    way: "under `[[apps.\"<app id>\".overrides]]`",
    file: "releases.toml",
};

pub(super) static RELEASE: Place = Place {
    keys: &[
        "comment",
        "link",
        "native",
        "platforms",
        "channels",
        "not_before",
        "yanked",
        "rollout",
        "rollout_start",
        "rollout_as",
        "bundle",
    ],
    name: "in release.toml",
    way: "above all tables",
    file: "release.toml",
};

pub(super) static NATIVE: Place = Place {
    keys: &["ios", "android", "electron"],
    name: "in `native`",
    way: "as `native = { ios = \"...\" }`",
    file: "release.toml",
};

pub(super) static BUNDLE: Place = Place {
    keys: &["sha256", "url", "size", "session_key", "key_id", "checksum", "checksum_old"],
    name: "in the bundle's table",
    way: "under `[bundle]`",
    file: "release.toml",
};

static PLACES: [&Place; 7] = [&SETTINGS, &APP, &CHANNEL, &OVERRIDE, &RELEASE, &BUNDLE, &NATIVE];

impl Place {
    /// What to do about a key that does not belong here.
    pub(super) fn mend(&self, key: &str) -> String {
        if let Some(near) = nearest(key, self.keys.iter().copied()) {
            return format!("did you mean `{near}`?");
        }
        match self.elsewhere(key) {
            Some(place) if place.file == self.file => format!("{} belongs {}, {}", quoted(key), place.name, place.way),
            Some(place) => format!("{} belongs in {}, {}", quoted(key), place.file, place.way),
            None if self.keys == SETTINGS.keys => "an app stands under `apps`: `[apps.\"com.example.app\"]`".into(),
            None => format!("remove it; the keys here are {}", listed(self.keys.iter().copied())),
        }
    }

    fn elsewhere(&self, key: &str) -> Option<&'static Place> {
        let mut places = PLACES.into_iter().filter(|place| place.keys.contains(&key));
        let first = places.clone().find(|place| place.file == self.file);
        first.or_else(|| places.next())
    }
}

/// The name that was most likely meant, where one is near enough to say so.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    // No name of ours is this long, and the distance costs the product of both lengths.
    let names = names.into_iter().filter(|_| length <= 64);
    let far = names.map(|name| (damerau_levenshtein(&word, &name.to_lowercase()), name));
    far.filter(|(distance, _)| *distance <= length.div_ceil(3).min(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, n)| n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest_and_only_what_is_near() {
        let names = ["production", "beta", "ios"];
        assert_eq!(nearest("prodcution", names), Some("production"));
        assert_eq!(nearest("BETA", names), Some("beta"));
        assert_eq!(nearest("io", names), Some("ios"));
        assert_eq!(nearest("staging", names), None);
        assert_eq!(nearest("be", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest(&"a".repeat(65), [&*"a".repeat(66)]), None);
    }

    #[test]
    fn names_the_place_where_a_key_belongs() {
        assert_eq!(CHANNEL.mend("rollout"), "`rollout` belongs in release.toml, above all tables");
        assert_eq!(APP.mend("pin"), "`pin` belongs in a channel, under `[apps.\"<app id>\".channels.<channel>]`");
        assert_eq!(RELEASE.mend("sha256"), "`sha256` belongs in the bundle's table, under `[bundle]`");
        assert_eq!(BUNDLE.mend("platforms"), "`platforms` belongs in release.toml, above all tables");
        assert_eq!(CHANNEL.mend("platfroms"), "did you mean `platforms`?");
        assert_eq!(OVERRIDE.mend("channels"), "did you mean `channel`?");
        assert_eq!(NATIVE.mend("windows"), "remove it; the keys here are `ios`, `android`, `electron`");
    }
}
