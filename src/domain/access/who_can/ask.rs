//! Who may do what is asked, of those whom clusters let in, and of the other subjects of their bindings.

use std::collections::BTreeMap;

use crate::domain::access::answers::Rule;
use crate::domain::access::facts::{Cluster, Facts};
use crate::domain::access::grant::{ClusterRef, Grant, Life, Person, PrincipalKind, Right};
use crate::domain::access::grants::names::filled;
use crate::domain::access::grants::principal::Iam;
use crate::domain::access::grants::rights::{Identity, right, right_of_masters, right_of_policy};
use crate::domain::access::grants::{doubt_of_line, name_of};
use crate::domain::access::policies::rules;
use crate::domain::access::rbac::{Extent, Given, Rbac, Request, as_service_account, extent, missing};
use crate::domain::access::who_can::answer::{Answer, Gap, Other, Path, Row, WhoCan};
use crate::domain::access::who_can::question::{Question, Scope};
use crate::domain::access::words::seen;
use crate::domain::access::{AuthMode, aws_auth};

/// Who may do what is asked. The grants are those that follow from the facts.
pub fn who_can<'a>(facts: &Facts, grants: &'a [Grant], question: &Question) -> WhoCan<'a> {
    let mut by_cluster: BTreeMap<&ClusterRef, Vec<&'a Grant>> = BTreeMap::new();
    for grant in grants {
        by_cluster.entry(&grant.cluster).or_default().push(grant);
    }
    let mut answer = WhoCan { notes: question.notes.clone(), rows: Vec::new(), others: Vec::new(), gaps: Vec::new() };
    for cluster in &facts.clusters {
        let name = name_of(cluster);
        let own = by_cluster.remove(&name).unwrap_or_default();
        let asked = Asked::of(cluster, question);
        answer.rows.extend(own.iter().map(|grant| Row { grant, answer: asked.answer(grant) }));
        answer.others.extend(asked.others(&name, &own));
        answer.gaps.extend(gaps(cluster, &name));
    }
    answer.rows.sort_by(|a, b| a.grant.cluster.cmp(&b.grant.cluster));
    answer.others.sort();
    answer.gaps.sort();
    answer
}

/// A question to a cluster.
struct Asked<'a> {
    cluster: &'a Cluster,
    rbac: Rbac<'a>,
    request: Request,
    is_everywhere: bool,
    /// Why the request is not quite known.
    doubt: Option<String>,
}

impl<'a> Asked<'a> {
    fn of(cluster: &'a Cluster, question: &Question) -> Self {
        let lists = [&cluster.roles.cluster, &cluster.roles.namespaced];
        let (request, doubt) = question.request(lists.into_iter().filter_map(|list| list.get()).flatten());
        let is_everywhere = *question.scope() == Scope::Everywhere;
        Self { cluster, rbac: Rbac::of(cluster), request, is_everywhere, doubt }
    }

    /// The names that the best of the rules is limited to; `None` where none allows it.
    fn names<'r>(&self, rules: impl IntoIterator<Item = &'r Rule>) -> Option<Vec<String>> {
        let mut names = None;
        for rule in rules {
            match extent(rule, &self.request) {
                Extent::All => return Some(Vec::new()),
                Extent::Named(more) => names.get_or_insert_with(Vec::new).extend(more.iter().cloned()),
                Extent::Nothing => {}
            }
        }
        if let Some(names) = &mut names {
            names.sort();
            names.dedup();
        }
        names
    }

    fn path(&self, right: Right, rules: &[Rule], session: Option<String>) -> Option<Path> {
        Some(Path { right, names: self.names(rules)?, session })
    }

    fn by_role(&self, given: &Given<'_>, right: Right, session: Option<String>) -> Option<Path> {
        let counts = given.is_for(&self.request) || self.is_everywhere;
        counts.then(|| self.path(right, &given.role.rules, session))?
    }

    /// Whether a path gives all that was asked: where the question is for all namespaces, what holds in some does not.
    fn is_whole(&self, path: &Path) -> bool {
        let holds = path.right.namespaces.is_empty() || !self.is_everywhere;
        holds && path.names.is_empty() && path.session.is_none()
    }

    fn answer(&self, grant: &Grant) -> Answer {
        match (self.allowed(grant), doubt_of_line(self.cluster, grant)) {
            // Nothing of it is certain: what counts in its place may give less.
            (Answer::Yes(_) | Answer::Partly(_), Some(why)) => Answer::Unknown { why, at_least: Vec::new() },
            (Answer::Unknown { why, .. }, Some(_)) => Answer::Unknown { why, at_least: Vec::new() },
            (answer, _) => answer,
        }
    }

    /// What the mapping gives, if it is what counts for its principal.
    fn allowed(&self, grant: &Grant) -> Answer {
        if let Life::Dead(why) = &grant.life {
            return Answer::No(Some(why.clone()));
        }
        let who = identity(grant);
        if who.is_master() {
            return Answer::Yes(vec![Path { right: right_of_masters(), names: Vec::new(), session: None }]);
        }
        let mut unknown = grant.unread.clone();
        let mut paths = Vec::new();
        for policy in &grant.policies {
            if !policy.is_in(self.request.namespace()) && !self.is_everywhere {
                continue;
            }
            match rules(&policy.name) {
                Some(rules) => paths.extend(self.path(right_of_policy(policy), rules, None)),
                None => unknown = Some(format!("what the access policy {} allows is not known", policy.name)),
            }
        }
        for held in who.held(&self.rbac) {
            let can = if held.session.is_none() { Ok(true) } else { can_be(grant, &held.subject) };
            if can == Ok(false) {
                continue;
            }
            if let Some(path) = self.by_role(&held.given, right(&held), held.session.clone()) {
                paths.push(path);
                unknown = unknown.or(can.err());
            }
        }
        paths.sort();
        paths.dedup();
        let (whole, partly): (Vec<Path>, Vec<Path>) = paths.into_iter().partition(|path| self.is_whole(path));
        if !whole.is_empty() {
            return Answer::Yes(whole);
        }
        let in_namespaces = self.is_everywhere || !self.request.namespace().is_empty();
        let why = unknown
            .or_else(|| missing(self.cluster, in_namespaces))
            .or_else(|| self.doubt.clone())
            .or_else(|| self.of_nodes(grant))
            .or_else(|| of_provider(grant));
        match why {
            Some(why) => Answer::Unknown { why, at_least: partly },
            None if partly.is_empty() => Answer::No(None),
            None => Answer::Partly(partly),
        }
    }

    /// Nodes have an authorizer of their own: it allows what the ClusterRole `system:node`, which nobody is bound to, says at most, and of
    /// that only what concerns the node (Kubernetes `plugin/pkg/auth/authorizer/node`).
    fn of_nodes(&self, grant: &Grant) -> Option<String> {
        let mut roles = self.cluster.roles.cluster.get()?.iter();
        let is_node = grant.groups.iter().any(|group| group == "system:nodes");
        let of_nodes = roles.find(|role| role.name == "system:node").map(|role| &role.rules)?;
        (is_node && self.names(of_nodes).is_some()).then(|| "a node may, for what concerns it".to_owned())
    }

    /// Subjects of bindings that may, and that no living mapping gives.
    fn others(&self, cluster: &ClusterRef, grants: &[&Grant]) -> Vec<Other> {
        let living = || grants.iter().filter(|grant| !matches!(grant.life, Life::Dead(_)));
        let groups = self.rbac.groups.iter().map(|(name, given)| ("Group", *name, given));
        let users = self.rbac.users.iter().map(|(name, given)| ("User", name.as_ref(), given));
        let other = |(kind, name, given): (&str, &str, &Vec<Given<'_>>)| {
            let paths = given.iter().filter_map(|given| {
                let binding = given.binding;
                let namespaces = if binding.namespace.is_empty() { vec![] } else { vec![binding.namespace.clone()] };
                let (role, binding) = (binding.role.clone(), binding.name.clone());
                self.by_role(given, Right { role, binding, subject: name.to_owned(), namespaces }, None)
            });
            let mut paths: Vec<Path> = paths.collect();
            paths.sort();
            let is_reached = |grant: &&Grant| {
                let who = identity(grant);
                if kind == "Group" { who.is_in(name) } else { who.is_named(name) }
            };
            if paths.is_empty() || living().any(is_reached) {
                return None;
            }
            let (kind, namespace, name) = match as_service_account(name).filter(|_| kind == "User") {
                Some((namespace, name)) => ("ServiceAccount", namespace, name),
                None => (kind, "", name),
            };
            Some(Other {
                cluster: cluster.clone(),
                kind: kind.to_owned(),
                namespace: namespace.to_owned(),
                name: name.to_owned(),
                all: paths.iter().any(|path| self.is_whole(path)),
                paths,
            })
        };
        groups.chain(users).filter_map(other).collect()
    }
}

/// Whom a cluster takes a grant's sessions for.
pub fn identity(grant: &Grant) -> Identity<'_> {
    Identity { kind: &grant.kind, principal: &grant.principal, user: &grant.user, groups: &grant.groups }
}

/// Whether somebody can have the session that makes a user of that name. Of a permission set it is called by the person's user name; of another
/// role the one who assumes it chooses.
///
/// # Errors
/// Why it is not known: nobody of that name was seen, and not everybody was.
fn can_be(grant: &Grant, subject: &str) -> Result<bool, String> {
    let PrincipalKind::PermissionSet { set } = &grant.kind else { return Ok(true) };
    let people = seen(&grant.people);
    if people.iter().any(|person| makes(grant, &person.name, subject)) {
        return Ok(true);
    }
    // Where the users could not be read, the id stands for the name.
    let is_nameless = |person: &Person| person.kind == "user" && person.name == person.id;
    let nameless = || people.iter().any(is_nameless).then(|| "names of users could not be read".to_owned());
    match grant.people_missing().or_else(nameless) {
        Some(why) => Err(format!("whether {subject} is somebody of the permission set {set} is not known: {why}")),
        None => Ok(false),
    }
}

/// Whether the session of that name makes a user or group of a grant.
pub fn makes(grant: &Grant, session: &str, subject: &str) -> bool {
    let account = Iam::parse(&grant.principal).map_or("", |iam| iam.account);
    let mut templates = grant.groups.iter().chain([&grant.user]);
    templates.any(|template| filled(template, account, session) == subject)
}

/// EKS lets no prefix be `system:`; what a provider whose names have no prefix may call its groups is not known.
fn of_provider(grant: &Grant) -> Option<String> {
    let is_bare = grant.kind == PrincipalKind::IdentityProvider
        && grant.groups.iter().chain([&grant.user]).any(|name| name.starts_with("{{"));
    is_bare.then(|| "its names have no prefix: whether it may say `system:` groups is not known".to_owned())
}

/// What of a cluster could not be read, so that there may be more who can.
pub fn gaps(cluster: &Cluster, name: &ClusterRef) -> Vec<Gap> {
    let mode = cluster.settings.get().and_then(|settings| settings.mode);
    let gap = |what: &str, why: Option<&str>| {
        why.map(|why| Gap { cluster: Some(name.clone()), what: what.to_owned(), why: why.to_owned() })
    };
    let mut found: Vec<Gap> = [
        gap("settings", cluster.settings.missing()),
        gap("access entries", cluster.entries.missing()).filter(|_| mode.is_none_or(AuthMode::has_entries)),
        gap("aws-auth", cluster.aws_auth.missing()).filter(|_| mode.is_none_or(AuthMode::has_config_map)),
        gap("identity providers", cluster.identity_providers.missing()),
        gap("roles and bindings", missing(cluster, true).as_deref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    if mode.is_none_or(AuthMode::has_config_map) {
        let lines = cluster.aws_auth.get().map(aws_auth::parse).unwrap_or_default();
        found.extend(lines.unread.iter().filter_map(|why| gap("aws-auth", Some(why))));
    }
    found
}
