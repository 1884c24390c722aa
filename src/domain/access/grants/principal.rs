//! The IAM principals that mappings name, as IAM and the authenticator spell them. Source: protocols.md E.4.

use std::borrow::Cow;

use crate::domain::role_arn::{Principal, permission_set_in_any_case};

/// What an ARN of a mapping is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// `role/`
    Role,
    /// `user/`, and the account's root user.
    User,
}

/// An IAM principal's ARN, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Iam<'a> {
    /// Whether it is a role or a user.
    pub sort: Sort,
    /// `aws`, …
    pub partition: &'a str,
    /// 12 digits.
    pub account: &'a str,
    /// What stands before the name; most have none.
    pub path: &'a str,
    /// The last part; `root` for the root user.
    pub name: &'a str,
}

impl<'a> Iam<'a> {
    /// Takes the ARN of a role or a user apart; others, such as those of sessions, are `None`.
    pub fn parse(arn: &'a str) -> Option<Self> {
        if let Some(Principal { partition, account, path, name }) = Principal::parse(arn) {
            return Some(Self { sort: Sort::Role, partition, account, path, name });
        }
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", partition, "iam", "", account, user] = parts[..] else { return None };
        let user = if user == "root" { user } else { user.strip_prefix("user/")? };
        let (path, name) = user.rsplit_once('/').unwrap_or(("", user));
        Some(Self { sort: Sort::User, partition, account, path, name })
    }

    /// The permission set that a role was made for.
    pub fn set(&self) -> Option<&'a str> {
        (self.sort == Sort::Role).then(|| permission_set_in_any_case(self.name))?
    }

    /// Whether a service made the role for itself.
    pub fn is_service_linked(&self) -> bool {
        self.sort == Sort::Role && format!("{}/", self.path).starts_with("aws-service-role/")
    }
}

/// The ARN as the authenticator has it from STS, in lower case, as it compares: a role's has no path there, a user's has.
pub fn canonical(arn: &str) -> String {
    let arn = match Iam::parse(arn) {
        Some(Iam { sort: Sort::Role, partition, account, name, .. }) => {
            Cow::Owned(format!("arn:{partition}:iam::{account}:role/{name}"))
        }
        _ => Cow::Borrowed(arn),
    };
    arn.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_lose_their_path_for_the_authenticator_and_users_do_not() {
        assert_eq!(canonical("arn:aws:iam::111122223333:role/a/b/Dev"), "arn:aws:iam::111122223333:role/dev");
        assert_eq!(canonical("arn:aws:iam::111122223333:user/a/Jane"), "arn:aws:iam::111122223333:user/a/jane");
        let of = |arn: &'static str| Iam::parse(arn).map(|iam| (iam.sort, iam.path, iam.name));
        assert_eq!(of("arn:aws:iam::111122223333:user/a/b/Jane"), Some((Sort::User, "a/b", "Jane")));
        assert_eq!(of("arn:aws:iam::111122223333:root"), Some((Sort::User, "", "root")));
        assert_eq!(of("arn:aws:sts::111122223333:assumed-role/Dev/jane"), None);
        let set = |name: &str| {
            Iam::parse(&format!("arn:aws:iam::1:role/{name}")).and_then(|iam| iam.set().map(str::to_owned))
        };
        assert_eq!(set("awsreservedsso_dev_0123456789abcdef").as_deref(), Some("dev"));
        assert_eq!(set("AWSReservedSSO_Dev_Ops_0123456789abcdef").as_deref(), Some("Dev_Ops"));
        assert_eq!(set("Dev"), None);
    }
}
