//! What a person is assigned, as providers list it.

use std::str::FromStr;

use crate::domain::ids::{AccountId, Invalid, OktaId, ProviderArn, RoleArn, RoleName};
use crate::domain::partition::Partition;
use crate::domain::role_arn::Principal;

/// An account of the signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name; the id where the provider gives none.
    pub name: String,
    /// The partition it is in, where accounts of several are one person's.
    pub partition: Option<Partition>,
}

/// A part of a list, and what asks for the next.
#[derive(Debug)]
pub struct Page<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// The token of the next page.
    pub next: Option<String>,
}

/// An app that leads to roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// What its tokens are asked for.
    pub id: OktaId,
    /// As the person's dashboard shows it.
    pub label: String,
}

/// A role and the SAML provider it trusts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SamlRole {
    /// The role's ARN, with its path.
    pub arn: RoleArn,
    /// The provider's ARN, of the same account.
    pub provider: ProviderArn,
    /// The partition that both ARNs are in.
    pub partition: Partition,
    /// The account that both ARNs are of.
    pub account: AccountId,
    /// The role's name, without its path.
    pub role: RoleName,
}

/// `ROLE,PROVIDER` or `PROVIDER,ROLE`, with blanks anywhere: both orders are in use.
impl FromStr for SamlRole {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rule = "an IAM role's ARN and a SAML provider's of the same account, with a comma between them";
        let invalid = || Invalid { what: "SAML role", value: text.trim().to_owned(), rule };
        let (first, second) = text.split_once(',').ok_or_else(invalid)?;
        let (first, second) = (first.trim(), second.trim());
        let (role, provider) = if first.contains(":saml-provider/") { (second, first) } else { (first, second) };
        let (arn, provider) = (role.parse::<RoleArn>().ok(), provider.parse::<ProviderArn>().ok());
        let (arn, provider) = arn.zip(provider).ok_or_else(invalid)?;
        let parts = Principal::parse(arn.as_str()).ok_or_else(invalid)?;
        let home = format!("arn:{}:iam::{}:", parts.partition, parts.account);
        let partition = Partition::from_arn(parts.partition).filter(|_| provider.as_str().starts_with(&home));
        let (account, role) = (parts.account.parse()?, parts.name.parse()?);
        Ok(Self { partition: partition.ok_or_else(invalid)?, account, role, arn, provider })
    }
}
