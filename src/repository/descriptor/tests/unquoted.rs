use super::*;

/// The ids of a sound file, with the rules of each.
fn ids(text: &str) -> Vec<String> {
    let read = settings(text);
    assert!(read.sound && read.problems.is_empty(), "{:?}", read.problems);
    let valid = |part: &AppPart| if part.policy.is_some() { " valid" } else { "" };
    read.apps.iter().map(|(id, part)| format!("{id}{} {:?}", valid(part), rules(&part.problems))).collect()
}

#[test]
fn it_breaks_the_app_that_it_means() {
    for (text, at) in [
        ("[apps.com.example.app]", "1:7"),
        ("[apps.com.example.app]\nname = \"x\"", "1:7"),
        ("[apps.com.example.app.channels.production]\npublic = true", "1:7"),
        ("[[apps.com.example.app.overrides]]\ncustom_id = \"a\"\nversion = \"1.0.0\"", "1:8"),
        ("apps.com.example.app = {}", "1:6"),
        ("[apps]\ncom.example.app.name = \"x\"", "2:1"),
        ("[apps.com.example]\napp = {}", "2:1"),
    ] {
        assert_eq!(ids(text), [format!("com.example.app [\"unquoted-app-id {at}\"]")], "{text}");
    }
}

#[test]
fn words_of_ours_may_be_words_of_an_id() {
    for id in ["com.acme.public", "com.channel.app", "io.halt.tags", "com.acme.halt"] {
        let text = format!("[apps.{id}]\n");
        assert_eq!(ids(&text), [format!("{id} [\"unquoted-app-id 1:7\"]")], "{text}");
    }
}

#[test]
fn the_quotes_are_the_mend() {
    let read = settings("[apps.com.example.app]");
    let problem = &read.apps[ID].problems[0];
    assert_eq!(problem.help, "put it in quotes, here and in every table below it: `[apps.\"com.example.app\"]`");
    assert_eq!(problem.app.as_deref(), Some(ID));
}

#[test]
fn the_other_faults_of_the_part_are_found_too() {
    let text = "[apps.com.example.app]\nnmae = 1\n[apps.com.example.app.chanels.beta]\n";
    assert_eq!(ids(text), ["com.example.app [\"unquoted-app-id 1:7\", \"unknown-key 2:1\", \"unknown-key 3:23\"]"]);
}

#[test]
fn apps_that_share_their_first_parts_are_each_meant() {
    let text = "[apps.com.example.app]\n[apps.com.example.other]\n[apps.org.app]\n[apps.\"com.example.third\"]\n";
    let expected = [
        "com.example.app [\"unquoted-app-id 1:7\"]",
        "com.example.other [\"unquoted-app-id 2:7\"]",
        "com.example.third valid []",
        "org.app [\"unquoted-app-id 3:7\"]",
    ];
    assert_eq!(ids(text), expected);
}

#[test]
fn an_app_inside_another_ones_table_is_meant_too() {
    let read = settings("[apps.com.example]\nname = \"x\"\n[apps.com.example.app]\nname = \"y\"");
    assert_eq!(read.apps.keys().map(|id| &**id).collect::<Vec<_>>(), ["com.example", ID]);
}

#[test]
fn one_id_with_quotes_and_without_is_one_broken_app() {
    let text = "[apps.\"com.example.app\"]\nname = \"x\"\n[apps.com.example.app.channels.production]\n";
    assert_eq!(ids(text), ["com.example.app [\"unquoted-app-id 3:7\"]"]);
    let text = text.replace("name", "nmae");
    assert_eq!(ids(&text), ["com.example.app [\"unknown-key 2:1\", \"unquoted-app-id 3:7\"]"]);
}

#[test]
fn an_app_without_dots_is_an_app() {
    assert_eq!(ids("[apps.demo]"), ["demo valid []"]);
    assert_eq!(ids("[apps.demo.channels.production]"), ["demo valid []"]);
    assert_eq!(ids("[[apps.demo.overrides]]\ncustom_id = \"a\"\nversion = \"1.0.0\""), ["demo valid []"]);
    assert_eq!(ids("[apps.demo]\nnmae = 1"), ["demo [\"unknown-key 2:1\"]"]);
    assert_eq!(ids("[apps.demo.chanels.production]"), ["demo [\"unknown-key 1:12\"]"]);
    assert_eq!(ids("[apps.demo.production]\npublic = true"), ["demo [\"unknown-key 1:12\"]"]);
}

#[test]
fn a_quoted_id_stays_the_app_whatever_stands_below_it() {
    assert_eq!(ids("[apps.\"com.example.app\".production]"), ["com.example.app [\"unknown-key 1:25\"]"]);
}
