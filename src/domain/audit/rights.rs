//! Rules about what a mapping may do in Kubernetes. Sources: access.md 2.4 to 2.8, 3.

use std::collections::BTreeSet;

use crate::domain::access::answers::Rule as Grants;
use crate::domain::access::facts::{Binding, Cluster, RbacSubject};
use crate::domain::access::grant::Grant;
use crate::domain::access::grants::rights::Identity;
use crate::domain::access::who_can::identity;
use crate::domain::access::{AuthMode, Policy, policies};
use crate::domain::audit::access_file::Level;
use crate::domain::audit::bound::{
    allows, binding_name, binding_words, bound, delete_binding, each_object, given, grants, is_admin_binding,
    is_default, is_own_name, is_subject, subject_name, unbind,
};
use crate::domain::audit::entries::{is_creators, words};
use crate::domain::audit::finding::{Finding, Found, Place, Severity};
use crate::domain::audit::rule::{Group, Need, Rule};
use crate::domain::audit::scene::{
    Held, Human, all_bindings, entry_sources, kubectl, listing, mode, rbac_missing, rbac_sources, role_of,
};
use crate::domain::filter::Glob;
use crate::domain::text::shell_word;

/// The rules of this group.
pub const RULES: &[Rule] = &[
    ADMIN_TOO_MANY,
    EDIT_CLUSTER_WIDE,
    SECRETS_TO_VIEWERS,
    SCOPE_REACHES_SYSTEM,
    SCOPE_MISSING_NAMESPACE,
    ADMIN_POLICY_CANNOT_BIND,
    GROUP_UNBOUND,
    BINDING_NOBODY,
    BINDING_NO_ROLE,
    CLUSTER_ADMIN_BOUND,
    ANONYMOUS_BOUND,
    EVERYBODY_BOUND,
    RBAC_ESCALATION,
    RBAC_WILDCARD,
    RBAC_NODE_PROXY,
    RBAC_WEBHOOKS,
    RBAC_TOKEN_CREATE,
    RBAC_PV_CREATE,
    RBAC_CSR_APPROVE,
    AWS_AUTH_WRITERS,
    UNKNOWN_POLICY,
    POLICY_NAME_COLLIDES,
];

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
/// Each of them shows what an object holds.
const READS: [&str; 3] = ["get", "list", "watch"];
const AUTHENTICATION: &str = "authentication.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";
/// What everybody who comes in may have. Source: access.md 2.5.
const FOR_EVERYBODY: [&str; 4] =
    ["system:basic-user", "system:discovery", "system:public-info-viewer", "system:service-account-issuer-discovery"];

const ADMIN_TOO_MANY: Rule = Rule {
    id: "admin-too-many",
    group: Group::Rights,
    severity: Severity::High,
    title: "more are cluster admin than are meant to be",
    why: "A cluster admin reads every secret, becomes every service account, and hands out rights to others.",
    condition: "An access entry of people has AmazonEKSClusterAdminPolicy on the whole cluster, and the role is in no cluster-admin or break-glass tier: of access.toml, or, where it names no tiers, by the mapping (a pipeline's role is in the tier ci). Likely the creator's entry: see creator-admin.",
    fix: "Give a policy that the tier needs, in its namespaces.",
    tags: &[
        "CIS 4.1.1",
        "EKS best practices: Employ least privileged access when creating RoleBindings and ClusterRoleBindings",
    ],
    offline: true,
    needs: &[Need::Entries],
    check: |scene, found| {
        let has_tiers = !scene.file.tiers.is_empty();
        for human in scene.humans.iter().filter(|human| human.is_entry() && !is_creators(human)) {
            let everywhere = human.policies("ClusterAdmin").any(|policy| policy.namespaces.is_empty());
            let meant = if has_tiers { human.tier.is_some() && human.is_admin() } else { human.is_admin() };
            if everywhere && !meant {
                let whose = match (has_tiers, human.tier) {
                    (true, None) => {
                        let others = scene.file.namesakes(human.cluster).into_iter();
                        let others = others.map(|other| {
                            format!("; its `{}` is in account {}, {}", other.name, other.account, other.region)
                        });
                        format!("{} names it in no tier for this cluster{}", human.file, others.collect::<String>())
                    }
                    _ => human.tier_words(),
                };
                let fact = format!(
                    "{} has AmazonEKSClusterAdminPolicy on the whole cluster ({whose}).",
                    human.grant.principal
                );
                add(found, human, fact, narrow(human, "AmazonEKSClusterAdminPolicy", &[]));
            }
        }
    },
};

const EDIT_CLUSTER_WIDE: Rule = Rule {
    id: "edit-cluster-wide",
    group: Group::Rights,
    severity: Severity::High,
    title: "developers write in every namespace",
    why: "Edit reads and writes secrets and runs anything anywhere, kube-system included: from there it is a step to every service account of the cluster.",
    condition: "A role of the tier developer, namespace-admin or ci has AmazonEKSEditPolicy or AmazonEKSAdminPolicy on the whole cluster, or its group is bound to edit or admin by a ClusterRoleBinding.",
    fix: "Scope the policy to namespaces; use RoleBindings.",
    tags: &[
        "CIS 4.1.2",
        "EKS best practices: Employ least privileged access when creating RoleBindings and ClusterRoleBindings",
    ],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        let works = |human: &&Human<'_>| matches!(human.level, Level::Developer | Level::NamespaceAdmin | Level::Ci);
        for human in scene.humans.iter().filter(works) {
            for name in ["Edit", "Admin"] {
                if human.policies(name).any(|policy| policy.namespaces.is_empty()) {
                    let fact = format!(
                        "{} has AmazonEKS{name}Policy on the whole cluster ({}).",
                        human.grant.principal,
                        human.tier_words()
                    );
                    add(found, human, fact, narrow(human, &format!("AmazonEKS{name}Policy"), &[])).about(name);
                }
            }
        }
        for bound in bound(scene, |human| works(&human)) {
            let binding = bound.held.binding;
            if bound.held.is_cluster_wide() && ["edit", "admin"].contains(&binding.role.as_str()) {
                let fact = format!(
                    "{} has {} in every namespace by {} ({}).",
                    bound.who(),
                    binding.role,
                    bound.words(),
                    bound.tier_words()
                );
                let kind = bound.subject().map_or("Group", |subject| subject.kind.as_str());
                let option = if kind == "User" { "user" } else { "group" };
                let create = format!(
                    "--namespace=NAMESPACE create rolebinding --clusterrole={} --{option}={} -- {}",
                    binding.role,
                    shell_word(&bound.held.right.subject),
                    shell_word(&binding.name)
                );
                let fix = format!("{}; then: {}", kubectl(bound.cluster, &create), bound.unbind());
                bound.add(found, fact, fix);
            }
        }
    },
};

const SECRETS_TO_VIEWERS: Rule = Rule {
    id: "secrets-to-viewers",
    group: Group::Rights,
    severity: Severity::Medium,
    title: "viewers read secrets",
    why: "Secrets hold tokens and passwords: who reads them can do what their owners can.",
    condition: "A role of the tier viewer has an access policy, or a role of RBAC, that gets or lists secrets. All on all in the whole cluster is told by admin-too-many.",
    fix: "Give AmazonEKSViewPolicy, and a role of your own for what it lacks.",
    tags: &["CIS 4.1.2"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        for human in scene.humans.iter().filter(|human| human.level == Level::Viewer) {
            // Admin of everything in the whole cluster is told by admin-too-many or creator-admin.
            let is_told =
                |policy: &Policy| policy.name == "AmazonEKSClusterAdminPolicy" && policy.namespaces.is_empty();
            for policy in human.grant.policies.iter().filter(|policy| !is_told(policy)) {
                let reads = |rule: &Grants| READS.iter().any(|verb| allows(rule, "", "secrets", verb));
                if policies::rules(&policy.name).is_some_and(|rules| rules.iter().any(reads)) {
                    let Policy { name, .. } = policy;
                    let fact = format!("{} reads secrets by {name} ({}).", human.grant.principal, human.tier_words());
                    let short = name.trim_start_matches("AmazonEKS").trim_end_matches("Policy");
                    add(found, human, fact, to_view(human, name)).about(short);
                }
            }
        }
        for bound in bound(scene, |human| human.level == Level::Viewer) {
            if grants(&bound.held, "", "secrets", &READS) {
                let fact = format!("{} reads secrets by {} ({}).", bound.who(), bound.words(), bound.tier_words());
                let fix = bound.less("secrets");
                bound.add(found, fact, fix);
            }
        }
    },
};

const SCOPE_REACHES_SYSTEM: Rule = Rule {
    id: "scope-reaches-system",
    group: Group::Rights,
    severity: Severity::High,
    title: "a policy for namespaces reaches kube-system",
    why: "In kube-system run the cluster's own controllers: who writes there becomes any of them.",
    condition: "The namespaces of an Edit, Admin or ClusterAdmin policy name kube-system, or have a wildcard that matches it.",
    fix: "List the namespaces that are meant.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries],
    check: |scene, found| {
        for human in &scene.humans {
            for name in ["Edit", "Admin", "ClusterAdmin"] {
                let reaches = |policy: &&Policy| !policy.namespaces.is_empty() && policy.is_in("kube-system");
                for policy in human.policies(name).filter(reaches) {
                    let fact = format!(
                        "{} has {} in {}, and that reaches kube-system.",
                        human.grant.principal,
                        policy.name,
                        policy.namespaces.join(", ")
                    );
                    let good = policy.namespaces.iter().filter(|wanted| !Glob::new(wanted).matches("kube-system"));
                    let good: Vec<&str> = good.map(String::as_str).collect();
                    add(found, human, fact, narrow(human, &policy.name, &good)).about(&policy.name);
                }
            }
        }
    },
};

const SCOPE_MISSING_NAMESPACE: Rule = Rule {
    id: "scope-missing-namespace",
    group: Group::Rights,
    severity: Severity::Low,
    title: "a policy is for a namespace that is not there",
    why: "EKS checks neither that a namespace is there nor how it is spelt: people lack rights, or get them when somebody makes one of that name.",
    condition: "A namespace of an access policy is in no complete list of the cluster's, or a wildcard matches none.",
    fix: "Correct the name, or take it out.",
    tags: &[],
    offline: false,
    needs: &[Need::Entries, Need::Namespaces],
    check: |scene, found| {
        for human in &scene.humans {
            let Some(known) = human.cluster.namespaces.get() else { continue };
            for policy in &human.grant.policies {
                let missing = policy.namespaces.iter().filter(|wanted| {
                    let glob = Glob::new(wanted);
                    !known.iter().any(|name| glob.matches(name))
                });
                let missing: Vec<&str> = missing.map(String::as_str).collect();
                if !missing.is_empty() {
                    let fact = format!(
                        "{} of {} is for {}, and the cluster has no such namespace.",
                        policy.name,
                        human.grant.principal,
                        listing(&missing)
                    );
                    let good = policy.namespaces.iter().map(String::as_str).filter(|name| !missing.contains(name));
                    let good: Vec<&str> = good.collect();
                    add(found, human, fact, narrow(human, &policy.name, &good))
                        .about(&policy.name)
                        .said_by(&human.cluster.namespaces.source);
                }
            }
        }
    },
};

const ADMIN_POLICY_CANNOT_BIND: Rule = Rule {
    id: "admin-policy-cannot-bind",
    group: Group::Rights,
    severity: Severity::Info,
    title: "AmazonEKSAdminPolicy cannot hand out rights",
    why: "Kubernetes checks against escalation by RBAC alone, which knows no access policies: such an admin's role bindings are refused.",
    condition: "A mapping has AmazonEKSAdminPolicy, and none of its groups is bound to the ClusterRole admin.",
    fix: "Give a group, and bind it to the ClusterRole admin in the namespace.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Rbac],
    check: |scene, found| {
        for human in scene
            .humans
            .iter()
            .filter(|human| human.policies("Admin").next().is_some() && human.policies("ClusterAdmin").next().is_none())
        {
            let Ok(held) = human.held() else { continue };
            if !held.iter().any(|held| ["admin", "cluster-admin"].contains(&held.binding.role.as_str())) {
                let fact = format!(
                    "{} has AmazonEKSAdminPolicy and no binding to the ClusterRole admin, so that its role bindings are refused.",
                    human.grant.principal
                );
                // The command writes the list anew: groups that are not in it are lost.
                let own = human.grant.groups.iter().map(String::as_str).filter(|group| !group.starts_with("system:"));
                let groups: Vec<&str> = own.chain(["GROUP"]).collect();
                let bind = "--namespace=NAMESPACE create rolebinding --clusterrole=admin --group=GROUP -- GROUP-admin";
                let fix = format!(
                    "{} --kubernetes-groups {} && {}",
                    human.entry_command("update-access-entry"),
                    words(&groups),
                    kubectl(human.cluster, bind)
                );
                add(found, human, fact, fix);
            }
        }
    },
};

const GROUP_UNBOUND: Rule = Rule {
    id: "group-unbound",
    group: Group::Rights,
    severity: Severity::Medium,
    title: "a group of a mapping is bound to nothing",
    why: "EKS makes no groups: one that no binding names gives nothing now, and whatever somebody binds it to later.",
    condition: "A group of a mapping of people is a subject of no RoleBinding and no ClusterRoleBinding.",
    fix: "Bind it, or take it out.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        for human in &scene.humans {
            let cluster = human.cluster;
            if rbac_missing(cluster).is_some() {
                continue;
            }
            let bound: BTreeSet<&str> = all_bindings(cluster)
                .flat_map(|binding| &binding.subjects)
                .filter(|subject| subject.kind == "Group")
                .map(|subject| subject.name.as_str())
                .collect();
            for group in
                human.grant.groups.iter().filter(|group| !is_own_name(group) && !is_bound(human, group, &bound))
            {
                let fact = format!("{} is in the group {group}, which no binding names.", human.grant.principal);
                let bind = format!(
                    "--namespace=NAMESPACE create rolebinding --clusterrole=view --group={0} -- {0}",
                    shell_word(group)
                );
                add(found, human, fact, kubectl(cluster, &bind)).about(group).said_by(rbac_sources(cluster));
            }
        }
    },
};

const BINDING_NOBODY: Rule = Rule {
    id: "binding-nobody",
    group: Group::Rights,
    severity: Severity::Low,
    title: "a binding is for a group or user that nobody is",
    why: "It gives nothing now, and its rights to whoever is mapped to that name later.",
    condition: "A Group subject that no mapping and no identity provider can give, or a User subject that none can be; Kubernetes' and EKS's own names do not count. What cluster-admin-bound tells is not told again.",
    fix: "Delete the subject, or map the group.",
    tags: &["CIS 4.1.1"],
    offline: false,
    needs: &[Need::Entries, Need::Lines, Need::Rbac, Need::IdentityProviders],
    check: |scene, found| {
        for cluster in scene.facts.clusters.iter().filter(|cluster| knows_all_names(cluster)) {
            let grants: Vec<&Grant> = scene.grants_of(cluster).collect();
            let nobody = |subject: &&RbacSubject| {
                let is_somebody = |grant: &&Grant| is_subject(grant, subject);
                ["Group", "User"].contains(&subject.kind.as_str())
                    && !is_own_name(&subject.name)
                    && !grants.iter().any(is_somebody)
            };
            for binding in
                all_bindings(cluster).filter(|binding| !is_default(binding) && !is_admin_binding(cluster, binding))
            {
                for subject in binding.subjects.iter().filter(nobody) {
                    let fact = format!(
                        "{} names the {} {}, and nobody who is let in is that.",
                        binding_words(binding),
                        subject.kind.to_lowercase(),
                        subject.name
                    );
                    found
                        .add(Place::Cluster(cluster), binding_name(binding), fact, unbind(cluster, binding, subject))
                        .about(&subject_name(subject))
                        .said_by(rbac_sources(cluster).chain(&cluster.entries.source));
                }
            }
        }
    },
};

const BINDING_NO_ROLE: Rule = Rule {
    id: "binding-no-role",
    group: Group::Rights,
    severity: Severity::Low,
    title: "a binding is to a role that is not there",
    why: "It gives nothing now, and whatever stands in a role that somebody makes under that name.",
    condition: "The roleRef of a binding names a Role or a ClusterRole that is in no complete list.",
    fix: "Delete the binding, or make the role.",
    tags: &[],
    offline: true,
    needs: &[Need::Rbac],
    check: |scene, found| {
        for cluster in scene.facts.clusters.iter().filter(|cluster| rbac_missing(cluster).is_none()) {
            for binding in
                all_bindings(cluster).filter(|binding| !is_default(binding) && role_of(cluster, binding).is_none())
            {
                let fact = format!(
                    "{} is to {} {}, and there is none.",
                    binding_words(binding),
                    binding.role_kind,
                    binding.role
                );
                found
                    .add(Place::Cluster(cluster), binding_name(binding), fact, delete_binding(cluster, binding))
                    .said_by(rbac_sources(cluster));
            }
        }
    },
};

const CLUSTER_ADMIN_BOUND: Rule = Rule {
    id: "cluster-admin-bound",
    group: Group::Rights,
    severity: Severity::High,
    title: "people are bound to cluster-admin",
    why: "A cluster admin reads every secret, becomes every service account, and hands out rights to others.",
    condition: "A ClusterRoleBinding to cluster-admin, or to a role with all verbs on all resources, names a user or a group of people. Those whose mappings are all of a cluster-admin or break-glass tier of access.toml are meant; Kubernetes' own binding of system:masters, EKS's own, and service accounts do not count.",
    fix: "Bind a smaller role.",
    tags: &[
        "CIS 4.1.1",
        "EKS best practices: Employ least privileged access when creating RoleBindings and ClusterRoleBindings",
    ],
    offline: true,
    needs: &[Need::Rbac],
    check: |scene, found| {
        for cluster in &scene.facts.clusters {
            // Whatever the binding's name and labels say: anybody may add a subject to Kubernetes' own binding, or name one `eks:…`.
            for binding in all_bindings(cluster).filter(|binding| is_admin_binding(cluster, binding)) {
                let is_own =
                    |subject: &RbacSubject| ["system:", "eks:"].iter().any(|own| subject.name.starts_with(own));
                for subject in
                    binding.subjects.iter().filter(|subject| subject.kind != "ServiceAccount" && !is_own(subject))
                {
                    let has = |human: &&Human<'_>| is_subject(human.grant, subject);
                    let mut of = scene.humans_of(cluster).filter(has).peekable();
                    let meant = of.peek().is_some() && of.all(|human| human.tier.is_some() && human.is_admin());
                    if !meant {
                        let fact = format!(
                            "{} makes the {} {} admin of the whole cluster.",
                            binding_words(binding),
                            subject.kind.to_lowercase(),
                            subject.name
                        );
                        found
                            .add(
                                Place::Cluster(cluster),
                                binding_name(binding),
                                fact,
                                unbind(cluster, binding, subject),
                            )
                            .about(&subject_name(subject))
                            .said_by(rbac_sources(cluster));
                    }
                }
            }
        }
    },
};

const ANONYMOUS_BOUND: Rule = Rule {
    id: "anonymous-bound",
    group: Group::Rights,
    severity: Severity::Critical,
    title: "who has not signed in has rights",
    why: "Everybody who reaches the endpoint has them, without any token.",
    condition: "A binding names system:anonymous or system:unauthenticated, and is not to system:public-info-viewer; medium for system:discovery and system:basic-user, which clusters older than 1.14 left behind.",
    fix: "Delete the subject.",
    tags: &["CIS 4.1.8", "EKS best practices: Review and revoke unnecessary anonymous access"],
    offline: true,
    needs: &[Need::Rbac],
    check: |scene, found| {
        for cluster in &scene.facts.clusters {
            for binding in all_bindings(cluster).filter(|binding| binding.role != "system:public-info-viewer") {
                for subject in binding
                    .subjects
                    .iter()
                    .filter(|subject| ["system:anonymous", "system:unauthenticated"].contains(&subject.name.as_str()))
                {
                    let fact = given(binding, subject);
                    let finding = found
                        .add(Place::Cluster(cluster), binding_name(binding), fact, unbind(cluster, binding, subject))
                        .about(&subject_name(subject))
                        .said_by(rbac_sources(cluster));
                    if ["system:discovery", "system:basic-user"].contains(&binding.role.as_str()) {
                        finding.severity(Severity::Medium);
                    }
                }
            }
        }
    },
};

const EVERYBODY_BOUND: Rule = Rule {
    id: "everybody-bound",
    group: Group::Rights,
    severity: Severity::High,
    title: "everybody who is let in has more than the basics",
    why: "A mapping that is meant to give little gives that, too, and so does every pod's service account.",
    condition: "A binding names system:authenticated or system:serviceaccounts, and is to another role than system:basic-user, system:discovery, system:public-info-viewer and system:service-account-issuer-discovery. EKS's own (binding and role start with `eks:`) do not count.",
    fix: "Name the groups that are meant.",
    tags: &["CIS 4.1.1"],
    offline: true,
    needs: &[Need::Rbac],
    check: |scene, found| {
        for cluster in &scene.facts.clusters {
            // Such as `eks:podsecuritypolicy:authenticated`, to everybody on purpose; of all on all it would be told all the same.
            let of_eks = |binding: &Binding| {
                [&binding.name, &binding.role].into_iter().all(|name| name.starts_with("eks:"))
                    && !is_admin_binding(cluster, binding)
            };
            let basic = |binding: &Binding| FOR_EVERYBODY.contains(&binding.role.as_str());
            for binding in all_bindings(cluster).filter(|binding| !basic(binding) && !of_eks(binding)) {
                for subject in binding.subjects.iter().filter(|subject| {
                    ["system:authenticated", "system:serviceaccounts"].contains(&subject.name.as_str())
                }) {
                    let fact = given(binding, subject);
                    found
                        .add(Place::Cluster(cluster), binding_name(binding), fact, unbind(cluster, binding, subject))
                        .about(&subject_name(subject))
                        .said_by(rbac_sources(cluster));
                }
            }
        }
    },
};

const RBAC_ESCALATION: Rule = Rule {
    id: "rbac-escalation",
    group: Group::Rights,
    severity: Severity::Critical,
    title: "people can give themselves more rights",
    why: "`escalate` and `bind` write roles and bindings beyond one's own rights; `impersonate` acts as somebody else.",
    condition: "A role of RBAC that a mapping of people has grants escalate or bind on roles, or impersonate on users, groups or service accounts, or one of Kubernetes 1.35's constrained forms of it (impersonate:user-info, impersonate:serviceaccount, impersonate:arbitrary-node): critical in the whole cluster (high where bind is limited to named roles that only read, and no secrets), high in a namespace, where of these roles and service accounts alone can be had (users and groups are not in one, and Kubernetes asks for them in the whole cluster). What only Kubernetes' own edit and admin give, and cluster-admin tiers, do not count.",
    fix: "Take the verbs out of the role.",
    tags: &["CIS 4.1.8", "CIS 4.1.4"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        for bound in bound(scene, |human| !human.is_admin()) {
            let held = &bound.held;
            let everywhere = held.is_cluster_wide();
            // A ClusterRole is written in no namespace, but bound in one (`pkg/apis/rbac/v1` and `pkg/registry/rbac/escalation_check.go`).
            let writes = |verb: &&str| {
                let is_there = |kind: &str| everywhere || *verb == "bind" || kind == "roles";
                ["roles", "clusterroles"].iter().any(|kind| is_there(kind) && grants(held, RBAC, kind, &[verb]))
            };
            let mut verbs: Vec<&str> = ["escalate", "bind"].into_iter().filter(writes).collect();
            // Only service accounts are in namespaces (`apiserver/pkg/endpoints/filters/impersonation`).
            let accounts = !held.is_built_in() && grants(held, "", "serviceaccounts", &["impersonate"]);
            let anybody = [("", "users"), ("", "groups"), (AUTHENTICATION, "uids")];
            let becomes = |(group, kind): &(&str, &str)| grants(held, group, kind, &["impersonate"]);
            if accounts || (everywhere && anybody.iter().any(becomes)) {
                verbs.push("impersonate");
            } else {
                // Kubernetes 1.35, KEP-5284: verbs and resources of their own.
                let constrained = [
                    ("impersonate:user-info", &["users", "groups", "uids"][..], true),
                    ("impersonate:serviceaccount", &["serviceaccounts"][..], false),
                    ("impersonate:arbitrary-node", &["nodes"][..], true),
                ];
                let reached = constrained.into_iter().filter(|(verb, kinds, is_of_cluster)| {
                    (everywhere || !is_of_cluster)
                        && kinds.iter().any(|kind| grants(held, AUTHENTICATION, kind, &[verb]))
                });
                verbs.extend(reached.map(|(verb, ..)| verb));
            }
            if !verbs.is_empty() {
                let place = if everywhere {
                    "in the whole cluster".to_owned()
                } else {
                    format!("in {}", held.binding.namespace)
                };
                let fact = format!("{} may {} {place} by {}.", bound.who(), listing(&verbs), bound.words());
                let is_little = verbs == ["bind"] && binds_readers_only(bound.cluster, held);
                let severity = if everywhere && !is_little { Severity::Critical } else { Severity::High };
                let fix = bound.less(&listing(&verbs));
                bound.add(found, fact, fix).severity(severity);
            }
        }
    },
};

/// Whether all that may be bound are named roles that are there, read only, and no secrets.
fn binds_readers_only(cluster: &Cluster, held: &Held<'_>) -> bool {
    let of = |kind: &str, name: &str| {
        let list = if kind == "clusterroles" { &cluster.roles.cluster } else { &cluster.roles.namespaced };
        let named: Vec<_> = list.get().into_iter().flatten().filter(|role| role.name == name).collect();
        let reads = |rule: &Grants| {
            rule.verbs.iter().all(|verb| READS.contains(&verb.as_str()))
                && !rule.resources.iter().any(|resource| ["*", "secrets", "nodes/proxy"].contains(&resource.as_str()))
        };
        !named.is_empty() && named.iter().all(|role| role.rules.iter().all(reads))
    };
    let rules = held.role.map(|role| role.rules.as_slice()).unwrap_or_default();
    ["roles", "clusterroles"].iter().all(|kind| {
        let binding = rules.iter().filter(|rule| allows(rule, RBAC, kind, "bind"));
        let is_little =
            |rule: &Grants| !rule.resource_names.is_empty() && rule.resource_names.iter().all(|name| of(kind, name));
        binding.into_iter().all(is_little)
    })
}

const RBAC_WILDCARD: Rule = Rule {
    id: "rbac-wildcard",
    group: Group::Rights,
    severity: Severity::Medium,
    title: "a role of people has wildcards",
    why: "A wildcard grants what comes later, too: new verbs, new resources, every custom resource.",
    condition: "A role that a mapping of people has says `*` for verbs or resources. All on all is told by cluster-admin-bound; Kubernetes' and EKS's own roles do not count.",
    fix: "Name verbs and resources.",
    tags: &[
        "CIS 4.1.3",
        "EKS best practices: Employ least privileged access when creating RoleBindings and ClusterRoleBindings",
    ],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        let wild = |rule: &Grants| {
            rule.urls.is_empty()
                && [&rule.verbs, &rule.resources].iter().any(|list| list.iter().any(|word| word == "*"))
        };
        for bound in bound(scene, |human| !human.is_admin()) {
            let own = bound.held.is_of_the_system() || is_own_name(&bound.held.binding.role);
            if !own && bound.held.role.is_some_and(|role| role.rules.iter().any(wild)) {
                let fact = format!("{} has wildcards by {}.", bound.who(), bound.words());
                bound.add(found, fact, format!("Name verbs and resources in {}", bound.role()));
            }
        }
    },
};

const RBAC_NODE_PROXY: Rule = Rule {
    id: "rbac-node-proxy",
    group: Group::Rights,
    severity: Severity::High,
    title: "people reach the kubelet's API",
    why: "By nodes/proxy, `get` alone runs commands in every pod of the node, past admission and the audit log.",
    condition: "A role that a mapping of people has grants nodes/proxy. Cluster-admin tiers do not count.",
    fix: "Take nodes/proxy out of the role.",
    tags: &["CIS 4.1.10"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        each_object(scene, found, "nodes/proxy", |held| {
            held.is_cluster_wide() && grants(held, "", "nodes/proxy", &["get", "create", "update", "patch", "delete"])
        })
    },
};

const RBAC_WEBHOOKS: Rule = Rule {
    id: "rbac-webhooks",
    group: Group::Rights,
    severity: Severity::High,
    title: "people write admission webhooks or policies",
    why: "A webhook sees every object that is written, secrets among them, and may change it.",
    condition: "A role that a mapping of people has creates or changes validating or mutating webhook configurations or admission policies. Cluster-admin tiers do not count.",
    fix: "Take them out of the role.",
    tags: &["CIS 4.1.12"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        each_object(scene, found, "admission webhooks or policies", |held| {
            let kinds = [
                "validatingwebhookconfigurations",
                "mutatingwebhookconfigurations",
                "validatingadmissionpolicies",
                "mutatingadmissionpolicies",
            ];
            held.is_cluster_wide()
                && kinds.iter().any(|kind| grants(held, ADMISSION, kind, &["create", "update", "patch"]))
        })
    },
};

const RBAC_TOKEN_CREATE: Rule = Rule {
    id: "rbac-token-create",
    group: Group::Rights,
    severity: Severity::High,
    title: "people make tokens of service accounts",
    why: "A token of a service account is its rights, in somebody's hand, outside single sign-on and for as long as it was made for.",
    condition: "A role that a mapping of people has creates serviceaccounts/token. What only Kubernetes' own edit and admin give, and cluster-admin tiers, do not count.",
    fix: "Take serviceaccounts/token out of the role.",
    tags: &["CIS 4.1.13"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        each_object(scene, found, "serviceaccounts/token", |held| {
            // What cluster-admin gives in a namespace is told by rbac-escalation.
            !held.is_of_the_system() && grants(held, "", "serviceaccounts/token", &["create"])
        })
    },
};

const RBAC_PV_CREATE: Rule = Rule {
    id: "rbac-pv-create",
    group: Group::Rights,
    severity: Severity::High,
    title: "people make persistent volumes",
    why: "A persistent volume may be a path of the node: its files, and the credentials of its kubelet.",
    condition: "A role that a mapping of people has creates persistentvolumes. Cluster-admin tiers do not count.",
    fix: "Take persistentvolumes out of the role; claims suffice.",
    tags: &["CIS 4.1.9"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        each_object(scene, found, "persistentvolumes", |held| {
            held.is_cluster_wide() && grants(held, "", "persistentvolumes", &["create"])
        })
    },
};

const RBAC_CSR_APPROVE: Rule = Rule {
    id: "rbac-csr-approve",
    group: Group::Rights,
    severity: Severity::High,
    title: "people approve certificates",
    why: "An approved request is a certificate that lets its holder in under any name, outside IAM, until it ends.",
    condition: "A role that a mapping of people updates certificatesigningrequests/approval, or approves signers. Cluster-admin tiers do not count.",
    fix: "Take both out of the role.",
    tags: &["CIS 4.1.11"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        each_object(scene, found, "the approval of certificates", |held| {
            held.is_cluster_wide()
                && (grants(held, CERTIFICATES, "certificatesigningrequests/approval", &["update", "patch"])
                    || grants(held, CERTIFICATES, "signers", &["approve"]))
        })
    },
};

const AWS_AUTH_WRITERS: Rule = Rule {
    id: "aws-auth-writers",
    group: Group::Rights,
    severity: Severity::Critical,
    title: "people who are no admins can write aws-auth",
    why: "Who writes that ConfigMap maps anybody to system:masters.",
    condition: "The mode takes aws-auth, and a mapping of people outside cluster-admin tiers may update or patch configmaps in kube-system: by an Edit or Admin policy whose scope has it, or by RBAC.",
    fix: "Move to the mode API; until then take the scope away.",
    tags: &["EKS best practices: Combine IAM Identity Center with CAM API"],
    offline: true,
    needs: &[Need::Settings, Need::Entries, Need::Lines, Need::Rbac],
    check: |scene, found| {
        let takes = |human: &&Human<'_>| mode(human.cluster).is_some_and(AuthMode::has_config_map) && !human.is_admin();
        for human in scene.humans.iter().filter(takes) {
            let policy = ["Edit", "Admin", "ClusterAdmin"]
                .into_iter()
                .flat_map(|name| human.policies(name))
                .find(|policy| policy.is_in("kube-system"));
            if let Some(policy) = policy {
                let fact = format!(
                    "{} may write aws-auth by {} ({}).",
                    human.grant.principal,
                    policy.name,
                    human.tier_words()
                );
                add(found, human, fact, narrow(human, &policy.name, &[]));
            }
        }
        let here = |held: &Held<'_>| held.is_cluster_wide() || held.binding.namespace == "kube-system";
        let named =
            |rule: &Grants| rule.resource_names.is_empty() || rule.resource_names.iter().any(|name| name == "aws-auth");
        let writes =
            |rule: &Grants| ["update", "patch"].iter().any(|verb| allows(rule, "", "configmaps", verb)) && named(rule);
        for bound in bound(scene, |human| takes(&human)) {
            if here(&bound.held) && bound.held.role.is_some_and(|role| role.rules.iter().any(writes)) {
                let fact = format!("{} may write aws-auth by {} ({}).", bound.who(), bound.words(), bound.tier_words());
                let fix = bound.unbind();
                bound.add(found, fact, fix);
            }
        }
    },
};

const UNKNOWN_POLICY: Rule = Rule {
    id: "unknown-policy",
    group: Group::Rights,
    severity: Severity::Info,
    title: "an access policy that eksso does not know",
    why: "EKS names the rules of its policies nowhere; of one that is newer than this eksso the rights are not known.",
    condition: "A mapping of people has an access policy that is not in the table of eksso.",
    fix: "Read what it grants in the EKS user guide, and update eksso.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries],
    check: |scene, found| {
        for human in &scene.humans {
            for policy in human
                .grant
                .policies
                .iter()
                .filter(|policy| policies::adds(&policy.name).is_none() && !policies::is_for_aws(&policy.name))
            {
                let fact = format!("{} has {}, whose rights eksso does not know.", human.grant.principal, policy.name);
                add(
                    found,
                    human,
                    fact,
                    "https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html",
                );
            }
        }
    },
};

const POLICY_NAME_COLLIDES: Rule = Rule {
    id: "policy-name-collides",
    group: Group::Rights,
    severity: Severity::Info,
    title: "two permission sets are the same to a cluster",
    why: "Two names for one thing: who is moved from one to the other gains and loses nothing, and nobody sees which is meant.",
    condition: "Two access entries of different permission sets have the same groups and the same policies, and have some. Break-glass is meant to be like the cluster admin.",
    fix: "Use one of them.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries],
    check: |scene, found| {
        for cluster in &scene.facts.clusters {
            let sets: Vec<(&Human<'_>, &str)> = scene
                .humans_of(cluster)
                .filter(|human| human.is_entry() && human.grant.unread.is_none() && human.level != Level::BreakGlass)
                .filter_map(|human| Some((human, human.set()?)))
                .collect();
            let rights = |human: &Human<'_>| {
                let groups: BTreeSet<String> =
                    human.grant.groups.iter().filter(|group| *group != "system:authenticated").cloned().collect();
                let policies: BTreeSet<String> = human.grant.policies.iter().map(ToString::to_string).collect();
                (groups, policies)
            };
            for (index, (human, set)) in sets.iter().enumerate() {
                let own = rights(human);
                let same = |(other, name): &&(&Human<'_>, &str)| name != set && rights(other) == own;
                let Some((_, other)) = sets[..index].iter().find(same).filter(|_| own != Default::default()) else {
                    continue;
                };
                let fact = format!("The permission sets {other} and {set} have the same groups and access policies.");
                add(found, human, fact, format!("Use one of {other} and {set}"));
            }
        }
    },
};

/// Whether one of the groups that bindings name is that of a mapping, or one that its template gives in some session.
fn is_bound(human: &Human<'_>, group: &str, bound: &BTreeSet<&str>) -> bool {
    let groups = [group.to_owned()];
    let gives = |name: &&str| Identity { groups: &groups, ..identity(human.grant) }.is_in(name);
    bound.contains(group) || (group.contains("{{") && bound.iter().filter(|name| !is_own_name(name)).any(gives))
}

/// Whether it names something that an access entry's principal can be, so that all names are known.
fn knows_all_names(cluster: &Cluster) -> bool {
    let entries =
        || cluster.entries.get().is_some_and(|entries| entries.iter().all(|entry| entry.details.get().is_some()));
    let has_entries = mode(cluster).is_none_or(AuthMode::has_entries);
    let has_lines = mode(cluster).is_none_or(AuthMode::has_config_map);
    (!has_entries || entries())
        && (!has_lines || cluster.aws_auth.get().is_some())
        && cluster.identity_providers.get().is_some()
        && rbac_missing(cluster).is_none()
}

fn add<'f>(found: &'f mut Found, human: &Human<'_>, fact: String, fix: impl Into<String>) -> &'f mut Finding {
    let sources = human.grant.sources.iter().chain(entry_sources(human.cluster, &human.grant.principal));
    found.add(Place::Cluster(human.cluster), human.grant.principal.as_str(), fact, fix).said_by(sources)
}

/// The command that gives a policy a smaller scope: it is set by associating it again, with all of its namespaces.
fn narrow(human: &Human<'_>, policy: &str, namespaces: &[&str]) -> String {
    let namespaces = if namespaces.is_empty() { &["NAMESPACE"] } else { namespaces };
    human.associate(&human.grant.principal, policy, namespaces)
}

/// The commands that give the policy View in the place of another, where that held.
fn to_view(human: &Human<'_>, policy: &str) -> String {
    let disassociate = human.disassociate(policy);
    if human.policies("View").next().is_some() {
        return disassociate;
    }
    let scope = human.grant.policies.iter().find(|own| own.name == policy).map(|own| own.namespaces.as_slice());
    let scope: Vec<&str> = scope.unwrap_or_default().iter().map(String::as_str).collect();
    format!("{disassociate} && {}", human.associate(&human.grant.principal, "AmazonEKSViewPolicy", &scope))
}
