//! What follows from the facts: one [`Grant`] for each mapping of each cluster. Source: access.md 2.

pub mod index;
pub mod life;
pub mod names;
pub mod principal;
pub mod rights;
mod ways;

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::aws_auth;
use crate::domain::access::facts::{Cluster, ClusterSettings, Facts, IdentityProvider, Source};
use crate::domain::access::grant::{ClusterRef, Grant, Life, MappedBy, Person, PrincipalKind, WayIn};
use crate::domain::access::grants::index::Index;
use crate::domain::access::grants::life::Found;
use crate::domain::access::grants::names::ANY;
use crate::domain::access::grants::principal::{Iam, Sort, canonical};
use crate::domain::access::grants::rights::{Identity, rights};
use crate::domain::access::grants::ways::ways_in;
use crate::domain::access::policies::is_for_aws;
use crate::domain::access::rbac::{MASTERS, Rbac};
use crate::domain::access::{AuthMode, Entry, Listed};

/// Groups that nodes are in. Source: access.md 2.9.
pub const OF_NODES: [&str; 4] =
    ["system:bootstrappers", "system:nodes", "system:node-proxier", "eks:kube-proxy-windows"];
/// The service that gives pods their roles.
const PODS: &str = "pods.eks.amazonaws.com";

/// All grants, by cluster, kind of mapping, principal and user. What could not be read is missing here: see the facts.
pub fn grants(facts: &Facts) -> Vec<Grant> {
    let index = Index::of(facts);
    let mut all: Vec<Grant> = facts.clusters.iter().flat_map(|cluster| of_cluster(&index, cluster)).collect();
    all.sort_by(|a, b| {
        let key = |grant: &Grant| (grant.cluster.clone(), grant.mapped_by);
        key(a).cmp(&key(b)).then_with(|| (&a.principal, &a.user).cmp(&(&b.principal, &b.user)))
    });
    all
}

/// The full name of a cluster.
pub fn name_of(cluster: &Cluster) -> ClusterRef {
    let Cluster { account, region, name, .. } = cluster.clone();
    ClusterRef { account, region, name }
}

/// A mapping as a cluster has it, with what was found of its principal.
struct Mapped {
    entry: Entry,
    by: MappedBy,
    found: Found,
    sources: Vec<Option<Source>>,
}

fn of_cluster(index: &Index<'_>, cluster: &Cluster) -> Vec<Grant> {
    let rbac = Rbac::of(cluster);
    let settings = cluster.settings.get();
    let mode = settings.and_then(|settings| settings.mode);
    let mut mapped: Vec<Mapped> = Vec::new();
    if mode.is_none_or(AuthMode::has_entries) {
        mapped.extend(entries(index, cluster));
    }
    if mode.is_none_or(AuthMode::has_config_map) {
        let mut named: BTreeMap<String, bool> = BTreeMap::new();
        for one in &mapped {
            let is_other =
                matches!(one.found, Found::Gone | Found::OtherSuffix(_) | Found::Remade { .. } | Found::ReadBefore);
            *named.entry(canonical(&one.entry.principal)).or_insert(true) &= is_other;
        }
        mapped.extend(lines(index, cluster, &named));
    }
    mapped.extend(settings.and_then(|settings| creator(cluster, settings)));
    mapped.extend(
        cluster.identity_providers.get().into_iter().flatten().map(|provider| identity_provider(cluster, provider)),
    );
    mapped.into_iter().map(|mapped| grant(index, cluster, &rbac, mapped)).collect()
}

fn entries(index: &Index<'_>, cluster: &Cluster) -> Vec<Mapped> {
    let all = cluster.entries.get().into_iter().flatten();
    all.map(|listed| {
        let details = listed.details.get();
        let unread = |what: &str, why: Option<&str>| why.map(|why| format!("its {what} could not be read: {why}"));
        let kind = details.map(|details| details.kind.clone());
        let entry = Entry {
            principal: listed.principal.clone(),
            user: details.map(|details| details.user.clone()).unwrap_or_default(),
            groups: details.map(|details| details.groups.clone()).unwrap_or_default(),
            policies: listed.policies.get().cloned().unwrap_or_default(),
            kind: kind.filter(|kind| kind != "STANDARD" && !kind.is_empty()),
            unread: unread("user and groups", listed.details.missing())
                .or_else(|| unread("access policies", listed.policies.missing())),
        };
        let dates = details.map(|details| (details.created, details.modified)).unwrap_or_default();
        Mapped {
            found: life::of_entry(index, &listed.principal, dates.0, dates.1, cluster.entries.source.as_ref()),
            entry,
            by: MappedBy::AccessEntry,
            sources: vec![
                cluster.entries.source.clone(),
                listed.details.source.clone(),
                listed.policies.source.clone(),
            ],
        }
    })
    .collect()
}

/// Why it is not known whether access entries outrank the lines of `aws-auth`; `None` where it is known.
fn hidden_entries(cluster: &Cluster) -> Option<String> {
    let mode = cluster.settings.get().and_then(|settings| settings.mode);
    let why = cluster.entries.missing().filter(|_| mode.is_none_or(AuthMode::has_entries))?;
    Some(format!("whether an access entry outranks it is not known: the access entries could not be read: {why}"))
}

/// Why it is not known what a line of `aws-auth` gives to its principal: an access entry may outrank it, or another line. The
/// authenticator asks about a whole account last, after entries and lines, so that it is alive whatever they say of some.
pub fn doubt_of_line(cluster: &Cluster, grant: &Grant) -> Option<String> {
    if grant.mapped_by != MappedBy::AwsAuth || grant.kind == PrincipalKind::Account {
        return None;
    }
    let mode = cluster.settings.get().and_then(|settings| settings.mode);
    let entries = cluster.entries.get().filter(|_| mode.is_none_or(AuthMode::has_entries));
    let own = canonical(&grant.principal);
    let has_entry = entries.into_iter().flatten().any(|entry| canonical(&entry.principal) == own);
    hidden_entries(cluster).or_else(|| has_entry.then(|| DEAD_ENTRY.to_owned())).or_else(|| grant.unread.clone())
}

/// What EKS does with a caller whose ARN an entry of another principal has is documented nowhere: it may refuse it, or ask `aws-auth`.
const DEAD_ENTRY: &str = "whether its access entry, which is of an earlier or another principal of that name, outranks the line of aws-auth is not known";

/// `with_entry` has the principals that access entries name, and whether these are, or may be, of another principal of that name.
fn lines(index: &Index<'_>, cluster: &Cluster, with_entry: &BTreeMap<String, bool>) -> Vec<Mapped> {
    let lines = cluster.aws_auth.get().map(aws_auth::parse).unwrap_or_default();
    let partition = cluster.region.partition().arn();
    let hidden = hidden_entries(cluster);
    lines
        .entries
        .into_iter()
        .map(|mut entry| {
            let found = if is_account(&entry.principal) {
                entry.user = format!("arn:{partition}:iam::{}:{ANY}", entry.principal);
                Found::There
            } else {
                let own = life::of_line(index, &entry.principal, cluster.aws_auth.source.as_ref());
                // A line with a path is of no principal that an entry could have.
                match (own, with_entry.get(&entry.principal.to_ascii_lowercase()), &hidden) {
                    (_, Some(false), _) => Found::Outranked,
                    (Found::There, Some(true), _) => Found::MayBeOutranked(DEAD_ENTRY.to_owned()),
                    (Found::There, None, Some(why)) => Found::MayBeOutranked(why.clone()),
                    (found, ..) => found,
                }
            };
            Mapped { entry, by: MappedBy::AwsAuth, found, sources: vec![cluster.aws_auth.source.clone()] }
        })
        .collect()
}

/// Whoever made a cluster of the mode CONFIG_MAP may everything there, and no list names it. In the other modes it has an access entry, or
/// none and no access. Source: access.md 2.10.
fn creator(cluster: &Cluster, settings: &ClusterSettings) -> Option<Mapped> {
    let is_hidden = settings.mode == Some(AuthMode::ConfigMap)
        && settings.creator_was_made_admin != Some(false)
        && !settings.registered;
    is_hidden.then(|| Mapped {
        entry: Entry { groups: vec![MASTERS.to_owned()], ..Entry::default() },
        by: MappedBy::Creation,
        found: Found::Unreadable(String::new()),
        sources: vec![cluster.settings.source.clone()],
    })
}

fn identity_provider(cluster: &Cluster, provider: &IdentityProvider) -> Mapped {
    let named = |prefix: &str| format!("{prefix}{ANY}");
    let has_groups = !provider.groups_claim.is_empty();
    Mapped {
        entry: Entry {
            principal: provider.issuer.clone(),
            user: named(&provider.username_prefix),
            groups: has_groups.then(|| named(&provider.groups_prefix)).into_iter().collect(),
            ..Entry::default()
        },
        by: MappedBy::IdentityProvider,
        found: Found::There,
        sources: vec![cluster.identity_providers.source.clone()],
    }
}

fn grant(index: &Index<'_>, cluster: &Cluster, rbac: &Rbac<'_>, mapped: Mapped) -> Grant {
    let Mapped { entry, by, found, sources } = mapped;
    let kind = kind(index, cluster, by, &entry);
    let iam = Iam::parse(&entry.principal);
    let ways_in = ways_in(index, &kind, &entry.principal);
    let (people, said) = people(index, &kind, iam.as_ref(), &entry.principal);
    let identity = Identity { kind: &kind, principal: &entry.principal, user: &entry.user, groups: &entry.groups };
    let rights = match &entry.unread {
        Some(why) => Listed::Hidden(why.clone()),
        None => rights(cluster, rbac, &identity, &entry.policies),
    };
    let life = match by {
        MappedBy::Creation => Life::Unknown("no list names who made the cluster".to_owned()),
        _ => found.life(),
    };
    let aws_own = is_aws_own(cluster, &kind, &entry, &ways_in);
    let lists = [&cluster.roles.cluster.source, &cluster.roles.namespaced.source];
    let bindings = [&cluster.bindings.cluster.source, &cluster.bindings.namespaced.source];
    let rbac_sources = lists.into_iter().chain(bindings).cloned();
    let of_iam = iam.and_then(|iam| index.source(&iam));
    let sources: BTreeSet<Source> =
        sources.into_iter().chain(rbac_sources).chain([of_iam]).flatten().chain(said).collect();
    let Entry { principal, user, groups, policies, unread, .. } = entry;
    Grant {
        cluster: name_of(cluster),
        principal,
        kind,
        mapped_by: by,
        user,
        groups,
        policies,
        unread,
        rights,
        ways_in,
        people,
        life,
        aws_own,
        sources: sources.into_iter().collect(),
    }
}

fn is_account(principal: &str) -> bool {
    principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit())
}

fn kind(index: &Index<'_>, cluster: &Cluster, by: MappedBy, entry: &Entry) -> PrincipalKind {
    match by {
        MappedBy::Creation => return PrincipalKind::Creator,
        MappedBy::IdentityProvider => return PrincipalKind::IdentityProvider,
        MappedBy::AccessEntry | MappedBy::AwsAuth => {}
    }
    if is_account(&entry.principal) {
        return PrincipalKind::Account;
    }
    if entry.is_for_nodes() || is_for_machines(cluster, entry) {
        return PrincipalKind::Node;
    }
    let Some(iam) = Iam::parse(&entry.principal) else { return PrincipalKind::Unknown };
    if entry.kind.is_some() {
        return PrincipalKind::Unknown;
    }
    if iam.is_service_linked() || is_of_a_service(cluster, entry) {
        return PrincipalKind::Service;
    }
    // A line may have another case than the role.
    let real = index.role(&entry.principal).and_then(|role| Iam::parse(&role.arn)).unwrap_or(iam);
    match (iam.sort, real.set()) {
        (Sort::Role, Some(set)) => PrincipalKind::PermissionSet { set: set.to_owned() },
        (Sort::Role, None) => PrincipalKind::Role,
        (Sort::User, _) => PrincipalKind::User,
    }
}

/// Whether it is the role of a node group or a Fargate profile, and gets from it no more than nodes do.
fn is_for_machines(cluster: &Cluster, entry: &Entry) -> bool {
    let own = canonical(&entry.principal);
    let is_of_machines = || cluster.machine_roles.get().into_iter().flatten().any(|role| canonical(role) == own);
    let is_of_nodes = entry.user.starts_with("system:node:{{") && !entry.groups.is_empty();
    has_groups_of_nodes(entry) && entry.policies.is_empty() && (is_of_nodes || is_of_machines())
}

fn has_groups_of_nodes(entry: &Entry) -> bool {
    entry.groups.iter().all(|group| OF_NODES.contains(&group.as_str()))
}

/// Whether AWS made the entry for a service: by its policies, or as the role of a capability.
fn is_of_a_service(cluster: &Cluster, entry: &Entry) -> bool {
    let own = canonical(&entry.principal);
    let is_capability = || {
        let mut all = cluster.capabilities.get().into_iter().flatten();
        all.any(|capability| canonical(&capability.role_arn) == own)
    };
    let is_known = !entry.policies.is_empty() && entry.policies.iter().all(|policy| is_for_aws(&policy.name));
    (is_known && entry.groups.is_empty()) || is_capability()
}

/// Source: access.md 2.9.
fn is_aws_own(cluster: &Cluster, kind: &PrincipalKind, entry: &Entry, ways: &Listed<Vec<WayIn>>) -> bool {
    match kind {
        PrincipalKind::Service => true,
        // An access entry for nodes gets its user and groups from EKS.
        PrincipalKind::Node => entry.kind.is_some() || has_groups_of_nodes(entry) || is_for_machines(cluster, entry),
        _ => {
            let is_pods = |way: &WayIn| matches!(way, WayIn::Service(service) if service == PODS);
            matches!(ways, Listed::Seen(ways) if !ways.is_empty() && ways.iter().all(is_pods))
        }
    }
}

/// The people behind a principal, and who said so. Only Identity Center's directory can be read: others say who they know themselves.
fn people(
    index: &Index<'_>,
    kind: &PrincipalKind,
    iam: Option<&Iam<'_>>,
    principal: &str,
) -> (Listed<Vec<Person>>, Vec<Source>) {
    let entitled = iam.and_then(|iam| index.entitled(iam, principal));
    match (kind, iam) {
        (PrincipalKind::PermissionSet { set }, Some(iam)) => {
            let (mut people, mut sources) = index.assigned(iam.account, set);
            if let (Listed::Seen(people), Some((more, said))) = (&mut people, entitled) {
                people.extend(more);
                people.sort();
                people.dedup();
                sources.extend(said);
            }
            (people, sources)
        }
        (PrincipalKind::Node | PrincipalKind::Service, _) => (Listed::Seen(Vec::new()), Vec::new()),
        _ => match entitled {
            Some((people, sources)) if !people.is_empty() => (Listed::Seen(people), sources),
            _ => (Listed::Hidden("no directory that eksso reads says who is behind it".to_owned()), Vec::new()),
        },
    }
}
