//! The account access manager: which users and groups of Identity Center may use a named role without a permission set.
//! Source: access.md 1.7.

use serde_json::{Value, json};

use crate::clients::aws::Aws;
use crate::clients::aws::api::Api;
use crate::clients::aws::sso_admin::text;
use crate::clients::failure::Failure;
use crate::domain::access::actions;
use crate::domain::access::facts::{Assignee, Entitlement};
use crate::domain::endpoints::Service;
use crate::domain::ids::Region;
use crate::domain::pages::Pages;
use crate::domain::role_credentials::RoleCredentials;

const SERVICE: &str = Service::AccountAccess.called();
const PAGE: u32 = 100;

/// The account access manager in one region, as one role.
#[derive(Debug)]
pub struct AccountAccess(Api);

impl AccountAccess {
    /// A client that signs as the role.
    pub fn new(aws: &Aws, region: &Region, credentials: &RoleCredentials) -> Self {
        Self(Api::new(aws, (SERVICE, Service::AccountAccess, "account-access"), region, credentials))
    }

    /// All entitlements of all applications that the account can see.
    pub async fn entitlements(&self) -> Result<Vec<Entitlement>, Failure> {
        let mut found = Vec::new();
        for application in self.list(actions::LIST_APPLICATIONS, json!({}), "applications").await? {
            let arn = Some(text(&application, "applicationArn")).filter(|arn| !arn.is_empty());
            let arn = arn.unwrap_or_else(|| text(&application, "arn"));
            let body = json!({ "applicationArn": arn });
            let listed = self.list(actions::LIST_ENTITLEMENTS, body, "entitlements").await?;
            found.extend(listed.iter().filter_map(entitlement));
        }
        Ok(found)
    }

    /// A list, all pages: the token goes in the body.
    async fn list(&self, action: &str, mut body: Value, field: &str) -> Result<Vec<Value>, Failure> {
        let path = if action == actions::LIST_APPLICATIONS { "/applications-list" } else { "/entitlements-list" };
        body["maxResults"] = PAGE.into();
        let (mut found, mut pages) = (Vec::new(), Pages::default());
        loop {
            let mut answer = self.0.post(path, &body).await?;
            if let Some(Value::Array(entries)) = answer.get_mut(field).map(Value::take) {
                found.extend(entries);
            }
            let next = answer.get("nextToken").and_then(Value::as_str).map(str::to_owned);
            match pages.next(next).map_err(|endless| Failure::nonsense(SERVICE, endless))? {
                Some(next) => body["nextToken"] = next.into(),
                None => return Ok(found),
            }
        }
    }
}

/// An entitlement of another kind gives no role.
fn entitlement(found: &Value) -> Option<Entitlement> {
    let of = found.pointer("/entitlement/principalRole")?;
    let who = of.pointer("/principal/identityCenter")?;
    let id = |field: &str| Some(text(who, field)).filter(|id| !id.is_empty());
    let assignee = id("userId").map(Assignee::User).or_else(|| id("groupId").map(Assignee::Group))?;
    Some(Entitlement { role_arn: text(of, "roleArn"), assignee })
}
