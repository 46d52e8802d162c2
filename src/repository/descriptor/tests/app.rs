use super::*;

#[test]
fn layout_and_order_say_nothing() {
    let one = policy(
        "name = \"Example\"\ndefault_channel = \"beta\"\n\
         [apps.\"com.example.app\".channels.production]\n\
         [apps.\"com.example.app\".channels.beta]\nplatforms = [\"ios\", \"android\"]\nself_assign = true # why\n",
    );
    let other = policy(
        "channels.'beta' = { self_assign = true, platforms = ['android', \"ios\", \"ios\"] }\n\
         channels.production = {}\ndefault_channel = 'beta'\nname = 'Example'\n",
    );
    assert_eq!(one, other);
    assert_eq!(one.name.as_deref(), Some("Example"));
    assert_eq!(&*one.default_channel, "beta");
    assert_eq!(one.channels.iter().map(|c| &*c.name).collect::<Vec<_>>(), ["beta", "production"]);
}

#[test]
fn an_app_without_channels_has_production() {
    for text in ["", "channels = {}", "default_channel = \"production\""] {
        let policy = policy(text);
        assert_eq!(policy.channels.len(), 1);
        assert_eq!(&*policy.channels[0].name, "production");
    }
}

#[test]
fn the_default_channel_is_one_of_the_channels() {
    assert_eq!(&*policy("default_channel = \"beta\"\nchannels.beta = {}").default_channel, "beta");
    assert_eq!(&*policy("channels.beta = {}\nchannels.production = {}").default_channel, "production");
    breaks("channels.beta = {}", &["no-default-channel 2:1"]);
    breaks("default_channel = \"beta\"", &["unknown-channel 2:19"]);
    breaks("default_channel = \"bta\"\nchannels.beta = {}", &["unknown-channel 2:19"]);
    assert_eq!(part("default_channel = \"bta\"\nchannels.beta = {}").problems[0].help, "did you mean `beta`?");
}

#[test]
fn wrong_types_are_said_and_nothing_follows_from_them() {
    breaks("default_channel = 1\nchannels.beta = {}", &["wrong-type 2:19"]);
    breaks("channels = [\"beta\"]\ndefault_channel = \"beta\"", &["wrong-type 2:12"]);
    breaks("name = true", &["wrong-type 2:8"]);
    breaks("channels.production = true", &["wrong-type 2:23"]);
}

#[test]
fn an_empty_name_is_no_name() {
    assert_eq!(policy("name = \"\""), policy(""));
}

#[test]
fn unknown_keys_are_all_found_with_what_was_meant() {
    let part = part("nmae = 1\npin = 1\nzzzzzz = 1\nNAME = 1");
    let helps: Vec<&str> = part.problems.iter().map(|p| &*p.help).collect();
    assert_eq!(rules(&part.problems), ["unknown-key 2:1", "unknown-key 3:1", "unknown-key 4:1", "unknown-key 5:1"]);
    assert_eq!(helps[0], "did you mean `name`?");
    assert_eq!(helps[1], "`pin` belongs in a channel, under `[apps.\"<app id>\".channels.<channel>]`");
    assert_eq!(helps[2], "remove it; the keys here are `name`, `default_channel`, `channels`, `overrides`");
    assert_eq!(helps[3], "did you mean `name`?");
}

#[test]
fn an_id_that_no_tag_can_hold_breaks_that_app() {
    let read = settings("[apps.\"com/example\"]\n[apps.\"builtin\"]\n[apps.\"a.b\"]\n");
    assert!(read.sound);
    assert_eq!(rules(&read.apps["com/example"].problems), ["bad-name 1:7"]);
    assert_eq!(rules(&read.apps["builtin"].problems), ["bad-name 2:7"]);
    assert!(read.apps["a.b"].policy.is_some());
}

/// Each key that is known must also be read, or it would be passed over in silence. No key takes a time of day.
#[test]
fn no_known_key_is_passed_over() {
    let told = |key: &str, problems: Vec<Problem>| {
        let only_unknown = problems.iter().all(|p| p.rule == "unknown-key");
        assert!(!problems.is_empty() && !only_unknown, "{key}: {problems:?}");
    };
    for key in place::APP.keys {
        told(key, part(&format!("{key} = 12:00:00")).problems);
    }
    for key in place::CHANNEL.keys {
        told(key, part(&format!("channels.production = {{ {key} = 12:00:00 }}")).problems);
    }
    for key in place::RELEASE.keys {
        told(key, release(&format!("{key} = 12:00:00")).problems);
    }
    for key in place::BUNDLE.keys {
        told(key, release(&format!("bundle.{key} = 12:00:00")).problems);
    }
    for key in place::NATIVE.keys {
        told(key, release(&format!("native.{key} = 12:00:00")).problems);
    }
    for key in ["device", "custom_id"] {
        told(key, part(&format!("overrides = [{{ {key} = 12:00:00, version = \"1.0.0\" }}]")).problems);
    }
    for key in ["channel", "version"] {
        told(key, part(&format!("overrides = [{{ custom_id = \"a\", {key} = 12:00:00 }}]")).problems);
    }
}
