//! `eksso sync`: a context for everything that matches, none for what is gone.

use std::collections::HashSet;

use crate::cli::SyncArgs;
use crate::commands::shared::call::Call;
use crate::commands::shared::pairs::{Choosing, Wish, chosen_pairs};
use crate::domain::identity::Identity;
use crate::domain::ids::SessionName;
use crate::domain::kubeconfig::ContextEntry;
use crate::error::{Error, Kind, Result};
use crate::flows::kubeconfig::change::{Added, additions};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::elevation::{Ended, given_up};
use crate::ui::say::count;

/// What was done.
struct Done {
    names: Vec<String>,
    new: usize,
    removed: Vec<String>,
    kept: Vec<String>,
    current: Option<String>,
    back: Option<Ended>,
    target: String,
}

/// Writes them all.
pub fn run(call: &Call<'_>, args: &SyncArgs) -> Result<()> {
    let (world, settings) = (call.world, call.settings()?);
    // First: that nothing matches, or nobody is signed in, keeps no role beyond its end.
    if !args.write.dry_run {
        call.put_back(true);
    }
    let (handles, errors) = call.sessions(&settings, args.filter.roles.all_sessions)?;
    let filter = call.filter(&settings, &args.filter)?;
    let (look, absolute_command) = (args.look, args.absolute_command);
    let wish = Wish { filter: &filter, look, absolute_command, choosing: Choosing::Everything, prune: args.prune };
    let Some(gathered) = chosen_pairs(call, &settings, (&handles, &errors), &wish)? else { return Ok(()) };
    if gathered.new.is_empty() && !args.prune {
        errors.finish(false)?;
    }
    let is_any = gathered.searches.iter().any(|search| !search.found().is_empty());
    // Of a session that could not be looked at, nothing is gone.
    let seen: Vec<_> = gathered
        .searches
        .iter()
        .map(|search| (&search.handle.session.name, search.index.borrow(), search.since()))
        .collect();
    let search_of = |identity: &Identity| seen.iter().find(|(name, ..)| **name == identity.session);
    let is_meant = |identity: &Identity| {
        let Some((_, index, _)) = search_of(identity) else { return false };
        let home = identity.cluster_account();
        let account = index.accounts.get(home).map_or(home.as_str(), |seen| &seen.name);
        filter.account(home.as_str(), account)
            && filter.role(identity.role_name())
            && filter.region(identity.region.as_str())
            && filter.cluster(identity.cluster.as_str())
            && filter.tags(index.tags(identity))
    };
    let gone = |identity: &Identity| {
        is_meant(identity) && search_of(identity).is_some_and(|(_, index, since)| index.is_gone(identity, *since))
    };
    // A filter that is mistyped must not pass for a kubeconfig that is as it should be. What is to be pruned is there no more,
    // and still in the kubeconfig.
    if !is_any && filter.names_anything() {
        let files = Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref())?;
        let has_meant = || files.contexts().iter().any(|context| context.identity.as_ref().is_some_and(is_meant));
        if !args.prune || !has_meant() {
            errors.finish(false)?;
            return Err(Error::new(Kind::NotFound, "no cluster matches; nothing was written")
                .hint("eksso clusters  # lists what your roles can see"));
        }
    }
    let going = match args.prune {
        true => agreed(call, args, seen.iter().map(|(name, ..)| *name), &gone)?,
        false => HashSet::new(),
    };
    let change = call.change_behind_ends("sync", args.write, true);
    let (done, outcome) = change.make(world, |files| {
        let added = additions(world, files, &settings.config, gathered.new)?;
        added.note(world, files, change.mode);
        let Added { mut edits, names, kept, .. } = added;
        let known = files.contexts();
        let before: HashSet<&str> = known.iter().map(|context| context.name.as_str()).collect();
        // Only what was agreed to, and is still what it was.
        // Never switch implicitly: where another file holds the current context's name, too, it would mean that one.
        let current = files.current().filter(|current| files.holders(current) > 1);
        let goes = |context: &&ContextEntry| {
            going.contains(&context.name)
                && current.as_ref() != Some(&context.name)
                && context.identity.as_ref().is_some_and(&gone)
        };
        let removed: Vec<String> = known.iter().filter(goes).map(|context| context.name.clone()).collect();
        edits.extend(files.removal(&removed)?);
        let back = given_up(files, &removed)?;
        edits.extend(back.as_ref().and_then(Ended::edit));
        let new = names.iter().filter(|name| !before.contains(name.as_str())).count();
        let target = files.target().display().to_string();
        Ok((edits, Done { names, new, removed, kept, current: files.current(), back, target }))
    })?;
    done.kept.iter().for_each(|line| call.voice.say(world, line));
    if call.is_dry(args.write, &outcome)? {
        return errors.finish(true);
    }
    let words = match done.names.len() {
        0 => format!("No context to write; those in {} are left as they are.", done.target),
        n => format!("{} in {} as found, {} of them new.", count(n, "context"), done.target, done.new),
    };
    if !done.names.is_empty() || done.removed.is_empty() {
        call.voice.say(world, &words);
    }
    for name in &done.removed {
        call.voice.say(world, &format!("Removed `{name}`: its role or its cluster is gone."));
    }
    if let Some(back) = &done.back {
        call.voice.say(world, &back.words());
        back.follow(world, &change.paths(world));
    } else if let Some(current) = done.current.filter(|current| done.removed.contains(current)) {
        call.voice.warn(world, &format!("the current context `{current}` was removed; `eksso use` chooses another"));
    }
    errors.finish(true)
}

/// The contexts that are to be removed. A list that came out too short would take most of them: before all of a session's
/// go, or more than half of more than three, somebody has to agree.
fn agreed<'n>(
    call: &Call<'_>,
    args: &SyncArgs,
    sessions: impl Iterator<Item = &'n SessionName>,
    gone: &dyn Fn(&Identity) -> bool,
) -> Result<HashSet<String>> {
    let files = Kubeconfigs::open_outer(call.world, call.globals.kubeconfig.as_deref())?;
    let contexts = files.contexts();
    let (mut going, mut much) = (HashSet::new(), Vec::new());
    for session in sessions {
        let own = contexts.iter().filter_map(|context| Some((&context.name, context.identity.as_ref()?)));
        let own: Vec<(&String, &Identity)> = own.filter(|(_, identity)| identity.session == *session).collect();
        let few: Vec<String> =
            own.iter().filter(|(_, identity)| gone(identity)).map(|(name, _)| (*name).clone()).collect();
        let (lost, all) = (few.len(), own.len());
        if lost > 0 && (lost == all || (all > 3 && lost * 2 > all)) {
            much.push(format!("{lost} of the {} of session `{session}`", count(all, "context")));
        }
        going.extend(few);
    }
    if much.is_empty() || args.yes || args.write.dry_run {
        return Ok(going);
    }
    let much = much.join(" and ");
    if !call.interactive() {
        return Err(Error::usage(format!("sync --prune would remove {much}, and there is nobody to ask"))
            .hint("eksso sync --prune --dry-run  # shows them")
            .hint("eksso sync --prune --yes  # removes them"));
    }
    match call.confirm(&format!("Remove {much}?"))? {
        true => Ok(going),
        false => Err(Error::new(Kind::Interrupted, "nothing was written")),
    }
}
