//! The IAM documents: a statement set for each kind of user, the boundary, trust policies and the guard of the organization.
//! Source: access.md 5.3, measured with iam-simulate.

use serde_json::{Value, json};

use crate::domain::audit;
use crate::domain::audit::access_file::{Level, PlannedCluster};
use crate::domain::ids::AccountId;
use crate::domain::partition::Partition;
use crate::domain::scaffold::okta::saml_audience;
use crate::domain::scaffold::plan::Plan;
use crate::domain::scaffold::role::{Made, Role, Set, Statements};

/// Of the inline policies of a role, which a permission set's becomes; white space does not count. Source: access.md 4.4.
pub const MAX_INLINE: usize = 10_240;
/// Of a managed policy.
pub const MAX_MANAGED: usize = 6_144;
/// Of a trust policy.
pub const MAX_TRUST: usize = 2_048;
/// Of a service control policy.
pub const MAX_CONTROL: usize = 5_120;

/// What makes or removes clusters.
const MAKING: [&str; 4] = ["eks:CreateCluster", "eks:RegisterCluster", "eks:DeleteCluster", "eks:DeregisterCluster"];
/// What changes who is let in by access entries.
const ENTRIES: [&str; 5] = [
    "eks:CreateAccessEntry",
    "eks:UpdateAccessEntry",
    "eks:DeleteAccessEntry",
    "eks:AssociateAccessPolicy",
    "eks:DisassociateAccessPolicy",
];
/// What lets somebody in by other ways, or gives pods and controllers a role.
const OTHER_WAYS: [&str; 6] = [
    "eks:AssociateIdentityProviderConfig",
    "eks:DisassociateIdentityProviderConfig",
    "eks:CreatePodIdentityAssociation",
    "eks:UpdatePodIdentityAssociation",
    "eks:CreateCapability",
    "eks:UpdateCapability",
];
/// Kinds of ARNs that belong to a cluster by its name.
const KINDS: [&str; 7] = [
    "nodegroup",
    "addon",
    "fargateprofile",
    "identityproviderconfig",
    "access-entry",
    "podidentityassociation",
    "capability",
];

/// The services that get a node's role.
fn node_services(partition: Partition) -> Vec<&'static str> {
    let mut all = vec!["eks.amazonaws.com", "ec2.amazonaws.com", "eks-fargate-pods.amazonaws.com"];
    // EC2 has a name of its own in China, where IAM takes the other one for no principal. Source: kubernetes/kops, issue 27.
    if partition == Partition::AwsCn {
        all.push("ec2.amazonaws.com.cn");
    }
    all
}

/// Why a statement is there, by its Sid.
pub fn why(sid: &str) -> Option<&'static str> {
    Some(match sid {
        "Look" => "Lists take no resource but *; they tell names, not data.",
        "RunOwnClusters" => "Everything in the clusters of the tier, by their names.",
        "ClustersAreMadeElsewhere" => {
            "Clusters are made by one pipeline, so that each begins with mode API and without a hidden admin."
        }
        "HandOutNothing" => {
            "Who may make entries, identity providers, pod identities or capabilities makes anybody an admin, itself first."
        }
        "ModeStaysApi" => "Another mode opens the ConfigMap aws-auth, a second way in that no IAM policy guards.",
        "AuditLogStays" => "Without the audit log nobody can tell who did what.",
        "PassNodeRoles" => "Only roles below the cluster's own path: PassRole on * would be every role of the account.",
        "FindClusters" => "ListClusters takes no resource; a statement that names a cluster would grant nothing.",
        "ReachOwnClusters" => "What a kubeconfig is made from: endpoint and certificate.",
        "SeeOwnMapping" => "So that people see as what they are let in.",
        "SeeInTheConsole" => "What the console's pages of a cluster ask for; Kubernetes' own rights still decide.",
        sid if sid.starts_with(audit::policy::SID) => {
            "What `eksso access` and `eksso audit` ask for: lists and descriptions, which take no resource but *; nothing is changed."
        }
        "MakeEntries" => "Entries for roles of single sign-on only, never for users or nodes.",
        "ChangeEntries" => {
            "UpdateAccessEntry has no keys that could narrow it: it is full power over the entries of these clusters."
        }
        "GiveListedPolicies" => "Admin policies are given by the pipeline, after a review.",
        "NeverClusterWideEdit" => "Edit for the whole cluster reads the Secrets of every namespace.",
        "OnlyTheAccessAdminGrants" => {
            "Whoever makes entries makes admins: the access admin, break-glass and the access pipeline only."
        }
        "ClustersOnlyByThePipeline" => "The creator of a cluster may get hidden admin rights in it.",
        "NewClustersModeApi" => "In other modes whoever edits the ConfigMap aws-auth lets in anybody.",
        "NewClustersNoCreatorAdmin" => {
            "The creator's admin rights are in no list; the default is true, so that leaving it out is denied, too."
        }
        "ClusterRolesKeepTheirTrust" => "Who changes the trust or the policies of these roles has what they have.",
        "OnlyTheAccessAdminAssigns" => {
            "Whoever assigns permission sets, or changes them, gives what they have; no service control policy binds this account."
        }
        "TheGuardStays" => "Who changes this policy is bound by it no more.",
        "UseEks" => "A boundary grants nothing: it is the most that the role's own policies can give.",
        "OnlyTheAccessManager" => {
            "Without its application's account and ARN, any account's access manager could let its people in."
        }
        "OnlyThese" => "Only these roles change who is let in.",
        _ => return None,
    })
}

/// A policy document.
pub fn document(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// How much of a quota a document takes: all but white space.
pub fn size(document: &Value) -> usize {
    document.to_string().chars().filter(|c| !c.is_whitespace()).count()
}

/// The statements of a role for clusters of an account, or of all accounts for a permission set.
pub fn statements(plan: &Plan, role: &Role, account: Option<&AccountId>) -> Vec<Value> {
    let set = match &role.statements {
        Statements::None => return Vec::new(),
        Statements::Own(own) => return own.clone(),
        Statements::Set(set) => *set,
    };
    let partition = plan.partition.arn();
    let clusters: Vec<&PlannedCluster> =
        plan.clusters_of(role, account).into_iter().map(|(_, cluster)| cluster).collect();
    let arn = |cluster: &PlannedCluster, kind: &str, rest: &str| {
        format!("arn:{partition}:eks:{}:{}:{kind}/{}{rest}", cluster.region, cluster.account, cluster.name)
    };
    let each = |make: &dyn Fn(&PlannedCluster) -> Vec<String>| -> Vec<String> {
        clusters.iter().flat_map(|cluster| make(cluster)).collect()
    };
    let own_clusters = each(&|cluster| vec![arn(cluster, "cluster", "")]);
    let entries = each(&|cluster| vec![arn(cluster, "access-entry", "/*")]);
    let policy = |name: &str| format!("arn:{partition}:eks::aws:cluster-access-policy/AmazonEKS{name}Policy");
    let admin = |handing_out: bool| {
        let everything = each(&|cluster| {
            let kinds = KINDS.iter().map(|kind| arn(cluster, kind, "/*"));
            std::iter::once(arn(cluster, "cluster", "")).chain(kinds).collect()
        });
        let node_roles = each(&|cluster| {
            vec![format!("arn:{partition}:iam::{}:role{}{}/*", cluster.account, plan.role_path, cluster.name)]
        });
        let kept: Vec<&str> = ENTRIES.iter().filter(|_| !handing_out).chain(&OTHER_WAYS).copied().collect();
        vec![
            json!({"Sid": "Look", "Effect": "Allow", "Action": ["eks:List*", "eks:Describe*"], "Resource": "*"}),
            json!({"Sid": "RunOwnClusters", "Effect": "Allow", "Action": "eks:*", "Resource": everything}),
            json!({"Sid": "ClustersAreMadeElsewhere", "Effect": "Deny", "Action": MAKING, "Resource": "*"}),
            json!({"Sid": "HandOutNothing", "Effect": "Deny", "Action": kept, "Resource": "*"}),
            json!({"Sid": "ModeStaysApi", "Effect": "Deny", "Action": "eks:UpdateClusterConfig", "Resource": "*", "Condition": {
                "StringNotEqualsIfExists": {"eks:authenticationMode": "API"}, "Null": {"eks:authenticationMode": "false"}}}),
            json!({"Sid": "AuditLogStays", "Effect": "Deny", "Action": "eks:UpdateClusterConfig", "Resource": "*",
                "Condition": {"Bool": {"eks:loggingType/audit": "false"}}}),
            json!({"Sid": "PassNodeRoles", "Effect": "Allow", "Action": "iam:PassRole", "Resource": node_roles,
                "Condition": {"StringEquals": {"iam:PassedToService": node_services(plan.partition)}}}),
        ]
    };
    let find = || json!({"Sid": "FindClusters", "Effect": "Allow", "Action": "eks:ListClusters", "Resource": "*"});
    let reach = |actions: &[&str]| json!({"Sid": "ReachOwnClusters", "Effect": "Allow", "Action": actions, "Resource": own_clusters});
    let own_mapping = || {
        let resources = each(&|cluster| {
            vec![arn(cluster, "access-entry", &format!("/role/{}/{}/*", cluster.account, role.name_pattern()))]
        });
        json!({"Sid": "SeeOwnMapping", "Effect": "Allow",
            "Action": ["eks:DescribeAccessEntry", "eks:ListAssociatedAccessPolicies"], "Resource": resources})
    };
    match set {
        Set::ClusterAdmin => admin(false),
        Set::BreakGlass => admin(true),
        Set::Developer => vec![find(), reach(&["eks:DescribeCluster", "eks:ListAccessEntries"]), own_mapping()],
        Set::Viewer => vec![find(), reach(&["eks:DescribeCluster"]), own_mapping()],
        Set::ViewerConsole => {
            let actions = [
                "eks:AccessKubernetesApi",
                "eks:ListNodegroups",
                "eks:DescribeNodegroup",
                "eks:ListFargateProfiles",
                "eks:ListUpdates",
                "eks:ListAddons",
                "eks:DescribeAddonVersions",
                "eks:ListIdentityProviderConfigs",
                "iam:ListRoles",
                "ssm:GetParameter",
            ];
            let console = json!({"Sid": "SeeInTheConsole", "Effect": "Allow", "Action": actions, "Resource": "*"});
            vec![find(), reach(&["eks:DescribeCluster"]), own_mapping(), console]
        }
        Set::Auditor => audit::policy::statements(),
        Set::Ci => vec![reach(&["eks:DescribeCluster"])],
        Set::AccessAdmin => {
            let mut accounts: Vec<&AccountId> = clusters.iter().map(|cluster| &cluster.account).collect();
            accounts.dedup();
            accounts.sort();
            accounts.dedup();
            let roles: Vec<String> = accounts
                .iter()
                .flat_map(|account| {
                    let role = |path: &str| format!("arn:{partition}:iam::{account}:role{path}*");
                    [role("/aws-reserved/sso.amazonaws.com/"), role(&plan.role_path)]
                })
                .collect();
            vec![
                json!({"Sid": "Look", "Effect": "Allow",
                    "Action": ["eks:List*", "eks:Describe*", "iam:ListRoles", "iam:GetRole"], "Resource": "*"}),
                json!({"Sid": "MakeEntries", "Effect": "Allow", "Action": "eks:CreateAccessEntry", "Resource": own_clusters,
                    "Condition": {"StringEquals": {"eks:accessEntryType": "STANDARD"}, "ArnLike": {"eks:principalArn": roles}}}),
                json!({"Sid": "ChangeEntries", "Effect": "Allow",
                    "Action": ["eks:UpdateAccessEntry", "eks:DeleteAccessEntry", "eks:DisassociateAccessPolicy"], "Resource": entries}),
                json!({"Sid": "GiveListedPolicies", "Effect": "Allow", "Action": "eks:AssociateAccessPolicy", "Resource": entries,
                    "Condition": {"ArnEquals": {"eks:policyArn": [policy("View"), policy("Edit")]}}}),
                json!({"Sid": "NeverClusterWideEdit", "Effect": "Deny", "Action": "eks:AssociateAccessPolicy", "Resource": "*",
                    "Condition": {"StringEquals": {"eks:accessScope": "cluster"}, "ArnEquals": {"eks:policyArn": policy("Edit")}}}),
            ]
        }
    }
}

/// The trust policy of a role that is made in an account; `None` for those that are not.
pub fn trust(plan: &Plan, role: &Role, account: &AccountId) -> Option<Value> {
    let partition = plan.partition.arn();
    let statement = match &role.made {
        Made::Set | Made::Elsewhere => return None,
        Made::Okta(provider) => {
            let mut regions: Vec<_> =
                plan.clusters_of(role, Some(account)).into_iter().map(|(_, cluster)| &cluster.region).collect();
            regions.sort();
            regions.dedup();
            // Okta sends people to the global address; when that is down, to a region's.
            let regional = regions.into_iter().map(Some);
            let audiences: Vec<String> = std::iter::once(None)
                .chain(regional)
                .filter_map(|region| saml_audience(plan.partition, region))
                .collect();
            json!({"Sid": "OnlyOkta", "Effect": "Allow", "Action": "sts:AssumeRoleWithSAML",
                "Principal": {"Federated": format!("arn:{partition}:iam::{account}:saml-provider/{provider}")},
                "Condition": {"StringEquals": {"SAML:aud": audiences}}})
        }
        Made::Entitled(application) => {
            // Not this account's: that of the application.
            let owner = application.split(':').nth(4).unwrap_or_default();
            json!({"Sid": "OnlyTheAccessManager", "Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetContext"],
                "Principal": {"Service": "account-access.amazonaws.com"},
                "Condition": {"StringEquals": {"aws:SourceAccount": owner}, "ArnEquals": {"aws:SourceArn": application}}})
        }
        Made::Runner(oidc) => {
            json!({"Sid": "OnlyTheRunner", "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": {"Federated": format!("arn:{partition}:iam::{account}:oidc-provider/{}", oidc.provider)},
            "Condition": {
                "StringEquals": {format!("{}:aud", oidc.provider): "sts.amazonaws.com"},
                "StringLike": {format!("{}:sub", oidc.provider): oidc.subjects}}})
        }
    };
    Some(document(&[statement]))
}

/// The permissions boundary of the roles that are made in an account.
pub fn boundary(plan: &Plan, account: &AccountId) -> Value {
    let partition = plan.partition.arn();
    let grants = |role: &&Role| [Level::AccessAdmin, Level::BreakGlass].contains(&role.level);
    let granting: Vec<String> = plan
        .roles_in(account)
        .into_iter()
        .filter(grants)
        .map(|role| plan.role_pattern(role, account.as_str()))
        .collect();
    let mut only = json!({"Sid": "OnlyThese", "Effect": "Deny", "Action": ENTRIES, "Resource": "*"});
    if !granting.is_empty() {
        only["Condition"] = json!({"ArnNotLike": {"aws:PrincipalArn": granting}});
    }
    let may = ["eks:*", "sts:GetCallerIdentity", "iam:ListRoles", "iam:GetRole", "ssm:GetParameter"];
    document(&[
        json!({"Sid": "UseEks", "Effect": "Allow", "Action": may, "Resource": "*"}),
        json!({"Sid": "PassNodeRoles", "Effect": "Allow", "Action": "iam:PassRole",
            "Resource": format!("arn:{partition}:iam::{account}:role{}*", plan.role_path),
            "Condition": {"StringEquals": {"iam:PassedToService": node_services(plan.partition)}}}),
        json!({"Sid": "ClustersAreMadeElsewhere", "Effect": "Deny", "Action": MAKING, "Resource": "*"}),
        json!({"Sid": "HandOutNothing", "Effect": "Deny", "Action": OTHER_WAYS, "Resource": "*"}),
        only,
    ])
}

/// Whether the boundary is put on a role: statements of one's own might need more than the boundary leaves, and an auditor reads what is not
/// EKS's (IAM, Identity Center, the organization).
pub fn is_bounded(role: &Role) -> bool {
    matches!(role.made, Made::Okta(_) | Made::Entitled(_) | Made::Runner(_))
        && matches!(role.statements, Statements::Set(set) if set != Set::Auditor)
}

/// The service control policy, where somebody is exempt from it.
pub fn guard(plan: &Plan) -> Option<Value> {
    let guard = plan.guard.as_ref()?;
    let partition = plan.partition.arn();
    let arn = |role: &String| format!("arn:{partition}:iam::*:{role}");
    let grants = |role: &&Role| [Level::AccessAdmin, Level::BreakGlass].contains(&role.level);
    let people = plan.roles.iter().filter(grants).map(|role| plan.role_pattern(role, "*"));
    let granting: Vec<String> = people.chain(guard.access_pipeline.iter().map(arn)).collect();
    let making: Vec<String> = guard.cluster_pipeline.iter().map(arn).collect();
    let mut keeping: Vec<String> = guard.access_pipeline.iter().chain(&guard.cluster_pipeline).map(arn).collect();
    keeping.sort();
    keeping.dedup();
    let mut granted: Vec<&str> = ENTRIES.to_vec();
    granted.extend(["eks:AssociateIdentityProviderConfig", "eks:CreateCapability", "eks:UpdateCapability"]);
    let not = |roles: &[String]| json!({"ArnNotLike": {"aws:PrincipalArn": roles}});
    let mut only = not(&granting);
    only["Bool"] = json!({"aws:PrincipalIsAWSService": "false"});
    Some(document(&[
        json!({"Sid": "OnlyTheAccessAdminGrants", "Effect": "Deny", "Action": granted, "Resource": "*", "Condition": only}),
        json!({"Sid": "ClustersOnlyByThePipeline", "Effect": "Deny", "Action": "eks:CreateCluster", "Resource": "*",
            "Condition": not(&making)}),
        json!({"Sid": "NewClustersModeApi", "Effect": "Deny", "Action": "eks:CreateCluster", "Resource": "*",
            "Condition": {"StringNotEquals": {"eks:authenticationMode": "API"}}}),
        json!({"Sid": "NewClustersNoCreatorAdmin", "Effect": "Deny", "Action": "eks:CreateCluster", "Resource": "*",
            "Condition": {"BoolIfExists": {"eks:bootstrapClusterCreatorAdminPermissions": "true"}}}),
        json!({"Sid": "ClusterRolesKeepTheirTrust", "Effect": "Deny",
            "Action": ["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:DeleteRole",
                "iam:DeleteRolePermissionsBoundary"],
            "Resource": format!("arn:{partition}:iam::*:role{}*", plan.role_path), "Condition": not(&keeping)}),
    ]))
}

/// The documents that are larger than IAM takes them, with what to do, and the line of the tier.
pub fn oversize(plan: &Plan) -> Option<(usize, String)> {
    for role in &plan.roles {
        let wrong = |what: &str, size: usize, max: usize| {
            (size > max).then(|| {
                let message = format!(
                    "[tiers.{}]: {what} of `{}` takes {size} of {max} characters; give part of the clusters a tier, and so a role, of \
                     their own",
                    role.tier, role.name
                );
                (role.line, message)
            })
        };
        // A permission set has one policy for all accounts; a role has one in each.
        let accounts: Vec<Option<&AccountId>> = match role.made {
            Made::Set => vec![None],
            _ => plan.accounts().into_keys().map(Some).collect(),
        };
        for account in accounts {
            let policy = document(&statements(plan, role, account));
            let trust = account.and_then(|account| trust(plan, role, account));
            let found = wrong("the inline policy", size(&policy), MAX_INLINE)
                .or_else(|| wrong("the trust policy", trust.as_ref().map_or(0, size), MAX_TRUST));
            if found.is_some() {
                return found;
            }
        }
    }
    for account in plan.accounts().into_keys() {
        let roles = plan.roles_in(account);
        let (bounded, size) = (roles.iter().find(|role| is_bounded(role)), size(&boundary(plan, account)));
        if let (Some(role), true) = (bounded, size > MAX_MANAGED) {
            let message = format!(
                "[tiers.{}]: the boundary of the roles in account {account} takes {size} of {MAX_MANAGED} characters, as it names each role that \
                 hands out access; give access-admin and break-glass fewer roles",
                role.tier
            );
            return Some((role.line, message));
        }
    }
    let guard = guard(plan).map_or(0, |guard| size(&guard));
    let line = plan.guard.as_ref().map_or(1, |guard| guard.line);
    let too_large = format!("[guard]: the policy takes {guard} of {MAX_CONTROL} characters; name fewer roles");
    (guard > MAX_CONTROL).then_some((line, too_large))
}
