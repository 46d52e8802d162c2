//! Names of git objects.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The SHA-1 name of an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId([u8; 20]);

impl ObjectId {
    /// How git names no object at all: with zeros.
    pub const NONE: ObjectId = ObjectId([0; 20]);

    /// The object, if it names one.
    pub fn of_something(self) -> Option<ObjectId> {
        (self != ObjectId::NONE).then_some(self)
    }

    /// From its twenty bytes.
    pub const fn new(bytes: [u8; 20]) -> Self {
        ObjectId(bytes)
    }

    /// From forty hex digits.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let hex: &[u8; 40] = hex.as_bytes().try_into().ok()?;
        let mut bytes = [0; 20];
        for (byte, pair) in bytes.iter_mut().zip(hex.as_chunks::<2>().0) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(ObjectId(bytes))
    }

    /// Its twenty bytes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }
}

fn digit(hex: u8) -> Option<u8> {
    char::from(hex).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        ObjectId::from_hex(&hex).ok_or_else(|| serde::de::Error::custom("not forty hex digits"))
    }
}

/// The name of a commit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommitId(pub ObjectId);

impl CommitId {
    /// From forty hex digits.
    pub fn from_hex(hex: &str) -> Option<Self> {
        ObjectId::from_hex(hex).map(CommitId)
    }

    /// Enough of it for people, and for git to find it again.
    pub fn short(&self) -> String {
        self.0.as_bytes().iter().take(5).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CommitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_reads_back_what_is_printed() {
        let hex = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(ObjectId::from_hex(hex).unwrap().to_string(), hex);
        assert_eq!(ObjectId::from_hex("0123"), None);
        assert_eq!(ObjectId::from_hex(&"g".repeat(40)), None);
    }

    #[test]
    fn a_short_name_is_a_prefix_of_the_long_one() {
        let id = CommitId(ObjectId::new([0xab; 20]));
        assert_eq!(id.short(), "ababababab");
        assert!(id.to_string().starts_with(&id.short()));
    }
}
