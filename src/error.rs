//! The one error: a kind that decides the exit code, a fact, its causes, and hints to act on.
//!
//! Facts and causes start in lower case and end without a full stop; a hint that is a command can be pasted.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::ids::Invalid;
use crate::domain::invocation::Invocation;
use crate::domain::secret::scrub;
use crate::domain::settings::policy::Refused;
use crate::domain::text;

/// What the caller should do next; each kind has one exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// Something else went wrong.
    Failed,
    /// The command line or a configuration is wrong.
    Usage,
    /// A person has to sign in.
    SignInNeeded,
    /// Not assigned, not mapped, refused.
    Denied,
    /// Kept back by a guard of the user's own, which `--yes` passes: refused, and nobody is to be asked for access.
    Guarded,
    /// No such session, context, cluster.
    NotFound,
    /// AWS or the network does not answer, after retries.
    Unavailable,
    /// Keyring locked, lock held, file unreadable or unwritable.
    LocalState,
    /// Ctrl-C.
    Interrupted,
    /// A program to run that is not there.
    NoProgram,
    /// A program to run that is there and cannot be run.
    NotRunnable,
}

impl Kind {
    /// What programs call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::SignInNeeded => "sign_in_needed",
            Self::Denied | Self::Guarded => "denied",
            Self::NotFound => "not_found",
            Self::Unavailable => "unavailable",
            Self::LocalState => "local_state",
            Self::Interrupted => "interrupted",
            Self::NoProgram => "no_program",
            Self::NotRunnable => "not_runnable",
        }
    }

    /// The exit code of the process.
    pub fn code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::SignInNeeded => 3,
            Self::Denied | Self::Guarded => 4,
            Self::NotFound => 5,
            Self::Unavailable => 6,
            Self::LocalState => 7,
            Self::Interrupted => 130,
            // As shells say it.
            Self::NoProgram => 127,
            Self::NotRunnable => 126,
        }
    }
}

/// An error on its way to the user. It never holds a secret: what services quote of a request is taken out of each of its
/// texts when it is made, so neither a terminal nor a file gets to see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    kind: Kind,
    fact: String,
    causes: Vec<String>,
    hints: Vec<String>,
    /// Sessions with which the same command line may be given again, first of all.
    #[serde(skip)]
    sessions: Box<[Again]>,
    #[serde(default)]
    request_id: RequestId,
}

/// The command line of the call once more, with another session than the named one.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Again {
    named: Option<String>,
    session: String,
}

/// What a service calls the request that it answered so. Two errors that differ in it alone are the same error.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct RequestId(Option<String>);

impl PartialEq for RequestId {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for RequestId {}

/// A service's answer that is the cause of an error.
pub trait Answer: fmt::Display {
    /// What the service calls the request.
    fn request_id(&self) -> Option<&str>;
}

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Text without secrets.
fn clean(text: impl Into<String>) -> String {
    let text = text.into();
    match scrub(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(clean) => clean,
    }
}

impl Error {
    /// An error with its fact.
    pub fn new(kind: Kind, fact: impl Into<String>) -> Self {
        let (causes, hints, sessions) = (Vec::new(), Vec::new(), Box::default());
        Self { kind, fact: clean(fact), causes, hints, sessions, request_id: RequestId(None) }
    }

    /// A mistake in the command line.
    pub fn usage(fact: impl Into<String>) -> Self {
        Self::new(Kind::Usage, fact)
    }

    /// The user pressed Ctrl-C.
    pub fn interrupted() -> Self {
        Self::new(Kind::Interrupted, "interrupted")
    }

    /// Adds why it happened.
    #[must_use]
    pub fn cause(mut self, cause: impl fmt::Display) -> Self {
        self.causes.push(clean(cause.to_string()));
        self
    }

    /// Adds the answer of a service as the cause, with the request it was the answer to.
    #[must_use]
    pub fn answer(mut self, answer: &impl Answer) -> Self {
        let id = answer.request_id().map(clean);
        self.request_id = RequestId(id.or(self.request_id.0));
        self.cause(answer)
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(clean(hint));
        self
    }

    /// Adds the same command line again, with each of these sessions in place of the `named` one.
    #[must_use]
    pub fn again_with<'s>(mut self, named: Option<&str>, sessions: impl IntoIterator<Item = &'s str>) -> Self {
        let again = |session: &str| Again { named: named.map(str::to_owned), session: session.to_owned() };
        self.sessions = sessions.into_iter().map(again).collect();
        self
    }

    /// Says where it happened, in front of the fact.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        self.fact = clean(format!("{place}: {}", self.fact));
        self
    }

    /// Whether it is an answer to what was asked, which asking again will not change, rather than a state of this machine
    /// or the network that passes.
    pub fn is_answer(&self) -> bool {
        matches!(self.kind, Kind::Failed | Kind::Denied)
    }

    /// What kind of error it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The fact alone.
    pub fn fact(&self) -> &str {
        &self.fact
    }

    /// Why it happened.
    pub fn causes(&self) -> &[String] {
        &self.causes
    }

    /// What to do about it.
    pub fn hints(&self) -> &[String] {
        &self.hints
    }

    /// What the service calls the request that failed, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.0.as_deref()
    }

    /// One line of JSON for programs: what [`Self::render`] says, field by field.
    pub fn json(&self) -> String {
        #[derive(Serialize)]
        struct Json<'a> {
            kind: &'static str,
            exit_code: u8,
            message: &'a str,
            /// All causes in one text, as the log of a program wants it.
            cause: Option<String>,
            hints: &'a [String],
            request_id: Option<&'a str>,
        }
        let json = Json {
            kind: self.kind.name(),
            exit_code: self.kind.code(),
            message: &self.fact,
            cause: Some(self.causes.join(": ")).filter(|text| !text.is_empty()),
            hints: &self.hints,
            request_id: self.request_id(),
        };
        // Text and numbers always serialize.
        let text = serde_json::to_string(&json).unwrap_or_default();
        let mut safe = String::with_capacity(text.len() + 1);
        for c in text.chars() {
            match c {
                // What JSON may hold as it is and a terminal obeys.
                '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    safe.push_str(&format!("\\u{:04x}", u32::from(c)));
                }
                c => safe.push(c),
            }
        }
        safe + "\n"
    }

    /// The same, for a person who calls eksso so, with this line behind the program: hints name commands that can be pasted.
    #[must_use]
    pub fn as_called(mut self, called: &Invocation, line: &[String]) -> Self {
        for hint in &mut self.hints {
            *hint = called.words(hint).into_owned();
        }
        let again = |Again { named, session }: &Again| clean(called.with_session(line, named.as_deref(), session));
        self.hints.splice(0..0, self.sessions.iter().map(again));
        self.sessions = Box::default();
        self
    }

    /// The text for stderr: `eksso: error: …`, then causes and hints, each on its line; foreign text escaped.
    pub fn render(&self, color: bool) -> String {
        self.render_by(color, |start, _, text, _| format!("{start}{}\n", text::escape(text)))
    }

    /// The same with each line laid out by `line`: of what it begins with, the columns which that takes, the text, and whether that is
    /// what to do.
    pub fn render_by(&self, color: bool, line: impl Fn(&str, usize, &str, bool) -> String) -> String {
        let labelled = |(before, code, label): (&str, &str, &str), text: &str, is_advice| {
            let painted = if color { format!("\u{1b}[{code}m{label}\u{1b}[0m") } else { label.to_owned() };
            line(&format!("{before}{painted}: "), before.len() + label.len() + 2, text, is_advice)
        };
        let mut out = match self.kind {
            Kind::Interrupted => line("eksso: ", "eksso: ".len(), &self.fact, false),
            _ => labelled(("eksso: ", "1;31", "error"), &self.fact, false),
        };
        for cause in &self.causes {
            out.push_str(&labelled(("  ", "1", "cause"), cause, false));
        }
        for hint in &self.hints {
            out.push_str(&labelled(("  ", "1;36", "hint"), hint, true));
        }
        out
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.fact)?;
        self.causes.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

impl std::error::Error for Error {}

/// An error that is the cause of another.
impl Answer for Error {
    fn request_id(&self) -> Option<&str> {
        self.request_id.0.as_deref()
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        Self::usage(invalid.to_string())
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::new(Kind::Denied, refused.fact)
            .cause(format!("the policy of this machine says so: {}", refused.rule))
            .hint("ask those who administer this machine")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_reads_as_fact_cause_hint_and_cannot_move_the_cursor() {
        let error = Error::new(Kind::Denied, "no \u{1b}[2J").cause("because").hint("run `eksso login`");
        assert_eq!(error.render(false), "eksso: error: no \\u{1b}[2J\n  cause: because\n  hint: run `eksso login`\n");
        assert_eq!(error.kind().code(), 4);
    }
}
