//! Reading the refs, with what is said of pushes heard first.

use std::time::{Duration, Instant};

use super::coming::Coming;
use super::place::Place;
use super::said::Said;
use super::settled::{By, Stand, settled};
use crate::repository::read_error::ReadError;
use crate::repository::refs::Refs;
use crate::watch::Hints;

/// Reads the refs of a place, as whoever pushes speaks.
pub struct Looking {
    /// Tells when a push is in.
    hints: Hints,
    /// What it told since the last table was published.
    said: Said,
    /// The pushes that it told of before they changed anything.
    coming: Coming,
}

impl Looking {
    /// Nothing was said yet.
    pub fn new(hints: Hints) -> Looking {
        Looking { hints, said: Said::default(), coming: Coming::default() }
    }

    /// The refs, once something is said of a push, and at the end of that time at the latest. What was said is heard before
    /// the refs are read: those are the refs of then or later.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn hear_and_read(&mut self, place: &Place, within: Duration) -> Result<Refs, ReadError> {
        let pushed = self.hints.take_pushed(within);
        if let Some(pushes) = self.hints.take_coming() {
            self.coming.hear(&pushes, Instant::now());
        }
        if let Some(lines) = pushed {
            self.said.hear(&lines);
            self.coming.end(&lines);
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
            let stand = self.stand(before, &refs);
            Ok((refs, stand))
        })
    }

    fn stand(&mut self, before: Option<&Refs>, refs: &Refs) -> Stand {
        match self.said.covers(before, refs) {
            true => Stand::In,
            false if self.coming.is_half_in(refs, Instant::now()) => Stand::Half,
            false => Stand::Unknown,
        }
    }

    /// What is new is published.
    pub fn came_true(&mut self) {
        self.said.forget();
        self.hints.came_true();
    }

    /// Nothing new came of what was said.
    pub fn forget(&mut self) {
        self.said.forget();
    }
}
