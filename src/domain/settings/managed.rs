//! The settings of an organisation: one file, installed by `eksso setup`, below what the user says. What it may hold is a list
//! here, so that a file from elsewhere can choose neither a program to run nor a server to talk to, and weakens nothing that
//! keeps secrets.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::domain::settings::config::Config;
use crate::domain::settings::reading::{ConfigError, located};

/// The keys that such a file may hold: of the top, and of tables. Everything else is refused, also what is added to the
/// settings later.
const TOP: [&str; 5] = ["version", "default_session", "regions", "context_name", "offer_sign_in"];
const TABLES: [(&str, &[&str]); 3] = [
    ("discovery", &["look_with", "never_look_with", "skip_accounts", "skip_ous"]),
    ("access", &["look_with", "identity_center_account", "assume"]),
    ("help", &["denied", "sign_in"]),
];
/// Tables of patterns, each with a text.
const PATTERNS: [&str; 1] = ["namespaces"];
const ENTRIES: [(&str, &[&str]); 3] = [
    (
        "sessions",
        &[
            "provider",
            "start_url",
            "region",
            "fallback_regions",
            "flow",
            "forbid_device_flow",
            "org_url",
            "client_id",
            "app_id",
            "partitions",
            "roles",
            "account_names",
        ],
    ),
    ("filters", &["account", "role", "region", "cluster", "tag"]),
    ("contexts", &["confirm", "read_only_role", "read-only-role"]),
];

/// What begins the line that eksso adds to the file: where it came from.
const RECORD: &str = "# eksso setup: ";

/// Where an installed file came from, and what makes a newer one of it to be trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its URL, or its file's path.
    pub from: String,
    /// Its SHA-256, in hex: of what was installed.
    pub sha256: String,
    /// The minisign key that signs it. A file without one is fixed.
    pub minisign_key: Option<String>,
    /// Its version. With one key it only rises.
    pub version: u64,
    /// When it was installed.
    #[serde(default)]
    pub installed_at: Option<Timestamp>,
}

impl Source {
    /// Whether this is the same file of the same place, whenever it was installed.
    pub fn is(&self, other: &Self) -> bool {
        Self { installed_at: other.installed_at, ..self.clone() } == *other
    }
}

/// An organisation's file, checked.
#[derive(Debug)]
pub struct Managed {
    /// Its settings.
    pub table: Table,
    /// `version`; 0 where it says none.
    pub version: u64,
}

impl Managed {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// Line and key of what is wrong with it, or not allowed in it.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut table: Table = toml::from_str(text).map_err(|error| located(text, &error))?;
        if let Some(key) = forbidden(&table) {
            let line = line_of(text, key.rsplit('.').next().unwrap_or_default());
            let message = format!("`{key}` is nothing that an organisation's file may set");
            return Err(ConfigError { line, message });
        }
        let version = match table.remove("version") {
            None => 0,
            Some(Value::Integer(version)) if version > 0 => version.unsigned_abs(),
            Some(_) => {
                let message = "`version` is a whole number that rises with each change".to_owned();
                return Err(ConfigError { line: line_of(text, "version"), message });
            }
        };
        // Its values are those of config.toml; the version is blanked, so that a mistake has its line.
        Config::parse(&without_version(text)?)?;
        Ok(Self { table, version })
    }
}

/// A text whose `version` is blank, and in which all else stays where it is. Key and value stand on one line, by TOML's grammar.
fn without_version(text: &str) -> Result<String, ConfigError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: Option<toml::Spanned<u64>>,
    }
    let found: Versioned = toml::from_str(text).map_err(|error| located(text, &error))?;
    let Some(span) = found.version.map(|version| version.span()) else { return Ok(text.to_owned()) };
    let start = text[..span.start].rfind('\n').map_or(0, |at| at + 1);
    Ok(format!("{}{}{}", &text[..start], " ".repeat(span.end - start), &text[span.end..]))
}

/// The first key that is not on the list, with its tables.
fn forbidden(table: &Table) -> Option<String> {
    for (key, value) in table {
        if TOP.contains(&key.as_str()) {
            continue;
        }
        let fields = |known: &[(&str, &'static [&'static str])]| {
            known.iter().find(|(name, _)| name == key).map(|(_, fields)| *fields)
        };
        let bad =
            |table: &Table, fields: &[&str]| table.keys().find(|field| !fields.contains(&field.as_str())).cloned();
        match (value, fields(&TABLES), fields(&ENTRIES)) {
            (Value::Table(table), Some(fields), _) => {
                if let Some(field) = bad(table, fields) {
                    return Some(format!("{key}.{field}"));
                }
            }
            (Value::Table(entries), None, Some(fields)) => {
                for (name, entry) in entries {
                    match entry {
                        Value::Table(entry) => {
                            if let Some(field) = bad(entry, fields) {
                                return Some(format!("{key}.{name}.{field}"));
                            }
                        }
                        _ => return Some(format!("{key}.{name}")),
                    }
                }
            }
            (Value::Table(table), None, None) if PATTERNS.contains(&key.as_str()) => {
                if let Some((pattern, _)) = table.iter().find(|(_, value)| !value.is_str()) {
                    return Some(format!("{key}.{pattern}"));
                }
            }
            _ => return Some(key.clone()),
        }
    }
    None
}

/// The line on which a key is set, as far as a look at the text tells.
fn line_of(text: &str, key: &str) -> Option<usize> {
    let word =
        |line: &str| line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).any(|word| word == key);
    text.lines().position(word).map(|place| place + 1)
}

/// The installed file: the organisation's text, and where it came from in a line behind it.
pub fn installed(text: &str, source: &Source) -> String {
    let record = serde_json::to_string(source).unwrap_or_default();
    let end = if text.ends_with('\n') || text.is_empty() { "" } else { "\n" };
    format!("{text}{end}{RECORD}{record}\n")
}

/// The organisation's text in an installed file, and where it came from.
pub fn parts(file: &str) -> (&str, Option<Source>) {
    let whole = file.trim_end_matches('\n');
    let start = whole.rfind('\n').map_or(0, |at| at + 1);
    match whole[start..].strip_prefix(RECORD) {
        Some(record) => (&file[..start], serde_json::from_str(record).ok()),
        None => (file, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"version = 3
default_session = "corp"
regions = ["eu-west-1"]
[sessions.corp]
start_url = "https://corp.awsapps.com/start"
region = "eu-west-1"
[filters.mine]
account = ["payments-*"]
[contexts."prod*"]
confirm = true
[discovery]
skip_accounts = ["sandbox-*"]
[access]
look_with = ["SecurityAudit"]
[help]
denied = "https://wiki.example.com/eks-access"
"#;

    #[test]
    fn what_an_organisation_may_set_is_a_list_and_nothing_else() {
        let managed = Managed::parse(GOOD).expect("good");
        assert_eq!((managed.version, managed.table.len()), (3, 8));
        for (added, key) in [
            ("keyring = \"plaintext\"", "keyring"),
            ("kernel_key_cache = \"12h\"", "kernel_key_cache"),
            ("endpoints = [\"https://sts.evil.example\"]", "endpoints"),
            ("flow = \"device\"", "flow"),
            ("trail = \"off\"", "trail"),
            ("exec_api_version = \"v1\"", "exec_api_version"),
            ("[clusters.\"*\"]\nproxy_url = \"socks5://evil.example\"", "clusters"),
            ("[clusters.\"*\"]\nserver = \"https://evil.example\"", "clusters"),
            ("[sessions.x]\nbrowser = \"sh -c evil\"", "sessions.x.browser"),
            ("[sessions]\nx = 1", "sessions.x"),
            ("[access]\nnew = 1", "access.new"),
            ("[unknown]\na = 1", "unknown"),
        ] {
            let error = Managed::parse(&format!("# ours\n{added}\n")).expect_err(key);
            assert!(error.message.contains(&format!("`{key}`")), "{error}");
            assert!(error.line.is_some(), "{error}");
        }
        for (text, line, word) in [
            (GOOD.replace("\"eu-west-1\"]", "\"mars\"]"), 3, "mars"),
            (GOOD.replace("version = 3", "version = -1"), 1, "version"),
            (GOOD.replace("version = 3", "version = \"new\""), 1, "version"),
            ("<html>\n".to_owned(), 1, ""),
        ] {
            let error = Managed::parse(&text).expect_err(word);
            assert_eq!(error.line, Some(line), "{error}");
            assert!(error.message.contains(word), "{error}");
        }
    }

    #[test]
    fn only_the_version_itself_is_no_setting_of_the_person() {
        for good in [
            "version = 4 # of many\ncontext_name = \"\"\"\\\nversion-{cluster}\"\"\"\n",
            "\"version\" = 4\nregions = []\n",
            "context_name = \"{cluster}\"\r\n  version=4",
        ] {
            assert_eq!(Managed::parse(good).map(|managed| managed.version), Ok(4), "{good}");
        }
        for bad in [
            "[help]\ndenied = \"\"\"a\\\nversion\\u0007 b\\\n\"\"\"\n",
            "regions = [\nversion = 1\n]\n",
            "versions = 1\n",
        ] {
            assert!(Managed::parse(bad).expect_err(bad).line.is_some(), "{bad}");
        }
    }

    #[test]
    fn an_installed_file_knows_where_it_came_from() {
        let source = Source {
            from: "https://example.com/eksso.toml".into(),
            sha256: "0".repeat(64),
            minisign_key: None,
            version: 3,
            installed_at: None,
        };
        for text in [GOOD, "", "regions = []"] {
            let file = installed(text, &source);
            let (kept, found) = parts(&file);
            assert_eq!((kept.trim_end(), found), (text.trim_end(), Some(source.clone())));
            assert!(Managed::parse(&file).is_ok());
        }
        assert_eq!(parts(GOOD), (GOOD, None));
    }
}
