//! One role that is looked with.

use crate::domain::ids::{AccountId, RoleName};

/// What facts name the credentials of the environment by.
const ENVIRONMENT: &str = "environment";

/// One role in one account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Looker {
    /// The account.
    pub account: AccountId,
    /// The role; `None` for the credentials of the environment as they are.
    pub role: Option<RoleName>,
}

impl Looker {
    /// How facts name it.
    pub fn name(&self) -> String {
        self.role.as_ref().map_or_else(|| ENVIRONMENT.to_owned(), |role| format!("{}/{role}", self.account))
    }
}
