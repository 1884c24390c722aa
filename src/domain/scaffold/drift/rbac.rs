//! Bindings in a cluster: what they grant counts, not what they are called, so that bindings that were there before serve as well.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::access::answers::Rule;
use crate::domain::access::aws_auth;
use crate::domain::access::facts::{Binding, Cluster, Fact, RbacRole};
use crate::domain::access::grant::PrincipalKind;
use crate::domain::access::grants::names::{Fit, fit};
use crate::domain::audit::access_file::{BoundRole, PlannedCluster};
use crate::domain::audit::policy;
use crate::domain::role_arn::{Principal, permission_set_in_any_case};
use crate::domain::scaffold::drift::difference::{Drift, Place, Side};
use crate::domain::scaffold::drift::look::{Look, usual};
use crate::domain::scaffold::role::{Made, Role};

/// Bindings that were made for the file have this label.
const OURS: (&str, &str) = ("app.kubernetes.io/managed-by", "eksso");

const GROUP: &str = "Group";
const USER: &str = "User";

/// A subject's role in a namespace; without one in the whole cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Bound {
    namespace: String,
    kind: String,
    role: String,
    /// `Group`, `User`, or `ServiceAccount`.
    subject: String,
    name: String,
}

impl Bound {
    fn words(&self) -> String {
        let scope = if self.namespace.is_empty() { "the whole cluster" } else { &self.namespace };
        let subject = match self.subject.as_str() {
            GROUP => "group",
            USER => "user",
            "ServiceAccount" => "service account",
            other => other,
        };
        format!("{subject} {} as {} {} in {scope}", self.name, self.kind, self.role)
    }

    fn resource(&self) -> &'static str {
        if self.namespace.is_empty() { "clusterrolebindings" } else { "rolebindings" }
    }
}

/// What groups are bound to by the auditor's file, which each cluster gets: each with its role and namespace, an empty one for the whole cluster.
pub fn auditors() -> BTreeSet<(String, (BoundRole, String))> {
    let role = |bound: &Bound| match bound.kind.as_str() {
        "Role" => BoundRole::Namespaced(bound.role.clone()),
        _ => BoundRole::Cluster(bound.role.clone()),
    };
    let all = Auditor::read().bound;
    all.into_iter().map(|bound| (bound.name.clone(), (role(&bound), bound.namespace))).collect()
}

/// Compares the bindings of a cluster.
pub fn compare(look: &Look<'_>, key: &str, planned: &PlannedCluster, found: &Cluster, drift: &mut Drift) {
    let place = Place::cluster(key, planned);
    let mut wanted: BTreeMap<Bound, Option<usize>> = BTreeMap::new();
    // Groups that the file gives to people, whether it binds them or not: what else they are bound to gives its people more than the file
    // says. Bindings of other groups are somebody else's.
    let mut groups: BTreeSet<&str> = BTreeSet::new();
    for role in look.roles_in(key) {
        groups.extend(role.groups.iter().map(String::as_str));
    }
    let everywhere = [String::new()];
    for wants in look.plan.bound_in(key) {
        let namespaces = if wants.namespaces.is_empty() { &everywhere[..] } else { wants.namespaces };
        for (namespace, group) in
            namespaces.iter().flat_map(|namespace| wants.groups.iter().map(move |group| (namespace, group)))
        {
            let bound = Bound {
                namespace: namespace.clone(),
                kind: wants.role.kind().to_owned(),
                role: wants.role.name().to_owned(),
                subject: GROUP.to_owned(),
                name: group.clone(),
            };
            wanted.insert(bound, Some(wants.line));
        }
    }
    let auditor = Auditor::read();
    groups.extend(auditor.bound.iter().map(|bound| bound.name.as_str()));
    let users = users(look, key, planned, found);
    wanted.extend(auditor.bound.iter().map(|bound| (bound.clone(), None)));
    for (part, is_part) in [("ClusterRoleBindings", true), ("RoleBindings", false)] {
        let fact: &Fact<Vec<Binding>> = if is_part { &found.bindings.cluster } else { &found.bindings.namespaced };
        let live = match (fact.get(), fact.missing()) {
            (Some(live), _) => live,
            (None, why) => {
                drift.unknown(place, "binding", part, why.unwrap_or_default());
                continue;
            }
        };
        let there: BTreeMap<Bound, &Binding> =
            live.iter().flat_map(|binding| of(binding).map(move |bound| (bound, binding))).collect();
        for (bound, line) in wanted.iter().filter(|(bound, _)| bound.namespace.is_empty() == is_part) {
            if there.contains_key(bound) {
                continue;
            }
            let place = line.map_or(place, |line| place.line(line));
            let resource = bound.resource();
            // Who binds a role has what it gives, or may bind it. Source: access.md 2.4.
            let rights = [
                format!("kubernetes:create {resource}.rbac.authorization.k8s.io"),
                format!("kubernetes:bind {}s.rbac.authorization.k8s.io/{}", bound.kind.to_lowercase(), bound.role),
            ];
            let rights: Vec<&str> = rights.iter().map(String::as_str).collect();
            drift.missing(place, "binding", format!("{} {}", bound.kind, bound.role), bound.words(), &rights);
        }
        for (bound, binding) in there.iter().filter(|(bound, _)| !wanted.contains_key(bound)) {
            let is_ours = binding.labels.get(OURS.0).is_some_and(|value| value == OURS.1);
            let is_of_the_file = match bound.subject.as_str() {
                GROUP => groups.contains(bound.name.as_str()),
                USER => users
                    .iter()
                    .any(|user| fit(user, &PrincipalKind::Role, planned.account.as_str(), &bound.name) != Fit::Never),
                _ => false,
            };
            if !is_ours && !is_of_the_file {
                continue;
            }
            let resource = bound.resource();
            let rights = match binding.subjects.len() {
                1 => vec![format!("kubernetes:delete {resource}.rbac.authorization.k8s.io")],
                // Kubernetes asks whoever changes subjects for what it asks who binds. Source: access.md 2.4.
                _ => vec![
                    format!("kubernetes:update {resource}.rbac.authorization.k8s.io"),
                    format!("kubernetes:bind {}s.rbac.authorization.k8s.io/{}", bound.kind.to_lowercase(), bound.role),
                ],
            };
            let rights: Vec<&str> = rights.iter().map(String::as_str).collect();
            let object = match binding.namespace.as_str() {
                "" => binding.name.clone(),
                namespace => format!("{namespace}/{}", binding.name),
            };
            drift.extra(place, "binding", object, bound.words(), &rights);
        }
    }
    roles(&auditor, place, found, drift);
}

/// The user names that people of the file's roles have in a cluster, with their placeholders: what their mappings say, and what EKS gives
/// where nobody names one. Entries that cannot be described have a row of their own.
fn users(look: &Look<'_>, key: &str, planned: &PlannedCluster, found: &Cluster) -> BTreeSet<String> {
    let roles: Vec<&Role> = look.roles_in(key).into_iter().filter(|role| role.enters()).collect();
    let mut users = BTreeSet::new();
    for entry in found.entries.get().into_iter().flatten() {
        if roles.iter().any(|role| look.is_role(role, &planned.account, &entry.principal)) {
            users.extend(usual(look, &entry.principal));
            users.extend(entry.details.get().map(|details| details.user.clone()));
        }
    }
    for line in found.aws_auth.get().map(|data| aws_auth::parse(data).entries).into_iter().flatten() {
        // Lines have no path, so that the name alone tells.
        let Some(principal) = Principal::parse(&line.principal) else { continue };
        let is = |role: &&Role| match role.made {
            Made::Set => {
                permission_set_in_any_case(principal.name).is_some_and(|set| set.eq_ignore_ascii_case(&role.name))
            }
            _ => principal.name.eq_ignore_ascii_case(&role.name),
        };
        if principal.account == planned.account.as_str() && roles.iter().any(is) {
            users.extend(usual(look, &line.principal));
            users.insert(line.user);
        }
    }
    users.remove("");
    users
}

fn of(binding: &Binding) -> impl Iterator<Item = Bound> {
    binding.subjects.iter().map(|subject| Bound {
        namespace: binding.namespace.clone(),
        kind: binding.role_kind.clone(),
        role: binding.role.clone(),
        subject: subject.kind.clone(),
        name: subject.name.clone(),
    })
}

/// The roles of the auditor.
fn roles(auditor: &Auditor, place: Place<'_>, found: &Cluster, drift: &mut Drift) {
    for role in &auditor.roles {
        let (fact, kind, resource): (&Fact<Vec<RbacRole>>, _, _) = match role.namespace.is_empty() {
            true => (&found.roles.cluster, "ClusterRole", "clusterroles"),
            false => (&found.roles.namespaced, "Role", "roles"),
        };
        let object = format!("{kind} {}", role.name);
        let live = match (fact.get(), fact.missing()) {
            (Some(live), _) => live,
            (None, why) => {
                drift.unknown(place, "role_rules", object, why.unwrap_or_default());
                continue;
            }
        };
        let rights = |verb: &str| {
            [
                format!("kubernetes:{verb} {resource}.rbac.authorization.k8s.io"),
                format!("kubernetes:escalate {resource}.rbac.authorization.k8s.io/{}", role.name),
            ]
        };
        match live.iter().find(|live| (&live.namespace, &live.name) == (&role.namespace, &role.name)) {
            None => {
                let rights = rights("create");
                drift.missing(place, "role_rules", object, told(&role.rules), &[&rights[0], &rights[1]]);
            }
            Some(live) if single(&live.rules) != single(&role.rules) => {
                let rights = rights("update");
                let (live, file) = (single(&live.rules), single(&role.rules));
                let only = |these: &BTreeSet<String>, others: &BTreeSet<String>| {
                    Side::of(these.difference(others).cloned().collect::<Vec<_>>().join(", "))
                };
                let sides = (only(&live, &file), only(&file, &live));
                drift.differs(place, "role_rules", object, sides, &[&rights[0], &rights[1]]);
            }
            Some(_) => {}
        }
    }
}

fn told(rules: &[Rule]) -> String {
    single(rules).into_iter().collect::<Vec<_>>().join(", ")
}

/// Rules, each as what it grants one by one: however they are grouped, the same rights are the same.
fn single(rules: &[Rule]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for rule in rules {
        let any = [String::new()];
        let names = if rule.resource_names.is_empty() { &any[..] } else { &rule.resource_names[..] };
        for verb in &rule.verbs {
            for (group, resource) in
                rule.api_groups.iter().flat_map(|group| rule.resources.iter().map(move |one| (group, one)))
            {
                for name in names {
                    let (dot, slash) =
                        (if group.is_empty() { "" } else { "." }, if name.is_empty() { "" } else { "/" });
                    all.insert(format!("{verb} {resource}{dot}{group}{slash}{name}"));
                }
            }
            all.extend(rule.urls.iter().map(|url| format!("{verb} {url}")));
        }
    }
    all
}

/// What the auditor's file makes in every cluster.
struct Auditor {
    bound: Vec<Bound>,
    roles: Vec<RbacRole>,
}

impl Auditor {
    fn read() -> Self {
        let mut found = Self { bound: Vec::new(), roles: Vec::new() };
        for document in policy::kubernetes().split("---\n") {
            let Ok(value) = serde_yaml::from_str::<Value>(document) else { continue };
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let (name, namespace) = (text(&value["metadata"]["name"]), text(&value["metadata"]["namespace"]));
            match value["kind"].as_str() {
                Some("ClusterRole" | "Role") => {
                    let rules = serde_json::from_value(value["rules"].clone()).unwrap_or_default();
                    found.roles.push(RbacRole { namespace, name, rules, ..RbacRole::default() });
                }
                Some("ClusterRoleBinding" | "RoleBinding") => found.bound.push(Bound {
                    namespace,
                    kind: text(&value["roleRef"]["kind"]),
                    role: text(&value["roleRef"]["name"]),
                    subject: text(&value["subjects"][0]["kind"]),
                    name: text(&value["subjects"][0]["name"]),
                }),
                _ => {}
            }
        }
        found
    }
}
