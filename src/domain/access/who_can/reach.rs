//! What a person, a group or a role reaches in all clusters.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::Listed;
use crate::domain::access::facts::{Assignee, Directory, Fact, Facts, Group, IamRole, User};
use crate::domain::access::grant::{ClusterRef, Grant, Life, PrincipalKind, Right, WayIn};
use crate::domain::access::grants::index::Index;
use crate::domain::access::grants::name_of;
use crate::domain::access::grants::principal::{Iam, Sort, canonical};
use crate::domain::access::iam::condition::Context;
use crate::domain::access::iam::document::parse;
use crate::domain::access::iam::effective::{controls, of_role, of_user};
use crate::domain::access::iam::evaluate::{Caller, Controls, Decision, Identity, Named, may_assume};
use crate::domain::access::iam::trust::read;
use crate::domain::access::rbac::AUTHENTICATED;
use crate::domain::access::who_can::answer::{Found, Gap, Reach, Reached};
use crate::domain::access::who_can::ask::{gaps, makes};
use crate::domain::access::who_can::leave::off_boarding;
use crate::domain::access::words::seen;
use crate::domain::ids::AccountId;

/// What a word reaches: an e-mail address, a user name, a group, a permission set, a role or user by name or ARN.
pub fn reach<'a>(facts: &Facts, grants: &'a [Grant], who: &str) -> Reach<'a> {
    let found = find(facts, grants, who);
    let search = Search { facts, grants, index: Index::of(facts) };
    let mut all: BTreeMap<usize, Reached<'a>> = BTreeMap::new();
    for one in &found {
        for (place, reached) in search.from(one) {
            // The surer way, then the shorter one.
            let is_better = |known: &Reached<'_>| (reached.maybe, reached.by.len()) < (known.maybe, known.by.len());
            if all.get(&place).is_none_or(is_better) {
                all.insert(place, reached);
            }
        }
    }
    let grants_reached: Vec<Reached<'a>> = all.into_values().collect();
    let mut gaps = all_gaps(facts, grants);
    gaps.extend(of_resources(facts, &grants_reached));
    gaps.sort();
    Reach { off_boarding: off_boarding(facts, grants, who, &found), grants: grants_reached, gaps, found }
}

/// What a word names, without regard to case.
fn find(facts: &Facts, grants: &[Grant], who: &str) -> Vec<Found> {
    let is = |name: &str| name.eq_ignore_ascii_case(who);
    let mut found = BTreeSet::new();
    for directory in &facts.directories {
        let users = directory.users.get().into_iter().flatten();
        found.extend(users.filter(|user| is(&user.name) || user.emails.iter().any(|mail| is(mail))).map(
            |User { id, name, enabled, .. }| Found::Person { id: id.clone(), name: name.clone(), enabled: *enabled },
        ));
        let groups = directory.groups.get().into_iter().flatten();
        found.extend(
            groups
                .filter(|group| is(&group.name))
                .map(|Group { id, name, .. }| Found::Group { id: id.clone(), name: name.clone() }),
        );
        let sets = directory.sets.get().into_iter().flatten().map(|set| &set.name);
        let sets = sets.chain(directory.assignments.iter().map(|assigned| &assigned.set_name));
        found.extend(sets.filter(|name| is(name)).map(|name| Found::PermissionSet { name: name.clone() }));
    }
    let accounts = facts.accounts.values();
    let roles = accounts.clone().filter_map(|account| account.roles.get()).flatten().map(|role| role.arn.as_str());
    let users = accounts.filter_map(|account| account.users.get()).flatten().map(|user| user.arn.as_str());
    let mapped = grants.iter().map(|grant| grant.principal.as_str());
    let mut seen = BTreeSet::new();
    for arn in roles.chain(users).chain(mapped) {
        let Some(iam) = Iam::parse(arn) else { continue };
        if (is(arn) || is(iam.name) || canonical(arn) == canonical(who)) && seen.insert(canonical(arn)) {
            found.insert(Found::Principal { arn: arn.to_owned() });
        }
        if let Some(set) = iam.set().filter(|set| is(set)) {
            let known = |one: &Found| matches!(one, Found::PermissionSet { name } if name.eq_ignore_ascii_case(set));
            if !found.iter().any(known) {
                found.insert(Found::PermissionSet { name: set.to_owned() });
            }
        }
    }
    found.into_iter().collect()
}

struct Search<'f, 'a> {
    facts: &'f Facts,
    grants: &'a [Grant],
    index: Index<'f>,
}

/// A principal that was come to, with the steps to it.
#[derive(Debug, Clone)]
struct Step {
    /// The role's or user's ARN.
    arn: String,
    by: Vec<String>,
    maybe: bool,
    /// What its session is called.
    session: Session,
}

/// What the session of a role is called: a trust policy may name one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Session {
    /// So. Identity Center calls the session of a permission set by the person's user name.
    Named(String),
    /// As whoever assumes the role wants.
    Chosen,
    /// By whoever it is, which is not known.
    Unknown,
}

impl<'a> Search<'_, 'a> {
    /// What one thing reaches, by its place among the grants.
    fn from(&self, found: &Found) -> Vec<(usize, Reached<'a>)> {
        let mut all = Vec::new();
        let steps = match found {
            Found::Person { id, name, .. } => {
                let direct = |directory: &Directory, assignee: &Assignee| match assignee {
                    Assignee::User(user) => (user == id).then(Vec::new),
                    Assignee::Group(group) => {
                        let groups = directory.groups.get().into_iter().flatten();
                        let mut own = groups.filter(|known| known.id == *group);
                        let group = own.find(|group| group.members.get().is_some_and(|all| all.contains(id)))?;
                        Some(vec![format!("group {}", group.name)])
                    }
                };
                all.extend(self.by_people(|person| person == ("user", id), Some(name)));
                self.assigned(direct, &Session::Named(name.clone()))
            }
            Found::Group { id, .. } => {
                all.extend(self.by_people(|person| person == ("group", id), None));
                self.assigned(
                    |_, assignee| (*assignee == Assignee::Group(id.clone())).then(Vec::new),
                    &Session::Unknown,
                )
            }
            Found::PermissionSet { name } => {
                let of_set = |grant: &Grant| matches!(&grant.kind, PrincipalKind::PermissionSet { set } if set.eq_ignore_ascii_case(name));
                let step = || vec![format!("permission set {name}")];
                all.extend(self.reached(of_set, &|_| step(), false, None));
                self.roles_of_sets(|set| set.eq_ignore_ascii_case(name))
                    .map(|arn| Step { arn, by: step(), maybe: false, session: Session::Unknown })
                    .collect()
            }
            Found::Principal { arn } => {
                vec![Step { arn: arn.clone(), by: Vec::new(), maybe: false, session: Session::Unknown }]
            }
        };
        let is_person = matches!(found, Found::Person { .. } | Found::Group { .. } | Found::PermissionSet { .. });
        for (step, is_start) in self.chains(steps) {
            let own = canonical(&step.arn);
            let is_own = |grant: &Grant| Iam::parse(&grant.principal).is_some() && canonical(&grant.principal) == own;
            if !(is_start && is_person) {
                all.extend(self.reached(is_own, &|_| step.by.clone(), step.maybe, None));
            }
            // A whole account is asked about last: whoever is mapped by name does not come in by it.
            let account = Iam::parse(&step.arn).map_or("", |iam| iam.account);
            let is_named = |cluster: &ClusterRef| {
                let living = |grant: &&Grant| grant.cluster == *cluster && !matches!(grant.life, Life::Dead(_));
                self.grants.iter().filter(living).any(is_own)
            };
            let by_account = |grant: &Grant| {
                grant.kind == PrincipalKind::Account && grant.principal == account && !is_named(&grant.cluster)
            };
            let by = |grant: &Grant| [step.by.clone(), vec![format!("account {}", grant.principal)]].concat();
            all.extend(self.reached(by_account, &by, step.maybe, None));
        }
        all
    }

    fn reached(
        &self,
        is_meant: impl Fn(&Grant) -> bool,
        by: &dyn Fn(&Grant) -> Vec<String>,
        maybe: bool,
        person: Option<&str>,
    ) -> Vec<(usize, Reached<'a>)> {
        let all = self.grants.iter().enumerate().filter(|(_, grant)| is_meant(grant));
        all.map(|(place, grant)| (place, Reached { grant, by: by(grant), maybe, rights: own_rights(grant, person) }))
            .collect()
    }

    /// Grants whose people are meant, with the steps to them.
    fn by_people(&self, is: impl Fn((&str, &str)) -> bool, name: Option<&str>) -> Vec<(usize, Reached<'a>)> {
        let mut all = Vec::new();
        for (place, grant) in self.grants.iter().enumerate() {
            let Listed::Seen(people) = &grant.people else { continue };
            let mut own = people.iter().filter(|person| is((&person.kind, &person.id)));
            let Some(person) = own.next() else { continue };
            let group = (!person.through.is_empty()).then(|| format!("group {}", person.through));
            let role = match &grant.kind {
                PrincipalKind::PermissionSet { set } => format!("permission set {set}"),
                _ => format!("role {}", grant.principal),
            };
            let by = group.into_iter().chain([role]).collect();
            all.push((place, Reached { grant, by, maybe: false, rights: own_rights(grant, name) }));
        }
        all
    }

    /// The roles that assignments lead to, if they are of somebody who is meant.
    ///
    /// `session` is what Identity Center calls the sessions of permission sets; how the account access manager calls its own is not known.
    fn assigned(&self, is: impl Fn(&Directory, &Assignee) -> Option<Vec<String>>, session: &Session) -> Vec<Step> {
        let mut all = Vec::new();
        for directory in &self.facts.directories {
            for assigned in &directory.assignments {
                let assignees = assigned.assignees.get().into_iter().flatten();
                let Some(by) = assignees.filter_map(|assignee| is(directory, assignee)).min() else { continue };
                let by = [by, vec![format!("permission set {}", assigned.set_name)]].concat();
                let own = self.index.roles_of_set(assigned.account.as_str(), &assigned.set_name);
                let roles = self.all_roles().filter(|role| {
                    Iam::parse(&role.arn)
                        .is_some_and(|iam| iam.account == assigned.account.as_str() && own.contains(&iam.name))
                });
                all.extend(roles.map(|role| Step {
                    arn: role.arn.clone(),
                    by: by.clone(),
                    maybe: false,
                    session: session.clone(),
                }));
            }
        }
        let accounts = self.facts.accounts.values().filter_map(|account| account.entitlements.get()).flatten();
        for entitlement in accounts {
            let found =
                self.facts.directories.iter().filter_map(|directory| is(directory, &entitlement.assignee)).min();
            let Some(by) = found else { continue };
            let by = [by, vec![format!("role {}", entitlement.role_arn)]].concat();
            all.push(Step { arn: entitlement.role_arn.clone(), by, maybe: false, session: Session::Unknown });
        }
        all
    }

    fn all_roles(&self) -> impl Iterator<Item = &IamRole> {
        self.facts.accounts.values().filter_map(|account| account.roles.get()).flatten()
    }

    fn roles_of_sets(&self, is: impl Fn(&str) -> bool) -> impl Iterator<Item = String> {
        let is_own = move |role: &&IamRole| Iam::parse(&role.arn).and_then(|iam| iam.set()).is_some_and(&is);
        self.all_roles().filter(is_own).map(|role| role.arn.clone())
    }

    /// The roles that can be assumed from these, from those in turn, and so on; with the first ones, which are marked.
    fn chains(&self, starts: Vec<Step>) -> Vec<(Step, bool)> {
        let trusting: Vec<Trusting<'_>> = self.all_roles().filter_map(Trusting::of).collect();
        let mut seen: BTreeMap<String, bool> = BTreeMap::new();
        let mut all: Vec<(Step, bool)> = Vec::new();
        let mut next: Vec<(Step, bool)> = starts.into_iter().map(|step| (step, true)).collect();
        while !next.is_empty() {
            let mut further = Vec::new();
            for (step, is_start) in next {
                let key = canonical(&step.arn);
                // What was come to for sure needs no second look, and neither does what only may be a second time.
                if seen.get(&key).is_some_and(|maybe| !maybe || step.maybe) {
                    continue;
                }
                seen.insert(key, step.maybe);
                let identity = self.identity(&step.arn);
                for role in &trusting {
                    let Some(maybe) = role.lets_in(&step, identity.as_ref(), self.index.role(&step.arn)) else {
                        continue;
                    };
                    let by = [step.by.clone(), vec![format!("role {}", role.role.arn)]].concat();
                    let maybe = maybe || step.maybe;
                    further.push((Step { arn: role.role.arn.clone(), by, maybe, session: Session::Chosen }, false));
                }
                all.push((step, is_start));
            }
            next = further;
        }
        all
    }

    /// All that allows and limits a principal, if it is known.
    fn identity(&self, arn: &str) -> Option<Identity> {
        let account = Iam::parse(arn)?.account.parse().ok()?;
        match (self.index.role(arn), self.index.user(arn)) {
            (Some(role), _) => of_role(self.facts, &account, role).ok(),
            (None, Some(user)) => of_user(self.facts, &account, user).ok(),
            (None, None) => None,
        }
    }
}

/// A role that other principals may assume.
struct Trusting<'f> {
    role: &'f IamRole,
    trust: Named,
    ways: Vec<WayIn>,
}

impl<'f> Trusting<'f> {
    fn of(role: &'f IamRole) -> Option<Self> {
        let ways: Vec<WayIn> = read(&role.arn, &role.trust).ok()?.ways.into_iter().map(|way| way.way).collect();
        let is_open = |way: &WayIn| matches!(way, WayIn::Principal(_) | WayIn::Account(_) | WayIn::Anyone);
        let trust = Named { name: "trust policy".to_owned(), document: parse(&role.trust).ok()? };
        ways.iter().any(is_open).then_some(Self { role, trust, ways })
    }

    /// Whether whoever is at a step gets it; `Some(true)` where that cannot be told.
    fn lets_in(&self, step: &Step, identity: Option<&Identity>, own: Option<&IamRole>) -> Option<bool> {
        let arn = step.arn.as_str();
        let account = Iam::parse(arn)?.account;
        let is_named = self.ways.iter().any(|way| match way {
            WayIn::Principal(named) => canonical(named) == canonical(arn) || session_of(named, arn).is_some(),
            WayIn::Account(known) => known == account,
            way => *way == WayIn::Anyone,
        });
        if !is_named || canonical(arn) == canonical(&self.role.arn) {
            return None;
        }
        let ask = |session: Option<&str>| {
            let caller = Caller::Aws { arn, session, identity };
            let mut context = Context::new().unknown("*");
            if let (Some(session), Some(role)) = (session, own.filter(|role| !role.id.is_empty())) {
                context = context.is("aws:userid", &format!("{}:{session}", role.id));
            }
            match may_assume(&self.role.arn, &self.trust, &caller, &context) {
                Decision::Denied(_) | Decision::NotAllowed(_) => None,
                // Service control policies that could not be read may deny it.
                decision => Some(!matches!(decision, Decision::Allowed(_))),
            }
        };
        let by_name = || {
            let named = self.ways.iter().filter_map(|way| match way {
                WayIn::Principal(named) => session_of(named, arn),
                _ => None,
            });
            named.filter_map(|session| ask(Some(session))).min()
        };
        match &step.session {
            Session::Named(session) => ask(Some(session)),
            // Whoever assumes the role takes the name that helps.
            Session::Chosen => ask(None).into_iter().chain(by_name()).min(),
            Session::Unknown => ask(None).or_else(|| by_name().map(|_| true)),
        }
    }
}

/// The name of the session, where a trust policy's principal is a session of that role.
fn session_of<'n>(named: &'n str, role: &str) -> Option<&'n str> {
    let role = Iam::parse(role).filter(|role| role.sort == Sort::Role)?;
    let start = format!("arn:{}:sts::{}:assumed-role/{}/", role.partition, role.account, role.name);
    named.strip_prefix(&start).filter(|session| !session.is_empty())
}

/// A grant's rights without those of bindings to another person's session.
fn own_rights(grant: &Grant, person: Option<&str>) -> Listed<Vec<Right>> {
    let (Listed::Seen(rights), Some(person)) = (&grant.rights, person) else { return grant.rights.clone() };
    let of_all = |subject: &String| {
        subject.is_empty() || subject == AUTHENTICATED || grant.groups.contains(subject) || *subject == grant.user
    };
    let own = rights.iter().filter(|right| of_all(&right.subject) || makes(grant, person, &right.subject));
    Listed::Seen(own.cloned().collect())
}

/// What could not be read of clusters, accounts and directories.
fn all_gaps(facts: &Facts, grants: &[Grant]) -> Vec<Gap> {
    let mut all: Vec<Gap> = facts.clusters.iter().flat_map(|cluster| gaps(cluster, &name_of(cluster))).collect();
    let mut add = |what: String, why: Option<&str>| {
        all.extend(why.map(|why| Gap { cluster: None, what, why: why.to_owned() }));
    };
    for (id, account) in &facts.accounts {
        add(format!("IAM roles of account {id}"), account.roles.missing());
        add(format!("IAM users of account {id}"), account.users.missing());
        add(format!("entitlements of account {id}"), account.entitlements.missing());
        if let Ok(Controls::Hidden(why)) = controls(facts, id) {
            add(format!("service control policies of account {id}"), Some(&why));
        }
        for role in account.roles.get().into_iter().flatten() {
            let broken = read(&role.arn, &role.trust).map(|_| ()).and_then(|()| parse(&role.trust).map(|_| ()));
            add(format!("the trust policy of {}", role.arn), broken.err().as_deref());
        }
    }
    for (account, role) in unread_accounts(facts, grants) {
        add(
            format!("IAM roles of account {account}"),
            Some(&format!("nobody asked; the trust policy of {role} names it")),
        );
    }
    for directory in &facts.directories {
        add(format!("users of the directory {}", directory.store), directory.users.missing());
        add(format!("groups of the directory {}", directory.store), directory.groups.missing());
        for assigned in &directory.assignments {
            let what = format!("assignments of {} in account {}", assigned.set_name, assigned.account);
            add(what, assigned.assignees.missing());
            for assignee in assigned.assignees.get().into_iter().flatten() {
                let Assignee::Group(id) = assignee else { continue };
                let mut groups = directory.groups.get().into_iter().flatten();
                let group = groups.find(|group| group.id == *id);
                add(
                    format!("members of the group {}", group.map_or(id, |group| &group.name)),
                    group.and_then(|group| group.members.missing()),
                );
            }
        }
    }
    if facts.directories.is_empty() {
        add("the directory of Identity Center".to_owned(), Some("nobody asked, or it could not be read"));
    }
    all.sort();
    all.dedup();
    all
}

/// Accounts of which nothing was read, and from which the trust policy of a mapped role lets somebody in; with that role.
fn unread_accounts(facts: &Facts, grants: &[Grant]) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for grant in grants.iter().filter(|grant| !matches!(grant.life, Life::Dead(_))) {
        for way in seen(&grant.ways_in) {
            let account = match way {
                WayIn::Account(account) if grant.kind != PrincipalKind::Account => Some(account.as_str()),
                WayIn::Principal(arn) => arn.split(':').nth(4),
                _ => None,
            };
            let account = account.and_then(|id| id.parse::<AccountId>().ok());
            if let Some(account) = account.filter(|id| !facts.accounts.contains_key(id)) {
                all.entry(account.to_string()).or_insert_with(|| grant.principal.clone());
            }
        }
    }
    all
}

/// Resource control policies, which eksso does not read, may deny `sts:AssumeRole`: of use where a step is a role that is assumed. They
/// bind neither the management account nor an account outside of organizations.
fn of_resources(facts: &Facts, reached: &[Reached<'_>]) -> Option<Gap> {
    let organization = &facts.organization;
    let may_bind = |account: &str| {
        let id = account.parse::<AccountId>().ok();
        let is_outside = |id: &AccountId| {
            let levels = organization.control_policies.get(id).and_then(Fact::get);
            organization.id.get().is_none() && levels.is_some_and(Vec::is_empty)
        };
        id.is_none_or(|id| organization.management.get() != Some(&id) && !is_outside(&id))
    };
    let steps = reached.iter().flat_map(|reached| &reached.by);
    let mut roles = steps.filter_map(|step| Iam::parse(step.strip_prefix("role ")?));
    roles.any(|role| may_bind(role.account)).then(|| Gap {
        cluster: None,
        what: "resource control policies".to_owned(),
        why: "eksso does not read them: they may deny a role that is assumed on the way".to_owned(),
    })
}
