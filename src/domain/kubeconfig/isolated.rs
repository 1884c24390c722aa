//! A kubeconfig with one context and nothing else, for one shell or one command.

use std::path::{MAIN_SEPARATOR, PathBuf};

use serde_yaml::Value;

use crate::domain::identity::Identity;
use crate::domain::kubeconfig::entries::{boolean, mapping, marked, with_role as ask_for};

/// Fields that are true or false. The writer knows version 1.2 of YAML only, where a plain `yes` is text.
const BOOLEANS: [(&str, &str); 3] =
    [("", "insecure-skip-tls-verify"), ("", "disable-compression"), ("exec", "provideClusterInfo")];

/// An entry as it means to kubectl, and the folder of the file that holds it: relative paths in it start there.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its body.
    pub body: Value,
    /// The folder, absolute.
    pub folder: PathBuf,
}

/// The text of a kubeconfig with this context, cluster and user; a context may have none, and is nobody then.
pub fn lean(mut context: Entry, cluster: Entry, user: Option<Entry>, namespace: Option<&str>) -> String {
    if let (Some(namespace), Some(body)) = (namespace, context.body.as_mapping_mut()) {
        body.insert("namespace".into(), namespace.into());
    }
    let user = user.map(|user| list("user", settled(user, &["client-certificate", "client-key", "tokenFile"])));
    let config = mapping([
        ("apiVersion", "v1".into()),
        ("kind", "Config".into()),
        ("current-context", context.name.as_str().into()),
        ("clusters", list("cluster", settled(cluster, &["certificate-authority"]))),
        ("contexts", list("context", context)),
        ("users", user.unwrap_or_else(|| Value::Sequence(Vec::new()))),
    ]);
    crate::domain::kubeconfig::emit::yaml(&config)
}

/// Makes a user of ours, and its context, ask for another role of the same account.
pub fn with_role(context: &mut Entry, user: &mut Entry, identity: &Identity) -> Option<()> {
    ask_for(&mut user.body, identity.role.as_str())?;
    user.name = identity.user_name();
    let body = context.body.as_mapping_mut()?;
    let extensions = marked(body.get("extensions").cloned(), identity);
    body.insert("extensions".into(), extensions);
    body.insert("user".into(), user.name.as_str().into());
    Some(())
}

fn list(key: &str, entry: Entry) -> Value {
    Value::Sequence(vec![mapping([("name", entry.name.as_str().into()), (key, entry.body)])])
}

/// An entry that means the same in another folder.
fn settled(mut entry: Entry, paths: &[&str]) -> Entry {
    let folder = entry.folder.clone();
    let fix = |value: &mut Value, always: bool| {
        let Some(path) = value.as_str().filter(|path| !path.is_empty() && (always || path.contains(MAIN_SEPARATOR)))
        else {
            return;
        };
        // Joining leaves an absolute path as it is. Of its parts it is put together with one kind of separator, without `.`.
        if let Some(joined) = folder.join(path).components().collect::<PathBuf>().to_str() {
            *value = joined.into();
        }
    };
    paths.iter().for_each(|key| {
        if let Some(value) = entry.body.get_mut(*key) {
            fix(value, true);
        }
    });
    // A command without a separator is looked up in PATH. Source: client-go, tools/clientcmd/loader.go.
    if let Some(command) = entry.body.get_mut("exec").and_then(|exec| exec.get_mut("command")) {
        fix(command, false);
    }
    for (place, key) in BOOLEANS {
        let inner = if place.is_empty() { Some(&mut entry.body) } else { entry.body.get_mut(place) };
        let Some(value) = inner.and_then(|inner| inner.get_mut(key)) else { continue };
        if let Some(read) = boolean(value) {
            *value = read.into();
        }
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
            folder: "/home/u/.kube".into(),
        };
        let text = lean(
            entry("c", "{cluster: k, user: u}"),
            entry("k", "{server: https://k, certificate-authority: ca.pem, insecure-skip-tls-verify: on}"),
            Some(entry("u", "{client-key: /abs/key, exec: {command: ./plugin}, tokenFile: t}")),
            Some("ns"),
        );
        // On Windows a command with slashes alone is no path of the file's, as to client-go.
        let plugin = if cfg!(windows) { "command: ./plugin" } else { "command: /home/u/.kube/plugin" };
        // A path with backslashes stands in quotes.
        let text = text.replace('\\', "/").replace('\'', "");
        for part in [
            "current-context: c",
            "certificate-authority: /home/u/.kube/ca.pem",
            "client-key: /abs/key",
            plugin,
            "tokenFile: /home/u/.kube/t",
            "namespace: ns",
            "insecure-skip-tls-verify: true",
        ] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}
