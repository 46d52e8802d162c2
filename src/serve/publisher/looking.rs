//! Reading the refs, with what is said of pushes heard first.

use std::time::Duration;

use super::place::Place;
use super::said::Said;
use super::settled::{By, settled};
use crate::repository::read_error::ReadError;
use crate::repository::refs::Refs;
use crate::watch::Hints;

/// Reads the refs of a place, as whoever pushes speaks.
pub struct Looking {
    /// Tells when a push is in.
    hints: Hints,
    /// What it told since the last table was published.
    said: Said,
}

impl Looking {
    /// Nothing was said yet.
    pub fn new(hints: Hints) -> Looking {
        Looking { hints, said: Said::default() }
    }

    /// The refs, once something is said of a push, and at the end of that time at the latest. What was said is heard before
    /// the refs are read: those are the refs of then or later.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn hear_and_read(&mut self, place: &Place, within: Duration) -> Result<Refs, ReadError> {
        if let Some(lines) = self.hints.take_pushed(within) {
            self.said.hear(&lines);
        }
        place.refs()
    }

    /// Waits for the rest of a push that may be only half in, unless all that differs from `before` was said.
    ///
    /// # Errors
    /// The refs cannot be read.
    pub fn settled(&mut self, place: &Place, before: Option<&Refs>, refs: &Refs) -> Result<(Refs, By), ReadError> {
        if self.said.covers(before, refs) {
            return Ok((refs.clone(), By::Push));
        }
        settled(&place.repository, refs.clone(), |within| {
            let refs = self.hear_and_read(place, within)?;
            let is_in = self.said.covers(before, &refs);
            Ok((refs, is_in))
        })
    }

    /// What was said is published, or nothing new came of it.
    pub fn forget(&mut self) {
        self.said.forget();
    }
}
