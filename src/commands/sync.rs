//! `eksso sync`: a context for everything that matches, none for what is gone.

use std::collections::HashSet;

use crate::cli::SyncArgs;
use crate::commands::shared::call::Call;
use crate::commands::shared::gather::{Choosing, Wish, gather};
use crate::domain::filter::Filter;
use crate::domain::identity::Identity;
use crate::error::Result;
use crate::flows::kubeconfig::change::additions;
use crate::ui::say::count;

/// What was done.
struct Done {
    names: Vec<String>,
    new: usize,
    removed: Vec<String>,
    current: Option<String>,
    target: String,
}

/// Writes them all.
pub fn run(call: &Call<'_>, args: &SyncArgs) -> Result<()> {
    let (world, settings) = (call.world, call.settings()?);
    let session = settings.require(world, call.globals.session.as_deref())?;
    let handle = call.open(session, call.keyring(&settings)?)?;
    let filter = Filter::from(&args.filter);
    let cache = world.keyrings.sealed(call.keyring(&settings)?);
    let (look, absolute_command) = (args.look, args.absolute_command);
    let wish = Wish { filter: &filter, look, absolute_command, choosing: Choosing::Everything, prune: args.prune };
    let Some(gathered) = gather(call, &settings, (cache.as_ref(), &handle), &wish)? else { return Ok(()) };
    let (index, since) = (gathered.search.index.borrow(), gathered.search.since);
    let gone = |identity: &Identity| {
        let account = index.accounts.get(&identity.account).map_or(identity.account.as_str(), |seen| &seen.name);
        identity.session == handle.session.name
            && filter.account(identity.account.as_str(), account)
            && filter.role(identity.role.as_str())
            && filter.region(identity.region.as_str())
            && filter.cluster(identity.cluster.as_str())
            && index.is_gone(identity, since)
    };
    let (done, outcome) = call.change("sync", args.write, true).make(world, |files| {
        let (mut edits, names) = additions(files, &settings.config.context_name, gathered.new)?;
        let known = files.contexts();
        let before: HashSet<&str> = known.iter().map(|context| context.name.as_str()).collect();
        let is_gone = |identity: &Option<Identity>| args.prune && identity.as_ref().is_some_and(gone);
        let removed: Vec<String> =
            known.iter().filter(|context| is_gone(&context.identity)).map(|context| context.name.clone()).collect();
        edits.extend(files.removal(&removed)?);
        let new = names.iter().filter(|name| !before.contains(name.as_str())).count();
        let target = files.target().display().to_string();
        Ok((edits, Done { names, new, removed, current: files.current(), target }))
    })?;
    if call.is_dry(args.write, &outcome)? {
        return Ok(());
    }
    call.voice
        .say(world, &format!("{} in {}, {} of them new.", count(done.names.len(), "context"), done.target, done.new));
    for name in &done.removed {
        call.voice.say(world, &format!("Removed `{name}`: its role or its cluster is gone."));
    }
    if let Some(current) = done.current.filter(|current| done.removed.contains(current)) {
        call.voice.warn(world, &format!("the current context `{current}` was removed; `eksso use` chooses another"));
    }
    Ok(())
}
