//! The extra fields of an entry: only those that would give it another name or other sizes matter.

use super::fields::Fields;

const ZIP64: u16 = 0x0001;
const UNICODE_PATH: u16 = 0x7075;

/// What the extra fields of an entry say that we care about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Extra<'a> {
    /// Sizes of more than 32 bits.
    pub(super) zip64: bool,
    /// Another name, which some readers prefer.
    pub(super) name: Option<&'a [u8]>,
    /// They run past their end.
    pub(super) broken: bool,
}

/// Reads them; up to three bytes of padding after the last are passed over, as every client does.
pub(super) fn read(bytes: &[u8]) -> Extra<'_> {
    let mut extra = Extra::default();
    let mut fields = Fields(bytes);
    while fields.0.len() > 3 {
        let Some((id, content)) = field(&mut fields) else { return Extra { broken: true, ..extra } };
        match id {
            ZIP64 => extra.zip64 = true,
            // A version and the checksum of the other name come first.
            UNICODE_PATH => extra.name = Some(content.get(5..).unwrap_or_default()),
            _ => {}
        }
    }
    extra
}

fn field<'a>(fields: &mut Fields<'a>) -> Option<(u16, &'a [u8])> {
    let id = fields.u16()?;
    let length = fields.u16()?;
    Some((id, fields.bytes(length.into())?))
}
