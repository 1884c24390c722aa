//! What kubectl says of itself, and its policy for credential plugins.
//!
//! Source: kubectl v0.35 `pkg/kuberc/kuberc.go` (place of the file), client-go v0.35 and v0.36
//! `plugin/pkg/client/auth/exec/exec.go`, `checkAllowlistLocked` and `validateAllowlist` (the rules). Entries were called
//! `name` in 1.35 and are called `command` since 1.36.

use serde_yaml::Value;

/// kubectl's minor version of 1.x, from `kubectl version --client -o json`, and the version in words.
pub fn version(json: &str) -> Option<(u32, String)> {
    let json: serde_json::Value = serde_json::from_str(json).ok()?;
    let words = json.pointer("/clientVersion/gitVersion")?.as_str()?.to_owned();
    let minor = words.strip_prefix("v1.")?.split(['.', '-', '+']).next()?.parse().ok()?;
    Some((minor, words))
}

/// Which plugins kubectl may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PluginPolicy {
    /// All of them.
    All,
    /// None.
    None,
    /// Those of a list.
    List(Vec<String>),
    /// kubectl refuses to run any plugin, as the file contradicts itself.
    Broken(&'static str),
}

/// Reads a kuberc file.
pub fn policy(kuberc: &Value) -> PluginPolicy {
    let word = kuberc.get("credentialPluginPolicy").and_then(Value::as_str).unwrap_or_default();
    let list = kuberc.get("credentialPluginAllowlist").filter(|list| !list.is_null());
    match (word, list) {
        ("" | "AllowAll", None) => PluginPolicy::All,
        ("DenyAll", None) => PluginPolicy::None,
        ("" | "AllowAll" | "DenyAll", Some(_)) => {
            PluginPolicy::Broken("it has an allow-list, but its policy is not Allowlist")
        }
        ("Allowlist", list) => {
            let entries = list.and_then(Value::as_sequence).map(Vec::as_slice).unwrap_or_default();
            let text = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).map(str::to_owned);
            let names: Vec<String> =
                entries.iter().filter_map(|entry| text(entry, "command").or_else(|| text(entry, "name"))).collect();
            match names.len() {
                0 => PluginPolicy::Broken("its policy is Allowlist, but the list is empty"),
                _ => PluginPolicy::List(names),
            }
        }
        _ => PluginPolicy::Broken("its credentialPluginPolicy is none that kubectl knows"),
    }
}

/// Whether an entry of the list lets a command run that was found at `path`; `resolve` finds programs as kubectl does.
pub fn allows(entries: &[String], command: &str, path: &str, resolve: impl Fn(&str) -> Option<String>) -> bool {
    let file = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    entries.iter().any(|entry| {
        entry == command || entry == path || file(entry) == file(path) && resolve(entry).as_deref() == Some(path)
    })
}

/// The lines that let kubectl run a command, for its version.
pub fn snippet(command: &str, minor: Option<u32>) -> String {
    let key = if minor.is_some_and(|minor| minor <= 35) { "name" } else { "command" };
    format!("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- {key}: {command}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_read_as_kubectl_reads_them() {
        let read = |text: &str| policy(&serde_yaml::from_str(text).expect("YAML"));
        assert_eq!(read("kind: Preference"), PluginPolicy::All);
        assert_eq!(read("credentialPluginPolicy: DenyAll"), PluginPolicy::None);
        for key in ["name", "command"] {
            let text = format!("credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- {key}: eksso\n");
            assert_eq!(read(&text), PluginPolicy::List(vec!["eksso".to_owned()]));
            assert_eq!(read(&snippet("eksso", Some(if key == "name" { 35 } else { 36 }))), read(&text));
        }
        for text in [
            "credentialPluginPolicy: Allowlist",
            "credentialPluginPolicy: AllowAll\ncredentialPluginAllowlist: []",
            "credentialPluginPolicy: Some",
        ] {
            assert!(matches!(read(text), PluginPolicy::Broken(_)), "{text}");
        }
    }

    #[test]
    fn a_list_allows_the_command_its_path_and_what_resolves_to_it() {
        let resolve = |entry: &str| (entry == "eksso").then(|| "/usr/bin/eksso".to_owned());
        let allows = |entry: &str, command: &str, path: &str| allows(&[entry.to_owned()], command, path, resolve);
        assert!(allows("eksso", "eksso", "/usr/bin/eksso"));
        assert!(allows("/usr/bin/eksso", "eksso", "/usr/bin/eksso"));
        assert!(allows("eksso", "/usr/bin/eksso", "/usr/bin/eksso"));
        assert!(!allows("eksso", "/opt/eksso", "/opt/eksso"));
        assert!(!allows("aws", "eksso", "/usr/bin/eksso"));
    }

    #[test]
    fn versions_are_those_of_the_client() {
        let json = r#"{"clientVersion":{"major":"1","minor":"35","gitVersion":"v1.35.4"}}"#;
        assert_eq!(version(json), Some((35, "v1.35.4".to_owned())));
        assert_eq!(version("v1.35.4"), None);
    }
}
