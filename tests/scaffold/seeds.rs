//! Files that the tests make code of.

use std::collections::BTreeMap;

use eksso::domain::audit::read;
use eksso::domain::scaffold::plan::Plan;

/// Two clusters in two accounts and regions, each kind of role, and the guard.
pub const WHOLE: &str = r#"
[scaffold]
account = "111111111111"
region = "eu-west-1"

[clusters.payments]
account = "222222222222"
region = "eu-west-1"

[clusters.staging]
account = "333333333333"
region = "us-east-1"
mode = "API_AND_CONFIG_MAP"

[clusters.old]
account = "333333333333"
region = "eu-west-1"
cluster = "Old_1"
mode = "CONFIG_MAP"

[tiers.cluster-admin]
roles = ["EKSClusterAdmin"]
people = ["EKS Admins"]
session = "1h"
clusters = ["payments", "staging"]
access = "ClusterAdmin"
iam = "cluster-admin"

[tiers.developer]
roles = ["EKSDeveloper", "EKS.Dev+Ops"]
people = ["EKS Developers"]
session = "8h"
clusters = ["payments", "staging"]
access = "Edit"
namespaces = ["payments", "payments-*"]
iam = "developer"

[tiers.viewer]
roles = ["EKSViewer"]
people = ["EKS Viewers"]
clusters = ["payments", "staging"]
access = "View"
iam = "viewer"

[tiers.looker]
roles = ["EKSLooker"]
people = ["EKS Viewers"]
clusters = ["payments"]
access = "View"
iam = "viewer-console"

[tiers.operators]
roles = ["EKSOperators"]
people = ["EKS Operators", "On Call"]
session = "90m"
clusters = ["payments", "old"]
kubernetes_groups = ["operators"]
rbac = "edit"
namespaces = ["default", "kube-public"]
iam = "developer"

[tiers.auditor]
roles = ["SecurityAudit"]
people = ["Security"]
clusters = ["payments", "staging"]
kubernetes_groups = ["eksso-auditors"]

[tiers.ci]
roles = ["ci-deploy"]
clusters = ["payments", "staging"]
access = "Edit"
namespaces = ["payments"]
iam = "ci"

[tiers.runner]
roles = ["eks-runner"]
clusters = ["payments"]
access = "Edit"
namespaces = ["payments"]
oidc_provider = "token.actions.githubusercontent.com"
oidc_subjects = ["repo:acme/shop:ref:refs/heads/main"]
iam = "ci"

[tiers.access-admin]
roles = ["EKSAccessAdmin"]
people = ["EKS Access Admins"]
clusters = ["payments", "staging"]
iam = "access-admin"

[tiers.break-glass]
roles = ["EKSBreakGlass"]
people = ["EKS Break Glass"]
clusters = ["payments", "staging"]
access = "ClusterAdmin"
iam = "break-glass"

[guard]
access_pipeline = ["role/eks-platform/access-pipeline"]
cluster_pipeline = ["role/eks-platform/cluster-pipeline"]
"#;

/// The same with Okta; its groups take no `.` and `+` in a role's name.
pub fn okta() -> String {
    WHOLE
        .replace(
            "account = \"111111111111\"\nregion = \"eu-west-1\"\n\n[clusters.payments]",
            "saml_provider = \"Okta\"\n\n[clusters.payments]",
        )
        .replace("EKS.Dev+Ops", "EKS-Dev_Ops")
}

#[cfg_attr(not(unix), allow(dead_code, reason = "for the tests with real parts, which run on Unix"))]
pub fn plan(text: &str) -> Plan {
    Plan::of(&read(text).expect("a file"), &BTreeMap::new()).expect("a plan")
}
