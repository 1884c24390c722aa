//! Roles that are assumed from an assigned one, as profiles of `~/.aws/config` chain them: in an organisation with a hub
//! account, people are assigned a role there, and what clusters of other accounts let in is a role that it assumes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::ids::{AccountId, RoleArn, RoleName};

/// A role that is assumed from an assigned one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainedRole {
    /// The account of the assigned role.
    pub from_account: AccountId,
    /// The assigned role.
    pub from_role: RoleName,
    /// The role that is assumed.
    pub arn: RoleArn,
    /// Its account.
    pub account: AccountId,
    /// Its name, without its path.
    pub name: RoleName,
}

impl ChainedRole {
    /// From an assigned role, this one; `None` where its ARN has no name or account that IAM could give.
    pub fn new(from_account: AccountId, from_role: RoleName, arn: RoleArn) -> Option<Self> {
        let (account, name) = (arn.account().parse().ok()?, arn.name().parse().ok()?);
        Some(Self { from_account, from_role, arn, account, name })
    }
}

/// The chained roles of a session, found by what names them: there may be a thousand, in as many accounts, and each entry of
/// each cluster is looked up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<ChainedRole>", into = "Vec<ChainedRole>")]
pub struct ChainedRoles {
    roles: Vec<ChainedRole>,
    /// Places in the list, by the role's name in lower case and by its account.
    places: BTreeMap<String, Vec<usize>>,
}

impl From<Vec<ChainedRole>> for ChainedRoles {
    fn from(roles: Vec<ChainedRole>) -> Self {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, role) in roles.iter().enumerate() {
            places.entry(role.name.as_str().to_ascii_lowercase()).or_default().push(place);
            places.entry(role.account.to_string()).or_default().push(place);
        }
        Self { roles, places }
    }
}

impl From<ChainedRoles> for Vec<ChainedRole> {
    fn from(roles: ChainedRoles) -> Self {
        roles.roles
    }
}

impl ChainedRoles {
    /// All of them, in the order of the file.
    pub fn all(&self) -> &[ChainedRole] {
        &self.roles
    }

    /// Those of an account.
    pub fn of(&self, account: &AccountId) -> impl Iterator<Item = &ChainedRole> {
        let found = self.places.get(account.as_str()).into_iter().flatten().map(|place| &self.roles[*place]);
        found.filter(move |role| role.account == *account)
    }

    /// Those that a principal of an access entry or of a line of `aws-auth` may be: by the last part of its ARN in any case, or
    /// all of an account. Their places in the list tell them apart.
    pub fn named_by(&self, principal: &str) -> impl Iterator<Item = (usize, &ChainedRole)> {
        let name = principal.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let places = self.places.get(&name);
        places.into_iter().flatten().map(|place| (*place, &self.roles[*place]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chained_roles_are_found_by_name_in_any_case_and_by_account() {
        let role = |arn: &str| {
            let (account, name) = ("111122223333".parse().expect("id"), "Hub".parse().expect("name"));
            ChainedRole::new(account, name, arn.parse().expect("an ARN")).expect("a role")
        };
        let roles = ChainedRoles::from(vec![
            role("arn:aws:iam::222233334444:role/team/Deploy"),
            role("arn:aws:iam::333344445555:role/Deploy"),
        ]);
        let named = |principal: &str| roles.named_by(principal).map(|(place, _)| place).collect::<Vec<_>>();
        assert_eq!(named("arn:aws:iam::222233334444:role/DEPLOY"), [0, 1], "which of them is for the ARN to say");
        assert_eq!((named("333344445555"), named("arn:aws:iam::222233334444:role/Other")), (vec![1], vec![]));
        let of = roles.of(&"222233334444".parse().expect("id")).count();
        assert_eq!((of, roles.of(&"111122223333".parse().expect("id")).count()), (1, 0));
        let json = serde_json::to_string(&roles).expect("JSON");
        assert_eq!(serde_json::from_str::<ChainedRoles>(&json).expect("roles"), roles);
    }
}
