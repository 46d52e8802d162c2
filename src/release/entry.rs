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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::release::platform::PerPlatform;
    use crate::release::policy::Descriptor;
    use crate::release::rollout::Rollout;
    use crate::release::table::Release;

    const NOW: Timestamp = Timestamp(1000);

    fn listing(version: usize, gate: Gate) -> Listing {
        let name = format!("1.0.{version}");
        let version = name.parse().unwrap();
        let release = Release {
            name: name.into(),
            version,
            descriptor: Arc::new(Descriptor::default()),
            bundles: PerPlatform::default(),
        };
        Listing { release: Arc::new(release), gate }
    }

    fn partial(draw: &str, hundredths: u16) -> Gate {
        let fixed = Percent::from_hundredths(hundredths).unwrap();
        Gate { rollout: Some(Arc::new(Rollout { draw: draw.into(), fixed, steps: None })), ..Gate::default() }
    }

    fn entrant(device_id: &str) -> Entrant<'_> {
        Entrant { app: "com.example.app", channel: "production", device_id, now: NOW }
    }

    fn gate() -> impl Strategy<Value = Gate> {
        let not_before = |time| Gate { not_before: Some(Timestamp(time)), ..Gate::default() };
        prop_oneof![
            Just(Gate::default()),
            Just(Gate { halted: true, ..Gate::default() }),
            Just(not_before(999)),
            Just(not_before(1001)),
            ("[a-z]{1,9}", prop::sample::select(vec![0, 3000, 6000, 9999]))
                .prop_map(|(draw, most)| partial(&draw, most)),
            ("[a-z]{70}", Just(5000)).prop_map(|(draw, most)| partial(&draw, most)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn the_first_is_the_one_that_a_look_at_each_finds(
            gates in prop::collection::vec(gate(), 0..7),
            device in "[0-9a-f]{8}|",
            has in 0_usize..20,
        ) {
            let listings: Vec<Listing> = gates.into_iter().enumerate().map(|(at, gate)| listing(at, gate)).collect();
            let name = format!("1.0.{has}");
            let has = |listing: &Listing| *listing.release.name == *name;
            let entrant = entrant(&device);
            let naive = listings.iter().find(|listing| has(listing) || entrant.enters(&listing.gate).is_ok());
            let first = entrant.first(listings.iter(), has);
            prop_assert_eq!(first.map(|found| &found.release.name), naive.map(|found| &found.release.name));
        }
    }

    #[test]
    fn of_two_that_let_it_in_a_device_enters_the_higher_and_without_an_id_neither() {
        let listings = [listing(2, partial("2", 9999)), listing(1, partial("1", 9999)), listing(0, Gate::default())];
        let first =
            |id: &str| entrant(id).first(listings.iter(), |_| false).map(|found| found.release.name.to_string());
        assert_eq!(first("device").as_deref(), Some("1.0.2"));
        assert_eq!(first("").as_deref(), Some("1.0.0"));
    }
}
