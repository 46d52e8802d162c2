//! Zips for tests: ordinary ones by the library, all others field by field.

use std::io::{Cursor, Write};

use flate2::{Compression, write::DeflateEncoder};
use zip::write::SimpleFileOptions;

/// A zip as the library writes it to a file.
pub(super) fn ordinary(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        match name.strip_suffix('/') {
            Some(folder) => zip.add_directory(folder, SimpleFileOptions::default()).unwrap(),
            None => zip.start_file(*name, SimpleFileOptions::default()).unwrap(),
        }
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An entry of which every field can be made wrong.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) local: Fields,
    pub(super) listed: Fields,
    pub(super) packed: Vec<u8>,
    /// What follows the file.
    pub(super) after: Vec<u8>,
    /// What comes before its header.
    pub(super) before: Vec<u8>,
    pub(super) attributes: u32,
    pub(super) disk: u16,
    /// Where the directory says that it is; `None`: where it is.
    pub(super) offset: Option<u32>,
}

/// What is said of it twice.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fields {
    pub(super) name: Vec<u8>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc32: u32,
    pub(super) packed: u32,
    pub(super) unpacked: u32,
    pub(super) extra: Vec<u8>,
}

impl Part {
    /// A stored file, or a folder.
    pub(super) fn stored(name: impl AsRef<[u8]>, content: &[u8]) -> Part {
        Part::new(name.as_ref(), 0, content, content.to_vec())
    }

    /// A deflated file.
    pub(super) fn deflated(name: impl AsRef<[u8]>, content: &[u8]) -> Part {
        let mut deflate = DeflateEncoder::new(Vec::new(), Compression::default());
        deflate.write_all(content).unwrap();
        Part::new(name.as_ref(), 8, content, deflate.finish().unwrap())
    }

    fn new(name: &[u8], method: u16, content: &[u8], packed: Vec<u8>) -> Part {
        let flags = if name.is_ascii() { 0 } else { 1 << 11 };
        let (crc32, unpacked) = (crc32fast::hash(content), content.len() as u32);
        let fields =
            Fields { name: name.to_vec(), flags, method, crc32, packed: packed.len() as u32, unpacked, extra: vec![] };
        let (local, listed) = (fields.clone(), fields);
        Part { local, listed, packed, after: vec![], before: vec![], attributes: 0, disk: 0, offset: None }
    }

    /// With both of its headers changed.
    pub(super) fn with(mut self, change: impl Fn(&mut Fields)) -> Part {
        change(&mut self.local);
        change(&mut self.listed);
        self
    }

    /// Of that Unix mode.
    pub(super) fn mode(mut self, mode: u32) -> Part {
        self.attributes = mode << 16;
        self
    }

    /// With its sizes after it instead of before.
    pub(super) fn streamed(mut self, signature: bool) -> Part {
        self = self.with(|fields| fields.flags |= 8);
        let sizes = [self.listed.crc32, self.listed.packed, self.listed.unpacked];
        self.after = [b"PK\x07\x08".as_slice()].into_iter().filter(|_| signature).flatten().copied().collect();
        self.after.extend(sizes.iter().flat_map(|n| n.to_le_bytes()));
        (self.local.crc32, self.local.packed, self.local.unpacked) = (0, 0, 0);
        self
    }
}

/// A zip of these, in this order.
pub(super) fn raw(parts: &[Part]) -> Vec<u8> {
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for part in parts {
        zip.extend(&part.before);
        let offset = part.offset.unwrap_or(zip.len() as u32);
        zip.extend(b"PK\x03\x04\x14\0");
        head(&mut zip, &part.local);
        zip.extend([&part.local.name[..], &part.local.extra, &part.packed, &part.after].concat());
        directory.extend(b"PK\x01\x02\x14\x03\x14\0");
        head(&mut directory, &part.listed);
        directory.extend([0, 0]);
        directory.extend(part.disk.to_le_bytes());
        directory.extend([0, 0]);
        directory.extend(part.attributes.to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend([&part.listed.name[..], &part.listed.extra].concat());
    }
    let (start, size, count) = (zip.len() as u32, directory.len() as u32, parts.len() as u16);
    zip.extend(directory);
    zip.extend(end(count, size, start));
    zip
}

/// The last record of a zip.
pub(super) fn end(count: u16, size: u32, start: u32) -> Vec<u8> {
    let counts = [count.to_le_bytes(), count.to_le_bytes()].concat();
    [b"PK\x05\x06\0\0\0\0", &counts[..], &size.to_le_bytes(), &start.to_le_bytes(), &[0, 0]].concat()
}

fn head(to: &mut Vec<u8>, fields: &Fields) {
    to.extend(fields.flags.to_le_bytes());
    to.extend(fields.method.to_le_bytes());
    to.extend([0, 0, 0x21, 0]);
    to.extend(fields.crc32.to_le_bytes());
    to.extend(fields.packed.to_le_bytes());
    to.extend(fields.unpacked.to_le_bytes());
    to.extend((fields.name.len() as u16).to_le_bytes());
    to.extend((fields.extra.len() as u16).to_le_bytes());
}
