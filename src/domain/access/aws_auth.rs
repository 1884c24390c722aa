//! The ConfigMap `kube-system/aws-auth`: a string of YAML in each key. Source: protocols.md D.1.

use serde_yaml::{Mapping, Value};

use crate::domain::access::Entry;

/// Reads `mapRoles` and `mapAccounts` as the authenticator does: keys of an entry in any case, what is no entry skipped. An
/// account is an entry for its `root` ARN.
///
/// # Errors
/// A value that is no YAML list, in words.
pub fn parse(roles: &str, accounts: &str, partition: &str) -> Result<Vec<Entry>, String> {
    let mut entries: Vec<Entry> = list("mapRoles", roles)?.iter().filter_map(role).collect();
    let ids = list("mapAccounts", accounts)?;
    let ids = ids.iter().filter_map(|id| id.as_str().map(str::to_owned).or_else(|| Some(id.as_u64()?.to_string())));
    entries.extend(ids.map(|id| Entry {
        principal: format!("arn:{partition}:iam::{id}:root"),
        user: String::new(),
        groups: Vec::new(),
        policies: Vec::new(),
    }));
    Ok(entries)
}

fn list(key: &str, text: &str) -> Result<Vec<Value>, String> {
    let text = text.trim();
    if ["", "''", "\"\"", "``"].contains(&text) {
        return Ok(Vec::new());
    }
    match serde_yaml::from_str(text) {
        Ok(Value::Sequence(list)) => Ok(list),
        Ok(Value::Null) => Ok(Vec::new()),
        Ok(_) => Err(format!("{key} of aws-auth is not a list")),
        Err(error) => Err(format!("{key} of aws-auth is not YAML: {error}")),
    }
}

fn role(value: &Value) -> Option<Entry> {
    let entry = value.as_mapping()?;
    let principal = text(get(entry, "rolearn")?)?;
    let groups = get(entry, "groups").and_then(Value::as_sequence);
    Some(Entry {
        principal,
        user: get(entry, "username").and_then(text).unwrap_or_default(),
        groups: groups.map(|groups| groups.iter().filter_map(text).collect()).unwrap_or_default(),
        policies: Vec::new(),
    })
}

fn get<'v>(entry: &'v Mapping, name: &str) -> Option<&'v Value> {
    let found = entry.iter().find(|(key, _)| key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name)));
    found.map(|(_, value)| value)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_as_the_authenticator_reads_them() {
        let roles = "- rolearn: arn:aws:iam::111122223333:role/Dev\n  username: dev:{{SessionName}}\n  groups: [dev]\n\
                     - RoleARN: arn:aws:iam::111122223333:role/Ops\n- username: nobody\n- 7\n";
        let entries = parse(roles, "- \"444455556666\"\n- 111122223333\n", "aws").expect("entries");
        let names: Vec<&str> = entries.iter().map(|entry| entry.principal.as_str()).collect();
        assert_eq!(
            names,
            [
                "arn:aws:iam::111122223333:role/Dev",
                "arn:aws:iam::111122223333:role/Ops",
                "arn:aws:iam::444455556666:root",
                "arn:aws:iam::111122223333:root"
            ]
        );
        assert_eq!(
            (entries[0].user.as_str(), entries[0].groups.as_slice()),
            ("dev:{{SessionName}}", &["dev".to_owned()][..])
        );
        for empty in ["", "''", "\"\"", "``"] {
            assert_eq!(parse(empty, "", "aws"), Ok(Vec::new()));
        }
        assert!(parse("rolearn: x", "", "aws").is_err());
        assert!(parse("- [", "", "aws").is_err());
    }
}
