//! `eksso login`: finds or makes the session, signs in, and for a newcomer goes on to `add`.

use crate::cli::{AddArgs, ClusterFilter, LoginArgs, LookArgs, WriteArgs};
use crate::commands::add;
use crate::commands::setup;
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::login_target;
use crate::commands::shared::sessions::{PLAIN_TEXT, SessionErrors, failures};
use crate::commands::shared::sign_in::{How, already, note, sign_in};
use crate::domain::session::{Flow, Session};
use crate::domain::settings::keyring::Backend;
use crate::domain::settings::sink::Sink;
use crate::domain::sign_in::tokens::SsoTokens;
use crate::domain::text::escape;
use crate::domain::trail::About;
use crate::error::{Kind, Result};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::settings::Settings;
use crate::flows::sign_in::aws_cli;
use crate::flows::sign_in::base::SessionHandle;
use crate::flows::trail;
use crate::ui::say;

/// Signs in.
pub fn run(call: &Call<'_>, args: &LoginArgs) -> Result<()> {
    let settings = Settings::load(call.world, call.globals.config.as_deref(), true)?;
    settings.refused_blocks(call.world)?.iter().for_each(|line| call.voice.warn(call.world, line));
    if args.all {
        return all(call, args, &settings);
    }
    let (session, new) = login_target::session(call, args, &settings)?;
    call.about(About::session(&session.name));
    if args.share_with_aws_cli && !session.can_share_with_aws_cli() {
        return Err(aws_cli::not_known_there(&session));
    }
    if args.share_with_aws_cli {
        call.world.policy()?.sharing()?;
    }
    let handle = call.open(session, call.keyring(&settings)?)?;
    let session = &handle.session;
    let world = call.world;
    if !args.force && block_on(already(&handle))? {
        if new {
            block_on(settings.save(world, session))?;
        }
        let until = handle.stored()?.map(|tokens| say::until(tokens.expires_at, world.clock.now())).unwrap_or_default();
        call.voice.say(world, &format!("Already signed in to `{}` ({until}); --force signs in anew.", session.name));
        return share(call, args, &handle);
    }
    if !args.force && offer(call, &handle)? {
        if new {
            block_on(settings.save(world, session))?;
        }
        return Ok(());
    }
    if new {
        // What the person approves must not be for nothing: the session must be there for the next call.
        world.files.probe(&settings.path)?;
    }
    let tokens = sign_in(call, &settings, &handle, how(args))?;
    setup::refresh(call);
    if new {
        block_on(settings.save(world, session))?;
        let known = settings.sessions(world)?;
        let twin = known.iter().find(|other| other.name != session.name && other.address() == session.address());
        let twin = twin.map(|other| format!(" (`{}` is {})", other.name, other.place()));
        let place = settings.path.display();
        call.voice.say(world, &format!("Saved as session `{}` in {place}{}.", session.name, twin.unwrap_or_default()));
    }
    say_who(call, &handle, &tokens)?;
    say_where(call, &handle);
    share(call, args, &handle)?;
    if call.interactive() && !has_context(call, session)? {
        call.voice.say(world, "There is no context for this session yet; looking for clusters …");
        let add = AddArgs {
            look: LookArgs::default(),
            filter: ClusterFilter::default(),
            switch: false,
            yes: false,
            write: WriteArgs::default(),
            absolute_command: false,
        };
        if !matches!(
            add::with(call, &add, &settings, std::slice::from_ref(&handle), &SessionErrors::default())?,
            add::Ending::Written
        ) {
            call.voice.say(world, "No context was written; `eksso add` does that at any time.");
        }
    }
    Ok(())
}

/// Signs in to each session whose sign-in has ended. What fails is told, and does not keep from the others.
fn all(call: &Call<'_>, args: &LoginArgs, settings: &Settings) -> Result<()> {
    let (world, keyring) = (call.world, call.keyring(settings)?);
    let sessions = settings.sessions(world)?;
    let (count, mut failed) = (sessions.len(), Vec::new());
    for session in sessions {
        let name = session.name.clone();
        call.about(About::session(&name));
        let one = || -> Result<()> {
            let handle = call.open(session, keyring)?;
            if !args.force && block_on(already(&handle))? {
                let until = handle.stored()?.map(|tokens| say::until(tokens.expires_at, world.clock.now()));
                call.voice.say(world, &format!("Already signed in to `{name}` ({}).", until.unwrap_or_default()));
                return Ok(());
            }
            call.voice.say(world, &format!("Signing in to `{name}` …"));
            let tokens = sign_in(call, settings, &handle, how(args))?;
            say_who(call, &handle, &tokens)?;
            say_where(call, &handle);
            Ok(())
        };
        match one() {
            Err(error) if error.kind() == Kind::Interrupted => return Err(error),
            Err(error) => {
                call.refused(&error);
                call.voice.warn(world, &format!("`{name}`: {error}"));
                failed.push((error.kind(), name));
            }
            Ok(()) => {}
        }
    }
    if count == 0 {
        return settings.require(world, None).map(|_| ());
    }
    call.noted.settled();
    match failures(&failed, count, "signed in to") {
        Some(error) => Err(error.hint("eksso login --all tries those again")),
        None => Ok(()),
    }
}

/// How the command line wants it.
fn how(args: &LoginArgs) -> How {
    How { browser: !args.no_browser, flow: args.flow.map(Flow::from) }
}

/// Says who signed in and until when. The page may have been finished by somebody else than the person here.
fn say_who(call: &Call<'_>, handle: &SessionHandle<'_>, tokens: &SsoTokens) -> Result<()> {
    let (world, session) = (call.world, &handle.session);
    let kept = match tokens.refreshable(world.clock.now()) {
        true => ", renewed by itself while the sign-in service allows",
        false => "; it cannot be renewed: sign in again by then",
    };
    let until = say::until(tokens.expires_at, world.clock.now());
    let user = match tokens.user() {
        Some(user) => Some(user.to_owned()),
        None if call.interactive() => block_on(async { Ok(handle.person().await) })?,
        None => None,
    };
    let user = user.map(|user| format!(" as {}", escape(&user))).unwrap_or_default();
    call.voice.say(world, &format!("Signed in to `{}`{user} {until}{kept}.", session.name));
    Ok(())
}

/// Says where the tokens are, where that is no safe place: whoever chose it in a file long ago may not remember.
fn say_where(call: &Call<'_>, handle: &SessionHandle<'_>) {
    if handle.keyring() == Backend::Plaintext {
        call.voice.warn(call.world, PLAIN_TEXT);
    }
}

/// Shares the sign-in with the AWS CLI, if that is wanted.
fn share(call: &Call<'_>, args: &LoginArgs, handle: &SessionHandle<'_>) -> Result<()> {
    if args.share_with_aws_cli {
        let sink = call.settings()?.config.trail;
        if sink != Sink::Off {
            call.record(sink, &trail::line(call.world, "share", &About::session(&handle.session.name), Ok(())))?;
        }
        if !block_on(handle.share())? {
            call.voice.say(
                call.world,
                "The AWS CLI has a sign-in of its own, which is left alone; `aws sso logout` ends it.",
            );
            return Ok(());
        }
        call.voice.say(
            call.world,
            "The AWS CLI and SDKs are signed in too, while the access token lives (~/.aws/sso/cache).",
        );
    }
    Ok(())
}

/// Offers a sign-in that the AWS CLI has; never takes it by itself.
fn offer(call: &Call<'_>, handle: &SessionHandle<'_>) -> Result<bool> {
    let world = call.world;
    let Some(found) = call.interactive().then(|| aws_cli::found(world, &handle.session)).flatten() else {
        return Ok(false);
    };
    let until = say::until(found.expires_at, world.clock.now());
    let question = format!("The AWS CLI is signed in to this portal {until}. Use its sign-in until then? [y/N]");
    if !matches!(world.terminal.ask(&question)?.to_lowercase().as_str(), "y" | "yes") {
        return Ok(false);
    }
    block_on(handle.adopt(found))?;
    let name = &handle.session.name;
    if !block_on(already(handle))? {
        call.voice.say(world, "The portal no longer knows that sign-in.");
        return Ok(false);
    }
    note(call, call.settings()?.config.trail, handle, Ok(None));
    call.voice
        .say(world, &format!("Signed in to `{name}` {until}; `eksso login --force` for a sign-in that renews itself."));
    Ok(true)
}

fn has_context(call: &Call<'_>, session: &Session) -> Result<bool> {
    let contexts = Kubeconfigs::open(call.world, call.globals.kubeconfig.as_deref())?.contexts();
    Ok(contexts.iter().any(|context| context.identity.as_ref().is_some_and(|id| id.session == session.name)))
}
