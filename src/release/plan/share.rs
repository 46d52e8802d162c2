//! How many devices, where several rollouts meet.

use std::fmt;

/// A share of devices, in ten-thousandths of a percent: never none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(u32);

impl Share {
    /// All of them.
    pub const ALL: Share = Share(1_000_000);

    /// The share of that probability; `None` where it is nobody. What is too few to be counted is the least that can be.
    pub fn of(probability: f64) -> Option<Share> {
        let all = f64::from(Share::ALL.0);
        // in range: a probability is at most 1
        (probability > 0.0).then(|| Share(((probability * all).round() as u32).clamp(1, Share::ALL.0)))
    }

    /// Percent, with up to four decimals.
    pub fn percent(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }
}

impl fmt::Display for Share {
    /// With two decimals at most.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 50 {
            return f.write_str("less than 0.01%");
        }
        // what is not all is not said to be
        let hundredths = ((self.0 + 50) / 100).min(if *self == Share::ALL { 10_000 } else { 9_999 });
        let (whole, part) = (hundredths / 100, hundredths % 100);
        match part {
            0 => write!(f, "{whole}%"),
            part if part % 10 == 0 => write!(f, "{whole}.{}%", part / 10),
            part => write!(f, "{whole}.{part:02}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_as_short_as_they_can_be() {
        let shown = |probability| Share::of(probability).map(|share| share.to_string());
        for (probability, text) in [
            (1.0, "100%"),
            (0.999_999, "99.99%"),
            (0.1, "10%"),
            (0.095, "9.5%"),
            (0.000_1, "0.01%"),
            (0.000_000_1, "less than 0.01%"),
        ] {
            assert_eq!(shown(probability).as_deref(), Some(text));
        }
        assert_eq!(shown(0.0), None);
        assert_eq!(Share::of(0.095).map(Share::percent), Some(9.5));
    }
}
