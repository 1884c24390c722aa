//! What `eksso config show` shows: each setting with its value in force, and where that comes from.

use toml::{Table, Value};

use crate::domain::session::Flow;
use crate::domain::settings::config::{self, Backend, Config};
use crate::domain::settings::layers::{self, Origin as Layer, Setting, quoted};
use crate::domain::settings::policy::{Policy, Refused};
use crate::domain::text::without_password;
use crate::error::Result;
use crate::flows::settings::{Settings, endpoints, first, unusable};
use crate::ports::World;

/// The flags that stand for settings.
#[derive(Debug, Clone, Copy)]
pub struct Flags<'f> {
    /// `--session`
    pub session: Option<&'f str>,
    /// `--keyring`
    pub keyring: Option<&'f str>,
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
    /// Why commands refuse it: the policy's rule, and its file.
    pub refused: Option<String>,
}

/// All settings. What commands use is shown: what a policy binds is taken from it, and what it refuses is marked.
pub fn shown(world: &World, settings: &Settings, flags: Flags<'_>) -> Result<Vec<Shown>> {
    let broken = |error: toml::de::Error| unusable(&settings.path, error.message());
    let mut own: Table = toml::from_str(settings.text.as_deref().unwrap_or_default()).map_err(broken)?;
    let (none, policy) = (Table::new(), world.policy()?);
    let managed = settings.managed.as_ref().unwrap_or(&none);
    let defaults: Table = toml::from_str(DEFAULTS).map_err(broken)?;
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
    bind(&mut found, policy, &settings.config)?;
    found.iter_mut().filter_map(|setting| setting.value.as_mut()).for_each(hide_password);
    found.sort_by(|one, other| one.key.cmp(&other.key));
    let organisation = Settings::managed_place(world).display().to_string();
    let place = |setting: &Setting| match setting.origin {
        Layer::Default => None,
        Layer::Managed => Some(organisation.clone()),
        Layer::Policy => policy.place().map(str::to_owned),
        Layer::User | Layer::Environment | Layer::Flag => {
            let other = places.iter().find(|(key, _)| *key == setting.key).map(|(_, place)| place.clone());
            Some(other.unwrap_or_else(|| settings.path.display().to_string()))
        }
    };
    let row = |setting: Setting| Shown {
        place: place(&setting),
        refused: refusal(policy, &settings.config, &setting).map(|refused| refused.rule),
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
        let time = value.as_str().and_then(|text| config::KernelCopy::try_from(text.to_owned()).ok());
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

/// What the policy of this machine refuses of a setting, so that commands do.
fn refusal(policy: &Policy, config: &Config, setting: &Setting) -> Option<Refused> {
    let (key, text) = (setting.key.as_str(), setting.value.as_ref()?.as_str()?);
    let role = || policy.role(text.rsplit('/').next().unwrap_or(text)).err();
    match key {
        "keyring" => policy.keyring(text.parse::<Backend>().ok()?).err(),
        "access.assume" => role(),
        key if is_guard(key, "read_only_role") => role(),
        key if key.starts_with("sessions.") => {
            let is_its = |name: &str| ["start_url", "org_url"].map(|url| format!("sessions.{}.{url}", quoted(name)));
            let session = config.sessions().find(|session| is_its(session.name.as_str()).iter().any(|own| own == key));
            policy.session(&session?).err()
        }
        _ => None,
    }
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
