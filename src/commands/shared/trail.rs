//! What the audit trail is to know of a call that is refused.
//!
//! A command says what it is about as soon as it knows it. Where the call then ends in a refusal that has no line yet, it gets
//! one, so no command can forget it. Of a context the name is enough: what it stands for is looked up for the line, so that
//! filters of session, account, role and cluster find it.

use std::cell::{Cell, RefCell};

use crate::cli::Command;
use crate::domain::identity::Identity;
use crate::domain::settings::sink::Sink;
use crate::domain::trail::{About, Line};
use crate::error::{Kind, Result};
use crate::flows::trail::{line, record};
use crate::ports::World;

/// What a call is about, and whether the trail has its line.
#[derive(Debug, Default)]
pub struct TrailEntry {
    event: Cell<Option<&'static str>>,
    about: RefCell<About>,
    has_line: Cell<bool>,
}

impl TrailEntry {
    /// Which command it is. Those that neither use a role nor switch to one have no line.
    pub fn begins(&self, command: &Command) {
        self.event.set(match command {
            Command::Login(_) => Some("sign_in"),
            Command::Token(_) => Some("token"),
            Command::Credentials(_) => Some("credentials"),
            Command::Console(_) => Some("console"),
            Command::Exec(_) => Some("exec"),
            Command::Shell(_) => Some("shell"),
            Command::Env(_) => Some("env"),
            Command::Use(_) => Some("use"),
            Command::Add(_) => Some("add"),
            Command::Rename(_) => Some("rename"),
            Command::Undo(_) => Some("undo"),
            _ => None,
        });
    }

    /// What the call is about from now on.
    pub fn about(&self, about: About) {
        self.about.replace(about);
        self.has_line.set(false);
    }

    /// Writes a line.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn record(&self, world: &World, sink: Sink, line: &Line) -> Result<()> {
        self.has_line.set(true);
        record(world, sink, line)
    }

    /// Writes the line of a refusal, unless there is one. `identity` is what a context stands for.
    ///
    /// # Errors
    /// It cannot be written. The refusal stands.
    pub fn refused(
        &self,
        world: &World,
        sink: impl FnOnce() -> Sink,
        identity: impl FnOnce(&str) -> Option<Identity>,
        kind: Kind,
    ) -> Result<()> {
        let Some(event) = self.event.get().filter(|_| !self.has_line.get()) else { return Ok(()) };
        let sink = sink();
        self.has_line.set(true);
        if sink == Sink::Off {
            return Ok(());
        }
        let mut about = self.about.borrow().clone();
        if let (Some(name), None) = (&about.context, &about.session)
            && let Some(identity) = identity(name)
        {
            about = about.completed(&identity);
        }
        self.record(world, sink, &line(world, event, &about, Err(kind)))
    }

    /// All that is refused has its line.
    pub fn settled(&self) {
        self.has_line.set(true);
    }

    /// Writes the lines of contexts that a guard keeps from being used.
    ///
    /// # Errors
    /// One cannot be written; then the others cannot, either.
    pub fn kept_back(
        &self,
        world: &World,
        sink: Sink,
        identity: impl Fn(&str) -> Option<Identity>,
        guarded: &[About],
        kind: Kind,
    ) -> Result<()> {
        let own = self.about.borrow().clone();
        for about in guarded {
            // What the call said of that very context is more than its name.
            let is_own = own.context == about.context && about.session.is_none();
            self.about(if is_own { own.clone() } else { about.clone() });
            self.refused(world, || sink, &identity, kind)?;
        }
        Ok(())
    }
}
