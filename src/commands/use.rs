//! `eksso use`: the only place, with `add --use`, that changes the current context.

use super::Call;
use crate::cli::UseArgs;
use crate::domain::picker::Picker;
use crate::error::{Error, Kind, Result};
use crate::flows::contexts::{Kubeconfigs, switch};

/// Switches.
pub fn run(call: &Call<'_>, args: &UseArgs) -> Result<()> {
    let kubeconfig = call.globals.kubeconfig.as_deref();
    let wanted = match &args.context {
        Some(name) => name.clone(),
        None => pick(call)?,
    };
    let name = switch(call.world, kubeconfig, &wanted)?;
    call.voice.say(call.world, &format!("Switched to `{name}`."));
    Ok(())
}

fn pick(call: &Call<'_>) -> Result<String> {
    let files = Kubeconfigs::open(call.world, call.globals.kubeconfig.as_deref())?;
    let mut names: Vec<String> = files.contexts().into_iter().map(|context| context.name).collect();
    names.sort();
    if names.is_empty() {
        return Err(Error::new(Kind::NotFound, "there is no context yet").hint("eksso add"));
    }
    if !call.interactive() {
        return Err(Error::usage("which context? there is nobody to ask").hint("eksso use CONTEXT"));
    }
    let current = files.current();
    if let Some(place) = names.iter().position(|name| Some(name.as_str()) == current) {
        names.swap(0, place);
        names[1..].sort();
    }
    let mut picker = Picker::new(names.clone(), false);
    let picked = call.world.terminal.pick("Which context?", &mut picker)?;
    let place = picked.and_then(|picked| picked.first().copied());
    place
        .map(|place| names[place].clone())
        .ok_or_else(|| Error::new(Kind::Interrupted, "nothing was chosen; nothing was changed"))
}
