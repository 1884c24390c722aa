//! `access.toml`: the reviewed file that says which clusters there are, which tier of people has which role in them, and which
//! findings are agreed to. `audit` takes tiers and suppressions from it, `scaffold` makes code from it. Unknown keys are errors
//! that name line and key. Source: product.md, "What it writes".

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use crate::domain::access::AuthMode;
use crate::domain::access::facts::Cluster;
use crate::domain::filter::Glob;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::settings::reading::{parsed, parsed_list, parsed_option};
use crate::domain::text;

/// The short names of the access policies that people may be given: what stands between `AmazonEKS` and `Policy`.
/// Source: access.md 2.4.
const POLICIES: [&str; 6] = ["ClusterAdmin", "Admin", "Edit", "View", "AdminView", "SecretReader"];
/// What starts so is Kubernetes' or EKS's own: CreateAccessEntry refuses `system:`. Source: access.md 2.3, 2.8.
const RESERVED_GROUPS: [&str; 2] = ["system:", "eks:"];
/// An hour to twelve: what permission sets and IAM roles take. Source: access.md 1.2, 4.2.
const SESSIONS: std::ops::RangeInclusive<u64> = 3600..=12 * 3600;

/// The whole file, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessFile {
    /// What its file is called, where that is known.
    pub name: String,
    /// The clusters, by their name in this file.
    pub clusters: BTreeMap<String, PlannedCluster>,
    /// The tiers, by name.
    pub tiers: BTreeMap<String, Tier>,
    /// What groups of tiers are bound to besides.
    pub bindings: Vec<GroupBinding>,
    /// What is agreed to.
    pub suppressions: Vec<Suppression>,
    /// Where and how `scaffold` makes roles.
    pub making: Making,
    /// Who is exempt from the organization's guard; without it there is none.
    pub guard: Option<OrganizationGuard>,
}

/// `[scaffold]`: where and how roles are made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Making {
    /// The SAML provider of Okta in each account; absent where people come by Identity Center.
    pub saml_provider: Option<String>,
    /// How Okta's groups are named, with `{alias}`, `{role}` and `{account}`.
    pub okta_group: Option<String>,
    /// The application of the account access manager by which people come, in place of permission sets.
    pub access_manager: Option<String>,
    /// The account that administers Identity Center.
    pub account: Option<AccountId>,
    /// Identity Center's region.
    pub region: Option<Region>,
    /// The path of roles that are made; with a slash at both ends.
    pub role_path: Option<String>,
    /// The line of its heading, from 1.
    pub line: usize,
}

/// `[guard]`: who may still do what the guard denies to all others. Beside them the tiers access-admin and break-glass may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationGuard {
    /// Roles that apply access entries: `role/PATH/NAME`.
    pub access_pipeline: Vec<String>,
    /// Roles that make clusters.
    pub cluster_pipeline: Vec<String>,
    /// The line of its heading, from 1.
    pub line: usize,
}

/// Which tokens of an OIDC provider a role trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Oidc {
    /// Its host and path, as in its ARN.
    pub provider: String,
    /// The subjects, with `*` and `?`.
    pub subjects: Vec<String>,
}

/// A cluster that the file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCluster {
    /// Its account.
    pub account: AccountId,
    /// Its region.
    pub region: Region,
    /// Its name in EKS.
    pub name: ClusterName,
    /// Where it looks for who may come in.
    pub mode: AuthMode,
    /// The line of its heading, from 1.
    pub line: usize,
}

/// A kind of people with what they are to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tier {
    /// What the tier counts as for the rules.
    pub level: Level,
    /// Permission sets, or IAM roles.
    pub roles: Vec<RoleName>,
    /// Groups of Identity Center's directory or of Okta.
    pub people: Vec<String>,
    /// How long a session may be.
    pub session: Option<Duration>,
    /// The clusters, by their names in this file.
    pub clusters: Vec<String>,
    /// An access policy's short name.
    pub access: Option<String>,
    /// Kubernetes groups.
    pub groups: Vec<String>,
    /// The ClusterRole that those groups are bound to.
    pub rbac: Option<String>,
    /// Where it holds; empty for the whole cluster.
    pub namespaces: Vec<String>,
    /// The set of IAM statements.
    pub iam: Option<String>,
    /// A file with IAM statements of one's own.
    pub iam_file: Option<String>,
    /// Who takes the roles where no person does: a runner with a token.
    pub oidc: Option<Oidc>,
    /// Whether the roles are there already and are not made: they get policies and access entries only.
    pub made_elsewhere: bool,
    /// The line of its heading, from 1.
    pub line: usize,
}

/// `[[bindings]]`: what groups of tiers are bound to besides the `rbac` of those, which is one ClusterRole in the namespaces of its tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupBinding {
    /// Kubernetes groups, each of some tier.
    pub groups: Vec<String>,
    /// The role that they are bound to.
    pub role: BoundRole,
    /// The clusters, by their names in this file.
    pub clusters: Vec<String>,
    /// Where it holds; empty for the whole cluster.
    pub namespaces: Vec<String>,
    /// The line of its heading, from 1.
    pub line: usize,
}

/// A role of Kubernetes that is bound.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum BoundRole {
    /// One of the cluster's.
    Cluster(String),
    /// One of each namespace that it is bound in.
    Namespaced(String),
}

impl BoundRole {
    /// Its kind, as Kubernetes writes it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Cluster(_) => "ClusterRole",
            Self::Namespaced(_) => "Role",
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        let (Self::Cluster(name) | Self::Namespaced(name)) = self;
        name
    }
}

/// What people of a tier are meant to be able to do: the rules judge by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Looks.
    Viewer,
    /// Works in namespaces.
    Developer,
    /// A pipeline.
    Ci,
    /// Administers namespaces.
    NamespaceAdmin,
    /// Administers clusters.
    ClusterAdmin,
    /// Hands out access.
    AccessAdmin,
    /// For emergencies.
    BreakGlass,
}

impl Level {
    const NAMES: [(&'static str, Self); 7] = [
        ("viewer", Self::Viewer),
        ("developer", Self::Developer),
        ("ci", Self::Ci),
        ("namespace-admin", Self::NamespaceAdmin),
        ("cluster-admin", Self::ClusterAdmin),
        ("access-admin", Self::AccessAdmin),
        ("break-glass", Self::BreakGlass),
    ];

    /// Its name in the file.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, level)| *level == self).map_or("viewer", |(name, _)| name)
    }

    /// What a tier of that name is for; `None` for a name of somebody's own.
    pub fn named(name: &str) -> Option<Self> {
        let known = Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, level)| *level);
        known.or_else(|| ["auditor", "viewer-console"].contains(&name).then_some(Self::Viewer))
    }

    /// What a tier with a name of its own is for by its statement set, where that says so: what it may do in clusters is what is
    /// judged. Sets that exempt from rules, and pipelines, are by their names alone.
    fn of_set(set: &str) -> Option<Self> {
        let exempt = |level: &Self| matches!(level, Self::Ci | Self::AccessAdmin | Self::BreakGlass);
        Self::named(set).filter(|level| !exempt(level))
    }
}

/// A finding that is agreed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The rule's id.
    pub rule: String,
    /// A glob over what the finding names: an ARN, what stands in it behind the account, or the name of an object.
    pub resource: String,
    /// Why it is agreed to.
    pub reason: String,
    /// The last day on which it holds (UTC).
    pub expires: Date,
    /// Its line, from 1.
    pub line: usize,
}

impl Suppression {
    /// Whether it still holds on a day.
    pub fn holds(&self, today: Date) -> bool {
        today <= self.expires
    }

    /// Whether it is of what a finding of its rule names.
    pub fn covers(&self, resource: &str) -> bool {
        let glob = Glob::new(&self.resource);
        // `arn:P:SERVICE:REGION:ACCOUNT:` stands before what people call it.
        let short = resource.starts_with("arn:").then(|| resource.splitn(6, ':').nth(5)).flatten();
        glob.matches(resource) || short.is_some_and(|short| glob.matches(short))
    }
}

/// What is wrong with the file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// From 1; absent where the parser could not tell.
    pub line: Option<usize>,
    /// The reason, naming the key.
    pub message: String,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl AccessFile {
    /// Reads the file's text. Whether the rules of its suppressions exist is for `audit::read` to say.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let line = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
        let file: FileTable = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| line(span.start));
            let key = line.and_then(|line| text.lines().nth(line - 1)).and_then(key_of);
            FileError { line, message: in_words(key, error.message()) }
        })?;
        let mut found = Self::default();
        for (name, table) in file.clusters {
            let line = line(table.span().start);
            let table = table.into_inner();
            let wrong = |message: String| FileError { line: Some(line), message };
            let eks_name = match table.cluster {
                Some(cluster) => cluster,
                None => {
                    name.parse().map_err(|error| wrong(format!("[clusters.{name}]: {error}; say `cluster = \"…\"`")))?
                }
            };
            let PlannedTable { account, region, mode, .. } = table;
            found.clusters.insert(name, PlannedCluster { account, region, name: eks_name, mode, line });
        }
        for (name, table) in file.tiers {
            let line = line(table.span().start);
            let tier = table.into_inner().checked(&name, line, &found.clusters);
            found.tiers.insert(name, tier.map_err(|message| FileError { line: Some(line), message })?);
        }
        for table in file.bindings {
            let line = line(table.span().start);
            let binding = table.into_inner().checked(line, &found.clusters);
            let wrong = |message| FileError { line: Some(line), message: format!("[[bindings]]: {message}") };
            found.bindings.push(binding.map_err(wrong)?);
        }
        for table in file.suppress {
            let line = line(table.span().start);
            let SuppressTable { rule, resource, reason, expires } = table.into_inner();
            if reason.trim().is_empty() {
                let message = format!("the suppression of `{rule}` says no reason: `reason` is empty");
                return Err(FileError { line: Some(line), message });
            }
            found.suppressions.push(Suppression { rule, resource, reason, expires, line });
        }
        if let Some(table) = file.scaffold {
            let line = line(table.span().start);
            let ScaffoldTable { saml_provider, okta_group, access_manager, account, region, role_path } =
                table.into_inner();
            found.making = Making { saml_provider, okta_group, access_manager, account, region, role_path, line };
        }
        if let Some(table) = file.guard {
            let line = line(table.span().start);
            let GuardTable { access_pipeline, cluster_pipeline } = table.into_inner();
            found.guard = Some(OrganizationGuard { access_pipeline, cluster_pipeline, line });
        }
        Ok(found)
    }

    /// What the file is called: findings say which one they go by.
    pub fn called(&self) -> &str {
        if self.name.is_empty() { "access.toml" } else { &self.name }
    }

    /// The tiers that name a role, by its permission set's name or its own, for whatever clusters.
    pub fn tiers_of(&self, role: &str) -> impl Iterator<Item = (&str, &Tier)> {
        let has = move |tier: &Tier| tier.roles.iter().any(|known| known.as_str() == role);
        self.tiers.iter().filter(move |(_, tier)| has(tier)).map(|(name, tier)| (name.as_str(), tier))
    }

    /// The tier that a role is in for a cluster. A tier that names no clusters is for all of them; of several that name the cluster the
    /// least counts, as an audit must not take the greater for granted.
    pub fn tier_of(&self, role: &str, cluster: &Cluster) -> Option<(&str, &Tier)> {
        let Cluster { account, region, name, .. } = cluster;
        let planned = self.cluster(account, region, name).map(|(name, _)| name);
        let is_for =
            |tier: &Tier| tier.clusters.is_empty() || tier.clusters.iter().any(|own| Some(own.as_str()) == planned);
        self.tiers_of(role).filter(|(_, tier)| is_for(tier)).min_by_key(|(_, tier)| tier.level)
    }

    /// The cluster of the file with that account, region and name.
    pub fn cluster(&self, account: &AccountId, region: &Region, name: &ClusterName) -> Option<(&str, &PlannedCluster)> {
        let is =
            |cluster: &PlannedCluster| (&cluster.account, &cluster.region, &cluster.name) == (account, region, name);
        self.clusters.iter().find(|(_, cluster)| is(cluster)).map(|(name, cluster)| (name.as_str(), cluster))
    }

    /// The clusters of the file that are called like this one and are another: in another account or region.
    pub fn namesakes(&self, cluster: &Cluster) -> Vec<&PlannedCluster> {
        match self.cluster(&cluster.account, &cluster.region, &cluster.name) {
            Some(_) => Vec::new(),
            None => self.clusters.values().filter(|planned| planned.name == cluster.name).collect(),
        }
    }

    /// What people may take the file to say of the clusters that were read, and it does not: it names others.
    pub fn others(&self, read: &[Cluster], path: &str) -> Vec<String> {
        let line = |cluster: &Cluster, planned: &PlannedCluster| {
            let Cluster { account, region, name, .. } = cluster;
            format!(
                "`{name}` of {path}, line {}, is the one in account {}, {}; that in account {account}, {region} is another \
                 cluster, of which the file says nothing",
                planned.line, planned.account, planned.region
            )
        };
        let namesakes = |cluster| self.namesakes(cluster).into_iter().map(move |planned| line(cluster, planned));
        let mut lines: Vec<String> = read.iter().flat_map(namesakes).collect();
        let is_known = |cluster: &Cluster| self.cluster(&cluster.account, &cluster.region, &cluster.name).is_some();
        if !self.clusters.is_empty() && !read.is_empty() && !read.iter().any(is_known) {
            lines.push(format!("none of the clusters of {path} was read: its tiers say nothing of those that were"));
        }
        lines
    }

    /// Whether some tier is of a level.
    pub fn names(&self, level: Level) -> bool {
        self.tiers.values().any(|tier| tier.level == level)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTable {
    #[serde(default)]
    clusters: BTreeMap<String, Spanned<PlannedTable>>,
    #[serde(default)]
    tiers: BTreeMap<String, Spanned<TierTable>>,
    #[serde(default)]
    bindings: Vec<Spanned<BindingTable>>,
    #[serde(default)]
    suppress: Vec<Spanned<SuppressTable>>,
    scaffold: Option<Spanned<ScaffoldTable>>,
    guard: Option<Spanned<GuardTable>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ScaffoldTable {
    saml_provider: Option<String>,
    okta_group: Option<String>,
    access_manager: Option<String>,
    #[serde(default, deserialize_with = "parsed_option")]
    account: Option<AccountId>,
    #[serde(default, deserialize_with = "parsed_option")]
    region: Option<Region>,
    role_path: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardTable {
    #[serde(default)]
    access_pipeline: Vec<String>,
    #[serde(default)]
    cluster_pipeline: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlannedTable {
    #[serde(deserialize_with = "parsed")]
    account: AccountId,
    #[serde(deserialize_with = "parsed")]
    region: Region,
    #[serde(default, deserialize_with = "parsed_option")]
    cluster: Option<ClusterName>,
    #[serde(default = "api")]
    mode: AuthMode,
}

fn api() -> AuthMode {
    AuthMode::Api
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TierTable {
    #[serde(default, deserialize_with = "parsed_list")]
    roles: Vec<RoleName>,
    #[serde(default)]
    people: Vec<String>,
    #[serde(default, deserialize_with = "session")]
    session: Option<Duration>,
    #[serde(default)]
    clusters: Vec<String>,
    #[serde(default, deserialize_with = "policy")]
    access: Option<String>,
    #[serde(default, deserialize_with = "groups")]
    kubernetes_groups: Vec<String>,
    rbac: Option<String>,
    namespaces: Option<Vec<String>>,
    iam: Option<String>,
    iam_file: Option<String>,
    oidc_provider: Option<String>,
    #[serde(default)]
    oidc_subjects: Vec<String>,
    #[serde(default)]
    made_elsewhere: bool,
}

impl TierTable {
    fn checked(self, name: &str, line: usize, clusters: &BTreeMap<String, PlannedCluster>) -> Result<Tier, String> {
        let wrong = |what: String| Err(format!("[tiers.{name}]: {what}"));
        if let Err(what) = known_clusters(&self.clusters, clusters) {
            return wrong(what);
        }
        if self.namespaces.as_ref().is_some_and(Vec::is_empty) {
            return wrong("`namespaces` is empty; leave it out for the whole cluster".to_owned());
        }
        if self.iam.is_some() && self.iam_file.is_some() {
            return wrong("`iam` and `iam_file` exclude each other".to_owned());
        }
        if self.rbac.is_some() && self.kubernetes_groups.is_empty() {
            return wrong("`rbac` needs `kubernetes_groups`: it is they that are bound".to_owned());
        }
        if self.oidc_provider.is_some() == self.oidc_subjects.is_empty() {
            return wrong("`oidc_provider` and `oidc_subjects` need each other".to_owned());
        }
        // A tier with a name of one's own counts as what its access makes it.
        let by_access = || match (self.access.as_deref(), self.rbac.as_deref()) {
            (Some("ClusterAdmin"), _) | (_, Some("cluster-admin")) => Level::ClusterAdmin,
            (Some("Admin"), _) | (_, Some("admin")) => Level::NamespaceAdmin,
            (Some("Edit"), _) | (_, Some("edit")) => Level::Developer,
            _ => Level::Viewer,
        };
        Ok(Tier {
            level: Level::named(name).or_else(|| self.iam.as_deref().and_then(Level::of_set)).unwrap_or_else(by_access),
            roles: self.roles,
            people: self.people,
            session: self.session,
            clusters: self.clusters,
            access: self.access,
            groups: self.kubernetes_groups,
            rbac: self.rbac,
            namespaces: self.namespaces.unwrap_or_default(),
            iam: self.iam,
            iam_file: self.iam_file,
            made_elsewhere: self.made_elsewhere,
            oidc: self.oidc_provider.map(|provider| Oidc { provider, subjects: self.oidc_subjects }),
            line,
        })
    }
}

/// Whether all clusters of a list stand in the file.
fn known_clusters(named: &[String], clusters: &BTreeMap<String, PlannedCluster>) -> Result<(), String> {
    let Some(cluster) = named.iter().find(|cluster| !clusters.contains_key(*cluster)) else { return Ok(()) };
    let known = text::near_misses(cluster, clusters.keys().map(String::as_str));
    let hint = known.first().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    Err(format!("`clusters` names `{cluster}`, and there is no [clusters.{cluster}]{hint}"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BindingTable {
    #[serde(deserialize_with = "groups")]
    groups: Vec<String>,
    rbac: Option<String>,
    role: Option<String>,
    clusters: Vec<String>,
    namespaces: Option<Vec<String>>,
}

impl BindingTable {
    fn checked(self, line: usize, clusters: &BTreeMap<String, PlannedCluster>) -> Result<GroupBinding, String> {
        known_clusters(&self.clusters, clusters)?;
        for (key, is_empty) in [
            ("groups", self.groups.is_empty()),
            ("clusters", self.clusters.is_empty()),
            ("namespaces", self.namespaces.as_ref().is_some_and(Vec::is_empty)),
        ] {
            if is_empty {
                let else_all = if key == "namespaces" { "; leave it out for the whole cluster" } else { "" };
                return Err(format!("`{key}` is empty{else_all}"));
            }
        }
        let role = match (self.rbac, self.role, &self.namespaces) {
            (Some(name), None, _) => BoundRole::Cluster(name),
            (None, Some(name), Some(_)) => BoundRole::Namespaced(name),
            (None, Some(_), None) => return Err("`role` needs `namespaces`: a Role stands in one".to_owned()),
            _ => return Err("either `rbac` names a ClusterRole, or `role` a Role of the namespaces".to_owned()),
        };
        let namespaces = self.namespaces.unwrap_or_default();
        Ok(GroupBinding { groups: self.groups, role, clusters: self.clusters, namespaces, line })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SuppressTable {
    rule: String,
    resource: String,
    reason: String,
    #[serde(deserialize_with = "date")]
    expires: Date,
}

/// The key that a line of TOML sets.
fn key_of(line: &str) -> Option<&str> {
    let key = line.split_once('=')?.0.trim();
    (!key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')).then_some(key)
}

/// The parser's message with the key that it is about, and without the parser's own words for lists and texts.
fn in_words(key: Option<&str>, message: &str) -> String {
    let message = message.replace('\n', " ");
    let message = match message.strip_prefix("invalid type: ").and_then(|rest| rest.rsplit_once(", expected ")) {
        Some((_, "a sequence")) => "a list is wanted, such as [\"one\", \"two\"]".to_owned(),
        Some((_, "a string")) => "a text in quotes is wanted".to_owned(),
        _ => message,
    };
    match key {
        Some(key) if !message.contains(&format!("`{key}`")) => format!("`{key}`: {message}"),
        _ => message,
    }
}

fn session<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Duration>, D::Error> {
    let text = String::deserialize(d)?;
    let time = text::duration(&text).filter(|time| SESSIONS.contains(&time.as_secs()));
    time.map(Some).ok_or_else(|| de::Error::custom(format!("`{text}` is no session length: from `1h` to `12h`")))
}

fn policy<'de, D: Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(d)?;
    if POLICIES.contains(&text.as_str()) {
        return Ok(Some(text));
    }
    Err(de::Error::custom(format!("`{text}` is no access policy for people; choose one of {}", POLICIES.join(", "))))
}

fn groups<'de, D: Deserializer<'de>>(d: D) -> Result<Vec<String>, D::Error> {
    let groups = Vec::<String>::deserialize(d)?;
    match groups.iter().find(|group| RESERVED_GROUPS.iter().any(|start| group.starts_with(start))) {
        Some(group) => {
            Err(de::Error::custom(format!("`{group}`: groups that start with `system:` or `eks:` are not for people")))
        }
        None => Ok(groups),
    }
}

fn date<'de, D: Deserializer<'de>>(d: D) -> Result<Date, D::Error> {
    let text = String::deserialize(d)?;
    text.parse().map_err(|_| de::Error::custom(format!("`{text}` is no day; `expires` takes such as \"2027-03-31\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"[clusters.payments]
account = "222222222222"
region = "eu-west-1"
mode = "API"

[tiers.developer]
roles = ["EKSDeveloper"]
people = ["EKS Developers"]
session = "8h"
clusters = ["payments"]
access = "Edit"
namespaces = ["payments", "payments-*"]
iam = "developer"

[tiers.platform]
roles = ["EKSPlatform"]
clusters = ["payments"]
kubernetes_groups = ["platform"]
rbac = "cluster-admin"

[[suppress]]
rule = "trust-other-account"
resource = "role/ci-deploy"
reason = "agreed in review, ticket 4711"
expires = "2027-03-31"
"#;

    #[test]
    fn the_whole_file_reads_with_the_line_of_each_part() {
        let file = AccessFile::parse(GOOD).expect("valid");
        let cluster = &file.clusters["payments"];
        assert_eq!((cluster.name.as_str(), cluster.mode, cluster.line), ("payments", AuthMode::Api, 1));
        let (name, tier) = file.tiers_of("EKSDeveloper").next().expect("a tier");
        assert_eq!((name, tier.level, tier.line), ("developer", Level::Developer, 6));
        assert_eq!(tier.session, Some(Duration::from_secs(8 * 3600)));
        assert_eq!(tier.namespaces, ["payments", "payments-*"]);
        let (_, own) = file.tiers_of("EKSPlatform").next().expect("a tier");
        assert_eq!(own.level, Level::ClusterAdmin, "a name of one's own counts as what its access makes it");
        for (name, iam) in [("auditor", "auditor"), ("auditor", "viewer"), ("foo", "viewer"), ("foo", "auditor")] {
            let text = format!("{GOOD}\n[tiers.{name}]\nroles = [\"R\"]\naccess = \"ClusterAdmin\"\niam = \"{iam}\"\n");
            let file = AccessFile::parse(&text).expect("valid");
            assert_eq!(file.tiers[name].level, Level::Viewer, "{name}, {iam}: not what its access makes it");
        }
        let suppression = &file.suppressions[0];
        assert_eq!((suppression.rule.as_str(), suppression.line), ("trust-other-account", 21));
        assert_eq!(AccessFile::parse(""), Ok(AccessFile::default()));
    }

    #[test]
    fn a_suppression_holds_to_its_last_day_and_for_what_it_names() {
        let file = AccessFile::parse(GOOD).expect("valid");
        let suppression = &file.suppressions[0];
        assert!(suppression.holds("2027-03-31".parse().expect("a day")));
        assert!(!suppression.holds("2027-04-01".parse().expect("a day")));
        assert!(suppression.covers("arn:aws:iam::222222222222:role/ci-deploy") && suppression.covers("role/ci-deploy"));
        assert!(!suppression.covers("arn:aws:iam::222222222222:role/ci-deploy-2"));
    }

    #[test]
    fn mistakes_name_line_and_key() {
        let with = |from: &str, to: &str| GOOD.replace(from, to);
        let cases = [
            (with("mode = ", "mdoe = "), 4, "mdoe"),
            (with("\"API\"", "\"APIS\""), 4, "APIS"),
            (with("account = \"222222222222\"", "account = \"22\""), 2, "account id"),
            (with("people =", "persons ="), 8, "persons"),
            (with("\"8h\"", "\"24h\""), 9, "24h"),
            (with("[\"payments\"]\naccess", "[\"paymnets\"]\naccess"), 6, "did you mean `payments`"),
            (with("\"Edit\"", "\"Editor\""), 11, "Editor"),
            (with("[\"payments\", \"payments-*\"]", "[]"), 6, "namespaces"),
            (with("iam = \"developer\"", "iam = \"a\"\niam_file = \"b\""), 6, "exclude"),
            (with("[\"platform\"]", "[\"system:masters\"]"), 18, "system:masters"),
            (with("kubernetes_groups = [\"platform\"]\n", ""), 15, "kubernetes_groups"),
            (with("reason = \"agreed in review, ticket 4711\"", ""), 21, "reason"),
            (with("agreed in review, ticket 4711", " "), 21, "reason"),
            (with("expires = \"2027-03-31\"", ""), 21, "expires"),
            (with("2027-03-31", "soon"), 25, "soon"),
            (with("[[suppress]]", "[[supress]]"), 21, "supress"),
            (with("[clusters.payments]", "[clusters.\"a b\"]"), 1, "a b"),
        ];
        for (text, line, word) in cases {
            let error = AccessFile::parse(&text).expect_err(word);
            assert!(error.message.contains(word), "{error}");
            assert_eq!(error.line, Some(line), "{error}");
        }
    }
}
