//! AWS Organizations: the management account, accounts, delegated administrators and service control policies. Source:
//! access.md 1.5. All but DescribeOrganization is answered to the management account and to delegated administrators only.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde_json::{Value, json};

use crate::clients::aws::Aws;
use crate::clients::aws::api::Api;
use crate::clients::aws::sso_admin::{list, text};
use crate::clients::failure::Failure;
use crate::domain::access::actions;
use crate::domain::endpoints::Service;
use crate::domain::ids::{AccountId, Region};
use crate::domain::role_credentials::RoleCredentials;

const SERVICE: &str = Service::Organizations.called();
const TARGET: &str = "AWSOrganizationsV20161128";
const PAGE: u32 = 20;
/// Whose delegated administrators are asked for.
const IDENTITY_CENTER: &str = "sso.amazonaws.com";

/// The organization of a partition, as one role.
#[derive(Debug)]
pub struct Organizations(Api);

impl Organizations {
    /// A client that signs as the role; the region says which partition's organization.
    pub fn new(aws: &Aws, region: &Region, credentials: &RoleCredentials) -> Self {
        Self(Api::new(aws, (SERVICE, Service::Organizations, "organizations"), region, credentials))
    }

    /// DescribeOrganization: its id and its management account. `None` for an account that is in none.
    pub async fn organization(&self) -> Result<Option<(String, AccountId)>, Failure> {
        let answer = match self.0.json(TARGET, actions::DESCRIBE_ORGANIZATION, &json!({})).await {
            Ok(answer) => answer,
            Err(failure) if failure.is(&["AWSOrganizationsNotInUseException"]) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let found = answer.get("Organization").ok_or_else(|| nonsense("the answer holds no organization"))?;
        Ok(Some((text(found, "Id"), text(found, "MasterAccountId").parse().map_err(nonsense)?)))
    }

    /// ListAccounts: ids and names of those that are active.
    pub async fn accounts(&self) -> Result<BTreeMap<AccountId, String>, Failure> {
        let found = self.list(actions::LIST_ACCOUNTS, json!({}), "Accounts").await?;
        let active = found
            .iter()
            .filter(|account| !["SUSPENDED", "PENDING_CLOSURE"].contains(&text(account, "Status").as_str()));
        active.map(|account| Ok((text(account, "Id").parse().map_err(nonsense)?, text(account, "Name")))).collect()
    }

    /// ListDelegatedAdministrators of Identity Center.
    pub async fn delegated(&self) -> Result<BTreeSet<AccountId>, Failure> {
        let body = json!({ "ServicePrincipal": IDENTITY_CENTER });
        let found = self.list(actions::LIST_DELEGATED_ADMINISTRATORS, body, "DelegatedAdministrators").await?;
        found.iter().map(|account| text(account, "Id").parse().map_err(nonsense)).collect()
    }

    /// ListParents: the unit or the root that an account or a unit is in; `None` for a root.
    pub async fn parent(&self, child: &str) -> Result<Option<String>, Failure> {
        let found = self.list(actions::LIST_PARENTS, json!({ "ChildId": child }), "Parents").await?;
        Ok(found.first().map(|parent| text(parent, "Id")))
    }

    /// ListAccountsForParent and ListOrganizationalUnitsForParent: all accounts below units, however deep.
    pub async fn below(&self, units: &[String]) -> Result<BTreeSet<AccountId>, Failure> {
        let (mut left, mut seen, mut found) = (units.to_vec(), BTreeSet::new(), BTreeSet::new());
        while let Some(unit) = left.pop() {
            let body = json!({ "ParentId": unit });
            if !seen.insert(unit) {
                continue;
            }
            for account in self.list(actions::LIST_ACCOUNTS_FOR_PARENT, body.clone(), "Accounts").await? {
                found.insert(text(&account, "Id").parse().map_err(nonsense)?);
            }
            let units = self.list(actions::LIST_UNITS_FOR_PARENT, body, "OrganizationalUnits").await?;
            left.extend(units.iter().map(|unit| text(unit, "Id")));
        }
        Ok(found)
    }

    /// ListPoliciesForTarget: ids of the service control policies on a root, a unit or an account.
    pub async fn policies(&self, target: &str) -> Result<Vec<String>, Failure> {
        let body = json!({ "TargetId": target, "Filter": "SERVICE_CONTROL_POLICY" });
        let found = self.list(actions::LIST_POLICIES_FOR_TARGET, body, "Policies").await?;
        Ok(found.iter().map(|policy| text(policy, "Id")).collect())
    }

    /// DescribePolicy: its document.
    pub async fn policy(&self, id: &str) -> Result<String, Failure> {
        let answer = self.0.json(TARGET, actions::DESCRIBE_POLICY, &json!({ "PolicyId": id })).await?;
        let content = answer.get("Policy").map(|policy| text(policy, "Content")).unwrap_or_default();
        if content.is_empty() { Err(nonsense("the answer holds no document")) } else { Ok(content) }
    }

    async fn list(&self, action: &str, mut body: Value, field: &str) -> Result<Vec<Value>, Failure> {
        body["MaxResults"] = PAGE.into();
        list(&self.0, TARGET, action, body, field).await
    }
}

fn nonsense(reason: impl Display) -> Failure {
    Failure::nonsense(SERVICE, reason)
}
