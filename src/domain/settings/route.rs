//! How private clusters are reached: `[clusters."PATTERN"]` of `config.toml`.

use serde::{Deserialize, Deserializer, de};

use crate::domain::proxy::Proxy;
use crate::domain::text::without_password;
use crate::domain::url::is_safe_url;

/// How a private cluster is reached, written into the kubeconfig's cluster entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// `proxy-url`: the proxy that leads to it.
    #[serde(default, deserialize_with = "proxy_url")]
    pub proxy_url: Option<String>,
    /// `tls-server-name`: the name in its certificate, where the server's address is another one.
    #[serde(default, deserialize_with = "host_name")]
    pub tls_server_name: Option<String>,
    /// `server`: the address in place of the cluster's endpoint, such as that of a port forward.
    #[serde(default, deserialize_with = "server")]
    pub server: Option<String>,
}

/// A proxy as kubectl takes one. Its reason never repeats the text, which may hold a password.
fn proxy_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_kubectls = ["http://", "https://", "socks5://"].iter().any(|scheme| text.starts_with(scheme));
    match Proxy::parse(&text) {
        Ok(_) if is_kubectls => Ok(Some(text)),
        Ok(_) => Err(de::Error::custom("`proxy_url` begins with http://, https:// or socks5://")),
        Err(why) => Err(de::Error::custom(format!("`proxy_url`: {why}"))),
    }
}

fn server<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    match text.starts_with("https://") && is_safe_url(&text) {
        true => Ok(Some(text)),
        false => Err(de::Error::custom(format!(
            "`{}` is no https URL; `server` takes such as \"https://localhost:8443\"",
            without_password(&text)
        ))),
    }
}

fn host_name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    match !text.is_empty() && text.len() <= 253 && text.chars().all(is_name) {
        true => Ok(Some(text)),
        false => Err(de::Error::custom(format!(
            "`{text}` is no host's name; `tls_server_name` takes that of the certificate"
        ))),
    }
}
