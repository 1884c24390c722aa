//! The file that people begin with: commented, and whole enough to be written as it is.

use crate::domain::ids::{AccountId, ClusterName, Region};

/// What is known at the beginning.
#[derive(Debug, Clone, Copy)]
pub struct Beginning<'b> {
    /// The first cluster's account.
    pub account: &'b AccountId,
    /// Its region.
    pub region: &'b Region,
    /// Its name.
    pub cluster: &'b ClusterName,
    /// The SAML provider of Okta, where people come by it.
    pub okta: Option<&'b str>,
}

/// The file's text.
pub fn example(beginning: Beginning<'_>) -> String {
    let Beginning { account, region, cluster, okta } = beginning;
    let making = match okta {
        Some(provider) => format!(
            "[scaffold]\nsaml_provider = \"{provider}\"       # people come by Okta: roles that trust this SAML provider\nrole_path = \"/eks/\"              # where they stand; \
             a slash at both ends\n# okta_group = \"aws#{{alias}}#{{role}}#{{account}}\"   # how Okta's groups are named\n"
        ),
        None => format!(
            "[scaffold]                       # people come by IAM Identity Center; `saml_provider = \"…\"` for Okta\nregion = \"{region}\"             # that of \
             Identity Center\n# account = \"111111111111\"       # the account that administers it\n# access_manager = \"arn:aws:account-access:{region}:111111111111:application/…\"   # named roles and \
             entitlements in place of permission sets\n"
        ),
    };
    format!(
        r#"# Who may do what in which EKS cluster. Review changes of this file as you review code.
#   eksso scaffold check            who may do what, as a matrix
#   eksso scaffold write --to DIR   Terraform, CloudFormation and Kubernetes' YAML
#   eksso audit                     what is wrong with what there is; reads this file, too

{making}
[clusters.{cluster}]
account = "{account}"
region = "{region}"
mode = "API"                     # API | API_AND_CONFIG_MAP | CONFIG_MAP

# Nearly everything in its clusters, but making and removing them and handing out access.
[tiers.cluster-admin]
roles = ["EKSClusterAdmin"]      # permission sets, or roles that trust Okta
people = ["EKS Cluster Admins"]  # groups of the directory, or of Okta
session = "1h"                   # 1h to 12h
clusters = ["{cluster}"]
access = "ClusterAdmin"          # ClusterAdmin | Admin | Edit | View | AdminView | SecretReader
iam = "cluster-admin"            # cluster-admin | developer | viewer | viewer-console | auditor | ci | access-admin | break-glass; or iam_file = "own.json"

[tiers.developer]
roles = ["EKSDeveloper"]
people = ["EKS Developers"]
session = "8h"
clusters = ["{cluster}"]
access = "Edit"
namespaces = ["apps", "apps-*"]  # leave it out for the whole cluster
iam = "developer"

[tiers.viewer]
roles = ["EKSViewer"]
people = ["EKS Viewers"]
session = "8h"
clusters = ["{cluster}"]
access = "View"
iam = "viewer"

# Rights of Kubernetes' own instead of an access policy: groups, bound to a ClusterRole.
# [tiers.operators]
# roles = ["EKSOperators"]
# people = ["EKS Operators"]
# clusters = ["{cluster}"]
# kubernetes_groups = ["operators"]
# rbac = "edit"
# iam = "developer"

# What groups of tiers are bound to besides: `rbac` names a ClusterRole, or `role` a Role of the namespaces.
# [[bindings]]
# groups = ["operators"]
# rbac = "view"
# clusters = ["{cluster}"]
# namespaces = ["monitoring"]      # leave it out for the whole cluster

# Whoever runs `eksso audit` and `eksso scaffold diff`: reads all that they read, and changes nothing. Assign its role in the account of
# Identity Center, too: who is in which group, and the guard, are read there.
# [tiers.auditor]
# roles = ["EKSAuditor"]
# people = ["Security"]
# clusters = ["{cluster}"]
# kubernetes_groups = ["eksso-auditors"]
# iam = "auditor"

# Roles that are there already, whoever made them: they get access entries, and policies if `iam` says so.
# [tiers.platform]
# roles = ["platform-admin"]
# made_elsewhere = true
# clusters = ["{cluster}"]
# access = "Admin"

# A pipeline: a role that trusts a runner's tokens. Without oidc_… the role is made elsewhere.
# [tiers.ci]
# roles = ["eks-deploy"]
# clusters = ["{cluster}"]
# access = "Edit"
# namespaces = ["apps"]
# oidc_provider = "token.actions.githubusercontent.com"
# oidc_subjects = ["repo:acme/shop:ref:refs/heads/main"]
# iam = "ci"

# Hands out View and Edit; has no rights in Kubernetes itself.
[tiers.access-admin]
roles = ["EKSAccessAdmin"]
people = ["EKS Access Admins"]
session = "1h"
clusters = ["{cluster}"]
iam = "access-admin"

# For emergencies: a group that is empty by default, and an alarm on its use.
[tiers.break-glass]
roles = ["EKSBreakGlass"]
people = ["EKS Break Glass"]
session = "1h"
clusters = ["{cluster}"]
access = "ClusterAdmin"
iam = "break-glass"

# Only these, the access admin and break-glass change who is let in; made when the pipelines are named, applied last.
# [guard]
# access_pipeline = ["role/eks-platform/access-pipeline"]
# cluster_pipeline = ["role/eks-platform/cluster-pipeline"]

# A finding of `eksso audit` that is agreed to.
# [[suppress]]
# rule = "trust-other-account"
# resource = "role/ci-deploy"
# reason = "agreed in review, ticket 4711"
# expires = "2027-03-31"
"#
    )
}
