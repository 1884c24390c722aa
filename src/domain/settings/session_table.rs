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

/// Adds a session to the text of `config.toml`, leaving the rest as it is: a new one goes on behind it.
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
    let is_new = !sessions.contains_key(session.name.as_str());
    let added = heading(session.name.as_str(), table.clone());
    sessions.insert(session.name.as_str(), toml_edit::Item::Table(table));
    let newlines = text.matches('\n').count();
    let newline = if newlines > 0 && newlines == text.matches("\r\n").count() { "\r\n" } else { "\n" };
    let with_newlines = |lines: &str| lines.replace("\r\n", "\n").replace('\n', newline);
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { newline };
    let gap = if text.trim().is_empty() { "" } else { newline };
    let appended = format!("{text}{end}{gap}{}", with_newlines(&added));
    // What is written in one line, or in dotted keys, has no room behind it.
    if is_new && appended.parse::<toml_edit::DocumentMut>().is_ok() {
        return Ok(appended);
    }
    let mark = if text.starts_with('\u{feff}') { "\u{feff}" } else { "" };
    Ok(format!("{mark}{}", with_newlines(&document.to_string())))
}

/// A session's table with its heading.
fn heading(name: &str, table: toml_edit::Table) -> String {
    let mut sessions = toml_edit::Table::new();
    sessions.set_implicit(true);
    sessions.insert(name, toml_edit::Item::Table(table));
    let mut document = toml_edit::DocumentMut::new();
    document.insert("sessions", toml_edit::Item::Table(sessions));
    document.to_string()
}

/// Takes a session out of the text of `config.toml`, and `default_session` where that names it; the rest keeps every byte. `None` where there is no such session.
pub fn without_session(text: &str, name: &str) -> Result<Option<String>, ConfigError> {
    let unread = |error: toml_edit::TomlError| ConfigError { line: None, message: error.message().to_owned() };
    let document = toml_edit::Document::parse(text).map_err(unread)?;
    let found = document.get("sessions").and_then(|sessions| sessions.as_table_like()?.get(name));
    let Some(session) = found else { return Ok(None) };
    let mut begins = Vec::new();
    headings(document.as_table(), &mut begins);
    begins.sort_unstable();
    let mut own = Vec::new();
    if let Some(table) = session.as_table() {
        own.extend(table.span().map(|span| span.start).filter(|_| !table.is_implicit() && !table.is_dotted()));
        headings(table, &mut own);
    }
    if own.is_empty() {
        // Written in one line, or in dotted keys.
        let mut document: toml_edit::DocumentMut = text.parse().map_err(unread)?;
        if let Some(sessions) = document.get_mut("sessions").and_then(|sessions| sessions.as_table_like_mut()) {
            sessions.remove(name);
        }
        return without_default(&document.to_string(), name).map(Some);
    }
    // A byte order mark belongs to the file.
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut left = String::with_capacity(text.len());
    let mut at = 0;
    own.sort_unstable();
    for start in own {
        let end = begins.iter().copied().find(|begin| *begin > start).unwrap_or(text.len());
        let section = &text[start..end];
        // Comments above the next heading are that one's.
        let mut length = section.trim_end().len();
        while let comments @ 1.. = trailing_comments(&section[..length]) {
            length = section[..length - comments].trim_end().len();
        }
        let line = text[..start].rfind('\n').map_or(mark, |newline| newline + 1);
        // Whose the comments above it are is not known: they stay.
        left.push_str(&text[at.min(line)..line]);
        at = start + length;
        at += text[at..].find('\n').map_or(text.len() - at, |newline| newline + 1);
        if left.ends_with("\n\n") || left.is_empty() {
            at += text[at..].len() - text[at..].trim_start_matches('\n').len();
        }
    }
    left.push_str(&text[at..]);
    without_default(&left, name).map(Some)
}

/// How many bytes at the end of a text are lines of comments.
fn trailing_comments(text: &str) -> usize {
    let lines = text.split_inclusive('\n').rev().take_while(|line| line.trim_start().starts_with('#'));
    lines.map(str::len).sum()
}

/// Where the headings of tables begin.
fn headings(table: &toml_edit::Table, found: &mut Vec<usize>) {
    for (_, item) in table.iter() {
        let tables = item.as_table().into_iter();
        let arrays = item.as_array_of_tables().into_iter().flat_map(toml_edit::ArrayOfTables::iter);
        for table in tables.chain(arrays) {
            found.extend(table.span().map(|span| span.start).filter(|_| !table.is_implicit() && !table.is_dotted()));
            headings(table, found);
        }
    }
}

/// The text without `default_session`, where that names this session.
fn without_default(text: &str, name: &str) -> Result<String, ConfigError> {
    let unread = |error: toml_edit::TomlError| ConfigError { line: None, message: error.message().to_owned() };
    let document = toml_edit::Document::parse(text).map_err(unread)?;
    let names_it = document.get("default_session").and_then(|value| value.as_str()) == Some(name);
    let key = document.key("default_session").and_then(toml_edit::Key::span).filter(|_| names_it);
    let Some(key) = key else { return Ok(text.to_owned()) };
    let line = text[..key.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[key.end..].find('\n').map_or(text.len(), |newline| key.end + newline + 1);
    Ok(format!("{}{}", &text[..line], &text[end..]))
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
    fn a_new_session_goes_on_behind_the_rest_which_keeps_every_byte() {
        let session = session(OKTA.parse().expect("a table"));
        for text in [
            "",
            "# a\r\nregions = [\"eu-west-1\"]\r\n",
            "\u{feff}# a\r\nflow = \"auto\" # b",
            "[sessions.lab]\nx = 1 # c\n",
        ] {
            let added = with_session(text, &session).expect("edited");
            assert!(added.starts_with(text), "{added:?}");
            assert_eq!(added.matches('\n').count() == added.matches("\r\n").count(), text.contains('\r'), "{added:?}");
            assert_eq!(with_session(&added, &session).expect("edited"), added, "once");
        }
        let inline = with_session("sessions = { lab = { start_url = \"u\" } }\n", &session).expect("edited");
        assert!(inline.contains("okta-prod") && inline.contains("lab"), "{inline}");
    }

    #[test]
    fn a_session_is_taken_out_and_the_rest_keeps_every_byte() {
        let table = "[sessions.corp]   # main\nstart_url = \"https://a.awsapps.com/start\"\nregion = \"eu-west-1\"\n";
        let okta = "[sessions.corp]\nprovider = \"okta\"\nroles = [\n  \"a,b\",\n]\n\n[sessions.corp.account_names]\n1 = \"x\"\n";
        for session in [table, okta] {
            for (before, after) in [
                ("", ""),
                ("# ours\n\nregions = [\"eu-west-1\"]\n\n", ""),
                ("# ours\n\n", "# the other\n[sessions.lab]\nx = 1\n"),
                ("[sessions.lab]\nx = 1 # ]\n\n", "[help]  # [x]\ny = \"\"\"\n[sessions.corp]\n\"\"\"\n# the end\n"),
            ] {
                let text = format!("{before}# ours, too\n{session}\n{after}");
                let left = without_session(&text, "corp").expect("edited").expect("it was there");
                assert_eq!(left, format!("{before}# ours, too\n\n{after}"), "{text}");
                assert_eq!(without_session(&left, "corp").expect("read"), None);
            }
        }
        assert_eq!(without_session(&format!("\u{feff}{table}"), "corp").expect("edited").as_deref(), Some("\u{feff}"));
        let inline = "sessions.corp = { start_url = \"u\" }\nkeyring = \"auto\" # x\n";
        assert_eq!(without_session(inline, "corp").expect("edited").as_deref(), Some("keyring = \"auto\" # x\n"));
        let usual = format!("# a\ndefault_session = \"corp\"  # b\nflow = \"auto\"\n\n{table}");
        let left = without_session(&usual, "corp").expect("edited");
        assert_eq!(left.as_deref(), Some("# a\nflow = \"auto\"\n\n"));
        let other = usual.replace("default_session = \"corp\"", "default_session = \"lab\"");
        let left = without_session(&other, "corp").expect("edited").expect("it was there");
        assert!(left.contains("default_session = \"lab\"  # b"));
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
