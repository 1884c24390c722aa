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
    /// Keys that look like one of these and are none, such as `mapusers`: the authenticator looks keys of the ConfigMap up by their
    /// exact names (`ParseMap`), so that nobody is let in by them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
}

impl AwsAuth {
    /// Takes the ConfigMap's `data`.
    pub fn of<'d>(data: impl IntoIterator<Item = (&'d str, &'d str)>) -> Self {
        let mut found = Self::default();
        for (key, text) in data {
            match key {
                "mapRoles" => text.clone_into(&mut found.roles),
                "mapUsers" => text.clone_into(&mut found.users),
                "mapAccounts" => text.clone_into(&mut found.accounts),
                key if is_meant(key) => found.ignored.push(key.to_owned()),
                _ => {}
            }
        }
        found.ignored.sort();
        found
    }
}

/// Whether whoever wrote a key meant one of the three: it is one in other letters, or in the singular.
fn is_meant(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ["maprole", "mapuser", "mapaccount"].contains(&plain.trim_end_matches('s'))
}

/// What they hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines {
    /// A line a principal. A whole account is one whose principal is the account's id.
    pub entries: Vec<Entry>,
    /// Keys that could not be read, in words. The authenticator uses the others, and so do we.
    pub unread: Vec<String>,
    /// Keys that the authenticator does not know, in words: they let nobody in.
    pub ignored: Vec<String>,
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
    let patterns = roles.iter().filter(|item| is_pattern(item)).count();
    let roles = last_of_each(roles.iter().filter_map(|value| line(value, "rolearn")));
    let mut users = any_of_each(users.iter().filter_map(|value| line(value, "userarn")));
    users.retain(|user| roles.iter().all(|role| !role.principal.eq_ignore_ascii_case(&user.principal)));
    let ids = accounts.iter().filter_map(|id| text(id).or_else(|| Some(id.as_u64()?.to_string())));
    let ignored =
        |key: &String| format!("the key {key} of aws-auth is none that the authenticator knows: it lets nobody in");
    lines.ignored = data.ignored.iter().map(ignored).collect();
    if patterns > 0 {
        lines.unread.push(format!(
            "mapRoles of aws-auth has {patterns} of the form `sso`, and whether EKS takes that is not documented"
        ));
    }
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

/// The authenticator keeps lines of users by their ARNs as they are written (`UserMapping.Key`), the last of each, and takes any of those
/// whose ARN fits in any case, in the order of a map of Go, which is none.
fn any_of_each(all: impl Iterator<Item = Entry>) -> Vec<Entry> {
    let mut last: Vec<Entry> = Vec::new();
    for entry in all {
        last.retain(|known| known.principal != entry.principal);
        last.push(entry);
    }
    let mut kept: Vec<Entry> = Vec::new();
    for entry in last {
        match kept.iter_mut().find(|known| known.principal.eq_ignore_ascii_case(&entry.principal)) {
            None => kept.push(entry),
            Some(known) if (&known.user, &known.groups) == (&entry.user, &entry.groups) => {}
            Some(known) => {
                known.unread = Some(AMBIGUOUS.to_owned());
                known.user.clear();
                // All that it may give: what is too much in one of them must be seen.
                known.groups.extend(entry.groups);
                known.groups.sort();
                known.groups.dedup();
            }
        }
    }
    kept
}

const AMBIGUOUS: &str =
    "several lines of mapUsers have its ARN in different letters, and the authenticator takes any of them";

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
    let principal = arn(value, key)?;
    let groups = get(entry, "groups").and_then(Value::as_sequence);
    Some(Entry {
        principal,
        user: get(entry, "username").and_then(text).unwrap_or_default(),
        groups: groups.map(|groups| groups.iter().filter_map(text).collect()).unwrap_or_default(),
        ..Entry::default()
    })
}

/// The ARNs that the items of `mapRoles` (`rolearn`) or `mapUsers` (`userarn`) name, as often as they do; nothing of a key that cannot be
/// read.
pub fn arns(items: &str, key: &str) -> Vec<String> {
    let items = list(key, items).unwrap_or_default();
    items.iter().filter_map(|item| arn(item, key)).collect()
}

/// The numbers, from 1 on, of the items that name none and match nothing else either.
pub fn nameless(items: &str, key: &str) -> Vec<usize> {
    let items = list(key, items).unwrap_or_default();
    let names = |item: &Value| arn(item, key).is_some() || is_pattern(item);
    items.iter().zip(1..).filter(|(item, _)| !names(item)).map(|(_, number)| number).collect()
}

fn arn(item: &Value, key: &str) -> Option<String> {
    text(get(item.as_mapping()?, key)?)
}

/// Whether an item matches all roles of a permission set: an alpha feature of the authenticator (`SSORoleMatch`), which is off by default.
/// Whether EKS switches it on is documented nowhere.
fn is_pattern(item: &Value) -> bool {
    item.as_mapping()
        .is_some_and(|item| get(item, "rolearn").is_none() && get(item, "sso").is_some_and(Value::is_mapping))
}

/// The authenticator turns the YAML into JSON with its keys sorted, of which Go takes the last that is the name in any case.
fn get<'v>(entry: &'v Mapping, name: &str) -> Option<&'v Value> {
    let named = entry.iter().filter_map(|(key, value)| Some((key.as_str()?, value)));
    let found = named.filter(|(key, _)| key.eq_ignore_ascii_case(name)).max_by_key(|(key, _)| *key);
    found.map(|(_, value)| value)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(roles: &str, users: &str, accounts: &str) -> Lines {
        parse(&AwsAuth::of([("mapRoles", roles), ("mapUsers", users), ("mapAccounts", accounts)]))
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

    #[test]
    fn a_key_in_other_letters_lets_nobody_in_and_is_told() {
        let line = "- userarn: arn:aws:iam::111122223333:user/jane\n";
        let data = AwsAuth::of([
            ("mapusers", line),
            ("MapRoles", line),
            ("mapAccount", line),
            ("map_users", line),
            ("note", "x"),
        ]);
        assert_eq!(data.ignored, ["MapRoles", "mapAccount", "map_users", "mapusers"]);
        let found = parse(&data);
        assert!(found.entries.is_empty() && found.unread.is_empty(), "{found:?}");
        assert!(found.ignored[3].contains("mapusers") && found.ignored.len() == 4, "{:?}", found.ignored);
    }

    #[test]
    fn of_two_lines_of_users_with_one_arn_in_different_letters_the_authenticator_takes_any() {
        let lines = |second: &str| {
            format!(
                "- userarn: arn:aws:iam::111122223333:user/jane\n  username: jane\n- userarn: arn:aws:iam::111122223333:user/{second}\n"
            )
        };
        let unread = |second: &str| {
            read("", &lines(second), "")
                .entries
                .into_iter()
                .map(|entry| (entry.user, entry.unread.is_some()))
                .collect::<Vec<_>>()
        };
        assert_eq!(unread("Jane\n  username: root"), [(String::new(), true)]);
        assert_eq!(unread("Jane\n  username: jane"), [("jane".to_owned(), false)]);
        // Of one ARN in the same letters the last counts.
        assert_eq!(unread("jane\n  username: root"), [("root".to_owned(), false)]);
    }

    #[test]
    fn of_a_key_in_two_cases_the_last_in_the_order_of_bytes_counts() {
        let roles = "- rolearn: arn:aws:iam::111122223333:role/Dev\n  ROLEARN: arn:aws:iam::111122223333:role/Ops\n";
        assert_eq!(names(&read(roles, "", "")), ["arn:aws:iam::111122223333:role/Dev"]);
    }

    #[test]
    fn items_that_match_a_permission_set_are_told_as_what_is_not_known() {
        let roles =
            "- sso:\n    permissionSetName: Dev\n    accountID: '111122223333'\n  username: dev\n- username: x\n";
        let found = read(roles, "", "");
        assert!(found.entries.is_empty() && found.unread.len() == 1, "{found:?}");
        assert!(found.unread[0].contains("`sso`"), "{:?}", found.unread);
        assert_eq!((nameless(roles, "rolearn"), arns(roles, "rolearn")), (vec![2], vec![]));
    }
}
