//! What a push changes, and a fault keeps from having any effect.

use super::touched::Touched;
use crate::repository::problem::Problem;
use crate::repository::walk::SETTINGS;

/// What is read from an older commit, of that which the push changes.
pub struct Blocked<'p> {
    apps: Vec<&'p str>,
    /// Everything.
    all: bool,
}

impl<'p> Blocked<'p> {
    /// By these problems, which are those after the push.
    pub fn by(problems: &'p [Problem], touched: &Touched) -> Blocked<'p> {
        let frozen = problems.iter().filter(|problem| problem.rule == "app-frozen");
        let apps = frozen.filter_map(|problem| problem.app.as_deref()).filter(|app| touched.has_app(app)).collect();
        let is_kept = problems.iter().any(|problem| matches!(problem.rule, "settings-kept" | "settings-missing"));
        Blocked { apps, all: is_kept && touched.has_release() }
    }

    /// Whether that is the fault.
    pub fn is_by(&self, problem: &Problem) -> bool {
        problem.is_error() && self.is_said_by(problem)
    }

    /// A fault that was there before, with why it keeps out what has nothing to do with it.
    pub fn explained(&self, problem: Problem) -> Problem {
        if !self.is_by(&problem) {
            return problem;
        }
        let of = problem.app.as_deref().unwrap_or("any app");
        let help = format!(
            "{}; it was there before, and until it is mended no commit changes anything of {of}, only tags do",
            problem.help
        );
        Problem { help, ..problem }
    }

    /// Whether that is the fault, or says what comes of it.
    pub fn is_said_by(&self, problem: &Problem) -> bool {
        problem.file.as_deref() == Some(SETTINGS)
            && match &problem.app {
                Some(app) => self.apps.contains(&app.as_str()),
                None => self.all,
            }
    }
}
