//! Writing one flat JSON object of strings and booleans: all that an answer ever is.

/// A part of a string.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'a> {
    /// As it is.
    Text(&'a str),
    /// Bytes as [`digits`].
    Digits(&'a [[u8; 2]]),
}

/// An object in the making.
pub struct Object {
    bytes: Vec<u8>,
}

impl Object {
    /// An object without members.
    pub fn new() -> Object {
        let mut bytes = Vec::with_capacity(320);
        bytes.push(b'{');
        Object { bytes }
    }

    /// Adds a string. The name needs no escapes.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Object {
        self.joined(name, &[Piece::Text(value)])
    }

    /// Adds a string that is made of pieces.
    #[must_use]
    pub fn joined(self, name: &str, pieces: &[Piece<'_>]) -> Object {
        let mut object = self.name(name);
        let bytes = &mut object.bytes;
        bytes.push(b'"');
        let start = bytes.len();
        for piece in pieces {
            match piece {
                Piece::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Piece::Digits(digits) => bytes.extend_from_slice(digits.as_flattened()),
            }
        }
        escape(bytes, start);
        bytes.push(b'"');
        object
    }

    /// Adds a string where there is one.
    #[must_use]
    pub fn text_if(self, name: &str, value: Option<&str>) -> Object {
        match value {
            Some(value) => self.text(name, value),
            None => self,
        }
    }

    /// Adds `true`.
    #[must_use]
    pub fn yes(self, name: &str) -> Object {
        let mut object = self.name(name);
        object.bytes.extend_from_slice(b"true");
        object
    }

    /// The bytes.
    pub fn finish(mut self) -> Vec<u8> {
        self.bytes.push(b'}');
        self.bytes
    }

    fn name(mut self, name: &str) -> Object {
        if self.bytes.len() > 1 {
            self.bytes.push(b',');
        }
        self.bytes.push(b'"');
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.extend_from_slice(b"\":");
        self
    }
}

/// Escapes what was written from `start` on. Most texts need it not, and one look at a whole text, which does not stop
/// early, sees many bytes at once.
fn escape(bytes: &mut Vec<u8>, start: usize) {
    let needs_it = bytes.iter().skip(start).fold(false, |found, byte| found | is_special(*byte));
    if !needs_it {
        return;
    }
    for byte in bytes.split_off(start) {
        if is_special(byte) {
            bytes.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
        } else {
            bytes.push(byte);
        }
    }
}

/// Bytes as lower-case hexadecimal digits, two each. Computed, not looked up: so many bytes are done at once.
pub fn digits<const N: usize>(bytes: &[u8; N]) -> [[u8; 2]; N] {
    bytes.map(|byte| [digit(byte >> 4), digit(byte & 15)])
}

const fn digit(value: u8) -> u8 {
    value + if value < 10 { b'0' } else { b'a' - 10 }
}

const fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | 0..0x20)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn reads_back_as_written(a in any::<String>(), b in "[\"\\\\\u{0}-\u{1f}a-é]*") {
            let bytes = Object::new().joined("ab", &[Piece::Text(&a), Piece::Text(&b)]).yes("c").text_if("d", None).text_if("e", Some(&b)).finish();
            let read: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(read, serde_json::json!({"ab": a + &b, "c": true, "e": b}));
        }
    }

    #[test]
    fn bytes_as_digits() {
        let pieces = [Piece::Text("/"), Piece::Digits(&digits(&[0x00, 0x9a, 0xbc, 0xff]))];
        assert_eq!(Object::new().joined("a", &pieces).finish(), br#"{"a":"/009abcff"}"#);
    }
}
