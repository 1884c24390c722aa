//! Rules about what roles may do in AWS: judged by evaluating their policies, boundaries and service control policies, not by
//! reading words. Sources: access.md 2.1, 3, 5.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::facts::{Account, Cluster, IamRole, Source};
use crate::domain::access::grant::WayIn;
use crate::domain::access::iam::condition::Context;
use crate::domain::access::iam::document::Statement;
use crate::domain::access::iam::effective::{of_role, of_user};
use crate::domain::access::iam::evaluate::{Controls, Decision, Doubt, Identity, Request, Resource, may};
use crate::domain::access::iam::trust::read;
use crate::domain::audit::access_file::{Level, Tier};
use crate::domain::audit::bound::is_admin_binding;
use crate::domain::audit::finding::{Finding, Found, Place, Severity};
use crate::domain::audit::people::sso_admin;
use crate::domain::audit::rule::{Group, Need, Rule};
use crate::domain::audit::scene::{Human, HumanRole, Looked, Scene, all_bindings, listing, rbac_missing, role_name};
use crate::domain::audit::trust::{each, is_open_account, is_saml};
use crate::domain::ids::AccountId;
use crate::domain::role_arn::Principal;

/// The rules of this group.
pub const RULES: &[Rule] = &[
    POLICY_EKS_STAR,
    POLICY_SELF_GRANT,
    POLICY_GRANT_BEYOND,
    POLICY_SIDE_DOOR,
    POLICY_PASSROLE_STAR,
    POLICY_IAM_ESCALATION,
    ASSIGN_TOO_MANY,
    POLICY_ASSUME_STAR,
    POLICY_MFA_FEDERATED,
    SET_NOT_PROVISIONED,
];

/// A name that no role, cluster or service has: what is allowed for it is allowed for any.
const ANY: &str = "eksso-audit-any";
/// What makes somebody else of a role. Source: access.md 3, `policy-iam-escalation`.
const ON_ROLES: [&str; 5] = [
    "iam:UpdateAssumeRolePolicy",
    "iam:PutRolePolicy",
    "iam:AttachRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary",
];
const ON_POLICIES: [&str; 2] = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"];
const ON_USERS: [&str; 2] = ["iam:CreateAccessKey", "iam:CreateLoginProfile"];
/// What hands a permission set, or a place in a group, to people.
const ASSIGN: [&str; 8] = [
    "sso:CreateAccountAssignment",
    "sso:CreatePermissionSet",
    "sso:PutInlinePolicyToPermissionSet",
    "sso:AttachManagedPolicyToPermissionSet",
    "sso:AttachCustomerManagedPolicyReferenceToPermissionSet",
    "sso:ProvisionPermissionSet",
    "identitystore:CreateGroupMembership",
    "account-access:CreateEntitlement",
];

const POLICY_EKS_STAR: Rule = Rule {
    id: "policy-eks-star",
    group: Group::Iam,
    severity: Severity::High,
    title: "people may create clusters",
    why: "Whoever makes a cluster is its admin, outside every guard: clusters are made by one dedicated role.",
    condition: "By its policies, boundary and service control policies a role that people are let in with may eks:CreateCluster, by whatever words (`eks:*`, `*`, NotAction); `eks:*` with a Deny is fine. Break-glass may.",
    fix: "Name the actions that the tier needs, or deny eks:CreateCluster and eks:RegisterCluster.",
    tags: &["EKS best practices: Create the cluster with a dedicated IAM role"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each_identity(scene, found, |role, identity, found| {
            if role.humans.iter().all(|human| human.level == Level::BreakGlass) {
                return;
            }
            let answer = ask(identity, &Request::of_choice("eks:CreateCluster", Resource::One("*".to_owned())));
            if let Some(how) = stands(answer, found, role) {
                let fact = format!("{} may create clusters{how}.", role.name());
                add(
                    scene,
                    found,
                    role,
                    fact,
                    deny("ClustersAreMadeElsewhere", &["eks:CreateCluster", "eks:RegisterCluster"]),
                );
            }
        })
    },
};

const POLICY_SELF_GRANT: Rule = Rule {
    id: "policy-self-grant",
    group: Group::Iam,
    severity: Severity::Critical,
    title: "people can make themselves cluster admin",
    why: "eks:CreateAccessEntry and eks:AssociateAccessPolicy make anyone cluster admin, and need nothing in Kubernetes; eks:UpdateAccessEntry puts an entry into any group that is bound there.",
    condition: "A role whose mapping is less than cluster admin may associate AmazonEKSClusterAdminPolicy with its own access entry, make an access entry for any principal, or change its own entry's groups and user name where a ClusterRoleBinding makes such a group or user cluster admin. In a cluster of another account it may not: EKS knows no policies of resources. PowerUserAccess and AdministratorAccess may. Where service control policies could not be read, the finding stands and says so.",
    fix: "Deny the verbs that hand out access.",
    tags: &["EKS best practices: Combine IAM Identity Center with CAM API"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each_identity(scene, found, |role, identity, found| {
            for human in role.humans.iter().filter(|human| !human.is_admin() && is_at_home(role, human)) {
                let cluster = human.cluster;
                let (own, any) = (own_entry(cluster, role), any_principal(cluster));
                let admin =
                    format!("arn:{}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy", partition(cluster));
                let context = Context::new().is("eks:policyArn", &admin).is("eks:accessScope", "cluster").free("eks:*");
                let associate =
                    Request { action: "eks:AssociateAccessPolicy".to_owned(), resource: Resource::Some(own), context };
                let context = Context::new().is("eks:principalArn", &any).free("eks:*");
                let create = Request {
                    action: "eks:CreateAccessEntry".to_owned(),
                    resource: Resource::One(arn(cluster)),
                    context,
                };
                let told = [
                    (associate, "give its own access entry AmazonEKSClusterAdminPolicy"),
                    (create, "make access entries for any principal"),
                ];
                let mut may: Vec<String> = told
                    .into_iter()
                    .filter_map(|(request, words)| {
                        Some(format!("{words}{}", stands(ask(identity, &request), found, role)?))
                    })
                    .collect();
                // EKS has no condition for what an entry is changed to: full power over that entry (access.md 5.1).
                let update = Request {
                    action: "eks:UpdateAccessEntry".to_owned(),
                    resource: Resource::Some(own_entry(cluster, role)),
                    context: Context::new().free("eks:*"),
                };
                if human.is_entry()
                    && let Some(how) = stands(ask(identity, &update), found, role)
                {
                    let admins = admins_to_be(cluster);
                    match rbac_missing(cluster) {
                        _ if !admins.is_empty() => may.push(format!(
                            "become {}, whom a binding makes cluster admin, by changing its own access entry{how}",
                            admins.join(" or ")
                        )),
                        Some(why) if may.is_empty() => found.cannot(
                            Place::Cluster(cluster),
                            role.role.arn.as_str(),
                            format!("it may change its own access entry, and which groups are bound to what is not known: {why}"),
                        ),
                        _ => {}
                    }
                }
                if !may.is_empty() {
                    let fact = format!(
                        "{} may {} in {} ({}).",
                        role.name(),
                        may.join(", and "),
                        cluster.name,
                        human.tier_words()
                    );
                    let verbs = ["eks:CreateAccessEntry", "eks:UpdateAccessEntry", "eks:AssociateAccessPolicy"];
                    let sources = sources(scene, role).chain(&human.grant.sources).collect::<Vec<_>>();
                    found
                        .add(Place::Cluster(cluster), role.role.arn.as_str(), fact, deny("HandOutNothing", &verbs))
                        .said_by(sources);
                }
            }
        })
    },
};

const POLICY_GRANT_BEYOND: Rule = Rule {
    id: "policy-grant-beyond",
    group: Group::Iam,
    severity: Severity::High,
    title: "people hand out access to clusters that are not theirs",
    why: "What a tier may hand out is reviewed for its own clusters; others it opens unseen.",
    condition: "A role may create access entries for, or associate access policies with, a cluster that its tier of access.toml does not name. Without access.toml a role with these verbs cannot be checked.",
    fix: "Name the clusters in Resource.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each_identity(scene, found, |role, identity, found| {
            let Some(first) = role.humans.iter().copied().find(|human| human.level != Level::BreakGlass) else {
                return;
            };
            let region = &first.cluster.region;
            let partition = region.partition().arn();
            let mut targets =
                vec![(format!("arn:{partition}:eks:{region}:{}:cluster/{ANY}", role.account), ANY.to_owned())];
            // A role may be in one tier for one cluster, and in another for others.
            let named = role_name(&role.role.arn).into_iter().flat_map(|name| scene.file.tiers_of(name));
            let (names, tiers): (Vec<&str>, Vec<&Tier>) = named.unzip();
            let own: BTreeSet<&str> = tiers.iter().flat_map(|tier| &tier.clusters).map(String::as_str).collect();
            let is_own = |cluster: &Cluster| {
                let named = scene.file.cluster(&cluster.account, &cluster.region, &cluster.name);
                named.is_some_and(|(name, _)| own.contains(name))
            };
            let others = scene
                .facts
                .clusters
                .iter()
                .filter(|cluster| cluster.account.as_str() == role.account && !is_own(cluster));
            targets.extend(others.map(|cluster| (arn(cluster), cluster.name.to_string())));
            let mut beyond = Vec::new();
            for (cluster, name) in &targets {
                let entry = cluster.replacen(":cluster/", ":access-entry/", 1) + "/*";
                let create = Request::of_choice("eks:CreateAccessEntry", Resource::One(cluster.clone()));
                let associate = Request::of_choice("eks:AssociateAccessPolicy", Resource::Some(entry));
                if [create, associate].into_iter().any(|request| stands(ask(identity, &request), found, role).is_some())
                {
                    beyond.push(if name == ANY { "any other cluster of the account" } else { name.as_str() });
                }
            }
            match (beyond.is_empty(), tiers.is_empty()) {
                (true, _) => {}
                (false, false) => {
                    let fact = format!(
                        "{} may hand out access to {} (tier {} of {}).",
                        role.name(),
                        listing(&beyond),
                        listing(&names),
                        scene.file.called()
                    );
                    let own: Vec<&str> = own.into_iter().collect();
                    add(scene, found, role, fact, format!("Name in Resource: {}", own.join(", ")));
                }
                (false, true) => found.cannot(
                    Place::Account(role.account),
                    role.role.arn.as_str(),
                    format!("it may hand out access, and {} names it in no tier", scene.file.called()),
                ),
            }
        })
    },
};

const POLICY_SIDE_DOOR: Rule = Rule {
    id: "policy-side-door",
    group: Group::Iam,
    severity: Severity::High,
    title: "people can open a cluster by another door",
    why: "A second identity provider, a pod with an admin's role, the audit log switched off: each goes past the access entries.",
    condition: "A role may, in a cluster of its own account that lets it in: associate an identity provider; delete the cluster; switch the audit log off, or the public endpoint on (the last is the work of a cluster-admin tier); or make a pod identity, a capability or an add-on with an admin role that it may pass. Break-glass may.",
    fix: "Deny these actions.",
    tags: &["CIS 2.1.1"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each_identity(scene, found, |role, identity, found| {
            for human in role.humans.iter().filter(|human| human.level != Level::BreakGlass && is_at_home(role, human))
            {
                let cluster = human.cluster;
                let on = |action: &str, context: Context| Request {
                    action: action.to_owned(),
                    resource: Resource::One(arn(cluster)),
                    context,
                };
                let free = || Context::new().free("eks:*");
                let config = |key: &str, value: &str| on("eks:UpdateClusterConfig", Context::new().is(key, value));
                let mut doors = vec![
                    (
                        on("eks:AssociateIdentityProviderConfig", free()),
                        "add an identity provider",
                        "eks:AssociateIdentityProviderConfig",
                    ),
                    (on("eks:DeleteCluster", Context::new()), "delete the cluster", "eks:DeleteCluster"),
                    (config("eks:loggingType/audit", "false"), "switch the audit log off", "eks:UpdateClusterConfig"),
                ];
                if human.level != Level::ClusterAdmin {
                    doors.push((
                        config("eks:endpointPublicAccess", "true"),
                        "open the endpoint to the internet",
                        "eks:UpdateClusterConfig",
                    ));
                }
                let mut open: Vec<(String, &str)> = Vec::new();
                for (request, words, action) in doors {
                    if let Some(how) = stands(ask(identity, &request), found, role) {
                        open.push((format!("{words}{how}"), action));
                    }
                }
                for (action, service) in [
                    ("eks:CreatePodIdentityAssociation", "pods.eks.amazonaws.com"),
                    ("eks:CreateCapability", "capabilities.eks.amazonaws.com"),
                    ("eks:CreateAddon", "pods.eks.amazonaws.com"),
                ] {
                    let allowed = stands(ask(identity, &on(action, free())), found, role).is_some();
                    let strong = || passable(scene, role, identity, service);
                    if let Some(strong) = allowed.then(strong).flatten() {
                        open.push((format!("give workloads the admin role {strong}"), action));
                    }
                }
                open.dedup_by(|left, right| left.0 == right.0);
                if !open.is_empty() {
                    let words: Vec<&str> = open.iter().map(|(words, _)| words.as_str()).collect();
                    let actions: BTreeSet<&str> = open.iter().map(|(_, action)| *action).collect();
                    let fact = format!(
                        "{} may {} in {} ({}).",
                        role.name(),
                        listing(&words),
                        cluster.name,
                        human.tier_words()
                    );
                    let fix = deny("NoOtherDoor", &actions.into_iter().collect::<Vec<_>>());
                    let sources = sources(scene, role).chain(&human.grant.sources).collect::<Vec<_>>();
                    found.add(Place::Cluster(cluster), role.role.arn.as_str(), fact, fix).said_by(sources);
                }
            }
        })
    },
};

const POLICY_PASSROLE_STAR: Rule = Rule {
    id: "policy-passrole-star",
    group: Group::Iam,
    severity: Severity::High,
    title: "people may pass any role to any service",
    why: "Whoever passes an admin's role to something that runs their code is an admin.",
    condition: "A role that people are let in with may iam:PassRole any role of its account, whatever service it is passed to.",
    fix: "Name a path in Resource, and demand iam:PassedToService.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each_identity(scene, found, |role, identity, found| {
            if let Some(how) = stands(ask(identity, &pass_any(role)), found, role) {
                let fact =
                    format!("{} may pass any role of account {} to any service{how}.", role.name(), role.account);
                let fix = "\"Resource\": \"arn:aws:iam::ACCOUNT:role/eks/CLUSTER/*\", \"Condition\": {\"StringEquals\": {\"iam:PassedToService\": [\"eks.amazonaws.com\", \"ec2.amazonaws.com\"]}}";
                add(scene, found, role, fact, fix);
            }
        })
    },
};

const POLICY_IAM_ESCALATION: Rule = Rule {
    id: "policy-iam-escalation",
    group: Group::Iam,
    severity: Severity::Critical,
    title: "people can take over a role that a cluster lets in",
    why: "Whoever changes a role's trust or policies, or makes keys for a user, is whoever the cluster lets in by it.",
    condition: "A role that people are let in with may change the trust, the policies or the boundary of a role that a cluster names, a managed policy of it, or make credentials of a user that a cluster names. Roles of permission sets are protected by AWS.",
    fix: "A boundary, or a Deny of these actions on the path of cluster roles.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        let targets = targets(scene);
        each_identity(scene, found, |role, identity, found| {
            let (mut how, mut reached) = (BTreeSet::new(), BTreeSet::new());
            let mut note = String::new();
            for (action, target) in targets.get(role.account).into_iter().flatten() {
                if let Some(words) =
                    stands(ask(identity, &Request::of_choice(action, Resource::One(target.clone()))), found, role)
                {
                    how.insert(*action);
                    reached.insert(target.as_str());
                    note = words;
                }
            }
            if !how.is_empty() {
                let actions: Vec<&str> = how.iter().copied().collect();
                let reached: Vec<&str> = reached.into_iter().collect();
                let fact = format!("{} may {} on {}{note}.", role.name(), listing(&actions), listing(&reached));
                add(scene, found, role, fact, deny("ClusterRolesStay", &actions));
            }
        });
    },
};

const ASSIGN_TOO_MANY: Rule = Rule {
    id: "assign-too-many",
    group: Group::Iam,
    severity: Severity::Critical,
    title: "more than the access admins can hand out permission sets",
    why: "Only the account's administrators may hand out EKS roles: whoever else can assigns himself any of them.",
    condition: "In the account of Identity Center, or in that of a delegated administrator of it, a role or user may create assignments, change or provision permission sets, add people to groups, or create entitlements, and is in no access-admin or break-glass tier of access.toml. Where that names no access admin, those who may attach any policy to any role count as the account's administrators.",
    fix: "Deny these actions to all but the access admin: by statements in the sets, as no service control policy binds the management account.",
    tags: &[],
    offline: false,
    needs: &[],
    check: |scene, found| {
        let uses_sets = scene.humans.iter().any(|human| human.set().is_some());
        if scene.facts.directories.is_empty() && uses_sets {
            found.cannot(Place::Account(""), "Identity Center", "no instance was read");
        }
        let owners = scene.facts.directories.iter().map(|directory| directory.owner.as_str());
        let mut owners: BTreeSet<&str> = owners.filter(|owner| !owner.is_empty()).collect();
        // What the owner may, a delegated administrator may, too, but for sets of the management account (access.md 4.3).
        if !scene.facts.directories.is_empty() {
            let delegated = &scene.facts.organization.delegated;
            owners.extend(delegated.get().into_iter().flatten().map(AccountId::as_str));
            if let Some(why) = delegated.missing() {
                found.cannot(Place::Account(""), "delegated administrators of Identity Center", why);
            }
        }
        for owner in owners {
            let Some((id, account)) =
                owner.parse::<AccountId>().ok().and_then(|id| scene.facts.accounts.get_key_value(&id))
            else {
                found.cannot(
                    Place::Account(owner),
                    format!("account {owner} of Identity Center"),
                    "that account was not read",
                );
                continue;
            };
            if let Some(why) = account.roles.missing().or(account.users.missing()) {
                found.cannot(Place::Account(owner), format!("account {owner} of Identity Center"), why);
            }
            for (arn, identity) in identities(scene, id, account) {
                assigns(scene, found, (owner, account), arn, identity);
            }
        }
    },
};

const POLICY_ASSUME_STAR: Rule = Rule {
    id: "policy-assume-star",
    group: Group::Iam,
    severity: Severity::Medium,
    title: "people may assume any role that trusts their account",
    why: "It turns every role that trusts the account as a whole into a way up.",
    condition: "A role of the tier viewer, developer, namespace-admin or ci may sts:AssumeRole any role of its account; high where a role that trusts the whole account is let into a cluster there.",
    fix: "List the roles in Resource.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        let (roles, _) = scene.human_roles();
        let open = |role: &HumanRole<'_>| {
            read(&role.role.arn, &role.role.trust)
                .is_ok_and(|trust| trust.ways.iter().any(|way| is_open_account(role, way)))
        };
        let open: BTreeSet<&str> = roles.iter().filter(|role| open(role)).map(|role| role.account).collect();
        each_identity(scene, found, |role, identity, found| {
            let lesser = |human: &&Human<'_>| {
                matches!(human.level, Level::Viewer | Level::Developer | Level::NamespaceAdmin | Level::Ci)
            };
            let Some(human) = role.humans.iter().copied().find(lesser) else { return };
            let any = format!("arn:{}:iam::{}:role/{ANY}", partition(human.cluster), role.account);
            if let Some(how) =
                stands(ask(identity, &Request::of_choice("sts:AssumeRole", Resource::One(any))), found, role)
            {
                let fact = format!("{} may assume any role that lets it{how} ({}).", role.name(), human.tier_words());
                let finding = add(
                    scene,
                    found,
                    role,
                    fact,
                    "\"Action\": \"sts:AssumeRole\", \"Resource\": [\"arn:aws:iam::ACCOUNT:role/NAME\"]",
                );
                if open.contains(role.account) {
                    finding.severity(Severity::High);
                }
            }
        });
    },
};

const POLICY_MFA_FEDERATED: Rule = Rule {
    id: "policy-mfa-federated",
    group: Group::Iam,
    severity: Severity::Medium,
    title: "a policy asks federated people for AWS's own MFA",
    why: "AWS does not know of the identity provider's second factor: an Allow that demands it never matches, and a Deny without it locks everybody out.",
    condition: "A policy, or the trust policy, of a role that trusts SAML or Identity Center has a condition on aws:MultiFactorAuthPresent or aws:MultiFactorAuthAge.",
    fix: "Take the condition out, and ask for the second factor in Identity Center or Okta.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            if !trust.ways.iter().any(is_saml) {
                return;
            }
            let asks = |statement: &Statement| {
                statement.conditions.iter().any(|condition| {
                    condition.is_on("aws:MultiFactorAuthPresent") || condition.is_on("aws:MultiFactorAuthAge")
                })
            };
            let in_trust = trust.document.statements.iter().any(asks).then(|| "its trust policy".to_owned());
            let policies = match of_role(scene.facts, &account_id(role), role.role) {
                Ok(identity) => identity.policies,
                Err(why) => {
                    found.cannot(Place::Account(role.account), role.role.arn.as_str(), why);
                    Vec::new()
                }
            };
            let policies = policies
                .into_iter()
                .filter(|policy| policy.document.statements.iter().any(asks))
                .map(|policy| format!("the policy {}", policy.name));
            let places: Vec<String> = in_trust.into_iter().chain(policies).collect();
            if !places.is_empty() {
                let places: Vec<&str> = places.iter().map(String::as_str).collect();
                let fact = format!(
                    "{} is federated, and {} asks for aws:MultiFactorAuthPresent.",
                    role.name(),
                    listing(&places)
                );
                add(scene, found, role, fact, format!("Take the condition out of {}", listing(&places)));
            }
        });
    },
};

const SET_NOT_PROVISIONED: Rule = Rule {
    id: "set-not-provisioned",
    group: Group::Iam,
    severity: Severity::Medium,
    title: "an account's role is behind its permission set",
    why: "A set that was narrowed does nothing until it is provisioned: people still have what was taken away.",
    condition: "Identity Center says that the latest version of a permission set that a cluster lets in is not in the account.",
    fix: "Provision the set to that account again.",
    tags: &[],
    offline: false,
    needs: &[Need::Entries, Need::Lines],
    check: |scene, found| {
        let present = scene.humans.iter().filter(|human| !scene.is_gone(human));
        let sets = present.filter_map(|human| Some((Principal::parse(&human.grant.principal)?.account, human.set()?)));
        for (id, set) in sets.collect::<BTreeSet<_>>() {
            let object = format!("permission set {set} in account {id}");
            let Some(account) = id.parse().ok().and_then(|id: AccountId| scene.facts.accounts.get(&id)) else {
                found.cannot(Place::Account(id), object, "that account was not read");
                continue;
            };
            let Some(behind) = account.unprovisioned.get() else {
                found.cannot(Place::Account(id), object, account.unprovisioned.missing().unwrap_or_default());
                continue;
            };
            let named = |arn: &String| {
                scene.facts.directories.iter().find(|directory| {
                    let assigned =
                        directory.assignments.iter().any(|assigned| assigned.set == *arn && assigned.set_name == set);
                    assigned
                        || directory
                            .sets
                            .get()
                            .into_iter()
                            .flatten()
                            .any(|known| known.arn == *arn && known.name == set)
                })
            };
            if let Some((arn, directory)) = behind.iter().find_map(|arn| Some((arn, named(arn)?))) {
                let fact = format!("The role of {set} in account {id} is behind its permission set.");
                let provision = sso_admin(directory, "provision-permission-set");
                let fix = format!("{provision} --permission-set-arn {arn} --target-type AWS_ACCOUNT --target-id {id}");
                found.add(Place::Account(id), arn.as_str(), fact, fix).said_by(&account.unprovisioned.source);
            }
        }
    },
};

/// An answer that rules can use.
pub enum Answer {
    /// It may; what could not be read that might forbid it.
    Yes(Option<String>),
    /// It may not.
    No,
    /// It depends on what is not known.
    Unknown(String),
}

/// Asks whether an identity may do something. Service control policies can only take away: where they are hidden, the answer stands and says so.
pub fn ask(identity: &Identity, request: &Request) -> Answer {
    let hidden = match &identity.controls {
        Controls::Hidden(why) => Some(why.clone()),
        Controls::NotBound | Controls::Levels(_) => None,
    };
    match may(identity, request) {
        decision if decision.granted().is_some() => Answer::Yes(hidden),
        Decision::Unknown { why, .. } => {
            let unknown = why.iter().find(|doubt| !matches!(doubt, Doubt::Controls(_))).map(ToString::to_string);
            Answer::Unknown(format!("whether it may {}: {}", request.action, unknown.unwrap_or_default()))
        }
        _ => Answer::No,
    }
}

/// Words for an answer that makes a finding stand: empty, or that service control policies may forbid it.
fn stands(answer: Answer, found: &mut Found, role: &HumanRole<'_>) -> Option<String> {
    match answer {
        Answer::Yes(None) => Some(String::new()),
        Answer::Yes(Some(why)) => Some(unless(&why)),
        Answer::No => None,
        Answer::Unknown(why) => {
            found.cannot(Place::Account(role.account), role.role.arn.as_str(), why);
            None
        }
    }
}

fn unless(why: &str) -> String {
    format!(", unless a service control policy that could not be read forbids it ({why})")
}

/// Judges each role that people are let in with by all that allows and limits it.
fn each_identity<'s>(scene: &'s Scene<'_>, found: &mut Found, judge: impl Fn(&HumanRole<'s>, &Identity, &mut Found)) {
    let (roles, _) = scene.human_roles();
    for role in roles {
        match of_role(scene.facts, &account_id(&role), role.role) {
            Ok(identity) => judge(&role, &identity, found),
            Err(why) => found.cannot(Place::Account(role.account), role.role.arn.as_str(), why),
        }
    }
}

/// All roles and users of an account, but those of AWS's services, with what allows and limits them.
fn identities<'a>(
    scene: &'a Scene<'_>,
    id: &'a AccountId,
    account: &'a Account,
) -> impl Iterator<Item = (&'a str, Result<Identity, String>)> {
    let roles = account.roles.get().into_iter().flatten().filter(|role| !role.arn.contains(":role/aws-service-role/"));
    let roles = roles.map(move |role| (role.arn.as_str(), of_role(scene.facts, id, role)));
    let users = account.users.get().into_iter().flatten();
    roles.chain(users.map(move |user| (user.arn.as_str(), of_user(scene.facts, id, user))))
}

/// Judges one of them by `assign-too-many`.
fn assigns(
    scene: &Scene<'_>,
    found: &mut Found,
    (owner, account): (&str, &Account),
    arn: &str,
    identity: Result<Identity, String>,
) {
    let place = Place::Account(owner);
    let mut tiers = role_name(arn).into_iter().flat_map(|name| scene.file.tiers_of(name));
    if tiers.any(|(_, tier)| matches!(tier.level, Level::AccessAdmin | Level::BreakGlass)) {
        return;
    }
    let identity = match identity {
        Ok(identity) => identity,
        Err(why) => return found.cannot(place, arn, why),
    };
    if !scene.file.names(Level::AccessAdmin) && is_administrator(&identity) {
        return;
    }
    let (mut may, mut note) = (Vec::new(), String::new());
    for action in ASSIGN {
        match ask(&identity, &Request::of_choice(action, Resource::Some("*".to_owned()))) {
            Answer::Yes(hidden) => {
                may.push(action);
                note = hidden.map(|why| unless(&why)).unwrap_or_default();
            }
            Answer::No => {}
            Answer::Unknown(why) => found.cannot(place, arn, why),
        }
    }
    if !may.is_empty() {
        let fact = format!("{arn} may {} in account {owner}, which administers Identity Center{note}.", listing(&may));
        let sources = account.roles.source.iter().chain(&account.users.source);
        found.add(place, arn, fact, deny("OnlyTheAccessAdminAssigns", &may)).said_by(sources);
    }
}

/// Who may attach any policy to any role is an administrator of the account, whatever else stands in its policies.
fn is_administrator(identity: &Identity) -> bool {
    let any = format!("arn:aws:iam::{}:role/{ANY}", identity.account);
    matches!(ask(identity, &Request::of_choice("iam:AttachRolePolicy", Resource::One(any))), Answer::Yes(_))
}

/// Actions and what they would take over, by account: what clusters name, but what AWS protects.
fn targets<'a>(scene: &Scene<'a>) -> BTreeMap<&'a str, BTreeSet<(&'static str, String)>> {
    let mut by_account: BTreeMap<&str, BTreeSet<(&'static str, String)>> = BTreeMap::new();
    for grant in scene.grants {
        let principal = grant.principal.as_str();
        let Some(account) = principal.split(':').nth(4).filter(|_| !principal.contains(":role/aws-service-role/"))
        else {
            continue;
        };
        let all = by_account.entry(account).or_default();
        if principal.contains(":user/") {
            all.extend(ON_USERS.map(|action| (action, principal.to_owned())));
        }
        let Looked::Found(role) = scene.role(principal) else { continue };
        if role_is_of_set(role) {
            continue;
        }
        all.extend(ON_ROLES.map(|action| (action, role.arn.clone())));
        let attached = role.permissions.get().into_iter().flat_map(|permissions| &permissions.attached);
        for policy in attached.filter(|policy| policy.contains(&format!(":iam::{account}:policy/"))) {
            all.extend(ON_POLICIES.map(|action| (action, policy.clone())));
        }
    }
    by_account
}

fn role_is_of_set(role: &IamRole) -> bool {
    Principal::parse(&role.arn).is_some_and(|found| found.has_portal_path())
}

/// A role of the account that a service of EKS's may be given, that an identity may pass to it, and that is an admin's.
fn passable(scene: &Scene<'_>, role: &HumanRole<'_>, identity: &Identity, service: &str) -> Option<String> {
    let id = account_id(role);
    let trusts = |known: &&IamRole| {
        read(&known.arn, &known.trust)
            .is_ok_and(|trust| trust.ways.iter().any(|way| matches!(&way.way, WayIn::Service(name) if name == service)))
    };
    let all = scene.facts.accounts.get(&id)?.roles.get()?;
    let strong = all.iter().filter(trusts).find(|known| {
        let context = Context::new().is("iam:PassedToService", service);
        let pass = Request { action: "iam:PassRole".to_owned(), resource: Resource::One(known.arn.clone()), context };
        let passes = matches!(ask(identity, &pass), Answer::Yes(_));
        passes && of_role(scene.facts, &id, known).is_ok_and(|identity| is_strong(&identity))
    })?;
    Some(strong.arn.clone())
}

/// Whether an identity is an administrator, hands out access to clusters, or passes any role to any service.
pub fn is_strong(identity: &Identity) -> bool {
    let account = &identity.account;
    let entry = format!("arn:aws:eks:us-east-1:{account}:access-entry/{ANY}/*");
    let grant = Request::of_choice("eks:AssociateAccessPolicy", Resource::Some(entry));
    let yes = |request: &Request| matches!(ask(identity, request), Answer::Yes(_));
    is_administrator(identity) || yes(&grant) || yes(&pass_any_of(account.as_str(), "aws"))
}

fn pass_any(role: &HumanRole<'_>) -> Request {
    let partition = Principal::parse(&role.role.arn).map_or("aws", |found| found.partition);
    pass_any_of(role.account, partition)
}

fn pass_any_of(account: &str, partition: &str) -> Request {
    let context = Context::new().is("iam:PassedToService", &format!("{ANY}.amazonaws.com"));
    let resource = Resource::One(format!("arn:{partition}:iam::{account}:role/{ANY}"));
    Request { action: "iam:PassRole".to_owned(), resource, context }
}

fn add<'f>(
    scene: &Scene<'_>,
    found: &'f mut Found,
    role: &HumanRole<'_>,
    fact: String,
    fix: impl Into<String>,
) -> &'f mut Finding {
    found.add(Place::Account(role.account), role.role.arn.as_str(), fact, fix).said_by(sources(scene, role))
}

fn sources<'s>(scene: &Scene<'s>, role: &HumanRole<'s>) -> impl Iterator<Item = &'s Source> {
    scene.roles_source(role.account).into_iter().chain(&role.role.permissions.source)
}

/// Whether a cluster is of the role's own account. EKS knows no policies of resources, so that nobody acts on another account's.
fn is_at_home(role: &HumanRole<'_>, human: &Human<'_>) -> bool {
    human.cluster.account.as_str() == role.account
}

fn account_id(role: &HumanRole<'_>) -> AccountId {
    // A role was found by its account, whose id has been parsed then.
    role.account.parse().unwrap_or_else(|_| unreachable!("{} is an account's id", role.account))
}

fn partition(cluster: &Cluster) -> &'static str {
    cluster.region.partition().arn()
}

/// `arn:aws:eks:eu-west-1:111122223333:cluster/prod`
fn arn(cluster: &Cluster) -> String {
    format!("arn:{}:eks:{}:{}:cluster/{}", partition(cluster), cluster.region, cluster.account, cluster.name)
}

/// The ARN of a role's own access entry: the path is dropped, the last part cannot be known. Source: access.md 2.3.
fn own_entry(cluster: &Cluster, role: &HumanRole<'_>) -> String {
    let (partition, Cluster { region, account, name, .. }) = (partition(cluster), cluster);
    format!("arn:{partition}:eks:{region}:{account}:access-entry/{name}/role/{}/{}/*", role.account, role.name())
}

/// The groups and users that bindings make cluster admin and an access entry may name. Source: access.md 2.3: EKS refuses names of the system.
fn admins_to_be(cluster: &Cluster) -> Vec<String> {
    let is_refused =
        |name: &str| ["system:", "eks:", "aws:", "amazon:", "iam:"].iter().any(|own| name.starts_with(own));
    let subjects = all_bindings(cluster)
        .filter(|binding| is_admin_binding(cluster, binding))
        .flat_map(|binding| &binding.subjects);
    let named = subjects.filter_map(|subject| match subject.kind.as_str() {
        "Group" if !subject.name.starts_with("system:") => Some(format!("the group {}", subject.name)),
        "User" if !is_refused(&subject.name) => Some(format!("the user {}", subject.name)),
        _ => None,
    });
    named.collect::<BTreeSet<_>>().into_iter().collect()
}

fn any_principal(cluster: &Cluster) -> String {
    format!("arn:{}:iam::{}:role/{ANY}", partition(cluster), cluster.account)
}

/// A statement to paste into a policy.
fn deny(sid: &str, actions: &[&str]) -> String {
    let actions: Vec<String> = actions.iter().map(|action| format!("\"{action}\"")).collect();
    format!("{{\"Sid\": \"{sid}\", \"Effect\": \"Deny\", \"Action\": [{}], \"Resource\": \"*\"}}", actions.join(", "))
}
