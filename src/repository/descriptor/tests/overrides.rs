use super::*;
use crate::release::policy::{Override, What, Who};

const CHANNELS: &str = "channels = { production = {}, beta = { public = false } }\n";

fn overrides(text: &str) -> AppPart {
    part(&format!("{CHANNELS}overrides = [\n{text}\n]"))
}

#[track_caller]
fn breaks_override(text: &str, expected: &[&str]) {
    breaks(&format!("{CHANNELS}overrides = [\n{text}\n]"), expected);
}

#[test]
fn they_keep_their_order_and_know_the_place_of_what_they_give() {
    let text = format!(
        "{CHANNELS}[[apps.\"com.example.app\".overrides]]\ncustom_id = \"QA-1\"\nchannel = \"beta\"\n\
         [[apps.\"com.example.app\".overrides]]\ndevice = \"ABC-def\"\nversion = \"1.5.0-rc.1\"\n"
    );
    let part = part(&text);
    let whole = format!("[apps.\"{ID}\"]\n{text}");
    let shown: Vec<&str> = part.places.overrides.iter().map(|span| &whole[span.clone()]).collect();
    assert_eq!(shown, ["\"beta\"", "\"1.5.0-rc.1\""]);
    let expected = [
        Override { who: Who::CustomId("QA-1".into()), what: What::Channel("beta".into()) },
        Override { who: Who::Device("abc-def".into()), what: What::Version("1.5.0-rc.1".into()) },
    ];
    assert_eq!(part.policy.unwrap().overrides, expected);
}

#[test]
fn a_device_may_be_hashed() {
    let hex = "00ff".repeat(16);
    for text in [format!("sha256:{hex}"), format!("sha256:{}", hex.to_uppercase())] {
        let part = overrides(&format!("{{ device = \"{text}\", channel = \"beta\" }}"));
        let expected: [u8; 32] = std::array::from_fn(|i| if i % 2 == 0 { 0 } else { 255 });
        assert_eq!(part.policy.unwrap().overrides[0].who, Who::DeviceSha256(expected));
    }
    for text in
        ["sha256:", "sha256:00", &format!("sha256:{}", "+f".repeat(32)), &format!("sha256:{}", "\u{e4}".repeat(32))]
    {
        breaks_override(&format!("{{ device = \"{text}\", channel = \"beta\" }}"), &["bad-sha256 4:12"]);
    }
}

#[test]
fn exactly_one_of_each_two() {
    breaks_override("{ custom_id = \"a\" }", &["bad-override 4:1"]);
    breaks_override("{ channel = \"beta\" }", &["bad-override 4:1"]);
    breaks_override("{ custom_id = \"a\", device = \"b\", channel = \"beta\" }", &["bad-override 4:20"]);
    breaks_override("{ custom_id = \"a\", channel = \"beta\", version = \"1.0.0\" }", &["bad-override 4:20"]);
    breaks_override("{}", &["bad-override 4:1", "bad-override 4:1"]);
}

#[test]
fn what_they_name_must_be_possible() {
    breaks_override("{ custom_id = \"a\", channel = \"bata\" }", &["unknown-channel 4:30"]);
    breaks_override("{ custom_id = \"a\", version = \"1.0\" }", &["bad-version 4:30"]);
    breaks_override("{ custom_id = \"\", version = \"1.0.0\" }", &["bad-override 4:15"]);
    breaks_override("{ device = \"\", version = \"1.0.0\" }", &["bad-override 4:12"]);
    breaks_override("{ custom_id = 7, version = 1 }", &["wrong-type 4:15", "wrong-type 4:28"]);
    breaks_override("{ custom = \"a\", version = \"1.0.0\" }", &["bad-override 4:1", "unknown-key 4:3"]);
}

#[test]
fn they_are_a_list_of_tables() {
    breaks("overrides = { custom_id = \"a\" }", &["wrong-type 2:13"]);
    breaks("overrides = [1]", &["wrong-type 2:14"]);
}
