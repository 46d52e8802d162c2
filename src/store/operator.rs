//! Where the daemon that has the directory listens for operators, for programs beside it.

use std::fs;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::path::PathBuf;

use super::{Store, files};

/// Bytes of an address that are read.
const LONGEST: u64 = 128;

impl Store {
    /// Says where operators are answered, or that they are not.
    ///
    /// # Errors
    /// What the system says.
    pub fn leave_operator(&self, address: Option<SocketAddr>) -> io::Result<()> {
        let path = self.operator_path();
        match address {
            Some(address) => self.write(&path, format!("{address}\n").as_bytes(), false),
            None => match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(files::explain("remove", &path, &error)),
                _ => Ok(()),
            },
        }
    }

    /// Where operators are answered; `None` where nobody said so, or where the daemon that did has gone.
    pub fn operator(&self) -> Option<SocketAddr> {
        let mut text = String::new();
        let file = files::open_regular(&self.operator_path()).ok().filter(|_| self.is_held())?;
        file.take(LONGEST).read_to_string(&mut text).ok()?;
        text.trim().parse().ok()
    }

    fn operator_path(&self) -> PathBuf {
        self.root.with_file_name("operator")
    }
}
