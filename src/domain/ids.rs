//! Names that come from outside, as types that hold only what AWS allows: parse or refuse.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::text::{shorten, without_password};

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
        let value = without_password(&self.value);
        write!(f, "`{}` is not a valid {}: {}", shorten(&value, 60), self.what, self.rule)
    }
}

impl std::error::Error for Invalid {}

/// What follows `arn:PARTITION:iam::ACCOUNT:KIND` in an ARN of that shape.
fn iam_resource<'a>(arn: &'a str, kind: &str) -> Option<&'a str> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return None };
    let known = *partition == "aws"
        || (partition.starts_with("aws-") && partition.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'));
    (known && account.parse::<AccountId>().is_ok()).then(|| resource.strip_prefix(kind)).flatten()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
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
                value.to_owned().try_into()
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;

            fn try_from(value: String) -> Result<Self, Invalid> {
                let valid: fn(&str) -> bool = $valid;
                if valid(&value) { Ok(Self(value)) } else { Err(Invalid { what: $what, value, rule: $rule }) }
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
    /// A Kubernetes namespace: a DNS label. Source: RFC 1123, and client-go's validation of kubeconfigs.
    Namespace, "namespace", "up to 63 of a-z, 0-9 and -, with a letter or digit first and last",
    |v| {
        let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        v.len() <= 63
            && edge(v.as_bytes().first())
            && edge(v.as_bytes().last())
            && v.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
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
    |v| v.len() <= 640 && iam_resource(v, "role/").is_some_and(|name| {
        name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-/".contains(&b))
            && name.rsplit('/').next().is_some_and(|last| last.parse::<RoleName>().is_ok())
    })
);

impl RoleArn {
    /// The role's name, without its path.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The role's account: 12 digits.
    pub fn account(&self) -> &str {
        self.0.split(':').nth(4).unwrap_or_default()
    }
}

id!(
    /// A SAML identity provider of an account. Source: IAM's `SAMLProviderNameType`.
    ProviderArn, "SAML provider ARN", "it looks like arn:aws:iam::111122223333:saml-provider/NAME",
    |v| iam_resource(v, "saml-provider/").is_some_and(|name| {
        (1..=128).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    })
);

id!(
    /// An app or a client in Okta, such as `0oa1b2c3d4e5f6g7h8i9`.
    OktaId, "Okta id", "letters, digits, `-` and `_`, as in 0oa1b2c3d4e5f6g7h8i9",
    |v| (1..=64).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
);

id!(
    /// The name of a sign-in place, as the user or `~/.aws/config` calls it. Never the name of a file: those are digests.
    SessionName, "session name", "1 to 256 characters, without backslashes, backticks or control characters",
    |v| {
        (1..=256).contains(&v.chars().count())
            && v.trim() == v
            && !v.starts_with('-')
            && !v.chars().any(|c| c.is_control() || "\\`".contains(c))
            && crate::domain::text::escape(v) == v
    }
);

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
        ok::<ProviderArn>(&["arn:aws:iam::111122223333:saml-provider/Okta"]);
        refused::<ProviderArn>(&["arn:aws:iam::111122223333:saml-provider/", "arn:aws:iam::111122223333:role/Okta"]);
        ok::<OktaId>(&["0oa1b2c3d4e5f6g7h8i9"]);
        refused::<OktaId>(&["", "0oa/..", "0oa 1", &"0".repeat(65)]);
        ok::<SessionName>(&["corp", "my dev", "zażółć", "a/b", "it's", &"n".repeat(256)]);
        refused::<SessionName>(&["", " a", "a\\b", "-a", "a\u{202e}b", "a`b", &"n".repeat(257)]);
    }
}
