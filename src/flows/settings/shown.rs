//! What `eksso config show` shows: each setting with its value in force, and where that comes from.

use crate::domain::settings::config;
use crate::domain::settings::layers::{self, Origin as Layer, Setting};
use crate::error::Result;
use crate::flows::settings::{Settings, first, unusable};
use crate::ports::World;

/// The flags that stand for settings.
#[derive(Debug, Clone, Copy)]
pub struct Flags<'f> {
    /// `--session`
    pub session: Option<&'f str>,
    /// `--keyring`
    pub keyring: Option<&'f str>,
}

/// Each setting with its value, where that comes from, and the file, variable or flag. What commands use is shown: a value that
/// a policy binds is taken from the settings in force.
pub fn shown(world: &World, settings: &Settings, flags: Flags<'_>) -> Result<Vec<(Setting, Option<String>)>> {
    let broken = |error: toml::de::Error| unusable(&settings.path, error.message());
    let own: toml::Table = toml::from_str(&settings.text).map_err(broken)?;
    let (none, policy) = (toml::Table::new(), world.policy()?);
    let managed = settings.managed.as_ref().unwrap_or(&none);
    let defaults: toml::Table = toml::from_str(DEFAULTS).map_err(broken)?;
    let layers = [(Layer::User, &own), (Layer::Managed, managed), (Layer::Default, &defaults)];
    let mut found = layers::settings(&layers);
    for key in UNSET.into_iter().filter(|key| layers.iter().all(|(_, table)| !table.contains_key(*key))) {
        found.push(Setting { key: key.to_owned(), value: None, origin: Layer::Default });
    }
    let mut set = |key: &str, value: toml::Value, origin: Layer| {
        found.retain(|setting| setting.key != key);
        found.push(Setting { key: key.to_owned(), value: Some(value), origin });
    };
    let mut places = Vec::new();
    for (key, flag, option, variable) in [
        ("default_session", flags.session, "--session", "EKSSO_SESSION"),
        ("keyring", flags.keyring, "--keyring", "EKSSO_KEYRING"),
    ] {
        if let Some((value, origin)) = first(world, flag, variable) {
            set(key, value.into(), origin);
            places.push((key, if origin == Layer::Flag { option } else { variable }));
        }
    }
    for (key, value) in policy.rules() {
        // The shorter time is in force, whoever says so: `60m` is `1h`.
        let time = value.as_str().and_then(|text| config::KernelCopy::try_from(text.to_owned()).ok());
        if key == "kernel_key_cache" && time != Some(settings.config.kernel_key_cache) {
            continue;
        }
        set(&key, value, Layer::Policy);
    }
    for setting in &mut found {
        if let (true, Some(toml::Value::String(url))) = (is_proxy(&setting.key), &mut setting.value) {
            // A password may hold an `@` that nobody encoded.
            if let (Some((scheme, _)), Some((_, place))) = (url.split_once("://"), url.rsplit_once('@')) {
                *url = format!("{scheme}://REDACTED@{place}");
            }
        }
    }
    found.sort_by(|one, other| one.key.cmp(&other.key));
    let user = settings.path.display().to_string();
    let organisation = Settings::managed_place(world).display().to_string();
    let place = |setting: &Setting| match setting.origin {
        Layer::Default => None,
        Layer::Managed => Some(organisation.clone()),
        Layer::User => Some(user.clone()),
        Layer::Policy => policy.place().map(str::to_owned),
        Layer::Environment | Layer::Flag => {
            places.iter().find(|(key, _)| *key == setting.key).map(|(_, place)| (*place).to_owned())
        }
    };
    Ok(found.into_iter().map(|setting| (setting.clone(), place(&setting))).collect())
}

/// Whether a setting is a proxy's URL, which may hold a password.
fn is_proxy(key: &str) -> bool {
    key.starts_with("clusters.") && key.ends_with(".proxy_url")
}

/// What holds where nobody says anything; a test compares it with what an empty file comes to.
pub const DEFAULTS: &str = r#"keyring = "auto"
kernel_key_cache = "12h"
trail = "off"
regions = []
endpoints = []
context_name = "{account_name}/{cluster}:{role}"
exec_api_version = "v1beta1"
[discovery]
never_look_with = ["*BreakGlass*"]
skip_accounts = []
"#;

/// Settings without a value of their own until somebody gives one.
const UNSET: [&str; 2] = ["default_session", "flow"];
