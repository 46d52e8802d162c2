//! Where what decided was written.

use std::collections::HashMap;

use super::Compared;
use crate::documents::at::At;
use crate::release::explain::Because;
use crate::release::plan::{Change, Side, Spot};
use crate::repository::descriptor::Way;
use crate::repository::places::Places;
use crate::repository::read_error::ReadError;
use crate::repository::reader::Objects;

/// Where a change was decided.
pub(super) struct Decided {
    /// Where somebody wrote it.
    pub at: Option<At>,
    /// Where something else did as well.
    pub also: Option<At>,
}

/// Finds what was written, each file read once.
pub(super) struct Spots<'o> {
    compared: &'o Compared,
    objects: &'o Objects<'o>,
    places: HashMap<(&'o str, bool), Places<'o>>,
}

impl<'o> Spots<'o> {
    pub fn new(compared: &'o Compared, objects: &'o Objects<'o>) -> Spots<'o> {
        Spots { compared, objects, places: HashMap::new() }
    }

    pub fn decided(&mut self, change: &Change<'o>) -> Result<Decided, ReadError> {
        let also = change.row.also.map(|(_, spot)| spot);
        Ok(Decided { at: self.find(change.app, change.row.at)?, also: self.find(change.app, also)? })
    }

    pub fn find(&mut self, app: &'o str, spot: Option<Spot<'_>>) -> Result<Option<At>, ReadError> {
        let Some(Spot { side, channel, version, because }) = spot else { return Ok(None) };
        if let Because::Tag(tag) = because {
            return Ok(Some(At::Tag { tag: tag.to_owned() }));
        }
        // a key that was taken out stands in the old file alone
        match self.place(app, side, channel, version, because)? {
            None if side == Side::New => self.place(app, Side::Old, channel, version, because),
            place => Ok(place),
        }
    }

    fn place(
        &mut self,
        app: &'o str,
        side: Side,
        channel: &str,
        version: &str,
        because: Because<'_>,
    ) -> Result<Option<At>, ReadError> {
        let Compared { old, new, .. } = self.compared;
        let sources = if side == Side::Old { &old.sources } else { &new.sources };
        let places = self.places.entry((app, side == Side::Old));
        let places = places.or_insert_with(|| Places::new(self.objects, app, sources.of(app)));
        let place = match because {
            Because::Release(key) => places.in_release(version, key)?,
            Because::Channel(key) if channel.is_empty() => places.in_settings(&[Way::Key(key)])?,
            Because::Channel(key) => places.in_settings(&[Way::Key("channels"), Way::Key(channel), Way::Key(key)])?,
            Because::Override(at) => places.in_settings(&[Way::Key("overrides"), Way::Item(at)])?,
            Because::Tag(_) | Because::Default => None,
        };
        let place = place.map(At::from);
        Ok(if side == Side::Old { place.map(At::before) } else { place })
    }
}
