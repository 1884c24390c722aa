//! `eksso clusters`: the clusters of each account, and which of one's roles they let in.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use crate::cli::ClustersArgs;
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::search::Use;
use crate::domain::access::{Check, Evidence, Mapping, Verdict};
use crate::domain::discovery::index::Pair;
use crate::domain::identity::cluster_arn;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::error::{Error, Result};
use crate::flows::discovery::progress::Step;
use crate::flows::discovery::regions::regions;
use crate::flows::discovery::search::{Depth, Search};
use crate::ui::table::{Growing, Output, Row, line, show};

/// A cluster and a role. The fields are stable; empty where AWS does not let us see.
#[derive(Debug, Serialize)]
struct ClusterRow {
    session: String,
    account_id: String,
    account_name: String,
    role: String,
    region: String,
    cluster: String,
    arn: String,
    /// As EKS says; `unknown` where no role may describe the cluster.
    status: String,
    version: String,
    endpoint: String,
    /// `API`, `API_AND_CONFIG_MAP`, `CONFIG_MAP`.
    authentication_mode: Option<&'static str>,
    /// `yes`, `no` or `unknown`.
    mapped: &'static str,
    /// Why not, or why it is unknown.
    mapped_reason: Option<String>,
    mapped_by: Option<Evidence>,
    /// Whether it is certain that this is of the role as it is now.
    mapped_checked: bool,
    /// How far that was checked: `cluster` (it let the role in), `iam-role` (the entry names the IAM role behind it),
    /// `name` (one of that name; an entry of an earlier role of the same name is dead all the same), `unchecked`.
    mapped_check: Option<Check>,
    kubernetes_user: Option<String>,
    kubernetes_groups: Vec<String>,
    /// `NAME` for the whole cluster, `NAME:NAMESPACE,…` for some of it.
    access_policies: Vec<String>,
    /// When the cluster was looked at.
    seen_at: Option<String>,
}

impl ClusterRow {
    fn new(ClusterLine { session, pair, verdict }: &ClusterLine<'_>) -> Self {
        let (facts, mapping) = (pair.facts(), verdict.mapping());
        let (word, reason) = (verdict.word(), verdict.reason());
        Self {
            session: (*session).to_owned(),
            account_id: pair.account.to_string(),
            account_name: pair.account_seen.name.clone(),
            role: pair.role.to_string(),
            region: pair.region.to_string(),
            cluster: pair.cluster.to_string(),
            arn: cluster_arn(pair.account, pair.region, pair.cluster),
            status: facts.map_or("unknown", |facts| &facts.status).to_owned(),
            version: facts.map_or("-", |facts| &facts.version).to_owned(),
            endpoint: facts.map(|facts| facts.endpoint.clone()).unwrap_or_default(),
            authentication_mode: facts.and_then(|facts| facts.mode).map(|mode| mode.word()),
            mapped: word,
            mapped_reason: mapping.is_none().then_some(reason).filter(|reason| !reason.is_empty()),
            mapped_by: mapping.map(|mapping| mapping.by),
            mapped_checked: mapping.is_some_and(Mapping::is_checked),
            mapped_check: mapping.map(|mapping| mapping.check),
            kubernetes_user: mapping.map(|mapping| mapping.user.clone()).filter(|user| !user.is_empty()),
            access_policies: mapping
                .iter()
                .flat_map(|mapping| mapping.policies.iter().map(ToString::to_string))
                .collect(),
            kubernetes_groups: mapping.map(|mapping| mapping.groups.clone()).unwrap_or_default(),
            seen_at: pair.seen.admission.as_ref().map(|seen| seen.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        }
    }
}

/// The same as a row of a list. There may be many thousands, so only what is shown is made.
struct ClusterLine<'i> {
    session: &'i str,
    pair: Pair<'i>,
    verdict: Verdict,
}

impl<'i> ClusterLine<'i> {
    fn new(session: &'i str, pair: Pair<'i>) -> Self {
        Self { session, verdict: pair.verdict(), pair }
    }
}

impl Serialize for ClusterLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ClusterRow::new(self).serialize(serializer)
    }
}

impl Row for ClusterLine<'_> {
    const HEADINGS: &'static [&'static str] = &["ACCOUNT", "REGION", "CLUSTER", "ROLE", "STATUS", "VERSION", "MAPPED"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        let Pair { account_seen, region, cluster, role, .. } = &self.pair;
        let facts = self.pair.facts();
        let word = self.verdict.table_word();
        let mapped = match self.verdict.reason() {
            reason if reason.is_empty() => word.into(),
            reason => [word, ": ", &reason].concat().into(),
        };
        vec![
            account_seen.name.as_str().into(),
            region.as_str().into(),
            cluster.as_str().into(),
            role.as_str().into(),
            facts.map_or("unknown", |facts| &facts.status).into(),
            facts.map_or("-", |facts| &facts.version).into(),
            mapped,
        ]
    }

    fn name(&self) -> String {
        cluster_arn(self.pair.account, self.pair.region, self.pair.cluster)
    }
}

/// Lists them.
pub fn run(call: &Call<'_>, args: &ClustersArgs) -> Result<()> {
    if args.stream && call.output() != Output::Json {
        return Err(Error::usage("--stream is for -o json").hint("eksso clusters -o json --stream"));
    }
    let settings = call.settings()?;
    let session = settings.require(call.world, call.globals.session.as_deref())?;
    let keyring = call.keyring(&settings)?;
    let handle = call.open(session, keyring)?;
    let cache = handle.cache();
    let filter = call.filter(&settings, &args.filter)?;
    let regions = regions(&filter, &settings.config.regions, &handle.session.partitions())?;
    let depth = if args.verify { Depth::Verified } else { Depth::Clusters };
    let index = Use::of(args.refresh, false);
    let mut search = call.search((cache, &handle), &filter, regions, depth, index)?;
    search.keep_described = args.verify;
    let name = handle.session.name.as_str();
    // Whoever watches sees rows as they are found; what is known already comes in order.
    let grows = call.output() == Output::Table && call.world.terminal.stdout_is_terminal() && !search.is_all_fresh();
    let table = grows.then(Growing::default);
    let stream = Stream { call, session: name, table, waiting: RefCell::default(), written: RefCell::default() };
    let watch = |search: &Search<'_>, step: Step<'_>| {
        if args.stream || grows {
            stream.step(search, step)
        }
    };
    let found = block_on(call.find(&search, &watch));
    let index = search.index.borrow();
    let pairs = || index.pairs(&filter).filter(|pair| search.is_here(pair));
    if args.stream || grows {
        stream.rest(&search);
    }
    found?;
    let is_any = pairs().next().is_some();
    if args.stream {
        return call.report(&search, is_any, "cluster");
    }
    if !is_any {
        // An error has no result beside it.
        call.report(&search, false, "cluster")?;
    }
    let checks = RefCell::new(BTreeSet::new());
    let rows = pairs().map(|pair| ClusterLine::new(name, pair)).inspect(|row| {
        checks.borrow_mut().extend(row.verdict.mapping().map(|mapping| mapping.check));
    });
    match grows {
        true => rows.for_each(drop),
        false => show(call.world, call.output(), rows)?,
    }
    if !is_any {
        return Ok(());
    }
    if call.output() == Output::Table {
        explain_doubts(call, checks.take());
    }
    call.report(&search, true, "cluster")
}

/// Says what `yes?` leaves open.
fn explain_doubts(call: &Call<'_>, checks: BTreeSet<Check>) {
    for check in checks {
        let left_open = match check {
            Check::Name => {
                "an access entry names the role; whether it is of an earlier role of that name was not checked"
            }
            Check::Unchecked => "which IAM role stands behind the permission set now was not told",
            Check::Cluster | Check::IamRole => continue,
        };
        call.voice.say(call.world, &format!("`yes?`: {left_open}; --verify asks the cluster."));
    }
}

type Key = (AccountId, Region, ClusterName, RoleName);

/// Rows as JSON lines, or of a table, each as soon as it will not change any more.
struct Stream<'c> {
    call: &'c Call<'c>,
    session: &'c str,
    table: Option<Growing>,
    waiting: RefCell<BTreeSet<Key>>,
    written: RefCell<BTreeSet<Key>>,
}

impl Stream<'_> {
    fn step(&self, search: &Search<'_>, step: Step<'_>) {
        let index = search.index.borrow();
        match step {
            Step::Cluster(account, region, cluster) => {
                for pair in index.pairs_of(search.filter, account, region, cluster) {
                    let key = (account.clone(), region.clone(), cluster.clone(), pair.role.clone());
                    if self.written.borrow().contains(&key) {
                        continue;
                    }
                    match search.is_final(&pair) {
                        true => self.write(&pair, key),
                        false => _ = self.waiting.borrow_mut().insert(key),
                    }
                }
            }
            Step::Role(account, role, cluster) => {
                let of = |(of, region, name, by): &Key| {
                    of == account && by == role && cluster.is_none_or(|(r, n)| r == region && n == name)
                };
                let ready: Vec<Key> = self.waiting.borrow().iter().filter(|key| of(key)).cloned().collect();
                for key in ready {
                    self.write_key(search, key, |pair| search.is_final(pair));
                }
            }
            Step::Account | Step::Roles(_) => {}
        }
    }

    /// What is still waiting when the search ends.
    fn rest(&self, search: &Search<'_>) {
        let waiting: Vec<Key> = self.waiting.borrow().iter().cloned().collect();
        waiting.into_iter().for_each(|key| self.write_key(search, key, |_| true));
    }

    fn write_key(&self, search: &Search<'_>, key: Key, is_ready: impl Fn(&Pair<'_>) -> bool) {
        let index = search.index.borrow();
        let (account, region, cluster, role) = &key;
        let pair = index.pairs_of(search.filter, account, region, cluster).find(|pair| pair.role == role);
        if let Some(pair) = pair.filter(is_ready) {
            self.waiting.borrow_mut().remove(&key);
            self.write(&pair, key.clone());
        }
    }

    fn write(&self, pair: &Pair<'_>, key: Key) {
        // A reader that went away is noticed at the end, by what cannot be written then.
        let row = ClusterLine::new(self.session, *pair);
        _ = match &self.table {
            Some(table) => table.row(self.call.world, &row),
            None => line(self.call.world, &row),
        };
        self.written.borrow_mut().insert(key);
    }
}
