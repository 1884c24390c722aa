//! `eksso logout`: at the portal and here.

use crate::cli::LogoutArgs;
use crate::commands::shared::call::{Call, block_on};
use crate::domain::session::Session;
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::flows::credentials;
use crate::flows::discovery::index;
use crate::ui::say::count;

/// Signs out of one session or of all.
pub fn run(call: &Call<'_>, args: &LogoutArgs) -> Result<()> {
    let settings = call.settings()?;
    let world = call.world;
    let named = args.name.as_deref().or(call.globals.session.as_deref());
    let sessions: Vec<Session> = match (args.all, settings.sessions(world)?) {
        (true, all) => all,
        (false, all) if all.is_empty() && named.is_none() => all,
        (false, _) => vec![settings.require(world, named)?],
    };
    if sessions.is_empty() {
        call.voice.say(world, "There is no session to sign out of.");
    }
    let keyring = call.keyring(&settings)?;
    let cache = world.keyrings.sealed(keyring);
    for session in sessions {
        let handle = call.open(session, keyring)?;
        let session = &handle.session;
        let mut forgotten = credentials::forget(cache.as_ref(), session)?;
        let ended = block_on(handle.sign_out())?;
        index::forget(world, session)?;
        // Again: a token that another process was just making may have put some back before the portal said no.
        forgotten += credentials::forget(cache.as_ref(), session)?;
        if let Err(failure) = ended.revoked {
            call.voice.warn(
                world,
                &format!(
                    "the sign-in service of `{}` was not told ({failure}); its token ends by itself within the hour",
                    session.name
                ),
            );
        }
        if !ended.signed_in
            && let [first, ..] = handle.elsewhere().as_slice()
        {
            let fact = format!("`{}` is still signed in, in the `{}` keyring", session.name, first.name());
            let name = shell_word(session.name.as_str());
            return Err(Error::new(Kind::LocalState, fact)
                .cause(format!("this call looked into the `{}` keyring", handle.keyring().name()))
                .hint(format!("eksso --keyring {} logout {name}", first.name())));
        }
        call.voice.say(
            world,
            &match (ended.signed_in, forgotten) {
                (false, 0) => format!("`{}` was not signed in.", session.name),
                _ => format!("Signed out of `{}`; {} removed.", session.name, count(forgotten, "role credential")),
            },
        );
    }
    Ok(())
}
