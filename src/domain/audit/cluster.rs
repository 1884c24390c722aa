//! Rules about a cluster as a whole. Sources: access.md 1.6, 3.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::facts::{Assignee, Assignments, Capability, Cluster, Directory};
use crate::domain::access::iam::effective::of_role;
use crate::domain::audit::access_file::Level;
use crate::domain::audit::entries::cluster_name;
use crate::domain::audit::finding::{Found, Place, Severity};
use crate::domain::audit::iam::is_strong;
use crate::domain::audit::rule::{Group, Need, Rule};
use crate::domain::audit::scene::{Looked, Scene, arguments};
use crate::domain::role_arn::Principal;

/// The rules of this group.
pub const RULES: &[Rule] =
    &[ENDPOINT_OPEN, NO_AUDIT_LOG, NO_AUTHENTICATOR_LOG, OIDC_PROVIDER, ARGOCD_ADMINS, WORKLOAD_ADMIN];

const ENDPOINT_OPEN: Rule = Rule {
    id: "endpoint-open",
    group: Group::Cluster,
    severity: Severity::High,
    title: "the whole internet reaches the API",
    why: "Every hole of the API server, and every token that leaks, can be used from anywhere.",
    condition: "The public endpoint is on, and its CIDRs hold 0.0.0.0/0 or ::/0, or both halves of it; where EKS names none, that is the default.",
    fix: "Name the networks that are meant, or switch the public endpoint off.",
    tags: &["CIS 5.4.1", "CIS 5.4.2"],
    offline: false,
    needs: &[Need::Settings],
    check: |scene, found| {
        for cluster in &scene.facts.clusters {
            let Some(settings) = cluster.settings.get().filter(|settings| settings.public && !settings.registered)
            else {
                continue;
            };
            if settings.public_cidrs.as_deref().is_none_or(is_open) {
                let fact = format!(
                    "The API of {} is reached from {}.",
                    cluster.name,
                    settings.public_cidrs.as_ref().map_or("anywhere".to_owned(), |all| all.join(", "))
                );
                let fix = format!(
                    "aws eks update-cluster-config {} --resources-vpc-config endpointPrivateAccess=true,endpointPublicAccess=true,publicAccessCidrs=YOUR-NETWORK/24",
                    arguments(cluster, "name")
                );
                found.add(Place::Cluster(cluster), cluster_name(cluster), fact, fix).said_by(&cluster.settings.source);
            }
        }
    },
};

/// Whether networks make up all addresses of a kind.
fn is_open(cidrs: &[String]) -> bool {
    let has = |cidr: &str| cidrs.iter().any(|own| own == cidr);
    // An empty list is EKS's default.
    cidrs.is_empty()
        || has("0.0.0.0/0")
        || has("::/0")
        || has("0.0.0.0/1") && has("128.0.0.0/1")
        || has("::/1") && has("8000::/1")
}

const NO_AUDIT_LOG: Rule = Rule {
    id: "no-audit-log",
    group: Group::Cluster,
    severity: Severity::High,
    title: "nobody can see who did what",
    why: "Without the audit log nothing tells what a person, or a stolen token, did in the cluster.",
    condition: "The control plane's log of the type audit is not enabled.",
    fix: "Enable it by aws eks update-cluster-config.",
    tags: &["CIS 2.1.1"],
    offline: false,
    needs: &[Need::Settings],
    check: |scene, found| without_log(scene, found, "audit"),
};

const NO_AUTHENTICATOR_LOG: Rule = Rule {
    id: "no-authenticator-log",
    group: Group::Cluster,
    severity: Severity::Medium,
    title: "nobody can see who came in as whom",
    why: "The authenticator's log alone tells which IAM principal was taken for which user, and who was refused.",
    condition: "The control plane's log of the type authenticator is not enabled.",
    fix: "Enable it by aws eks update-cluster-config.",
    tags: &["CIS 2.1.1"],
    offline: false,
    needs: &[Need::Settings],
    check: |scene, found| without_log(scene, found, "authenticator"),
};

fn without_log(scene: &Scene<'_>, found: &mut Found, kind: &str) {
    for cluster in &scene.facts.clusters {
        let Some(settings) = cluster.settings.get().filter(|settings| !settings.registered) else { continue };
        if !settings.logs.contains(kind) {
            let fact = format!("The {kind} log of {} is not enabled.", cluster.name);
            let fix = format!(
                "aws eks update-cluster-config {} --logging '{{\"clusterLogging\":[{{\"types\":[\"{kind}\"],\"enabled\":true}}]}}'",
                arguments(cluster, "name")
            );
            found.add(Place::Cluster(cluster), cluster_name(cluster), fact, fix).said_by(&cluster.settings.source);
        }
    }
}

const OIDC_PROVIDER: Rule = Rule {
    id: "oidc-provider",
    group: Group::Cluster,
    severity: Severity::Medium,
    title: "a cluster takes users that IAM does not know",
    why: "Who gets in by it is that provider's to say: disabling the person in single sign-on does not end it, and no IAM log shows it.",
    condition: "An identity provider configuration is associated; high where the prefix of groups or of user names is empty, so that it can give any name.",
    fix: "Disassociate it, or set prefixes and required claims.",
    tags: &[],
    offline: false,
    needs: &[Need::IdentityProviders],
    check: |scene, found| {
        for cluster in &scene.facts.clusters {
            for provider in cluster.identity_providers.get().into_iter().flatten() {
                let bare = provider.username_prefix.is_empty()
                    || (provider.groups_prefix.is_empty() && !provider.groups_claim.is_empty());
                let names = if bare { ", under any name it likes" } else { "" };
                let fact = format!("{} takes users of {} ({}){names}.", cluster.name, provider.issuer, provider.name);
                let fix = format!(
                    "aws eks disassociate-identity-provider-config {} --identity-provider-config type=oidc,name={}",
                    arguments(cluster, "cluster-name"),
                    crate::domain::text::shell_word(&provider.name)
                );
                let finding = found
                    .add(Place::Cluster(cluster), format!("identity-provider/{}", provider.name), fact, fix)
                    .said_by(&cluster.identity_providers.source);
                if bare {
                    finding.severity(Severity::High);
                }
            }
        }
    },
};

const ARGOCD_ADMINS: Rule = Rule {
    id: "argocd-admins",
    group: Group::Cluster,
    severity: Severity::Medium,
    title: "Argo CD has admins that are no cluster admins",
    why: "Argo CD acts as its capability's role: its admins deploy whatever that may, past their own mapping.",
    condition: "The Argo CD capability gives ADMIN to a user or group that is not of the cluster-admin or break-glass tier: by its `people` in access.toml, or assigned a permission set of that tier in the cluster's account.",
    fix: "Give EDITOR or VIEWER.",
    tags: &[],
    offline: false,
    needs: &[Need::Capabilities],
    check: |scene, found| {
        for cluster in &scene.facts.clusters {
            for capability in
                cluster.capabilities.get().into_iter().flatten().filter(|capability| capability.kind == "ARGOCD")
            {
                judge_argo(scene, found, cluster, capability);
            }
        }
    },
};

fn judge_argo(scene: &Scene<'_>, found: &mut Found, cluster: &Cluster, capability: &Capability) {
    let object = format!("capability/{}", capability.name);
    let admins = capability.argo_roles.iter().filter(|(role, _)| role == "ADMIN").map(|(_, who)| who);
    for who in admins {
        let (kind, Assignee::User(id) | Assignee::Group(id)) =
            (if matches!(who, Assignee::User(_)) { "user" } else { "group" }, who);
        let readable = |directory: &&Directory| directory.groups.get().is_some() && directory.users.get().is_some();
        let Some(directory) = scene.facts.directories.iter().find(readable) else {
            found.cannot(
                Place::Cluster(cluster),
                object.as_str(),
                "its admins are ids of a directory that was not read",
            );
            continue;
        };
        let name = name_of(directory, who);
        let admin_sets: BTreeSet<(&str, &str)> = scene
            .humans_of(cluster)
            .filter(|human| human.is_admin())
            .filter_map(|human| Some((Principal::parse(&human.grant.principal)?.account, human.set()?)))
            .collect();
        let assigned = directory.assignments.iter().any(|assigned| {
            admin_sets.contains(&(assigned.account.as_str(), assigned.set_name.as_str()))
                && assigned.assignees.get().is_some_and(|all| all.contains(who))
        });
        let sets: Vec<&Assignments> = scene
            .facts
            .directories
            .iter()
            .flat_map(|directory| &directory.assignments)
            .filter(|assigned| admin_sets.contains(&(assigned.account.as_str(), assigned.set_name.as_str())))
            .collect();
        // Who is assigned an admin's set may be this very group, as long as one of them was not read.
        let read = |(account, set): &(&str, &str)| {
            let is = |assigned: &&&Assignments| assigned.account.as_str() == *account && assigned.set_name == *set;
            let mut all = sets.iter().filter(is).peekable();
            all.peek().is_some() && all.all(|assigned| assigned.assignees.get().is_some())
        };
        let unread = admin_sets.iter().find(|set| !read(set));
        let named = |level: Level| {
            scene
                .file
                .tiers
                .values()
                .any(|tier| tier.level == level && tier.people.iter().any(|people| Some(people.as_str()) == name))
        };
        if !assigned && !named(Level::ClusterAdmin) && !named(Level::BreakGlass) {
            if let Some((account, set)) = unread {
                let why = format!("who is assigned the permission set {set} in account {account} was not read");
                found.cannot(Place::Cluster(cluster), format!("{object}/{id}"), why);
                continue;
            }
            let shown = name.unwrap_or(id);
            let fact = format!(
                "Argo CD of {} has the {kind} {shown} as ADMIN, which is of no cluster-admin tier.",
                cluster.name
            );
            let fix = format!("In the capability {} map {shown} to EDITOR or VIEWER", capability.name);
            found
                .add(Place::Cluster(cluster), format!("{object}/{id}"), fact, fix)
                .said_by(cluster.capabilities.source.iter().chain(&directory.groups.source));
        }
    }
}

fn name_of<'d>(directory: &'d Directory, who: &Assignee) -> Option<&'d str> {
    match who {
        Assignee::User(id) => directory.users.get()?.iter().find(|user| user.id == *id).map(|user| user.name.as_str()),
        Assignee::Group(id) => {
            directory.groups.get()?.iter().find(|group| group.id == *id).map(|group| group.name.as_str())
        }
    }
}

const WORKLOAD_ADMIN: Rule = Rule {
    id: "workload-admin",
    group: Group::Cluster,
    severity: Severity::High,
    title: "pods have an administrator's role",
    why: "Whoever runs a pod, or a command in one, in that namespace is an administrator of AWS.",
    condition: "The role of a pod identity association, or of a service account's eks.amazonaws.com/role-arn, may attach any policy to any role, hand out access to clusters, or pass any role to any service.",
    fix: "Give the role what the workload needs.",
    tags: &["EKS best practices: Scope the IAM Role trust policy for IRSA Roles"],
    offline: false,
    needs: &[],
    check: |scene, found| {
        for cluster in &scene.facts.clusters {
            let place = Place::Cluster(cluster);
            for (object, why) in [
                ("its pod identities", cluster.pod_identities.missing()),
                ("its service accounts", cluster.service_accounts.missing()),
            ] {
                if let Some(why) = why {
                    found.cannot(place, object, why);
                }
            }
            let mut roles: BTreeMap<&str, Vec<String>> = BTreeMap::new();
            for pod in cluster.pod_identities.get().into_iter().flatten() {
                for role in [Some(&pod.role_arn), pod.target_role_arn.as_ref()].into_iter().flatten() {
                    roles.entry(role).or_default().push(format!("{}/{}", pod.namespace, pod.service_account));
                }
            }
            for account in cluster.service_accounts.get().into_iter().flatten() {
                if let Some(role) = &account.role_arn {
                    roles.entry(role).or_default().push(format!("{}/{}", account.namespace, account.name));
                }
            }
            for (arn, users) in roles {
                let role = match scene.role(arn) {
                    Looked::Found(role) => role,
                    Looked::Gone => continue,
                    Looked::Unknown(why) => {
                        found.cannot(place, arn, why);
                        continue;
                    }
                };
                let account = Principal::parse(arn).and_then(|found| found.account.parse().ok());
                match account.map(|account| of_role(scene.facts, &account, role)) {
                    Some(Ok(identity)) if is_strong(&identity) => {
                        let users: Vec<&str> = users.iter().map(String::as_str).collect();
                        let fact = format!(
                            "Pods of {} in {} have {arn}, which is an administrator's role.",
                            crate::domain::audit::scene::listing(&users),
                            cluster.name
                        );
                        let sources = cluster
                            .pod_identities
                            .source
                            .iter()
                            .chain(&cluster.service_accounts.source)
                            .chain(&role.permissions.source);
                        found
                            .add(place, arn, fact, format!("Narrow the policies of {arn} to what these pods need"))
                            .said_by(sources);
                    }
                    Some(Err(why)) => found.cannot(place, arn, why),
                    _ => {}
                }
            }
        }
    },
};
