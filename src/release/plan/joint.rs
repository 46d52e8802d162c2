//! Two ladders together: which share of devices gets the one thing by the old and the other by the new.
//!
//! Positions of the same draw are the same number in both ladders, those of different draws have nothing to do with each
//! other: a share is a product over the draws. A device that gets something else than before does so for the higher of the
//! two releases, which lets in others than before; so only pairs with such a release are looked at, each at the cost of
//! what differs from the pair before it.

use std::collections::HashMap;

use super::Gets;
use super::ladder::{Ladder, Rung};
use super::share::Share;
use crate::release::rollout::Percent;

/// Each pair of places in two ladders, of those wanted, with the share of devices that get the one by the old ladder and
/// the other by the new. Places behind the last rung are the feet.
pub(in crate::release) fn joint(
    old: &Ladder<'_>,
    new: &Ladder<'_>,
    wanted: impl Fn(usize, usize) -> bool,
) -> Vec<(usize, usize, Share)> {
    let draws = Draws::of(old, new);
    let (olds, news) = (draws.places(old), draws.places(new));
    let counterparts = Counterparts::of(old, new);
    let mut found = Vec::new();
    for (at, _) in counterparts.old.iter().enumerate().filter(|(_, same)| same.is_none()) {
        let mut odds = Odds::above(&olds, at, &draws);
        odds.go_down(&news, |below, share| found.push((at, below, share)));
    }
    for (at, _) in counterparts.new.iter().enumerate().filter(|(_, same)| same.is_none()) {
        let mut odds = Odds::above(&news, at, &draws);
        let is_new = |below: usize| counterparts.old.get(below).is_none_or(Option::is_some);
        odds.go_down(&olds, |below, share| found.extend(is_new(below).then_some((below, at, share))));
    }
    let same = counterparts.old.iter().enumerate().filter_map(|(at, same)| Some((at, (*same)?)));
    let same = same.chain([(olds.len(), news.len())]);
    for (one, other) in same.filter(|(one, other)| wanted(*one, *other)) {
        found.extend(both(&olds, one, &news, other, &draws).map(|share| (one, other, share)));
    }
    let is_end = |(i, j): (usize, usize)| i == olds.len() && old.is_cut || j == news.len() && new.is_cut;
    found.retain(|(i, j, _)| wanted(*i, *j) && !is_end((*i, *j)));
    found.sort_unstable_by_key(|(i, j, _)| (*i, *j));
    found
}

/// How many get nothing of either.
pub(super) fn feet(old: &Ladder<'_>, new: &Ladder<'_>) -> Option<Share> {
    let draws = Draws::of(old, new);
    let (olds, news) = (draws.places(old), draws.places(new));
    both(&olds, olds.len(), &news, news.len(), &draws).filter(|_| !old.is_cut && !new.is_cut)
}

/// How many of those who run the release of a rung keep it, since nothing above lets them in, by what another ladder gives
/// them.
pub(super) fn kept<'t>(ladder: &Ladder<'t>, at: usize, other: &Ladder<'t>) -> Vec<(Gets<'t>, Share)> {
    let draws = Draws::of(ladder, other);
    let mut odds = Odds::all(&draws);
    draws.places(ladder).iter().take(at).for_each(|above| odds.leave(*above));
    let mut found = Vec::new();
    odds.go_down(&draws.places(other), |at, share| found.push((at, share)));
    found.retain(|(at, _)| *at < other.rungs.len() || !other.is_cut);
    found.into_iter().map(|(at, share)| (other.gets(at), share)).collect()
}

/// Who gets these two places.
fn both(olds: &[Place], one: usize, news: &[Place], other: usize, draws: &Draws<'_>) -> Option<Share> {
    let mut odds = Odds::above(olds, one, draws);
    news.iter().take(other).for_each(|above| odds.leave(*above));
    odds.inside(news.get(other).copied())
}

/// Which rung lets in the very same devices to the same release in the other ladder.
struct Counterparts {
    old: Vec<Option<usize>>,
    new: Vec<Option<usize>>,
}

impl Counterparts {
    fn of(old: &Ladder<'_>, new: &Ladder<'_>) -> Counterparts {
        let by_name: HashMap<&str, usize> =
            new.rungs.iter().zip(0..).map(|(rung, at)| (&*rung.release.name, at)).collect();
        let same = |rung: &Rung<'_>| {
            let at = *by_name.get(&*rung.release.name)?;
            new.rungs.get(at).filter(|other| rung.is_as(other)).map(|_| at)
        };
        let old: Vec<Option<usize>> = old.rungs.iter().map(same).collect();
        let mut back = vec![None; new.rungs.len()];
        for (at, same) in old.iter().enumerate() {
            if let Some(place) = same.and_then(|same| back.get_mut(same)) {
                *place = Some(at);
            }
        }
        Counterparts { old, new: back }
    }
}

/// A rung as odds know it: its draw, by number, and how many hundredths of a percent it lets in.
#[derive(Clone, Copy)]
struct Place {
    draw: usize,
    percent: u16,
}

/// The draws of two ladders, each once.
struct Draws<'t>(HashMap<(&'t str, &'t str), usize>);

impl<'t> Draws<'t> {
    fn of(old: &Ladder<'t>, new: &Ladder<'t>) -> Draws<'t> {
        let mut draws = HashMap::new();
        for rung in old.rungs.iter().chain(&new.rungs) {
            let next = draws.len();
            draws.entry(rung.draw).or_insert(next);
        }
        Draws(draws)
    }

    fn places(&self, ladder: &Ladder<'_>) -> Vec<Place> {
        let place = |rung: &Rung<'_>| {
            let draw = self.0.get(&rung.draw).copied().unwrap_or_default();
            Place { draw, percent: rung.percent.hundredths() }
        };
        ladder.rungs.iter().map(place).collect()
    }
}

/// Positions that are left in each draw, from the lowest to the highest, and how likely it is to be in all of them.
struct Odds {
    spans: Vec<(u16, u16)>,
    likely: f64,
}

impl Odds {
    fn all(draws: &Draws<'_>) -> Odds {
        Odds { spans: vec![(0, Percent::ALL.hundredths()); draws.0.len()], likely: 1.0 }
    }

    /// In none of the rungs above that place, and in that one.
    fn above(places: &[Place], at: usize, draws: &Draws<'_>) -> Odds {
        let mut odds = Odds::all(draws);
        places.iter().take(at).for_each(|above| odds.leave(*above));
        if let Some(place) = places.get(at) {
            odds.narrow(place.draw, |(low, high)| (low, high.min(place.percent)));
        }
        odds
    }

    /// Is in none of that rung.
    fn leave(&mut self, place: Place) {
        self.narrow(place.draw, |(low, high)| (low.max(place.percent), high));
    }

    fn narrow(&mut self, draw: usize, narrower: impl FnOnce((u16, u16)) -> (u16, u16)) {
        let Some(span) = self.spans.get_mut(draw) else { return };
        let before = width(*span);
        *span = narrower(*span);
        // nobody is left once one of them is empty, whatever is left of the others
        self.likely = if before == 0.0 { 0.0 } else { self.likely / before * width(*span) };
    }

    /// How many are left that are in that rung; of all that are left, where it is none.
    fn inside(&self, place: Option<Place>) -> Option<Share> {
        let Some(Place { draw, percent }) = place else { return Share::of(self.likely) };
        let span = self.spans.get(draw).copied()?;
        let before = width(span);
        if before == 0.0 { None } else { Share::of(self.likely / before * width((span.0, span.1.min(percent)))) }
    }

    /// Tells of each place of a ladder, and of its foot, how many of those that are left come to it.
    fn go_down(&mut self, places: &[Place], mut tell: impl FnMut(usize, Share)) {
        for (at, place) in places.iter().enumerate() {
            if let Some(share) = self.inside(Some(*place)) {
                tell(at, share);
            }
            self.leave(*place);
            if self.likely == 0.0 {
                return;
            }
        }
        if let Some(share) = self.inside(None) {
            tell(places.len(), share);
        }
    }
}

/// How likely it is to stand there.
fn width((low, high): (u16, u16)) -> f64 {
    f64::from(high.saturating_sub(low)) / f64::from(Percent::ALL.hundredths())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_comes_below_what_lets_everyone_in() {
        let mut odds = Odds { spans: vec![(0, 10_000), (0, 10_000)], likely: 1.0 };
        let mut told = Vec::new();
        let places =
            [Place { draw: 0, percent: 1000 }, Place { draw: 1, percent: 10_000 }, Place { draw: 0, percent: 5000 }];
        odds.go_down(&places, |at, share| told.push((at, share.to_string())));
        assert_eq!(told, [(0, "10%".to_owned()), (1, "90%".to_owned())]);
    }

    #[test]
    fn rollouts_that_draw_the_same_devices_overlap() {
        let mut odds = Odds { spans: vec![(0, 10_000)], likely: 1.0 };
        let mut told = Vec::new();
        let places = [Place { draw: 0, percent: 1000 }, Place { draw: 0, percent: 2500 }];
        odds.go_down(&places, |at, share| told.push((at, share.to_string())));
        assert_eq!(told, [(0, "10%".to_owned()), (1, "15%".to_owned()), (2, "75%".to_owned())]);
    }
}
