//! The hosts at which AWS offers its services, and the variables that name others in their place.
//!
//! Source: the endpoint rules of the SDKs (a test compares), and access.md 1.1 for the services without an SDK here.

use crate::domain::ids::Region;
use crate::domain::partition::Partition;

/// A service that is called.
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

    /// What people call it; errors begin with it.
    pub const fn called(self) -> &'static str {
        match self {
            Self::SsoOidc => "the sign-in service",
            Self::Sso => "the SSO portal",
            Self::Eks => "EKS",
            Self::Sts => "STS",
            Self::Account => "AWS account management",
            Self::Iam => "IAM",
            Self::SsoAdmin => "IAM Identity Center",
            Self::IdentityStore => "the Identity Center directory",
            Self::Organizations => "AWS Organizations",
            Self::AccountAccess => "the account access manager",
        }
    }

    /// The service that an error is of: its fact names it.
    pub fn named_by(fact: &str) -> Option<Self> {
        let is_named = |service: &Self| {
            fact.find(service.called()).is_some_and(|at| fact[at + service.called().len()..].starts_with(' '))
        };
        Self::ALL.into_iter().filter(is_named).max_by_key(|service| service.called().len())
    }

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

    /// The host of a service that is called without an SDK, for a region, and the region that its requests are signed for: IAM
    /// and Organizations have one host in each partition. Source: access.md 1.1 and the endpoint rules of botocore.
    pub fn host(self, region: &Region, fips: bool, dual_stack: bool) -> (String, String) {
        let partition = region.partition();
        let home = |region: &str| region.to_owned();
        // The plain hosts of GovCloud are FIPS-validated.
        let with_sdk = matches!(self, Self::SsoOidc | Self::Sso | Self::Eks | Self::Sts);
        let fips = fips && (partition != Partition::AwsUsGov || with_sdk && dual_stack);
        let named = |region: String| {
            let name = self.names().1[usize::from(fips)];
            let dual_stack = dual_stack || self == Self::AccountAccess;
            let suffix = if dual_stack { partition.dual_stack_suffix() } else { partition.dns_suffix() };
            (format!("{name}.{region}.{suffix}"), region)
        };
        match (self, partition) {
            (Self::Iam, Partition::Aws) => {
                let name = self.names().1[usize::from(fips)];
                let rest = if dual_stack { "global.api.aws" } else { "amazonaws.com" };
                (format!("{name}.{rest}"), home("us-east-1"))
            }
            (Self::Iam, Partition::AwsUsGov) => (home("iam.us-gov.amazonaws.com"), home("us-gov-west-1")),
            (Self::Iam | Self::Organizations, _) => {
                let home = match (self, partition) {
                    (Self::Organizations, Partition::AwsCn) => "cn-northwest-1".to_owned(),
                    (Self::Iam, Partition::AwsIsoF) => "us-isof-south-1".to_owned(),
                    _ => partition.usual_region().to_string(),
                };
                let name = self.names().1[usize::from(fips && partition == Partition::Aws)];
                (format!("{name}.{home}.{}", partition.dns_suffix()), home)
            }
            // The FIPS hosts have the words the other way round where they are not dual stack. Source: the SDK's endpoint rules.
            (Self::Eks, Partition::Aws) if fips && !dual_stack => {
                (format!("fips.eks.{region}.{}", partition.dns_suffix()), region.to_string())
            }
            _ => named(region.to_string()),
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
    fn the_hosts_of_services_without_an_sdk_are_their_own_in_each_partition() {
        let services =
            [Service::Iam, Service::SsoAdmin, Service::IdentityStore, Service::Organizations, Service::AccountAccess];
        for region in Partition::ALL.iter().flat_map(|partition| partition.eks_regions()) {
            for (fips, dual) in [(false, false), (true, false), (false, true), (true, true)] {
                for service in services {
                    let (host, signed_for) = service.host(&region.parse().expect("a region"), fips, dual);
                    assert!(service.has_host(&host), "{host}");
                    assert!(signed_for.parse::<Region>().is_ok(), "{signed_for}");
                }
            }
        }
        let host = |service: Service, region: &str| service.host(&region.parse().expect("a region"), false, false);
        for (service, region, wanted, signed_for) in [
            (Service::Iam, "eu-west-1", "iam.amazonaws.com", "us-east-1"),
            (Service::Iam, "us-gov-east-1", "iam.us-gov.amazonaws.com", "us-gov-west-1"),
            (Service::Iam, "cn-northwest-1", "iam.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            (Service::Iam, "eusc-de-east-1", "iam.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
            (Service::SsoAdmin, "eu-west-1", "sso.eu-west-1.amazonaws.com", "eu-west-1"),
            (Service::IdentityStore, "cn-north-1", "identitystore.cn-north-1.amazonaws.com.cn", "cn-north-1"),
            (Service::Organizations, "eu-west-1", "organizations.us-east-1.amazonaws.com", "us-east-1"),
            (Service::Organizations, "us-gov-east-1", "organizations.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
            (Service::AccountAccess, "eu-west-1", "account-access.eu-west-1.api.aws", "eu-west-1"),
        ] {
            assert_eq!(host(service, region), (wanted.to_owned(), signed_for.to_owned()));
        }
        assert_eq!(
            Service::SsoAdmin.host(&"us-east-1".parse().expect("a region"), true, false).0,
            "sso-fips.us-east-1.amazonaws.com"
        );
    }

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
