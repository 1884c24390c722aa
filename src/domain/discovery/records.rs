//! What a look at an account shows: its roles, its places, their clusters and who is let in; each with the time it was looked
//! at, so that it can be shown with its age and refreshed in part.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::domain::access::{Admission, AuthMode, Listed};
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::partition::Partition;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::text::digest;

/// How long what was seen is taken for true: within an hour nothing is asked twice, and what was granted since is missed no
/// longer. `--refresh` asks at once.
pub const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// How long a denial is remembered: permissions change, but not while one works.
pub const DENIED: SignedDuration = SignedDuration::from_hours(24);
/// How long it is remembered which regions an account has.
pub const SETTLED: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Something that was seen, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen<T> {
    /// When it was looked at, UTC.
    #[serde(with = "nanoseconds")]
    pub at: Timestamp,
    /// What was seen.
    pub what: T,
}

impl<T> Seen<T> {
    /// Seen at that time.
    pub fn new(at: Timestamp, what: T) -> Self {
        Self { at, what }
    }

    /// Whether it was seen at `since` or later.
    pub fn is_since(&self, since: Timestamp) -> bool {
        self.at >= since
    }
}

/// Whether something was seen at `since` or later.
pub fn is_since<T>(seen: Option<&Seen<T>>, since: Timestamp) -> bool {
    seen.is_some_and(|seen| seen.is_since(since))
}

/// The accounts below organizational units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Below {
    /// Ids of the units.
    pub units: Vec<String>,
    /// Their accounts, or why no role could read them.
    pub accounts: Listed<BTreeSet<AccountId>>,
}

/// An account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSeen {
    /// As the provider calls it, else its alias, else its id.
    pub name: String,
    /// Where accounts of several partitions are one person's: its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<Partition>,
    /// Its alias, where the provider gives no name and a role that looked was asked for it; `None` inside where there is none
    /// or the role may not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias: Option<Seen<Option<String>>>,
    /// The roles that are assigned.
    #[serde(default)]
    pub roles: Option<Seen<BTreeMap<RoleName, RoleSeen>>>,
    /// The regions that are enabled, where that could be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<Seen<Option<BTreeSet<Region>>>>,
    /// Roles that may not list the account's IAM roles.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blind: BTreeMap<RoleName, Timestamp>,
    /// Where it was looked for clusters. Boxed, as a map's node has room for eleven.
    #[serde(default)]
    pub places: BTreeMap<Region, Box<Place>>,
}

impl AccountSeen {
    /// Forgets what was told to earlier credentials of a role: which IAM role stands behind it, and what clusters said to it.
    /// The next ones may be those of another IAM role.
    pub fn forget_answers(&mut self, role: &RoleName) {
        if let Some(seen) = self.roles.as_mut().and_then(|roles| roles.what.get_mut(role)) {
            seen.iam = None;
        }
        for cluster in self.places.values_mut().flat_map(|place| place.clusters.values_mut()) {
            if cluster.admission.as_ref().is_some_and(|seen| seen.what.reviews.contains_key(role)) {
                cluster.admission = None;
            }
        }
    }

    /// Forgets what was kept of its clusters' lists: it concerns the roles that were known.
    pub fn forget_admissions(&mut self) {
        let clusters = self.places.values_mut().flat_map(|place| place.clusters.values_mut());
        clusters.for_each(|cluster| cluster.admission = None);
    }

    /// Takes over what the provider calls it: its id where it has no name for it.
    pub fn set_name(&mut self, id: &AccountId, given: String) {
        let alias = self.alias.as_ref().and_then(|alias| alias.what.clone());
        self.name = alias.filter(|_| given == id.as_str()).unwrap_or(given);
    }

    /// Whether its alias is to be asked for: nothing else names it, and the last answer is too old.
    pub fn wants_alias(&self, id: &AccountId, denied_since: Timestamp, settled_since: Timestamp) -> bool {
        let Some(alias) = &self.alias else { return self.name == id.as_str() };
        let since = if alias.what.is_some() { settled_since } else { denied_since };
        (self.name == id.as_str() || alias.what.as_ref() == Some(&self.name)) && !alias.is_since(since)
    }

    /// Takes over its alias, as its name.
    pub fn set_alias(&mut self, now: Timestamp, id: &AccountId, alias: Option<String>) {
        self.name = alias.clone().unwrap_or_else(|| id.to_string());
        self.alias = Some(Seen::new(now, alias));
    }

    /// Whether it can have anything in a region.
    pub fn may_be_in(&self, region: &Region) -> bool {
        self.partition.is_none_or(|partition| partition == region.partition())
    }
}

/// A role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSeen {
    /// The IAM role behind it, as STS names it or as the account's list of roles shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iam: Option<Seen<IamRole>>,
}

/// The IAM role behind a permission set. It is known through one set of credentials and for as long as they live: a set whose
/// last assignment was removed and made again has another role under the same name, and so do its next credentials. What the
/// account's list of roles shows is known until there are such credentials, and no longer than any other list is believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamRole {
    /// Its name; several where the list shows live roles of several permission sets of that name.
    pub names: Vec<String>,
    /// The end of the credentials that showed it.
    #[serde(with = "nanoseconds")]
    pub until: Timestamp,
    /// Tells those credentials from others; empty where a list showed it.
    pub by: String,
}

impl IamRole {
    /// As some credentials showed it.
    pub fn new(name: impl Into<String>, credentials: &RoleCredentials) -> Self {
        Self { names: vec![name.into()], until: credentials.expires_at, by: tell(credentials) }
    }

    /// As the account's list of roles showed it at that time.
    pub fn listed(now: Timestamp, names: Vec<String>) -> Self {
        Self { names, until: now + FRESH, by: String::new() }
    }

    /// Whether it was these credentials that showed it.
    pub fn is_by(&self, credentials: &RoleCredentials) -> bool {
        self.by == tell(credentials)
    }
}

fn tell(credentials: &RoleCredentials) -> String {
    digest(&credentials.access_key_id)[..16].to_owned()
}

impl RoleSeen {
    /// Whether it is known which IAM role stands behind it: learnt at `since` or later, from credentials that still live or
    /// from a list with one role of that permission set.
    pub fn is_known(&self, since: Timestamp, now: Timestamp) -> bool {
        self.iam.as_ref().is_some_and(|iam| iam.is_since(since) && now < iam.what.until && iam.what.names.len() == 1)
    }

    /// What the IAM role may be called; nothing where that is not known.
    pub fn iam_names(&self) -> &[String] {
        self.iam.as_ref().map_or(&[], |iam| &iam.what.names)
    }
}

/// An account's region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// When the list of clusters was complete, and by which role; `None` for a region that is off.
    #[serde(default)]
    pub listed: Option<Seen<Option<RoleName>>>,
    /// The roles that may not list clusters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub denied: BTreeMap<RoleName, Timestamp>,
    /// When a service control policy forbade it: to one role as to all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// The clusters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub clusters: BTreeMap<ClusterName, Box<ClusterSeen>>,
}

/// A cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterSeen {
    /// What EKS says of it; `None` inside where no role may ask.
    #[serde(default)]
    pub facts: Option<Seen<Option<ClusterDescription>>>,
    /// Who is let in, and when that was looked at.
    #[serde(default)]
    pub admission: Option<Seen<Admission>>,
    /// Roles that may not read its access entries. What one cluster refuses says nothing of another.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blind: BTreeMap<RoleName, Timestamp>,
}

/// What EKS says of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterDescription {
    /// The role that asked.
    pub by: RoleName,
    /// `ACTIVE`, `UPDATING`, `CREATING`, …
    pub status: String,
    /// The Kubernetes version, `1.33`.
    pub version: String,
    /// `https://…`; empty while it is being created.
    pub endpoint: String,
    /// Where the cluster looks for who may come in.
    pub mode: Option<AuthMode>,
    /// The cluster's tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl ClusterSeen {
    /// The tags, where some role may describe the cluster.
    pub fn tags(&self) -> Option<&BTreeMap<String, String>> {
        Some(&self.facts.as_ref()?.what.as_ref()?.tags)
    }
}

/// Times as numbers, which are read faster than dates.
mod nanoseconds {
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serializer, de, ser};

    pub(super) fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.as_nanosecond().try_into().map_err(ser::Error::custom)?)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Timestamp::from_nanosecond(i64::deserialize(deserializer)?.into()).map_err(de::Error::custom)
    }
}
