//! How often what somebody says of a push has the refs read.

use std::time::{Duration, Instant};

/// From the end of a reading that came to nothing to the next that is made only because somebody said something.
pub(super) const GAP: Duration = Duration::from_millis(100);

/// Heeds at once who speaks after a silence, or after something new was found, and others a little later: however many
/// speak, and however long a reading takes, most of the time is spent on something else.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Pace {
    /// Somebody was heard, and the reading that follows is not known to be over.
    is_heard: bool,
    held: Option<Instant>,
}

impl Pace {
    /// Somebody is heard: a reading follows.
    pub fn hear(&mut self) {
        self.is_heard = true;
    }

    /// Whatever was read is read by now. Where it was read for somebody, nothing new came of it.
    pub fn rest(&mut self, now: Instant) {
        if std::mem::take(&mut self.is_heard) {
            self.held = Some(now + GAP);
        }
    }

    /// Something new was found.
    pub fn come_true(&mut self) {
        *self = Pace::default();
    }

    /// How long who speaks has to wait yet.
    pub fn left(&self, now: Instant) -> Duration {
        self.held.map_or(Duration::ZERO, |held| held.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Somebody speaks every so often, and each reading takes so long: how many readings there are in ten seconds.
    fn readings(every: Duration, takes: Duration, is_true: impl Fn(u32) -> bool) -> u32 {
        let start = Instant::now();
        let end = start + Duration::from_secs(10);
        let (mut pace, mut now, mut count) = (Pace::default(), start, 0);
        while now < end {
            let left = pace.left(now);
            if left.is_zero() {
                pace.hear();
                count += 1;
                now += takes;
                if is_true(count) {
                    pace.come_true();
                }
                pace.rest(now);
            }
            now += every.max(left);
        }
        count
    }

    #[test]
    fn who_speaks_first_is_heard_at_once_and_others_later() {
        let (mut pace, start) = (Pace::default(), Instant::now());
        pace.rest(start);
        assert_eq!(pace.left(start), Duration::ZERO, "nobody spoke before");
        pace.hear();
        let read = start + Duration::from_millis(70);
        assert_eq!(pace.left(read), Duration::ZERO, "what was found is not known yet");
        pace.rest(read);
        assert_eq!(pace.left(read), GAP, "from the end of the reading on");
        let later = read + Duration::from_millis(1);
        pace.rest(later);
        assert_eq!(pace.left(later), GAP - Duration::from_millis(1), "a rest without a reading holds nobody longer");
        assert_eq!(pace.left(read + GAP), Duration::ZERO);
    }

    #[test]
    fn who_speaks_after_something_new_is_heard_at_once() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.hear();
        pace.come_true();
        pace.rest(now);
        assert_eq!(pace.left(now), Duration::ZERO);
        pace.hear();
        pace.rest(now);
        pace.come_true();
        assert_eq!(pace.left(now), Duration::ZERO, "whoever found it");
    }

    #[test]
    fn however_many_speak_readings_have_a_gap() {
        let (often, short, long) = (Duration::from_micros(10), Duration::from_millis(1), Duration::from_millis(400));
        assert!((90..=100).contains(&readings(often, short, |_| false)));
        assert!((19..=20).contains(&readings(often, long, |_| false)), "a slow one rests as long");
        assert!(readings(often, short, |_| true) > 9_000, "nothing holds up what is true");
        assert!((4..=5).contains(&readings(Duration::from_secs(2), short, |_| false)), "the seldom are all heard");
    }
}
