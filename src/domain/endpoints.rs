//! The hosts at which AWS offers its services, and the variables that name others in their place.
//!
//! Source: the endpoint rules of the SDKs (a test compares), and access.md 1.1 for the services without an SDK here.

use crate::domain::ids::Region;

/// A service that is called, or that will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are the services' own names")]
pub enum Service {
    SsoOidc,
    Sso,
    Eks,
    Sts,
    Account,
    Iam,
    SsoAdmin,
    IdentityStore,
    Organizations,
    AccountAccess,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::SsoOidc,
        Self::Sso,
        Self::Eks,
        Self::Sts,
        Self::Account,
        Self::Iam,
        Self::SsoAdmin,
        Self::IdentityStore,
        Self::Organizations,
        Self::AccountAccess,
    ];

    /// The variable that names another endpoint.
    pub fn variable(self) -> &'static str {
        self.names().0
    }

    /// The variable, and what stands before the region in the names of the hosts: plain and FIPS.
    fn names(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::SsoOidc => ("AWS_ENDPOINT_URL_SSO_OIDC", &["oidc", "oidc-fips"]),
            Self::Sso => ("AWS_ENDPOINT_URL_SSO", &["portal.sso", "portal.sso-fips"]),
            Self::Eks => ("AWS_ENDPOINT_URL_EKS", &["eks", "eks-fips", "fips.eks"]),
            Self::Sts => ("AWS_ENDPOINT_URL_STS", &["sts", "sts-fips"]),
            Self::Account => ("AWS_ENDPOINT_URL_ACCOUNT", &["account", "account-fips"]),
            Self::Iam => ("AWS_ENDPOINT_URL_IAM", &["iam", "iam-fips"]),
            Self::SsoAdmin => ("AWS_ENDPOINT_URL_SSO_ADMIN", &["sso", "sso-fips"]),
            Self::IdentityStore => ("AWS_ENDPOINT_URL_IDENTITYSTORE", &["identitystore", "identitystore-fips"]),
            Self::Organizations => ("AWS_ENDPOINT_URL_ORGANIZATIONS", &["organizations", "organizations-fips"]),
            Self::AccountAccess => ("AWS_ENDPOINT_URL_ACCOUNT_ACCESS", &["account-access", "account-access-fips"]),
        }
    }

    /// The hosts without a region.
    fn global(self) -> &'static [&'static str] {
        match self {
            Self::Sts => &["sts.amazonaws.com"],
            Self::Iam => &[
                "iam.amazonaws.com",
                "iam-fips.amazonaws.com",
                "iam.us-gov.amazonaws.com",
                "iam.global.api.aws",
                "iam-fips.global.api.aws",
            ],
            _ => &[],
        }
    }

    /// Whether a host is one of AWS's own for this service: plain, FIPS or dual stack, in the partition of its region.
    pub fn has_host(self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let regional = |prefix: &&str| {
            let rest = host.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.'));
            let parts = rest.and_then(|rest| rest.split_once('.'));
            parts.is_some_and(|(region, suffix)| {
                let partition = region.parse::<Region>().ok().map(|region| region.partition());
                partition.is_some_and(|known| [known.dns_suffix(), known.dual_stack_suffix()].contains(&suffix))
            })
        };
        self.global().contains(&host.as_str()) || self.names().1.iter().any(regional)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hosts_of_the_very_service_are_its_own() {
        for (service, host) in [
            (Service::Sts, "sts.amazonaws.com"),
            (Service::Sts, "STS.eu-west-1.amazonaws.com"),
            (Service::Sts, "sts-fips.us-gov-west-1.api.aws"),
            (Service::Eks, "fips.eks.us-east-1.amazonaws.com"),
            (Service::Sso, "portal.sso.cn-north-1.amazonaws.com.cn"),
            (Service::Iam, "iam.cn-north-1.amazonaws.com.cn"),
            (Service::AccountAccess, "account-access.eu-west-1.api.aws"),
        ] {
            assert!(service.has_host(host), "{host}");
        }
        for (service, host) in [
            (Service::Sts, "eks.eu-west-1.amazonaws.com"),
            (Service::Sts, "sts.eu-west-1.amazonaws.com.evil.example"),
            (Service::Sts, "evil-sts.eu-west-1.amazonaws.com"),
            (Service::Sts, "sts.evil.eu-west-1.amazonaws.com"),
            (Service::Sts, "sts.evil.amazonaws.com"),
            (Service::Sts, "vpce-0a1.sts.eu-west-1.vpce.amazonaws.com"),
            (Service::Sts, "sts.cn-north-1.amazonaws.com"),
            (Service::Eks, "eks.amazonaws.com"),
            (Service::Sso, "sso.eu-west-1.amazonaws.com"),
            (Service::SsoAdmin, "portal.sso.eu-west-1.amazonaws.com"),
            (Service::Sts, ""),
        ] {
            assert!(!service.has_host(host), "{host}");
        }
    }
}
