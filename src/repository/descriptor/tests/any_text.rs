//! Whatever the files hold, reading them ends, and every problem has a place in the text.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

const SETTINGS: &str = "[apps.\"com.example.app\"]\nname = \"Ex\u{e4}mple\"\ndefault_channel = \"beta\"\n\n\
    [apps.\"com.example.app\".channels.beta]\npublic = true\nplatforms = [\"ios\", \"android\"]\nbuilds = [\"prod\"]\n\
    stay_within = \"major\"\npin = \"1.4.1\"\n[[apps.\"com.example.app\".overrides]]\ncustom_id = \"qa-1\"\n\
    channel = \"beta\"\n[apps.org.example.other.channels.production]\n";

const RELEASE: &str = "comment = \"\"\"Fixes\nit \u{1f600}\"\"\"\nnative = { ios = \">=2\", android = \">=2.1, <3\" }\n\
    platforms = [\"ios\", \"android\"]\nchannels = [\"beta\", \"production\"]\nnot_before = 2026-12-01T08:00:00Z\n\
    yanked = \"crashes\"\n[bundle]\nsha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";

/// What a hand is likely to leave in a file, and what it is not.
fn piece() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] = &[
        "\"",
        "'",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ".",
        ",",
        "\n",
        "\r\n",
        "#",
        "\\",
        "\"\"\"",
        "\\u00e4",
        "1",
        "true",
        "\u{feff}",
        "\u{1f600}",
        "sha256:",
        "apps",
        "channels",
        "overrides",
        "halt",
        "12:00:00",
        "9999-12-31T23:59:60-23:59",
    ];
    prop_oneof![prop::sample::select(KNOWN).prop_map(str::to_owned), any::<String>()]
}

fn mutated(valid: &'static str) -> impl Strategy<Value = String> {
    let cuts = prop::collection::vec((any::<prop::sample::Index>(), 0..12_usize, piece()), 0..6);
    cuts.prop_map(move |cuts| {
        let mut text = valid.to_owned();
        for (at, length, piece) in cuts {
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &piece);
        }
        text
    })
}

fn holds(text: &Arc<str>, problems: &[Problem]) {
    for problem in problems {
        assert!(!problem.message.is_empty() && !problem.help.is_empty() && problem.file.is_some());
        assert!(problem.message.len() + problem.help.len() < 2_000, "{problem:?}");
        let Some(excerpt) = &problem.excerpt else { continue };
        assert!(Arc::ptr_eq(&excerpt.source, text));
        assert!(text.get(excerpt.span.clone()).is_some(), "{problem:?}");
    }
}

fn settings_hold(text: &str) {
    let text: Arc<str> = text.into();
    let read = read_settings("releases.toml", &text);
    holds(&text, &read.problems);
    assert!(!read.sound || !read.apps.is_empty() || !read.problems.is_empty());
    assert_eq!(read.sound, !read.problems.iter().any(Problem::is_error));
    for part in read.apps.values() {
        holds(&text, &part.problems);
        assert_eq!(part.policy.is_none(), part.problems.iter().any(Problem::is_error));
        let places = part.policy.as_ref().map(|policy| policy.overrides.len());
        assert!(places.is_none_or(|overrides| overrides == part.places.overrides.len()));
    }
}

fn release_holds(text: &str) {
    let text: Arc<str> = text.into();
    let read = read_release("a/1.0.0/release.toml", &text);
    holds(&text, &read.problems);
    assert_eq!(read.descriptor.is_none(), read.problems.iter().any(Problem::is_error));
    let channels = read.descriptor.and_then(|descriptor| descriptor.channels);
    assert!(channels.is_none_or(|channels| channels.len() == read.mentions.channels.len()));
}

#[test]
fn what_is_mutated_is_valid() {
    assert_eq!(release(RELEASE).problems, []);
    assert!(settings(SETTINGS).apps[ID].policy.is_some());
}

proptest! {
    #[test]
    fn any_text_is_read(text in any::<String>()) {
        settings_hold(&text);
        release_holds(&text);
    }

    #[test]
    fn any_settings_with_mistakes_are_read(text in mutated(SETTINGS)) {
        settings_hold(&text);
    }

    #[test]
    fn any_descriptor_with_mistakes_is_read(text in mutated(RELEASE)) {
        release_holds(&text);
    }
}
