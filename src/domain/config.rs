//! `config.toml`: the settings a user or an administrator writes; unknown keys are errors that name line and key.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

use super::filter::Glob;
use super::guard::Guard;
use super::ids::{Region, RoleName, SessionName};
use super::naming::Template;
use super::session::{Flow, Session};
use super::url::StartUrl;

/// A place that keeps secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backend {
    /// The platform's own store; on Linux Secret Service, else the kernel keyring.
    #[default]
    Auto,
    /// Secret Service over D-Bus (GNOME Keyring, KWallet, KeePassXC).
    SecretService,
    /// macOS Keychain.
    Keychain,
    /// Windows Credential Manager.
    Wincred,
    /// The Linux kernel's user keyring: gone at reboot.
    Keyutils,
    /// Files sealed with a passphrase.
    Passphrase,
    /// Files in plain text, 0600.
    Plaintext,
}

impl Backend {
    /// All backends with the names the user knows.
    pub const NAMES: [(&'static str, Self); 7] = [
        ("auto", Self::Auto),
        ("secret-service", Self::SecretService),
        ("keychain", Self::Keychain),
        ("wincred", Self::Wincred),
        ("keyutils", Self::Keyutils),
        ("passphrase", Self::Passphrase),
        ("plaintext", Self::Plaintext),
    ];

    /// The name the user knows.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, backend)| *backend == self).map_or("auto", |(name, _)| name)
    }
}

impl FromStr for Backend {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, backend)| *backend).ok_or_else(|| {
            let names: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).collect();
            format!("`{text}` is no keyring; choose one of {}", names.join(", "))
        })
    }
}

/// The whole of `config.toml`, checked.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The session to use when none is named.
    #[serde(default, deserialize_with = "parsed_option")]
    pub default_session: Option<SessionName>,
    /// Where secrets are kept.
    #[serde(default, deserialize_with = "parsed")]
    pub keyring: Backend,
    /// Where clusters are looked for when no `--region` is given.
    #[serde(default, deserialize_with = "parsed_list")]
    pub regions: Vec<Region>,
    /// The template of context names.
    #[serde(default, deserialize_with = "parsed")]
    pub context_name: Template,
    #[serde(default)]
    sessions: BTreeMap<String, SessionTable>,
    #[serde(default)]
    contexts: BTreeMap<String, GuardTable>,
}

/// The care that contexts of a name ask for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct GuardTable {
    #[serde(default)]
    confirm: bool,
    #[serde(default, alias = "read-only-role", deserialize_with = "parsed_option")]
    read_only_role: Option<RoleName>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionTable {
    #[serde(default)]
    #[allow(dead_code, reason = "read only to be checked: the enum has one value so far")]
    provider: Provider,
    #[serde(deserialize_with = "parsed")]
    start_url: StartUrl,
    #[serde(deserialize_with = "parsed")]
    region: Region,
    /// Unset: pkce where the device flow is forbidden, else device.
    #[serde(default)]
    flow: Option<Flow>,
    #[serde(default)]
    forbid_device_flow: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Provider {
    #[default]
    IdentityCenter,
}

/// What is wrong with `config.toml`, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Counted from 1; absent when the parser could not tell.
    pub line: Option<usize>,
    /// The reason, naming the key.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl Config {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let config: Self = toml::from_str(text).map_err(|error| ConfigError {
            line: error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1),
            message: error.message().replace('\n', " "),
        })?;
        for (name, table) in &config.sessions {
            let bad =
                |reason: &dyn fmt::Display| ConfigError { line: None, message: format!("[sessions.{name}]: {reason}") };
            name.parse::<SessionName>().map_err(|invalid| bad(&invalid))?;
            if table.forbid_device_flow && table.flow == Some(Flow::Device) {
                return Err(bad(&"`flow = \"device\"` and `forbid_device_flow` exclude each other"));
            }
        }
        Ok(config)
    }

    /// The care that a context asks for: all that is said for names that match, the first role by name.
    pub fn guard(&self, context: &str) -> Guard {
        let matching = self.contexts.iter().filter(|(pattern, _)| Glob::new(pattern).matches(context));
        matching.fold(Guard::default(), |guard, (_, table)| Guard {
            confirm: guard.confirm || table.confirm,
            read_only_role: guard.read_only_role.or_else(|| table.read_only_role.clone()),
        })
    }

    /// The sessions of the file, by name.
    pub fn sessions(&self) -> impl Iterator<Item = Session> + '_ {
        self.sessions.iter().filter_map(|(name, table)| {
            let usual = if table.forbid_device_flow { Flow::Pkce } else { Flow::Device };
            Some(Session {
                flow: table.flow.unwrap_or(usual),
                device_flow: !table.forbid_device_flow,
                ..Session::new(name.parse().ok()?, table.start_url.clone(), table.region.clone())
            })
        })
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
    table["provider"] = toml_edit::value("identity-center");
    table["start_url"] = toml_edit::value(session.start_url.as_str());
    table["region"] = toml_edit::value(session.region.as_str());
    if session.flow == Flow::Pkce {
        table["flow"] = toml_edit::value("pkce");
    }
    sessions.insert(session.name.as_str(), toml_edit::Item::Table(table));
    Ok(document.to_string())
}

fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(deserializer: D) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

fn parsed_option<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(d: D) -> Result<Option<T>, D::Error> {
    parsed(d).map(Some)
}

fn parsed_list<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(d: D) -> Result<Vec<T>, D::Error> {
    Vec::<String>::deserialize(d)?.iter().map(|text| text.parse().map_err(de::Error::custom)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"# ours
default_session = "corp"
keyring = "keyutils"
regions = ["eu-west-1"]
context_name = "{cluster}:{role}"

[sessions.corp]   # main
provider = "identity-center"
start_url = "https://corp.awsapps.com/start"
region = "eu-west-1"
flow = "device"
"#;

    #[test]
    fn a_full_file_reads() {
        let config = Config::parse(GOOD).expect("valid");
        assert_eq!(config.keyring, Backend::Keyutils);
        let sessions: Vec<Session> = config.sessions().collect();
        assert_eq!(sessions[0].start_url.as_str(), "https://corp.awsapps.com/start");
    }

    #[test]
    fn guards_are_found_by_name_and_add_up() {
        let text = "[contexts.\"prod*\"]\nconfirm = true\n[contexts.\"*admin\"]\nread-only-role = \"View\"\n";
        let config = Config::parse(text).expect("valid");
        assert_eq!(config.guard("prod/admin").word(), Some("confirm,read-only"));
        assert_eq!(config.guard("PROD/view").word(), Some("confirm"));
        assert_eq!(config.guard("test"), Guard::default());
    }

    #[test]
    fn mistakes_name_line_and_key() {
        let cases = [
            (GOOD.replace("flow =", "flwo ="), 11, "flwo"),
            (GOOD.replace("keyring =", "keyrings ="), 3, "keyrings"),
            (GOOD.replace("https://corp", "http://corp"), 9, "start URL"),
            (GOOD.replace("\"keyutils\"", "\"vault\""), 3, "vault"),
            (GOOD.replace("{cluster}", "{clutser}"), 5, "clutser"),
            (GOOD.replace("\"identity-center\"", "\"okta\""), 8, "okta"),
        ];
        for (text, line, word) in cases {
            let error = Config::parse(&text).expect_err(word);
            assert_eq!(error.line, Some(line), "{error}");
            assert!(error.message.contains(word), "{error}");
        }
    }

    #[test]
    fn adding_a_session_keeps_comments() {
        let old: Session = Config::parse(GOOD).expect("valid").sessions().next().expect("one");
        let new = Session { name: "two".parse().expect("name"), ..old };
        let text = with_session(GOOD, &new).expect("edited");
        assert!(text.starts_with(GOOD), "{text}");
        assert_eq!(Config::parse(&text).expect("valid").sessions().count(), 2);
        assert_eq!(Config::parse(&with_session("", &new).expect("edited")).expect("valid").sessions().count(), 1);
    }
}
