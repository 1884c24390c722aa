//! What `access`, `audit` and `scaffold diff` share: which clusters are meant, as whom they are looked at, and the reading of all
//! facts about them, with progress.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::cli::{CredentialsArg, FactsArgs};
use crate::commands::shared::call::Call;
use crate::commands::shared::meter::Meter;
use crate::commands::shared::search::{Use, barred_words, units_unread};
use crate::domain::access::Verdict;
use crate::domain::access::facts::{Cluster, Directory, Facts};
use crate::domain::filter::{Filter, Glob};
use crate::domain::ids::{AccountId, Region, RoleName};
use crate::domain::partition::Partition;
use crate::domain::session::Session;
use crate::domain::settings::config::AssumedName;
use crate::domain::text::digest;
use crate::error::{Error, Kind, Result};
use crate::flows::access::gather::base::{ClusterToRead, Expected, Gather, GatherEnd, GatherProgress, Scope};
use crate::flows::access::gather::environment::Environment;
use crate::flows::access::gather::kept::Owner;
use crate::flows::access::gather::lookers::{Lookers, Signed};
use crate::flows::discovery::regions::{no_match, regions};
use crate::flows::discovery::search::{Depth, Search};
use crate::flows::settings::Settings;
use crate::ports::{ProgressBar, World};
use crate::ui::say::count;

/// Everything about who may do what in the clusters that are meant: those that match the arguments' filters and one of the
/// globs `clusters`, which are the command's positional ones (none: all).
///
/// What could not be read is in there as such, with the reason. Words go to stderr; a signal is an error, and what was read is
/// kept: the same call goes on from there.
///
/// # Errors
/// Nobody is signed in, no cluster matches, or nothing at all can be read.
pub async fn facts(call: &Call<'_>, args: &FactsArgs, clusters: &[String]) -> Result<Facts> {
    let settings = call.settings()?;
    let mut filter = call.filter(&settings, &args.filter)?;
    if !clusters.is_empty() {
        let named: Vec<Glob> = clusters.iter().map(|text| Glob::new(text)).collect();
        if !filter.clusters.is_empty() {
            return Err(
                Error::usage("clusters are named twice, as arguments and with --cluster").hint("leave one of them out")
            );
        }
        filter.clusters = named;
    }
    facts_of(call, args, &filter, &Expected::default()).await
}

/// The same of the clusters that a filter is about, with what is asked about beside them.
///
/// # Errors
/// As of `facts`; where something else is asked about, it is no error that no cluster was found.
pub async fn facts_of(call: &Call<'_>, args: &FactsArgs, filter: &Filter, expected: &Expected) -> Result<Facts> {
    let settings = call.settings()?;
    if args.credentials == CredentialsArg::Environment {
        return of_environment(call, &settings, filter, expected, args.refresh).await;
    }
    if !args.filter.roles.all_sessions {
        let session = settings.require(call.world, call.globals.session.as_deref())?;
        return of_session(call, &settings, session, (filter, expected), args.refresh).await;
    }
    let (mut all, mut answered, mut first) = (Facts::default(), 0, None);
    for session in call.all_sessions(&settings)? {
        let name = session.name.clone();
        match of_session(call, &settings, session, (filter, expected), args.refresh).await {
            Ok(facts) => {
                answered += 1;
                add(&mut all, facts);
            }
            // Ends the whole: the next session would not be what the person wants either.
            Err(error) if error.kind() == Kind::Interrupted => return Err(error),
            Err(error) => {
                let line = format!("session `{name}` is left out: {error}");
                call.voice.warn(call.world, &line);
                all.unsearched.push(line);
                first = first.or(Some(error));
            }
        }
    }
    match first {
        Some(error) if answered == 0 => Err(error),
        _ => Ok(all),
    }
}

/// As the roles of a signed-in person.
async fn of_session(
    call: &Call<'_>,
    settings: &Settings,
    session: Session,
    (filter, expected): (&Filter, &Expected),
    refresh: bool,
) -> Result<Facts> {
    let keyring = call.keyring(settings)?;
    let handle = call.open(session, keyring)?;
    let cache = handle.cache();
    let where_to = regions(filter, &settings.config.regions, &handle.session.partitions())?;
    // Which of one's roles are looked with is not which clusters are meant.
    let all_roles = Filter { roles: Vec::new(), ..filter.clone() };
    let search = call.search((cache, &handle), &all_roles, where_to, Depth::Clusters, Use::of(refresh, false))?;
    call.find_all(std::slice::from_ref(&search), &|_, _| {}).await.into_iter().collect::<Result<()>>()?;
    let targets = targets(&search);
    if *expected == Expected::default() {
        call.report_beside_age(&search, !targets.is_empty(), "cluster")?;
    }
    let (mut names, mut accounts) = (BTreeMap::new(), BTreeMap::new());
    for (id, seen) in &search.index.borrow().accounts {
        names.insert(id.clone(), seen.name.clone());
        accounts.insert(id.clone(), seen.roles.as_ref().map(|roles| roles.what.keys().cloned().collect()));
    }
    let look_with = settings.config.look_with_for_access();
    let signed_in = handle.stored()?.map(|tokens| tokens.signed_in_at.to_string()).unwrap_or_default();
    let of = digest(&format!(
        "{} {signed_in} {look_with:?} {:?}",
        handle.session.place(),
        filter.roles.iter().map(Glob::as_str).collect::<Vec<_>>()
    ));
    let owner = Owner { file: handle.session.file_name(), of };
    let home = handle.session.home();
    let scope = Scope {
        clusters: targets,
        names,
        identity_center: handle.session.portal_region().cloned(),
        identity_center_account: administrator(settings, expected),
        expected: expected.clone(),
        rate_limiter: handle.session.file_name(),
        home,
    };
    let lookers =
        Lookers::of_session(Signed { world: call.world, cache, handle: &handle, look_with, filter, accounts });
    let mut facts = gather(call, &lookers, &scope, owner, refresh).await?;
    let seen_at = call.seen_at(&search).filter(|_| !facts.clusters.is_empty());
    call.tell_age(oldest(&facts).into_iter().chain(seen_at).min(), refresh);
    facts.unsearched = unsearched(call.world, &search)?;
    Ok(facts)
}

/// The account that administers Identity Center, as config.toml or a reviewed file names it.
fn administrator(settings: &Settings, expected: &Expected) -> Option<AccountId> {
    settings.config.access.identity_center_account.clone().or_else(|| expected.administrator.clone())
}

/// Where the search for clusters could not look.
fn unsearched(world: &World, search: &Search<'_>) -> Result<Vec<String>> {
    let problems = search.problems.borrow();
    let places =
        |number: usize, why: &str| (number > 0).then(|| format!("{}: {why}", count(number, "account and region pair")));
    let refused = [
        places(problems.denied, "no role may list clusters (eks:ListClusters)"),
        places(problems.barred, &barred_words(world, search)?),
    ];
    let silent = problems.unasked.iter().map(|((service, region), number)| {
        format!("{service} in {region} did not answer: {} not made", count(*number, "call"))
    });
    let told = problems.failed.iter().map(ToString::to_string);
    Ok(told.chain(refused.into_iter().flatten()).chain(silent).collect())
}

/// The clusters that a search found, each with the roles that it is known not to let in.
fn targets(search: &Search<'_>) -> Vec<ClusterToRead> {
    let mut targets: BTreeMap<_, Vec<RoleName>> = BTreeMap::new();
    for (found, verdict) in search.found() {
        let key = (found.account.id, found.region, found.cluster);
        let shut_out = targets.entry(key).or_default();
        if found.chained.is_none() && matches!(verdict, Verdict::NotMapped(_)) {
            shut_out.push(found.role);
        }
    }
    let target = |((account, region, name), shut_out)| ClusterToRead { account, region, name, shut_out };
    targets.into_iter().map(target).collect()
}

/// As the role that the environment's credentials assume in each account. No session is opened and no keyring.
async fn of_environment(
    call: &Call<'_>,
    settings: &Settings,
    filter: &Filter,
    expected: &Expected,
    refresh: bool,
) -> Result<Facts> {
    let world = call.world;
    let assume = settings.config.access.assume.as_ref();
    let partition = settings.config.regions.first().map_or(Partition::Aws, Region::partition);
    let where_to = regions(filter, &settings.config.regions, &[partition])?.list;
    let home = where_to.first().cloned().unwrap_or_else(|| partition.usual_region());
    if let Some(name) = assume.and_then(|assume| assume.as_str().rsplit('/').next()) {
        world.policy()?.role(name)?;
    }
    let environment = Environment::take(world, &home, assume).await?;
    let units: Vec<String> = settings.config.discovery.skip_ous.iter().map(|unit| unit.as_str().to_owned()).collect();
    if !units.is_empty() && !filter.names_accounts() {
        match environment.below(&units).await {
            Ok(found) => filter.below.borrow_mut().extend(found.iter().map(ToString::to_string)),
            Err(failure) => call.voice.warn(world, &units_unread(&failure.to_string())),
        }
    }
    let accounts = accounts(call, &environment, filter, assume).await?;
    let (mut clusters, mut failed, mut unsearched) = (Vec::new(), None, Vec::new());
    let total = accounts.len();
    for (done, account) in accounts.keys().enumerate() {
        let words = format!("accounts, {}", count(clusters.len(), "cluster"));
        world.terminal.progress(Some(ProgressBar { done, total, words: &words }));
        match clusters_of(&environment, account, &where_to, filter).await {
            Ok(found) => clusters.extend(found),
            Err(error) => {
                let line = format!("account {account} is left out: {error}");
                call.voice.warn(world, &line);
                unsearched.push(line);
                failed = failed.or(Some(error));
            }
        }
        if world.signals.arrived() {
            return Err(Error::interrupted());
        }
    }
    world.terminal.progress(None);
    match (clusters.is_empty(), failed, filter.clusters.first()) {
        (true, None, Some(_)) if *expected != Expected::default() => {}
        (true, Some(error), _) => return Err(error),
        (true, None, Some(glob)) => return Err(no_match("cluster", glob, std::iter::empty())),
        (true, None, None) => call.voice.say(world, "No cluster was found."),
        (false, ..) => {}
    }
    // What one identity may see is nobody else's, not even of its account.
    let of = digest(&format!("{} {assume:?}", environment.identity));
    let owner = Owner { file: format!("environment-{}", &digest(&environment.identity)[..16]), of };
    let scope = Scope {
        clusters,
        names: accounts,
        identity_center: None,
        identity_center_account: administrator(settings, expected),
        expected: expected.clone(),
        rate_limiter: format!("identity-center-{home}"),
        home,
    };
    let facts = gather(call, &Lookers::of_environment(environment), &scope, owner, refresh).await?;
    call.tell_age(oldest(&facts), refresh);
    Ok(Facts { unsearched, ..facts })
}

/// The accounts to look in: those that `--account` names by id; else those of the organization that match.
async fn accounts(
    call: &Call<'_>,
    environment: &Environment<'_>,
    filter: &Filter,
    assume: Option<&AssumedName>,
) -> Result<BTreeMap<AccountId, String>> {
    let own = BTreeMap::from([(environment.account.clone(), String::new())]);
    let ids: Result<Vec<AccountId>, _> = filter.accounts.iter().map(|glob| glob.as_str().parse()).collect();
    let found = match (ids, assume) {
        (Ok(ids), _) if !ids.is_empty() => ids.into_iter().map(|id| (id, String::new())).collect(),
        (_, None) => own,
        (_, Some(_)) => match environment.accounts().await {
            Ok(accounts) => accounts,
            Err(failure) => {
                let line = format!(
                    "the organization's accounts cannot be listed ({failure}): only account {} is looked at; --account with \
                     ids names others",
                    environment.account
                );
                call.voice.warn(call.world, &line);
                own
            }
        },
    };
    let wanted: BTreeMap<_, _> = found.into_iter().filter(|(id, name)| filter.account(id.as_str(), name)).collect();
    match (wanted.is_empty(), filter.accounts.first()) {
        (true, Some(glob)) => Err(no_match("account", glob, std::iter::empty())),
        _ => Ok(wanted),
    }
}

async fn clusters_of(
    environment: &Environment<'_>,
    account: &AccountId,
    regions: &[Region],
    filter: &Filter,
) -> Result<Vec<ClusterToRead>> {
    let mut found = Vec::new();
    let lookers = environment.lookers(account);
    for region in regions {
        let mut listed =
            Err(Error::new(Kind::Denied, "`[access] assume` in config.toml names no role to assume there"));
        for looker in &lookers {
            listed = environment.clusters(looker, region).await;
            if listed.is_ok() {
                break;
            }
        }
        let wanted = listed?.into_iter().filter(|name| filter.cluster(name.as_str()));
        found.extend(wanted.map(|name| ClusterToRead {
            account: account.clone(),
            region: region.clone(),
            name,
            shut_out: Vec::new(),
        }));
    }
    Ok(found)
}

async fn gather(call: &Call<'_>, lookers: &Lookers<'_>, scope: &Scope, owner: Owner, refresh: bool) -> Result<Facts> {
    let meter = Meter::new(call, call.world.terminal.stderr_is_terminal());
    let show = |GatherProgress { step, done, total }| {
        if meter.is_due() {
            meter.show("read ", (done, total), step);
        }
    };
    let gathering = Gather::new(call.world, lookers, scope, owner, refresh)?;
    // The words come before the end that a signal brings.
    let _signals = call.world.signals.hold();
    let ended = gathering.run(&show).await;
    call.world.terminal.progress(None);
    match ended? {
        GatherEnd::Complete(facts) => Ok(*facts),
        GatherEnd::Stopped => {
            call.voice.say(call.world, "Interrupted. What was read is kept: the same call goes on from there.");
            Err(Error::interrupted())
        }
    }
}

/// When the oldest of it was read. What is kept is kept as a whole, so that one answer of each tells.
fn oldest(facts: &Facts) -> Option<Timestamp> {
    let clusters = facts.clusters.iter().flat_map(|cluster| [&cluster.settings.source, &cluster.entries.source]);
    let accounts = facts.accounts.values().map(|account| &account.roles.source);
    let people = facts.directories.iter().map(|directory| &directory.sets.source);
    let all = clusters.chain(accounts).chain(people).chain([&facts.organization.id.source]);
    all.flatten().map(|source| source.at).min()
}

/// Adds what another session showed: what both saw is kept once, as the first one saw it.
fn add(all: &mut Facts, more: Facts) {
    let Facts { clusters, accounts, directories, organization, aws_policies, unsearched } = more;
    all.unsearched.extend(unsearched);
    for cluster in clusters {
        let same = |known: &Cluster| {
            (&known.account, &known.region, &known.name) == (&cluster.account, &cluster.region, &cluster.name)
        };
        if !all.clusters.iter().any(same) {
            all.clusters.push(cluster);
        }
    }
    all.clusters.sort_by(|a, b| (&a.account, &a.region, &a.name).cmp(&(&b.account, &b.region, &b.name)));
    for (id, account) in accounts {
        match all.accounts.get(&id) {
            Some(known) if known.roles.get().is_some() || account.roles.get().is_none() => {}
            _ => _ = all.accounts.insert(id, account),
        }
    }
    for directory in directories {
        let same = |known: &Directory| !known.instance.is_empty() && known.instance == directory.instance;
        if !all.directories.iter().any(same) {
            all.directories.push(directory);
        }
    }
    if all.organization.id.get().is_none() {
        all.organization = organization;
    }
    aws_policies.into_iter().for_each(|(arn, found)| {
        let known = all.aws_policies.entry(arn).or_default();
        if known.get().is_none() {
            *known = found;
        }
    });
}
