//! `eksso add`: choose cluster × role pairs, describe them, write their contexts.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use serde::Serialize;
use tokio::sync::Notify;

use crate::cli::{AddArgs, LookArgs};
use crate::clients::aws::eks::Cluster;
use crate::commands::Call;
use crate::commands::block_on;
use crate::commands::shared::pick::{Chosen, SharedPicker, lock};
use crate::commands::shared::search::Use;
use crate::domain::access::Verdict;
use crate::domain::discovery::index::Pair;
use crate::domain::discovery::picker::{Picker, Row as Offer, State};
use crate::domain::filter::Filter;
use crate::domain::identity::Identity;
use crate::domain::identity::cluster_arn;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::kubeconfig::{ClusterFacts, Edit, NewContext, Plugin};
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::found::Found;
use crate::flows::discovery::frecency::Frecency;
use crate::flows::discovery::progress::{Progress, Step};
use crate::flows::discovery::regions::regions;
use crate::flows::discovery::search::{Depth, Ended, Search};
use crate::flows::kubeconfig::change::additions;
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::flows::kubeconfig::previous::Previous;
use crate::flows::settings::Settings;
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::CredentialCache;
use crate::ui::say::{count, span};
use crate::ui::table::{Output, Row, show};

#[derive(Debug, Serialize)]
struct ContextRow {
    context: String,
    session: String,
    account_id: String,
    account_name: String,
    role: String,
    region: String,
    cluster: String,
    arn: String,
}

impl Row for ContextRow {
    const HEADINGS: &'static [&'static str] = &["CONTEXT", "ACCOUNT", "REGION", "CLUSTER", "ROLE"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        [&self.context, &self.account_name, &self.region, &self.cluster, &self.role].map(Cow::from).to_vec()
    }

    fn name(&self) -> String {
        self.context.clone()
    }
}

/// Adds contexts.
pub fn run(call: &Call<'_>, args: &AddArgs) -> Result<()> {
    let settings = call.settings()?;
    let session = settings.require(call.world, call.globals.session.as_deref())?;
    let handle = call.open(session, call.keyring(&settings)?)?;
    match with(call, args, &settings, &handle)? {
        Added::Written => Ok(()),
        Added::Left => Err(Error::new(Kind::Interrupted, "nothing was chosen; nothing was written")),
        Added::Nothing => Err(Error::new(Kind::NotFound, "no cluster matches; nothing was written")
            .hint("eksso clusters lists what your roles can see")),
    }
}

/// How adding ended, short of an error.
pub enum Added {
    /// Contexts were written.
    Written,
    /// The person left the picker.
    Left,
    /// There was nothing to choose from.
    Nothing,
}

/// The same with a session at hand.
pub fn with(call: &Call<'_>, args: &AddArgs, settings: &Settings, handle: &SessionHandle<'_>) -> Result<Added> {
    let filter = Filter::from(&args.filter);
    let cache = call.world.keyrings.sealed(call.keyring(settings)?);
    let (look, absolute_command) = (args.look, args.absolute_command);
    let wish = Wish { filter: &filter, look, absolute_command, choosing: Choosing::Asking };
    let gathered = gather(call, settings, (cache.as_ref(), handle), &wish)?;
    let Some(Gathered { usable, new, .. }) = gathered else { return Ok(Added::Left) };
    if new.is_empty() {
        return Ok(Added::Nothing);
    }
    if args.switch && !args.write.dry_run {
        // The first of them becomes current, under a name that is known by now.
        let files = Kubeconfigs::open_outer(call.world, call.globals.kubeconfig.as_deref())?;
        let names = additions(&files, &settings.config.context_name, new.clone())?.1;
        let first = names.into_iter().next().filter(|name| settings.config.guard(name).confirm);
        call.pass_guards(&Vec::from_iter(first), args.yes, "Switch to")?;
    }
    let change = call.change("add", args.write, true);
    let ((names, left, target), outcome) = change.make(call.world, |files| {
        let (mut edits, names) = additions(files, &settings.config.context_name, new)?;
        if let (true, Some(first)) = (args.switch, names.first()) {
            edits.push(Edit::CurrentContext(first.clone()));
        }
        Ok((edits, (names, files.current(), files.target().display().to_string())))
    })?;
    if call.is_dry(args.write, &outcome)? {
        return Ok(Added::Written);
    }
    if let (true, Some(first)) = (args.switch, names.first()) {
        Previous::context(call.world).set(left.as_deref(), first)?;
    }
    show_result(call, handle, &usable, &names, &target, outcome.changed, args.switch)?;
    Ok(Added::Written)
}

/// What was found and chosen, ready to be written.
pub struct Gathered<'s> {
    /// The search.
    pub search: Search<'s>,
    /// What can be used of what was chosen.
    pub usable: Vec<Found>,
    /// Its contexts, with the names of their accounts.
    pub new: Vec<(NewContext, String)>,
}

/// How pairs are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choosing {
    /// By a person, where there is something to choose.
    Asking,
    /// All that match.
    Everything,
}

/// What is looked for, and what of it is written.
pub struct Wish<'s> {
    /// The filters.
    pub filter: &'s Filter,
    /// How deep, how fresh, and whether roles that are not let in count.
    pub look: LookArgs,
    /// Whether the kubeconfig names eksso by its full path.
    pub absolute_command: bool,
    /// How pairs are chosen.
    pub choosing: Choosing,
}

/// Searches, lets the person choose or takes everything, and describes what was chosen; `None` when nobody chose.
pub fn gather<'s>(
    call: &'s Call<'_>,
    settings: &Settings,
    (cache, handle): (&'s dyn CredentialCache, &'s SessionHandle<'s>),
    wish: &Wish<'s>,
) -> Result<Option<Gathered<'s>>> {
    let world = call.world;
    // A kubeconfig that cannot be edited is told before anybody waits or chooses.
    let files = Kubeconfigs::open_outer(world, call.globals.kubeconfig.as_deref())?;
    let regions = regions(wish.filter, &settings.config.regions, &handle.session.partitions())?;
    let depth = if wish.look.verify { Depth::Verified } else { Depth::Clusters };
    let index = Use::of(wish.look.refresh, true);
    let mut search = call.search((cache, handle), wish.filter, regions, depth, index)?;
    search.keep_described = true;
    let asking = wish.choosing == Choosing::Asking && !wish.filter.is_complete() && call.interactive();
    let chosen = match asking {
        true => ask(call, &search, &files)?,
        false => {
            block_on(call.find(&search, &|_, _| {}))?;
            call.report(&search, search.found().len(), "cluster")?;
            Some(all(call, &search, wish)?)
        }
    };
    let Some(chosen) = chosen else { return Ok(None) };
    let described = block_on(search.describe(&chosen))?;
    let plugin = command(call, wish.absolute_command)?;
    let (mut usable, mut new, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for (found, cluster) in chosen.into_iter().zip(described) {
        match cluster.and_then(|cluster| context(handle, &found, cluster, &plugin)) {
            Ok(context) => {
                new.push((context, found.account.name.clone()));
                usable.push(found);
            }
            Err(error) => failed.push(error),
        }
    }
    if let (true, Some(first)) = (usable.is_empty(), failed.first()) {
        return Err(first.clone());
    }
    // One cluster that is not ready does not keep the others from being written; its roles need no word each.
    let mut told = HashSet::new();
    let lines = failed.iter().map(|error| format!("left out: {error}"));
    lines.filter(|line| told.insert(line.clone())).for_each(|line| call.voice.warn(world, &line));
    Ok(Some(Gathered { search, usable, new }))
}

/// Everything that matches, but for roles that are known not to be let in, unless they are named.
fn all(call: &Call<'_>, search: &Search<'_>, wish: &Wish<'_>) -> Result<Vec<Found>> {
    let found = search.found();
    let named = |role: &RoleName| wish.filter.roles.iter().any(|glob| glob.is_literal() && glob.matches(role.as_str()));
    if wish.choosing == Choosing::Asking && !wish.filter.is_complete() && found.len() > 1 {
        return Err(Error::usage(format!(
            "{} match, and there is nobody to ask",
            count(found.len(), "cluster and role pair")
        ))
        .hint("give --account, --role, --region and --cluster (each may be a glob), or run this in a terminal"));
    }
    let (mut taken, mut left) = (Vec::new(), 0);
    for (found, verdict) in found {
        match verdict {
            Verdict::NotMapped(why) if named(&found.role) => {
                warn_useless(call, &found, &why);
                taken.push(found);
            }
            Verdict::NotMapped(_) if !wish.look.unmapped => left += 1,
            _ => taken.push(found),
        }
    }
    if left > 0 {
        let pairs = count(left, "cluster and role pair");
        let line = format!(
            "Left out {pairs}: the cluster does not let the role in; `eksso clusters` says why, --unmapped writes them too."
        );
        call.voice.say(call.world, &line);
    }
    Ok(taken)
}

fn warn_useless(call: &Call<'_>, found: &Found, why: &str) {
    let Found { account, role, cluster, .. } = found;
    let line = format!("`{cluster}` in {} does not let `{role}` in: {why}", account.name);
    call.voice.warn(call.world, &line);
}

/// The rows of a picker and the pairs behind them.
struct Rows<'c> {
    call: &'c Call<'c>,
    picker: SharedPicker,
    pairs: RefCell<Vec<Found>>,
    numbers: RefCell<HashMap<(AccountId, Region, ClusterName, RoleName), usize>>,
    /// Contexts that are there already, for what was used often.
    contexts: HashMap<(AccountId, Region, ClusterName, RoleName), String>,
    used: Frecency,
}

impl Rows<'_> {
    fn put(&self, pair: &Pair<'_>) {
        let key = (pair.account.clone(), pair.region.clone(), pair.cluster.clone(), pair.role.clone());
        let (now, context) = (self.call.world.clock.now(), self.contexts.get(&key));
        let verdict = pair.verdict();
        let state = match verdict {
            Verdict::Mapped(_) => State::Usable,
            Verdict::Unknown(_) => State::Unknown,
            Verdict::NotMapped(_) => State::Useless,
        };
        let facts = pair.facts();
        let cluster = facts.map_or_else(
            || "none of your roles may describe it".to_owned(),
            |facts| format!("{}, Kubernetes {}, {}", facts.status, facts.version, facts.endpoint),
        );
        let last = context.and_then(|context| self.used.last(context));
        let written = match (context, last) {
            (Some(context), Some(last)) => format!("context `{context}`, used {} ago", span(now.duration_since(last))),
            (Some(context), None) => format!("context `{context}`"),
            (None, _) => "no context yet".to_owned(),
        };
        let row = Offer {
            cells: vec![
                pair.account_seen.name.clone(),
                pair.cluster.to_string(),
                pair.role.to_string(),
                pair.region.to_string(),
            ],
            state,
            details: vec![
                match pair.account_seen.name.as_str() {
                    name if name == pair.account.as_str() => format!("{} in account {name}", pair.role),
                    name => format!("{} in account {} ({name})", pair.role, pair.account),
                },
                cluster,
                written,
                match &verdict {
                    Verdict::Mapped(mapping) => format!("let in as {}", mapping.summary()),
                    Verdict::NotMapped(why) => format!("not let in: {why}"),
                    Verdict::Unknown(why) => format!("not known whether it is let in: {why}"),
                },
            ],
            weight: context.map_or(0.0, |context| self.used.weight(context, now)),
        };
        let mut numbers = self.numbers.borrow_mut();
        let mut picker = lock(&self.picker);
        match numbers.get(&key) {
            Some(number) => picker.set(*number, row),
            None => {
                numbers.insert(key, picker.add(row));
                self.pairs.borrow_mut().push(Found::from(*pair));
            }
        }
    }

    fn step(&self, search: &Search<'_>, step: Step<'_>) {
        let index = search.index.borrow();
        match step {
            Step::Cluster(account, region, cluster) => {
                index.pairs_of(search.filter, account, region, cluster).for_each(|pair| self.put(&pair));
            }
            Step::Role(account, role, _) => {
                let of_role = |pair: &Pair<'_>| pair.account == account && pair.role == role && search.is_here(pair);
                index.pairs_in(search.filter, account).filter(of_role).for_each(|pair| self.put(&pair));
            }
            Step::Account => {}
        }
        let Progress { accounts, accounts_done, checks, checks_done, .. } = search.progress.get();
        lock(&self.picker).notice(&match checks {
            0 => format!("{accounts_done} of {accounts} accounts"),
            _ => format!("{checks_done} of {checks} roles checked"),
        });
    }

    /// Takes back what was not found again.
    fn finish(&self, search: &Search<'_>) {
        let index = search.index.borrow();
        let there: HashSet<_> = index
            .pairs(search.filter)
            .map(|pair| (pair.account.clone(), pair.region.clone(), pair.cluster.clone(), pair.role.clone()))
            .collect();
        let mut picker = lock(&self.picker);
        self.numbers.borrow().iter().filter(|(key, _)| !there.contains(key)).for_each(|(_, row)| picker.remove(*row));
        picker.complete();
    }

    fn len(&self) -> usize {
        lock(&self.picker).total()
    }
}

/// Lets the person choose, from what is known at once and from what is found meanwhile. One pair alone is no choice.
fn ask(call: &Call<'_>, search: &Search<'_>, files: &Kubeconfigs) -> Result<Option<Vec<Found>>> {
    const TITLE: &str = "Which clusters and roles?";
    const SCREENFUL: usize = 200;
    let world = call.world;
    let own = files.contexts().into_iter().filter_map(|context| {
        let of = context.identity.filter(|of| of.session == search.handle.session.name && of.assume.is_none())?;
        Some(((of.account, of.region, of.cluster, of.role), context.name))
    });
    let rows = Rows {
        call,
        picker: SharedPicker::new(Mutex::new(Picker::new(true))),
        pairs: RefCell::default(),
        numbers: RefCell::default(),
        contexts: own.collect(),
        used: Frecency::load(world),
    };
    // Held until the terminal is given back: what is declared later ends earlier.
    let _signals = world.signals.hold();
    lock(&rows.picker).notice("looking …");
    let (two, opened, choice) = (Notify::new(), Cell::new(false), RefCell::new(None));
    let open_at_two = || {
        if !opened.get() && !call.wants_list() && rows.len() > 1 {
            opened.set(true);
            world.terminal.progress(None);
            choice.replace(Some(world.terminal.pick(TITLE, Arc::clone(&rows.picker))));
            two.notify_one();
        }
    };
    for (number, pair) in search.index.borrow().pairs(search.filter).filter(|pair| search.is_here(pair)).enumerate() {
        // A screenful is enough to open: nobody waits for the thousands behind it.
        if number == SCREENFUL {
            open_at_two();
        }
        rows.put(&pair);
    }
    open_at_two();
    let watch = |search: &Search<'_>, step: Step<'_>| {
        rows.step(search, step);
        open_at_two();
    };
    let chosen: Chosen = RefCell::new(None);
    let asking = async {
        two.notified().await;
        let opened = choice.take();
        if let Some(open) = opened {
            chosen.replace(Some(open.await));
        }
    };
    let mut asking = Box::pin(asking);
    block_on(async {
        let ended = call.run_search(search, &watch, asking.as_mut(), &|| !opened.get()).await?;
        match ended {
            Ended::Complete if chosen.borrow().is_none() => {
                rows.finish(search);
                if opened.get() {
                    return call
                        .until_signal(async {
                            asking.await;
                            Ok(())
                        })
                        .await;
                }
                if call.wants_list() && rows.len() > 1 {
                    chosen.replace(Some(call.pick_from_list(TITLE, &rows.picker)));
                }
                Ok(())
            }
            // The picker ended the search, or a signal did.
            Ended::Stopped if chosen.borrow().is_none() => Err(Error::interrupted()),
            _ => Ok(()),
        }
    })?;
    let pairs = rows.pairs.borrow();
    match chosen.take() {
        Some(choice) => {
            let Some(numbers) = choice? else { return Ok(None) };
            let found: Vec<Found> = numbers.into_iter().map(|number| pairs[number].clone()).collect();
            for (found, verdict) in search.found().into_iter().filter(|(pair, _)| found.contains(pair)) {
                if let Verdict::NotMapped(why) = verdict {
                    warn_useless(call, &found, &why);
                }
            }
            Ok(Some(found))
        }
        None => {
            let found = search.found();
            call.report(search, found.len(), "cluster")?;
            for (found, verdict) in &found {
                if let Verdict::NotMapped(why) = verdict {
                    warn_useless(call, found, why);
                }
            }
            Ok(Some(found.into_iter().map(|(found, _)| found).collect()))
        }
    }
}

/// What kubectl is to run.
pub fn command(call: &Call<'_>, absolute: bool) -> Result<String> {
    if !absolute {
        return Ok("eksso".to_owned());
    }
    let program = call.world.env.program()?;
    program
        .into_os_string()
        .into_string()
        .map_err(|_| Error::new(Kind::LocalState, "the path of eksso is not UTF-8 text"))
}

fn context(handle: &SessionHandle<'_>, found: &Found, cluster: Cluster, command: &str) -> Result<NewContext> {
    if !matches!(cluster.status.as_str(), "ACTIVE" | "UPDATING") || cluster.endpoint.is_empty() {
        return Err(Error::new(Kind::NotFound, format!("the cluster `{}` cannot be used yet", found.cluster))
            .cause(format!("its status is {}", cluster.status))
            .hint("try again when it is ACTIVE"));
    }
    let account = found.account.id.clone();
    Ok(NewContext {
        name: String::new(),
        cluster_entry: cluster_arn(&account, &found.region, &found.cluster),
        identity: Identity {
            session: handle.session.name.clone(),
            account,
            role: found.role.clone(),
            region: found.region.clone(),
            cluster: found.cluster.clone(),
            assume: None,
        },
        cluster: Some(ClusterFacts {
            endpoint: cluster.endpoint,
            certificate_authority: cluster.certificate_authority,
        }),
        plugin: Plugin { command: command.to_owned(), cluster_id: cluster.id.map(|id| id.as_str().to_owned()) },
    })
}

fn show_result(
    call: &Call<'_>,
    handle: &SessionHandle<'_>,
    chosen: &[Found],
    names: &[String],
    target: &str,
    changed: bool,
    switched: bool,
) -> Result<()> {
    let rows: Vec<ContextRow> = chosen
        .iter()
        .zip(names)
        .map(|(found, name)| ContextRow {
            context: name.clone(),
            session: handle.session.name.to_string(),
            account_id: found.account.id.to_string(),
            account_name: found.account.name.clone(),
            role: found.role.to_string(),
            region: found.region.to_string(),
            cluster: found.cluster.to_string(),
            arn: cluster_arn(&found.account.id, &found.region, &found.cluster),
        })
        .collect();
    if call.output() != Output::Table {
        return show(call.world, call.output(), &rows);
    }
    let contexts = count(names.len(), "context");
    let done =
        if changed { format!("Wrote {contexts} to {target}:") } else { format!("{contexts} in {target} already:") };
    call.voice.say(call.world, &done);
    show(call.world, Output::Name, &rows)?;
    let next = match names {
        [first, ..] if switched => format!("Switched to `{first}`; try: kubectl get namespaces"),
        [only] => format!("Switch with: eksso use {}", shell_word(only)),
        _ => "Switch with: eksso use".to_owned(),
    };
    call.voice.say(call.world, &next);
    Ok(())
}
