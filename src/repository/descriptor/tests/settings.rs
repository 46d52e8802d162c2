use super::*;

#[test]
fn the_smallest_file_names_an_app() {
    let read = settings("[apps.\"com.example.app\"]");
    assert!(read.sound);
    assert_eq!(read.problems, []);
    let part = &read.apps["com.example.app"];
    let policy = part.policy.as_ref().unwrap();
    assert_eq!((&*policy.id, &*policy.default_channel), (ID, "production"));
    assert_eq!(policy.channels, [crate::release::policy::ChannelPolicy::named("production")]);
    assert_eq!(part.places.app, 6..23);
}

#[test]
fn a_file_that_names_no_app_is_a_warning() {
    for text in ["", "# nothing\n", "[apps]\n", "apps = {}"] {
        let read = settings(text);
        assert!(read.sound && read.apps.is_empty());
        assert_eq!(rules(&read.problems), ["no-app?"]);
        assert_eq!(read.problems[0].file.as_deref(), Some("releases.toml"));
    }
}

#[test]
fn a_syntax_error_makes_the_file_unsound() {
    for (text, at) in [("[apps.a]\nname = x", "2:8"), ("[apps.a]\n[apps.a]", "2:7"), ("[apps.a", "1:8"), ("\0", "1:2")]
    {
        let read = settings(text);
        assert!(!read.sound && read.apps.is_empty());
        assert_eq!(rules(&read.problems), [format!("syntax {at}")]);
    }
}

#[test]
fn an_unknown_key_at_the_top_makes_the_file_unsound_and_the_apps_are_read_all_the_same() {
    let read = settings("app = 1\n[apps.\"a.b\"]\nnmae = 1\n[other]");
    assert!(!read.sound);
    assert_eq!(rules(&read.problems), ["unknown-key 1:1", "unknown-key 4:2"]);
    assert_eq!(read.problems[0].help, "did you mean `apps`?");
    assert_eq!(rules(&read.apps["a.b"].problems), ["unknown-key 3:1"]);
}

#[test]
fn apps_must_be_a_table() {
    let read = settings("apps = [\"com.example.app\"]");
    assert!(!read.sound && read.apps.is_empty());
    assert_eq!(rules(&read.problems), ["wrong-type 1:8"]);
}

#[test]
fn a_fault_in_one_app_leaves_the_others() {
    let read = settings("[apps.\"a.a\"]\nname = 1\n[apps.\"b.b\"]\n[apps]\n\"c.c\" = true\n");
    assert!(read.sound);
    assert_eq!(read.problems, []);
    assert_eq!(rules(&read.apps["a.a"].problems), ["wrong-type 2:8"]);
    assert_eq!(read.apps["a.a"].problems[0].app.as_deref(), Some("a.a"));
    assert!(read.apps["b.b"].policy.is_some());
    assert_eq!(rules(&read.apps["c.c"].problems), ["wrong-type 5:9"]);
    assert_eq!(read.apps["c.c"].policy, None);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_no_harm() {
    let read = settings("\u{feff}[apps.\"a.b\"]\r\nname = \"x\"\r\nnmae = 1\r\n");
    assert!(read.sound);
    assert_eq!(rules(&read.apps["a.b"].problems), ["unknown-key 3:1"]);
}

#[test]
fn there_is_an_end_to_the_problems_of_a_part() {
    let part = part(&format!("name = 1\noverrides = [{}]", "1,".repeat(100_000)));
    assert_eq!(part.policy, None);
    assert_eq!(part.problems.len(), 201);
    assert!(rules(&part.problems).contains(&"too-many-problems?".to_owned()));
}
