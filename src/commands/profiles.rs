//! `eksso profiles`: `credential_process` profiles in `~/.aws/config`.

use std::collections::{HashMap, HashSet};

use crate::cli::{ClusterFilter, ProfilesArgs};
use crate::commands::shared::call::Call;
use crate::commands::shared::search::Use;
use crate::domain::diff::{Shown, unified};
use crate::domain::filter::Filter;
use crate::domain::settings::aws_config::credentials_profiles;
use crate::domain::settings::profiles::{Changed, Own, Wanted, Whose, change, own, profile_name, shown};
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::regions::Regions;
use crate::flows::discovery::search::{Depth, Search};
use crate::flows::settings::Settings;
use crate::flows::settings::profiles::{AwsConfig, Undo, credentials_text};
use crate::ui::say::count;

/// Writes them, or takes that back.
pub fn run(call: &Call<'_>, args: &ProfilesArgs) -> Result<()> {
    if args.undo {
        return undo(call, args);
    }
    let (world, settings) = (call.world, call.settings()?);
    // What cannot be changed is said before anything is looked up.
    AwsConfig::read(world)?;
    let (handles, errors) = call.sessions(&settings, args.filter.all_sessions)?;
    let filter = call.filter(&settings, &ClusterFilter { roles: args.filter.clone(), ..ClusterFilter::default() })?;
    let searches = call.searches(&handles, &errors, |handle| {
        let nowhere = Regions { list: Vec::new(), ask: false };
        call.search(
            (handle.cache(), handle),
            &filter,
            nowhere,
            Depth::Roles,
            Use::of(args.refresh || args.prune, false),
        )
    })?;
    let found = call.find(&searches, &|_: &Search<'_>, _| {})?;
    let searches = call.ended(searches, found, &errors)?;
    let wanted = wanted(call, &settings, args, &searches, &filter)?;
    if !args.prune || !wanted.is_empty() {
        call.report_all(&searches, &errors, !wanted.is_empty(), "role")?;
    }
    if wanted.is_empty() && !args.prune {
        return errors.finish(false);
    }
    let file = AwsConfig::read(world)?;
    let before = file.text.clone().unwrap_or_default();
    let names: HashSet<&str> = wanted.iter().map(|wanted| wanted.name.as_str()).collect();
    let goes = match args.prune {
        true => gone(call, args, &own(&before), &searches, &filter, &names)?,
        false => HashSet::new(),
    };
    let changed = change(&before, &wanted, &goes);
    warn(call, &file, &changed, &wanted)?;
    if args.write.dry_run {
        show(call, &file, Some(&changed.text))?;
        return errors.finish(true);
    }
    if changed.text != before {
        file.write(world, &changed.text)?;
    }
    let (new, updated, gone) = (changed.added.len(), changed.updated.len(), changed.removed.len());
    let there = wanted.len() - changed.taken.len();
    let line = format!("{} in {}, {new} of them new, {updated} updated.", count(there, "profile"), file.path.display());
    call.voice.say(world, &line);
    for name in &changed.removed {
        call.voice.say(world, &format!("Removed `{name}`."));
    }
    if new + updated + gone > 0 {
        call.voice.say(world, "`eksso profiles --undo` takes it back.");
    }
    errors.finish(true)
}

/// The profiles that the roles come to. Two roles with one name would be one for the other.
fn wanted(
    call: &Call<'_>,
    settings: &Settings,
    args: &ProfilesArgs,
    searches: &[Search<'_>],
    filter: &Filter,
) -> Result<Vec<Wanted>> {
    let command = call.plugin_command(args.absolute_command)?;
    let region = settings.config.regions.first().map(ToString::to_string);
    let (mut wanted, mut named) = (Vec::new(), HashMap::<String, Whose>::new());
    let mut refused: Vec<Error> = Vec::new();
    for search in searches {
        let (index, session) = (search.index.borrow(), &search.handle.session.name);
        for (account, seen, role) in index.roles(filter) {
            // Whoever calls such a profile would be refused.
            if let Err(never) = call.world.policy()?.role(role.as_str()) {
                refused.push(never.into());
                continue;
            }
            let whose = Whose { session: session.clone(), account: account.clone(), role: role.clone() };
            let template = &settings.config.profile_name;
            let name = template.fill(session.as_str(), account.as_str(), &seen.name, role.as_str());
            let name = profile_name(&name);
            if name.is_empty() {
                return Err(Error::usage(format!("the profile of {role} in {account} would have no name"))
                    .cause("`profile_name` of config.toml comes to nothing for it")
                    .hint("set another there, such as \"{account_name}/{role}\""));
            }
            if let Some(other) = named.insert(name.clone(), whose.clone()) {
                let both = [&other, &whose].map(|whose| format!("{} {}", whose.account, whose.role));
                return Err(Error::usage(format!("two roles would have the profile `{name}`: {}", both.join(", ")))
                    .hint(
                        "set another `profile_name` in config.toml, such as \"{account_name}-{account_id}/{role}\"",
                    ));
            }
            let process = whose.process(&command);
            wanted.push(Wanted { name, process, region: region.clone() });
        }
    }
    if let (true, false, Some(first)) = (wanted.is_empty(), args.prune, refused.first()) {
        return Err(first.clone());
    }
    let mut told = HashSet::new();
    let lines = refused.iter().map(|error| format!("left out: {error}"));
    lines.filter(|line| told.insert(line.clone())).for_each(|line| call.voice.warn(call.world, &line));
    Ok(wanted)
}

/// Profiles of ours that are certainly of no use: their role is gone, or has another profile by now. Before most of a session's
/// go, somebody has to agree.
fn gone(
    call: &Call<'_>,
    args: &ProfilesArgs,
    own: &[Own],
    searches: &[Search<'_>],
    filter: &Filter,
    names: &HashSet<&str>,
) -> Result<HashSet<String>> {
    let (mut goes, mut much) = (HashSet::new(), Vec::new());
    for search in searches {
        let (index, session) = (search.index.borrow(), &search.handle.session.name);
        let of_session = |own: &&Own| own.whose.as_ref().is_some_and(|whose| whose.session == *session);
        let all: Vec<&Own> = own.iter().filter(of_session).collect();
        let useless = |own: &&&Own| {
            let Some(Whose { account, role, .. }) = &own.whose else { return false };
            let name = index.accounts.get(account).map_or(account.as_str(), |seen| &seen.name);
            let meant = filter.account(account.as_str(), name) && filter.role(role.as_str());
            let renamed = index.accounts.get(account).and_then(|seen| seen.roles.as_ref());
            let renamed = renamed.is_some_and(|roles| roles.what.contains_key(role));
            meant
                && !names.contains(own.name.as_str())
                && (renamed || index.is_role_gone(account, role, search.since()))
        };
        let few: Vec<String> = all.iter().filter(useless).map(|own| own.name.clone()).collect();
        let (lost, all) = (few.len(), all.len());
        if lost > 0 && (lost == all || (all > 3 && lost * 2 > all)) {
            much.push(format!("{lost} of the {} of session `{session}`", count(all, "profile")));
        }
        goes.extend(few);
    }
    if much.is_empty() || args.yes || args.write.dry_run {
        return Ok(goes);
    }
    let much = much.join(" and ");
    if !call.interactive() {
        return Err(Error::usage(format!("profiles --prune would remove {much}, and there is nobody to ask"))
            .hint("eksso profiles --prune --dry-run  # shows them")
            .hint("eksso profiles --prune --yes  # removes them"));
    }
    match call.confirm(&format!("Remove {much}?"))? {
        true => Ok(goes),
        false => Err(Error::new(Kind::Interrupted, "nothing was written")),
    }
}

/// Says what is not as it looks: a name that is another's, and plain keys that win over a profile of ours.
fn warn(call: &Call<'_>, file: &AwsConfig, changed: &Changed, wanted: &[Wanted]) -> Result<()> {
    for name in &changed.taken {
        let line = format!("`{name}` is a profile of yours in {}, and is left to you", file.path.display());
        call.voice.warn(call.world, &line);
    }
    let (path, text) = credentials_text(call.world)?;
    let keys = credentials_profiles(&text);
    for Wanted { name, .. } in wanted.iter().filter(|wanted| keys.contains(&wanted.name)) {
        let line = format!("`{name}` has a section in {}, too, which wins over its profile", path.display());
        call.voice.warn(call.world, &line);
    }
    Ok(())
}

/// Shows a change; of what is not ours, no secret.
fn show(call: &Call<'_>, file: &AwsConfig, after: Option<&str>) -> Result<()> {
    let (before, path) = (file.text.as_deref(), file.path.display().to_string());
    let (old, new) = (before.map(shown), after.map(shown));
    let of = |text, lines| Some(Shown { text, lines });
    let diff = unified(
        &path,
        before.zip(old.as_deref()).and_then(|(text, lines)| of(text, lines)),
        after.zip(new.as_deref()).and_then(|(text, lines)| of(text, lines)),
    );
    if diff.is_empty() {
        call.voice.say(call.world, "Nothing would change.");
    }
    call.world.terminal.data(&call.painted(&diff, call.world.terminal.stdout_is_terminal()))
}

fn undo(call: &Call<'_>, args: &ProfilesArgs) -> Result<()> {
    let world = call.world;
    let undo = Undo::find(world)?.ok_or_else(|| {
        let path = AwsConfig::read(world).map(|file| file.path.display().to_string()).unwrap_or_default();
        Error::new(Kind::NotFound, format!("there is no change of eksso to take back in {path}"))
    })?;
    if args.write.dry_run {
        return show(call, &undo.now, undo.before.as_deref());
    }
    undo.make(world)?;
    call.voice.say(world, &format!("{} is what it was.", undo.now.path.display()));
    Ok(())
}
