//! `eksso logout`: at the provider and here.

use crate::cli::LogoutArgs;
use crate::commands::shared::call::{Call, block_on};
use crate::domain::session::Session;
use crate::domain::settings::config::Backend;
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::flows::access::gather::kept;
use crate::flows::discovery::index;
use crate::flows::settings::Settings;
use crate::flows::sign_in::logout::{registered, sign_out_without_keyring};
use crate::ports::Keyring;
use crate::ui::say::count;

/// Signs out of one session or of all. What one of them leaves does not keep the others.
pub fn run(call: &Call<'_>, args: &LogoutArgs) -> Result<()> {
    let (settings, world) = (call.settings()?, call.world);
    let keyring = call.ending_keyring(&settings)?;
    let wanted = wanted(call, args, &settings, keyring)?;
    if wanted.is_empty() {
        call.voice.say(world, "There is no session to sign out of.");
    }
    let (mut left, mut later) = (Vec::new(), Vec::new());
    for (session, backend) in wanted {
        let name = session.name.clone();
        let keyring = Keyring { backend, ..keyring };
        let mut out = match call.open_any(session.clone(), keyring) {
            Ok(handle) => block_on(async { Ok(handle.sign_out(args.force).await) })?,
            Err(error) => {
                let mut out = sign_out_without_keyring(world, &session, keyring);
                out.left.insert(0, error);
                out
            }
        };
        out.left.extend(index::forget(world, &session).err());
        out.left.extend(kept::forget(world, &session).err());
        let done = match (out.was_signed_in, out.forgotten) {
            (false, 0) => format!("`{name}` was not signed in."),
            (_, forgotten) => format!("Signed out of `{name}`; {} removed.", count(forgotten, "role credential")),
        };
        if out.left.is_empty() {
            call.voice.say(world, &done);
        }
        later.extend((out.can_be_ended_later && !out.left.is_empty()).then(|| name.clone()));
        left.extend(out.left.into_iter().map(|error| (name.clone(), error)));
    }
    if left.is_empty() {
        return Ok(());
    }
    for (name, error) in &left {
        call.voice.warn(world, &format!("`{name}`: {error}"));
    }
    let not_done = match left.len() {
        1 => "one step of signing out was".to_owned(),
        steps => format!("{steps} steps of signing out were"),
    };
    let error = Error::new(Kind::Failed, format!("{not_done} not possible; all others are done"));
    // What is gone from here can be revoked by nobody here.
    let Some(name) = later.first() else {
        return Err(error.hint(
            "nothing of it is left here to end it with: it ends by itself, or by who administers the sign-in (active sessions)",
        ));
    };
    let name = shell_word(name.as_str());
    let error = error.hint(format!("later, to end it: eksso logout {name}"));
    Err(match args.force {
        true => error,
        false => error
            .hint(format!("to remove what is here, though the provider does not know: eksso logout {name} --force")),
    })
}

/// What is to be ended: all that the registers know of the sessions that are meant, in whatever keyring and at whatever
/// place, and the sessions of the settings in the keyring of this call.
fn wanted(
    call: &Call<'_>,
    args: &LogoutArgs,
    settings: &Settings,
    keyring: Keyring,
) -> Result<Vec<(Session, Backend)>> {
    let world = call.world;
    let named = args.name.as_deref().or(call.globals.session.as_deref());
    let (sessions, known) = match named {
        _ if args.all => (settings.sessions(world)?, registered(world, None)),
        Some(name) => {
            let name = name.parse()?;
            let known = registered(world, Some(&name));
            match settings.named(world, &name) {
                Ok(session) => (vec![session], known),
                // It was removed from the settings, and can still be ended.
                Err(_) if !known.is_empty() => (Vec::new(), known),
                Err(error) => return Err(error),
            }
        }
        None if settings.sessions(world)?.is_empty() => (Vec::new(), registered(world, None)),
        None => {
            let session = settings.require(world, None)?;
            let known = registered(world, Some(&session.name));
            (vec![session], known)
        }
    };
    // A keyring that is named is the only one that is meant.
    let only = Some(keyring.backend).filter(|_| call.globals.keyring.is_some());
    // As the settings have it where they agree about the place: they know more of it.
    let settled = |(known, backend): (Session, Backend)| {
        let same = sessions.iter().find(|session| session.name == known.name && session.place() == known.place());
        (same.cloned().unwrap_or(known), backend)
    };
    let mut wanted: Vec<(Session, Backend)> = known.into_iter().map(settled).collect();
    wanted.retain(|(_, backend)| only.is_none_or(|only| only == *backend || only == Backend::Auto));
    for session in &sessions {
        let is_known = |(known, backend): &(Session, Backend)| {
            known.name == session.name && (*backend == keyring.backend || keyring.backend == Backend::Auto)
        };
        if !wanted.iter().any(is_known) {
            wanted.push((session.clone(), keyring.backend));
        }
    }
    Ok(wanted)
}
