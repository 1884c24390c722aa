//! A grant as one flat object: the shape of `-o json`, and of a line of CSV.

use serde::Serialize;

use crate::domain::access::grant::{Grant, Person, Right, WayIn};
use crate::domain::access::words::{missing, seen};

/// One mapping. The fields are stable; what could not be read is `null` or empty beside a field `…_unknown` that says why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flat {
    /// The session that it was read by.
    pub session: String,
    /// The cluster's account.
    pub account_id: String,
    /// Its name; empty where it is not known.
    pub account_name: String,
    /// The permission set, or the IAM principal's name.
    pub role: String,
    /// The cluster's region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// The cluster's ARN.
    pub arn: String,
    /// The principal as it stands in the mapping; empty where the list of mappings, or of clusters, could not be read.
    pub principal: String,
    /// `permission_set`, `role`, `user`, `account`, `node`, `service`, `identity_provider`, `creator`, `unknown`.
    pub principal_kind: &'static str,
    /// `access_entry`, `aws_auth`, `creation`, `identity_provider`; empty where clusters could not be looked for.
    pub mapped_by: &'static str,
    /// The Kubernetes user, templates as written.
    pub user: String,
    /// The Kubernetes groups.
    pub groups: Vec<String>,
    /// The access policies: `NAME` for the whole cluster, `NAME:NAMESPACE,…` for some of it.
    pub policies: Vec<String>,
    /// Why user, groups and policies could not be read.
    pub mapping_unknown: Option<String>,
    /// All rights that are known, in the form of the policies.
    pub rights: Vec<String>,
    /// Which binding gives which of them.
    pub bindings: Vec<String>,
    /// Why there may be more rights than these.
    pub rights_unknown: Option<String>,
    /// Who can become the principal.
    pub ways_in: Vec<String>,
    /// Why that could not be read.
    pub ways_in_unknown: Option<String>,
    /// People behind it, by name; those that are no longer in the directory by id.
    pub people: Vec<String>,
    /// Those among them who may not sign in.
    pub people_disabled: Vec<String>,
    /// Groups of the directory behind it.
    pub people_groups: Vec<String>,
    /// Why not all people are known.
    pub people_unknown: Option<String>,
    /// `alive`, `dead`, `unknown`.
    pub state: &'static str,
    /// Why it is dead or unknown.
    pub why: Option<String>,
    /// Whether it is AWS's own: a node, a service.
    pub aws_own: bool,
    /// Which calls said so, as whom, when.
    pub evidence: Vec<String>,
}

impl Flat {
    /// Where clusters could not be looked for: whom they let in is unknown, and so is which there are.
    pub fn unsearched(session: &str, why: &str) -> Self {
        let (text, none) = (String::new, Vec::new);
        Self {
            session: session.to_owned(),
            account_id: text(),
            account_name: text(),
            role: text(),
            region: text(),
            cluster: text(),
            arn: text(),
            principal: text(),
            principal_kind: "unknown",
            mapped_by: "",
            user: text(),
            groups: none(),
            policies: none(),
            mapping_unknown: Some(why.to_owned()),
            rights: none(),
            bindings: none(),
            rights_unknown: Some(why.to_owned()),
            ways_in: none(),
            ways_in_unknown: Some(why.to_owned()),
            people: none(),
            people_disabled: none(),
            people_groups: none(),
            people_unknown: Some(why.to_owned()),
            state: "unknown",
            why: Some(why.to_owned()),
            aws_own: false,
            evidence: none(),
        }
    }

    /// Of one grant.
    pub fn new(session: &str, account_name: &str, grant: &Grant) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let people = seen(&grant.people);
        let names = |wanted: &dyn Fn(&&Person) -> bool| {
            let mut names: Vec<String> = people.iter().filter(wanted).map(Person::shown).collect();
            names.sort();
            names.dedup();
            names
        };
        Self {
            session: session.to_owned(),
            account_id: grant.cluster.account.to_string(),
            account_name: account_name.to_owned(),
            role: grant.role().to_owned(),
            region: grant.cluster.region.to_string(),
            cluster: grant.cluster.name.to_string(),
            arn: grant.cluster_arn(),
            principal: grant.principal.clone(),
            principal_kind: grant.kind.word(),
            mapped_by: grant.mapped_by.word(),
            user: grant.user.clone(),
            groups: grant.groups.clone(),
            policies: grant.policies.iter().map(ToString::to_string).collect(),
            mapping_unknown: grant.unread.clone(),
            rights: grant.known_rights(),
            bindings: seen(&grant.rights).iter().filter_map(Right::origin).collect(),
            rights_unknown: owned(grant.rights_missing()),
            ways_in: seen(&grant.ways_in).iter().map(WayIn::words).collect(),
            ways_in_unknown: owned(missing(&grant.ways_in)),
            people: names(&|person| !person.is_group()),
            people_disabled: names(&|person| !person.is_group() && person.enabled == Some(false)),
            people_groups: names(&|person| person.is_group()),
            people_unknown: grant.people_missing(),
            state: grant.life.word(),
            why: owned(grant.life.why()),
            aws_own: grant.aws_own,
            evidence: grant.sources.iter().map(crate::domain::access::facts::Source::words).collect(),
        }
    }
}
