//! Reading JSON that a client wrote: a wrong type is an absent value, an unknown key is nothing, and neither is an error.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// One JSON value, of which only scalars are of interest.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A string, borrowed from the body where it has no escapes.
    Text(Cow<'a, str>),
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits.
    Integer(i64),
    /// Anything else: null, a fraction, an array, an object.
    Other,
}

impl<'a> Value<'a> {
    /// The string, if it is one.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub const fn bool(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is a whole one.
    pub const fn integer(&self) -> Option<i64> {
        match self {
            Value::Integer(value) => Some(*value),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value<'de>, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value<'de>, E> {
        Ok(i64::try_from(value).map_or(Value::Other, Value::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value<'de>, E> {
        Ok(Value::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value<'de>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }
}

/// What is read from the members of an object.
pub trait Members<'a>: Default {
    /// Takes one member; of a name that comes twice, the last.
    fn set(&mut self, name: &[u8], value: Value<'a>);
}

/// Reads an object that Rust's own types can hold, as all that plugins send can be, in one go and in place.
///
/// # Errors
/// The text is anything else. Members of it may have been set.
pub fn read<'a, M: Members<'a>>(text: &'a str, object: &mut M) -> serde_json::Result<()> {
    let mut json = serde_json::Deserializer::from_str(text);
    json.deserialize_map(ObjectVisitor(object))?;
    json.end()
}

/// The same within other JSON.
pub struct Object<M>(pub M);

impl<'de, M: Members<'de>> Deserialize<'de> for Object<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut object = M::default();
        deserializer.deserialize_map(ObjectVisitor(&mut object))?;
        Ok(Object(object))
    }
}

/// Sets the members of an object.
pub struct ObjectVisitor<'m, M>(pub &'m mut M);

impl<'de, M: Members<'de>> Visitor<'de> for ObjectVisitor<'_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        // a name is a text, and one that no text can hold is for `patiently`
        while let Some(name) = members.next_key::<Value<'_>>()? {
            let value = members.next_value::<Value<'_>>()?;
            if let Value::Text(name) = name {
                self.0.set(name.as_bytes(), value);
            }
        }
        Ok(())
    }
}

/// Any object that is JSON: a string with half a surrogate pair and a number beyond all bounds are JSON too, and count as
/// absent. Takes longer than [`read`]. `None` where it is no object.
pub fn patiently<'a, M: Members<'a>>(raw: &'a RawValue) -> Option<M> {
    let Unread(members) = serde_json::from_str(raw.get()).ok()?;
    let mut object = M::default();
    for (Name(name), value) in members {
        object.set(&name, serde_json::from_str(value.get()).unwrap_or(Value::Other));
    }
    Some(object)
}

/// The members of an object, their values unread.
struct Unread<'a>(Vec<(Name<'a>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Unread<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(UnreadVisitor)
    }
}

struct UnreadVisitor;

impl<'de> Visitor<'de> for UnreadVisitor {
    type Value = Unread<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Unread<'de>, A::Error> {
        let mut found = Vec::new();
        while let Some(member) = members.next_entry()? {
            found.push(member);
        }
        Ok(Unread(found))
    }
}

/// A member's name, as bytes: half a surrogate pair has no other form. Borrowed where it has no escapes.
struct Name<'a>(Cow<'a, [u8]>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_borrowed_bytes<E>(self, name: &'de [u8]) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    /// JSON as text, with what Rust's own types do not hold.
    pub fn json() -> impl Strategy<Value = String> {
        let odd = prop_oneof![Just("1e999"), Just(r#""\ud800""#), Just("-0"), Just("18446744073709551616")];
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|value| value.to_string()),
            any::<i64>().prop_map(|value| value.to_string()),
            any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
            odd.prop_map(str::to_owned),
        ];
        leaf.prop_recursive(4, 30, 5, |inner| {
            let list = prop::collection::vec(inner.clone(), 0..5);
            let object = prop::collection::vec((name(), inner), 0..5);
            prop_oneof![
                list.prop_map(|items| format!("[{}]", items.join(","))),
                object.prop_map(|members| {
                    let members: Vec<String> = members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
                    format!("{{ {} }}", members.join(" , "))
                }),
            ]
        })
    }

    fn name() -> impl Strategy<Value = String> {
        let known = prop_oneof![Just("platform"), Just("is_prod"), Just("action"), Just("timestamp")];
        prop_oneof![
            known.prop_map(|name| format!("\"{name}\"")),
            ".{0,6}".prop_map(|name| serde_json::Value::from(format!("{name} ")).to_string()),
            Just(r#""\udc00""#.to_owned()),
        ]
    }

    /// A member that is neither of the two ids.
    pub fn member() -> impl Strategy<Value = String> {
        (name(), json()).prop_map(|(name, value)| format!("{name}:{value}"))
    }
}
