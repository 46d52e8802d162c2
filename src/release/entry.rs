//! Who enters a release that it does not run: nobody where it is halted or its time is yet to come, and some where it is
//! partial.

use super::listings::Listing;
use super::opening::Gate;
use super::refusal::Refusal;
use super::rollout::{Percent, Position};
use super::time::Timestamp;

/// A device at the gates of a channel.
#[derive(Clone, Copy)]
pub struct Entrant<'d> {
    pub app: &'d str,
    pub channel: &'d str,
    /// Lower-cased; empty where it has none that stays.
    pub device_id: &'d str,
    pub now: Timestamp,
}

/// A gate that lets in some: those that stand below the percentage in a draw.
#[derive(Clone, Copy)]
struct Draw<'g> {
    of: &'g str,
    percent: Percent,
}

impl Entrant<'_> {
    /// Whether the device enters.
    pub fn enters(&self, gate: &Gate) -> Result<(), Refusal> {
        let Some(Draw { of, percent }) = self.draw(gate)? else { return Ok(()) };
        let position = self.position(of);
        if position.is_some_and(|position| percent.holds(position)) {
            Ok(())
        } else {
            Err(Refusal::NotInRollout { position, percent })
        }
    }

    /// Where it stands in a draw. `None`: it has no id that stays.
    pub fn position(&self, draw: &str) -> Option<Position> {
        let has_id = !self.device_id.is_empty();
        has_id.then(|| Position::of(self.app, self.channel, draw, self.device_id))
    }

    /// The first listing that it enters, or that it `has`. Draws are made two by two, since that costs less.
    pub fn first<'t>(
        &self,
        listings: impl Iterator<Item = &'t Listing>,
        has: impl Fn(&Listing) -> bool,
    ) -> Option<&'t Listing> {
        let mut waiting = None;
        for listing in listings {
            let draw = if has(listing) { Ok(None) } else { self.draw(&listing.gate) };
            match draw {
                Err(_) => {}
                Ok(None) => return waiting.and_then(|waiting| self.won(waiting)).or(Some(listing)),
                Ok(Some(draw)) => match waiting.take() {
                    None => waiting = Some((listing, draw)),
                    Some(one) => {
                        if let Some(first) = self.won_of_both([one, (listing, draw)]) {
                            return Some(first);
                        }
                    }
                },
            }
        }
        waiting.and_then(|waiting| self.won(waiting))
    }

    fn won<'t>(&self, (listing, draw): (&'t Listing, Draw<'t>)) -> Option<&'t Listing> {
        self.position(draw.of).filter(|position| draw.percent.holds(*position)).map(|_| listing)
    }

    fn won_of_both<'t>(&self, both: [(&'t Listing, Draw<'t>); 2]) -> Option<&'t Listing> {
        let has_id = !self.device_id.is_empty();
        let draws = both.map(|(_, draw)| draw.of);
        let positions = has_id.then(|| Position::of_both(self.app, self.channel, draws, self.device_id))?;
        let mut both = both.into_iter().zip(positions);
        both.find(|((_, draw), position)| draw.percent.holds(*position)).map(|((listing, _), _)| listing)
    }

    /// What is left to pass where nothing refuses everyone. `None`: nothing is.
    fn draw<'g>(&self, gate: &'g Gate) -> Result<Option<Draw<'g>>, Refusal> {
        if gate.halted {
            return Err(Refusal::Halted);
        }
        if let Some(time) = gate.not_before.filter(|time| self.now < *time) {
            return Err(Refusal::NotYet(time));
        }
        let Some(rollout) = &gate.rollout else { return Ok(None) };
        let percent = rollout.percent(self.now);
        Ok((percent != Percent::ALL).then_some(Draw { of: &rollout.draw, percent }))
    }
}
