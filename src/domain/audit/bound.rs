//! Bindings that mappings of people have: what they grant, how they are named, and how they are taken away. Sources: access.md 2.5 to 2.9.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::answers::Rule as Grants;
use crate::domain::access::facts::{Binding, Cluster, RbacRole, RbacSubject};
use crate::domain::access::grant::{ClusterRef, Grant};
use crate::domain::access::who_can::identity;
use crate::domain::audit::finding::{Finding, Found, Place, reference};
use crate::domain::audit::scene::{Held, Human, Scene, kubectl, listing, rbac_sources, role_of};
use crate::domain::text::shell_word;

/// Bindings of EKS's own that do not start with `eks:`. Source: access.md 2.9.
const OF_EKS: [&str; 3] = ["aws-node", "vpc-resource-controller-role", "vpc-resource-controller-rolebinding"];

/// Whether a session of a mapping is what a subject of a binding names: templates may stand in groups and user names.
pub fn is_subject(grant: &Grant, subject: &RbacSubject) -> bool {
    match subject.kind.as_str() {
        "Group" => identity(grant).is_in(&subject.name),
        "User" => identity(grant).is_named(&subject.name),
        _ => false,
    }
}

/// A binding that mappings of people have, but of all on all in the whole cluster, which has a rule of its own.
pub struct Bound<'s> {
    /// The cluster.
    pub cluster: &'s Cluster,
    /// The mappings that have it.
    pub humans: Vec<&'s Human<'s>>,
    /// The role, and the binding that gives it.
    pub held: Held<'s>,
}

/// Those of some people, each binding once. Where bindings are not known there are none; the runner says so.
pub fn bound<'s>(scene: &'s Scene<'s>, of: impl Fn(&Human<'_>) -> bool) -> Vec<Bound<'s>> {
    let mut all: BTreeMap<(ClusterRef, &str, &str), Bound<'s>> = BTreeMap::new();
    for human in scene.humans.iter().filter(|human| of(human)) {
        for held in human.held().unwrap_or_default().into_iter().filter(|held| !is_everything(held)) {
            let key = (reference(human.cluster), held.binding.namespace.as_str(), held.binding.name.as_str());
            all.entry(key)
                .or_insert_with(|| Bound { cluster: human.cluster, humans: Vec::new(), held })
                .humans
                .push(human);
        }
    }
    all.into_values().collect()
}

impl Bound<'_> {
    /// Who has it.
    pub fn who(&self) -> String {
        let principals: BTreeSet<&str> = self.humans.iter().map(|human| human.grant.principal.as_str()).collect();
        listing(&principals.into_iter().collect::<Vec<_>>())
    }

    /// The tier of the first of them, in words.
    pub fn tier_words(&self) -> String {
        self.humans.first().map(|human| human.tier_words()).unwrap_or_default()
    }

    /// `ClusterRole edit`
    pub fn role(&self) -> String {
        format!("{} {}", self.held.binding.role_kind, self.held.binding.role)
    }

    /// Role, binding and group.
    pub fn words(&self) -> String {
        format!("{} ({} of {})", self.role(), binding_words(self.held.binding), self.held.right.subject)
    }

    /// The subject by which the people have it.
    pub fn subject(&self) -> Option<&RbacSubject> {
        let name = &self.held.right.subject;
        self.held.binding.subjects.iter().find(|subject| subject.kind != "ServiceAccount" && subject.name == *name)
    }

    /// How the people lose it.
    pub fn unbind(&self) -> String {
        match self.subject() {
            Some(subject) => unbind(self.cluster, self.held.binding, subject),
            None => delete_binding(self.cluster, self.held.binding),
        }
    }

    /// How the people lose a part of it: of a role that is the system's own, by the binding.
    pub fn less(&self, what: &str) -> String {
        match self.held.is_of_the_system() {
            true => format!("Bind a role without {what} in its place. {}", self.unbind()),
            false => format!("Take {what} out of {}", self.role()),
        }
    }

    /// A finding about the binding.
    pub fn add<'f>(&self, found: &'f mut Found, fact: String, fix: String) -> &'f mut Finding {
        let cluster = self.cluster;
        let sources = self.humans.iter().flat_map(|human| &human.grant.sources).chain(rbac_sources(cluster));
        found.add(Place::Cluster(cluster), binding_name(self.held.binding), fact, fix).said_by(sources)
    }
}

/// A finding for each binding by which people who are no admins have something.
pub fn each_object(scene: &Scene<'_>, found: &mut Found, what: &str, has: impl Fn(&Held<'_>) -> bool) {
    for bound in bound(scene, |human| !human.is_admin()) {
        if has(&bound.held) {
            let fact = format!("{} has {what} by {}.", bound.who(), bound.words());
            let fix = bound.less(what);
            bound.add(found, fact, fix);
        }
    }
}

/// What a binding gives to whom.
pub fn given(binding: &Binding, subject: &RbacSubject) -> String {
    format!("{} gives {} {} to {}.", binding_words(binding), binding.role_kind, binding.role, subject.name)
}

/// `RoleBinding web/developers`
pub fn binding_words(binding: &Binding) -> String {
    match binding.namespace.as_str() {
        "" => format!("ClusterRoleBinding {}", binding.name),
        namespace => format!("RoleBinding {namespace}/{}", binding.name),
    }
}

/// `rolebinding/web/developers`
pub fn binding_name(binding: &Binding) -> String {
    match binding.namespace.as_str() {
        "" => format!("clusterrolebinding/{}", binding.name),
        namespace => format!("rolebinding/{namespace}/{}", binding.name),
    }
}

/// A command about a binding. Its name stands behind `--`: one that begins with a dash would be an option, such as `--all`.
fn binding_command(cluster: &Cluster, verb: &str, binding: &Binding) -> String {
    let name = shell_word(&binding.name);
    kubectl(
        cluster,
        &match binding.namespace.as_str() {
            "" => format!("{verb} clusterrolebinding -- {name}"),
            namespace => format!("--namespace={} {verb} rolebinding -- {name}", shell_word(namespace)),
        },
    )
}

/// The command that deletes it.
pub fn delete_binding(cluster: &Cluster, binding: &Binding) -> String {
    binding_command(cluster, "delete", binding)
}

/// How one subject loses what a binding gives: the others keep it, and a binding of Kubernetes or EKS stays.
pub fn unbind(cluster: &Cluster, binding: &Binding, subject: &RbacSubject) -> String {
    if binding.subjects.len() < 2 && !is_default(binding) {
        return delete_binding(cluster, binding);
    }
    let edit = binding_command(cluster, "edit", binding);
    format!("Take the {} {} out of the subjects: {edit}", subject.kind.to_lowercase(), subject.name)
}

/// `Group developers`
pub fn subject_name(subject: &RbacSubject) -> String {
    format!("{} {}", subject.kind, subject.name)
}

/// Names of Kubernetes and EKS. Source: access.md 2.9.
pub fn is_own_name(name: &str) -> bool {
    name.starts_with("system:") || name.starts_with("eks:") || OF_EKS.contains(&name)
}

/// A binding that Kubernetes or EKS made.
pub fn is_default(binding: &Binding) -> bool {
    let bootstrap = binding.labels.get("kubernetes.io/bootstrapping").is_some_and(|value| value == "rbac-defaults");
    bootstrap || is_own_name(&binding.name)
}

/// A binding of all on all in the whole cluster.
pub fn is_admin_binding(cluster: &Cluster, binding: &Binding) -> bool {
    binding.namespace.is_empty()
        && (binding.role == "cluster-admin" || role_of(cluster, binding).is_some_and(is_all_on_all))
}

fn is_everything(held: &Held<'_>) -> bool {
    held.is_cluster_wide() && (held.binding.role == "cluster-admin" || held.role.is_some_and(is_all_on_all))
}

fn is_all_on_all(role: &RbacRole) -> bool {
    let star = |list: &[String]| list.iter().any(|word| word == "*");
    role.rules.iter().any(|rule| {
        star(&rule.verbs) && star(&rule.api_groups) && star(&rule.resources) && rule.resource_names.is_empty()
    })
}

/// Whether a role grants one of the verbs on a resource, of any name.
pub fn grants(held: &Held<'_>, group: &str, resource: &str, verbs: &[&str]) -> bool {
    let rules = held.role.map(|role| role.rules.as_slice()).unwrap_or_default();
    rules.iter().any(|rule| verbs.iter().any(|verb| allows(rule, group, resource, verb)))
}

/// Whether a rule grants a verb on a resource, of any name. Source: k8s.io/kubernetes pkg/apis/rbac/v1/evaluation_helpers.go (access.md 2.6).
pub fn allows(rule: &Grants, group: &str, resource: &str, verb: &str) -> bool {
    let has = |list: &[String], word: &str| list.iter().any(|own| own == "*" || own == word);
    let subresource = resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
    let resources = has(&rule.resources, resource) || subresource.is_some_and(|any| rule.resources.contains(&any));
    // A rule with names grants no creation of the resource itself: the request has no name yet.
    let nameless = verb == "create" && !resource.contains('/');
    has(&rule.verbs, verb) && has(&rule.api_groups, group) && resources && (rule.resource_names.is_empty() || !nameless)
}
