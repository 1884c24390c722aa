//! An organization in which a file's plan is what there is: made from the plan's own documents, so that one change to it is one drift.

use eksso::domain::access::AuthMode;
use eksso::domain::audit::policy;
use eksso::domain::scaffold::management_guard;
use eksso::domain::scaffold::plan::Plan;
use eksso::domain::scaffold::policies::{boundary, document, guard, is_bounded, statements, trust};
use eksso::domain::scaffold::role::{Made, Role, Statements};
use eksso_simulator::access::{
    Assignment, ControlPolicy, DirectoryGroup, IamRole, KubeBinding, KubeRole, PermissionSet, RawEntry, Who,
    directory_id, managed,
};
use eksso_simulator::practice::MANAGEMENT;
use eksso_simulator::{Account, Cluster, Mapping, MappingKind, Policy, World};
use serde_json::{Value, json};

/// The organization.
pub fn live(plan: &Plan) -> World {
    let mut world = World::practice();
    let accounts: Vec<String> = plan.accounts().into_keys().map(ToString::to_string).collect();
    let account = |id: &String| Account::new(id, &format!("Account {id}"), &["SecurityAudit"]);
    world.accounts = std::iter::once(Account::new(MANAGEMENT, "Management", &["SecurityAudit"]))
        .chain(accounts.iter().map(account))
        .collect();
    let access = &mut world.access;
    access.roles = Vec::new();
    access.oidc_providers =
        accounts.iter().map(|account| (account.clone(), "token.actions.githubusercontent.com".to_owned())).collect();
    access.sets = Vec::new();
    let audit = Who::Group(directory_id("Security"));
    let mut assignments = vec![Assignment { account: MANAGEMENT.into(), set: "SecurityAudit".into(), who: audit }];
    for role in &plan.roles {
        for group in &role.people {
            if access.directory_groups.iter().all(|known| known.name != *group) {
                access.directory_groups.push(DirectoryGroup::new(group, &[]));
            }
        }
        if role.made == Made::Set {
            let inline =
                (role.statements != Statements::None).then(|| document(&statements(plan, role, None)).to_string());
            let attached = if role.statements == Statements::None { vec![managed("SecurityAudit")] } else { vec![] };
            access.sets.push(PermissionSet {
                session: Some(role.iso_session()),
                inline,
                attached,
                ..PermissionSet::new(&role.name)
            });
        }
        for account in plan.accounts().into_keys().filter(|account| !plan.clusters_of(role, Some(account)).is_empty()) {
            let who = |group: &String| Who::Group(directory_id(group));
            let assign =
                |group: &String| Assignment { account: account.to_string(), set: role.name.clone(), who: who(group) };
            match role.made {
                Made::Set => assignments.extend(role.people.iter().map(assign)),
                Made::Entitled(_) => {
                    let arn = plan.role_pattern(role, account.as_str());
                    access.entitlements.extend(role.people.iter().map(|group| (arn.clone(), who(group))));
                    access.roles.push(iam_role(plan, role, account));
                }
                _ => access.roles.push(iam_role(plan, role, account)),
            }
        }
    }
    for account in plan.accounts().into_keys() {
        access.policies.push((account.to_string(), "eks/eksso-boundary".into(), boundary(plan, account).to_string()));
    }
    if let Some(policy) = management_guard::policy(plan) {
        access.policies.push((MANAGEMENT.into(), format!("eks/{}", management_guard::NAME), policy.to_string()));
        let customer_managed = vec![format!("/eks/{}", management_guard::NAME)];
        access.sets.push(PermissionSet { customer_managed, ..PermissionSet::new("Managers") });
        let who = Who::Group(directory_id("Security"));
        assignments.push(Assignment { account: MANAGEMENT.into(), set: "Managers".into(), who });
    }
    access.assignments = Some(assignments);
    access.organization.policies = guard(plan)
        .map(|guard| ControlPolicy { id: "p-guard".into(), document: guard.to_string(), targets: accounts.clone() })
        .into_iter()
        .collect();
    access.organization.placed = Vec::new();
    let clusters: Vec<Cluster> = plan.clusters.keys().map(|key| cluster(plan, &world, key)).collect();
    world.clusters = clusters;
    world
}

fn iam_role(plan: &Plan, role: &Role, account: &eksso::domain::ids::AccountId) -> IamRole {
    let elsewhere = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": format!("arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com")},
        "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:acme/old:ref:refs/heads/main"}}}]});
    let trust = trust(plan, role, account).unwrap_or(elsewhere);
    let path = if role.made == Made::Elsewhere { "/pipelines/" } else { plan.role_path.as_str() };
    let policy = document(&statements(plan, role, Some(account)));
    IamRole {
        inline: if role.statements == Statements::None { vec![] } else { vec![("eksso".into(), policy.to_string())] },
        boundary: is_bounded(role).then(|| format!("arn:aws:iam::{account}:policy{}eksso-boundary", plan.role_path)),
        max_session: u32::try_from(role.session.as_secs()).expect("hours"),
        tags: match role.made {
            Made::Elsewhere => vec![],
            _ => {
                vec![("eks".into(), "true".into()), ("tier".into(), role.tier.clone()), ("cost".into(), "4711".into())]
            }
        },
        ..IamRole::new(account.as_str(), path, &role.name, &trust)
    }
}

fn cluster(plan: &Plan, world: &World, key: &str) -> Cluster {
    let planned = &plan.clusters[key];
    let account = planned.account.as_str();
    let iam = world.iam_roles(account);
    let mut made = Cluster::new(account, planned.region.as_str(), planned.name.as_str(), &[]);
    made.mode = planned.mode.word().to_owned();
    made.readers = vec!["SecurityAudit".into()];
    for role in plan.roles.iter().filter(|role| role.enters() && role.clusters.iter().any(|own| own == key)) {
        let policy =
            |access: &String| Policy { name: format!("AmazonEKS{access}Policy"), namespaces: role.namespaces.clone() };
        let policies: Vec<Policy> = role.access.iter().map(policy).collect();
        let is = |found: &&IamRole| match role.made {
            Made::Set => found.name.starts_with(&format!("AWSReservedSSO_{}_", role.name)),
            _ => found.name == role.name,
        };
        let name = iam.iter().find(is).expect("the role").clone();
        let raw =
            RawEntry { groups: role.groups.clone(), policies: policies.clone(), ..RawEntry::new(&name.arn("aws")) };
        match role.made {
            // The person who reads is let in by a mapping of the simulator's, whatever the role is.
            _ if role.name == "SecurityAudit" || role.made == Made::Set => made.mappings.push(Mapping {
                username: raw.username,
                groups: role.groups.clone(),
                policies,
                ..Mapping::new(
                    &role.name,
                    if planned.mode == AuthMode::ConfigMap { MappingKind::AwsAuth } else { MappingKind::Entry },
                )
            }),
            _ => made.eks.entries.push(raw),
        }
        let bind = |namespace: &str| KubeBinding {
            namespace: namespace.into(),
            name: "made-before".into(),
            ..KubeBinding::cluster("made-before", role.rbac.as_deref().unwrap_or_default(), &role.groups[0])
        };
        if role.rbac.is_some() {
            made.rbac.bindings.extend(role.namespaces.iter().map(|namespace| bind(namespace)));
        }
    }
    for text in policy::kubernetes().split("---\n") {
        let value: Value = serde_yaml::from_str(text).expect("YAML");
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (name, namespace) = (word(&value["metadata"]["name"]), word(&value["metadata"]["namespace"]));
        if value["rules"].is_array() {
            made.rbac.roles.push(KubeRole { namespace, ..KubeRole::cluster(&name, value["rules"].clone()) });
        } else {
            let role = (word(&value["roleRef"]["kind"]), word(&value["roleRef"]["name"]));
            let group = word(&value["subjects"][0]["name"]);
            made.rbac.bindings.push(KubeBinding { namespace, role, ..KubeBinding::cluster(&name, "", &group) });
        }
    }
    made
}
