//! Names of release tags: `<app>/<channel>/<version>` or `<channel>/<version>`, with `@10%` or `@halt` behind them.

use std::fmt;

use crate::release::rollout::Percent;
use crate::release::tags::Says;
use crate::repository::names;

/// The name of a release tag, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagName<'n> {
    /// The app; `None`: the one that the tagged commit has.
    pub app: Option<&'n str>,
    /// The channel that it is about.
    pub channel: &'n str,
    /// The release that it is about, by its name.
    pub version: &'n str,
    /// What it does; as an error, the suffix that means nothing.
    pub says: Result<Says, &'n str>,
}

impl<'n> TagName<'n> {
    /// Takes a name apart; `None` where it has not the form of a release tag, and is none of our business.
    pub fn parse(name: &'n str) -> Option<TagName<'n>> {
        let (place, last) = name.rsplit_once('/')?;
        let (app, channel) = match place.split_once('/') {
            Some((app, channel)) => (Some(app), channel),
            None => (None, place),
        };
        let (version, suffix) = last.split_once('@').map_or((last, None), |(version, suffix)| (version, Some(suffix)));
        let is_release_tag =
            app.is_none_or(names::is_app_id) && names::is_app_id(channel) && names::version(version).is_some();
        is_release_tag.then(|| TagName { app, channel, version, says: says(suffix) })
    }
}

fn says(suffix: Option<&str>) -> Result<Says, &str> {
    match suffix {
        None => Ok(Says::Open),
        Some("halt") => Ok(Says::Halt),
        Some(suffix) => {
            let percent = suffix.strip_suffix('%').and_then(|number| number.parse::<Percent>().ok());
            percent.map(Says::Percent).ok_or(suffix)
        }
    }
}

impl fmt::Display for TagName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(app) = self.app {
            write!(f, "{app}/")?;
        }
        write!(f, "{}/{}", self.channel, self.version)?;
        match self.says {
            Ok(Says::Open) => Ok(()),
            Ok(Says::Percent(percent)) => write!(f, "@{percent}"),
            Ok(Says::Halt) => f.write_str("@halt"),
            Err(suffix) => write!(f, "@{suffix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn percent(hundredths: u16) -> Says {
        Says::Percent(Percent::from_hundredths(hundredths).unwrap())
    }

    #[test]
    fn long_and_short_names_with_every_suffix() {
        let short = TagName { app: None, channel: "production", version: "1.4.2", says: Ok(Says::Open) };
        let long = TagName { app: Some("com.example.app"), ..short };
        for (name, tag) in [
            ("production/1.4.2", short),
            ("com.example.app/production/1.4.2", long),
            ("production/1.4.2@10%", TagName { says: Ok(percent(1000)), ..short }),
            ("production/1.4.2@0.5%", TagName { says: Ok(percent(50)), ..short }),
            ("production/1.4.2@halt", TagName { says: Ok(Says::Halt), ..short }),
            (
                "beta/1.5.0-rc.1+7@100%",
                TagName { channel: "beta", version: "1.5.0-rc.1+7", says: Ok(percent(10_000)), ..short },
            ),
            ("production/1.4.2@101%", TagName { says: Err("101%"), ..short }),
            ("production/1.4.2@stop", TagName { says: Err("stop"), ..short }),
            ("production/1.4.2@", TagName { says: Err(""), ..short }),
            ("production/1.4.2@10%@halt", TagName { says: Err("10%@halt"), ..short }),
        ] {
            assert_eq!(TagName::parse(name), Some(tag), "{name}");
        }
    }

    #[test]
    fn what_is_no_release_tag() {
        for name in
            ["v1.4.2", "1.4.2", "production/v1.4.2", "production/1.4", "a/b/c/1.4.2", "/1.4.2", "ä/1.0.0", "x/y", ""]
        {
            assert_eq!(TagName::parse(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_tag_reads_back_as_printed(
            app in prop::option::of("[a-z][a-z0-9_-]{0,5}(\\.[a-z0-9_-]{1,4}){0,2}[a-z0-9]"),
            channel in "[a-z][a-z0-9_-]{0,9}",
            version in "(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})\\.(0|[1-9][0-9]{0,3})(-rc\\.[1-9])?(\\+[0-9a-z]{1,5})?",
            says in prop_oneof![Just(Says::Open), Just(Says::Halt), (0..=10_000u16).prop_map(percent)],
        ) {
            prop_assume!(app.as_deref().is_none_or(names::is_app_id));
            let tag = TagName { app: app.as_deref(), channel: &channel, version: &version, says: Ok(says) };
            let printed = tag.to_string();
            prop_assert_eq!(TagName::parse(&printed), Some(tag));
        }

        #[test]
        fn any_name_is_a_release_tag_or_not(name in "\\PC{0,30}|([a-z.]{0,5}/){0,3}[0-9.]{0,7}@?[0-9.]{0,4}%?") {
            if let Some(tag) = TagName::parse(&name) {
                // percentages may have been written longer than they are printed
                let printed = tag.to_string();
                prop_assert_eq!(TagName::parse(&printed), Some(tag));
            }
        }
    }
}
