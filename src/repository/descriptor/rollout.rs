//! The steps of a rollout, as `release.toml` has them: `["1% for 2h", "10% for 1d", "100%"]`, or such lists by channel.

use std::ops::Range;
use std::sync::Arc;

use toml::de::DeArray;

use super::faults::{Faults, quoted};
use super::fields::{Field, Text, Value, kind, text};
use super::name;
use crate::release::policy::RolloutPlan;
use crate::release::rollout::{Percent, Step, Steps};

const EXAMPLE: &str = "write `rollout = [\"1% for 2h\", \"10% for 1d\", \"100%\"]`, or such a list by channel: `rollout = { production = \
                       [...] }`";

/// Reads `rollout`. Names of channels are added to `channels`, with their places.
pub(super) fn read(
    field: &Field<'_>,
    channels: &mut Vec<(Box<str>, Range<usize>)>,
    faults: &mut Faults<'_>,
) -> Option<RolloutPlan> {
    if let Some(list) = field.value.get_ref().as_array() {
        return steps(list, field.value.span(), faults).map(RolloutPlan::Everywhere);
    }
    let Some(table) = field.value.get_ref().as_table() else {
        return field.wrong("a list of steps", EXAMPLE, faults);
    };
    let mut plan = Vec::new();
    for (channel, value) in table {
        name::check("channel name", channel.get_ref(), &channel.span(), faults);
        channels.push((channel.get_ref().as_ref().into(), channel.span()));
        plan.extend(of_channel(channel.get_ref(), value, faults));
    }
    // the order says nothing, so it must not make two descriptors differ
    plan.sort_by(|a, b| a.0.cmp(&b.0));
    Some(RolloutPlan::ByChannel(plan.into()))
}

fn of_channel(channel: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<(Box<str>, Arc<Steps>)> {
    let Some(list) = value.get_ref().as_array() else {
        let message = format!("the rollout of {} is {} where a list of steps is needed", quoted(channel), kind(value));
        faults.error("wrong-type", value.span(), message, EXAMPLE);
        return None;
    };
    steps(list, value.span(), faults).map(|steps| (channel.into(), steps))
}

fn steps(list: &DeArray<'_>, place: Range<usize>, faults: &mut Faults<'_>) -> Option<Arc<Steps>> {
    let texts: Vec<Option<Text<'_>>> = list.iter().map(|value| step_text(value, faults)).collect();
    let read = |text: Text<'_>| Some((step(&text, faults)?, text.span));
    let read: Vec<Option<(Step, Range<usize>)>> = texts.into_iter().flatten().map(read).collect();
    if list.is_empty() {
        faults.error("empty-list", place, "`rollout` has no step, so nobody would ever get the release", EXAMPLE);
        return None;
    }
    if read.len() < list.iter().len() {
        return None;
    }
    let read: Vec<(Step, Range<usize>)> = read.into_iter().collect::<Option<_>>()?;
    let is_right = in_order(&read, faults);
    Steps::new(read.into_iter().map(|(step, _)| step).collect()).filter(|_| is_right).map(Arc::new)
}

fn step_text<'d>(value: &'d Value<'d>, faults: &mut Faults<'_>) -> Option<Text<'d>> {
    let found = text(value);
    if found.is_none() {
        let message = format!("a step of `rollout` is {} where a text is needed", kind(value));
        faults.error("wrong-type", value.span(), message, "write `\"10% for 1d\"`");
    }
    found
}

/// Notes steps that do not rise, and ones before the last that have no end.
fn in_order(steps: &[(Step, Range<usize>)], faults: &mut Faults<'_>) -> bool {
    let mut right = true;
    for pair in steps.windows(2) {
        let [(before, place), (after, next)] = pair else { continue };
        if before.lasts.is_none() {
            let message = "this step has no end, so that the next one never begins";
            faults.error("bad-rollout", place.clone(), message, format!("write `\"{} for 1d\"`", before.percent));
            right = false;
        }
        if after.percent <= before.percent {
            let message = format!("{} after {} is no step up: percentages rise", after.percent, before.percent);
            faults.error("bad-rollout", next.clone(), message, "a release is stopped by a `@halt` tag, not by a step");
            right = false;
        }
    }
    right
}

/// What is wrong with a step: which bytes of it, and why.
struct Wrong {
    at: Range<usize>,
    why: String,
    mend: &'static str,
}

/// `10% for 1d`, or `100%`.
fn step(text: &Text<'_>, faults: &mut Faults<'_>) -> Option<Step> {
    let noted = |wrong: Wrong| {
        let message = format!("{} is no step: {}", quoted(text.value), wrong.why);
        faults.error("bad-rollout", within(text, wrong.at, faults.text()), message, wrong.mend);
    };
    parse(text.value).map_err(noted).ok()
}

/// The place in the file of some bytes of a text; the whole text where escapes make the two differ.
fn within(text: &Text<'_>, at: Range<usize>, file: &str) -> Range<usize> {
    let inside = text.span.start + 1..text.span.end.saturating_sub(1);
    if file.get(inside.clone()) == Some(text.value) && !at.is_empty() {
        inside.start + at.start..inside.start + at.end
    } else {
        text.span.clone()
    }
}

fn parse(text: &str) -> Result<Step, Wrong> {
    let word = |word: &str| {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        start..start + word.len()
    };
    let mut words = text.split_whitespace();
    let share = words.next().unwrap_or(text);
    let percent = share.strip_suffix('%').and_then(|number| number.parse::<Percent>().ok()).ok_or_else(|| Wrong {
        at: word(share),
        why: format!("{} is no percentage", quoted(share)),
        mend: "a percentage goes from `0%` to `100%`, with two decimals at most",
    })?;
    let lasts = match (words.next(), words.next(), words.next()) {
        (None, ..) => None,
        (Some("for"), Some(time), None) => Some(duration(time).ok_or_else(|| Wrong {
            at: word(time),
            why: format!("{} is no length of time", quoted(time)),
            mend: "write a whole number and `m`, `h`, `d` or `w`: `90m`, `2h`, `1d`, `1w`",
        })?),
        (Some(odd), ..) => {
            let at = word(odd).start..text.trim_end().len();
            return Err(Wrong {
                at,
                why: "it goes on in a way that no step does".into(),
                mend: "write `\"10% for 1d\"`",
            });
        }
    };
    Ok(Step { percent, lasts })
}

/// A whole number of minutes, hours, days or weeks, in milliseconds.
fn duration(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let minutes = match unit {
        'm' => 1,
        'h' => 60,
        'd' => 24 * 60,
        'w' => 7 * 24 * 60,
        _ => return None,
    };
    let number = text.strip_suffix(unit).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    // what a clock can count to, and no more
    let milliseconds = number.parse::<u64>().ok()?.checked_mul(minutes)?.checked_mul(60_000)?;
    i64::try_from(milliseconds).is_ok().then_some(milliseconds)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printed(step: &Step) -> String {
        match step.lasts {
            Some(lasts) => format!("{} for {}m", step.percent, lasts / 60_000),
            None => step.percent.to_string(),
        }
    }

    proptest! {
        #[test]
        fn any_step_reads_back_as_printed(hundredths in 0..=10_000u16, minutes in prop::option::of(0..100_000_000u64)) {
            let percent = Percent::from_hundredths(hundredths).unwrap();
            let step = Step { percent, lasts: minutes.map(|minutes| minutes * 60_000) };
            prop_assert_eq!(parse(&printed(&step)).ok(), Some(step));
        }

        #[test]
        fn any_text_is_a_step_or_not(text in "\\PC{0,20}|[0-9.]{0,5}%? ?(for)? ?[0-9]{0,22}[mhdwx]?") {
            if let Err(wrong) = parse(&text) {
                prop_assert!(text.get(wrong.at.clone()).is_some(), "{:?} of {:?}", wrong.at, text);
            }
        }
    }

    #[test]
    fn lengths_of_time() {
        let hours = |text: &str| duration(text).map(|milliseconds| milliseconds / 3_600_000);
        assert_eq!(["120m", "2h", "1d", "1w"].map(hours), [Some(2), Some(2), Some(24), Some(168)]);
        for wrong in ["", "d", "1", "1 d", "-1d", "1.5h", "1s", "1D", "99999999999999999999d", "9999999999999w", "1é"]
        {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }
}
