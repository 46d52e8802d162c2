//! The file that a new repository begins with.

use super::*;

const EXAMPLE: &str = include_str!("../../../../releases.example.toml");

/// The example with those of its commented settings in use.
fn uncommented(wanted: impl Fn(usize, &str) -> bool) -> SettingsFile {
    let is_setting = |line: &str| line.starts_with('#') && line.len() > 1 && !line.starts_with("# ");
    let mut seen = 0;
    let mut lines = Vec::new();
    for line in EXAMPLE.lines() {
        seen += usize::from(is_setting(line));
        let used = is_setting(line) && wanted(seen, line);
        lines.push(if used { &line[1..] } else { line });
    }
    settings(&lines.join("\n"))
}

#[test]
fn it_is_sound_and_names_no_app() {
    let read = settings(EXAMPLE);
    assert!(read.sound && read.apps.is_empty());
    assert_eq!(rules(&read.problems), ["no-app?"]);
}

#[test]
fn three_lines_make_an_app() {
    let read = uncommented(|seen, _| seen <= 3);
    let part = &read.apps[ID];
    assert_eq!(part.problems, []);
    assert_eq!(part.policy.as_ref().unwrap().name.as_deref(), Some("Example"));
}

#[test]
fn everything_in_it_is_right_but_for_what_it_says_is_not_available() {
    let available = uncommented(|_, line| !line.contains("not available yet"));
    assert_eq!(available.apps[ID].problems, []);
    assert_eq!(available.apps[ID].policy.as_ref().unwrap().overrides.len(), 2);
    let all = uncommented(|_, _| true);
    assert!(all.sound);
    assert_eq!(all.apps[ID].problems.iter().map(|p| p.rule).collect::<Vec<_>>(), ["not-available-yet"; 2]);
}

#[test]
fn what_it_says_of_a_release_is_right_but_for_what_it_says_is_not_available() {
    let of_a_release = EXAMPLE.split("# 4. ").nth(1).and_then(|rest| rest.split("# 5. ").next()).unwrap();
    let shown = of_a_release.lines().filter_map(|line| line.strip_prefix("#        ")).collect::<Vec<_>>();
    let wanted = |all: bool| {
        let lines = shown.iter().filter(|line| all || !line.contains("not available yet"));
        lines.map(|line| line.replace("\"...\"", &format!("\"{}\"", "0".repeat(64)))).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(release(&wanted(false)).problems, []);
    let missing = release(&wanted(true)).problems;
    assert_eq!(missing.iter().map(|p| p.rule).collect::<Vec<_>>(), ["not-available-yet"; 6]);
}

#[test]
fn it_shows_every_key() {
    let of_settings = place::CHANNEL.keys.iter().chain(place::APP.keys).chain(place::OVERRIDE.keys);
    for key in of_settings.chain(place::RELEASE.keys).chain(place::BUNDLE.keys) {
        assert!(EXAMPLE.contains(key), "{key}");
    }
}
