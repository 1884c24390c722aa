//! `eksso setup`: an organisation's settings, shown first, installed once a person says yes.

use crate::cli::SetupArgs;
use crate::commands::shared::call::{Call, block_on};
use crate::error::{Error, Kind, Result};
use crate::flows::settings::setup::{self, Offer};

/// Installs, removes, or shows what is installed.
pub fn run(call: &Call<'_>, args: &SetupArgs) -> Result<()> {
    let world = call.world;
    if args.remove {
        let removed = setup::remove(world)?;
        call.voice.say(world, if removed { "The organisation's settings are removed." } else { "None are installed." });
        return Ok(());
    }
    let Some(from) = &args.from else { return installed(call) };
    let offer = block_on(setup::offer(world, from, args.sha256.as_deref(), args.minisign_key.as_deref()))?;
    if offer.is_installed() {
        call.voice.say(world, "These settings are installed already.");
        return Ok(());
    }
    show(call, &offer);
    if !call.interactive() {
        return Err(Error::usage(
            "nothing was installed: a person is to see the settings and say yes, and nobody can be asked",
        )
        .hint("run this in a terminal"));
    }
    match call.confirm(&format!("Install these settings of {from}?"))? {
        true => install(call, &offer),
        false => Err(Error::new(Kind::Interrupted, "nothing was installed")),
    }
}

fn show(call: &Call<'_>, offer: &Offer) {
    let terminal = &call.world.terminal;
    terminal.words(&call.painted_whole(&offer.diff(), terminal.stderr_is_terminal()));
    if let Some(before) = offer.other_source() {
        call.voice.warn(call.world, &format!("those that are installed come from elsewhere: {before}"));
    }
}

fn install(call: &Call<'_>, offer: &Offer) -> Result<()> {
    let path = setup::install(call.world, offer)?;
    call.voice.say(call.world, &format!("Installed in {}; your own config.toml goes before it.", path.display()));
    Ok(())
}

fn installed(call: &Call<'_>) -> Result<()> {
    let world = call.world;
    let Some((text, source)) = setup::installed(world)? else {
        call.voice.say(world, "No settings of an organisation are installed; `eksso setup URL` does that.");
        return Ok(());
    };
    let kept = match &source {
        Some(source) if source.minisign_key.is_some() => {
            format!("{}, version {}, signed; newer ones are offered at sign-ins", source.from, source.version)
        }
        Some(source) => format!("{}, fixed", source.from),
        None => "somebody who put the file there".to_owned(),
    };
    call.voice.say(world, &format!("From {kept}."));
    world.terminal.data(&call.painted_whole(&text, world.terminal.stdout_is_terminal()))
}

/// At a sign-in: offers a newer version of what is installed. Without a terminal the old one stays; so it does where the newer
/// one cannot be got or trusted, and none of it is in the way of the sign-in.
pub fn refresh(call: &Call<'_>) {
    let world = call.world;
    match block_on(setup::refresh(world)) {
        Ok(None) => {}
        Ok(Some(offer)) if call.interactive() => {
            show(call, &offer);
            let agreed = call.confirm("The settings of your organisation have changed so. Take them?");
            match agreed.and_then(|yes| if yes { install(call, &offer) } else { Ok(()) }) {
                Ok(()) => {}
                Err(error) => call.voice.warn(world, &error.to_string()),
            }
        }
        Ok(Some(_)) => call.voice.say(
            world,
            "The settings of your organisation have changed; the old ones stay until you sign in on a terminal.",
        ),
        Err(error) if error.kind() == Kind::Unavailable => call.voice.detail(world, &error.to_string()),
        Err(error) => call.voice.warn(world, &format!("the settings of your organisation stay as they are: {error}")),
    }
}
