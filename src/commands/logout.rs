//! `eksso logout`: at the portal and here.

use super::{Call, block_on};
use crate::cli::LogoutArgs;
use crate::domain::session::Session;
use crate::error::Result;
use crate::flows::credentials;
use crate::flows::session::sign_out;
use crate::ui::say::count;

/// Signs out of one session or of all.
pub fn run(call: &Call<'_>, args: &LogoutArgs) -> Result<()> {
    let settings = call.settings()?;
    let world = call.world;
    let sessions: Vec<Session> = if args.all {
        settings.sessions(world)?
    } else {
        vec![settings.require(world, args.name.as_deref().or(call.globals.session.as_deref()))?]
    };
    let backend = call.backend(&settings)?;
    let store = world.keyrings.open(backend)?;
    let aws = call.aws()?;
    let cache = world.keyrings.sealed(backend);
    for session in &sessions {
        // The local half first: it must not depend on the network.
        let forgotten = credentials::forget(cache.as_ref(), session)?;
        let ended = block_on(async { sign_out(session, &aws, store.as_ref(), world.clock.now()).await })?;
        if let Err(failure) = ended.revoked {
            call.voice.warn(
                world,
                &format!(
                    "the portal of `{}` was not told ({failure}); its token ends by itself within the hour",
                    session.name
                ),
            );
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
