//! Signing in, as `login` does it and `token` where a person agrees: the flow, the screen, the line of the audit trail.

use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::sign_in_screen::Screen;
use crate::domain::session::Flow;
use crate::domain::settings::sink::Sink;
use crate::domain::sign_in::tokens::SsoTokens;
use crate::domain::trail::{About, Line};
use crate::error::{Error, Kind, Result};
use crate::flows::settings::Settings;
use crate::flows::sign_in::base::SessionHandle;
use crate::flows::trail;

/// What the caller wants of a sign-in.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// Whether a browser may be opened, where a person is there.
    pub browser: bool,
    /// The flow, in place of the session's.
    pub flow: Option<Flow>,
}

/// Signs in and stores the tokens.
///
/// # Errors
/// The policy does not allow it, or nobody approved it.
pub fn sign_in(call: &Call<'_>, settings: &Settings, handle: &SessionHandle<'_>, how: How) -> Result<SsoTokens> {
    let browser = call.interactive() && how.browser;
    // One signs in to no account: in its place stands the session.
    let name = handle.session.name.as_str();
    let screen = Screen { call, browser, command: handle.session.browser().map(|command| command.of(name, name)) };
    // A new session does not hold the setting for all of them.
    let (policy, asked) = (call.world.policy()?, how.flow);
    let session = handle.session.clone().or_flow(settings.config.flow).with_flow(policy.flow(None)?);
    let usual = session.usual_flow();
    policy.flow(asked.filter(|_| usual.is_some()))?;
    let flow = match asked.or(usual) {
        Some(Flow::Auto) => Some(session.auto_flow(browser && call.world.browser.obstacle().is_none())),
        flow => flow,
    };
    let signed_in = block_on(handle.sign_in(&screen, flow));
    let noted = signed_in.as_ref().map(|tokens| tokens.user().map(trail::bounded)).map_err(Error::kind);
    note(call, settings.config.trail, handle, noted);
    signed_in
}

/// The line of the audit trail about a sign-in. It is made by then: a line that cannot be written is told, and does not undo it.
pub fn note(call: &Call<'_>, sink: Sink, handle: &SessionHandle<'_>, user: Result<Option<String>, Kind>) {
    if sink == Sink::Off {
        return;
    }
    let result = user.as_ref().map(|_| ()).map_err(|kind| *kind);
    let line = trail::line(call.world, "sign_in", &About::session(&handle.session.name), result);
    trail::sweep(call.world);
    if let Err(error) = call.record(sink, &Line { user: user.ok().flatten(), ..line }) {
        call.voice.warn(call.world, &error.to_string());
    }
}

/// Whether the stored sign-in is still good, in the provider's own eyes.
pub async fn already(handle: &SessionHandle<'_>) -> Result<bool> {
    match handle.verify().await {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == Kind::SignInNeeded => Ok(false),
        Err(error) => Err(error),
    }
}
