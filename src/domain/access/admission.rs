//! What was seen of a cluster, as the index keeps it: its lists of who is let in, what it said itself, and what could not be read.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::ids::{RoleArn, RoleName};

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

impl<T> Listed<T> {
    /// Whether nobody has looked.
    pub fn is_unasked(&self) -> bool {
        matches!(self, Self::Unasked)
    }
}

/// An access policy on an access entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// `AmazonEKSViewPolicy`: the ARN's last part.
    pub name: String,
    /// Where it holds; empty for the whole cluster.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "exact")]
    pub namespaces: Vec<String>,
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if self.namespaces.is_empty() { Ok(()) } else { write!(f, ":{}", self.namespaces.join(",")) }
    }
}

/// An access entry, or a line of `aws-auth`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The role's ARN as it stands there; the id of a whole account.
    pub principal: String,
    /// The Kubernetes user; `{{SessionName}}` stands for the signed-in person. Empty where it could not be seen.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// The Kubernetes groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "exact")]
    pub groups: Vec<String>,
    /// The access policies.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "exact")]
    pub policies: Vec<Policy>,
    /// An access entry's type; `STANDARD` and lines of `aws-auth` have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Why it could not be looked into, where it is only known to be listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

/// What STS makes of a token that a cluster refused, sent to it as the cluster sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// It takes it: the token is good.
    Good,
    /// It does not; its error code.
    Bad(String),
    /// It could not be asked; why.
    Silent(String),
}

/// What a cluster itself said to a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Review {
    /// It let the role in, as this user with these groups; both are empty where it does not say as whom.
    Known(String, Vec<String>),
    /// 401, and whether the token is to blame.
    Refused(Judgement),
    /// It could not be asked; why.
    Unreachable(String),
}

/// All that was seen of who a cluster lets in. Of the entries only those that may concern roles of the signed-in person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admission {
    /// Access entries.
    #[serde(default, skip_serializing_if = "Listed::is_unasked", deserialize_with = "exact_list")]
    pub entries: Listed<Vec<Entry>>,
    /// Lines of `aws-auth`.
    #[serde(default, skip_serializing_if = "Listed::is_unasked", deserialize_with = "exact_list")]
    pub config_map: Listed<Vec<Entry>>,
    /// Keys of `aws-auth` that could not be read, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread_lines: Vec<String>,
    /// Keys of `aws-auth` that the authenticator does not know, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignored_keys: Vec<String>,
    /// What the cluster said, by role, and when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reviews: BTreeMap<RoleName, (Timestamp, Review)>,
    /// The same, to roles that are assumed from an assigned one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub assumed_reviews: BTreeMap<RoleArn, (Timestamp, Review)>,
    /// Whether something could not be seen for a reason that passes (throttling, a network that is off), so that this is no
    /// fact to be kept.
    #[serde(default, skip_serializing_if = "is_false")]
    pub passing: bool,
}

impl Judgement {
    /// What follows for a role that was refused, and how to tell.
    pub fn words(&self) -> String {
        match self {
            Self::Good => "STS takes its token, so it is the mapping: the entry is of an earlier role of that name or seconds old, or the cluster cannot ask STS; a role that gets in there tells which"
                .to_owned(),
            Self::Bad(code) => {
                format!("STS does not take its token either ({code}): the token, this machine's clock or STS, not the mapping")
            }
            Self::Silent(why) => format!("whether STS takes its token could not be asked: {why}"),
        }
    }
}

/// Reads a list without the room that a list has to grow: there are some hundred thousand of them in a large index.
fn exact<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let mut list = Vec::deserialize(deserializer)?;
    list.shrink_to_fit();
    Ok(list)
}

fn exact_list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Listed<Vec<Entry>>, D::Error> {
    let mut listed = Listed::<Vec<Entry>>::deserialize(deserializer)?;
    if let Listed::Seen(list) = &mut listed {
        list.shrink_to_fit();
    }
    Ok(listed)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
