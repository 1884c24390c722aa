//! Choosing among the pairs of a search while it still finds some.

use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::pick::{Chosen, SharedPicker, lock};
use crate::commands::shared::search::total;
use crate::commands::shared::sessions::SessionErrors;
use crate::domain::access::Verdict;
use crate::domain::discovery::pair::Pair;
use crate::domain::discovery::picker::{Picker, Row as Offer, State};
use crate::domain::identity::RoleKey;
use crate::domain::ids::{AccountId, ClusterName, Region, SessionName};
use crate::error::{Error, Result};
use crate::flows::discovery::found::Found;
use crate::flows::discovery::frecency::Frecency;
use crate::flows::discovery::progress::{Progress, Step};
use crate::flows::discovery::search::{Ended, Search};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::ui::say::span;
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// The rows of a picker and the pairs behind them.
struct Rows<'c> {
    call: &'c Call<'c>,
    picker: SharedPicker,
    pairs: RefCell<Vec<(SessionName, Found)>>,
    numbers: RefCell<HashMap<Key, usize>>,
    /// Contexts that are there already, for what was used often.
    contexts: HashMap<Key, String>,
    used: Frecency,
    /// Whether rows say their sessions.
    names_sessions: bool,
}

/// A session's cluster and role.
type Key = (SessionName, AccountId, Region, ClusterName, RoleKey);

fn key(session: &SessionName, pair: &Pair<'_>) -> Key {
    (session.clone(), pair.account.clone(), pair.region.clone(), pair.cluster.clone(), pair.role_key())
}

impl Rows<'_> {
    fn put(&self, session: &SessionName, pair: &Pair<'_>) {
        let key = key(session, pair);
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
            cells: [
                pair.account_seen.name.clone(),
                pair.cluster.to_string(),
                pair.role_words().into_owned(),
                pair.region.to_string(),
            ]
            .into_iter()
            .chain(self.names_sessions.then(|| session.to_string()))
            .collect(),
            keywords: vec![pair.account.to_string()],
            state,
            details: vec![
                match (pair.chained, pair.account_seen.name.as_str()) {
                    (Some(by), _) => {
                        format!("{}, assumed from {} in account {}", by.arn, by.from_role, by.from_account)
                    }
                    (None, name) if name == pair.account.as_str() => format!("{} in account {name}", pair.role),
                    (None, name) => format!("{} in account {} ({name})", pair.role, pair.account),
                },
                format!("cluster {} in {}: {cluster}", pair.cluster, pair.region),
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
                self.pairs.borrow_mut().push((session.clone(), Found::from(*pair)));
            }
        }
    }

    fn step(&self, search: &Search<'_>, step: Step<'_>, all: Progress) {
        let (index, session) = (search.index.borrow(), &search.handle.session.name);
        match step {
            Step::Cluster(account, region, cluster) => {
                index.pairs_of(search.filter, account, region, cluster).for_each(|pair| self.put(session, &pair));
            }
            Step::Role(account, role, _) => {
                // A cluster that was not looked at yet comes with a step of its own.
                let of_role = |pair: &Pair<'_>| {
                    pair.account == account
                        && pair.role == role
                        && pair.seen.admission.is_some()
                        && search.is_here(pair)
                };
                index.pairs_in(search.filter, account).filter(of_role).for_each(|pair| self.put(session, &pair));
            }
            Step::Account | Step::Roles(_) => {}
        }
        let Progress { accounts, accounts_done, checks, checks_done, .. } = all;
        lock(&self.picker).notice(&match checks {
            0 => format!("{accounts_done} of {accounts} accounts"),
            _ => format!("{checks_done} of {checks} roles checked"),
        });
    }

    /// Takes back what was not found again.
    fn finish(&self, searches: &[Search<'_>]) {
        let mut there: HashSet<Key> = HashSet::new();
        for search in searches {
            let index = search.index.borrow();
            there.extend(index.pairs(search.filter).map(|pair| key(&search.handle.session.name, &pair)));
        }
        let mut picker = lock(&self.picker);
        self.numbers.borrow().iter().filter(|(key, _)| !there.contains(key)).for_each(|(_, row)| picker.remove(*row));
        picker.complete();
    }

    fn len(&self) -> usize {
        lock(&self.picker).total()
    }
}

/// The searches that came to an end, and what was chosen; `None` where nothing was.
pub type Asked<'s> = (Vec<Search<'s>>, Option<Vec<(SessionName, Found)>>);

/// Lets the person choose, from what is known at once and from what is found meanwhile. One pair alone is no choice.
pub fn ask<'s>(
    call: &Call<'_>,
    searches: Vec<Search<'s>>,
    errors: &SessionErrors,
    files: &Kubeconfigs,
) -> Result<Asked<'s>> {
    const TITLE: &str = "Which clusters and roles?";
    const SCREENFUL: usize = 200;
    let world = call.world;
    let own = files.contexts().into_iter().filter_map(|context| {
        let of = context.identity?;
        let (home, role) = (of.cluster_account().clone(), of.role_key());
        Some(((of.session, home, of.region, of.cluster, role), context.name))
    });
    let rows = Rows {
        call,
        picker: SharedPicker::new(Mutex::new(Picker::new(true))),
        pairs: RefCell::default(),
        numbers: RefCell::default(),
        contexts: own.collect(),
        used: Frecency::load(world),
        names_sessions: errors.span_several(),
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
    for search in &searches {
        let index = search.index.borrow();
        for (number, pair) in index.pairs(search.filter).filter(|pair| search.is_here(pair)).enumerate() {
            // A screenful is enough to open: nobody waits for the thousands behind it.
            if number == SCREENFUL {
                open_at_two();
            }
            rows.put(&search.handle.session.name, &pair);
        }
    }
    open_at_two();
    let watch = |search: &Search<'_>, step: Step<'_>| {
        rows.step(search, step, total(&searches));
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
    let found = block_on(async {
        let ended = call.run_searches(&searches, &watch, asking.as_mut(), &|| !opened.get()).await;
        if chosen.borrow().is_none() {
            // The picker ended the searches, or a signal did.
            if ended.iter().any(|ended| matches!(ended, Ok(Ended::Stopped))) {
                return Err(Error::interrupted());
            }
            // With one session there is nothing to go on with. What failed of several is told when the picker is closed.
            if let (false, Some(Err(error))) = (errors.span_several(), ended.first()) {
                return Err(error.clone());
            }
            rows.finish(&searches);
            if opened.get() {
                call.until_signal(async {
                    asking.await;
                    Ok(())
                })
                .await?;
            } else if call.wants_list() && rows.len() > 1 {
                chosen.replace(Some(call.pick_from_list(TITLE, &rows.picker)));
            }
        }
        Ok(ended.into_iter().map(|ended| ended.map(drop)).collect::<Vec<Result<()>>>())
    })?;
    let pairs = rows.pairs.take();
    let choice = chosen.take();
    let searches = call.ended(searches, found, errors)?;
    let of_session = |search: &Search<'_>| {
        let name = search.handle.session.name.clone();
        search.found().into_iter().map(move |(found, verdict)| ((name.clone(), found), verdict))
    };
    let found: Vec<_> = searches.iter().flat_map(of_session).collect();
    match choice {
        Some(choice) => {
            let Some(numbers) = choice? else { return Ok((searches, None)) };
            let chosen: Vec<(SessionName, Found)> = numbers.into_iter().map(|number| pairs[number].clone()).collect();
            for (found, verdict) in found.into_iter().filter(|(pair, _)| chosen.contains(pair)) {
                if let Verdict::NotMapped(why) = verdict {
                    warn_useless(call, &found.1, &why);
                }
            }
            Ok((searches, Some(chosen)))
        }
        None => {
            call.report_all(&searches, errors, !found.is_empty(), "cluster")?;
            for (found, verdict) in &found {
                if let Verdict::NotMapped(why) = verdict {
                    warn_useless(call, &found.1, why);
                }
            }
            let found = found.into_iter().map(|(found, _)| found).collect();
            Ok((searches, Some(found)))
        }
    }
}

/// Warns of a role that the cluster does not let in.
pub fn warn_useless(call: &Call<'_>, found: &Found, why: &str) {
    let Found { account, role, cluster, .. } = found;
    let line = format!("`{cluster}` in {} does not let `{role}` in: {why}", account.name);
    call.voice.warn(call.world, &line);
}
