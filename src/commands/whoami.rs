//! `eksso whoami`: from the person who signed in to the Kubernetes user, and what that one may do.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_yaml::Value;

use crate::cli::WhoamiArgs;
use crate::commands::shared::address::address_of;
use crate::commands::shared::call::{Call, block_on};
use crate::domain::access::answers::{Refusal, Rules};
use crate::domain::access::policies::adds;
use crate::domain::access::{Evidence, Policy, Verdict};
use crate::domain::ids::Namespace;
use crate::domain::kubeconfig::List;
use crate::domain::text::escape;
use crate::error::{Error, Kind, Result};
use crate::flows::access::whoami::{Whoami, refused, whoami};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::ui::lines::{prose, room_for_data, words};
use crate::ui::table::{Output, Row, show};

#[derive(Debug, Serialize)]
struct WhoamiRow {
    context: String,
    session: String,
    /// The person, as the session's name of the role has it.
    user: String,
    account_id: String,
    /// The permission set.
    role: String,
    /// What STS answers.
    arn: String,
    region: String,
    cluster: String,
    namespace: String,
    kubernetes_user: Option<String>,
    kubernetes_groups: Vec<String>,
    mapped: &'static str,
    mapped_by: Option<Evidence>,
    mapped_reason: Option<String>,
    access_policies: Vec<String>,
    /// `VERBS RESOURCE`, or `VERBS URL`, as RBAC says: one for each.
    rules: Vec<String>,
    /// Whether the cluster may allow more than it could list.
    rules_incomplete: bool,
    /// Why it could not, in its words.
    rules_error: Option<String>,
    /// Let in, but no group or policy gives it anything beyond what everybody may.
    grants_nothing: bool,
}

impl Row for WhoamiRow {
    const HEADINGS: &'static [&'static str] = &[];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }

    fn name(&self) -> String {
        self.kubernetes_user.clone().unwrap_or_default()
    }
}

/// Says it.
pub fn run(call: &Call<'_>, args: &WhoamiArgs) -> Result<()> {
    let world = call.world;
    let files = Kubeconfigs::open_for(world, call.globals.kubeconfig.as_deref(), args.context.as_deref())?;
    let name = args.context.clone().or_else(|| files.current()).ok_or_else(|| {
        Error::new(Kind::NotFound, "there is no current context").hint("eksso whoami CONTEXT").hint("eksso use")
    })?;
    call.hold_context_to_session(&files, &name)?;
    let identity = files.require(&name, "whoami")?.identity.ok_or_else(|| {
        Error::usage(format!("the context `{name}` was not written by eksso, so its role is not known"))
            .hint("eksso import --dry-run  # shows whether it can be taken over")
    })?;
    let body = files.body(List::Contexts, &name)?.unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let namespace = args.namespace.as_deref().or_else(|| text("namespace")).unwrap_or("default");
    let namespace: Namespace = namespace.parse()?;
    let address = address_of(call.world, &files, &name, &identity)?;
    let settings = call.settings()?;
    let session = settings.session(world, &identity.session)?;
    let keyring = call.keyring(&settings)?;
    let handle = call.open(session, keyring)?;
    let cache = handle.cache();
    let found = block_on(whoami(world, cache, &handle, &identity, &address, &namespace))?;
    let Whoami { caller, user, rules, verdict, listed, sees_policies } = found;
    let mapping = listed.mapping();
    let rules = rules.map(|found| Shown::new(&found));
    let policies = mapping.map(|mapping| mapping.policies.clone()).unwrap_or_default();
    let row = WhoamiRow {
        context: name,
        session: identity.session.to_string(),
        user: caller.session,
        account_id: identity.account.to_string(),
        role: identity.role.to_string(),
        arn: caller.arn,
        region: identity.region.to_string(),
        cluster: identity.cluster.to_string(),
        namespace: namespace.to_string(),
        kubernetes_user: user.as_ref().ok().map(|user| user.username.clone()),
        kubernetes_groups: user.as_ref().map(|user| user.groups.clone()).unwrap_or_default(),
        mapped: verdict.word(),
        mapped_by: mapping.map(|mapping| mapping.by),
        mapped_reason: match (&verdict, mapping) {
            (Verdict::Mapped(_), Some(_)) => None,
            (Verdict::Mapped(_), None) => Some(listed.reason()),
            _ => Some(verdict.reason()),
        },
        access_policies: policies.iter().map(ToString::to_string).collect(),
        rules: rules.as_ref().map(|shown| shown.rows.iter().map(RuleRow::line).collect()).unwrap_or_default(),
        rules_incomplete: rules.as_ref().is_ok_and(|shown| shown.incomplete),
        rules_error: rules.as_ref().ok().and_then(|shown| shown.error.clone()),
        grants_nothing: sees_policies && policies.is_empty() && rules.as_ref().is_ok_and(Shown::is_for_everybody),
    };
    match call.output() {
        Output::Table => {
            let may = Rights { rules: &rules, policies: &policies, sees_policies };
            world.terminal.data(&sheet(&row, &verdict, &may, room_for_data(world)))?;
        }
        form => show(world, form, [&row])?,
    }
    match user.as_ref().err().and_then(|refusal| refused(refusal, &verdict, &row.cluster)) {
        None => Ok(()),
        Some(error) => Err(error),
    }
}

/// What a token may do with one resource or URL: a row of `kubectl auth can-i --list`.
struct RuleRow {
    /// `pods`, `deployments.apps/scale`; empty for a URL.
    resource: String,
    url: String,
    /// The one name that it is limited to.
    name: Option<String>,
    verbs: Vec<String>,
}

impl RuleRow {
    /// `get,list pods [web]`
    fn line(&self) -> String {
        let what = if self.resource.is_empty() { &self.url } else { &self.resource };
        let only = self.name.as_ref().map(|name| format!(" [{name}]")).unwrap_or_default();
        format!("{} {what}{only}", self.verbs.join(","))
    }

    fn cells(&self) -> [String; 4] {
        let name = self.name.as_deref().unwrap_or_default();
        [self.resource.clone(), format!("[{}]", self.url), format!("[{name}]"), format!("[{}]", self.verbs.join(" "))]
    }
}

/// The rules, a row for each resource and URL.
struct Shown {
    rows: Vec<RuleRow>,
    incomplete: bool,
    error: Option<String>,
}

impl Shown {
    /// Rows in kubectl's order and spelling: one for each resource and name, with all its verbs.
    /// Source: kubectl `pkg/cmd/auth/cani.go`, printStatus.
    fn new(found: &Rules) -> Self {
        let mut rows: BTreeMap<(String, String, Option<String>), Vec<String>> = BTreeMap::new();
        for rule in &found.rules {
            let groups: Vec<&str> = rule.api_groups.iter().map(String::as_str).collect();
            let groups = if groups.is_empty() { vec![""] } else { groups };
            let resources = rule.resources.iter().flat_map(|name| groups.iter().map(|group| resource(name, group)));
            let names: Vec<Option<String>> = match rule.resource_names.as_slice() {
                [] => vec![None],
                names => names.iter().cloned().map(Some).collect(),
            };
            let resources =
                resources.flat_map(|what| names.iter().map(move |name| (what.clone(), String::new(), name)));
            let urls = rule.urls.iter().map(|url| (String::new(), url.clone(), &None));
            for (what, url, name) in resources.chain(urls) {
                let verbs = rows.entry((what, url, name.clone())).or_default();
                let new: Vec<String> = rule.verbs.iter().filter(|verb| !verbs.contains(verb)).cloned().collect();
                verbs.extend(new);
            }
        }
        let row = |((resource, url, name), verbs)| RuleRow { resource, url, name, verbs };
        let mut rows: Vec<RuleRow> = rows.into_iter().map(row).collect();
        rows.sort_by_key(|row| row.resource.is_empty());
        // These say only that they are no RBAC: what access policies add is told apart.
        let known = "does not support user rule resolution";
        let error = found.error.clone().filter(|error| !error.split(", ").all(|part| part.contains(known)));
        Self { rows, incomplete: found.incomplete, error }
    }

    /// Whether this is what every authenticated user may by default: ask about oneself, and read some URLs.
    fn is_for_everybody(&self) -> bool {
        let about_oneself = |row: &RuleRow| row.resource.is_empty() || row.resource.starts_with("selfsubject");
        self.error.is_none() && self.rows.iter().all(about_oneself)
    }
}

/// `deployments.apps/scale`: the group stands before the subresource.
fn resource(name: &str, group: &str) -> String {
    match (group, name.split_once('/')) {
        ("", _) => name.to_owned(),
        (group, None) => format!("{name}.{group}"),
        (group, Some((name, sub))) => format!("{name}.{group}/{sub}"),
    }
}

/// What a role may do.
struct Rights<'r> {
    rules: &'r std::result::Result<Shown, Refusal>,
    policies: &'r [Policy],
    sees_policies: bool,
}

impl Rights<'_> {
    fn text(&self, namespace: &str, room: Option<usize>) -> String {
        let shown = match self.rules {
            Ok(shown) => shown,
            Err(refusal) => {
                let why = if let Refusal::Forbidden(why) = refusal { why.as_str() } else { "the cluster does not say" };
                return words("", &format!("what it may do cannot be listed: {why}"), room);
            }
        };
        let mut text = format!("may, in the namespace {namespace}:\n");
        let heading = ["Resources", "Non-Resource URLs", "Resource Names", "Verbs"].map(str::to_owned);
        let rows: Vec<[String; 4]> = std::iter::once(heading).chain(shown.rows.iter().map(RuleRow::cells)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
        if room.is_some_and(|room| 2 + (0..4).map(width).sum::<usize>() + 3 * 3 >= room) {
            // Columns that do not fit beside each other line nothing up.
            shown.rows.iter().for_each(|row| text.push_str(&words("  ", &row.line(), room)));
        } else {
            let [a, b, c] = [width(0), width(1), width(2)];
            for [first, second, third, last] in &rows {
                let line = format!("  {first:a$}   {second:b$}   {third:c$}   {last}");
                text.push_str(&format!("{}\n", escape(line.trim_end())));
            }
        }
        for policy in self.policies {
            let place = match policy.namespaces.as_slice() {
                [] => "in the whole cluster".to_owned(),
                names if policy.is_in(namespace) => format!("in {}", names.join(", ")),
                names => format!("in {}, not here", names.join(", ")),
            };
            let what = adds(&policy.name).unwrap_or("rights that eksso does not know; see the EKS user guide");
            text.push_str(&words("  ", &format!("{} adds, {place}: {what}", policy.name), room));
        }
        let here = self.policies.iter().any(|policy| policy.is_in(namespace));
        let nothing = shown.is_for_everybody() && !here;
        match (self.sees_policies, nothing) {
            (true, true) if self.policies.is_empty() => {
                text.push_str(&words("", "authenticated, but no group or policy gives it anything", room));
            }
            (true, true) => {
                let line =
                    format!("authenticated, but no group or policy gives it anything in the namespace {namespace}");
                text.push_str(&words("", &line, room));
            }
            (true, false) => {}
            (false, _) => text.push_str(&words(
                "",
                "what access policies add could not be seen: this role may not read its access entry; `kubectl auth can-i \
                 VERB RESOURCE` asks for one thing",
                room,
            )),
        }
        if let Some(error) = &shown.error {
            text.push_str(&words("", &format!("the cluster could not list all: {error}"), room));
        }
        text
    }
}

fn sheet(row: &WhoamiRow, verdict: &Verdict, rights: &Rights<'_>, room: Option<usize>) -> String {
    let mut lines = vec![
        ("signed in as", format!("{} in session `{}`", row.user, row.session)),
        ("role", format!("{} in account {}", row.role, row.account_id)),
        ("IAM", row.arn.clone()),
        ("cluster", format!("{} in {}", row.cluster, row.region)),
    ];
    let is_in = matches!(verdict, Verdict::Mapped(mapping) if mapping.by == Evidence::Review);
    if let Some(user) = &row.kubernetes_user {
        lines.push(("Kubernetes user", user.clone()));
        lines.push(("groups", row.kubernetes_groups.join(", ")));
    } else if is_in {
        lines.push(("Kubernetes user", "not known: the cluster lets it in, but does not say as whom".to_owned()));
    }
    let by = row.mapped_by.map_or("", Evidence::words);
    lines.push((
        "mapped",
        match (&row.mapped_reason, verdict) {
            (None, _) => format!("{}, by {by}", verdict.table_word()),
            (Some(why), Verdict::Mapped(_)) => format!("yes, by no list that could be seen: {why}"),
            (Some(why), _) => format!("{}: {why}", row.mapped),
        },
    ));
    if !row.access_policies.is_empty() {
        lines.push(("policies", row.access_policies.join(", ")));
    }
    let mut text = String::new();
    lines.iter().for_each(|(name, value)| prose(&mut text, &format!("{name:16}"), value, room));
    if is_in {
        text.push_str(&rights.text(&row.namespace, room));
    }
    text
}
