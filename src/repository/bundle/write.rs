//! Writes zips that every client can install, with the same bytes for the same files on every machine.
//!
//! Names and contents of files go in and nothing else: entries in the order of their names, one date, one mode, no folders,
//! no extra fields. Whoever builds an app twice, on two machines, gets one bundle, and can compare it by its hash.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// Bytes that are compressed at a time. Fixed, so that what comes out cannot depend on how the files are read.
const CHUNK: usize = 1 << 18;

/// The best of deflate: a bundle is packed once and downloaded by every device.
///
/// The compressor is zlib-rs, whichever CPU it runs on. Its vector code compares and moves bytes and gives what its plain
/// code gives; what decides on the output, the hash of the next bytes, is plain arithmetic everywhere. (Early versions had an
/// instruction for it that only some CPUs know, and their bytes differed.) A test holds the hash of a bundle, so that an
/// update of the compressor that writes other bytes is noticed.
const LEVEL: i64 = 9;

/// Packs files by their names, with `/` between folders. `read` gives the bytes of one; `packed` is told how many bytes
/// have gone in since it was last told.
///
/// # Errors
/// What `read` fails with, or what no zip can hold.
pub fn write<F>(
    files: &BTreeMap<String, F>,
    mut read: impl FnMut(&str, &F) -> io::Result<Vec<u8>>,
    mut packed: impl FnMut(u64),
) -> io::Result<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, file) in files {
        let content = read(name, file)?;
        zip.start_file(name, options())?;
        for chunk in content.chunks(CHUNK) {
            zip.write_all(chunk)?;
            packed(chunk.len() as u64);
        }
    }
    Ok(zip.finish()?.into_inner())
}

/// Everything that the library would otherwise take from the machine is said.
fn options() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .system(System::Unix)
        .large_file(false)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use sha2::{Digest, Sha256};

    use super::super::{Limits, inspect};
    use super::*;
    use crate::release::platform::Platform;

    fn packed(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let files = files.iter().map(|(name, content)| ((*name).to_owned(), content.clone())).collect();
        write(&files, |_, content: &Vec<u8>| Ok(content.clone()), |_| {}).unwrap()
    }

    /// Text that repeats itself near and far, as code does, and bytes that do not.
    fn tree() -> Vec<(&'static str, Vec<u8>)> {
        let words = ["function ", "return ", "const ", "=>", "{", "}", "(", ")", ";\n", "notifyAppReady", "x", "y"];
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) as usize
        };
        let code: String = (0..120_000).map(|_| words[next() % words.len()]).collect();
        let image: Vec<u8> = (0..100_000).map(|_| next() as u8).collect();
        vec![
            ("index.html", b"<!doctype html><script src=assets/app.js></script>".to_vec()),
            ("assets/app.js", code.into_bytes()),
            ("assets/logo.png", image),
            ("assets/empty.txt", Vec::new()),
            ("assets/Größe.txt", "ä".repeat(3000).into_bytes()),
        ]
    }

    #[test]
    fn a_compressor_that_writes_other_bytes_is_noticed() {
        let hash = hex::encode(Sha256::digest(packed(&tree())));
        assert_eq!(
            hash, "e2ae53ca8fa0217373b61845c862b6d4db542c3496e2fb3b80d8efe0c5265861",
            "bundles packed before and after this change differ"
        );
    }

    #[test]
    fn every_client_can_install_what_is_written() {
        let inspection = inspect(&packed(&tree()), &Limits::default());
        assert_eq!((inspection.faults, inspection.installable), (vec![], Platform::ALL.to_vec()));
    }

    #[test]
    fn the_order_of_the_files_is_that_of_their_names() {
        let mut backwards = tree();
        backwards.reverse();
        assert_eq!(packed(&tree()), packed(&backwards));
        let zip = packed(&[("index.html", vec![]), ("b/a", vec![]), ("b.js", vec![]), ("B", vec![])]);
        let zip = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        let names: Vec<_> = zip.file_names_raw().map(String::from_utf8_lossy).collect();
        assert_eq!(names, ["B", "b.js", "b/a", "index.html"]);
    }

    #[test]
    fn an_entry_has_one_date_one_mode_and_nothing_extra() {
        let mut zip = zip::ZipArchive::new(Cursor::new(packed(&tree()))).unwrap();
        for at in 0..zip.len() {
            let mut file = zip.by_index(at).unwrap();
            assert_eq!((file.last_modified(), file.unix_mode()), (Some(DateTime::default()), Some(0o100_644)));
            assert_eq!(file.extra_data().unwrap_or_default(), b"");
            let name = String::from_utf8_lossy(file.name_raw()).into_owned();
            let (_, content) = tree().into_iter().find(|(one, _)| *one == name).unwrap();
            let mut read = Vec::new();
            file.read_to_end(&mut read).unwrap();
            assert!(read == content, "{name}");
        }
    }

    #[test]
    fn names_that_are_wrong_stay_so_for_the_judge() {
        for name in ["a\\b", "/a", "../a", "a//b", "./a"] {
            let inspection = inspect(&packed(&[("index.html", vec![]), (name, vec![])]), &Limits::default());
            assert_eq!(inspection.installable, [], "{name}");
        }
    }

    #[test]
    fn what_reading_fails_with_is_handed_on() {
        let files = BTreeMap::from([("index.html".to_owned(), ())]);
        let failed = write(&files, |_, ()| Err(io::Error::other("gone")), |_| {});
        assert_eq!(failed.unwrap_err().to_string(), "gone");
    }
}
