//! A kubeconfig with one context and nothing else, for one shell or one command.

use std::path::Path;

use serde_yaml::{Mapping, Value};

use crate::domain::identity::Identity;
use crate::domain::kubeconfig::entries::mapping;

/// An entry, and the folder of the file that holds it: relative paths in it start there.
#[derive(Debug, Clone)]
pub struct Entry<'f> {
    /// Its name.
    pub name: String,
    /// Its body.
    pub body: Value,
    /// The folder.
    pub folder: &'f Path,
}

/// The text of a kubeconfig with this context, cluster and user.
pub fn lean(mut context: Entry<'_>, cluster: Entry<'_>, user: Entry<'_>, namespace: Option<&str>) -> String {
    if let (Some(namespace), Some(body)) = (namespace, context.body.as_mapping_mut()) {
        body.insert("namespace".into(), namespace.into());
    }
    let config = mapping([
        ("apiVersion", "v1".into()),
        ("kind", "Config".into()),
        ("current-context", context.name.as_str().into()),
        ("clusters", list("cluster", absolute(cluster, &["certificate-authority"]))),
        ("contexts", list("context", context)),
        ("users", list("user", absolute(user, &["client-certificate", "client-key", "tokenFile"]))),
    ]);
    crate::domain::kubeconfig::emit::yaml(&config)
}

/// Makes a user of ours, and its context, ask for another role.
pub fn with_identity(context: &mut Entry<'_>, user: &mut Entry<'_>, identity: &Identity) -> Option<()> {
    let plugin = crate::domain::kubeconfig::entries::plugin_of(&user.body)?;
    let login: Mapping = user.body.as_mapping()?.clone();
    user.body["exec"] = crate::domain::kubeconfig::entries::exec(identity, &plugin, &login);
    user.name = identity.user_name();
    let mut body = context.body.as_mapping()?.clone();
    body.insert("user".into(), user.name.as_str().into());
    context.body = crate::domain::kubeconfig::entries::marked(body, identity);
    Some(())
}

fn list(key: &str, entry: Entry<'_>) -> Value {
    Value::Sequence(vec![mapping([("name", entry.name.as_str().into()), (key, entry.body)])])
}

fn absolute<'f>(mut entry: Entry<'f>, keys: &[&str]) -> Entry<'f> {
    let folder = entry.folder;
    let fix = |value: &mut Value, always: bool| {
        let Some(path) = value.as_str().filter(|path| !path.is_empty() && (always || path.contains(['/', '\\'])))
        else {
            return;
        };
        // Joining leaves an absolute path as it is.
        if let Some(joined) = folder.join(path).to_str() {
            *value = joined.into();
        }
    };
    keys.iter().for_each(|key| {
        if let Some(value) = entry.body.get_mut(*key) {
            fix(value, true);
        }
    });
    // A command without a separator is looked up in PATH.
    if let Some(command) = entry.body.get_mut("exec").and_then(|exec| exec.get_mut("command")) {
        fix(command, false);
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_relative_to_the_file_still_leads_there() {
        let entry = |name: &str, yaml: &str| Entry {
            name: name.into(),
            body: serde_yaml::from_str(yaml).expect("YAML"),
            folder: Path::new("/home/u/.kube"),
        };
        let text = lean(
            entry("c", "{cluster: k, user: u}"),
            entry("k", "{server: https://k, certificate-authority: ca.pem}"),
            entry("u", "{client-key: /abs/key, exec: {command: ./plugin}, tokenFile: t}"),
            Some("ns"),
        );
        for part in [
            "current-context: c",
            "certificate-authority: /home/u/.kube/ca.pem",
            "client-key: /abs/key",
            "command: /home/u/.kube/./plugin",
            "tokenFile: /home/u/.kube/t",
            "namespace: ns",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}
