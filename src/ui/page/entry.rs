//! Grants as the page's script reads them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::access::facts::Source;
use crate::domain::access::grant::{Grant, Person, Right, WayIn};
use crate::domain::access::words::{missing, seen, short};
use crate::domain::ids::AccountId;

/// All entries. What many of them share, people and evidence, stands once and is named by its number.
#[derive(Serialize)]
pub(in crate::ui::page) struct Entries {
    entries: Vec<Entry>,
    people: Vec<PagePerson>,
    evidence: Vec<String>,
}

#[derive(Serialize)]
struct Entry {
    cluster: String,
    arn: String,
    region: String,
    account_id: String,
    account_name: String,
    role: String,
    principal: String,
    kind: &'static str,
    mapped_by: &'static str,
    user: String,
    groups: Vec<String>,
    rights: Vec<PageRight>,
    /// The rights as the filter names them, `unknown` where not all are known.
    shorts: Vec<String>,
    ways: Vec<String>,
    people: Vec<usize>,
    state: &'static str,
    why: String,
    /// What could not be read, with the reasons.
    unknown: Vec<String>,
    aws_own: bool,
    evidence: Vec<usize>,
    who: String,
    mapped_as: String,
    rights_short: String,
    way: String,
}

#[derive(Serialize)]
struct PageRight {
    right: String,
    short: String,
    /// What brings it: a group, the user, an access policy.
    by: String,
    binding: String,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct PagePerson {
    kind: String,
    id: String,
    name: String,
    through: String,
    enabled: Option<bool>,
}

/// Texts with their numbers, in the order in which they came.
struct Numbered<T>(BTreeMap<T, usize>);

impl<T: Ord> Numbered<T> {
    fn number(&mut self, value: T) -> usize {
        let next = self.0.len();
        *self.0.entry(value).or_insert(next)
    }

    fn list(self) -> Vec<T> {
        let mut all: Vec<(T, usize)> = self.0.into_iter().collect();
        all.sort_by_key(|(_, number)| *number);
        all.into_iter().map(|(value, _)| value).collect()
    }
}

impl Entries {
    pub(in crate::ui::page) fn new(grants: &[Grant], account_name: &dyn Fn(&AccountId) -> String) -> Self {
        let mut people = Numbered(BTreeMap::new());
        let mut evidence = Numbered(BTreeMap::new());
        let entry = |grant: &Grant| Entry {
            people: seen(&grant.people).iter().map(|person| people.number(PagePerson::new(person))).collect(),
            evidence: grant.sources.iter().map(|source| evidence.number(Source::words(source))).collect(),
            ..Entry::new(grant, account_name(&grant.cluster.account))
        };
        Self { entries: grants.iter().map(entry).collect(), people: people.list(), evidence: evidence.list() }
    }
}

impl Entry {
    fn new(grant: &Grant, account_name: String) -> Self {
        let known = grant.known_rights();
        let unknown = [
            ("user, groups, policies", grant.unread.clone()),
            ("rights", missing(&grant.rights).map(str::to_owned)),
            ("ways in", missing(&grant.ways_in).map(str::to_owned)),
            ("people", grant.people_missing()),
        ];
        let doubt = grant.rights_missing().map(|_| "unknown".to_owned());
        Self {
            cluster: grant.cluster.name.to_string(),
            arn: grant.cluster_arn(),
            region: grant.cluster.region.to_string(),
            account_id: grant.cluster.account.to_string(),
            account_name,
            role: grant.role().to_owned(),
            principal: grant.principal.clone(),
            kind: grant.kind.word(),
            mapped_by: grant.mapped_by.word(),
            user: grant.user.clone(),
            groups: grant.groups.clone(),
            rights: rights(grant),
            shorts: known.iter().map(|right| short(right)).chain(doubt).collect(),
            ways: seen(&grant.ways_in).iter().map(WayIn::words).collect(),
            people: Vec::new(),
            state: grant.life.word(),
            why: grant.life.why().unwrap_or_default().to_owned(),
            unknown: unknown
                .iter()
                .filter_map(|(what, why)| why.as_ref().map(|why| format!("{what}: {why}")))
                .collect(),
            aws_own: grant.aws_own,
            evidence: Vec::new(),
            who: grant.who(),
            mapped_as: grant.mapped_as(),
            rights_short: grant.rights_in_short(),
            way: grant.ways_in_short(),
        }
    }
}

/// What is known, with what brings it.
fn rights(grant: &Grant) -> Vec<PageRight> {
    let policy = |policy: String| PageRight {
        short: short(&policy),
        by: format!("access policy {}", policy.split(':').next().unwrap_or_default()),
        right: policy,
        binding: String::new(),
    };
    let bound = |right: &Right| PageRight {
        right: right.words(),
        short: right.words(),
        by: format!("{} {}", if right.subject == grant.user { "user" } else { "group" }, right.subject),
        binding: right.binding.clone(),
    };
    let policies = grant.policies.iter().map(ToString::to_string).map(policy);
    policies.chain(grant.bound_rights().map(bound)).collect()
}

impl PagePerson {
    fn new(person: &Person) -> Self {
        Self {
            kind: person.kind.clone(),
            id: person.id.clone(),
            name: person.shown(),
            through: person.through.clone(),
            enabled: person.enabled,
        }
    }
}
