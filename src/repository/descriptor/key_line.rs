//! The line where something stands in a file.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One step on the way to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way<'w> {
    /// Into a table, by a key.
    Key(&'w str),
    /// Into an array, by a number from 0 on.
    Item(usize),
}

/// The line, from 1 on, of the last part of the way that is there. `None`: not even the first is, or the file is no TOML.
pub fn line_of(text: &str, way: &[Way<'_>]) -> Option<u32> {
    let document = DeTable::parse(text).ok()?;
    let mut found = None;
    let mut here = Here::Table(document.get_ref());
    for step in way {
        let Some((at, next)) = here.go(step) else { break };
        found = Some(at);
        here = next;
    }
    let before = text.get(..found?)?;
    u32::try_from(before.matches('\n').count() + 1).ok()
}

enum Here<'d> {
    Table(&'d DeTable<'d>),
    Value(&'d Spanned<DeValue<'d>>),
}

impl<'d> Here<'d> {
    fn go(&self, step: &Way<'_>) -> Option<(usize, Here<'d>)> {
        let table = match self {
            Here::Table(table) => Some(*table),
            Here::Value(value) => value.get_ref().as_table(),
        };
        match step {
            Way::Key(key) => {
                let (name, value) = table?.get_key_value(*key)?;
                Some((name.span().start, Here::Value(value)))
            }
            Way::Item(at) => {
                let Here::Value(value) = self else { return None };
                let item = value.get_ref().as_array()?.get(*at)?;
                Some((item.span().start, Here::Value(item)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "# one\n[apps.\"a.b\"]\nname = \"x\"\n\n[apps.\"a.b\".channels.production]\ntags = true\n\n\
                        [[apps.\"a.b\".overrides]]\ncustom_id = \"q\"\nchannel = \"production\"\n";

    #[test]
    fn the_line_of_what_is_there_or_of_what_would_hold_it() {
        let in_app = |way: &[Way<'_>]| line_of(TEXT, &[&[Way::Key("apps"), Way::Key("a.b")], way].concat());
        assert_eq!(in_app(&[]), Some(2));
        assert_eq!(in_app(&[Way::Key("channels"), Way::Key("production"), Way::Key("tags")]), Some(6));
        assert_eq!(in_app(&[Way::Key("channels"), Way::Key("production"), Way::Key("pin")]), Some(5));
        assert_eq!(in_app(&[Way::Key("overrides"), Way::Item(0)]), Some(8));
        assert_eq!(line_of(TEXT, &[Way::Key("other")]), None);
        assert_eq!(line_of("[", &[Way::Key("apps")]), None);
    }

    proptest! {
        #[test]
        fn any_text_has_lines_or_none(text in "\\PC{0,60}|(a = [{]b = 1[}]\n)?a[.]b = \\[1\\]\n?") {
            for way in [&[Way::Key("a"), Way::Key("b"), Way::Item(0)][..], &[Way::Item(0)], &[]] {
                let _ = line_of(&text, way);
            }
        }
    }
}
