//! The journal of the data directory: lines that are only ever added.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};

use super::{Store, files};

impl Store {
    /// All lines that were added. A last one that a loss of power cut short is among them, for the reader to pass over.
    ///
    /// # Errors
    /// What the system says; a journal that is not there is empty.
    pub fn journal(&self) -> io::Result<String> {
        let path = self.root.with_file_name("journal");
        match fs::read(&path) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(files::explain("read", &path, &error)),
        }
    }

    /// Bytes that it has; none where it is not there.
    pub fn journal_length(&self) -> u64 {
        fs::metadata(self.root.with_file_name("journal")).map_or(0, |found| found.len())
    }

    /// The whole lines behind so many bytes, and how many bytes those are. The first may lack its beginning.
    ///
    /// # Errors
    /// As of [`journal`](Store::journal).
    pub fn journal_behind(&self, start: u64) -> io::Result<(String, u64)> {
        let path = self.root.with_file_name("journal");
        let read = || {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1));
            Ok::<_, io::Error>((String::from_utf8_lossy(&bytes).into_owned(), bytes.len() as u64))
        };
        match read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((String::new(), 0)),
            read => read.map_err(|error| files::explain("read", &path, &error)),
        }
    }

    /// Adds lines, and makes them durable.
    ///
    /// # Errors
    /// What the system says.
    pub fn add_to_journal(&self, lines: &str) -> io::Result<()> {
        let path = self.root.with_file_name("journal");
        if self.lock().is_none() {
            return Err(files::refused(&path, "this store is open for reading only"));
        }
        let add = || {
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
            let start = if is_cut_short(&mut file)? { "\n" } else { "" };
            let length = file.metadata()?.len();
            let added = file.write_all(format!("{start}{lines}").as_bytes()).and_then(|()| file.sync_data());
            // lines that are there in part, or may be lost yet, would be there twice once they are added again; where even that
            // fails, what is told is why they could not be written
            added.inspect_err(|_| drop(file.set_len(length)))
        };
        add().map_err(|error| files::explain("add to", &path, &error))
    }
}

/// Whether the last line has no end.
fn is_cut_short(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}
