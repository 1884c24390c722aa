//! Where settings come from. A higher layer goes before a lower one, key by key; what stands in none of them has its default.

use std::fmt;

use serde::{Serialize, Serializer};
use toml::{Table, Value};

/// Where the value of a setting comes from, the lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nobody said anything.
    Default,
    /// The organisation's file, as `eksso setup` installed it.
    Managed,
    /// config.toml.
    User,
    /// A variable.
    Environment,
    /// The command line.
    Flag,
    /// The policy of the machine.
    Policy,
}

impl Origin {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Managed => "managed",
            Self::User => "user",
            Self::Environment => "environment",
            Self::Flag => "flag",
            Self::Policy => "policy",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Tables whose entries are taken whole: half a session of one file and half of another are none.
const NAMED: [&str; 4] = ["sessions", "filters", "contexts", "clusters"];

/// One layer over another.
pub fn over(upper: &Table, lower: &Table) -> Table {
    let mut merged = upper.clone();
    for (key, below) in lower {
        match (merged.get_mut(key), below) {
            (None, below) => {
                merged.insert(key.clone(), below.clone());
            }
            (Some(Value::Table(above)), Value::Table(below)) => {
                for (key, below) in below {
                    above.entry(key.clone()).or_insert_with(|| below.clone());
                }
            }
            (Some(_), _) => {}
        }
    }
    merged
}

/// A setting, its value, and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its name, with dots: `discovery.skip_accounts`, `sessions.corp.region`.
    pub key: String,
    /// Its value; `None` where it has none.
    pub value: Option<Value>,
    /// Where that comes from.
    pub origin: Origin,
}

/// The settings of layers, the highest first, by name.
pub fn settings(layers: &[(Origin, &Table)]) -> Vec<Setting> {
    let mut found: Vec<Setting> = Vec::new();
    for (place, (origin, table)) in layers.iter().enumerate() {
        let above = &layers[..place];
        for (key, value) in *table {
            match value {
                Value::Table(entries) => {
                    for (name, value) in entries {
                        let is_set =
                            |(_, table): &(Origin, &Table)| table.get(key).and_then(|table| table.get(name)).is_some();
                        if above.iter().any(is_set) {
                            continue;
                        }
                        let at = format!("{key}.{}", quoted(name));
                        match value {
                            Value::Table(fields) if NAMED.contains(&key.as_str()) => {
                                for (field, value) in fields {
                                    let key = format!("{at}.{}", quoted(field));
                                    found.push(Setting { key, value: Some(value.clone()), origin: *origin });
                                }
                            }
                            value => found.push(Setting { key: at, value: Some(value.clone()), origin: *origin }),
                        }
                    }
                }
                value if above.iter().all(|(_, table)| !table.contains_key(key)) => {
                    found.push(Setting { key: key.clone(), value: Some(value.clone()), origin: *origin });
                }
                _ => {}
            }
        }
    }
    found
}

/// A key as TOML takes it.
pub fn quoted(key: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match !key.is_empty() && key.chars().all(is_bare) {
        true => key.to_owned(),
        false => Value::from(key).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        text.parse().expect("TOML")
    }

    #[test]
    fn a_key_of_the_higher_layer_wins_and_entries_are_taken_whole() {
        let upper =
            table("regions = [\"eu-west-1\"]\n[sessions.corp]\nstart_url = \"a\"\n[discovery]\nlook_with = [\"V\"]\n");
        let lower = table(
            "regions = [\"us-east-1\"]\ndefault_session = \"corp\"\n[sessions.corp]\nstart_url = \"b\"\nregion = \"r\"\n\
             [sessions.lab]\nstart_url = \"c\"\n[discovery]\nlook_with = [\"W\"]\nskip_accounts = [\"x\"]\n[contexts.\"prod*\"]\nconfirm = true\n",
        );
        let merged = over(&upper, &lower);
        assert_eq!(
            merged,
            table(
                "regions = [\"eu-west-1\"]\ndefault_session = \"corp\"\n[sessions.corp]\nstart_url = \"a\"\n[sessions.lab]\nstart_url = \"c\"\n\
                 [discovery]\nlook_with = [\"V\"]\nskip_accounts = [\"x\"]\n[contexts.\"prod*\"]\nconfirm = true\n"
            )
        );
        let found = settings(&[(Origin::User, &upper), (Origin::Managed, &lower)]);
        let rows: Vec<String> = found.iter().map(|found| format!("{} {}", found.key, found.origin)).collect();
        let mut sorted = rows.clone();
        sorted.sort();
        assert_eq!(
            sorted,
            [
                "contexts.\"prod*\".confirm managed",
                "default_session managed",
                "discovery.look_with user",
                "discovery.skip_accounts managed",
                "regions user",
                "sessions.corp.start_url user",
                "sessions.lab.start_url managed",
            ]
        );
    }

    #[test]
    fn what_is_shown_of_layers_is_what_they_come_to() {
        let upper = table("regions = [\"a\"]\n[sessions.corp]\nstart_url = \"a\"\n[help]\ndenied = \"x\"\n");
        let lower =
            table("[sessions.corp]\nregion = \"r\"\n[help]\nsign_in = \"y\"\n[filters.\"m n\"]\nrole = [\"R\"]\n");
        let shown: String = settings(&[(Origin::User, &upper), (Origin::Managed, &lower)])
            .into_iter()
            .map(|found| format!("{} = {}\n", found.key, found.value.expect("a value")))
            .collect();
        assert_eq!(table(&shown), over(&upper, &lower), "{shown}");
    }
}
