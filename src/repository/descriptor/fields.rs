//! A TOML table as a set of known keys: each is asked for with the type that it must have.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::faults::{Faults, quoted};
use super::place::Place;

/// A value with its place in the file.
pub(super) type Value<'d> = Spanned<DeValue<'d>>;

/// A table whose unknown keys have been noted.
pub(super) struct Fields<'d> {
    table: &'d DeTable<'d>,
    place: &'static Place,
}

impl<'d> Fields<'d> {
    /// Notes every key that the place does not know.
    pub(super) fn open(table: &'d DeTable<'d>, place: &'static Place, faults: &mut Faults<'_>) -> Self {
        for key in table.keys().filter(|key| !place.keys.contains(&key.get_ref().as_ref())) {
            let message = format!("unknown key {} {}", quoted(key.get_ref()), place.name);
            faults.error("unknown-key", key.span(), message, place.mend(key.get_ref()));
        }
        Fields { table, place }
    }

    /// The value of a key that the place knows.
    pub(super) fn get(&self, key: &'static str) -> Option<Field<'d>> {
        debug_assert!(self.place.keys.contains(&key), "{key} is unknown {}", self.place.name);
        let (name, value) = self.table.get_key_value(key)?;
        Some(Field { key, place: name.span(), value })
    }

    /// The text of a key, where it is written.
    pub(super) fn text(&self, key: &'static str, faults: &mut Faults<'_>) -> Option<Text<'d>> {
        self.get(key)?.text(faults)
    }

    /// The text of a key that only people read; an empty one says nothing.
    pub(super) fn note(&self, key: &'static str, faults: &mut Faults<'_>) -> Option<Box<str>> {
        self.text(key, faults).filter(|text| !text.value.is_empty()).map(|text| text.value.into())
    }

    /// The true or false of a key, where it is written.
    pub(super) fn flag(&self, key: &'static str, faults: &mut Faults<'_>) -> Option<bool> {
        self.get(key)?.flag(faults)
    }

    /// Notes each of these keys that is written, as something that this version cannot do; `harm` is what ignoring it
    /// would do.
    pub(super) fn refuse(&self, keys: &[&'static str], harm: &str, faults: &mut Faults<'_>) {
        for field in keys.iter().filter_map(|key| self.get(key)) {
            field.not_available(field.key, harm, faults);
        }
    }
}

/// A key with its value.
pub(super) struct Field<'d> {
    pub key: &'static str,
    /// Where the key stands.
    pub place: Range<usize>,
    pub value: &'d Value<'d>,
}

/// A string of the file.
#[derive(Clone)]
pub(super) struct Text<'d> {
    pub value: &'d str,
    /// Where it stands, with its quotes.
    pub span: Range<usize>,
}

impl<'d> Field<'d> {
    pub(super) fn text(&self, faults: &mut Faults<'_>) -> Option<Text<'d>> {
        let text = text(self.value);
        text.or_else(|| self.wrong("text in quotes", format!("write `{} = \"...\"`", self.key), faults))
    }

    pub(super) fn flag(&self, faults: &mut Faults<'_>) -> Option<bool> {
        let help = || format!("write `{0} = true` or `{0} = false`, without quotes", self.key);
        self.value.get_ref().as_bool().or_else(|| self.wrong("true or false", help(), faults))
    }

    pub(super) fn list(&self, faults: &mut Faults<'_>) -> Option<&'d DeArray<'d>> {
        let help = || match text(self.value) {
            Some(one) => format!("write `{} = [\"{}\"]`", self.key, quoted(one.value).trim_matches('`')),
            None => format!("write `{} = [\"...\"]`", self.key),
        };
        self.value.get_ref().as_array().or_else(|| self.wrong("a list", help(), faults))
    }

    /// The texts of a list; what is no text in it is noted and left out.
    pub(super) fn texts(&self, faults: &mut Faults<'_>) -> Option<Vec<Text<'d>>> {
        let items = self.list(faults)?.iter();
        let one = |value| Field { value, place: self.place.clone(), ..*self };
        Some(items.filter_map(|value| text(value).or_else(|| one(value).not_a_text_in_it(faults))).collect())
    }

    fn not_a_text_in_it<T>(&self, faults: &mut Faults<'_>) -> Option<T> {
        let message = format!("`{}` holds {} where only texts can stand", self.key, kind(self.value));
        faults.error("wrong-type", self.value.span(), message, "put it in quotes, or remove it");
        None
    }

    pub(super) fn table(&self, faults: &mut Faults<'_>) -> Option<&'d DeTable<'d>> {
        let help = || format!("write it as a table: `{} = {{ ... }}`", self.key);
        self.value.get_ref().as_table().or_else(|| self.wrong("a table", help(), faults))
    }

    /// Notes that the value has another type than it should.
    pub(super) fn wrong<T>(&self, needed: &str, help: impl Into<String>, faults: &mut Faults<'_>) -> Option<T> {
        let message = format!("`{}` is {} where {needed} is needed", self.key, kind(self.value));
        faults.error("wrong-type", self.value.span(), message, help);
        None
    }

    /// Notes something that is not there yet; `what` is the key, or key and value.
    pub(super) fn not_available(&self, what: &str, harm: &str, faults: &mut Faults<'_>) {
        let message = format!("`{what}` is not available yet, and without it {harm}");
        let help = "remove it, or make it a comment, until pushlive can do it";
        faults.error("not-available-yet", self.place.clone(), message, help);
    }
}

/// The text that a value is, if it is one.
pub(super) fn text<'d>(value: &'d Value<'d>) -> Option<Text<'d>> {
    value.get_ref().as_str().map(|text| Text { value: text, span: value.span() })
}

/// What a value is, in a sentence.
pub(super) fn kind(value: &Value<'_>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
