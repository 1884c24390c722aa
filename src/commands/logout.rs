//! `eksso logout`: at the provider and here.

use crate::cli::LogoutArgs;
use crate::commands::shared::call::{Call, block_on};
use crate::domain::ids::SessionName;
use crate::domain::kubeconfig::ContextEntry;
use crate::domain::session::Session;
use crate::domain::settings::keyring::Backend;
use crate::domain::settings::profiles::{Own, own as own_profiles};
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::flows::access::gather::kept;
use crate::flows::discovery::index;
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::settings::Settings;
use crate::flows::settings::profiles::AwsConfig;
use crate::flows::sign_in::logout::{self, SignedOut, registered, sign_out_without_keyring};
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
    if args.forget && wanted.iter().any(|(session, _)| settings.config.sessions().any(|own| own.name == session.name)) {
        // Before anything ends: a sign-out cannot be taken back.
        world.files.probe(&settings.path)?;
    }
    let (mut left, mut later) = (Vec::new(), Vec::new());
    // A session may be signed in in several keyrings and, where it was corrected, at several places.
    let mut ended: Vec<Ended> = Vec::new();
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
        match ended.iter_mut().find(|ended| ended.name == name) {
            Some(ended) => ended.add(session, &out),
            None => {
                let mut new =
                    Ended { name: name.clone(), places: Vec::new(), was_signed_in: false, forgotten: 0, is_over: true };
                new.add(session, &out);
                ended.push(new);
            }
        }
        later.extend((out.can_be_ended_later && !out.left.is_empty()).then(|| name.clone()));
        left.extend(out.left.into_iter().map(|error| (name.clone(), error)));
    }
    for ended in ended.iter().filter(|ended| ended.is_over) {
        call.voice.say(world, &ended.words());
    }
    let mut told = Ok(());
    for ended in ended.iter().filter(|_| args.forget) {
        if ended.is_over || args.force {
            told = told.and(forget(call, &settings, ended));
        } else {
            // It is ended as the settings and the register say.
            let line = format!("`{}` is not forgotten, as its sign-out is not done", ended.name);
            call.voice.warn(world, &line);
        }
    }
    if left.is_empty() {
        return told;
    }
    told.err().iter().for_each(|error| call.voice.warn(world, &error.to_string()));
    for (name, error) in &left {
        call.voice.warn(world, &format!("`{name}`: {error}"));
    }
    let not_done = match left.len() {
        1 => "one step of signing out was".to_owned(),
        steps => format!("{steps} steps of signing out were"),
    };
    let error = Error::new(Kind::Failed, format!("{not_done} not possible; all others are done"));
    later.dedup();
    let which = match later.as_slice() {
        // What is gone from here can be revoked by nobody here.
        [] => {
            return Err(error.hint(
                "nothing of it is left here to end it with: it ends by itself, or by who administers the sign-in (active sessions)",
            ));
        }
        [name] => shell_word(name.as_str()),
        _ => "--all".into(),
    };
    let forget = if args.forget { " --forget" } else { "" };
    let error = error.hint(format!("later, to end it: eksso logout {which}{forget}"));
    let forced = format!("eksso logout {which}{forget} --force");
    Err(match args.force {
        true => error,
        false => error.hint(format!("to remove what is here, though the provider does not know: {forced}")),
    })
}

/// How a session was signed out of, wherever it was signed in.
struct Ended {
    name: SessionName,
    places: Vec<Session>,
    was_signed_in: bool,
    forgotten: usize,
    /// Whether every step was done.
    is_over: bool,
}

impl Ended {
    fn add(&mut self, session: Session, out: &SignedOut) {
        self.places.push(session);
        self.was_signed_in |= out.was_signed_in;
        self.forgotten += out.forgotten;
        self.is_over &= out.left.is_empty();
    }

    fn words(&self) -> String {
        let name = &self.name;
        match (self.was_signed_in, self.forgotten) {
            (false, 0) => format!("`{name}` was not signed in."),
            (true, 0) => format!("Signed out of `{name}`."),
            (_, forgotten) => format!("Signed out of `{name}`; {} removed.", count(forgotten, "role credential")),
        }
    }
}

/// Forgets a session that is signed out of, and says what stays of it.
fn forget(call: &Call<'_>, settings: &Settings, ended: &Ended) -> Result<()> {
    let (world, name) = (call.world, &ended.name);
    let known = settings.sessions(world)?;
    let own = known.iter().find(|session| session.name == *name);
    // The settings last: whoever is killed meanwhile can name the session once more.
    for session in &ended.places {
        let is_shared = known.iter().any(|other| other.name != *name && other.place() == session.place());
        logout::forget(world, session, is_shared)?;
    }
    let was_there = block_on(settings.forget(world, name)).map_err(|error| {
        let error = error.within(&format!("`{name}` is signed out of, but not forgotten"));
        error.hint(format!("eksso logout {} --forget", shell_word(name.as_str())))
    })?;
    match own.filter(|_| was_there) {
        Some(session) => {
            let is_default = settings.config.default_session.as_ref() == Some(name);
            let default = if is_default { ", nor is `default_session`" } else { "" };
            let line = format!("Forgot `{name}`: it is no longer in {}{default}.", settings.path.display());
            call.voice.say(world, &line);
            let but = if session.is_all_in_invitation() { "" } else { ", without its other settings" };
            call.voice.say(world, &format!("To make it anew{but}: {}", session.invitation()));
        }
        None => call.voice.say(world, &format!("Forgot what was kept here of `{name}`.")),
    }
    for place in settings.named_elsewhere(world, name)? {
        call.voice
            .say(world, &format!("`{name}` is still a session: {place} names it, which is not eksso's to change."));
    }
    let stays = |what: String, more: String| call.voice.say(world, &format!("{what} of `{name}` stay in {more}"));
    let files = Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref())?;
    let own = |entry: &ContextEntry| entry.identity.as_ref().is_some_and(|identity| identity.session == *name);
    let contexts = files.contexts().iter().filter(|entry| own(entry)).count();
    if contexts > 0 {
        let list = files.paths().iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        let command = format!("eksso --session {} rm '*'", shell_word(name.as_str()));
        stays(count(contexts, "context"), format!("{list}; to remove them: {command}"));
    }
    let aws = AwsConfig::read(world)?;
    let is_its = |own: &Own| own.whose.as_ref().is_some_and(|whose| whose.session == *name);
    let profiles = own_profiles(aws.text.as_deref().unwrap_or_default()).iter().filter(|own| is_its(own)).count();
    if profiles > 0 {
        stays(count(profiles, "AWS profile"), format!("{}, marked `written by eksso profiles`.", aws.path.display()));
    }
    Ok(())
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
                // What is to be forgotten is typed: a line to paste would forget a session that was not meant.
                Err(error) if args.forget => return Err(error.again_with(None, [])),
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
