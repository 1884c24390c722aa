//! The ConfigMap `kube-system/aws-auth`: a string of YAML in each key. Sources: protocols.md D.1 and aws-iam-authenticator
//! `pkg/mapper/configmap` (ParseMap, Map).

use serde::{Deserialize, Serialize};
use serde_yaml::{Mapping, Value};

use crate::domain::access::Entry;

/// The values of its keys; empty where there is none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwsAuth {
    /// `mapRoles`
    pub roles: String,
    /// `mapUsers`
    pub users: String,
    /// `mapAccounts`
    pub accounts: String,
}

/// What they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// A line a principal. A whole account is one whose principal is the account's id.
    pub entries: Vec<Entry>,
    /// Keys that could not be read, in words. The authenticator uses the others, and so do we.
    pub unread: Vec<String>,
}

/// Reads it as the authenticator does: keys of a line in any case, merge keys filled in, what is no line skipped, the last
/// of several lines with one ARN, roles before users. A line of `mapUsers` lets a role in, too, if it names one.
pub fn parse(data: &AwsAuth) -> Lines {
    let mut lines = Lines::default();
    let mut read = |key: &str, text: &str| {
        list(key, text).unwrap_or_else(|why| {
            lines.unread.push(why);
            Vec::new()
        })
    };
    let (roles, users, accounts) =
        (read("mapRoles", &data.roles), read("mapUsers", &data.users), read("mapAccounts", &data.accounts));
    let roles = last_of_each(roles.iter().filter_map(|value| line(value, "rolearn")));
    let mut users = last_of_each(users.iter().filter_map(|value| line(value, "userarn")));
    users.retain(|user| roles.iter().all(|role| !role.principal.eq_ignore_ascii_case(&user.principal)));
    let ids = accounts.iter().filter_map(|id| text(id).or_else(|| Some(id.as_u64()?.to_string())));
    lines.entries = roles;
    lines.entries.extend(users);
    lines.entries.extend(ids.map(|principal| Entry { principal, ..Entry::default() }));
    lines
}

/// Case does not tell ARNs apart (`strings.EqualFold` in `pkg/config/mapper.go`).
fn last_of_each(all: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut kept: Vec<Entry> = Vec::new();
    for entry in all {
        kept.retain(|known| !known.principal.eq_ignore_ascii_case(&entry.principal));
        kept.push(entry);
    }
    kept
}

fn list(key: &str, text: &str) -> Result<Vec<Value>, String> {
    let text = text.trim();
    if ["", "''", "\"\"", "``"].contains(&text) {
        return Ok(Vec::new());
    }
    let broken = |error| format!("{key} of aws-auth is not YAML: {error}");
    let mut value: Value = serde_yaml::from_str(text).map_err(broken)?;
    value.apply_merge().map_err(broken)?;
    match value {
        Value::Sequence(list) => Ok(list),
        Value::Null => Ok(Vec::new()),
        _ => Err(format!("{key} of aws-auth is not a list")),
    }
}

fn line(value: &Value, key: &str) -> Option<Entry> {
    let entry = value.as_mapping()?;
    let principal = text(get(entry, key)?)?;
    let groups = get(entry, "groups").and_then(Value::as_sequence);
    Some(Entry {
        principal,
        user: get(entry, "username").and_then(text).unwrap_or_default(),
        groups: groups.map(|groups| groups.iter().filter_map(text).collect()).unwrap_or_default(),
        ..Entry::default()
    })
}

fn get<'v>(entry: &'v Mapping, name: &str) -> Option<&'v Value> {
    let found = entry.iter().find(|(key, _)| key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name)));
    found.map(|(_, value)| value)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(roles: &str, users: &str, accounts: &str) -> Lines {
        parse(&AwsAuth { roles: roles.into(), users: users.into(), accounts: accounts.into() })
    }

    fn names(lines: &Lines) -> Vec<&str> {
        lines.entries.iter().map(|entry| entry.principal.as_str()).collect()
    }

    #[test]
    fn lines_are_read_as_the_authenticator_reads_them() {
        let roles = "- rolearn: arn:aws:iam::111122223333:role/Dev\n  username: dev:{{SessionName}}\n  groups: [dev]\n\
                     - RoleARN: arn:aws:iam::111122223333:role/Ops\n- username: nobody\n- 7\n";
        let found = read(roles, "", "- \"444455556666\"\n- 111122223333\n");
        assert_eq!(
            names(&found),
            [
                "arn:aws:iam::111122223333:role/Dev",
                "arn:aws:iam::111122223333:role/Ops",
                "444455556666",
                "111122223333"
            ]
        );
        let first = &found.entries[0];
        assert_eq!((first.user.as_str(), first.groups.as_slice()), ("dev:{{SessionName}}", &["dev".to_owned()][..]));
        for empty in ["", "''", "\"\"", "``"] {
            assert_eq!(read(empty, empty, empty), Lines::default());
        }
    }

    #[test]
    fn a_key_that_cannot_be_read_hides_no_other() {
        for broken in ["rolearn: x", "- ["] {
            let found = read(broken, "- userarn: arn:aws:iam::111122223333:user/jane\n", "- \"444455556666\"\n");
            assert_eq!(names(&found), ["arn:aws:iam::111122223333:user/jane", "444455556666"]);
            assert!(matches!(found.unread.as_slice(), [why] if why.contains("mapRoles")), "{:?}", found.unread);
        }
    }

    #[test]
    fn of_two_lines_with_one_arn_the_last_wins_and_a_merge_key_keeps_what_it_brings() {
        let roles = "- rolearn: arn:aws:iam::111122223333:role/Dev\n  username: first\n\
                     - &base\n  rolearn: ARN:aws:iam::111122223333:role/DEV\n  username: second\n  groups: [dev]\n\
                     - <<: *base\n  rolearn: arn:aws:iam::111122223333:role/Ops\n";
        let found = read(roles, "- userarn: arn:aws:iam::111122223333:role/dev\n  username: third\n", "");
        assert_eq!(names(&found), ["ARN:aws:iam::111122223333:role/DEV", "arn:aws:iam::111122223333:role/Ops"]);
        assert_eq!(found.entries[0].user, "second");
        let merged = &found.entries[1];
        assert_eq!((merged.user.as_str(), merged.groups.as_slice()), ("second", &["dev".to_owned()][..]));
    }
}
