//! `eksso clusters`: the clusters of each account, and which of one's roles they let in.

use std::borrow::Cow;
use std::cell::{Ref, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};
use unicode_width::UnicodeWidthStr;

use crate::cli::ClustersArgs;
use crate::commands::shared::call::Call;
use crate::commands::shared::search::Use;
use crate::domain::access::{Check, Evidence, Mapping, Verdict};
use crate::domain::discovery::index::Index;
use crate::domain::discovery::pair::Pair;
use crate::domain::identity::{RoleKey, cluster_arn};
use crate::domain::ids::{AccountId, ClusterName, Region, SessionName};
use crate::domain::settings::policy::{NEVER_USED, Policy, Refused};
use crate::error::{Error, Result};
use crate::flows::discovery::progress::Step;
use crate::flows::discovery::regions::regions;
use crate::flows::discovery::search::{Depth, Search};
use crate::ui::fitting::GivingWay;
use crate::ui::growing::Growing;
use crate::ui::table::{Output, Row, line};

/// Whether a role is let in is what the table is read for.
const GIVING_WAY: GivingWay = GivingWay { first: &["VERSION", "STATUS", "REGION"], last: "MAPPED" };

/// A cluster and a role. The fields are stable; empty where AWS does not let us see.
#[derive(Debug, Serialize)]
struct ClusterRow {
    session: String,
    account_id: String,
    account_name: String,
    role: String,
    /// The ARN of a role that is assumed, and what it is assumed from; `null` for an assigned one.
    assumed_role: Option<String>,
    assumed_from: Option<String>,
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
    /// The rule of this machine's policy that forbids to use the role, and where it is written.
    forbidden_by: Option<String>,
    /// When the cluster was looked at.
    seen_at: Option<String>,
    /// The cluster's tags; `null` where no role may describe it.
    tags: Option<BTreeMap<String, String>>,
}

impl ClusterRow {
    fn new(line: &ClusterLine<'_>) -> Self {
        let ClusterLine { session, pair, verdict, .. } = line;
        let (facts, mapping) = (pair.facts(), verdict.mapping());
        let (word, reason) = (verdict.word(), verdict.reason());
        Self {
            session: (*session).to_owned(),
            account_id: pair.account.to_string(),
            account_name: pair.account_seen.name.clone(),
            role: pair.role.to_string(),
            assumed_role: pair.chained.map(|by| by.arn.to_string()),
            assumed_from: pair.chained.map(|by| format!("{}/{}", by.from_account, by.from_role)),
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
            tags: pair.seen.tags().cloned(),
            forbidden_by: line.forbidden().map(|refused| refused.rule),
            seen_at: pair.seen.admission.as_ref().map(|seen| seen.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        }
    }
}

/// The same as a row of a list. There may be many thousands, so only what is shown is made.
struct ClusterLine<'i> {
    view: &'i View<'i>,
    session: &'i str,
    pair: Pair<'i>,
    verdict: Verdict,
}

impl<'i> ClusterLine<'i> {
    fn new(view: &'i View<'_>, session: &'i str, pair: Pair<'i>) -> Self {
        Self { view, session, verdict: pair.verdict(), pair }
    }

    /// What the policy of this machine says against the use of the role.
    fn forbidden(&self) -> Option<Refused> {
        self.view.policy.roles(self.pair.role, self.pair.chained.map(|by| &by.arn)).err()
    }
}

/// Which columns the table has beside the usual ones.
struct View<'w> {
    policy: &'w Policy,
    session: bool,
    /// Tags that have a column of their own, and its heading: the key's last part, as kubectl does with labels.
    columns: Vec<(String, String)>,
    all_tags: bool,
}

impl<'w> View<'w> {
    fn new(policy: &'w Policy, args: &ClustersArgs) -> Self {
        let heading = |key: &String| key.rsplit(['/', ':']).next().unwrap_or(key).to_uppercase();
        Self {
            policy,
            session: args.filter.roles.all_sessions,
            columns: args.tag_columns.iter().map(|key| (key.clone(), heading(key))).collect(),
            all_tags: args.show_tags,
        }
    }

    fn headings(&self) -> Vec<&str> {
        let columns = self.columns.iter().map(|(_, heading)| heading.as_str());
        let first = self.session.then_some("SESSION").into_iter().chain(ClusterLine::HEADINGS.iter().copied());
        first.chain(columns).chain(self.all_tags.then_some("TAGS")).collect()
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
        let Pair { account_seen, region, cluster, .. } = &self.pair;
        let facts = self.pair.facts();
        let word = self.verdict.table_word();
        let mapped: Cow<'_, str> = match self.verdict.reason() {
            reason if reason.is_empty() => word.into(),
            reason => [word, ": ", &reason].concat().into(),
        };
        let mapped = match self.forbidden() {
            Some(_) => [word, ", but ", NEVER_USED, mapped.strip_prefix(word).unwrap_or_default()].concat().into(),
            None => mapped,
        };
        let mut cells = Vec::with_capacity(8);
        cells.extend(self.view.session.then_some(Cow::from(self.session)));
        cells.extend([
            account_seen.name.as_str().into(),
            region.as_str().into(),
            cluster.as_str().into(),
            self.pair.role_words(),
            facts.map_or("unknown", |facts| &facts.status).into(),
            facts.map_or("-", |facts| &facts.version).into(),
            mapped,
        ]);
        let tags = self.pair.seen.tags();
        let value = |key: &str| tags.map_or("unknown", |tags| tags.get(key).map_or("", String::as_str)).into();
        cells.extend(self.view.columns.iter().map(|(key, _)| value(key)));
        let pairs = |tags: &BTreeMap<String, String>| {
            let pairs: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
            if pairs.is_empty() { "<none>".to_owned() } else { pairs.join(",") }
        };
        cells.extend(self.view.all_tags.then(|| tags.map_or("unknown".into(), |tags| pairs(tags).into())));
        cells
    }

    fn name(&self) -> String {
        cluster_arn(self.pair.account, self.pair.region, self.pair.cluster)
    }
}

/// Runs `eksso clusters`: lists the clusters and roles that are found.
pub fn run(call: &Call<'_>, args: &ClustersArgs) -> Result<()> {
    if args.stream && call.output() != Output::Json {
        return Err(Error::usage("--stream is for -o json").hint("eksso clusters -o json --stream"));
    }
    let settings = call.settings()?;
    let (handles, errors) = call.sessions(&settings, args.filter.roles.all_sessions)?;
    let filter = call.filter(&settings, &args.filter)?;
    let depth = if args.verify { Depth::Verified } else { Depth::Clusters };
    let index = Use::of(args.refresh, false);
    let searches = call.searches(&handles, &errors, |handle| {
        let regions = regions(&filter, &settings.config.regions, &handle.session.partitions())?;
        let mut search = call.search((handle.cache(), handle), &filter, regions, depth, index)?;
        search.keep_described = args.verify;
        Ok(search)
    })?;
    let view = View::new(call.world.policy()?, args);
    // Whoever watches sees rows as they are found; what is known already comes in order.
    let is_watched = call.output() == Output::Table && call.world.terminal.stdout_is_terminal();
    let grows = is_watched && !searches.iter().all(Search::is_all_fresh);
    let headings = view.headings();
    let table = grows.then(|| Growing::new(&headings, GIVING_WAY));
    let stream = Stream { call, view: &view, table, waiting: RefCell::default(), written: RefCell::default() };
    let watch = |search: &Search<'_>, step: Step<'_>| {
        if args.stream || grows {
            stream.step(search, step)
        }
    };
    let found = call.find(&searches, &watch)?;
    if args.stream || grows {
        searches.iter().for_each(|search| stream.rest(search));
        stream.table.iter().try_for_each(|table| table.end(call.world))?;
    }
    let searches = call.ended(searches, found, &errors)?;
    let indexes: Vec<Ref<'_, Index>> = searches.iter().map(|search| search.index.borrow()).collect();
    let lines = || {
        searches.iter().zip(&indexes).flat_map(|(search, index)| {
            let pairs = index.pairs(&filter).filter(|pair| search.is_here(pair));
            pairs.map(|pair| ClusterLine::new(&view, search.handle.session.name.as_str(), pair))
        })
    };
    let is_any = lines().next().is_some();
    if args.stream {
        call.report_all(&searches, &errors, is_any, "cluster")?;
        return errors.finish(is_any);
    }
    if !is_any {
        // An error has no result beside it.
        call.report_all(&searches, &errors, false, "cluster")?;
        errors.finish(false)?;
    }
    let checks = RefCell::new(BTreeSet::new());
    let rows = lines().inspect(|row| {
        checks.borrow_mut().extend(row.verdict.mapping().map(|mapping| mapping.check));
    });
    match grows {
        true => rows.for_each(drop),
        false => call.list((&headings, GIVING_WAY), rows)?,
    }
    let was_cut = stream.table.as_ref().and_then(Growing::cut);
    was_cut.iter().for_each(|line| call.voice.say(call.world, line));
    if !is_any {
        return Ok(());
    }
    if call.output() == Output::Table {
        explain_doubts(call, checks.take());
    }
    call.report_all(&searches, &errors, true, "cluster")?;
    // The program ends here: taking the indexes of a large organisation apart takes a twentieth of a listing.
    drop(indexes);
    searches.iter().for_each(|search| std::mem::forget(search.index.take()));
    errors.finish(true)
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

/// How wide rows will be that are still looked for: accounts, roles and regions are known before clusters are.
fn coming(search: &Search<'_>) -> Vec<(&'static str, usize)> {
    let index = search.index.borrow();
    let seen = index.roles(search.filter);
    let (accounts, roles) = seen.fold((0, 0), |(accounts, roles), (_, seen, role)| {
        (seen.name.width().max(accounts), role.as_str().width().max(roles))
    });
    let regions = search.regions.list.iter().map(|region| region.as_str().len()).max().unwrap_or_default();
    vec![("ACCOUNT", accounts), ("ROLE", roles), ("REGION", regions)]
}

/// A session's cluster and role.
type Key = (SessionName, (AccountId, Region, ClusterName, RoleKey));

/// Rows as JSON lines, or of a table, each as soon as it will not change any more.
struct Stream<'c> {
    call: &'c Call<'c>,
    view: &'c View<'c>,
    table: Option<Growing<'c>>,
    waiting: RefCell<BTreeSet<Key>>,
    written: RefCell<BTreeSet<Key>>,
}

impl Stream<'_> {
    fn step(&self, search: &Search<'_>, step: Step<'_>) {
        let (index, session) = (search.index.borrow(), &search.handle.session.name);
        match step {
            Step::Cluster(account, region, cluster) => {
                for pair in index.pairs_of(search.filter, account, region, cluster) {
                    let of = (account.clone(), region.clone(), cluster.clone(), pair.role_key());
                    let key = (session.clone(), of);
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
                let of = |(as_whom, (of, region, name, by)): &Key| {
                    as_whom == session
                        && of == account
                        && by.name() == role.as_str()
                        && cluster.is_none_or(|(r, n)| r == region && n == name)
                };
                let ready: Vec<Key> = self.waiting.borrow().iter().filter(|key| of(key)).cloned().collect();
                for key in ready {
                    self.write_key(search, key, |pair| search.is_final(pair));
                }
            }
            Step::Account | Step::Roles(_) => {}
        }
        // A reader that went away is noticed at the end, by what cannot be written then.
        _ = self.table.iter().try_for_each(|table| table.tick(self.call.world, || coming(search)));
    }

    /// What is still waiting when the search ends.
    fn rest(&self, search: &Search<'_>) {
        let own = |(session, _): &&Key| *session == search.handle.session.name;
        let waiting: Vec<Key> = self.waiting.borrow().iter().filter(own).cloned().collect();
        waiting.into_iter().for_each(|key| self.write_key(search, key, |_| true));
    }

    fn write_key(&self, search: &Search<'_>, key: Key, is_ready: impl Fn(&Pair<'_>) -> bool) {
        let index = search.index.borrow();
        let (_, (account, region, cluster, role)) = &key;
        let pair = index.pairs_of(search.filter, account, region, cluster).find(|pair| pair.role_key() == *role);
        if let Some(pair) = pair.filter(is_ready) {
            self.waiting.borrow_mut().remove(&key);
            self.write(&pair, key.clone());
        }
    }

    fn write(&self, pair: &Pair<'_>, key: Key) {
        // A reader that went away is noticed at the end, by what cannot be written then.
        let row = ClusterLine::new(self.view, key.0.as_str(), *pair);
        _ = match &self.table {
            Some(table) => table.row(self.call.world, &row),
            None => line(self.call.world, &row),
        };
        self.written.borrow_mut().insert(key);
    }
}
