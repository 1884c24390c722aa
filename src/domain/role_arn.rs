//! ARNs of roles as IAM, STS, access entries and `aws-auth` spell them. Source: protocols.md E.4.

const PREFIX: &str = "AWSReservedSSO_";
/// How many hexadecimal digits end such a name, behind `_`.
const SUFFIX: usize = 16;
/// The path of the roles that Identity Center makes; a region may follow.
const PATH: &str = "aws-reserved/sso.amazonaws.com/";
/// The same as IAM has it: nobody else may make a role there.
pub const PORTAL_PATH: &str = "/aws-reserved/sso.amazonaws.com/";

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
        let (partition, rest) = cut(arn.strip_prefix("arn:")?, b':')?;
        let (account, role) = cut(rest.strip_prefix("iam::")?, b':')?;
        let role = role.strip_prefix("role/")?;
        let (path, name) = match role.bytes().rposition(|byte| byte == b'/') {
            Some(at) => (&role[..at], &role[at + 1..]),
            None => ("", role),
        };
        Some(Self { partition, account, path, name })
    }

    /// Whether Identity Center's path is there: access entries have it, `aws-auth` must not.
    pub fn has_portal_path(&self) -> bool {
        format!("{}/", self.path).starts_with(PATH)
    }
}

/// What stands before and after the first of an ASCII character. A listing takes some hundred thousand ARNs apart, and the
/// searchers of `str` are made for long texts.
fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == at)?;
    Some((&text[..at], &text[at + 1..]))
}

/// Who made the IAM role that stands behind a role of a session. It decides which names in a list are that role's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// IAM Identity Center made it for a permission set SET: `AWSReservedSSO_SET_0123456789abcdef`, nothing else. An IAM role
    /// that happens to be named SET is another role. Source: IAM Identity Center user guide, "Referencing permission sets".
    #[default]
    PermissionSet,
    /// An IAM role under its own name: those behind Okta, and those that are assumed from another role.
    Plain,
}

impl Origin {
    /// Whether an IAM role's name may be the role's, present or past.
    pub fn is_name_of(self, name: &str, role: &str) -> bool {
        match self {
            Self::PermissionSet => permission_set(name) == Some(role),
            Self::Plain => name == role,
        }
    }

    /// Whether an ARN ends as one of such a name does.
    pub fn may_end_as(self, arn: &str, role: &str) -> bool {
        let cut = match self {
            Self::PermissionSet => SUFFIX + 1,
            Self::Plain => 0,
        };
        let end = arn.len().checked_sub(cut).and_then(|end| arn.as_bytes().get(..end));
        end.is_some_and(|end| end.ends_with(role.as_bytes()))
    }

    /// Whether a name is one without regard to case, as `aws-auth` is compared (aws-iam-authenticator `pkg/config/mapper.go`: EqualFold).
    pub fn is_name_of_in_any_case(self, name: &str, role: &str) -> bool {
        match self {
            Self::PermissionSet => permission_set_in_any_case(name).is_some_and(|set| set.eq_ignore_ascii_case(role)),
            Self::Plain => name.eq_ignore_ascii_case(role),
        }
    }
}

/// The permission set a role was made for.
pub fn permission_set(name: &str) -> Option<&str> {
    name.starts_with(PREFIX).then(|| permission_set_in_any_case(name))?
}

/// The same without regard to case, as `aws-auth` is compared.
pub fn permission_set_in_any_case(name: &str) -> Option<&str> {
    let (prefix, rest) = name.split_at_checked(PREFIX.len())?;
    let (set, suffix) = prefix.eq_ignore_ascii_case(PREFIX).then(|| rest.rsplit_once('_'))??;
    (suffix.len() == SUFFIX && suffix.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_set_is_known_by_the_names_that_identity_center_makes_and_a_plain_role_by_its_own() {
        let set = |name: &str| Origin::PermissionSet.is_name_of(name, "Dev_Ops");
        assert!(set("AWSReservedSSO_Dev_Ops_0123456789abcdef"));
        for other in [
            "Dev_Ops",
            "AWSReservedSSO_Dev_0123456789abcdef",
            "AWSReservedSSO_Dev_Ops_x",
            "awsreservedsso_Dev_Ops_0123456789abcdef",
        ] {
            assert!(!set(other), "{other}");
        }
        for (arn, ends) in [
            ("arn:aws:iam::111122223333:role/AWSReservedSSO_Dev_Ops_0123456789abcdef", true),
            ("arn:aws:iam::111122223333:role/AWSReservedSSO_Dev_0123456789abcdef", false),
            ("_0123456789abcdef", false),
            ("é", false),
        ] {
            assert_eq!(Origin::PermissionSet.may_end_as(arn, "Dev_Ops"), ends, "{arn}");
        }
        assert!(Origin::Plain.may_end_as("arn:aws:iam::111122223333:role/path/Dev_Ops", "Dev_Ops"));
        assert!(!Origin::Plain.may_end_as("arn:aws:iam::111122223333:role/Dev_Ops2", "Dev_Ops"));
        assert!(Origin::PermissionSet.is_name_of_in_any_case("awsreservedsso_DEV_OPS_0123456789ABCDEF", "Dev_Ops"));
        assert!(!Origin::PermissionSet.is_name_of_in_any_case("dev_ops", "Dev_Ops"));
        assert!(Origin::Plain.is_name_of("Dev_Ops", "Dev_Ops"));
        assert!(!Origin::Plain.is_name_of("AWSReservedSSO_Dev_Ops_0123456789abcdef", "Dev_Ops"));
    }

    #[test]
    fn an_arn_is_taken_apart_into_partition_account_path_and_name() {
        let parts = |arn: &'static str| {
            Principal::parse(arn).map(|found| (found.partition, found.account, found.path, found.name))
        };
        assert_eq!(
            parts("arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/X"),
            Some(("aws", "111122223333", "aws-reserved/sso.amazonaws.com/eu-west-1", "X"))
        );
        assert_eq!(parts("arn:aws-cn:iam::111122223333:role/Dev"), Some(("aws-cn", "111122223333", "", "Dev")));
        assert_eq!(parts("arn:aws:iam::111122223333:user/Dev"), None);
        assert_eq!(parts("arn:aws:sts::111122223333:assumed-role/Dev/jane"), None);
    }
}
