//! Real zips.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A zip of these files.
pub fn zip<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    written(files, CompressionMethod::Deflated)
}

/// The same without compression, which is quick.
pub fn stored<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    written(files, CompressionMethod::Stored)
}

fn written<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>, method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(name, SimpleFileOptions::default().compression_method(method)).expect("an entry");
        zip.write_all(content).expect("its content");
    }
    zip.finish().expect("a zip").into_inner()
}

/// A web app with a few files, different for each text.
pub fn web_app(text: &str) -> Vec<u8> {
    zip([
        ("index.html", format!("<!doctype html><title>{text}</title><script src=assets/app.js></script>").as_bytes()),
        ("assets/app.js", format!("document.body.textContent = {text:?}").as_bytes()),
        ("assets/app.css", b"body { color: teal }"),
    ])
}
