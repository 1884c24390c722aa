//! What `eksso config show` shows: each setting with its value in force, and where that comes from.

use std::fmt;

use toml::{Table, Value};

use crate::domain::session::{Flow, Session};
use crate::domain::settings::config::Config;
use crate::domain::settings::keyring::{Backend, KernelCopy};
use crate::domain::settings::layers::{self, Origin as Layer, Setting, quoted};
use crate::domain::settings::policy::{Policy, Refused};
use crate::domain::text::without_password;
use crate::error::Result;
use crate::flows::settings::aws_files::aws_config_path;
use crate::flows::settings::environment::{endpoints, first, list_picker, no_color, no_input};
use crate::flows::settings::{Settings, unusable};
use crate::ports::World;

/// The flags that stand for settings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Flags<'f> {
    /// `--session`
    pub session: Option<&'f str>,
    /// `--keyring`
    pub keyring: Option<&'f str>,
    /// `--color`, where it is not `auto`
    pub color: Option<&'f str>,
    /// `--no-input`
    pub no_input: bool,
}

/// A setting as it is in force.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its name, with dots.
    pub key: String,
    /// Its value; `None` where it has none.
    pub value: Option<Value>,
    /// Where that comes from.
    pub origin: Layer,
    /// The file, the variable or the flag.
    pub place: Option<String>,
    /// Why commands refuse it.
    pub refused: Option<Why>,
}

/// Why commands refuse a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// The policy's rule, and its file.
    Rule(String),
    /// There is no such thing.
    Invalid(String),
}

impl Why {
    /// The rule, or what is wrong.
    pub fn text(&self) -> &str {
        match self {
            Self::Rule(text) | Self::Invalid(text) => text,
        }
    }
}

/// Behind the word "refused".
impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule(rule) => write!(f, "refused by {rule}"),
            Self::Invalid(why) => write!(f, "refused: {why}"),
        }
    }
}

/// All settings. What commands use is shown: what a policy binds is taken from it, and what it refuses is marked.
pub fn shown(world: &World, settings: &Settings, flags: Flags<'_>) -> Result<Vec<Shown>> {
    let broken = |error: toml::de::Error| unusable(&settings.path, error.message());
    let mut own: Table = toml::from_str(settings.text.as_deref().unwrap_or_default()).map_err(broken)?;
    let (none, policy) = (Table::new(), world.policy()?);
    let managed = settings.managed.as_ref().unwrap_or(&none);
    let defaults: Table = toml::from_str(&format!("{ELSEWHERE}{DEFAULTS}")).map_err(broken)?;
    let mut places: Vec<(&str, String)> = Vec::new();
    let usual = world.folders.config.join("config.toml");
    if settings.path != usual {
        // Another file's are ignored, so that a stranger's file cannot name a stranger's server.
        own.remove("endpoints");
        let (allowed, place) = endpoints(world)?;
        if !allowed.is_empty() {
            let allowed = allowed.iter().map(|endpoint| Value::from(endpoint.to_string()));
            own.insert("endpoints".to_owned(), allowed.collect::<Vec<_>>().into());
            places.push(("endpoints", place.display().to_string()));
        }
    }
    let mut found = layers::settings(&[(Layer::User, &own), (Layer::Managed, managed), (Layer::Default, &defaults)]);
    found.iter_mut().for_each(in_one_spelling);
    for key in UNSET {
        if found.iter().all(|setting| setting.key != key) {
            found.push(Setting { key: key.to_owned(), value: None, origin: Layer::Default });
        }
    }
    for (key, flag, option, variable) in [
        ("default_session", flags.session, "--session", "EKSSO_SESSION"),
        ("keyring", flags.keyring, "--keyring", "EKSSO_KEYRING"),
    ] {
        if let Some((value, origin)) = first(world, flag, variable) {
            set(&mut found, key, value.into(), origin);
            places.push((key, if origin == Layer::Flag { option } else { variable }.to_owned()));
        }
    }
    for (key, flag, option, variable) in [
        ("no_input", flags.no_input.then(|| true.into()), "--no-input", no_input(world)),
        ("color", flags.color.map(Value::from), "--color", no_color(world)),
        ("picker", None, "", list_picker(world)),
    ] {
        let flag = flag.map(|value| (value, Layer::Flag, option));
        if let Some((value, origin, place)) = flag.or(variable.map(|(name, value)| (value, Layer::Environment, name))) {
            set(&mut found, key, value, origin);
            places.push((key, place.to_owned()));
        }
    }
    // Sessions of the AWS configuration are used as they stand there.
    let (sessions, own) = (settings.sessions(world)?, settings.config.sessions().collect::<Vec<_>>());
    let aws_config = aws_config_path(world).display().to_string();
    for session in sessions.iter().filter(|session| own.iter().all(|own| own.name != session.name)) {
        let Some(region) = session.portal_region() else { continue };
        for (field, value) in [("start_url", session.address().to_owned()), ("region", region.to_string())] {
            let key = format!("sessions.{}.{field}", quoted(session.name.as_str()));
            found.push(Setting { key, value: Some(value.into()), origin: Layer::User });
        }
    }
    bind(&mut found, policy, &settings.config)?;
    found.iter_mut().filter_map(|setting| setting.value.as_mut()).for_each(hide_password);
    found.sort_by(|one, other| one.key.cmp(&other.key));
    let organisation = Settings::managed_place(world).display().to_string();
    let is_aws = |key: &str| {
        let name = |session: &Session| format!("sessions.{}.", quoted(session.name.as_str()));
        key.starts_with("sessions.") && !own.iter().any(|session| key.starts_with(&name(session)))
    };
    let place = |setting: &Setting| match setting.origin {
        Layer::Default => None,
        Layer::Managed => Some(organisation.clone()),
        Layer::Policy => policy.place().map(str::to_owned),
        Layer::User | Layer::Environment | Layer::Flag => {
            let other = places.iter().find(|(key, _)| *key == setting.key).map(|(_, place)| place.clone());
            let file = || if is_aws(&setting.key) { aws_config.clone() } else { settings.path.display().to_string() };
            Some(other.unwrap_or_else(file))
        }
    };
    let row = |setting: Setting| Shown {
        place: place(&setting),
        refused: refusal(policy, &sessions, &setting),
        key: setting.key,
        value: setting.value,
        origin: setting.origin,
    };
    Ok(found.into_iter().map(row).collect())
}

fn set(found: &mut Vec<Setting>, key: &str, value: Value, origin: Layer) {
    found.retain(|setting| setting.key != key);
    found.push(Setting { key: key.to_owned(), value: Some(value), origin });
}

/// Writes the rules of a policy over what they bind, as [`Policy::bind`] and its questions do for commands.
fn bind(found: &mut Vec<Setting>, policy: &Policy, in_force: &Config) -> Result<()> {
    for (key, value) in policy.rules() {
        let mut rule = Setting { key, value: Some(value), origin: Layer::Policy };
        in_one_spelling(&mut rule);
        let Setting { key, value: Some(value), .. } = rule else { continue };
        // The shorter time is in force, whoever says so: `60m` is `1h`.
        let time = value.as_str().and_then(|text| KernelCopy::try_from(text.to_owned()).ok());
        let is_longer = key == "kernel_key_cache" && time != Some(in_force.kernel_key_cache);
        // Care is added: a rule that asks for none takes none away.
        let own = found.iter().find(|setting| setting.key == key).and_then(|setting| setting.value.as_ref());
        let is_less = is_guard(&key, "confirm") && own.and_then(Value::as_bool) == Some(true);
        if !is_longer && !is_less {
            set(found, &key, value, Layer::Policy);
        }
    }
    if let Some(flow) = policy.flow(None)? {
        for setting in found.iter_mut().filter(|setting| setting.key.starts_with("sessions.")) {
            let bound: Value = match setting.key.rsplit('.').next() {
                Some("flow") => flow.name().into(),
                Some("forbid_device_flow") => (flow == Flow::Pkce).into(),
                _ => continue,
            };
            (setting.value, setting.origin) = (Some(bound), Layer::Policy);
        }
    }
    Ok(())
}

/// Why commands refuse a setting: the policy of this machine does, or there is no such thing.
fn refusal(policy: &Policy, sessions: &[Session], setting: &Setting) -> Option<Why> {
    let (key, text) = (setting.key.as_str(), setting.value.as_ref()?.as_str()?);
    let role = || policy.role(text.rsplit('/').next().unwrap_or(text)).err();
    let refused = match key {
        "keyring" => match text.parse::<Backend>() {
            Ok(backend) => policy.keyring(backend).err(),
            Err(why) => return Some(Why::Invalid(why)),
        },
        "default_session" if sessions.iter().all(|session| session.name.as_str() != text) => {
            return Some(Why::Invalid(format!("there is no session `{text}`")));
        }
        "access.assume" => role(),
        key if is_guard(key, "read_only_role") => role(),
        key if key.starts_with("sessions.") => {
            let is_its = |name: &str| ["start_url", "org_url"].map(|url| format!("sessions.{}.{url}", quoted(name)));
            let session = sessions.iter().find(|session| is_its(session.name.as_str()).iter().any(|own| own == key));
            policy.session(session?).err()
        }
        _ => None,
    };
    refused.map(|Refused { rule, .. }| Why::Rule(rule))
}

fn is_guard(key: &str, field: &str) -> bool {
    key.starts_with("contexts.") && key.rsplit('.').next() == Some(field)
}

/// A key that may be written in two ways is one setting.
fn in_one_spelling(setting: &mut Setting) {
    if let (true, Some(start)) = (setting.key.starts_with("contexts."), setting.key.strip_suffix(".read-only-role")) {
        setting.key = format!("{start}.read_only_role");
    }
}

/// Any URL may hold a password.
fn hide_password(value: &mut Value) {
    match value {
        Value::String(text) => *text = without_password(text).into_owned(),
        Value::Array(all) => all.iter_mut().for_each(hide_password),
        Value::Table(all) => all.iter_mut().for_each(|(_, value)| hide_password(value)),
        _ => {}
    }
}

/// What holds where nobody says anything; a test compares it with what an empty file comes to.
pub const DEFAULTS: &str = r#"keyring = "auto"
kernel_key_cache = "12h"
trail = "off"
offer_sign_in = true
regions = []
endpoints = []
context_name = "{account_name}/{cluster}:{role}"
profile_name = "{account_name}/{role}"
exec_api_version = "v1beta1"
[discovery]
never_look_with = ["*BreakGlass*"]
skip_accounts = []
skip_ous = []
"#;

/// What holds of settings that only flags and variables have.
const ELSEWHERE: &str = "no_input = false\ncolor = \"auto\"\npicker = \"screen\"\n";

/// Settings without a value of their own until somebody gives one. A test asks the parser for all settings that there are.
const UNSET: [&str; 8] = [
    "default_session",
    "flow",
    "help.denied",
    "help.sign_in",
    "discovery.look_with",
    "access.look_with",
    "access.identity_center_account",
    "access.assume",
];
