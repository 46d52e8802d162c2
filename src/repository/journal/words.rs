//! What a change of a tag meant, in words.

use crate::release::tags::Says;
use crate::repository::tag::TagName;

/// What a move of the branch meant that no device sees.
pub const NOTHING: &str = "changed nothing that devices see";

/// How what is told begins of a branch that left its line.
pub const REWRITTEN: &str = "rewritten";

/// What it meant that a tag came, went or was moved. `app` is told where the tag's name does not say which.
pub(super) fn tag_meant(tag: &str, app: Option<&str>, was: bool, is: bool) -> String {
    let Some(name) = TagName::parse(tag) else { return String::new() };
    let app = name.app.or(app).map(|app| format!("{app} ")).unwrap_or_default();
    let (version, channel) = (name.version, name.channel);
    let does = match name.says {
        Ok(Says::Open) => format!("opens {app}{version} to {channel}"),
        Ok(Says::Percent(percent)) => format!("opens {app}{version} to {percent} of {channel}"),
        Ok(Says::Halt) => format!("halts {app}{version} in {channel}"),
        Err(_) => "means nothing".to_owned(),
    };
    match (was, is) {
        (true, true) => format!("names another object now; {does}"),
        (_, true) => does,
        (_, false) => format!("is taken back; it {}", past(&does)),
    }
}

fn past(does: &str) -> String {
    does.replacen("opens", "opened", 1).replacen("halts", "halted", 1).replacen("means", "meant", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_in_words() {
        assert_eq!(tag_meant("a.b/production/1.0.0@10%", None, false, true), "opens a.b 1.0.0 to 10% of production");
        let of_short = tag_meant("production/1.0.0@halt", Some("a.b"), true, false);
        assert_eq!(of_short, "is taken back; it halted a.b 1.0.0 in production");
        assert_eq!(
            tag_meant("production/1.0.0", None, true, true),
            "names another object now; opens 1.0.0 to production"
        );
    }
}
