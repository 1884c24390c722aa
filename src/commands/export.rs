//! `eksso export`: contexts of eksso as a kubeconfig for others.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::cli::ExportArgs;
use crate::commands::shared::address::address;
use crate::commands::shared::call::Call;
use crate::domain::identity::Identity;
use crate::domain::kubeconfig::{Handed, List, Plugin, export, plugin_of};
use crate::domain::text::escape;
use crate::error::{Error, Kind, Result};
use crate::flows::access::verify::{Address, Route};
use crate::flows::kubeconfig::contexts::{Kubeconfigs, matching};

/// Runs `eksso export`: prints a context for another tool.
pub fn run(call: &Call<'_>, args: &ExportArgs) -> Result<()> {
    let (world, settings) = (call.world, call.settings()?);
    let wanted = |files: &Kubeconfigs| matching(files, &args.contexts, "export").is_ok();
    let files = Kubeconfigs::open_outer_with(world, call.globals.kubeconfig.as_deref(), wanted)?;
    let names: Vec<String> = match args.contexts.as_slice() {
        [] => {
            let wanted = call.globals.session.as_deref();
            let is_wanted = |own: &Identity| wanted.is_none_or(|wanted| own.session.as_str() == wanted);
            let all = files.contexts().into_iter();
            all.filter(|found| found.identity.as_ref().is_some_and(is_wanted)).map(|found| found.name).collect()
        }
        patterns => call.matching(&files, patterns, "export")?.into_iter().map(str::to_owned).collect(),
    };
    let (mut handed, mut sessions) = (Vec::new(), BTreeSet::new());
    for name in &names {
        match hand(&files, call, name) {
            Ok(context) => {
                sessions.insert(context.identity.session.clone());
                handed.push(context);
            }
            // What was named is wanted; what a glob took in besides is not worth the others.
            Err(error) if args.contexts.contains(name) => return Err(error),
            Err(error) => call.voice.warn(world, &format!("`{name}` is left out: {error}")),
        }
    }
    if handed.is_empty() {
        return Err(
            Error::new(Kind::NotFound, "there is no context of eksso to hand on").hint("eksso add  # writes them")
        );
    }
    let mut comment =
        vec!["Contexts of eksso; there is no secret in here. Sign in once, then kubectl works:".to_owned()];
    for name in &sessions {
        // A session that is not known here any more is one all the same to whoever knows it.
        let line =
            settings.session(world, name).map_or_else(|_| format!("eksso login {name}"), |known| known.invitation());
        comment.push(format!("  {}", escape(&line)));
    }
    world.terminal.data(&export(&handed, &comment))
}

fn hand(files: &Kubeconfigs, call: &Call<'_>, name: &str) -> Result<Handed> {
    let entry = files.require(name, "export")?;
    let foreign =
        || Error::usage(format!("the context `{name}` was not written by eksso")).cause("its user may hold secrets");
    let identity = entry.identity.ok_or_else(foreign)?;
    call.world.policy()?.roles(&identity.role, identity.assume.as_ref())?;
    if entry.until.is_some() {
        return Err(Error::usage(format!("the context `{name}` is a role with an end, which is nobody else's")));
    }
    let body = files.meaning(List::Contexts, name)?.unwrap_or_default();
    let text = |key: &str| body.get(key).and_then(|value| value.as_str()).filter(|text| !text.is_empty());
    let user = text("user").map(|user| files.meaning(List::Users, user)).transpose()?.flatten();
    let known = user.as_ref().and_then(plugin_of).ok_or_else(foreign)?;
    let signed_for = known.cluster_id.clone().unwrap_or_else(|| identity.cluster.to_string());
    let address = address(call.world, files, text("cluster").unwrap_or_default(), signed_for)?;
    let plugin = Plugin { command: "eksso".to_owned(), ..known };
    let namespace = text("namespace").map(str::to_owned);
    Ok(Handed { name: name.to_owned(), cluster: fields(call, name, address)?, identity, namespace, plugin })
}

/// Where the cluster is. The credentials of a proxy are the user's own.
fn fields(call: &Call<'_>, name: &str, address: Address) -> Result<Vec<(&'static str, String)>> {
    let Address { endpoint, route: Route { ca, proxy, server_name, insecure }, .. } = address;
    if insecure {
        return Err(Error::usage(format!("the context `{name}` checks no certificate (insecure-skip-tls-verify)"))
            .cause("whoever gets it would trust anybody who answers for that cluster")
            .hint("eksso sync  # writes the cluster's CA"));
    }
    if endpoint.contains('@') {
        return Err(Error::usage(format!("the server of `{name}` holds a user name or a password"))
            .hint("eksso sync  # writes the cluster's own address"));
    }
    let mut found = vec![("server", endpoint)];
    if let Some(ca) = ca {
        let certificates = certificates(&ca).ok_or_else(|| {
            Error::usage(format!("the certificate authority of `{name}` holds no certificate"))
                .hint("eksso sync  # writes the cluster's CA")
        })?;
        found.push(("certificate-authority-data", STANDARD.encode(certificates)));
    }
    found.extend(server_name.map(|server_name| ("tls-server-name", server_name)));
    match proxy {
        Some(proxy) if proxy.contains('@') => {
            call.voice.warn(call.world, &format!("`{name}`: its proxy-url holds credentials, and is left out"));
        }
        proxy => found.extend(proxy.map(|proxy| ("proxy-url", proxy))),
    }
    Ok(found)
}

/// The certificates of a file, and nothing else: private keys often stand beside them.
fn certificates(pem: &[u8]) -> Option<String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let text = String::from_utf8_lossy(pem);
    let mut found = String::new();
    for part in text.split(BEGIN).skip(1) {
        let (body, _) = part.split_once(END)?;
        found.extend([BEGIN, body, END, "\n"]);
    }
    Some(found).filter(|found| !found.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_certificates_is_handed_on() {
        let one = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";
        let key = "-----BEGIN PRIVATE KEY-----\nBB==\n-----END PRIVATE KEY-----\n";
        assert_eq!(certificates(one.as_bytes()).as_deref(), Some(one));
        assert_eq!(certificates(format!("{key}# mine\n{one}{key}{one}").as_bytes()), Some(format!("{one}{one}")));
        assert_eq!(certificates(key.as_bytes()), None);
    }
}
