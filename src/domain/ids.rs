//! Names that come from outside, as types that hold only what AWS allows: parse or refuse.

use std::fmt;
use std::str::FromStr;

/// A value that does not have the shape its kind must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// What was being read, such as `account id`.
    pub what: &'static str,
    /// What was given.
    pub value: String,
    /// The rule in words, such as `12 digits`.
    pub rule: &'static str,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a valid {}: {}", super::text::shorten(&self.value, 60), self.what, self.rule)
    }
}

impl std::error::Error for Invalid {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The value as AWS spells it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Invalid;

            fn from_str(value: &str) -> Result<Self, Invalid> {
                let valid: fn(&str) -> bool = $valid;
                if valid(value) {
                    Ok(Self(value.to_owned()))
                } else {
                    Err(Invalid { what: $what, value: value.to_owned(), rule: $rule })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// An AWS account: 12 digits, leading zeros kept.
    AccountId, "account id", "it has exactly 12 digits",
    |v| v.len() == 12 && v.bytes().all(|b| b.is_ascii_digit())
);

id!(
    /// A permission set or IAM role name, as the portal reports it (not the generated `AWSReservedSSO_` name).
    RoleName, "role name", "1 to 64 letters, digits and `_+=,.@-`",
    |v| (1..=64).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
);

id!(
    /// An AWS region, such as `eu-west-1`. Whether it exists is for AWS to say.
    Region, "region", "it looks like `eu-west-1` or `us-gov-east-1`",
    |v| {
        let parts: Vec<&str> = v.split('-').collect();
        v.len() <= 32
            && parts.len() >= 3
            && parts[0].len() >= 2
            && parts[0].bytes().all(|b| b.is_ascii_lowercase())
            && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
            && parts.last().is_some_and(|p| p.len() <= 2 && p.bytes().all(|b| b.is_ascii_digit()))
    }
);

id!(
    /// An EKS cluster name (not a DNS label: capitals and `_` are allowed). Source: botocore `ClusterName`.
    ClusterName, "cluster name", "1 to 100 letters, digits, `-` and `_`, starting with a letter or digit",
    |v| {
        (1..=100).contains(&v.len())
            && v.as_bytes()[0].is_ascii_alphanumeric()
            && v.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    }
);

id!(
    /// The id of a local cluster on an Outpost: a UUID, signed in place of the name.
    ClusterId, "cluster id", "a UUID such as 12345678-1234-1234-1234-123456789012",
    |v| {
        v.len() == 36
            && v.char_indices().all(|(i, c)| if [8, 13, 18, 23].contains(&i) { c == '-' } else { c.is_ascii_hexdigit() })
    }
);

id!(
    /// An IAM role to assume from another one. Source: IAM's `arnType` and role names with paths.
    RoleArn, "role ARN", "it looks like arn:aws:iam::111122223333:role/NAME",
    |v| {
        let mut parts = v.splitn(6, ':');
        let mut is = |test: fn(&str) -> bool| parts.next().is_some_and(test);
        v.len() <= 640
            && is(|p| p == "arn")
            && is(|p| p == "aws" || (p.starts_with("aws-") && p.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')))
            && is(|p| p == "iam")
            && is(str::is_empty)
            && is(|p| p.parse::<AccountId>().is_ok())
            && is(|p| {
                p.strip_prefix("role/").is_some_and(|name| {
                    !name.is_empty()
                        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&b))
                        && name.rsplit('/').next().is_some_and(|last| last.parse::<RoleName>().is_ok())
                })
            })
    }
);

id!(
    /// The name of a sign-in place, as the user or `~/.aws/config` calls it.
    SessionName, "session name", "1 to 64 characters, without `/`, quotes or control characters",
    |v| {
        (1..=64).contains(&v.chars().count())
            && v.trim() == v
            && !v.starts_with('-')
            && !v.chars().any(|c| c.is_control() || "/\\\"'`".contains(c))
            && super::text::escape(v) == v
    }
);

id!(
    /// The URL of the access portal, as `https://HOST/PATH` without query, fragment and closing slash.
    CleanStartUrl, "start URL", "it is an https URL such as https://example.awsapps.com/start",
    is_start_url
);

/// The access portal's URL. Reading one forgives what people paste: blanks, `#/`, a closing slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartUrl(CleanStartUrl);

impl StartUrl {
    /// The cleaned URL.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host without its port.
    pub fn host(&self) -> &str {
        host_of(self.as_str()).unwrap_or_default()
    }
}

/// Hosts of AWS's own access portals. Source: aws-cli v2 `awscli/customizations/sso/resolve.py`.
const PORTALS: [&str; 12] = [
    ".awsapps.com",
    ".awsapps.cn",
    ".app.aws",
    ".portal.amazonaws.com",
    ".portal.amazonaws.com.cn",
    ".app.amazonwebservices.com.cn",
    ".portal.amazonaws.eu",
    ".api.amazonwebservices.eu",
    "identitycenter.amazonaws.com",
    "identitycenter.amazonaws.com.cn",
    "identitycenter.amazonaws.eu",
    "identitycenter.us-gov.amazonaws.com",
];

impl StartUrl {
    /// Whether it is a portal itself, rather than an address of the organisation that redirects to one. This machine's
    /// loopback addresses count as portals (local tools, tests).
    pub fn is_portal(&self) -> bool {
        is_loopback(self.host()) || self.is_aws()
    }

    /// Whether its host is one of AWS's own.
    pub fn is_aws(&self) -> bool {
        let host = self.host().to_ascii_lowercase();
        let owned = |known: &&str| if known.starts_with('.') { host.ends_with(*known) } else { host == **known };
        PORTALS.iter().any(owned)
    }

    /// The region that the host of a portal names: `ID.portal.REGION.app.aws`, `ID.REGION.portal.amazonaws.com`.
    pub fn region(&self) -> Option<Region> {
        let host = self.host().to_ascii_lowercase();
        // What comes first is chosen by the organisation, whatever it looks like.
        self.is_aws().then(|| host.split('.').skip(1).find_map(|label| label.parse().ok())).flatten()
    }
}

impl FromStr for StartUrl {
    type Err = Invalid;

    fn from_str(value: &str) -> Result<Self, Invalid> {
        let clean = value.trim();
        let clean = clean.split(['#', '?']).next().unwrap_or(clean).trim_end_matches('/');
        clean.parse().map(Self).map_err(|invalid: Invalid| Invalid { value: value.to_owned(), ..invalid })
    }
}

impl fmt::Display for StartUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn is_start_url(url: &str) -> bool {
    url.len() <= 512 && url.bytes().all(|b| b.is_ascii_graphic() && !b"\"'`<>\\^{|}".contains(&b)) && is_safe_url(url)
}

/// Whether a URL is https, or plain http to this machine's loopback addresses (local tools, tests).
pub fn is_safe_url(url: &str) -> bool {
    let Some(host) = host_of(url) else { return false };
    url.starts_with("https://") || is_loopback(host)
}

fn is_loopback(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

fn host_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => (&authority[..colon], &authority[colon + 1..]),
        _ => (authority, "443"),
    };
    let plain = host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
    let valid = (plain && !host.is_empty() && !host.starts_with(['.', '-'])) || host == "[::1]";
    (valid && port.parse::<u16>().is_ok_and(|p| p > 0)).then_some(host)
}

/// A group of regions with its own DNS names and ARN prefix. Source: botocore `partitions.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Partition {
    /// Commercial regions; also what an unknown region falls to, as in the SDKs.
    Aws,
    /// China.
    AwsCn,
    /// GovCloud (US).
    AwsUsGov,
    /// European Sovereign Cloud.
    AwsEusc,
    /// US ISO.
    AwsIso,
    /// US ISOB.
    AwsIsoB,
    /// EU ISOE.
    AwsIsoE,
    /// US ISOF.
    AwsIsoF,
}

impl Partition {
    /// The DNS suffix of ordinary endpoints.
    pub fn dns_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "amazonaws.com",
            Self::AwsCn => "amazonaws.com.cn",
            Self::AwsEusc => "amazonaws.eu",
            Self::AwsIso => "c2s.ic.gov",
            Self::AwsIsoB => "sc2s.sgov.gov",
            Self::AwsIsoE => "cloud.adc-e.uk",
            Self::AwsIsoF => "csp.hci.ic.gov",
        }
    }

    /// The DNS suffix of dual-stack endpoints.
    pub fn dual_stack_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::AwsUsGov => "api.aws",
            Self::AwsCn => "api.amazonwebservices.com.cn",
            Self::AwsEusc => "api.amazonwebservices.eu",
            Self::AwsIso => "api.aws.ic.gov",
            Self::AwsIsoB => "api.aws.scloud",
            Self::AwsIsoE => "api.cloud-aws.adc-e.uk",
            Self::AwsIsoF => "api.aws.hci.ic.gov",
        }
    }

    /// The regions where EKS runs, for a search "everywhere". New ones can be named in `regions` of config.toml.
    pub fn eks_regions(self) -> &'static [&'static str] {
        match self {
            Self::Aws => &[
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
                "af-south-1",
                "ap-east-1",
                "ap-east-2",
                "ap-northeast-1",
                "ap-northeast-2",
                "ap-northeast-3",
                "ap-south-1",
                "ap-south-2",
                "ap-southeast-1",
                "ap-southeast-2",
                "ap-southeast-3",
                "ap-southeast-4",
                "ap-southeast-5",
                "ap-southeast-6",
                "ap-southeast-7",
                "ca-central-1",
                "ca-west-1",
                "eu-central-1",
                "eu-central-2",
                "eu-north-1",
                "eu-south-1",
                "eu-south-2",
                "eu-west-1",
                "eu-west-2",
                "eu-west-3",
                "il-central-1",
                "me-central-1",
                "me-south-1",
                "mx-central-1",
                "sa-east-1",
            ],
            Self::AwsCn => &["cn-north-1", "cn-northwest-1"],
            Self::AwsUsGov => &["us-gov-east-1", "us-gov-west-1"],
            Self::AwsEusc => &["eusc-de-east-1"],
            Self::AwsIso => &["us-iso-east-1", "us-iso-west-1"],
            Self::AwsIsoB => &["us-isob-east-1"],
            Self::AwsIsoE => &["eu-isoe-west-1"],
            Self::AwsIsoF => &["us-isof-east-1", "us-isof-south-1"],
        }
    }
}

impl Region {
    /// The partition this region's name belongs to.
    pub fn partition(&self) -> Partition {
        let starts = |prefix: &str| self.0.starts_with(prefix);
        match () {
            () if starts("cn-") => Partition::AwsCn,
            () if starts("us-gov-") => Partition::AwsUsGov,
            () if starts("eusc-") => Partition::AwsEusc,
            () if starts("us-iso-") => Partition::AwsIso,
            () if starts("us-isob-") => Partition::AwsIsoB,
            () if starts("eu-isoe-") => Partition::AwsIsoE,
            () if starts("us-isof-") => Partition::AwsIsoF,
            () => Partition::Aws,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ok<T: FromStr>(values: &[&str]) {
        for v in values {
            assert!(v.parse::<T>().is_ok(), "{v:?} should be accepted");
        }
    }

    fn refused<T: FromStr>(values: &[&str]) {
        for v in values {
            assert!(v.parse::<T>().is_err(), "{v:?} should be refused");
        }
    }

    #[test]
    fn ids_follow_the_patterns_of_aws() {
        ok::<AccountId>(&["111122223333", "012345678901"]);
        refused::<AccountId>(&["", "11112222333", "1111222233334", "11112222333a", "１１１１２２２２３３３３"]);
        ok::<Region>(&["eu-west-1", "us-gov-east-1", "eusc-de-east-1", "us-isob-east-1", "ap-southeast-7"]);
        refused::<Region>(&[
            "",
            "eu",
            "eu-west",
            "EU-WEST-1",
            "eu-west-1.evil.example",
            "eu-west-1/",
            "eu--1",
            "eu-west-123",
        ]);
        ok::<ClusterName>(&["a", "Prod_1-x", &"c".repeat(100)]);
        refused::<ClusterName>(&["", "-a", "_a", "a b", "a/b", "a\n", &"c".repeat(101)]);
        ok::<RoleName>(&["EKSDeveloper", "a+b=c,d.e@f-g_h"]);
        refused::<RoleName>(&["", "a b", "a/b", &"r".repeat(65)]);
        ok::<ClusterId>(&["0a1b2c3d-1234-1234-1234-123456789012"]);
        refused::<ClusterId>(&["demo", "0a1b2c3d-1234-1234-1234-12345678901g"]);
        ok::<RoleArn>(&[
            "arn:aws:iam::111122223333:role/Deploy",
            "arn:aws-us-gov:iam::111122223333:role/team/x/Deploy",
        ]);
        refused::<RoleArn>(&[
            "",
            "Deploy",
            "arn:aws:iam::1111:role/Deploy",
            "arn:aws:sts::111122223333:assumed-role/Deploy/jane",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/a b",
            "arn:evil:iam::111122223333:role/Deploy",
        ]);
        ok::<SessionName>(&["corp", "my dev", "zażółć"]);
        refused::<SessionName>(&["", " a", "a/b", "-a", "a\u{202e}b", "it's"]);
    }

    #[test]
    fn start_urls_are_https_and_cleaned() {
        let url: StartUrl = " https://corp.awsapps.com/start/#/ ".parse().expect("valid");
        assert_eq!((url.as_str(), url.host()), ("https://corp.awsapps.com/start", "corp.awsapps.com"));
        ok::<StartUrl>(&[
            "https://d-1234567890.awsapps.com/start",
            "http://127.0.0.1:8080/start",
            "https://[::1]:1/start",
        ]);
        refused::<StartUrl>(&[
            "http://corp.awsapps.com/start",
            "corp.awsapps.com/start",
            "https://",
            "https:///start",
            "https://user@corp.awsapps.com/start",
            "http://127.0.0.1.evil.example/start",
            "ftp://corp/start",
            "https://corp.awsapps.com:99999/start",
            "https://corp.awsapps.com/st art",
        ]);
    }

    #[test]
    fn portals_are_told_from_vanity_addresses_and_may_name_their_region() {
        let url = |text: &str| text.parse::<StartUrl>().expect(text);
        for (text, portal, region) in [
            ("https://corp.awsapps.com/start", true, None),
            ("https://eu-west-1.awsapps.com/start", true, None),
            ("https://ssoins-1234567890abcdef.portal.us-east-1.app.aws", true, Some("us-east-1")),
            ("https://ssoins-1234567890abcdef.eu-central-1.portal.amazonaws.com", true, Some("eu-central-1")),
            ("https://identitycenter.amazonaws.com/ssoins-1234567890abcdef", true, None),
            ("https://evil-identitycenter.amazonaws.com/x", false, None),
            ("https://awsapps.com.evil.example/start", false, None),
            ("https://sso.corp.example", false, None),
            ("http://127.0.0.1:4711/start", true, None),
        ] {
            let url = url(text);
            assert_eq!((url.is_portal(), url.region().as_ref().map(Region::as_str)), (portal, region), "{text}");
        }
    }

    #[test]
    fn an_unknown_region_falls_to_the_commercial_partition() {
        assert_eq!("xx-nowhere-9".parse::<Region>().expect("shape").partition(), Partition::Aws);
    }
}
