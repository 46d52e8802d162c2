//! A web app of three files, zipped as every client wants it.

use std::io;

use crate::repository::bundle::write::write;

const PAGE: &str = "<!doctype html>
<html lang=en>
<meta charset=utf-8>
<title>Demo VERSION</title>
<link rel=stylesheet href=assets/app.css>
<h1>This is VERSION</h1>
<script type=module src=assets/app.js></script>
";
const SCRIPT: &str = "// without this call the plugin takes the release for broken, and rolls back
window.Capacitor?.Plugins?.CapacitorUpdater?.notifyAppReady()
";
const STYLE: &str = "body { font: 2em system-ui; margin: 4em }\n";

/// The bundle of a version.
///
/// # Errors
/// None that memory would not cause.
pub fn bundle(version: &str) -> io::Result<Vec<u8>> {
    let page = PAGE.replace("VERSION", version);
    let files = [("index.html", page.as_str()), ("assets/app.js", SCRIPT), ("assets/app.css", STYLE)];
    let files = files.map(|(name, text)| (name.to_owned(), text));
    write(&files.into(), |_, text| Ok(text.as_bytes().to_vec()), |_| {})
}
