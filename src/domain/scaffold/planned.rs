//! A plan as the facts that a reading would give once it is applied, so that the rules of `audit` can judge it before.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::access::answers::Rule as KubeRule;
use crate::domain::access::aws_auth::AwsAuth;
use crate::domain::access::facts::{
    AccessEntry, Account, Assignee, Assignments, Binding, Cluster, ClusterSettings, Directory, EntryDetails, Fact,
    Facts, Group, IamRole, Objects, Organization, PermissionSet, Permissions, RbacRole, RbacSubject, SamlProvider,
    Source,
};
use crate::domain::access::grants::grants;
use crate::domain::access::policies;
use crate::domain::access::{AuthMode, Policy};
use crate::domain::audit::access_file::{AccessFile, BoundRole, PlannedCluster};
use crate::domain::audit::finding::{Report, Severity};
use crate::domain::audit::rule::Rule;
use crate::domain::audit::run;
use crate::domain::ids::AccountId;
use crate::domain::role_arn::Principal;
use crate::domain::scaffold::okta::saml_audience;
use crate::domain::scaffold::plan::{AUDITORS, Bound, Plan};
use crate::domain::scaffold::policies::{boundary, document, guard, is_bounded, statements, trust};
use crate::domain::scaffold::role::{Made, Role};
use crate::domain::scaffold::table::role_arn;

/// Rules about what a file states and does not make: the mode that a cluster has, and what groups are bound to elsewhere.
const NOT_MADE: [&str; 4] = ["config-map-only", "config-map-leftover", "group-unbound", "binding-no-role"];
/// Identity Center's own provider in an account. Source: access.md 2.2.
const PROVIDER: &str = "AWSSSO_0123456789abcdef_DO_NOT_DELETE";
const INSTANCE: &str = "arn:aws:sso:::instance/ssoins-0000000000000000";

/// What the rules that need nobody's answers say of a plan: their findings, and what they could not judge.
pub fn judge(plan: &Plan, file: &AccessFile, now: Timestamp) -> Report {
    let facts = facts(plan, now);
    let wanted = |rule: &Rule| rule.offline && !NOT_MADE.contains(&rule.id);
    let mut report = run(&facts, &grants(&facts), file, now, &wanted);
    report.findings.retain(|finding| finding.severity >= Severity::Low);
    report
}

/// What a plan says nothing about and the rules therefore do not see, in words: a line each.
pub fn unsaid(plan: &Plan) -> Vec<String> {
    let mut lines: BTreeSet<String> = BTreeSet::new();
    for role in &plan.roles {
        let Role { tier, name, .. } = role;
        if role.made == Made::Elsewhere {
            lines.insert(format!(
                "tier {tier}: {name} is made elsewhere: whom it trusts and which other policies it has is not in this file"
            ));
        }
        let binds = |group: &String, key: &String| plan.bound_in(key).iter().any(|bound| bound.groups.contains(group));
        let is_bound = |group: &String| group == AUDITORS || role.clusters.iter().all(|key| binds(group, key));
        lines.extend(role.groups.iter().filter(|group| !is_bound(group)).map(|group| {
            format!("tier {tier}: what the group {group} is bound to stands in the clusters, not in this file")
        }));
    }
    for bound in plan.clusters.keys().flat_map(|key| plan.bound_in(key)) {
        if known_rules(&bound.role).is_none() {
            let of =
                bound.tier.map_or_else(|| format!("[[bindings]] (line {})", bound.line), |tier| format!("tier {tier}"));
            let (kind, name) = (bound.role.kind(), bound.role.name());
            lines.insert(format!("{of}: what the {kind} {name} grants stands in the clusters, not in this file"));
        }
    }
    lines.into_iter().collect()
}

/// What a ClusterRole of Kubernetes' own grants; `None` for one that is not: what it grants stands in the cluster.
fn known_rules(role: &BoundRole) -> Option<Vec<KubeRule>> {
    let BoundRole::Cluster(name) = role else { return None };
    let all = || vec!["*".to_owned()];
    let rules = |policy: &str| policies::rules(policy).map(<[KubeRule]>::to_vec);
    match name.as_str() {
        "cluster-admin" => {
            Some(vec![KubeRule { verbs: all(), api_groups: all(), resources: all(), ..KubeRule::default() }])
        }
        "admin" => rules("AmazonEKSAdminPolicy"),
        "edit" => rules("AmazonEKSEditPolicy"),
        "view" => rules("AmazonEKSViewPolicy"),
        _ => None,
    }
}

fn facts(plan: &Plan, now: Timestamp) -> Facts {
    let at = At(now);
    let accounts = plan.accounts().into_keys().map(|account| (account.clone(), at.account(plan, account)));
    let policies = guards(plan);
    Facts {
        clusters: plan.clusters.iter().map(|(key, cluster)| at.cluster(plan, key, cluster)).collect(),
        accounts: accounts.collect(),
        directories: vec![at.directory(plan)],
        organization: Organization {
            id: at.seen("o-0000000000".to_owned()),
            management: Fact::hidden("the file does not name it", at.source()),
            accounts: at.seen(plan.accounts().into_keys().map(|id| (id.clone(), String::new())).collect()),
            delegated: at.seen(BTreeSet::new()),
            control_policies: plan.accounts().into_keys().map(|id| (id.clone(), at.seen(policies.clone()))).collect(),
        },
        aws_policies: BTreeMap::new(),
        unsearched: Vec::new(),
    }
}

/// The service control policies of each level.
fn guards(plan: &Plan) -> Vec<Vec<String>> {
    let all = document(&[json!({"Effect": "Allow", "Action": "*", "Resource": "*"})]);
    let guard = guard(plan).map(|guard| guard.to_string());
    vec![std::iter::once(all.to_string()).chain(guard).collect()]
}

/// The moment at which all of it is said to be read.
#[derive(Clone, Copy)]
struct At(Timestamp);

impl At {
    fn source(self) -> Source {
        Source { call: "access.toml".to_owned(), by: "scaffold".to_owned(), at: self.0 }
    }

    fn seen<T>(self, value: T) -> Fact<T> {
        Fact::seen(value, self.source())
    }

    fn cluster(self, plan: &Plan, key: &str, planned: &PlannedCluster) -> Cluster {
        let roles: Vec<&Role> =
            plan.roles.iter().filter(|role| role.enters() && role.clusters.iter().any(|own| own == key)).collect();
        let settings = ClusterSettings {
            status: "ACTIVE".to_owned(),
            mode: Some(planned.mode),
            creator_was_made_admin: Some(false),
            // A cluster that is as old as its entries would make each admin's look like the one that EKS makes for the creator.
            created: None,
            private: true,
            ..ClusterSettings::default()
        };
        let entries = match planned.mode.has_entries() {
            true => roles.iter().map(|role| self.entry(plan, role, planned)).collect(),
            false => Vec::new(),
        };
        let bound = plan.bound_in(key);
        let (objects, bindings) = self.rbac(&bound);
        let namespaces: BTreeSet<String> = roles
            .iter()
            .flat_map(|role| role.namespaces.clone())
            .chain(bound.iter().flat_map(|bound| bound.namespaces.to_vec()))
            .collect();
        Cluster {
            account: planned.account.clone(),
            region: planned.region.clone(),
            name: planned.name.clone(),
            settings: self.seen(settings),
            entries: self.seen(entries),
            aws_auth: self.seen(lines(plan, planned, &roles)),
            identity_providers: self.seen(Vec::new()),
            capabilities: self.seen(Vec::new()),
            pod_identities: self.seen(Vec::new()),
            machine_roles: self.seen(BTreeSet::new()),
            roles: objects,
            bindings,
            namespaces: self.seen(namespaces.into_iter().collect()),
            service_accounts: self.seen(Vec::new()),
        }
    }

    fn entry(self, plan: &Plan, role: &Role, planned: &PlannedCluster) -> AccessEntry {
        let principal = role_arn(plan, role, planned);
        let name = principal.rsplit('/').next().unwrap_or_default();
        let partition = plan.partition.arn();
        let details = EntryDetails {
            kind: "STANDARD".to_owned(),
            user: format!("arn:{partition}:sts::{}:assumed-role/{name}/{{{{SessionName}}}}", planned.account),
            groups: role.groups.clone(),
            created: Some(self.0),
            modified: Some(self.0),
            tags: BTreeMap::new(),
        };
        let policies = role
            .access
            .iter()
            .map(|access| Policy { name: format!("AmazonEKS{access}Policy"), namespaces: role.namespaces.clone() });
        let policies = self.seen(policies.collect());
        AccessEntry { principal, details: self.seen(details), policies }
    }

    fn rbac(self, all: &[Bound<'_>]) -> (Objects<RbacRole>, Objects<Binding>) {
        let mut known: BTreeMap<&str, RbacRole> = BTreeMap::new();
        let mut own: BTreeMap<(&str, &str), RbacRole> = BTreeMap::new();
        let (mut wide, mut narrow) = (Vec::new(), Vec::new());
        for bound in all {
            let name = bound.role.name();
            // Those that are not known here, `unsaid` tells of.
            let rules = known_rules(&bound.role).unwrap_or_default();
            let role = |namespace: &str| RbacRole {
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                rules: rules.clone(),
                ..RbacRole::default()
            };
            match &bound.role {
                BoundRole::Cluster(_) => _ = known.insert(name, role("")),
                BoundRole::Namespaced(_) => {
                    own.extend(bound.namespaces.iter().map(|namespace| ((namespace.as_str(), name), role(namespace))));
                }
            }
            let subject = |group: &String| RbacSubject {
                kind: "Group".to_owned(),
                name: group.clone(),
                namespace: String::new(),
            };
            let binding = |namespace: &str| Binding {
                namespace: namespace.to_owned(),
                name: format!("eksso-{}-{name}", bound.tier.unwrap_or("bindings")),
                role_kind: bound.role.kind().to_owned(),
                role: name.to_owned(),
                subjects: bound.groups.iter().map(subject).collect(),
                ..Binding::default()
            };
            match bound.namespaces.is_empty() {
                true => wide.push(binding("")),
                false => narrow.extend(bound.namespaces.iter().map(|namespace| binding(namespace))),
            }
        }
        (
            Objects {
                cluster: self.seen(known.into_values().collect()),
                namespaced: self.seen(own.into_values().collect()),
            },
            Objects { cluster: self.seen(wide), namespaced: self.seen(narrow) },
        )
    }

    fn account(self, plan: &Plan, account: &AccountId) -> Account {
        let partition = plan.partition.arn();
        let provider = |name: &str| SamlProvider {
            arn: format!("arn:{partition}:iam::{account}:saml-provider/{name}"),
            valid_until: None,
        };
        let mut found = Account {
            users: self.seen(Vec::new()),
            groups: self.seen(Vec::new()),
            entitlements: self.seen(Vec::new()),
            unprovisioned: self.seen(Vec::new()),
            ..Account::default()
        };
        let boundary_arn = format!("arn:{partition}:iam::{account}:policy{}eksso-boundary", plan.role_path);
        let (mut roles, mut saml, mut oidc, mut own) =
            (Vec::new(), vec![provider(PROVIDER)], Vec::new(), BTreeMap::new());
        for role in plan.roles_in(account) {
            let Some((_, cluster)) = plan.clusters_of(role, Some(account)).into_iter().next() else { continue };
            let trusted = match &role.made {
                // Whom a role trusts that is made elsewhere is not known here: `unsaid` tells of it.
                Made::Elsewhere => continue,
                Made::Set => by_identity_center(plan, account),
                Made::Entitled(_) => trust(plan, role, account).unwrap_or_default(),
                Made::Okta(name) => {
                    saml.push(provider(name));
                    trust(plan, role, account).unwrap_or_default()
                }
                Made::Runner(runner) => {
                    oidc.push(format!("arn:{partition}:iam::{account}:oidc-provider/{}", runner.provider));
                    trust(plan, role, account).unwrap_or_default()
                }
            };
            let of = (role.made != Made::Set).then_some(account);
            let bounded = is_bounded(role);
            if bounded {
                own.insert(boundary_arn.clone(), boundary(plan, account).to_string());
            }
            let permissions = Permissions {
                inline: vec![("eksso".to_owned(), document(&statements(plan, role, of)).to_string())],
                attached: Vec::new(),
                boundary: bounded.then(|| boundary_arn.clone()),
            };
            roles.push(IamRole {
                arn: role_arn(plan, role, cluster),
                id: "AROAPLANNED".to_owned(),
                created: Some(self.0),
                trust: trusted.to_string(),
                permissions: self.seen(permissions),
                max_session: u32::try_from(role.session.as_secs()).ok(),
                tags: BTreeMap::new(),
            });
        }
        found.roles = self.seen(roles);
        found.saml_providers = self.seen(saml);
        found.oidc_providers = self.seen(oidc);
        found.policies = self.seen(own);
        found
    }

    fn directory(self, plan: &Plan) -> Directory {
        let mut groups: BTreeSet<&String> = BTreeSet::new();
        let (mut sets, mut assignments) = (Vec::new(), Vec::new());
        for role in plan.roles.iter().filter(|role| role.made == Made::Set) {
            let arn = format!("arn:aws:sso:::permissionSet/ssoins-0000000000000000/ps-{}", role.name);
            groups.extend(&role.people);
            for account in
                plan.accounts().into_keys().filter(|account| !plan.clusters_of(role, Some(account)).is_empty())
            {
                assignments.push(Assignments {
                    account: account.clone(),
                    set: arn.clone(),
                    set_name: role.name.clone(),
                    assignees: self.seen(role.people.iter().map(|group| Assignee::Group(group.clone())).collect()),
                });
            }
            sets.push(PermissionSet {
                arn,
                name: role.name.clone(),
                session: u32::try_from(role.session.as_secs()).ok(),
                inline: self.seen(Some(document(&statements(plan, role, None)).to_string())),
                attached: self.seen(Vec::new()),
                customer_managed: self.seen(Vec::new()),
                boundary: self.seen(None),
            });
        }
        let group = |name: &String| Group { id: name.clone(), name: name.clone(), members: self.seen(Vec::new()) };
        Directory {
            instance: INSTANCE.to_owned(),
            region: plan.region.as_ref().map(ToString::to_string).unwrap_or_default(),
            owner: plan.account.as_ref().map(ToString::to_string).unwrap_or_default(),
            sets: self.seen(sets),
            assignments,
            groups: self.seen(groups.into_iter().map(group).collect()),
            users: self.seen(Vec::new()),
            ..Directory::default()
        }
    }
}

/// Whom the roles of permission sets trust. Source: access.md 2.2.
fn by_identity_center(plan: &Plan, account: &AccountId) -> Value {
    let provider = format!("arn:{}:iam::{account}:saml-provider/{PROVIDER}", plan.partition.arn());
    let audience =
        saml_audience(plan.partition, None).unwrap_or_else(|| "https://signin.aws.amazon.com/saml".to_owned());
    document(&[json!({"Effect": "Allow", "Principal": {"Federated": provider},
        "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"], "Condition": {"StringEquals": {"SAML:aud": audience}}})])
}

/// The lines of a cluster without access entries.
fn lines(plan: &Plan, planned: &PlannedCluster, roles: &[&Role]) -> AwsAuth {
    if planned.mode != AuthMode::ConfigMap {
        return AwsAuth::default();
    }
    let line = |role: &&&Role| {
        let arn = role_arn(plan, role, planned);
        let name = Principal::parse(&arn).map(|found| found.name.to_owned()).unwrap_or_default();
        json!({"rolearn": format!("arn:{}:iam::{}:role/{name}", plan.partition.arn(), planned.account),
            "username": format!("{}:{{{{SessionName}}}}", role.tier), "groups": role.groups})
    };
    let all: Vec<Value> = roles.iter().filter(|role| !role.groups.is_empty()).map(|role| line(&role)).collect();
    AwsAuth { roles: json!(all).to_string(), ..AwsAuth::default() }
}
