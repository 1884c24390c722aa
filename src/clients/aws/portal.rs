//! The SSO portal: the accounts and roles a signed-in person is assigned, and credentials for them.

use std::fmt::Display;

use aws_config::retry::RetryConfig;
use aws_sdk_sso::Client;
use aws_sdk_sso::types::AccountInfo;
use jiff::Timestamp;

use crate::clients::aws::Aws;
use crate::clients::failure::Failure;
use crate::domain::assignments::{Account, Page};
use crate::domain::endpoints::Service;
use crate::domain::ids::{AccountId, Region, RoleName};
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::secret::{Secret, SecretString};

const SERVICE: &str = Service::Sso.called();
const PAGE: i32 = 100;

/// The portal in one region.
#[derive(Debug)]
pub struct Portal(Client);

impl Portal {
    /// A client that asks once; the caller's rate limiter spaces and repeats calls. The calls carry the access token instead of a
    /// signature.
    pub fn new(aws: &Aws, region: &Region) -> Self {
        let config = aws.config(region, aws.endpoints.portal.as_ref(), None);
        Self(Client::new(&config.into_builder().retry_config(RetryConfig::disabled()).build()))
    }

    /// A client that tries again by itself.
    pub fn patient(aws: &Aws, region: &Region) -> Self {
        Self(Client::new(&aws.config(region, aws.endpoints.portal.as_ref(), None)))
    }

    /// ListAccounts, a page.
    pub async fn accounts(&self, token: &SecretString, next: Option<String>) -> Result<Page<Account>, Failure> {
        let call = self.0.list_accounts().access_token(token.expose()).max_results(PAGE).set_next_token(next);
        let page = call.send().await.map_err(|error| Failure::new(SERVICE, &error))?;
        let account = |account: AccountInfo| {
            let id: AccountId = parse(account.account_id)?;
            let name = account.account_name.filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_string());
            Ok(Account { id, name, partition: None })
        };
        let entries = page.account_list.unwrap_or_default().into_iter().map(account).collect::<Result<_, Failure>>()?;
        Ok(Page { entries, next: page.next_token.filter(|token| !token.is_empty()) })
    }

    /// ListAccounts, one entry: whether the token is still accepted.
    pub async fn check(&self, token: &SecretString) -> Result<(), Failure> {
        let call = self.0.list_accounts().access_token(token.expose()).max_results(1);
        call.send().await.map(|_| ()).map_err(|error| Failure::new(SERVICE, &error))
    }

    /// ListAccountRoles, a page.
    pub async fn roles(
        &self,
        token: &SecretString,
        account: &AccountId,
        next: Option<String>,
    ) -> Result<Page<RoleName>, Failure> {
        let call = self.0.list_account_roles().access_token(token.expose()).account_id(account.as_str());
        let page = call.max_results(PAGE).set_next_token(next).send().await;
        let page = page.map_err(|error| Failure::new(SERVICE, &error))?;
        let roles = page.role_list.unwrap_or_default().into_iter();
        let entries = roles.map(|role| parse(role.role_name)).collect::<Result<_, Failure>>()?;
        Ok(Page { entries, next: page.next_token.filter(|token| !token.is_empty()) })
    }

    /// GetRoleCredentials.
    pub async fn credentials(
        &self,
        token: &SecretString,
        account: &AccountId,
        role: &RoleName,
    ) -> Result<RoleCredentials, Failure> {
        let call = self.0.get_role_credentials().access_token(token.expose());
        let reply = call.account_id(account.as_str()).role_name(role.as_str()).send().await;
        let found = reply.map_err(|error| Failure::new(SERVICE, &error))?.role_credentials;
        let incomplete = || nonsense("the answer holds no credentials");
        let found = found.ok_or_else(incomplete)?;
        Ok(RoleCredentials {
            made_at: None,
            access_key_id: found.access_key_id.filter(|id| !id.is_empty()).ok_or_else(incomplete)?,
            secret_access_key: found.secret_access_key.map(Secret::new).ok_or_else(incomplete)?,
            session_token: found.session_token.map(Secret::new).ok_or_else(incomplete)?,
            expires_at: Timestamp::from_millisecond(found.expiration).map_err(|_| incomplete())?,
        })
    }

    /// Logout: ends the access token at the portal.
    pub async fn logout(&self, token: &SecretString) -> Result<(), Failure> {
        let call = self.0.logout().access_token(token.expose());
        call.send().await.map(|_| ()).map_err(|error| Failure::new(SERVICE, &error))
    }
}

fn parse<T: std::str::FromStr<Err = crate::domain::ids::Invalid>>(text: Option<String>) -> Result<T, Failure> {
    text.unwrap_or_default().parse().map_err(|invalid: crate::domain::ids::Invalid| nonsense(invalid))
}

fn nonsense(reason: impl Display) -> Failure {
    Failure::nonsense(SERVICE, reason)
}
