//! Where a device stands in a rollout: a hash of who it is and what it is drawn for.

mod message;
mod pair;

use message::Message;

use super::rollout::Percent;

/// Where a device stands in a rollout: 0 to 9,999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(u16);

impl Position {
    /// The position of a device, by the first eight bytes of the SHA-256 of app, channel, name and device id with zero
    /// bytes between them. `draw` is the version, or what stands in its place so that the same devices are drawn again;
    /// `device_id` is lower-cased.
    pub fn of(app: &str, channel: &str, draw: &str, device_id: &str) -> Position {
        Position::at(Message::first(&[app, channel, draw, device_id]))
    }

    /// Those of two draws, which cost less together than one after the other.
    pub fn of_both(app: &str, channel: &str, draws: [&str; 2], device_id: &str) -> [Position; 2] {
        let [one, other] = draws;
        Message::firsts([&[app, channel, one, device_id], &[app, channel, other, device_id]]).map(Position::at)
    }

    fn at(first: u64) -> Position {
        Position((first % u64::from(Percent::ALL.hundredths())) as u16)
    }

    /// The number.
    pub const fn number(self) -> u16 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_two_draws_are_those_of_each_alone(
            [app, channel, one, other, id] in prop::array::uniform5("[a-z]{0,9}|[a-z]{36}|\\PC{0,40}"),
        ) {
            let alone = [&one, &other].map(|draw| Position::of(&app, &channel, draw, &id));
            prop_assert_eq!(Position::of_both(&app, &channel, [&one, &other], &id), alone);
        }
    }
}
