//! What `roles`, `clusters`, `add` and `sync` share: a search from the index on, with progress, and what is said of it.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use futures_util::future::{self, FutureExt};
use jiff::{SignedDuration, Timestamp};

use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::meter::Meter;
use crate::domain::discovery::index::{Index, RoleChanges};
use crate::domain::discovery::records::FRESH;
use crate::domain::filter::Filter;
use crate::domain::ids::RoleName;
use crate::domain::settings::policy::Refused;
use crate::domain::text::shell_word;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::index::{Loaded, load};
use crate::flows::discovery::progress::{Progress, Step};
use crate::flows::discovery::regions::{Regions, no_match};
use crate::flows::discovery::search::{Depth, Ended, Memory, Search, Skipped};
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{CredentialCache, World};
use crate::ui::say::{count, span, until};

/// Failures that are told one by one; the others are counted, unless with `-v`.
const TOLD: usize = 5;
/// For how long an interrupted search is gone on with.
const RESUMED: SignedDuration = SignedDuration::from_mins(10);
/// Results younger than this need no age.
const YOUNG: SignedDuration = SignedDuration::from_mins(1);

/// How the index is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// What was seen lately is not asked for again.
    Lately,
    /// Everything is asked for again, also by those who were denied, but what an interrupted search has just seen.
    Latest,
    /// The same, and what hardly ever changes is asked for again too: which regions an account has enabled.
    Anew,
}

impl Use {
    /// For commands that list, and for those that write.
    pub fn of(refresh: bool, writes: bool) -> Self {
        match (refresh, writes) {
            (true, _) => Self::Anew,
            (false, true) => Self::Latest,
            (false, false) => Self::Lately,
        }
    }
}

/// That nothing is left out for `skip_ous`, and why.
pub fn units_unread(why: &str) -> String {
    format!(
        "skip_ous under [discovery]: the accounts of these organizational units could not be read, so that none is left out: {why}"
    )
}

impl Call<'_> {
    /// A search that has not begun; signed out, it is an error.
    pub fn search<'s>(
        &'s self,
        (cache, handle): (&'s dyn CredentialCache, &'s SessionHandle<'s>),
        filter: &'s Filter,
        regions: Regions,
        depth: Depth,
        index: Use,
    ) -> Result<Search<'s>> {
        handle.check()?;
        let now = self.world.clock.now();
        let tokens = handle.stored()?;
        if let Some(tokens) = tokens.as_ref().filter(|tokens| !tokens.refreshable(now) && !tokens.fresh(now)) {
            let until = until(tokens.expires_at, now);
            let name = shell_word(handle.session.name.as_str()).into_owned();
            self.voice.warn(
                self.world,
                &format!(
                    "the sign-in lasts {until} and cannot be renewed; `eksso login {name} --force` begins a new one"
                ),
            );
        }
        let signed_in_at = tokens.map(|tokens| tokens.signed_in_at);
        let mut known = match load(self.world, &handle.session) {
            Loaded::Index(index) => *index,
            Loaded::Nothing => Index::default(),
            Loaded::Corrupt => {
                self.voice.say(self.world, "The index of what was found before cannot be read; it is built anew.");
                Index::default()
            }
        };
        if index == Use::Anew {
            known.forget_luck();
        }
        let memory = match (index, known.unfinished) {
            (Use::Lately, _) => Memory::lately(now, FRESH, signed_in_at),
            (_, Some(began)) if now.duration_since(began) < RESUMED => {
                Memory::latest(now, began, index == Use::Anew, signed_in_at)
            }
            _ => Memory::latest(now, now, index == Use::Anew, signed_in_at),
        };
        let settings = self.settings()?;
        let chained = settings.chained_roles(self.world, &handle.session)?;
        let config = settings.config;
        let look_with = config.discovery.look_with;
        let skipped = Skipped { units: config.discovery.skip_ous, account: config.access.identity_center_account };
        let mut search = Search::new(
            (self.world, cache, handle),
            filter,
            regions,
            depth,
            look_with,
            (known, chained.into(), memory),
        );
        search.skipped = skipped;
        Ok(search)
    }

    /// Runs searches to their ends, side by side, with progress while that is to be shown.
    pub async fn run_searches(
        &self,
        searches: &[Search<'_>],
        step: &dyn Fn(&Search<'_>, Step<'_>),
        stop: impl Future<Output = ()>,
        is_shown: &dyn Fn() -> bool,
    ) -> Vec<Result<Ended>> {
        let terminal = self.world.terminal.stderr_is_terminal();
        let meter = Meter::new(self, terminal);
        let watch = |search: &Search<'_>, what: Step<'_>| {
            step(search, what);
            if is_shown() {
                show_progress(&meter, total(searches), search.depth);
            }
        };
        let stop = stop.shared();
        let ended = future::join_all(searches.iter().map(|search| search.run(&watch, stop.clone()))).await;
        self.world.terminal.progress(None);
        ended
    }

    /// Looks for everything and waits for it.
    pub fn find(&self, searches: &[Search<'_>], step: &dyn Fn(&Search<'_>, Step<'_>)) -> Result<Vec<Result<()>>> {
        block_on(async { Ok(self.find_all(searches, step).await) })
    }

    /// The same within other asynchronous work.
    pub async fn find_all(&self, searches: &[Search<'_>], step: &dyn Fn(&Search<'_>, Step<'_>)) -> Vec<Result<()>> {
        // The words come before the end that a signal brings.
        let _signals = self.world.signals.hold();
        let ended = self.run_searches(searches, step, std::future::pending(), &|| true).await;
        if ended.iter().any(|ended| matches!(ended, Ok(Ended::Stopped))) {
            self.voice.say(self.world, "Interrupted. What was found is kept: the same call goes on from there.");
        }
        let end = |ended: Result<Ended>| match ended? {
            Ended::Complete => Ok(()),
            Ended::Stopped => Err(Error::interrupted()),
        };
        ended.into_iter().map(end).collect()
    }

    /// Says what could not be looked at, what is new, and how old the answer is. When nothing is shown because of what
    /// failed, that is the error, with its own exit code.
    pub fn report(&self, search: &Search<'_>, is_any: bool, noun: &str) -> Result<()> {
        self.report_beside_age(search, is_any, noun)?;
        if is_any {
            self.tell_age(self.seen_at(search), false);
        }
        Ok(())
    }

    /// The same for an answer that more than the search decides about, so that its age is told once.
    pub fn report_beside_age(&self, search: &Search<'_>, is_any: bool, noun: &str) -> Result<()> {
        let (world, voice) = (self.world, &self.voice);
        let problems = search.problems.borrow();
        if problems.off > 0 {
            let pairs = count(problems.off, "account and region pair");
            voice.detail(world, &format!("{pairs}: the region is not enabled in the account"));
        }
        if problems.closed > 0 {
            let pairs = count(problems.closed, "account and region pair");
            voice.detail(
                world,
                &format!("{pairs}: a service control policy of your organization keeps EKS from being used"),
            );
        }
        if let Some(why) = &problems.units {
            voice.warn(world, &units_unread(why));
        }
        self.report_role_changes(search);
        self.tell_untold(search);
        self.tell_wide(search);
        let remembered = problems.denied_at.map(|at| {
            format!(", as they were told {} ago; --refresh asks again", span(world.clock.now().duration_since(at)))
        });
        let denied = format!(
            "in {} none of your roles may list clusters (eks:ListClusters){}",
            count(problems.denied, "account and region pair"),
            remembered.unwrap_or_default()
        );
        // Made where it is told: it goes through all roles.
        let barred = || {
            let pairs = count(problems.barred, "account and region pair");
            barred_words(world, search).map(|words| format!("in {pairs} {words}"))
        };
        if !is_any {
            if let Some(first) = problems.failed.first() {
                return Err(first.clone());
            }
            nothing_matches(search)?;
        }
        let told = if voice.verbose > 0 { usize::MAX } else { TOLD };
        for failed in problems.failed.iter().take(told) {
            voice.warn(world, &failed.to_string());
        }
        if let Some(more) = problems.failed.len().checked_sub(told).filter(|more| *more > 0) {
            voice.warn(world, &format!("{}; -v tells each", count(more, "more failure")));
        }
        if problems.unverified > 0 {
            let pairs = count(problems.unverified, "cluster and role pair");
            voice.warn(world, &format!("--verify could not ask for {pairs}: shown as unknown, with the reason"));
        }
        for ((service, region), calls) in &problems.unasked {
            voice
                .warn(world, &format!("{service} in {region} did not answer: {} left out", count(*calls, "more call")));
        }
        match is_any {
            false if problems.denied > 0 && !search.index.borrow().has_lists(search.filter) => {
                return Err(Error::new(Kind::Denied, format!("no {noun} can be seen")).cause(denied));
            }
            false if problems.barred > 0 && !search.index.borrow().has_lists(search.filter) => {
                return Err(Error::new(Kind::Denied, format!("no {noun} can be seen")).cause(barred()?));
            }
            false if problems.closed > 0 && !search.index.borrow().has_lists(search.filter) => {
                let why = "a service control policy of your organization keeps EKS from being used there";
                return Err(Error::new(Kind::Denied, format!("no {noun} can be seen")).cause(why));
            }
            false => voice.say(world, &format!("No {noun} was found.")),
            true => {
                if problems.denied > 0 {
                    voice.say(world, &format!("Note: {denied}."));
                }
                if problems.barred > 0 {
                    voice.say(world, &format!("Note: {}.", barred()?));
                }
            }
        }
        Ok(())
    }

    /// When the oldest of a search's results was seen.
    pub fn seen_at(&self, search: &Search<'_>) -> Option<Timestamp> {
        search.index.borrow().oldest(search.filter, &search.regions.list)
    }

    /// Says how old an answer is, unless it is of now. `is_fresh`: it was asked to be of now, and goes on from an interrupted call.
    pub fn tell_age(&self, oldest: Option<Timestamp>, is_fresh: bool) {
        let now = self.world.clock.now();
        if let Some(age) = oldest.map(|oldest| now.duration_since(oldest)).filter(|age| *age > YOUNG) {
            let again = if is_fresh { "" } else { "; --refresh looks again" };
            self.voice.say(self.world, &format!("As of {} ago{again}.", span(age)));
        }
    }

    /// A session of a role that may do everything is worth a word, as its use is logged as the person's.
    fn tell_wide(&self, search: &Search<'_>) {
        let problems = search.problems.borrow();
        let index = search.index.borrow();
        let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (account, role) in &problems.wide {
            let name = index.accounts.get(account).map_or(account.as_str(), |seen| seen.name.as_str());
            places.entry(role.as_str()).or_default().push(name);
        }
        for (role, accounts) in places {
            let more = accounts.len().saturating_sub(TOLD);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let names = accounts[..accounts.len().min(TOLD)].join(", ");
            self.voice.say(
                self.world,
                &format!(
                    "Looked as `{role}` in {names}{more}: no other of your roles there may list clusters; never_look_with \
                     under [discovery] in config.toml keeps a role from that."
                ),
            );
        }
    }

    /// A filter by tag leaves out clusters whose tags nobody may see, which is no answer of theirs.
    fn tell_untold(&self, search: &Search<'_>) {
        if search.filter.tags.is_empty() {
            return;
        }
        let untagged = Filter { tags: Vec::new(), ..search.filter.clone() };
        let index = search.index.borrow();
        let hidden = index.pairs(&untagged).filter(|pair| search.is_here(pair) && pair.seen.tags().is_none());
        let hidden: BTreeSet<_> = hidden.map(|pair| (pair.account, pair.region, pair.cluster)).collect();
        if !hidden.is_empty() {
            let clusters = count(hidden.len(), "cluster");
            self.voice.warn(
                self.world,
                &format!("left out {clusters} that none of your roles may describe: their tags are unknown"),
            );
        }
    }

    fn report_role_changes(&self, search: &Search<'_>) {
        let problems = search.problems.borrow();
        let (new, gone) = problems
            .role_changes
            .iter()
            .fold((0, 0), |(new, gone), (_, changes)| (new + changes.new.len(), gone + changes.gone.len()));
        let Some(since) = problems.role_changes.iter().map(|(_, changes)| changes.since).min() else { return };
        let names = |list: fn(&RoleChanges) -> &[RoleName]| {
            let index = search.index.borrow();
            let name = |account| index.accounts.get(account).map_or("", |seen| seen.name.as_str());
            let all = problems.role_changes.iter().flat_map(|(account, changes)| {
                list(changes).iter().map(|role| format!("{role} in {}", name(account))).collect::<Vec<_>>()
            });
            let mut names: Vec<String> = all.take(TOLD + 1).collect();
            if names.len() > TOLD {
                names[TOLD] = "…".to_owned();
            }
            names.join(", ")
        };
        let when = when(since, self.world.clock.now());
        if new > 0 {
            self.voice.say(self.world, &format!("{} since {when}: {}.", count_new(new), names(|changes| &changes.new)));
        }
        if gone > 0 {
            self.voice.say(self.world, &format!("{gone} gone since {when}: {}.", names(|changes| &changes.gone)));
        }
    }
}

/// Why no role could look that may: what config.toml keeps from it, which naming a role overrules, and what the policy of this
/// machine does, which nothing does.
///
/// # Errors
/// The policy of this machine cannot be read.
pub fn barred_words(world: &World, search: &Search<'_>) -> Result<String> {
    let (policy, index) = (world.policy()?, search.index.borrow());
    let all = Filter { roles: Vec::new(), clusters: Vec::new(), tags: Vec::new(), ..search.filter.clone() };
    let barred: BTreeSet<&RoleName> =
        index.roles(&all).map(|(_, _, role)| role).filter(|role| search.is_barred(role)).collect();
    let refused: Vec<_> = barred.iter().filter_map(|role| Some((role, policy.role(role.as_str()).err()?))).collect();
    let Some((_, Refused { rule, .. })) = refused.first() else {
        return Ok(
            "no role of yours that config.toml lets be used to look may list clusters; --role NAME uses one that it \
             does not (look_with, never_look_with)"
                .to_owned(),
        );
    };
    let names: Vec<String> = refused.iter().take(TOLD).map(|(role, _)| format!("`{role}`")).collect();
    let forbidden = format!(
        "no role of yours that may be used to look may list clusters: {} {} never used on this machine ({rule})",
        names.join(", "),
        if names.len() == 1 { "is" } else { "are" }
    );
    Ok(match refused.len() < barred.len() {
        true => {
            format!("{forbidden}; --role NAME uses one that config.toml keeps from it (look_with, never_look_with)")
        }
        false => forbidden,
    })
}

fn count_new(number: usize) -> String {
    format!("{number} new role{}", if number == 1 { "" } else { "s" })
}

/// `14:05` today, `Monday` this week, else the date; by UTC, as nothing here knows the person's time zone.
fn when(at: Timestamp, now: Timestamp) -> String {
    match now.duration_since(at).as_hours() {
        ..24 => format!("{} ago", span(now.duration_since(at))),
        24..144 => at.strftime("%A").to_string(),
        _ => at.strftime("%-d %B").to_string(),
    }
}

/// How far several searches are.
pub fn total(searches: &[Search<'_>]) -> Progress {
    searches.iter().fold(Progress::default(), |all, search| all + search.progress.get())
}

/// A filter that lets nothing through is a mistake worth explaining.
fn nothing_matches(search: &Search<'_>) -> Result<()> {
    let index = search.index.borrow();
    let filter = search.filter;
    let wider = Filter { roles: Vec::new(), clusters: Vec::new(), tags: Vec::new(), ..filter.clone() };
    if let Some(glob) = filter.roles.first()
        && index.roles(filter).next().is_none()
        && index.chained.all().iter().all(|role| !filter.role(role.name.as_str()))
    {
        let mut names = index.roles(&wider).map(|(_, _, role)| role.as_str()).peekable();
        if names.peek().is_some() {
            return Err(no_match("role", glob, names));
        }
    }
    let untagged = Filter { tags: Vec::new(), ..filter.clone() };
    if !filter.tags.is_empty() && index.pairs(&untagged).any(|pair| search.is_here(&pair)) {
        let tags: Vec<String> = filter.tags.iter().map(|tag| format!("`{tag}`")).collect();
        return Err(Error::new(
            Kind::NotFound,
            format!("no cluster of yours is known to have the tags {}", tags.join(", ")),
        )
        .hint("eksso clusters --show-tags  # lists what they have"));
    }
    if let (Some(glob), true) = (filter.clusters.first(), search.depth > Depth::Roles && index.has_lists(filter)) {
        let names = index.pairs(&wider).filter(|pair| search.is_here(pair)).map(|pair| pair.cluster.as_str());
        return Err(no_match("cluster", glob, names));
    }
    Ok(())
}

/// Shows how far a search is.
fn show_progress(meter: &Meter<'_>, progress: Progress, depth: Depth) {
    if !meter.is_due() {
        return;
    }
    let clusters = count(progress.clusters, "cluster");
    let (done, total, words) = match progress.checks {
        0 if depth == Depth::Roles => (progress.accounts_done, progress.accounts, "accounts".to_owned()),
        0 => (progress.accounts_done, progress.accounts, format!("accounts, {clusters}")),
        checks => (progress.checks_done, checks, format!("roles checked, {clusters}")),
    };
    meter.show("", (done, total), &words);
}
