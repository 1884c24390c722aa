//! A grant in words: the same ones in a table, in JSON, in CSV, in graphs and on a page.

use crate::domain::access::Listed;
use crate::domain::access::facts::Source;
use crate::domain::access::grant::{Grant, Life, MappedBy, Person, PrincipalKind, Right, WayIn};
use crate::domain::identity::cluster_arn;

impl Grant {
    /// The permission set; else the last part of the principal's ARN; else the principal as it stands in the mapping.
    pub fn role(&self) -> &str {
        match &self.kind {
            PrincipalKind::PermissionSet { set } => set,
            // What stands for a list that could not be read.
            PrincipalKind::Unknown if self.principal.is_empty() => "?",
            PrincipalKind::Creator if self.principal.is_empty() => "(the cluster's creator)",
            _ => last_part(&self.principal),
        }
    }

    /// The cluster's ARN.
    pub fn cluster_arn(&self) -> String {
        cluster_arn(&self.cluster.account, &self.cluster.region, &self.cluster.name)
    }

    /// What it has beside its access policies: by bindings, and by the group that needs none.
    pub fn bound_rights(&self) -> impl Iterator<Item = &Right> {
        seen(&self.rights).iter().filter(|right| !right.subject.is_empty())
    }

    /// All rights that are known: access policies, which stand in the mapping, and what bindings give. Each as `NAME` for
    /// the whole cluster, `NAME:NAMESPACE,…` for some of it; without repetition, in order.
    pub fn known_rights(&self) -> Vec<String> {
        let policies = self.policies.iter().map(ToString::to_string);
        let mut rights: Vec<String> = policies.chain(seen(&self.rights).iter().map(Right::words)).collect();
        rights.sort();
        rights.dedup();
        rights
    }

    /// Why not all of its rights are known; `None` where they are.
    pub fn rights_missing(&self) -> Option<&str> {
        self.unread.as_deref().or_else(|| missing(&self.rights))
    }

    /// Why not all people behind it are known: the directory, or the members of a group, could not be read.
    pub fn people_missing(&self) -> Option<String> {
        let groups = seen(&self.people).iter();
        let group =
            |group: &Person| group.members_unread.as_ref().map(|why| format!("members of {}: {why}", group.shown()));
        missing(&self.people).map(str::to_owned).or_else(|| groups.filter_map(group).next())
    }

    /// The rights for a column: `ClusterAdmin`, `View:web`, with `?` for what could not be read and `-` for none. The strongest
    /// one comes first, as a narrow column ends early.
    pub fn rights_in_short(&self) -> String {
        let mut known = self.known_rights();
        known.sort_by_key(|right| weakness(right));
        let short = known.iter().map(|right| short(right));
        let rest = self.rights_missing().map(|_| "?".to_owned());
        match short.chain(rest).collect::<Vec<_>>().join(", ") {
            none if none.is_empty() => "-".to_owned(),
            some => some,
        }
    }

    /// Whom the mapping is for, for a column: groups of the directory with the number of their members who may sign in,
    /// then people that are assigned by themselves. `?` where the directory could not be read.
    pub fn who(&self) -> String {
        let people = match &self.people {
            Listed::Seen(people) => people,
            Listed::Hidden(_) | Listed::Unasked => {
                return match &self.kind {
                    PrincipalKind::Node => "(nodes)",
                    PrincipalKind::Service => "(AWS)",
                    PrincipalKind::User => return format!("{} (IAM user)", self.role()),
                    _ => "?",
                }
                .to_owned();
            }
        };
        let groups = people.iter().filter(|person| person.is_group()).map(|group| {
            let is_member = |person: &&Person| !person.is_group() && person.through == group.name;
            let members = people.iter().filter(is_member).filter(|person| person.enabled != Some(false)).count();
            match group.members_unread {
                Some(_) => format!("{} (?)", group.shown()),
                None => format!("{} ({members})", group.shown()),
            }
        });
        let direct = people.iter().filter(|person| !person.is_group() && person.through.is_empty()).map(|person| {
            let note = if person.enabled == Some(false) { " (disabled)" } else { "" };
            format!("{}{note}", person.shown())
        });
        let all: Vec<String> = groups.chain(direct).collect();
        match (&self.kind, all.is_empty()) {
            (PrincipalKind::User, _) => format!("{} (IAM user)", self.role()),
            (PrincipalKind::Node, true) => "(nodes)".to_owned(),
            (PrincipalKind::Service, true) => "(AWS)".to_owned(),
            (PrincipalKind::PermissionSet { .. }, true) => "(nobody)".to_owned(),
            (_, true) => "-".to_owned(),
            (_, false) => all.join(", "),
        }
    }

    /// What the cluster takes it for, for a column: the groups; without any, the user.
    pub fn mapped_as(&self) -> String {
        match (self.groups.as_slice(), self.user.as_str(), &self.unread) {
            ([], "", Some(_)) => "?".to_owned(),
            ([], "", None) => "-".to_owned(),
            // The session's name alone would say nothing of whose it is.
            ([], user, _) => {
                format!("user {}", user.split_once(":assumed-role/").map_or(last_part(user), |(_, rest)| rest))
            }
            (groups, ..) => groups.join(", "),
        }
    }

    /// The ways in for a column.
    pub fn ways_in_short(&self) -> String {
        match &self.ways_in {
            Listed::Seen(ways) if ways.is_empty() => "none".to_owned(),
            Listed::Seen(ways) => ways.iter().map(WayIn::short).collect::<Vec<_>>().join(", "),
            Listed::Hidden(_) | Listed::Unasked => "?".to_owned(),
        }
    }
}

/// What was seen, or nothing.
pub fn seen<T>(listed: &Listed<Vec<T>>) -> &[T] {
    match listed {
        Listed::Seen(seen) => seen,
        Listed::Hidden(_) | Listed::Unasked => &[],
    }
}

/// Why something was not seen; `None` where it was.
pub fn missing<T>(listed: &Listed<T>) -> Option<&str> {
    match listed {
        Listed::Seen(_) => None,
        Listed::Hidden(why) => Some(why),
        Listed::Unasked => Some("nobody asked"),
    }
}

/// What stands behind the last `/`, else behind the last `:`.
fn last_part(arn: &str) -> &str {
    let resource = if arn.starts_with("arn:") { arn.splitn(6, ':').last().unwrap_or(arn) } else { arn };
    match resource.rsplit_once('/') {
        Some((_, name)) if arn.starts_with("arn:") && !name.is_empty() => name,
        _ => resource,
    }
}

/// A right without what all access policies' names have in common: `AmazonEKSViewPolicy:web` is `View:web`.
pub fn short(right: &str) -> String {
    let (name, place) = right.split_at(right.find(':').unwrap_or(right.len()));
    let middle = name.strip_prefix("AmazonEKS").and_then(|rest| rest.strip_suffix("Policy"));
    format!("{}{place}", middle.filter(|middle| !middle.is_empty()).unwrap_or(name))
}

/// How far a right is from everything, by its name. A role of somebody's own may hold anything: it stands before those that
/// are known to change less than everything. A right to change things in the whole cluster is more than any in some namespaces:
/// among them are those of the system.
fn weakness(right: &str) -> u8 {
    let (name, is_whole) = right.split_once(':').map_or((right, true), |(name, _)| (name, false));
    match (name, is_whole) {
        ("cluster-admin" | "AmazonEKSClusterAdminPolicy", true) => 0,
        ("admin" | "AmazonEKSAdminPolicy", true) => 1,
        ("view" | "AmazonEKSViewPolicy", whole) => 8 + u8::from(!whole),
        ("edit" | "AmazonEKSEditPolicy", true) => 3,
        ("cluster-admin" | "AmazonEKSClusterAdminPolicy" | "admin" | "AmazonEKSAdminPolicy", false) => 4,
        ("edit" | "AmazonEKSEditPolicy", false) => 6,
        (_, true) => 2,
        (_, false) => 5,
    }
}

impl Right {
    /// `edit`, or `edit:web,shop` where it holds in some namespaces only.
    pub fn words(&self) -> String {
        if self.namespaces.is_empty() {
            return self.role.clone();
        }
        format!("{}:{}", self.role, self.namespaces.join(","))
    }

    /// `RIGHT by binding BINDING of SUBJECT`; `None` for an access policy.
    pub fn origin(&self) -> Option<String> {
        match (self.binding.as_str(), self.subject.as_str()) {
            (_, "") => None,
            // `system:masters` may everything without a binding.
            ("", subject) => Some(format!("{} as {subject}", self.words())),
            (binding, subject) => Some(format!("{} by binding {binding} of {subject}", self.words())),
        }
    }
}

impl WayIn {
    /// In full, for people and programs.
    pub fn words(&self) -> String {
        match self {
            Self::IdentityCenter(set) => format!("Identity Center: permission set {set}"),
            Self::AccessManager(name) => format!("account access manager: {name}"),
            Self::Saml(arn) => format!("SAML: {arn}"),
            Self::Oidc(issuer) => format!("OIDC: {issuer}"),
            Self::Principal(arn) => format!("IAM: {arn}"),
            Self::Account(id) => format!("whoever account {id} lets"),
            Self::Service(name) => format!("AWS service: {name}"),
            Self::Anyone => "anybody in AWS".to_owned(),
            Self::Keys => "access keys or a password of the IAM user".to_owned(),
        }
    }

    /// In few words, for a column.
    pub fn short(&self) -> String {
        match self {
            Self::IdentityCenter(_) => "Identity Center".to_owned(),
            Self::AccessManager(_) => "access manager".to_owned(),
            Self::Saml(arn) => format!("SAML {}", last_part(arn)),
            Self::Oidc(issuer) => format!("OIDC {}", issuer.trim_start_matches("https://")),
            Self::Principal(arn) => last_part(arn).to_owned(),
            Self::Account(id) => format!("account {id}"),
            Self::Service(name) => name.clone(),
            Self::Anyone => "anybody".to_owned(),
            Self::Keys => "access keys".to_owned(),
        }
    }

    /// Whether disabling a user of the directory leaves it open.
    pub fn passes_the_directory(&self) -> bool {
        !matches!(self, Self::IdentityCenter(_) | Self::AccessManager(_) | Self::Saml(_))
    }
}

impl Person {
    /// Whether it is a group.
    pub fn is_group(&self) -> bool {
        self.kind == "group"
    }

    /// The name; the id where the directory no longer knows it.
    pub fn shown(&self) -> String {
        if self.name.is_empty() { format!("{} (not in the directory)", self.id) } else { self.name.clone() }
    }

    /// With its group and what keeps it out.
    pub fn words(&self) -> String {
        let mut words = self.shown();
        if !self.through.is_empty() {
            words.push_str(&format!(" through {}", self.through));
        }
        match self.enabled {
            Some(false) => words.push_str(" (disabled)"),
            None if !self.is_group() && !self.name.is_empty() => words.push_str(" (enabled or not: unknown)"),
            Some(true) | None => {}
        }
        words
    }
}

impl PrincipalKind {
    /// The word of JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::PermissionSet { .. } => "permission_set",
            Self::Role => "role",
            Self::User => "user",
            Self::Account => "account",
            Self::Node => "node",
            Self::Service => "service",
            Self::IdentityProvider => "identity_provider",
            Self::Creator => "creator",
            Self::Unknown => "unknown",
        }
    }
}

impl MappedBy {
    /// The word of JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::AccessEntry => "access_entry",
            Self::AwsAuth => "aws_auth",
            Self::Creation => "creation",
            Self::IdentityProvider => "identity_provider",
        }
    }
}

impl Life {
    /// `alive`, `dead`, `unknown`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Dead(_) => "dead",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Why it is dead or unknown.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Alive => None,
            Self::Dead(why) | Self::Unknown(why) => Some(why),
        }
    }
}

impl Source {
    /// `CALL by ACCOUNT/ROLE at TIME`.
    pub fn words(&self) -> String {
        format!("{} by {} at {}", self.call, self.by, self.at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}
