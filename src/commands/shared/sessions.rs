//! The sessions that a call is about: one, or with `--all-sessions` each that is configured.

use std::cell::RefCell;

use crate::commands::shared::call::Call;
use crate::domain::ids::SessionName;
use crate::domain::session::Session;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::search::Search;
use crate::flows::settings::{Double, Settings};
use crate::flows::sign_in::base::SessionHandle;

/// What is said of a sign-in that is kept where everybody who reads the disk can read it.
pub const PLAIN_TEXT: &str = "secrets are kept in plain text, as chosen with the `plaintext` keyring";

/// What keeps sessions from being looked at. With one session, it is the call's error; with all of them, the others go on,
/// and what failed is told at the end.
#[derive(Debug, Default)]
pub struct SessionErrors {
    /// How many sessions there are, where all are meant.
    all: Option<usize>,
    failed: RefCell<Vec<(Kind, SessionName)>>,
    /// The first session's answer that nothing matches. Another session may have what is meant.
    missed: RefCell<Option<Error>>,
}

impl SessionErrors {
    /// Whether several sessions may be meant.
    pub fn span_several(&self) -> bool {
        self.all.is_some()
    }

    /// Takes the error of one session, unless it ends the call.
    pub fn take(&self, call: &Call<'_>, session: &SessionName, error: Error) -> Result<()> {
        if self.all.is_none() || error.kind() == Kind::Interrupted {
            return Err(error);
        }
        if error.kind() == Kind::NotFound {
            self.missed.borrow_mut().get_or_insert(error);
            return Ok(());
        }
        call.voice.warn(call.world, &format!("`{session}`: {error}"));
        self.failed.borrow_mut().push((error.kind(), session.clone()));
        Ok(())
    }

    /// How the call ends: with what failed, or, where there is no result, with the answer that nothing matches.
    pub fn finish(&self, is_any: bool) -> Result<()> {
        let failed = self.failed.borrow();
        if let Some(error) = failures(&failed, self.all.unwrap_or_default(), "looked at") {
            let is_signed_out = error.kind() == Kind::SignInNeeded;
            return Err(if is_signed_out { error.hint("eksso login --all  # signs in to all of them") } else { error });
        }
        match self.missed.take() {
            Some(error) if !is_any => Err(error),
            _ => Ok(()),
        }
    }
}

/// The error of a call in which some of several sessions failed. What a person can mend now goes before what passes by
/// itself.
pub fn failures(failed: &[(Kind, SessionName)], all: usize, doing: &str) -> Option<Error> {
    let needs = [Kind::SignInNeeded, Kind::Denied, Kind::LocalState, Kind::Unavailable, Kind::Usage, Kind::NotFound];
    let highest = needs.into_iter().find(|need| failed.iter().any(|(kind, _)| kind == need));
    let names: Vec<&str> = failed.iter().map(|(_, name)| name.as_str()).collect();
    let fact = format!("{} of {all} sessions could not be {doing}: {}", failed.len(), names.join(", "));
    (!failed.is_empty()).then(|| Error::new(highest.unwrap_or(Kind::Failed), fact))
}

impl<'w> Call<'w> {
    /// Each session that is configured, once a portal; says which are left out for that.
    pub fn all_sessions(&self, settings: &Settings) -> Result<Vec<Session>> {
        let (sessions, doubles) = settings.distinct_sessions(self.world)?;
        for Double { name, of } in doubles {
            let line = format!("`{name}` of the AWS configuration is left out: `{of}` is the same place.");
            self.voice.say(self.world, &line);
        }
        Ok(sessions)
    }

    /// The session that is meant, or all of them.
    pub fn sessions(&self, settings: &Settings, all: bool) -> Result<(Vec<SessionHandle<'w>>, SessionErrors)> {
        let named = self.globals.session.as_deref();
        if all && named.is_some() {
            return Err(Error::usage("--session names one session, and --all-sessions means each of them"));
        }
        let known = if all { self.all_sessions(settings)? } else { Vec::new() };
        if known.is_empty() {
            let session = settings.require(self.world, named)?;
            return Ok((vec![self.open(session, self.keyring(settings)?)?], SessionErrors::default()));
        }
        let errors = SessionErrors { all: Some(known.len()), ..SessionErrors::default() };
        let keyring = self.keyring(settings)?;
        let mut handles = Vec::new();
        for session in known {
            let name = session.name.clone();
            match self.open(session, keyring) {
                Ok(handle) => handles.push(handle),
                Err(error) => errors.take(self, &name, error)?,
            }
        }
        Ok((handles, errors))
    }

    /// A search as each session.
    pub fn searches<'s>(
        &self,
        handles: &'s [SessionHandle<'s>],
        errors: &SessionErrors,
        search: impl Fn(&'s SessionHandle<'s>) -> Result<Search<'s>>,
    ) -> Result<Vec<Search<'s>>> {
        let mut searches = Vec::new();
        for handle in handles {
            match search(handle) {
                Ok(search) => searches.push(search),
                Err(error) => errors.take(self, &handle.session.name, error)?,
            }
        }
        Ok(searches)
    }

    /// The searches that came to an end: what the others knew before is no answer.
    pub fn ended<'s>(
        &self,
        searches: Vec<Search<'s>>,
        found: Vec<Result<()>>,
        errors: &SessionErrors,
    ) -> Result<Vec<Search<'s>>> {
        let mut good = Vec::new();
        for (search, found) in searches.into_iter().zip(found) {
            match found {
                Ok(()) => good.push(search),
                Err(error) => errors.take(self, &search.handle.session.name, error)?,
            }
        }
        Ok(good)
    }

    /// Says of each search what is to be said. Where there is no result, what kept a search from having one is its error.
    pub fn report_all(&self, searches: &[Search<'_>], errors: &SessionErrors, is_any: bool, noun: &str) -> Result<()> {
        for search in searches {
            if let Err(error) = self.report(search, is_any, noun) {
                errors.take(self, &search.handle.session.name, error)?;
            }
        }
        Ok(())
    }
}
