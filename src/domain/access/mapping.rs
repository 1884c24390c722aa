//! Whether a cluster lets a role in, and as whom, from what could be seen of it. Source of the rules: protocols.md D.1, E.4.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{AccountId, RoleName};
use crate::domain::partition::Partition;
use crate::domain::role_arn::{Principal, permission_set};

/// Where a cluster looks for who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthMode {
    /// Access entries only.
    #[serde(rename = "API")]
    Api,
    /// Access entries first, then the ConfigMap.
    #[serde(rename = "API_AND_CONFIG_MAP")]
    Both,
    /// The ConfigMap `aws-auth` only.
    #[serde(rename = "CONFIG_MAP")]
    ConfigMap,
}

impl AuthMode {
    /// Reads EKS's word for it.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "API" => Some(Self::Api),
            "API_AND_CONFIG_MAP" => Some(Self::Both),
            "CONFIG_MAP" => Some(Self::ConfigMap),
            _ => None,
        }
    }

    /// EKS's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Api => "API",
            Self::Both => "API_AND_CONFIG_MAP",
            Self::ConfigMap => "CONFIG_MAP",
        }
    }

    /// Whether access entries count.
    pub fn has_entries(self) -> bool {
        self != Self::ConfigMap
    }

    /// Whether `aws-auth` counts.
    pub fn has_config_map(self) -> bool {
        self != Self::Api
    }
}

/// A list, as far as it could be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Listed<T> {
    /// Nobody has looked.
    #[default]
    Unasked,
    /// Nobody could see it; why.
    Hidden(String),
    /// What it holds.
    Seen(T),
}

/// An access policy on an access entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// `AmazonEKSViewPolicy`: the ARN's last part.
    pub name: String,
    /// Where it holds; empty for the whole cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub namespaces: Vec<String>,
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.namespaces.is_empty() { Ok(()) } else { write!(f, ":{}", self.namespaces.join(",")) }
    }
}

/// An access entry, or a line of `aws-auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The role's ARN as it stands there.
    pub principal: String,
    /// The Kubernetes user; `{{SessionName}}` stands for the signed-in person. Empty where it could not be seen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// The Kubernetes groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The access policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<Policy>,
}

/// What a cluster itself said to a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// It let the role in, as this user with these groups.
    Known(String, Vec<String>),
    /// 401.
    Refused,
    /// It could not be asked; why.
    Unreachable(String),
}

/// All that was seen of who a cluster lets in. Of the entries only those that may concern roles of the signed-in person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// Access entries.
    #[serde(default)]
    pub entries: Listed<Vec<Entry>>,
    /// Lines of `aws-auth`.
    #[serde(default)]
    pub config_map: Listed<Vec<Entry>>,
    /// What the cluster said, by role, and when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reviews: BTreeMap<RoleName, (Timestamp, Review)>,
}

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// An access entry.
    AccessEntry,
    /// A line of `aws-auth`.
    AwsAuth,
    /// The cluster itself.
    Review,
}

/// What a cluster knows a role as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The Kubernetes user, `{{SessionName}}` unfilled; empty where it could not be seen.
    pub user: String,
    /// Its groups.
    pub groups: Vec<String>,
    /// Its access policies.
    pub policies: Vec<Policy>,
    /// Where this comes from.
    pub by: Evidence,
    /// Whether it is known that the entry is of the role as it is now, and not of an earlier one of that permission set.
    pub checked: bool,
}

/// Whether a role is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Yes, as this.
    Mapped(Mapping),
    /// No, and why.
    NotMapped(String),
    /// It cannot be told, and why.
    Unknown(String),
}

/// Whose admission is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The cluster's partition.
    pub partition: Partition,
    /// The account of the role.
    pub account: &'a AccountId,
    /// The permission set, or the role's own name.
    pub role: &'a RoleName,
    /// The IAM role's name as it is now, where that is known.
    pub iam_role: Option<&'a str>,
}

impl Subject<'_> {
    /// Whether an ARN may be of this role, present or past.
    pub fn concerns(&self, arn: &str) -> bool {
        Principal::parse(arn).is_some_and(|found| found.is(self.partition, self.account, self.role.as_str()))
    }

    /// Of the entries that may be of this role, the one that is, and whether that is certain.
    fn find<'e>(&self, entries: &[&'e Entry]) -> Found<'e> {
        let name = |entry: &Entry| Principal::parse(&entry.principal).map(|found| found.name.to_owned());
        match (entries, self.iam_role) {
            ([], _) => Found::None,
            (all, Some(present)) => {
                // Two with one name differ in nothing that counts: the last one wins, as in the authenticator.
                let own = all.iter().rev().find(|entry| name(entry).is_some_and(|n| n.eq_ignore_ascii_case(present)));
                own.map_or_else(|| Found::Dead(all[0]), |entry| Found::Own(entry, true))
            }
            ([only], None) => {
                // A role that Identity Center did not make has no earlier ones of another name.
                let certain = name(only).is_some_and(|name| permission_set(&name).is_none());
                Found::Own(only, certain)
            }
            (_, None) => Found::Several,
        }
    }
}

enum Found<'e> {
    None,
    Own(&'e Entry, bool),
    /// Of an earlier role of the same permission set.
    Dead(&'e Entry),
    /// Of several roles of the permission set, and the present one is not known.
    Several,
}

impl Admission {
    /// Whether some list names the permission set, so that it counts which IAM role stands behind it now.
    pub fn names_set_of(&self, subject: &Subject<'_>) -> bool {
        let names = |list: &Listed<Vec<Entry>>| match list {
            Listed::Seen(entries) => entries.iter().any(|entry| {
                let made = Principal::parse(&entry.principal).is_some_and(|found| permission_set(found.name).is_some());
                made && subject.concerns(&entry.principal)
            }),
            _ => false,
        };
        names(&self.entries) || names(&self.config_map)
    }

    /// Decides for one role. What the cluster said itself counts more than any list.
    pub fn verdict(&self, mode: Option<AuthMode>, subject: &Subject<'_>) -> Verdict {
        let listed = self.listed(mode, subject);
        match self.reviews.get(subject.role) {
            Some((_, Review::Known(user, groups))) => {
                let policies = if let Verdict::Mapped(mapping) = listed { mapping.policies } else { Vec::new() };
                let (user, groups) = (user.clone(), groups.clone());
                Verdict::Mapped(Mapping { user, groups, policies, by: Evidence::Review, checked: true })
            }
            Some((_, Review::Refused)) => Verdict::NotMapped(match listed {
                Verdict::NotMapped(why) => why,
                Verdict::Mapped(Mapping { by: Evidence::AccessEntry, .. }) => {
                    "the cluster refused it (401): its access entry is of an earlier role of the same name".to_owned()
                }
                _ => "the cluster refused it (401)".to_owned(),
            }),
            Some((_, Review::Unreachable(why))) => match listed {
                Verdict::Unknown(_) => Verdict::Unknown(why.clone()),
                known => known,
            },
            None => listed,
        }
    }

    /// What the lists alone say.
    fn listed(&self, mode: Option<AuthMode>, subject: &Subject<'_>) -> Verdict {
        let (entries, lines) = (mode.is_none_or(AuthMode::has_entries), mode.is_none_or(AuthMode::has_config_map));
        let by_entry = if entries { subject.among_entries(&self.entries) } else { Verdict::NotMapped(String::new()) };
        let by_line = if lines { subject.among_lines(&self.config_map) } else { Verdict::NotMapped(String::new()) };
        match (by_entry, by_line) {
            (mapped @ Verdict::Mapped(_), _) | (_, mapped @ Verdict::Mapped(_)) => mapped,
            (unknown @ Verdict::Unknown(_), _) | (_, unknown @ Verdict::Unknown(_)) => unknown,
            (Verdict::NotMapped(entry), Verdict::NotMapped(line)) => {
                let mut why: Vec<String> = [entry, line].into_iter().filter(|why| !why.is_empty()).collect();
                if mode == Some(AuthMode::ConfigMap) {
                    // Source: EKS user guide, auth-configmap: the creator is in no list.
                    why.push("only the role that made the cluster needs no line".to_owned());
                }
                Verdict::NotMapped(why.join("; "))
            }
        }
    }
}

impl Subject<'_> {
    fn among_entries(&self, entries: &Listed<Vec<Entry>>) -> Verdict {
        let entries = match entries {
            Listed::Unasked => return Verdict::Unknown("its access entries were not looked at".to_owned()),
            Listed::Hidden(why) => return Verdict::Unknown(why.clone()),
            Listed::Seen(entries) => entries,
        };
        let own: Vec<&Entry> = entries.iter().filter(|entry| self.concerns(&entry.principal)).collect();
        match self.find(&own) {
            Found::None => Verdict::NotMapped("no access entry names it".to_owned()),
            Found::Own(entry, checked) => entry.mapped(Evidence::AccessEntry, checked),
            Found::Dead(entry) => Verdict::NotMapped(format!(
                "its access entry is dead: it is of an earlier role of that permission set, {}",
                Principal::parse(&entry.principal).map_or("", |found| found.name)
            )),
            Found::Several => Verdict::Unknown("several access entries are of this permission set".to_owned()),
        }
    }

    /// A line matches only without a path, whatever its case.
    fn among_lines(&self, lines: &Listed<Vec<Entry>>) -> Verdict {
        let lines = match lines {
            Listed::Unasked => return Verdict::Unknown("aws-auth was not looked at".to_owned()),
            Listed::Hidden(why) => return Verdict::Unknown(why.clone()),
            Listed::Seen(lines) => lines,
        };
        let root = format!("arn:{}:iam::{}:root", self.partition.arn(), self.account);
        let own: Vec<&Entry> = lines.iter().filter(|line| self.concerns(&line.principal)).collect();
        let has_path = |line: &&Entry| Principal::parse(&line.principal).is_some_and(|found| !found.path.is_empty());
        let (useless, useful): (Vec<&Entry>, Vec<&Entry>) = own.into_iter().partition(has_path);
        match self.find(&useful) {
            Found::Own(line, checked) => return line.mapped(Evidence::AwsAuth, checked),
            Found::Several => {
                return Verdict::Unknown("several lines of aws-auth are of this permission set".to_owned());
            }
            Found::Dead(_) | Found::None => {}
        }
        if let Some(whole) = lines.iter().find(|line| line.principal == root) {
            return whole.mapped(Evidence::AwsAuth, true);
        }
        Verdict::NotMapped(match (useful.first(), useless.first()) {
            (Some(_), _) => "its line in aws-auth is of an earlier role of that permission set".to_owned(),
            (None, Some(_)) => "its line in aws-auth has a path in the ARN, and such a line never matches".to_owned(),
            (None, None) => "aws-auth does not name it".to_owned(),
        })
    }
}

impl Entry {
    fn mapped(&self, by: Evidence, checked: bool) -> Verdict {
        let Self { user, groups, policies, .. } = self.clone();
        Verdict::Mapped(Mapping { user, groups, policies, by, checked })
    }
}

impl Mapping {
    /// What the role is there, in a few words: policies with where they hold, then groups, else the user.
    pub fn summary(&self) -> String {
        let policy = |policy: &Policy| {
            let name = policy.name.strip_prefix("AmazonEKS").unwrap_or(&policy.name);
            let name = name.strip_suffix("Policy").unwrap_or(name);
            match policy.namespaces.as_slice() {
                [] => name.to_owned(),
                namespaces => format!("{name} in {}", namespaces.join(",")),
            }
        };
        let policies = self.policies.iter().map(policy);
        // Everybody who comes in is in this one.
        let groups = self.groups.iter().filter(|group| *group != "system:authenticated").cloned();
        let all: Vec<String> = policies.chain(groups).collect();
        if all.is_empty() { self.user.clone() } else { all.join(", ") }
    }
}

impl Verdict {
    /// `yes`, `no` or `unknown`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Mapped(_) => "yes",
            Self::NotMapped(_) => "no",
            Self::Unknown(_) => "unknown",
        }
    }

    /// What it is as, or why not.
    pub fn reason(&self) -> String {
        match self {
            Self::Mapped(mapping) => mapping.summary(),
            Self::NotMapped(why) | Self::Unknown(why) => why.clone(),
        }
    }
}
