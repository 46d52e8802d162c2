//! Rollouts: how many devices, which of them, and when more.
//!
//! Membership is deterministic and nested, so that no state is kept: a device has a position in each rollout, and is in
//! where that is below the percentage. Raising the percentage only adds devices.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

pub use super::position::Position;
use super::time::Timestamp;

/// A share of all devices, in hundredths of a percent: 0 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u16);

impl Percent {
    /// Nobody.
    pub const NONE: Percent = Percent(0);
    /// Everyone.
    pub const ALL: Percent = Percent(10_000);

    /// Hundredths of a percent; `None` above 100%.
    pub fn from_hundredths(hundredths: u16) -> Option<Percent> {
        (hundredths <= Percent::ALL.0).then_some(Percent(hundredths))
    }

    /// Hundredths of a percent.
    pub const fn hundredths(self) -> u16 {
        self.0
    }

    /// Whether a device at that position is in.
    pub const fn holds(self, position: Position) -> bool {
        position.number() < self.0
    }
}

/// Not a percentage from 0 to 100 with two decimals at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPercentage;

impl FromStr for Percent {
    type Err = NotAPercentage;

    /// Reads `10`, `0.5` or `12.25`, without the sign.
    fn from_str(text: &str) -> Result<Percent, NotAPercentage> {
        let (whole, part) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
        let digits = |text: &str, most: usize| {
            let are_digits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
            are_digits.then(|| text.parse::<u32>().ok()).flatten().ok_or(NotAPercentage)
        };
        let part = match part {
            None => 0,
            Some(part) => digits(part, 2)? * if part.len() == 1 { 10 } else { 1 },
        };
        let hundredths = u16::try_from(digits(whole, 3)? * 100 + part).map_err(|_| NotAPercentage)?;
        Percent::from_hundredths(hundredths).ok_or(NotAPercentage)
    }
}

impl fmt::Display for Percent {
    /// As [`FromStr`] reads it, as short as it can be, and the sign.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        match part {
            0 => write!(f, "{whole}%"),
            part if part % 10 == 0 => write!(f, "{whole}.{}%", part / 10),
            part => write!(f, "{whole}.{part:02}%"),
        }
    }
}

/// One step of a rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// How many devices.
    pub percent: Percent,
    /// For how long, in milliseconds; `None`: for good.
    pub lasts: Option<u64>,
}

/// The steps of a rollout, their percentages rising. The last percentage stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps(Box<[Step]>);

impl Steps {
    /// Steps in their order; `None` where there is none, where a percentage does not rise, or where a step before the last
    /// has no end.
    pub fn new(steps: Vec<Step>) -> Option<Steps> {
        let rise = steps.is_sorted_by(|a, b| a.percent < b.percent);
        let before_the_last = steps.split_last().map(|(_, before)| before)?;
        let end = before_the_last.iter().all(|step| step.lasts.is_some());
        (rise && end).then(|| Steps(steps.into()))
    }

    /// Each step.
    pub fn iter(&self) -> impl Iterator<Item = &Step> {
        self.0.iter()
    }

    /// The percentage before any time has passed.
    pub fn first(&self) -> Percent {
        self.0.first().map_or(Percent::ALL, |step| step.percent)
    }

    /// The percentage at `now`, for steps that began at `start`; nobody before.
    pub fn at(&self, start: Timestamp, now: Timestamp) -> Percent {
        if now < start {
            return Percent::NONE;
        }
        let at_or_before = self.begins(start).take_while(|(begins, _)| *begins <= now);
        at_or_before.last().map_or(Percent::NONE, |(_, percent)| percent)
    }

    /// The next percentage after `now`, and when it begins.
    pub fn next(&self, start: Timestamp, now: Timestamp) -> Option<(Timestamp, Percent)> {
        self.begins(start).find(|(begins, _)| *begins > now)
    }

    /// When each percentage begins.
    fn begins(&self, start: Timestamp) -> impl Iterator<Item = (Timestamp, Percent)> {
        let mut begins = Some(start);
        self.0.iter().map_while(move |step| {
            let this = begins?;
            begins = step.lasts.and_then(|lasts| this.0.checked_add(i64::try_from(lasts).ok()?)).map(Timestamp);
            Some((this, step.percent))
        })
    }
}

/// How a release enters a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// In place of the version, where positions are drawn.
    pub draw: Box<str>,
    /// At least so many, whatever the time.
    pub fixed: Percent,
    /// So many by their time, and when they began.
    pub steps: Option<(Arc<Steps>, Timestamp)>,
}

impl Rollout {
    /// How many devices it lets in now.
    pub fn percent(&self, now: Timestamp) -> Percent {
        let steps = self.steps.as_ref().map_or(Percent::NONE, |(steps, start)| steps.at(*start, now));
        self.fixed.max(steps)
    }

    /// The next percentage that counts, and when.
    pub fn next(&self, now: Timestamp) -> Option<(Timestamp, Percent)> {
        let (steps, start) = self.steps.as_ref()?;
        let present = self.percent(now);
        let mut after = now;
        loop {
            let (begins, percent) = steps.next(*start, after)?;
            if percent > present {
                return Some((begins, percent));
            }
            after = begins;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Worked out by other means: `printf 'app\0channel\0version\0device' | sha256sum`, its first sixteen digits modulo
    /// ten thousand.
    #[test]
    fn positions_are_those_that_anyone_can_work_out() {
        for (app, channel, draw, device, position) in POSITIONS {
            assert_eq!(Position::of(app, channel, draw, device).number(), position, "{app} {channel} {draw} {device}");
        }
    }

    const POSITIONS: [(&str, &str, &str, &str, u16); 4] = [
        ("com.example.app", "production", "1.4.2", "5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40", 7490),
        ("com.example.app", "beta", "1.4.2", "5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40", 7465),
        ("com.example.app", "production", "1.4.1", "5f0a1c2e-7b1d-4c55-9a31-0c6c1d2e3f40", 1),
        ("a", "b", "1.0.0+7", "ü", 4087),
    ];

    #[test]
    fn percentages_have_two_decimals_at_most() {
        for (text, hundredths) in
            [("0", 0), ("1", 100), ("0.5", 50), ("0.05", 5), ("12.25", 1225), ("100", 10_000), ("100.00", 10_000)]
        {
            assert_eq!(text.parse::<Percent>().map(Percent::hundredths), Ok(hundredths), "{text}");
        }
        for text in
            ["", "101", "100.01", "1.", ".5", "1.005", "-1", "+1", "1e1", "1,5", " 1", "1%", "0001", "999.99", "١"]
        {
            assert_eq!(text.parse::<Percent>(), Err(NotAPercentage), "{text}");
        }
    }

    fn steps(of: &[(u16, Option<u64>)]) -> Option<Steps> {
        Steps::new(of.iter().map(|(percent, lasts)| Step { percent: Percent(percent * 100), lasts: *lasts }).collect())
    }

    #[test]
    fn steps_rise_and_only_the_last_may_have_no_end() {
        assert!(steps(&[(1, Some(5)), (10, Some(5)), (100, None)]).is_some());
        assert!(steps(&[(0, Some(5)), (10, Some(5))]).is_some());
        for wrong in [&[][..], &[(1, None), (2, None)], &[(2, Some(1)), (2, None)], &[(2, Some(1)), (1, None)]] {
            assert!(steps(wrong).is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn the_clock_moves_the_percentage_and_the_last_one_stays() {
        let steps = steps(&[(1, Some(10)), (10, Some(20)), (50, Some(5))]).unwrap();
        let at = |now| steps.at(Timestamp(100), Timestamp(now)).to_string();
        assert_eq!([99, 100, 109, 110, 129, 130, 999].map(at), ["0%", "1%", "1%", "10%", "10%", "50%", "50%"]);
        assert_eq!(steps.next(Timestamp(100), Timestamp(0)), Some((Timestamp(100), Percent(100))));
        assert_eq!(steps.next(Timestamp(100), Timestamp(110)), Some((Timestamp(130), Percent(5000))));
        assert_eq!(steps.next(Timestamp(100), Timestamp(130)), None);
    }

    #[test]
    fn of_a_fixed_percentage_and_steps_the_higher_counts() {
        let steps = steps(&[(1, Some(10)), (10, Some(10)), (100, None)]).unwrap();
        let rollout = Rollout { draw: "".into(), fixed: Percent(1000), steps: Some((steps.into(), Timestamp(0))) };
        assert_eq!([0, 10, 20].map(|now| rollout.percent(Timestamp(now)).to_string()), ["10%", "10%", "100%"]);
        assert_eq!(rollout.next(Timestamp(0)), Some((Timestamp(20), Percent::ALL)), "the step to 10% changes nothing");
    }

    proptest! {
        #[test]
        fn any_percentage_reads_back_as_printed(hundredths in 0..=10_000u16) {
            let percent = Percent(hundredths);
            prop_assert_eq!(percent.to_string().trim_end_matches('%').parse(), Ok(percent));
        }

        #[test]
        fn any_text_is_a_percentage_or_not(text in "\\PC{0,8}|[0-9]{0,4}\\.?[0-9]{0,3}") {
            let _ = text.parse::<Percent>();
        }

        #[test]
        fn a_higher_percentage_takes_no_device_out(low in 0..=10_000u16, high in 0..=10_000u16, device in "[0-9a-f-]{36}") {
            let position = Position::of("app", "channel", "1.0.0", &device);
            let (low, high) = (low.min(high), low.max(high));
            prop_assert!(!Percent(low).holds(position) || Percent(high).holds(position));
            prop_assert!(Percent::ALL.holds(position) && !Percent::NONE.holds(position));
        }

        #[test]
        fn time_never_lowers_a_percentage(
            lasts in prop::collection::vec(0..100u64, 1..6),
            start in 0..200i64,
            times in (0..900i64, 0..900i64),
        ) {
            let steps = lasts.iter().zip(1..).map(|(lasts, n)| Step { percent: Percent(n * 100), lasts: Some(*lasts) });
            let steps = Steps::new(steps.collect()).unwrap();
            let (early, late) = (times.0.min(times.1), times.0.max(times.1));
            let at = |now| steps.at(Timestamp(start), Timestamp(now));
            prop_assert!(at(early) <= at(late));
            if let Some((begins, percent)) = steps.next(Timestamp(start), Timestamp(early)) {
                prop_assert!(begins.0 > early && steps.at(Timestamp(start), begins) >= percent);
            }
        }
    }
}
