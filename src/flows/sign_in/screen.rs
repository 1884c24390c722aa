//! What a sign-in shows to a person, and how one comes to nothing.

use jiff::Timestamp;

use crate::domain::assignments::App;
use crate::domain::session::Session;
use crate::domain::sign_in::device::DeviceCode;
use crate::error::{Error, Kind, Result};

/// What a sign-in shows to the person, and what it must know of them; everything else about it is decided here.
pub trait SignInScreen {
    /// Whether a person asked for this and watches.
    fn attended(&self) -> bool;
    /// Why no browser of this machine can be used; `None` where one can.
    fn obstacle(&self) -> Option<String>;
    /// Device flow: shows where to go and which code to compare.
    fn show_code(&self, code: &DeviceCode);
    /// PKCE: shows and opens the page. Answers whether a browser may now be waited for.
    fn show_page(&self, url: &str) -> bool;
    /// Tells that another process is signing in to the same session.
    fn queueing(&self);
    /// Tells that nothing is lost although the service did not answer.
    fn retrying(&self);
    /// Tells that the service has not answered several times, and until when it is asked again.
    fn silence(&self, until: Timestamp);
    /// Tells why the device flow is used in place of the browser.
    fn falling_back(&self, why: &str);
    /// Lets the person choose among the AWS apps they have: the place of one. Where nobody can be asked, an error.
    fn choose_app(&self, apps: &[App]) -> Result<usize>;
    /// Tells something that is of no harm.
    fn note(&self, words: &str);
}

/// Why a sign-in came to no tokens.
pub(super) enum SignInError {
    /// It was refused or not approved: `why` is remembered, in the words that follow "the last sign-in".
    NotApproved { why: &'static str, error: Error },
    /// Something else went wrong.
    Other(Error),
}

impl SignInError {
    /// The person said no, in the service's words.
    pub fn denied(session: &Session, words: Option<String>) -> Self {
        let error = Error::new(Kind::Denied, "the sign-in was denied in the browser");
        let error = words.into_iter().fold(error, Error::cause).hint(session.login_command());
        Self::NotApproved { why: "was denied in the browser", error }
    }

    /// Nobody did anything in time, or nothing that counts, as the advice says.
    pub fn timed_out(session: &Session, advice: Option<String>) -> Self {
        let error = Error::new(Kind::SignInNeeded, "nobody approved the sign-in in time");
        let error = advice.into_iter().fold(error, Error::hint).hint(session.login_command());
        Self::NotApproved { why: "was not approved in time", error }
    }
}

impl From<Error> for SignInError {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}
