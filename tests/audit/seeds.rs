//! One mistake for each rule, put into the clean world.

use eksso::domain::access::AuthMode;
use eksso::domain::access::facts::{Assignee, Assignments, Capability, IdentityProvider};
use serde_json::json;

use crate::audit::world::{
    HOME, INSTANCE, WORK, World, binding, entry, github, iam_role, permission_set, rule, saml, seen, seen_mut, service,
    set_arn, time,
};

/// A rule, what the mistake is, and how it is made.
pub type Seed = (&'static str, &'static str, fn(&mut World));

const OTHER: &str = "333333333333";
const RBAC: &str = "rbac.authorization.k8s.io";

/// All of them, in the order of the rules.
pub const SEEDS: &[Seed] = &[
    ("trust-anyone", "a role trusts everybody", |world| {
        world.trust(
            "OktaDeveloper",
            &json!([saml("Okta"), {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]),
        );
    }),
    (
        "trust-anyone",
        "a network does not narrow it, nor does a condition that only holds if the key is there",
        |world| {
            let conditions = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}, "StringEqualsIfExists": {"aws:PrincipalOrgID": "o-example"}});
            world.trust("OktaDeveloper", &json!([{"Effect": "Allow", "NotPrincipal": {"AWS": "arn:aws:iam::222222222222:role/x"}, "Action": "sts:*", "Condition": conditions}]));
        },
    ),
    ("trust-anyone", "a role of that name in any account, which a stranger makes himself", |world| {
        let names = "arn:aws:iam::*:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_Admin_*";
        let condition = json!({"ArnLike": {"aws:PrincipalArn": names}});
        world.trust("OktaDeveloper", &json!([saml("Okta"), {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": condition}]));
    }),
    ("trust-anyone", "a tag, and no single sign-on", |world| {
        let condition = json!({"StringEquals": {"aws:PrincipalTag/team": "payments"}});
        world.trust(
            "OktaDeveloper",
            &json!([{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": condition}]),
        );
    }),
    ("trust-account", "a pattern over all its roles", |world| {
        let condition = json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::{WORK}:role/*")}});
        world.trust("OktaDeveloper", &json!([saml("Okta"), {"Effect": "Allow", "Principal": {"AWS": WORK}, "Action": "sts:AssumeRole", "Condition": condition}]));
    }),
    ("trust-account", "a role trusts its account", |world| {
        world.trust("OktaDeveloper", &json!([saml("Okta"), {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{WORK}:root")}, "Action": "sts:AssumeRole"}]));
    }),
    ("trust-account", "by its bare id, and nothing else", |world| {
        world.trust(
            "OktaDeveloper",
            &json!([{"Effect": "Allow", "Principal": {"AWS": WORK}, "Action": "sts:AssumeRole"}]),
        );
    }),
    ("trust-other-account", "a role trusts another account", |world| {
        world.trust("ci-deploy", &json!([{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444444444444:root"}, "Action": "sts:AssumeRole"}]));
    }),
    ("trust-saml-no-aud", "no audience is demanded", |world| {
        let mut statement = saml("Okta");
        statement["Condition"] = json!({"StringEqualsIfExists": {"SAML:aud": "https://signin.aws.amazon.com/saml"}});
        world.trust("OktaDeveloper", &json!([statement]));
    }),
    ("trust-saml-odd-aud", "an audience is not AWS's", |world| {
        let mut statement = saml("Okta");
        statement["Condition"] = json!({"StringEquals": {"saml:AUD": ["https://eu-west-1.signin.aws.amazon.com/saml", "https://signin.aws.amazon.com.evil.example/saml"]}});
        world.trust("OktaDeveloper", &json!([statement]));
    }),
    ("trust-saml-provider", "the provider is gone", |world| {
        seen_mut(&mut world.account(WORK).saml_providers).retain(|provider| !provider.arn.ends_with("/Okta"));
    }),
    ("trust-saml-provider", "its metadata runs out", |world| {
        seen_mut(&mut world.account(WORK).saml_providers)[0].valid_until = Some(time("2026-12-10T00:00:00Z"));
    }),
    ("trust-mixed", "people and an instance share a role", |world| {
        world.trust("OktaDeveloper", &json!([saml("Okta"), service("ec2.amazonaws.com")]));
    }),
    ("trust-dangling", "a principal was deleted", |world| {
        world.trust("OktaDeveloper", &json!([saml("Okta"), {"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEEXAMPLE"}, "Action": "sts:AssumeRole"}]));
    }),
    ("trust-oidc-open", "any repository of an organization", |world| {
        world.trust("ci-deploy", &json!([github("repo:corp/*")]))
    }),
    ("trust-oidc-open", "no subject at all", |world| {
        let mut statement = github("x");
        statement["Condition"] =
            json!({"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}});
        world.trust("ci-deploy", &json!([statement]));
    }),
    ("trust-access-manager", "any account's access manager", |world| {
        world.trust("OktaDeveloper", &json!([saml("Okta"), service("account-access.amazonaws.com")]));
    }),
    ("principal-not-federated", "an instance's role is let in", |world| {
        world.trust("OktaDeveloper", &json!([service("ec2.amazonaws.com")]))
    }),
    ("principal-not-federated", "a line of nodes gives a group of people", |world| {
        nodes_are_in(world, "legacy-viewers");
    }),
    ("user-mapped", "an IAM user is let in", |world| {
        let arn = format!("arn:aws:iam::{WORK}:user/jane");
        let user = eksso::domain::access::facts::IamUser {
            arn: arn.clone(),
            permissions: seen(Default::default(), "iam"),
            ..Default::default()
        };
        seen_mut(&mut world.account(WORK).users).push(user);
        seen_mut(&mut world.payments().entries).push(entry(&arn, &[], &[("View", &["payments"])]));
    }),
    ("account-mapped", "the root of an account is let in", |world| {
        seen_mut(&mut world.payments().entries).push(entry(
            &format!("arn:aws:iam::{WORK}:root"),
            &[],
            &[("View", &["payments"])],
        ));
    }),
    ("account-mapped", "mapAccounts", |world| {
        seen_mut(&mut world.legacy().aws_auth).accounts = format!("- \"{WORK}\"\n")
    }),
    ("entry-dead-set", "the set's role has another suffix now", |world| {
        let arn = set_arn(WORK, "EKSViewer");
        world.entry("AWSReservedSSO_EKSViewer").principal = arn.replace("0123456789abcdef", "fedcba9876543210");
    }),
    ("entry-dead-recreated", "the role is younger than its entry", |world| {
        world.role("OktaDeveloper").created = Some(time("2026-05-01T00:00:00Z"))
    }),
    ("entry-dead-recreated", "a line of an earlier role of the set", |world| {
        let line = format!(
            "- rolearn: arn:aws:iam::{WORK}:role/AWSReservedSSO_EKSViewer_fedcba9876543210\n  username: x:{{{{SessionName}}}}\n  groups: [legacy-viewers]\n"
        );
        seen_mut(&mut world.legacy().aws_auth).roles.push_str(&line);
    }),
    ("entry-dead-principal", "the role is gone", |world| {
        seen_mut(&mut world.payments().entries).push(entry(
            &format!("arn:aws:iam::{WORK}:role/gone"),
            &[],
            &[("View", &["payments"])],
        ));
    }),
    ("aws-auth-path", "a path in a line", |world| {
        let roles = &mut seen_mut(&mut world.legacy().aws_auth).roles;
        *roles = roles.replace("role/OktaLegacy", "role/eks/OktaLegacy");
    }),
    ("aws-auth-ignored", "lines in a cluster that takes none", |world| {
        let map = seen_mut(&mut world.legacy().aws_auth).clone();
        world.payments().aws_auth = seen(map, "kubernetes:get configmap aws-auth");
    }),
    ("aws-auth-broken", "mapusers in small letters, which the authenticator does not know", |world| {
        seen_mut(&mut world.legacy().aws_auth).ignored.push("mapusers".into());
    }),
    ("entry-dead-principal", "a role of that name is under another path now", |world| {
        world.role("OktaDeveloper").arn = "arn:aws:iam::222222222222:role/other/OktaDeveloper".into();
    }),
    ("aws-auth-broken", "mapUsers is no list", |world| {
        seen_mut(&mut world.legacy().aws_auth).users = "userarn: x".into()
    }),
    ("aws-auth-broken", "an item names nobody", |world| {
        seen_mut(&mut world.legacy().aws_auth).users = "- username: jane\n".into()
    }),
    ("mapped-twice", "an entry and another line", |world| {
        seen_mut(&mut world.legacy().entries).push(entry(
            &format!("arn:aws:iam::{WORK}:role/eks/OktaLegacy"),
            &[],
            &[("View", &["payments"])],
        ));
        seen_mut(&mut world.legacy().bindings.namespaced).clear();
    }),
    ("aws-auth-duplicate", "one role in two lines", |world| {
        let roles = &mut seen_mut(&mut world.legacy().aws_auth).roles;
        let again =
            roles[roles.find("- rolearn: arn:aws:iam::222222222222:role/OktaLegacy").expect("a line")..].to_owned();
        roles.push_str(&again.replace("OktaLegacy", "oktalegacy"));
    }),
    ("config-map-only", "the mode is CONFIG_MAP", |world| {
        seen_mut(&mut world.legacy().settings).mode = Some(AuthMode::ConfigMap)
    }),
    ("config-map-leftover", "only lines of nodes are left", |world| {
        let legacy = world.legacy();
        seen_mut(&mut legacy.aws_auth).roles = format!(
            "- rolearn: arn:aws:iam::{WORK}:role/node\n  username: system:node:{{{{EC2PrivateDNSName}}}}\n  groups: [system:bootstrappers, system:nodes]\n"
        );
        seen_mut(&mut legacy.bindings.namespaced).clear();
    }),
    ("creator-admin", "an admin's entry is as old as the cluster", |world| {
        world.details("AWSReservedSSO_EKSAdmin").created = Some(time("2026-02-01T10:00:40Z"))
    }),
    ("creator-hidden", "the mode is CONFIG_MAP", |world| {
        seen_mut(&mut world.legacy().settings).mode = Some(AuthMode::ConfigMap)
    }),
    ("masters", "a line of system:masters", |world| {
        let roles = &mut seen_mut(&mut world.legacy().aws_auth).roles;
        *roles = roles.replace("[legacy-viewers]", "[legacy-viewers, \"system:masters\"]");
    }),
    ("masters", "a line of nodes", |world| nodes_are_in(world, "\"system:masters\"")),
    ("system-group", "a line of nodes, in a group of a controller", |world| {
        nodes_are_in(world, "\"eks:addon-manager\"");
    }),
    ("system-group", "people in a group of nodes' proxies", |world| {
        let roles = &mut seen_mut(&mut world.legacy().aws_auth).roles;
        *roles = roles.replace("[legacy-viewers]", "[legacy-viewers, \"system:node-proxier\"]");
    }),
    ("username-claims", "a name of Kubernetes' own kind", |world| {
        let roles = &mut seen_mut(&mut world.legacy().aws_auth).roles;
        *roles = roles.replace("username: okta:", "username: system:okta:");
    }),
    ("username-shared", "no session name", |world| world.details("AWSReservedSSO_EKSViewer").user = "viewers".into()),
    ("entry-empty", "neither groups nor policies", |world| {
        seen_mut(&mut world.entry("AWSReservedSSO_EKSViewer").policies).clear()
    }),
    ("node-role-human", "people can be a node", |world| {
        world.trust("payments/node", &json!([service("ec2.amazonaws.com"), saml("Okta")]))
    }),
    ("cross-account-entry", "a role of another account", |world| {
        let role = iam_role(&set_arn(HOME, "EKSAccessAdmin"), &[], &[]);
        seen_mut(&mut world.payments().entries).push(entry(&role.arn, &[], &[("View", &["payments-*"])]));
        let assigned = Assignments {
            account: HOME.parse().expect("an id"),
            set: permission_set("EKSAccessAdmin"),
            set_name: "EKSAccessAdmin".into(),
            assignees: seen(vec![Assignee::Group("g-EKS Access Admins".into())], "sso:ListAccountAssignments"),
        };
        world.facts.directories[0].assignments.push(assigned);
        let roles = seen_mut(&mut world.account(HOME).roles);
        let statement = json!({"Effect": "Allow", "Action": "sso:CreateAccountAssignment", "Resource": "*"});
        // EKS knows no policies of resources: on another account's cluster this gives nothing.
        let there = json!({"Effect": "Allow", "Action": ["eks:*AccessEntry", "eks:AssociateAccessPolicy", "eks:AssociateIdentityProviderConfig", "eks:DeleteCluster"],
            "Resource": format!("arn:aws:eks:eu-west-1:{WORK}:*")});
        roles[0] = iam_role(
            &role.arn,
            &[saml("AWSSSO_0123456789abcdef_DO_NOT_DELETE")].map(|mut trust| {
                trust["Principal"]["Federated"] =
                    json!(format!("arn:aws:iam::{HOME}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"));
                trust
            }),
            &[statement, there],
        );
        let providers = seen_mut(&mut world.account(HOME).saml_providers);
        providers.iter_mut().for_each(|provider| provider.arn = provider.arn.replace(WORK, HOME));
    }),
    ("entry-limit", "2,701 entries", |world| {
        let nodes = seen_mut(&mut world.payments().entries)
            .iter()
            .find(|entry| entry.principal.ends_with("/node"))
            .cloned()
            .expect("an entry");
        let entries = seen_mut(&mut world.payments().entries);
        entries.resize(2701, nodes);
    }),
    ("admin-too-many", "a developer is cluster admin", |world| {
        seen_mut(&mut world.entry("OktaDeveloper").policies)[0] =
            eksso::domain::access::Policy { name: "AmazonEKSClusterAdminPolicy".into(), namespaces: Vec::new() };
    }),
    ("admin-too-many", "the tier of the role is for another cluster", |world| {
        let named = "people = [\"EKS Admins\"]\nclusters = [\"payments\", \"legacy\"]";
        world.file = world.file.replace(named, "people = [\"EKS Admins\"]\nclusters = [\"legacy\"]");
    }),
    ("edit-cluster-wide", "Edit on the whole cluster", |world| {
        seen_mut(&mut world.entry("OktaDeveloper").policies)[0].namespaces.clear()
    }),
    ("edit-cluster-wide", "a group bound to edit everywhere", |world| {
        seen_mut(&mut world.payments().bindings.cluster).push(binding(
            "",
            "developers",
            "ClusterRole",
            "edit",
            &[("Group", "developers")],
        ));
    }),
    ("secrets-to-viewers", "AdminView", |world| {
        seen_mut(&mut world.entry("AWSReservedSSO_EKSViewer").policies)[0].name = "AmazonEKSAdminViewPolicy".into()
    }),
    ("scope-reaches-system", "a wildcard that matches kube-system", |world| {
        seen_mut(&mut world.entry("OktaDeveloper").policies)[0].namespaces.push("kube-*".into());
    }),
    ("scope-missing-namespace", "a name that is spelt wrong", |world| {
        seen_mut(&mut world.entry("OktaDeveloper").policies)[0].namespaces.push("paymnets".into());
    }),
    ("admin-policy-cannot-bind", "AdminPolicy without a binding", |world| {
        seen_mut(&mut world.entry("OktaDeveloper").policies)[0].name = "AmazonEKSAdminPolicy".into()
    }),
    ("group-unbound", "a group that nothing names", |world| {
        world.details("OktaDeveloper").groups.push("nobody-bound-me".into())
    }),
    ("binding-nobody", "a group that nobody is in", |world| {
        seen_mut(&mut world.payments().bindings.namespaced).push(binding(
            "payments",
            "old",
            "ClusterRole",
            "view",
            &[("Group", "old-team")],
        ));
    }),
    ("binding-no-role", "a role that is not there", |world| {
        seen_mut(&mut world.payments().bindings.namespaced).push(binding(
            "payments",
            "gone",
            "Role",
            "gone",
            &[("Group", "developers")],
        ));
    }),
    ("cluster-admin-bound", "a group of developers", |world| {
        seen_mut(&mut world.payments().bindings.cluster).push(binding(
            "",
            "developers",
            "ClusterRole",
            "cluster-admin",
            &[("Group", "developers")],
        ));
    }),
    ("cluster-admin-bound", "a group that was added to Kubernetes' own binding", |world| {
        let own = &mut seen_mut(&mut world.payments().bindings.cluster)[0];
        own.subjects.extend(binding("", "", "", "", &[("Group", "developers")]).subjects);
    }),
    ("cluster-admin-bound", "a binding that is named as EKS names its own", |world| {
        let own = binding("", "eks:debug", "ClusterRole", "cluster-admin", &[("Group", "developers")]);
        seen_mut(&mut world.payments().bindings.cluster).push(own);
    }),
    ("anonymous-bound", "who has not signed in reads pods", |world| {
        seen_mut(&mut world.payments().bindings.cluster).push(binding(
            "",
            "anonymous",
            "ClusterRole",
            "view",
            &[("User", "system:anonymous")],
        ));
    }),
    ("everybody-bound", "everybody reads pods", |world| {
        seen_mut(&mut world.payments().bindings.cluster).push(binding(
            "",
            "everybody",
            "ClusterRole",
            "view",
            &[("Group", "system:authenticated")],
        ));
    }),
    ("rbac-escalation", "bind in the whole cluster", |world| {
        world.bind("", "binder", vec![rule(&["bind"], &[RBAC], &["clusterroles"])])
    }),
    ("rbac-escalation", "impersonate groups in the whole cluster", |world| {
        world.bind("", "actor", vec![rule(&["impersonate"], &[""], &["groups"])])
    }),
    ("rbac-escalation", "Kubernetes 1.35's constrained impersonation of users", |world| {
        world.bind(
            "",
            "actor",
            vec![rule(&["impersonate:user-info"], &["authentication.k8s.io"], &["users", "groups"])],
        )
    }),
    ("rbac-escalation", "impersonate service accounts of a namespace", |world| {
        world.bind("payments", "actor", vec![rule(&["impersonate"], &[""], &["serviceaccounts"])])
    }),
    ("rbac-escalation", "bind ClusterRoles in a namespace", |world| {
        world.bind("payments", "binder", vec![rule(&["bind"], &[RBAC], &["clusterroles"])])
    }),
    ("rbac-escalation", "cluster-admin in a namespace, which gives nothing of the whole cluster's", |world| {
        let own = binding("payments", "owners", "ClusterRole", "cluster-admin", &[("Group", "developers")]);
        seen_mut(&mut world.payments().bindings.namespaced).push(own);
    }),
    ("rbac-wildcard", "all verbs", |world| {
        world.bind("payments", "wild", vec![rule(&["*"], &["queues.example.com"], &["queues"])])
    }),
    ("rbac-node-proxy", "get of nodes/proxy", |world| {
        world.bind("", "kubelet", vec![rule(&["get"], &[""], &["nodes/proxy"])])
    }),
    ("rbac-webhooks", "a webhook", |world| {
        world.bind(
            "",
            "hooks",
            vec![rule(&["patch"], &["admissionregistration.k8s.io"], &["mutatingwebhookconfigurations"])],
        );
    }),
    ("rbac-token-create", "tokens of service accounts", |world| {
        world.bind("payments", "tokens", vec![rule(&["create"], &[""], &["serviceaccounts/token"])])
    }),
    ("rbac-pv-create", "persistent volumes", |world| {
        world.bind("", "volumes", vec![rule(&["create"], &[""], &["persistentvolumes"])])
    }),
    ("rbac-csr-approve", "approval", |world| {
        world.bind(
            "",
            "signers",
            vec![rule(&["update"], &["certificates.k8s.io"], &["certificatesigningrequests/approval"])],
        );
    }),
    ("aws-auth-writers", "a role that patches aws-auth", |world| {
        let legacy = world.legacy();
        let mut own = eksso::domain::access::facts::RbacRole {
            namespace: "kube-system".into(),
            name: "maps".into(),
            ..Default::default()
        };
        own.rules = vec![rule(&["patch"], &[""], &["configmaps"])];
        own.rules[0].resource_names = vec!["aws-auth".into()];
        seen_mut(&mut legacy.roles.namespaced).push(own);
        seen_mut(&mut legacy.bindings.namespaced).push(binding(
            "kube-system",
            "maps",
            "Role",
            "maps",
            &[("Group", "legacy-viewers")],
        ));
    }),
    ("unknown-policy", "a policy that is new", |world| {
        seen_mut(&mut world.entry("AWSReservedSSO_EKSViewer").policies)[0].name = "AmazonEKSNewestPolicy".into()
    }),
    ("policy-name-collides", "two sets with the same rights", |world| {
        seen_mut(&mut world.entry("AWSReservedSSO_EKSViewer").policies)[0].namespaces = vec!["payments".into()];
    }),
    ("policy-eks-star", "clusters may be made", |world| {
        world.allow("OktaDeveloper", &json!({"Effect": "Allow", "NotAction": ["iam:*", "sts:*", "sso:*", "eks:A*", "eks:CreateA*", "eks:CreatePod*", "eks:CreateCap*", "eks:U*", "eks:D*"], "Resource": "*"}));
    }),
    ("policy-self-grant", "its own entry", |world| {
        let own = format!("arn:aws:eks:eu-west-1:{WORK}:access-entry/payments/*");
        world.allow(
            "OktaDeveloper",
            &json!({"Effect": "Allow", "Action": "eks:AssociateAccessPolicy", "Resource": own}),
        );
    }),
    ("policy-grant-beyond", "entries in another cluster", |world| {
        let other = format!("arn:aws:eks:eu-west-1:{WORK}:cluster/legacy");
        world.allow(
            "AWSReservedSSO_EKSAccessAdmin",
            &json!({"Effect": "Allow", "Action": "eks:CreateAccessEntry", "Resource": other}),
        );
    }),
    ("policy-side-door", "the audit log may be switched off", |world| {
        let own = format!("arn:aws:eks:eu-west-1:{WORK}:cluster/payments");
        let condition = json!({"Bool": {"eks:loggingType/audit": "false"}});
        world.allow(
            "OktaDeveloper",
            &json!({"Effect": "Allow", "Action": "eks:UpdateClusterConfig", "Resource": own, "Condition": condition}),
        );
    }),
    ("policy-side-door", "pods with an admin's role", |world| {
        let own = format!("arn:aws:eks:eu-west-1:{WORK}:cluster/payments");
        let pass = format!("arn:aws:iam::{WORK}:role/eks/payments/*");
        world.allow(
            "OktaDeveloper",
            &json!({"Effect": "Allow", "Action": "eks:CreatePodIdentityAssociation", "Resource": own}),
        );
        world.allow("OktaDeveloper", &json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": pass}));
    }),
    ("policy-passrole-star", "any role to any service", |world| {
        world.allow("OktaDeveloper", &json!({"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}))
    }),
    ("policy-iam-escalation", "the trust of a cluster's role", |world| {
        let own = format!("arn:aws:iam::{WORK}:role/eks/ci-deploy");
        world.allow(
            "OktaDeveloper",
            &json!({"Effect": "Allow", "Action": "iam:UpdateAssumeRolePolicy", "Resource": own}),
        );
    }),
    ("assign-too-many", "another role of the management account assigns", |world| {
        let statement = json!({"Effect": "Allow", "Action": "sso:CreateAccountAssignment", "Resource": "*"});
        let text = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let billing = &mut seen_mut(&mut world.account(HOME).roles)[1];
        seen_mut(&mut billing.permissions).inline.push(("added".into(), text));
    }),
    ("assign-too-many", "a role in the account of a delegated administrator", |world| {
        let statement = json!({"Effect": "Allow", "Action": "sso:CreateAccountAssignment", "Resource": "*"});
        let role =
            iam_role(&format!("arn:aws:iam::{OTHER}:role/joiners"), &[service("lambda.amazonaws.com")], &[statement]);
        let mut account = world.account(HOME).clone();
        *seen_mut(&mut account.roles) = vec![role];
        let other: eksso::domain::ids::AccountId = OTHER.parse().expect("an id");
        world.facts.accounts.insert(other.clone(), account);
        seen_mut(&mut world.facts.organization.delegated).insert(other);
    }),
    ("policy-assume-star", "any role", |world| {
        world.allow("OktaDeveloper", &json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}))
    }),
    ("policy-mfa-federated", "MFA of AWS's own", |world| {
        world.allow("OktaDeveloper", &json!({"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}));
    }),
    ("set-not-provisioned", "a set was changed", |world| {
        seen_mut(&mut world.account(WORK).unprovisioned).push(permission_set("EKSViewer"))
    }),
    ("session-long", "admins for eight hours", |world| {
        seen_mut(&mut world.facts.directories[0].sets)[0].session = Some(28800)
    }),
    ("session-long", "an access admin who has no entry in any cluster", |world| {
        seen_mut(&mut world.payments().entries).retain(|entry| !entry.principal.contains("EKSAccessAdmin"));
        seen_mut(&mut world.facts.directories[0].sets)[1].session = Some(43200);
    }),
    ("set-unassigned", "nobody is assigned", |world| {
        seen_mut(&mut world.facts.directories[0].assignments[4].assignees).clear()
    }),
    ("assigned-to-user", "a person by name", |world| {
        seen_mut(&mut world.facts.directories[0].assignments[4].assignees).push(Assignee::User("u-jane".into()))
    }),
    ("assignee-gone", "a group that is not there", |world| {
        seen_mut(&mut world.facts.directories[0].assignments[4].assignees).push(Assignee::Group("g-gone".into()))
    }),
    ("assignee-gone", "a user who is disabled", |world| {
        seen_mut(&mut world.facts.directories[0].users)[1].enabled = Some(false);
        seen_mut(&mut world.facts.directories[0].assignments[4].assignees).push(Assignee::User("u-joe".into()));
    }),
    ("endpoint-open", "from everywhere", |world| {
        world.settings().public_cidrs = Some(vec!["203.0.113.0/24".into(), "0.0.0.0/0".into()])
    }),
    ("endpoint-open", "in two halves", |world| {
        world.settings().public_cidrs = Some(vec!["0.0.0.0/1".into(), "128.0.0.0/1".into()])
    }),
    ("endpoint-open", "by default", |world| world.settings().public_cidrs = None),
    ("no-audit-log", "no audit log", |world| _ = world.settings().logs.remove("audit")),
    ("no-authenticator-log", "no authenticator log", |world| _ = world.settings().logs.remove("authenticator")),
    ("oidc-provider", "another identity provider", |world| {
        let provider = IdentityProvider {
            name: "okta".into(),
            issuer: "https://corp.okta.com".into(),
            username_prefix: "okta:".into(),
            groups_prefix: "okta:".into(),
            groups_claim: "groups".into(),
        };
        seen_mut(&mut world.payments().identity_providers).push(provider);
    }),
    ("argocd-admins", "developers are Argo CD's admins", |world| {
        let argo = Capability {
            name: "argo".into(),
            kind: "ARGOCD".into(),
            role_arn: format!("arn:aws:iam::{WORK}:role/eks/payments/argo"),
            argo_roles: vec![
                ("ADMIN".into(), Assignee::Group("g-EKS Developers".into())),
                ("ADMIN".into(), Assignee::Group("g-EKS Admins".into())),
            ],
        };
        seen_mut(&mut world.payments().capabilities).push(argo);
    }),
    ("workload-admin", "pods with an admin's role", |world| {
        seen_mut(&mut world.payments().service_accounts)[0].role_arn =
            Some(format!("arn:aws:iam::{WORK}:role/eks/payments/powerful"));
    }),
    ("suppression-expired", "what was agreed to for a time", |world| {
        world.file.push_str("\n[[suppress]]\nrule = \"masters\"\nresource = \"role/none\"\nreason = \"ticket 1\"\nexpires = \"2026-01-31\"\n");
    }),
];

/// The line of nodes has another group, and no access entry outranks it.
fn nodes_are_in(world: &mut World, group: &str) {
    let legacy = world.legacy();
    seen_mut(&mut legacy.entries).retain(|entry| !entry.principal.ends_with("/node"));
    let roles = &mut seen_mut(&mut legacy.aws_auth).roles;
    *roles = roles.replace("[system:bootstrappers, system:nodes]", &format!("[system:nodes, {group}]"));
}

/// What a mistake of a rule cannot be without: in mode CONFIG_MAP there is a hidden creator, always.
pub fn expected(rule: &str) -> Vec<&str> {
    match rule {
        "config-map-only" | "creator-hidden" => vec!["config-map-only", "creator-hidden"],
        rule => vec![rule],
    }
}

/// Names that try to break out of what they are shown in.
pub const HOSTILE: [&str; 6] = [
    "=HYPERLINK(\"https://evil.example\")",
    "x\u{1b}[2J\u{202e}",
    "line\nbreak\r\n",
    "<script>alert(1)</script>",
    "\"quote', [click](https://evil.example)",
    "$(touch /tmp/eksso-pwned) `id` ;&",
];

/// A world whose foreign names are hostile.
pub fn hostile(world: &mut World, name: &str) {
    let admins = &mut seen_mut(&mut world.facts.directories[0].assignments[4].assignees);
    admins.push(Assignee::Group(name.to_owned()));
    seen_mut(&mut world.payments().bindings.namespaced).push(binding(
        "payments",
        name,
        "ClusterRole",
        name,
        &[("Group", name)],
    ));
    world.details("OktaDeveloper").groups.push(format!("{name}2"));
    seen_mut(&mut world.payments().entries).push(entry(
        &format!("arn:aws:iam::{OTHER}:role/{name}"),
        &[name],
        &[("View", &[name])],
    ));
    world.facts.directories[0].instance = format!("{INSTANCE}{name}");
    seen_mut(&mut world.legacy().aws_auth).users =
        format!("- userarn: {}\n  username: {}\n", json!(format!("arn:aws:iam::{WORK}:user/{name}")), json!(name));
}
