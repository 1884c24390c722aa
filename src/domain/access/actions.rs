//! Every API action that a reading of access asks for. The clients name their calls by these constants, so the list is what
//! is asked for, and `audit --print-policy` can be made from it. A test holds that all of them only read.

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $action:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $action;)*
        /// All of them, by service.
        pub const READS: &[&str] = &[$($action),*];
    };
}

actions! {
    /// The clusters of an account and region.
    LIST_CLUSTERS = "eks:ListClusters";
    /// A cluster's settings.
    DESCRIBE_CLUSTER = "eks:DescribeCluster";
    /// The principals with an access entry.
    LIST_ACCESS_ENTRIES = "eks:ListAccessEntries";
    /// An access entry.
    DESCRIBE_ACCESS_ENTRY = "eks:DescribeAccessEntry";
    /// The access policies of an entry.
    LIST_ASSOCIATED_ACCESS_POLICIES = "eks:ListAssociatedAccessPolicies";
    /// Identity providers beside IAM.
    LIST_IDENTITY_PROVIDER_CONFIGS = "eks:ListIdentityProviderConfigs";
    /// One of them. The request is a POST that changes nothing.
    DESCRIBE_IDENTITY_PROVIDER_CONFIG = "eks:DescribeIdentityProviderConfig";
    /// Capabilities.
    LIST_CAPABILITIES = "eks:ListCapabilities";
    /// One of them, with its role.
    DESCRIBE_CAPABILITY = "eks:DescribeCapability";
    /// Pod identity associations.
    LIST_POD_IDENTITIES = "eks:ListPodIdentityAssociations";
    /// One of them, with its role.
    DESCRIBE_POD_IDENTITY = "eks:DescribePodIdentityAssociation";
    /// Node groups.
    LIST_NODEGROUPS = "eks:ListNodegroups";
    /// One of them, with its role.
    DESCRIBE_NODEGROUP = "eks:DescribeNodegroup";
    /// Fargate profiles.
    LIST_FARGATE_PROFILES = "eks:ListFargateProfiles";
    /// One of them, with its role.
    DESCRIBE_FARGATE_PROFILE = "eks:DescribeFargateProfile";
    /// All roles, users, groups and own policies of an account.
    AUTHORIZATION_DETAILS = "iam:GetAccountAuthorizationDetails";
    /// Roles with their trust policies and longest sessions.
    LIST_ROLES = "iam:ListRoles";
    /// Users.
    LIST_USERS = "iam:ListUsers";
    /// A managed policy's default version.
    GET_POLICY = "iam:GetPolicy";
    /// The document of a version.
    GET_POLICY_VERSION = "iam:GetPolicyVersion";
    /// SAML providers.
    LIST_SAML_PROVIDERS = "iam:ListSAMLProviders";
    /// OIDC providers.
    LIST_OIDC_PROVIDERS = "iam:ListOpenIDConnectProviders";
    /// The account's alias.
    LIST_ACCOUNT_ALIASES = "iam:ListAccountAliases";
    /// Identity Center instances.
    LIST_INSTANCES = "sso:ListInstances";
    /// Permission sets.
    LIST_PERMISSION_SETS = "sso:ListPermissionSets";
    /// One of them: name and session length.
    DESCRIBE_PERMISSION_SET = "sso:DescribePermissionSet";
    /// Its inline policy.
    GET_INLINE_POLICY = "sso:GetInlinePolicyForPermissionSet";
    /// Its managed policies of AWS's own.
    LIST_SET_POLICIES = "sso:ListManagedPoliciesInPermissionSet";
    /// Its policies of the accounts' own, by name.
    LIST_SET_CUSTOMER_POLICIES = "sso:ListCustomerManagedPolicyReferencesInPermissionSet";
    /// Its permissions boundary.
    GET_SET_BOUNDARY = "sso:GetPermissionsBoundaryForPermissionSet";
    /// The sets whose roles an account has.
    LIST_PROVISIONED_SETS = "sso:ListPermissionSetsProvisionedToAccount";
    /// Who is assigned a set in an account.
    LIST_ACCOUNT_ASSIGNMENTS = "sso:ListAccountAssignments";
    /// The directory's groups.
    LIST_GROUPS = "identitystore:ListGroups";
    /// Its users.
    LIST_DIRECTORY_USERS = "identitystore:ListUsers";
    /// A group's members.
    LIST_MEMBERSHIPS = "identitystore:ListGroupMemberships";
    /// The organization and its management account.
    DESCRIBE_ORGANIZATION = "organizations:DescribeOrganization";
    /// Its accounts.
    LIST_ACCOUNTS = "organizations:ListAccounts";
    /// Accounts that administer Identity Center by delegation.
    LIST_DELEGATED_ADMINISTRATORS = "organizations:ListDelegatedAdministrators";
    /// What an account or a unit is in.
    LIST_PARENTS = "organizations:ListParents";
    /// The accounts of a unit.
    LIST_ACCOUNTS_FOR_PARENT = "organizations:ListAccountsForParent";
    /// The units of a unit.
    LIST_UNITS_FOR_PARENT = "organizations:ListOrganizationalUnitsForParent";
    /// The service control policies on a root, a unit or an account.
    LIST_POLICIES_FOR_TARGET = "organizations:ListPoliciesForTarget";
    /// A service control policy's document.
    DESCRIBE_POLICY = "organizations:DescribePolicy";
    /// The applications of the account access manager. The request is a POST that changes nothing.
    LIST_APPLICATIONS = "account-access:ListApplications";
    /// Who may use which role by it. The request is a POST that changes nothing.
    LIST_ENTITLEMENTS = "account-access:ListEntitlements";
}

/// What is asked of STS to get the credentials that the reading is done with, where they are those of the environment; it
/// changes nothing either.
pub const CREDENTIALS: &[&str] = &["sts:GetCallerIdentity", "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"];

/// A list that is read of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterRead {
    /// `get` or `list`.
    pub verb: &'static str,
    /// The API group; empty for the core.
    pub group: &'static str,
    /// The resource.
    pub resource: &'static str,
    /// The one object that is read, and its namespace, where it is not the list of all.
    pub name: Option<(&'static str, &'static str)>,
}

const RBAC: &str = "rbac.authorization.k8s.io";

/// Everything that is read of clusters.
pub const CLUSTER_READS: [ClusterRead; 7] = [
    ClusterRead { verb: "list", group: RBAC, resource: "clusterroles", name: None },
    ClusterRead { verb: "list", group: RBAC, resource: "clusterrolebindings", name: None },
    ClusterRead { verb: "list", group: RBAC, resource: "roles", name: None },
    ClusterRead { verb: "list", group: RBAC, resource: "rolebindings", name: None },
    ClusterRead { verb: "list", group: "", resource: "namespaces", name: None },
    ClusterRead { verb: "list", group: "", resource: "serviceaccounts", name: None },
    ClusterRead { verb: "get", group: "", resource: "configmaps", name: Some(("kube-system", "aws-auth")) },
];

/// The operation of an action: what follows the service.
pub fn operation(action: &str) -> &str {
    action.rsplit(':').next().unwrap_or(action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_ever_asked_for_only_reads() {
        for action in READS {
            let reads = ["List", "Get", "Describe"].iter().any(|verb| operation(action).starts_with(verb));
            assert!(reads, "{action}");
        }
        // No credentials and no secrets by way of a read.
        for denied in ["GetSecret", "GetRoleCredentials", "GetSessionToken", "GetCredentialReport"] {
            assert!(READS.iter().all(|action| !operation(action).starts_with(denied)), "{denied}");
        }
        assert!(CLUSTER_READS.iter().all(|read| ["get", "list"].contains(&read.verb) && read.resource != "secrets"));
    }
}
