//! Where a context's cluster is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_yaml::Value;

use crate::domain::identity::Identity;
use crate::domain::ids::ClusterId;
use crate::domain::kubeconfig::{Entry, List, plugin_of};
use crate::error::{Error, Kind, Result};
use crate::flows::access::verify::{Address, Route};
use crate::flows::kubeconfig::contexts::Kubeconfigs;
use crate::ports::World;

const MAX_CA: u64 = 1 << 20;

/// Where a context's cluster is, and what its tokens are signed for: as its user asks eksso for them.
pub fn address_of(world: &World, files: &Kubeconfigs, context: &str, identity: &Identity) -> Result<Address> {
    let body = files.body(List::Contexts, context)?.unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let user = text("user").map(|user| files.body(List::Users, user)).transpose()?.flatten();
    let plugin = user.as_ref().and_then(plugin_of);
    let id = plugin.and_then(|plugin| plugin.cluster_id).map(|id| id.parse::<ClusterId>()).transpose()?;
    let signed_for = id.map_or_else(|| identity.cluster.to_string(), |id| id.to_string());
    address(world, files, text("cluster").unwrap_or_default(), signed_for)
}

/// Where the kubeconfig says that the cluster is, and how it is reached: read as client-go reads it.
pub fn address(world: &World, files: &Kubeconfigs, name: &str, signed_for: String) -> Result<Address> {
    let broken = |what: &str| {
        Error::new(Kind::NotFound, format!("the kubeconfig's cluster entry `{name}` has no {what}"))
            .hint("eksso sync  # writes it anew")
    };
    let Entry { body, folder, .. } = files.entry(List::Clusters, name)?.ok_or_else(|| broken("content"))?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    // The data wins over the file, which is relative to the kubeconfig that names it; without both it is the machine's trust.
    let ca = match (text("certificate-authority-data"), text("certificate-authority")) {
        (Some(data), _) => Some(STANDARD.decode(data.trim()).map_err(|_| broken("CA that is base64"))?),
        (None, Some(path)) => {
            let content = world.files.read(&folder.join(path), MAX_CA)?;
            Some(content.ok_or_else(|| broken("CA file that is there"))?)
        }
        (None, None) => None,
    };
    let insecure = body.get("insecure-skip-tls-verify").and_then(Value::as_bool).unwrap_or_default();
    if insecure && ca.is_some() {
        let fact = format!("the kubeconfig's cluster entry `{name}` has both a CA and insecure-skip-tls-verify");
        return Err(Error::new(Kind::Failed, fact)
            .cause("kubectl refuses that, too")
            .hint("eksso sync  # writes it anew"));
    }
    let owned = |key: &str| text(key).map(str::to_owned);
    let route = Route { ca, proxy: owned("proxy-url"), server_name: owned("tls-server-name"), insecure };
    Ok(Address { endpoint: owned("server").ok_or_else(|| broken("server"))?, route, signed_for })
}
