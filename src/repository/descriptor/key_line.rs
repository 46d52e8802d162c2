//! The line where something stands in a file.

use rustc_hash::FxHashMap;
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

/// Where each key and each item of a file stands. Looking at it is cheap; making it costs a reading of the file.
#[derive(Debug)]
pub struct KeyLines {
    top: Inside,
    /// Where each line but the first begins.
    lines: Vec<usize>,
}

/// What a value holds, each with the byte where it stands.
#[derive(Debug)]
enum Inside {
    Nothing,
    Keys(FxHashMap<Box<str>, (usize, Inside)>),
    Items(Vec<(usize, Inside)>),
}

impl KeyLines {
    /// Reads a file; `None`: it is no TOML.
    pub fn read(text: &str) -> Option<KeyLines> {
        let document = DeTable::parse(text).ok()?;
        let lines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1).collect();
        Some(KeyLines { top: Inside::of_table(document.get_ref()), lines })
    }

    /// The line, from 1 on, of the last part of the way that is there. `None`: not even the first is.
    pub fn line(&self, way: &[Way<'_>]) -> Option<u32> {
        let mut found = None;
        let mut here = &self.top;
        for step in way {
            let Some((at, next)) = here.go(step) else { break };
            found = Some(*at);
            here = next;
        }
        let found = found?;
        u32::try_from(self.lines.partition_point(|begins| *begins <= found) + 1).ok()
    }
}

/// The same of a file that is looked at once.
pub fn line_of(text: &str, way: &[Way<'_>]) -> Option<u32> {
    KeyLines::read(text)?.line(way)
}

impl Inside {
    fn of_table(table: &DeTable<'_>) -> Inside {
        let of_key = |key: &str, at, value| (Box::from(key), (at, Inside::of(value)));
        Inside::Keys(table.iter().map(|(key, value)| of_key(key.get_ref(), key.span().start, value)).collect())
    }

    fn of(value: &Spanned<DeValue<'_>>) -> Inside {
        match value.get_ref() {
            DeValue::Table(table) => Inside::of_table(table),
            DeValue::Array(array) => {
                Inside::Items(array.iter().map(|item| (item.span().start, Inside::of(item))).collect())
            }
            _ => Inside::Nothing,
        }
    }

    fn go(&self, step: &Way<'_>) -> Option<&(usize, Inside)> {
        match (self, step) {
            (Inside::Keys(keys), Way::Key(key)) => keys.get(*key),
            (Inside::Items(items), Way::Item(at)) => items.get(*at),
            _ => None,
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
