//! `eksso scaffold from-live`: a file of what clusters have today.

use std::path::Path;

use crate::cli::{CredentialsArg, FactsArgs, ScaffoldFromLiveArgs};
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::facts::facts;
use crate::domain::scaffold::from_live::derive;
use crate::domain::text::{escape, shell_word};
use crate::error::{Error, Kind, Result};
use crate::ui::say::count;

/// Reads, and writes the file.
pub fn run(call: &Call<'_>, args: &ScaffoldFromLiveArgs) -> Result<()> {
    let path = args.file.as_deref().unwrap_or(Path::new("access.toml"));
    // Reading may take minutes: what cannot be written is told before.
    if call.world.files.read(path, 1 << 20)?.is_some() {
        return Err(Error::new(Kind::Failed, format!("{} is there already; nothing was changed", path.display()))
            .hint("name another file: eksso scaffold from-live --file FILE"));
    }
    let reading = FactsArgs { filter: args.filter.clone(), refresh: true, credentials: CredentialsArg::Session };
    let facts = block_on(facts(call, &reading, &args.clusters))?;
    let derived = derive(&facts).map_err(|why| {
        Error::new(Kind::NotFound, "there is no cluster that a file could be made of")
            .cause(why)
            .hint("eksso clusters  # lists all that your roles can see")
    })?;
    call.world.files.replace(path, derived.text.as_bytes())?;
    // Also with -q: it decides over what the file is worth.
    for line in &derived.left {
        call.voice.warn(call.world, &format!("not in the file: {line}"));
    }
    let name = path.display().to_string();
    let of = count(facts.clusters.len(), "cluster");
    let words =
        format!("Wrote {} of {of}. Review it, then: eksso scaffold diff --file {}", escape(&name), shell_word(&name));
    call.voice.say(call.world, &words);
    Ok(())
}
