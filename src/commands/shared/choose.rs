//! Choosing among the pairs of a search while it still finds some.

use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::pick::{Chosen, SharedPicker, lock};
use crate::domain::access::Verdict;
use crate::domain::discovery::index::Pair;
use crate::domain::discovery::picker::{Picker, Row as Offer, State};
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
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
            keywords: vec![pair.account.to_string()],
            state,
            details: vec![
                match pair.account_seen.name.as_str() {
                    name if name == pair.account.as_str() => format!("{} in account {name}", pair.role),
                    name => format!("{} in account {} ({name})", pair.role, pair.account),
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
                // A cluster that was not looked at yet comes with a step of its own.
                let of_role = |pair: &Pair<'_>| {
                    pair.account == account
                        && pair.role == role
                        && pair.seen.admission.is_some()
                        && search.is_here(pair)
                };
                index.pairs_in(search.filter, account).filter(of_role).for_each(|pair| self.put(&pair));
            }
            Step::Account | Step::Roles(_) => {}
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
pub fn ask(call: &Call<'_>, search: &Search<'_>, files: &Kubeconfigs) -> Result<Option<Vec<Found>>> {
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
            call.report(search, !found.is_empty(), "cluster")?;
            for (found, verdict) in &found {
                if let Verdict::NotMapped(why) = verdict {
                    warn_useless(call, found, why);
                }
            }
            Ok(Some(found.into_iter().map(|(found, _)| found).collect()))
        }
    }
}

/// Warns of a role that the cluster does not let in.
pub fn warn_useless(call: &Call<'_>, found: &Found, why: &str) {
    let Found { account, role, cluster, .. } = found;
    let line = format!("`{cluster}` in {} does not let `{role}` in: {why}", account.name);
    call.voice.warn(call.world, &line);
}
