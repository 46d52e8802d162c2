//! What goes without saying in a plan's text: rows that another one tells of.

use std::collections::HashMap;

use crate::release::plan::{Change, Gets, Natives, Runs};

/// The rows of a platform, as far as one may make a line about another needless.
pub(super) struct Rows<'r> {
    all: Vec<&'r Change<'r>>,
    /// Those who keep what they run where nobody else is given it: by what they run.
    keeping: HashMap<&'r str, Vec<&'r Natives>>,
}

impl<'r> Rows<'r> {
    pub fn of(all: Vec<&'r Change<'r>>) -> Rows<'r> {
        let mut given: HashMap<&str, Vec<&Natives>> = HashMap::new();
        for change in &all {
            if let (Runs::Any, Gets::Version(to)) = (change.row.runs, change.row.to) {
                given.entry(to).or_default().push(&change.native);
            }
        }
        let mut keeping: HashMap<&str, Vec<&Natives>> = HashMap::new();
        for change in &all {
            let Some(kept) = kept(change) else { continue };
            if !given.get(kept).is_some_and(|given| change.native.is_within(given)) {
                keeping.entry(kept).or_default().push(&change.native);
            }
        }
        Rows { all, keeping }
    }

    /// Whether it is worth a line: that who has what is opened keeps it goes without saying, and that who got nothing is
    /// told so otherwise.
    pub fn is_worth_a_line(&self, change: &Change<'_>) -> bool {
        let row = &change.row;
        let others = || self.all.iter().filter(|other| **other != change && other.row.runs == Runs::Any);
        match (row.runs, row.from, row.to) {
            // a share of those who keep it is told of with the rest of them, else it reads as if the rest did not
            (Runs::Version(runs), _, Gets::Version(to)) if runs == to => {
                let told = self.keeping.get(runs);
                told.is_some_and(|told| told.iter().any(|native| native.with(&change.native).is_some()))
            }
            (Runs::Any, Gets::Nothing, to @ Gets::Refused(_)) => {
                change.native != Natives::Unreadable
                    && !others().any(|other| other.row.to == to && other.row.from != Gets::Nothing)
            }
            (Runs::Any, from @ Gets::Refused(_), Gets::Nothing) => {
                change.native != Natives::Unreadable
                    && !others().any(|other| other.row.from == from && other.row.to != Gets::Nothing)
            }
            // their channel was closed to them, and they were left alone there
            (Runs::TakenBack, Gets::Refused(_), _) => false,
            _ => true,
        }
    }
}

/// What they keep who are told to keep it.
fn kept<'r>(change: &Change<'r>) -> Option<&'r str> {
    match (change.row.runs, change.row.to) {
        (Runs::Version(runs), Gets::Version(to)) if runs == to => Some(runs),
        _ => None,
    }
}
