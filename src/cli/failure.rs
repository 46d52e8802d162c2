//! How a command fails: what it prints, and the exit code that scripts see.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::repository::create::WriteError;
use crate::repository::read_error::ReadError;
use crate::settings::Fault;

/// Why a command did not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    kind: Kind,
    message: String,
    hints: Vec<String>,
    others: Vec<Failure>,
}

/// Who has to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The repository has errors: its team has to mend them. Exit code 1; the report has said it all.
    Repository,
    /// A hook refuses, for a reason that is not in the push. Exit code 1.
    Refusal,
    /// The command cannot be understood as it was typed. Exit code 2.
    Usage,
    /// The machine, a file or a setting is in the way. Exit code 2.
    Environment,
    /// Nobody reads the output any more, as with `| head`: no fault at all. Exit code 0, and silence.
    BrokenPipe,
}

impl Failure {
    /// The repository has errors, and they were printed: all that is left to say is the exit code.
    pub fn reported() -> Self {
        Failure::new(Kind::Repository, "the repository has errors")
    }

    /// The command makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Failure::new(Kind::Usage, message)
    }

    /// Something around is in the way.
    pub fn environment(message: impl Into<String>) -> Self {
        Failure::new(Kind::Environment, message)
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Failure { kind, message: message.into(), hints: Vec::new(), others: Vec::new() }
    }

    /// As the reason why a hook refuses.
    #[must_use]
    pub fn refusing(self) -> Self {
        Failure { kind: Kind::Refusal, ..self }
    }

    /// With a way out, on a line of its own.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// With another failure of the same command. The first one's kind counts.
    #[must_use]
    pub fn and(mut self, other: Failure) -> Self {
        self.others.push(other);
        self
    }

    /// What output failed with.
    pub fn output(error: io::Error) -> Self {
        let broken = error.kind() == io::ErrorKind::BrokenPipe;
        let kind = if broken { Kind::BrokenPipe } else { Kind::Environment };
        Failure::new(kind, format!("cannot write the output: {error}"))
    }

    /// Whether it is only that nobody reads the output any more.
    pub fn is_broken_pipe(&self) -> bool {
        self.kind == Kind::BrokenPipe
    }

    /// Prints it for people, to standard error, and says how to exit.
    pub fn report(&self) -> ExitCode {
        if !self.is_broken_pipe() && self.kind != Kind::Repository {
            // Where even this cannot be written, the exit code still says it.
            let _ = io::Write::write_all(&mut io::stderr(), self.to_string().as_bytes());
        }
        ExitCode::from(self.exit_code())
    }

    fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::BrokenPipe => 0,
            Kind::Repository | Kind::Refusal => 1,
            Kind::Usage | Kind::Environment => 2,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "error: {}", self.message)?;
        self.hints.iter().try_for_each(|hint| writeln!(f, "help: {hint}"))?;
        self.others.iter().try_for_each(|other| other.fmt(f))
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotARepository(path) => {
                let hint = "name one, or make one with `pushlive init <repo>`";
                Failure::environment(format!("{} is not a git repository", path.display())).hint(hint)
            }
            ReadError::Refused { why, mend } => Failure::environment(why).hint(mend),
            ReadError::UnknownRevision(name) => Failure::usage(format!("`{name}` names no commit here"))
                .hint("`git log --oneline --all` shows those that are"),
            other => Failure::environment(other.to_string()),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Unreadable(error) => error.into(),
            WriteError::Occupied(_) => {
                Failure::environment(error.to_string()).hint("give a path that does not exist yet, or an empty folder")
            }
            WriteError::Failed { .. } => Failure::environment(error.to_string()),
        }
    }
}

/// All faults of the settings, in one failure.
impl From<Vec<Fault>> for Failure {
    fn from(faults: Vec<Fault>) -> Self {
        let each = |fault: Fault| Failure::environment(fault.message).hint(fault.help);
        let all = faults.into_iter().map(each).reduce(Failure::and);
        all.unwrap_or_else(|| Failure::environment("the settings cannot be read"))
    }
}

#[cfg(test)]
mod tests {
    use snapbox::{assert_data_eq, str};

    use super::*;

    #[test]
    fn a_failure_is_an_error_line_and_help_lines() {
        let failure =
            Failure::environment("it is dark").hint("light a lamp").hint("or wait").and(Failure::usage("what?"));
        assert_data_eq!(
            failure.to_string(),
            str![[r#"
error: it is dark
help: light a lamp
help: or wait
error: what?

"#]]
        );
    }

    #[test]
    fn the_kind_decides_the_exit_code() {
        assert_eq!(Failure::reported().exit_code(), 1);
        assert_eq!(Failure::environment("").refusing().exit_code(), 1);
        assert_eq!(Failure::usage("").exit_code(), 2);
        assert_eq!(Failure::environment("").exit_code(), 2);
        assert_eq!(Failure::output(io::ErrorKind::BrokenPipe.into()).exit_code(), 0);
        assert_eq!(Failure::output(io::ErrorKind::StorageFull.into()).exit_code(), 2);
    }
}
