//! `config.toml`: the settings a user or an administrator writes; unknown keys are errors that name line and key.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::Deserialize;

use crate::domain::api_version::ApiVersion;
use crate::domain::filter::{Filter, Glob, TagGlob};
use crate::domain::ids::{AccountId, Invalid, Namespace, Region, RoleArn, RoleName, SessionName};
use crate::domain::partition::Partition;
use crate::domain::session::{Flow, Session};
use crate::domain::settings::guard::{Asking, Guard};
use crate::domain::settings::keyring::{Backend, KernelCopy};
use crate::domain::settings::layers;
use crate::domain::settings::look_with::LookWith;
use crate::domain::settings::reading::{ConfigError, located, parsed, parsed_list, parsed_option};
use crate::domain::settings::route::Route;
use crate::domain::settings::session_table::ProviderTable;
use crate::domain::settings::sink::Sink;
use crate::domain::settings::template::{ProfileTemplate, Template};
use crate::domain::url::Origin;

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
    /// How long the kernel keeps a copy of a sign-in's key (Linux).
    #[serde(default)]
    pub kernel_key_cache: KernelCopy,
    /// Where clusters are looked for when no `--region` is given.
    #[serde(default, deserialize_with = "parsed_list")]
    pub regions: Vec<Region>,
    /// How to sign in to sessions that say nothing of it.
    #[serde(default)]
    pub flow: Option<Flow>,
    /// Endpoints that AWS_ENDPOINT_URL_… variables may name, beside AWS's own. Only the file at its default place counts.
    #[serde(default, deserialize_with = "parsed_list")]
    pub endpoints: Vec<Origin>,
    /// The template of context names.
    #[serde(default, deserialize_with = "parsed")]
    pub context_name: Template,
    /// The template of profile names.
    #[serde(default, deserialize_with = "parsed")]
    pub profile_name: ProfileTemplate,
    /// The version of the exec credential protocol that kubeconfig entries name.
    #[serde(default, deserialize_with = "parsed")]
    pub exec_api_version: ApiVersion,
    /// Where the audit trail goes.
    #[serde(default)]
    pub trail: Sink,
    /// Whether `token` offers a sign-in where kubectl sits at a terminal.
    #[serde(default)]
    pub offer_sign_in: Offer,
    /// Where to ask for help, which errors say.
    #[serde(default)]
    pub help: Help,
    #[serde(default)]
    clusters: BTreeMap<String, Route>,
    /// How searches look around.
    #[serde(default)]
    pub discovery: DiscoverySettings,
    /// How `access` and `audit` look around.
    #[serde(default)]
    pub access: AccessSettings,
    /// The namespaces that new contexts get, by patterns.
    #[serde(default)]
    namespaces: BTreeMap<String, Namespace>,
    #[serde(default)]
    filters: BTreeMap<String, FilterTable>,
    #[serde(default)]
    sessions: BTreeMap<SessionName, ProviderTable>,
    #[serde(default)]
    contexts: BTreeMap<String, GuardTable>,
    /// The guards that the machine's policy sets, which those of the file add to.
    #[serde(skip)]
    pub(super) bound: BTreeMap<String, GuardTable>,
    /// The guards of the organisation's file whose patterns config.toml does not have.
    #[serde(skip)]
    managed: BTreeMap<String, GuardTable>,
    /// The same of its namespaces.
    #[serde(skip)]
    managed_namespaces: BTreeMap<String, Namespace>,
}

/// Where people of an organisation ask for help: a URL, or a few words.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Help {
    /// Where access is asked for: said where it is denied.
    #[serde(default, deserialize_with = "parsed_option")]
    pub denied: Option<Words>,
    /// Where help with signing in is found: said where a sign-in is needed.
    #[serde(default, deserialize_with = "parsed_option")]
    pub sign_in: Option<Words>,
}

/// A line of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words(String);

impl Words {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Words {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        // Everybody who is refused something sees it.
        let names_somebody = |rest: &str| {
            rest.split(|c: char| "/?#".contains(c) || c.is_whitespace()).next().is_some_and(|host| host.contains('@'))
        };
        match !text.is_empty() && text.len() <= 500 && !text.chars().any(char::is_control) {
            true if text.split("://").skip(1).any(names_somebody) => {
                Err("a help text is shown to everybody: its URL takes no user name and no password")
            }
            true => Ok(Self(text.to_owned())),
            false => Err("a help text is a URL or a few words, on one line"),
        }
    }
}

/// Whether something is offered that a person may turn down: it is, unless somebody says `false`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Offer(pub bool);

impl Default for Offer {
    fn default() -> Self {
        Self(true)
    }
}

/// How searches look around.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "DiscoveryTable")]
pub struct DiscoverySettings {
    /// Which roles may be used to look.
    pub look_with: LookWith,
    /// Accounts, by id or name, that are left alone unless they are named.
    pub skip_accounts: Vec<Glob>,
    /// Organizational units whose accounts are left alone in the same way.
    pub skip_ous: Vec<UnitId>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DiscoveryTable {
    look_with: Option<Vec<String>>,
    never_look_with: Option<Vec<String>>,
    #[serde(default)]
    skip_accounts: Vec<String>,
    #[serde(default, deserialize_with = "parsed_list")]
    skip_ous: Vec<UnitId>,
}

impl From<DiscoveryTable> for DiscoverySettings {
    fn from(table: DiscoveryTable) -> Self {
        Self {
            look_with: LookWith::new(table.look_with, table.never_look_with),
            skip_accounts: globs(&table.skip_accounts),
            skip_ous: table.skip_ous,
        }
    }
}

/// The id of an organizational unit: `ou-ab12-suspended`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitId(String);

impl UnitId {
    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UnitId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.strip_prefix("ou-").and_then(|rest| rest.split_once('-'));
        let is_part = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        match parts {
            Some((root, unit)) if is_part(root) && is_part(unit) => Ok(Self(text.to_owned())),
            _ => Err(format!(
                "`{text}` is no organizational unit; `skip_ous` takes ids such as `\"ou-ab12-11111111\"`, which AWS Organizations shows"
            )),
        }
    }
}

/// How `access` and `audit` look around. What `never_look_with` of `[discovery]` forbids is forbidden here, too.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessSettings {
    /// Which roles may be used to look, the first first; without it those of `[discovery]`.
    pub look_with: Option<Vec<String>>,
    /// The account that administers Identity Center: the management account, or a delegated administrator's.
    #[serde(default, deserialize_with = "parsed_option")]
    pub identity_center_account: Option<AccountId>,
    /// The role that is assumed in each account with `--credentials environment`: a name, with its path where it has one.
    #[serde(default, deserialize_with = "parsed_option")]
    pub assume: Option<AssumedName>,
}

/// The name of a role that is assumed in many accounts, behind its path: `EKSAudit`, `audit/EKSAudit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedName(String);

impl AssumedName {
    /// Its ARN in an account.
    pub fn arn(&self, partition: Partition, account: &AccountId) -> Result<RoleArn, Invalid> {
        format!("arn:{}:iam::{account}:role/{}", partition.arn(), self.0).parse()
    }

    /// The name and its path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AssumedName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.rsplit('/').next().unwrap_or_default();
        let is_path = |c: char| c.is_ascii_graphic() && !"*?:".contains(c);
        match name.parse::<RoleName>() {
            Ok(_) if text.chars().all(is_path) && !text.starts_with('/') => Ok(Self(text.to_owned())),
            _ => Err(format!(
                "`{text}` is no role's name; `assume` takes such as `\"EKSAudit\"` or `\"audit/EKSAudit\"`"
            )),
        }
    }
}

/// A filter with a name: the lists that flags of the same names would give.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FilterTable {
    #[serde(default)]
    account: Vec<String>,
    #[serde(default)]
    role: Vec<String>,
    #[serde(default)]
    region: Vec<String>,
    #[serde(default)]
    cluster: Vec<String>,
    #[serde(default, deserialize_with = "parsed_list")]
    tag: Vec<TagGlob>,
}

fn globs(texts: &[String]) -> Vec<Glob> {
    texts.iter().map(|text| Glob::new(text)).collect()
}

/// The care that contexts of a name ask for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuardTable {
    #[serde(default)]
    confirm: bool,
    #[serde(default, alias = "read-only-role", deserialize_with = "parsed_option")]
    read_only_role: Option<RoleName>,
}

impl Config {
    /// Reads the file's text.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        toml::from_str(text).map_err(|error| located(text, &error))
    }

    /// Reads the file's text over the settings of a lower layer.
    ///
    /// # Errors
    /// The text is none of TOML, or both together are wrong.
    pub fn over(text: &str, lower: &toml::Table) -> Result<Self, ConfigError> {
        let own: toml::Table = toml::from_str(text).map_err(|error| located(text, &error))?;
        let mut together = layers::over(&own, lower);
        // Those of both stay apart: patterns differ, so that a name would be found in the lower layer first.
        let mut apart = |table: &str| {
            let mut below = match lower.get(table) {
                Some(toml::Value::Table(below)) => below.clone(),
                _ => toml::Table::new(),
            };
            if let Some(toml::Value::Table(all)) = together.get_mut(table) {
                let upper = own.get(table).and_then(toml::Value::as_table);
                below.retain(|pattern, _| upper.is_none_or(|upper| !upper.contains_key(pattern)));
                all.retain(|pattern, _| !below.contains_key(pattern));
            }
            toml::Value::Table(below)
        };
        let (guards, namespaces) = (apart("contexts"), apart("namespaces"));
        let bad = |error: toml::de::Error| ConfigError { line: None, message: error.message().replace('\n', " ") };
        let config: Self = toml::Value::Table(together).try_into().map_err(bad)?;
        let (managed, managed_namespaces) = (guards.try_into().map_err(bad)?, namespaces.try_into().map_err(bad)?);
        Ok(Self { managed, managed_namespaces, ..config })
    }

    /// How a cluster is reached, by its ARN: of several patterns that match, the first by name that says something.
    pub fn route(&self, arn: &str) -> Route {
        let matching = self.clusters.iter().filter(|(pattern, _)| Glob::new(pattern).matches(arn));
        matching.fold(Route::default(), |route, (_, table)| Route {
            proxy_url: route.proxy_url.or_else(|| table.proxy_url.clone()),
            tls_server_name: route.tls_server_name.or_else(|| table.tls_server_name.clone()),
            server: route.server.or_else(|| table.server.clone()),
        })
    }

    /// The namespace that a new context gets, by its name or its cluster's ARN: of several patterns that match, the longest. What
    /// config.toml says goes before the organisation's file.
    pub fn namespace(&self, context: &str, arn: &str) -> Option<&Namespace> {
        let fits = |pattern: &str| [context, arn].iter().any(|name| Glob::new(pattern).matches(name));
        [&self.namespaces, &self.managed_namespaces].into_iter().find_map(|table| {
            let fitting = table.iter().filter(|(pattern, _)| fits(pattern));
            fitting.max_by_key(|(pattern, _)| pattern.len()).map(|(_, namespace)| namespace)
        })
    }

    /// The care that a context asks for: all that is said for names that match, the first role by name. A policy's goes
    /// before that of config.toml, and this before that of the organisation's file.
    pub fn guard(&self, context: &str) -> Guard {
        guard_of(self.bound.iter().chain(&self.contexts).chain(&self.managed), context)
    }

    /// What says that a context is to be asked about; `None` where nothing does.
    pub fn asking(&self, context: &str) -> Option<Asking> {
        let pattern = |tables: &BTreeMap<String, GuardTable>| {
            let asks = |(pattern, table): &(&String, &GuardTable)| table.confirm && Glob::new(pattern).matches(context);
            tables.iter().find(asks).map(|(pattern, _)| pattern.clone())
        };
        let by_machine = pattern(&self.bound).map(Asking::Machine);
        let by_own = || pattern(&self.contexts).map(Asking::Own);
        by_machine.or_else(by_own).or_else(|| pattern(&self.managed).map(Asking::Organisation))
    }

    /// Which roles may be used to look at access.
    pub fn look_with_for_access(&self) -> LookWith {
        match &self.access.look_with {
            Some(only) => self.discovery.look_with.only(only),
            None => self.discovery.look_with.clone(),
        }
    }

    /// The filter of `[filters.NAME]`; `None` where there is none of that name.
    pub fn filter(&self, name: &str) -> Option<Filter> {
        self.filters.get(name).map(|table| Filter {
            accounts: globs(&table.account),
            roles: globs(&table.role),
            regions: globs(&table.region),
            clusters: globs(&table.cluster),
            tags: table.tag.clone(),
            ..Filter::default()
        })
    }

    /// The names of all filters.
    pub fn filter_names(&self) -> impl Iterator<Item = &str> {
        self.filters.keys().map(String::as_str)
    }

    /// The sessions of the file, by name.
    pub fn sessions(&self) -> impl Iterator<Item = Session> + '_ {
        self.sessions.iter().map(|(name, table)| table.session(name, &self.regions).or_flow(self.flow))
    }
}

/// What the tables of guards say of a context.
pub(super) fn guard_of<'t>(tables: impl Iterator<Item = (&'t String, &'t GuardTable)>, context: &str) -> Guard {
    let matching = tables.filter(|(pattern, _)| Glob::new(pattern).matches(context));
    matching.fold(Guard::default(), |guard, (_, table)| Guard {
        confirm: guard.confirm || table.confirm,
        read_only_role: guard.read_only_role.or_else(|| table.read_only_role.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::session_table::with_session;

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

    const OKTA: &str = r#"regions = ["us-gov-east-1"]
[sessions.okta-prod]
provider = "okta"
org_url = "https://corp.okta.com"
client_id = "0oaclient"
partitions = ["aws", "aws-us-gov"]
roles = ["arn:aws:iam::111122223333:role/eks/A,arn:aws:iam::111122223333:saml-provider/Okta"]
account_names = { 111122223333 = "Production" }
"#;

    #[test]
    fn a_full_file_reads() {
        let config = Config::parse(GOOD).expect("valid");
        assert_eq!(config.keyring, Backend::Keyutils);
        let sessions: Vec<Session> = config.sessions().collect();
        assert_eq!(sessions[0].address(), "https://corp.awsapps.com/start");
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
    fn the_way_to_a_cluster_is_found_by_its_arn() {
        let text = "[clusters.\"arn:aws:eks:eu-west-1:*:cluster/private-*\"]\nproxy_url = \"socks5://localhost:1080\"\n\
                    [clusters.\"*/private-web\"]\ntls_server_name = \"x.eks.amazonaws.com\"\nserver = \"https://localhost:8443\"\n";
        let config = Config::parse(text).expect("valid");
        let route = config.route("arn:aws:eks:eu-west-1:111122223333:cluster/private-web");
        assert_eq!(route.proxy_url.as_deref(), Some("socks5://localhost:1080"));
        assert_eq!(route.tls_server_name.as_deref(), Some("x.eks.amazonaws.com"));
        assert_eq!(route.server.as_deref(), Some("https://localhost:8443"));
        assert_eq!(config.route("arn:aws:eks:eu-west-1:111122223333:cluster/web"), Route::default());
    }

    #[test]
    fn how_access_is_looked_at_reads_and_what_is_never_looked_with_binds_there_too() {
        let text = "[discovery]\nnever_look_with = [\"*Root*\"]\n[access]\nlook_with = [\"SecurityAudit\", \"*Audit*\"]\n\
                    identity_center_account = \"111122223333\"\nassume = \"audit/EKSAudit\"\n";
        let config = Config::parse(text).expect("valid");
        let look_with = config.look_with_for_access();
        assert!(look_with.rank("SecurityAudit") < look_with.rank("EKSAudit"));
        assert_eq!((look_with.rank("RootAudit"), look_with.rank("EKSViewer")), (None, None));
        let account = config.access.identity_center_account.expect("an account");
        let arn = config.access.assume.expect("a role").arn(Partition::AwsUsGov, &account).expect("an ARN");
        assert_eq!(arn.as_str(), "arn:aws-us-gov:iam::111122223333:role/audit/EKSAudit");
        let usual = Config::parse("").expect("valid").look_with_for_access();
        assert!(usual.rank("EKSViewer").is_some() && usual.rank("BreakGlass").is_none());
    }

    #[test]
    fn mistakes_name_line_and_key() {
        let cases = [
            (GOOD.replace("flow =", "flwo ="), 11, "flwo"),
            (GOOD.replace("keyring =", "keyrings ="), 3, "keyrings"),
            (GOOD.replace("https://corp", "http://corp"), 9, "start URL"),
            (GOOD.replace("\"keyutils\"", "\"vault\""), 3, "vault"),
            (GOOD.replace("{cluster}", "{clutser}"), 5, "clutser"),
            (format!("exec_api_version = \"v2\"\n{GOOD}"), 1, "v2"),
            (GOOD.replace("\"identity-center\"", "\"entra\""), 8, "entra"),
            (GOOD.replace("\"identity-center\"", "\"okta\""), 7, "start_url"),
            (GOOD.replace("region =", "#"), 7, "region"),
            (GOOD.replace("flow =", "app_id ="), 7, "app_id"),
            (GOOD.replace("\"device\"", "\"device\"\nforbid_device_flow = true"), 7, "exclude"),
            (OKTA.replace("client_id", "#"), 2, "client_id"),
            (OKTA.replace("corp.okta", "corp-admin.okta"), 4, "-admin"),
            (OKTA.replace(",arn", ";arn"), 7, "comma"),
            (OKTA.replace("aws-us-gov\"", "mars\""), 6, "mars"),
            ("[access]\nidentity_center_account = \"12\"\n".to_owned(), 2, "12 digits"),
            ("[access]\nassume = \"arn:aws:iam::111122223333:role/X\"\n".to_owned(), 2, "assume"),
            ("[access]\nnever_look_with = []\n".to_owned(), 2, "never_look_with"),
            ("[help]\ndenied = \"\"\n".to_owned(), 2, "help text"),
            ("[clusters.\"*\"]\nproxy_url = \"ftp://x\"\n".to_owned(), 2, "proxy_url"),
            ("[clusters.\"*\"]\nproxy_url = \"localhost:1080\"\n".to_owned(), 2, "proxy_url"),
            ("[clusters.\"*\"]\nserver = \"http://localhost:8443\"\n".to_owned(), 2, "server"),
            ("[clusters.\"*\"]\ntls_server_name = \"a b\"\n".to_owned(), 2, "tls_server_name"),
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
