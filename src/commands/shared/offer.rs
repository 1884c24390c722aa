//! The sign-in that `eksso token` offers where kubectl sits at a terminal.
//!
//! That kubectl's stdin is a terminal (`spec.interactive`) does not make it a person's to be asked at: k9s and watch have one,
//! too, and draw on it. So it must be this process's in the foreground, and in the mode of a shell, before and while it waits.

use std::time::Duration;

use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::sign_in::{How, already, sign_in as sign_in_to};
use crate::domain::credentials::exec_credential::is_interactive;
use crate::domain::session::Session;
use crate::domain::text::escape;
use crate::error::{Error, Result};
use crate::flows::settings::Settings;
use crate::flows::sign_in::offer::OfferLock;
use crate::ports::Reply;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Signs in, if somebody else did meanwhile or the person at the terminal says so.
///
/// # Errors
/// `needed`, which says what to run, where nobody is asked or they do not agree; else why the sign-in failed.
pub fn sign_in(call: &Call<'_>, settings: &Settings, session: &Session, needed: Error) -> Result<()> {
    let world = call.world;
    let wanted = settings.config.offer_sign_in.0 && is_interactive(world.env.var("KUBERNETES_EXEC_INFO").as_deref());
    if !wanted || !call.interactive() || !world.terminal.is_at_hand() {
        return Err(needed);
    }
    // A place without locks has no single question either.
    let Ok(Some(lock)) = block_on(OfferLock::take(world, session)) else { return Err(needed) };
    // Each time anew: a handle remembers what it read.
    let signed_in = || block_on(already(&call.open_silently(session.clone(), call.silent_keyring(settings)?)?));
    match signed_in() {
        // Another process had the lock before this one.
        Ok(true) => return Ok(()),
        Ok(false) => {}
        Err(_) => return Err(needed),
    }
    if lock.begin().is_err() {
        return Err(needed);
    }
    let question = format!("Sign in to {} ({}) now? [y/N]", session.name, session.host());
    let reply = world.terminal.ask_within(&escape(&question), PATIENCE)?;
    // The question may have stood there while somebody signed in elsewhere: then it is settled, whatever the answer is, and a
    // `y` must not begin a second sign-in.
    if signed_in().unwrap_or(false) {
        lock.end();
        return Ok(());
    }
    match reply {
        Reply::Line(answer) if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") => {}
        Reply::Line(_) => return Err(needed),
        Reply::Silence => return Err(needed.cause(format!("nobody answered within {} s", PATIENCE.as_secs()))),
        Reply::Left => return Err(needed.cause("the question was left without an answer")),
        Reply::Taken => return Err(needed.cause("another program took the terminal before there was an answer")),
    }
    let handle = call.open(session.clone(), call.keyring(settings)?)?;
    sign_in_to(call, settings, &handle, How { browser: true, flow: None })?;
    lock.end();
    call.voice.say(world, &format!("Signed in to `{}`.", session.name));
    Ok(())
}
