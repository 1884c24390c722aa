//! `eksso whoami`: from the person who signed in to the Kubernetes user, and what that one may do.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_yaml::Value;

use crate::cli::WhoamiArgs;
use crate::commands::shared::call::{Call, block_on};
use crate::domain::access::answers::Rule;
use crate::domain::access::{Evidence, Verdict};
use crate::domain::ids::{ClusterId, Namespace};
use crate::domain::kubeconfig::{List, plugin_of};
use crate::domain::text::escape;
use crate::error::{Error, Kind, Result};
use crate::flows::access::verify::Address;
use crate::flows::access::whoami::{Whoami, refused, whoami};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::ui::table::{Output, Row, show};

const MAX_CA: u64 = 1 << 20;

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
    /// `VERBS RESOURCES`, as RBAC says.
    rules: Vec<String>,
    /// Whether the cluster may allow more than it could list.
    rules_incomplete: bool,
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
    let files = Kubeconfigs::open(world, call.globals.kubeconfig.as_deref())?;
    let name = args.context.clone().or_else(|| files.current()).ok_or_else(|| {
        Error::new(Kind::NotFound, "there is no current context").hint("eksso whoami CONTEXT").hint("eksso use")
    })?;
    let identity = files.require(&name, "whoami")?.identity.ok_or_else(|| {
        Error::usage(format!("the context `{name}` was not written by eksso, so its role is not known"))
            .hint("eksso import --dry-run shows whether it can be taken over")
    })?;
    let body = files.body(List::Contexts, &name).unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let namespace = args.namespace.as_deref().or_else(|| text("namespace")).unwrap_or("default");
    let namespace: Namespace = namespace.parse()?;
    let plugin = text("user").and_then(|user| plugin_of(&files.body(List::Users, user)?));
    let id = plugin.and_then(|plugin| plugin.cluster_id).map(|id| id.parse::<ClusterId>()).transpose()?;
    let signed_for = id.map_or_else(|| identity.cluster.to_string(), |id| id.to_string());
    let address = address(call, &files, text("cluster").unwrap_or_default(), signed_for)?;
    let settings = call.settings()?;
    let session = settings.session(world, &identity.session)?;
    let keyring = call.keyring(&settings)?;
    let handle = call.open(session, keyring)?;
    let cache = handle.cache();
    let found = block_on(whoami(world, cache, &handle, &identity, &address, &namespace))?;
    let Whoami { caller, user, rules, verdict } = found;
    let mapping = if let Verdict::Mapped(mapping) = &verdict { Some(mapping) } else { None };
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
        // The cluster's own answer counts more than any list.
        mapped: match &user {
            Ok(_) => "yes",
            Err(crate::domain::access::answers::Refusal::Unauthorized) => "no",
            Err(_) => verdict.word(),
        },
        mapped_by: mapping.map(|mapping| mapping.by),
        mapped_reason: mapping.is_none().then(|| verdict.reason()),
        access_policies: mapping.iter().flat_map(|mapping| mapping.policies.iter().map(ToString::to_string)).collect(),
        rules: rules.as_ref().map(|rules| rules.rules.iter().map(rule).collect()).unwrap_or_default(),
        rules_incomplete: rules.as_ref().is_ok_and(|rules| rules.incomplete),
    };
    match call.output() {
        Output::Table => world.terminal.data(&words(&row))?,
        form => show(world, form, &[&row])?,
    }
    match &user {
        Ok(_) => Ok(()),
        Err(refusal) => Err(refused(refusal, &verdict, &row.cluster)),
    }
}

/// Where the kubeconfig says that the cluster is.
fn address(call: &Call<'_>, files: &Kubeconfigs, name: &str, signed_for: String) -> Result<Address> {
    let broken = |what: &str| {
        Error::new(Kind::NotFound, format!("the kubeconfig's cluster entry `{name}` has no {what}"))
            .hint("eksso sync writes it anew")
    };
    let body = files.body(List::Clusters, name).ok_or_else(|| broken("content"))?;
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    let ca = match (text("certificate-authority-data"), text("certificate-authority")) {
        (Some(data), _) => STANDARD.decode(data.trim()).map_err(|_| broken("CA that is base64"))?,
        (None, Some(path)) => {
            let folder = files.target().parent().unwrap_or(files.target());
            call.world.files.read(&folder.join(path), MAX_CA)?.ok_or_else(|| broken("CA file that is there"))?
        }
        (None, None) => return Err(broken("CA")),
    };
    Ok(Address { endpoint: text("server").ok_or_else(|| broken("server"))?.to_owned(), ca, signed_for })
}

/// `get,list pods deployments.apps`
fn rule(rule: &Rule) -> String {
    let groups: Vec<&str> = rule.api_groups.iter().map(String::as_str).collect();
    let resource = |name: &String| match groups.as_slice() {
        [] | [""] => name.clone(),
        [group] => format!("{name}.{group}"),
        groups => format!("{name}.({})", groups.join("|")),
    };
    let resources: Vec<String> = rule.resources.iter().map(resource).collect();
    let only =
        if rule.resource_names.is_empty() { String::new() } else { format!(" [{}]", rule.resource_names.join(",")) };
    format!("{} {}{only}", rule.verbs.join(","), resources.join(" "))
}

fn words(row: &WhoamiRow) -> String {
    let mut lines = vec![
        ("signed in as", format!("{} in session `{}`", row.user, row.session)),
        ("role", format!("{} in account {}", row.role, row.account_id)),
        ("IAM", row.arn.clone()),
        ("cluster", format!("{} in {}", row.cluster, row.region)),
    ];
    if let Some(user) = &row.kubernetes_user {
        lines.push(("Kubernetes user", user.clone()));
        lines.push(("groups", row.kubernetes_groups.join(", ")));
    }
    let by = match row.mapped_by {
        Some(Evidence::AccessEntry) => "an access entry",
        Some(Evidence::AwsAuth) => "a line of aws-auth",
        _ => "",
    };
    lines.push((
        "mapped",
        match (&row.mapped_reason, row.mapped) {
            (None, word) => format!("{word}, by {by}"),
            (Some(why), "yes") => format!("yes; as what could not be seen: {why}"),
            (Some(why), word) => format!("{word}: {why}"),
        },
    ));
    if !row.access_policies.is_empty() {
        lines.push(("policies", row.access_policies.join(", ")));
    }
    let mut text: String = lines.iter().map(|(name, value)| format!("{name:16}{}\n", escape(value))).collect();
    if row.kubernetes_user.is_some() {
        text.push_str(&format!("may, in the namespace {}:\n", row.namespace));
        text.extend(row.rules.iter().map(|rule| format!("  {}\n", escape(rule))));
        if row.rules_incomplete {
            text.push_str("  and perhaps more: access policies are not in this list\n");
        }
    }
    text
}
