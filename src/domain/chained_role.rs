//! Roles that are assumed from an assigned one, as profiles of `~/.aws/config` chain them: in an organisation with a hub
//! account, people are assigned a role there, and what clusters of other accounts let in is a role that it assumes.

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
