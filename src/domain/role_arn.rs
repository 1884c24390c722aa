//! ARNs of roles as IAM, STS, access entries and `aws-auth` spell them. Source: protocols.md E.4.

use crate::domain::ids::AccountId;
use crate::domain::partition::Partition;

const PREFIX: &str = "AWSReservedSSO_";
/// The path of the roles that Identity Center makes; a region may follow.
const PATH: &str = "aws-reserved/sso.amazonaws.com/";

/// An IAM role's ARN, taken apart: `arn:PARTITION:iam::ACCOUNT:role/PATH/NAME`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Principal<'a> {
    /// `aws`, `aws-cn`, …
    pub partition: &'a str,
    /// 12 digits.
    pub account: &'a str,
    /// What stands between `role/` and the name; most ARNs have none.
    pub path: &'a str,
    /// The last part.
    pub name: &'a str,
}

impl<'a> Principal<'a> {
    /// Takes a role's ARN apart; other principals are `None`.
    pub fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (Some("arn"), Some(partition), Some("iam"), Some(""), Some(account), Some(role)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let role = role.strip_prefix("role/")?;
        let (path, name) = role.rsplit_once('/').unwrap_or(("", role));
        Some(Self { partition, account, path, name })
    }

    /// Whether this is a role of that account, of that permission set or, elsewhere, of that name.
    pub fn is(&self, partition: Partition, account: &AccountId, role: &str) -> bool {
        self.partition == partition.arn() && self.account == account.as_str() && is_role_of(self.name, role)
    }

    /// Whether Identity Center's path is there: access entries have it, `aws-auth` must not.
    pub fn has_portal_path(&self) -> bool {
        format!("{}/", self.path).starts_with(PATH)
    }
}

/// Whether an IAM role's name is a role's own name, or one that Identity Center made for the permission set:
/// `AWSReservedSSO_SET_0123456789abcdef`. Source: the IAM Identity Center user guide, "Referencing permission sets".
pub fn is_role_of(name: &str, role: &str) -> bool {
    permission_set(name).map_or(name == role, |set| set == role)
}

/// The permission set a role was made for.
pub fn permission_set(name: &str) -> Option<&str> {
    let (set, suffix) = name.strip_prefix(PREFIX)?.rsplit_once('_')?;
    (suffix.len() == 16 && suffix.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_told_apart_by_partition_account_and_last_segment() {
        let account: AccountId = "111122223333".parse().expect("an account");
        let is = |arn: &str| Principal::parse(arn).is_some_and(|p| p.is(Partition::Aws, &account, "Dev_Ops"));
        assert!(is("arn:aws:iam::111122223333:role/AWSReservedSSO_Dev_Ops_0123456789abcdef"));
        assert!(is(
            "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Dev_Ops_0123456789abcdef"
        ));
        assert!(is(
            "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_Ops_0123456789abcdef"
        ));
        assert!(is("arn:aws:iam::111122223333:role/team/Dev_Ops"), "a dedicated role, as behind Okta");
        assert!(!is("arn:aws:iam::111122223334:role/AWSReservedSSO_Dev_Ops_0123456789abcdef"));
        assert!(!is("arn:aws-cn:iam::111122223333:role/AWSReservedSSO_Dev_Ops_0123456789abcdef"));
        assert!(!is("arn:aws:iam::111122223333:role/AWSReservedSSO_Dev_0123456789abcdef"));
        assert!(!is("arn:aws:iam::111122223333:role/AWSReservedSSO_Dev_Ops_x"));
        assert!(!is("arn:aws:iam::111122223333:user/Dev_Ops"));
        assert!(!is("arn:aws:sts::111122223333:assumed-role/Dev_Ops/jane"));
    }
}
