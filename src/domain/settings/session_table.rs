//! The sessions of `config.toml`: a table for each, and writing one.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::assignments::SamlRole;
use crate::domain::browser::BrowserCommand;
use crate::domain::ids::{AccountId, OktaId, Region, SessionName};
use crate::domain::partition::Partition;
use crate::domain::session::{Flow, IdentityCenter, OktaOrg, Provider, Session};
use crate::domain::settings::reading::{ConfigError, parsed_list_option, parsed_option};
use crate::domain::url::{OrgUrl, StartUrl};

/// A session as the file has it: the keys of both providers, of which each takes its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionTable {
    #[serde(default)]
    provider: ProviderName,
    #[serde(default, deserialize_with = "parsed_option")]
    start_url: Option<StartUrl>,
    #[serde(default, deserialize_with = "parsed_option")]
    region: Option<Region>,
    #[serde(default, deserialize_with = "parsed_list_option")]
    fallback_regions: Option<Vec<Region>>,
    /// Unset: that of all sessions; pkce where the device flow is forbidden, else device.
    flow: Option<Flow>,
    forbid_device_flow: Option<bool>,
    #[serde(default, deserialize_with = "parsed_option")]
    browser: Option<BrowserCommand>,
    #[serde(default, deserialize_with = "parsed_option")]
    org_url: Option<OrgUrl>,
    #[serde(default, deserialize_with = "parsed_option")]
    client_id: Option<OktaId>,
    #[serde(default, deserialize_with = "parsed_option")]
    app_id: Option<OktaId>,
    partitions: Option<Vec<Partition>>,
    #[serde(default, deserialize_with = "parsed_list_option")]
    roles: Option<Vec<SamlRole>>,
    account_names: Option<BTreeMap<AccountId, String>>,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum ProviderName {
    #[default]
    IdentityCenter,
    Okta,
}

/// What a table says, with the line of its heading for what is wrong with it as a whole.
#[derive(Debug, Deserialize)]
#[serde(try_from = "SessionTable")]
pub(super) struct ProviderTable(Provider);

impl ProviderTable {
    /// The session of that name; those of Okta are looked for in the regions of all.
    pub(super) fn session(&self, name: &SessionName, regions: &[Region]) -> Session {
        let mut provider = self.0.clone();
        if let Provider::Okta(org) = &mut provider {
            org.regions = regions.to_vec();
        }
        Session { name: name.clone(), provider, is_saved: true }
    }
}

impl TryFrom<SessionTable> for ProviderTable {
    type Error = String;

    fn try_from(table: SessionTable) -> Result<Self, String> {
        let okta = [
            ("org_url", table.org_url.is_some()),
            ("client_id", table.client_id.is_some()),
            ("app_id", table.app_id.is_some()),
            ("partitions", table.partitions.is_some()),
            ("roles", table.roles.is_some()),
            ("account_names", table.account_names.is_some()),
        ];
        let portal = [
            ("start_url", table.start_url.is_some()),
            ("region", table.region.is_some()),
            ("fallback_regions", table.fallback_regions.is_some()),
            ("flow", table.flow.is_some()),
            ("forbid_device_flow", table.forbid_device_flow.is_some()),
        ];
        let (name, foreign) = match table.provider {
            ProviderName::IdentityCenter => ("identity-center", &okta[..]),
            ProviderName::Okta => ("okta", &portal[..]),
        };
        if let Some((key, _)) = foreign.iter().find(|(_, set)| *set) {
            return Err(format!("`{key}` is no key of a session with `provider = \"{name}\"`"));
        }
        let lacks = |key: &str| format!("a session with `provider = \"{name}\"` needs `{key}`");
        Ok(Self(match table.provider {
            ProviderName::IdentityCenter => {
                let forbidden = table.forbid_device_flow.unwrap_or_default();
                if forbidden && table.flow == Some(Flow::Device) {
                    return Err("`flow = \"device\"` and `forbid_device_flow` exclude each other".to_owned());
                }
                Provider::IdentityCenter(IdentityCenter {
                    start_url: table.start_url.ok_or_else(|| lacks("start_url"))?,
                    region: table.region.ok_or_else(|| lacks("region"))?,
                    fallback_regions: table.fallback_regions.unwrap_or_default(),
                    flow: table.flow,
                    device_flow: !forbidden,
                    browser: table.browser,
                })
            }
            ProviderName::Okta => {
                let (url, client) = (table.org_url.ok_or_else(|| lacks("org_url"))?, table.client_id);
                let org = OktaOrg::new(url, client.ok_or_else(|| lacks("client_id"))?);
                Provider::Okta(OktaOrg {
                    app_id: table.app_id,
                    partitions: table.partitions.filter(|all| !all.is_empty()).unwrap_or(org.partitions),
                    roles: table.roles.unwrap_or_default(),
                    account_names: table.account_names.unwrap_or_default(),
                    browser: table.browser,
                    ..org
                })
            }
        }))
    }
}

/// Adds a session to the text of `config.toml`, leaving the rest as it is.
pub fn with_session(text: &str, session: &Session) -> Result<String, ConfigError> {
    let mut document: toml_edit::DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| ConfigError { line: None, message: error.message().to_owned() })?;
    let sessions = document
        .entry("sessions")
        .or_insert_with(|| {
            let mut table = toml_edit::Table::new();
            table.set_implicit(true);
            toml_edit::Item::Table(table)
        })
        .as_table_like_mut()
        .ok_or_else(|| ConfigError { line: None, message: "`sessions` is not a table".to_owned() })?;
    let mut table = toml_edit::Table::new();
    let mut set = |key: &str, value: &str| table[key] = toml_edit::value(value);
    set("provider", session.provider_name());
    match &session.provider {
        Provider::IdentityCenter(portal) => {
            set("start_url", portal.start_url.as_str());
            set("region", portal.region.as_str());
            if let Some(flow) = portal.flow {
                set("flow", flow.name());
            }
        }
        Provider::Okta(org) => {
            set("org_url", org.url.as_str());
            set("client_id", org.client_id.as_str());
            if let Some(app) = &org.app_id {
                set("app_id", app.as_str());
            }
            if org.partitions != [Partition::Aws] {
                table["partitions"] =
                    toml_edit::value(org.partitions.iter().map(|p| p.arn()).collect::<toml_edit::Array>());
            }
        }
    }
    sessions.insert(session.name.as_str(), toml_edit::Item::Table(table));
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OKTA: &str = r#"provider = "okta"
org_url = "https://corp.okta.com"
client_id = "0oaclient"
partitions = ["aws", "aws-us-gov"]
roles = ["arn:aws:iam::111122223333:role/eks/A,arn:aws:iam::111122223333:saml-provider/Okta"]
account_names = { 111122223333 = "Production" }
"#;

    fn session(table: toml::Table) -> Session {
        let table: ProviderTable = table.try_into().expect("a session's table");
        table.session(&"okta-prod".parse().expect("a name"), &["us-gov-east-1".parse().expect("a region")])
    }

    #[test]
    fn an_okta_session_reads() {
        let session_of_okta = session(OKTA.parse().expect("TOML"));
        let org = session_of_okta.okta().expect("an org");
        assert_eq!((org.roles.len(), org.account_names.len(), &org.app_id), (1, 1, &None));
        assert_eq!(org.region(Partition::AwsUsGov).as_str(), "us-gov-east-1");
        assert_eq!(org.region(Partition::Aws).as_str(), "us-east-1");
        let written: toml::Table = with_session("", &session_of_okta).expect("edited").parse().expect("TOML");
        let again = session(written["sessions"]["okta-prod"].clone().try_into().expect("a table"));
        assert_eq!(again.place(), session_of_okta.place());
    }
}
