//! Identity Center's directory: users, groups and members. Source: access.md 1.3. Lists only: the managed policy
//! SecurityAudit may list, and not describe (1.10).

use serde_json::{Value, json};

use crate::clients::aws::Aws;
use crate::clients::aws::api::Api;
use crate::clients::aws::sso_admin::{list, text};
use crate::clients::failure::Failure;
use crate::domain::access::actions;
use crate::domain::access::facts::{Fact, Group, User};
use crate::domain::endpoints::Service;
use crate::domain::ids::Region;
use crate::domain::role_credentials::RoleCredentials;

const SERVICE: &str = Service::IdentityStore.called();
const TARGET: &str = "AWSIdentityStore";
const PAGE: u32 = 100;

/// The directory in one region, as one role.
#[derive(Debug)]
pub struct IdentityStore(Api);

impl IdentityStore {
    /// A client that signs as the role.
    pub fn new(aws: &Aws, region: &Region, credentials: &RoleCredentials) -> Self {
        Self(Api::new(aws, (SERVICE, Service::IdentityStore, "identitystore"), region, credentials))
    }

    /// ListGroups; their members are not asked for.
    pub async fn groups(&self, store: &str) -> Result<Vec<Group>, Failure> {
        let found = self.list(actions::LIST_GROUPS, json!({ "IdentityStoreId": store }), "Groups").await?;
        let group = |found: &Value| Group {
            id: text(found, "GroupId"),
            name: text(found, "DisplayName"),
            members: Fact::default(),
        };
        Ok(found.iter().map(group).collect())
    }

    /// ListUsers.
    pub async fn users(&self, store: &str) -> Result<Vec<User>, Failure> {
        let found = self.list(actions::LIST_DIRECTORY_USERS, json!({ "IdentityStoreId": store }), "Users").await?;
        let emails = |found: &Value| {
            let list = found.get("Emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            list.iter().map(|email| text(email, "Value")).filter(|email| !email.is_empty()).collect()
        };
        let user = |found: &Value| User {
            id: text(found, "UserId"),
            name: text(found, "UserName"),
            display_name: text(found, "DisplayName"),
            emails: emails(found),
            enabled: match text(found, "UserStatus").as_str() {
                "ENABLED" => Some(true),
                "DISABLED" => Some(false),
                _ => None,
            },
        };
        Ok(found.iter().map(user).collect())
    }

    /// ListGroupMemberships: ids of users. Groups hold no groups.
    pub async fn members(&self, store: &str, group: &str) -> Result<Vec<String>, Failure> {
        let body = json!({ "IdentityStoreId": store, "GroupId": group });
        let found = self.list(actions::LIST_MEMBERSHIPS, body, "GroupMemberships").await?;
        let ids = found.iter().map(|found| found.get("MemberId").map(|id| text(id, "UserId")).unwrap_or_default());
        Ok(ids.filter(|id| !id.is_empty()).collect())
    }

    async fn list(&self, action: &str, mut body: Value, field: &str) -> Result<Vec<Value>, Failure> {
        body["MaxResults"] = PAGE.into();
        list(&self.0, TARGET, action, body, field).await
    }
}
