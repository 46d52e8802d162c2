//! What a path held on the line: one step for each commit that changed it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::id::ObjectId;

/// A change of one path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The position on the line of the commit that made it, counted from the oldest.
    pub at: u32,
    /// What the path held from then on; `None` where it was gone.
    pub id: Option<ObjectId>,
}

/// All changes of one path, oldest first. Clones share their steps, and a change never alters a clone, so that two
/// histories that share them are known to be equal without a look at them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Step>", into = "Vec<Step>")]
pub struct History(Arc<Vec<Step>>);

impl History {
    /// Adds a later step.
    pub fn push(&mut self, step: Step) {
        Arc::make_mut(&mut self.0).push(step);
    }

    /// Forgets the steps of commits from that position on; whether there were any.
    pub fn truncate(&mut self, at: u32) -> bool {
        let kept = self.upto_before(at).len();
        let some = kept < self.0.len();
        if some {
            Arc::make_mut(&mut self.0).truncate(kept);
        }
        some
    }

    /// Every step.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The steps up to that commit, itself included.
    pub fn upto(&self, at: u32) -> &[Step] {
        self.upto_before(at.saturating_add(1))
    }

    /// What the path held at that commit.
    pub fn held(&self, at: u32) -> Option<ObjectId> {
        self.upto(at).last()?.id
    }

    /// Whether both are one history, without comparing the steps.
    pub fn is(&self, other: &History) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    fn upto_before(&self, at: u32) -> &[Step] {
        let end = self.0.partition_point(|step| step.at < at);
        self.0.get(..end).unwrap_or_default()
    }
}

impl From<Vec<Step>> for History {
    fn from(steps: Vec<Step>) -> Self {
        History(Arc::new(steps))
    }
}

impl From<History> for Vec<Step> {
    fn from(history: History) -> Self {
        history.0.to_vec()
    }
}

/// The steps since the path was last absent.
pub fn since_absent(steps: &[Step]) -> &[Step] {
    let start = steps.iter().rposition(|step| step.id.is_none()).map_or(0, |absent| absent + 1);
    steps.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(at: u32, of: u8) -> Step {
        Step { at, id: (of != 0).then_some(ObjectId::new([of; 20])) }
    }

    fn history() -> History {
        History::from(vec![step(2, 1), step(5, 0), step(7, 3), step(9, 4)])
    }

    #[test]
    fn a_path_holds_what_its_newest_step_says() {
        let held: Vec<_> = (1..10).map(|at| history().held(at).map(|id| id.as_bytes()[0])).collect();
        assert_eq!(held, [None, Some(1), Some(1), Some(1), None, None, Some(3), Some(3), Some(4)]);
    }

    #[test]
    fn what_came_since_it_was_absent_is_the_end() {
        assert_eq!(since_absent(history().steps()), &[step(7, 3), step(9, 4)]);
        assert_eq!(since_absent(history().upto(4)), &[step(2, 1)]);
        assert_eq!(since_absent(history().upto(5)), &[]);
    }

    #[test]
    fn a_change_leaves_clones_alone() {
        let mut history = history();
        let kept = history.clone();
        assert!(history.is(&kept) && !history.truncate(10) && history.is(&kept));
        assert!(history.truncate(9));
        assert!(!history.is(&kept));
        assert_eq!((history.steps().len(), kept.steps().len()), (3, 4));
    }
}
