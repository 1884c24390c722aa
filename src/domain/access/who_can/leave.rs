//! What is left when somebody leaves: what lives on, what to take away, and which ways into clusters do not pass the directory. Sources:
//! access.md 2.2 (the roles of permission sets allow 12 hours whatever the set says), protocols.md A.6 (the length of a portal
//! session is the administrators' setting, which no call tells).

use std::collections::BTreeSet;

use crate::domain::access::Listed;
use crate::domain::access::facts::{Assignee, Assignments, Directory, Facts};
use crate::domain::access::grant::{Grant, Life, PrincipalKind, WayIn};
use crate::domain::access::grants::index::Index;
use crate::domain::access::grants::name_of;
use crate::domain::access::grants::principal::Iam;
use crate::domain::access::who_can::answer::{Found, Living, OffBoarding, OtherWay, Revoke, Standing};
use crate::domain::access::who_can::ask::makes;

/// The longest session of a role of a permission set, and of any role.
const LONGEST: u32 = 12 * 60 * 60;
/// The session of a permission set that names no length.
const USUAL: u32 = 60 * 60;
/// How long a cluster takes a token.
const TOKEN: u32 = 15 * 60;

/// What is left of a person whom the directory does not let in; `None` for everybody else, and where the directory could not be read.
pub fn off_boarding<'a>(facts: &Facts, grants: &'a [Grant], who: &str, found: &[Found]) -> Option<OffBoarding<'a>> {
    let people: Vec<(&str, &str, Option<bool>)> = found
        .iter()
        .filter_map(|found| match found {
            Found::Person { id, name, enabled } => Some((id.as_str(), name.as_str(), *enabled)),
            _ => None,
        })
        .collect();
    let is_read =
        !facts.directories.is_empty() && facts.directories.iter().all(|directory| directory.users.get().is_some());
    let standing = match people.as_slice() {
        [] if found.is_empty() && who.contains('@') && is_read => Standing::Absent,
        [_, ..] if people.iter().all(|(.., enabled)| *enabled == Some(false)) => Standing::Disabled,
        _ => return None,
    };
    let names: Vec<&str> = people.iter().map(|(_, name, _)| *name).chain([who]).collect();
    let leaver = Leaver { facts, ids: people.iter().map(|(id, ..)| *id).collect() };
    let mut revoke = leaver.sessions();
    revoke.extend(leaver.assignments());
    revoke.extend(leaver.entitlements());
    revoke.extend(bindings(facts, grants, &names));
    Some(OffBoarding {
        standing,
        living: leaver.living(),
        revoke: revoke.into_iter().collect(),
        other_ways: other_ways(grants, &names),
    })
}

struct Leaver<'f> {
    facts: &'f Facts,
    /// Ids of the directory; none where it no longer knows the person.
    ids: BTreeSet<&'f str>,
}

impl<'f> Leaver<'f> {
    /// Whether an id may be the person's: it is, or no directory knows it any more, nor the person.
    fn is_of(&self, directory: &Directory, id: &str) -> bool {
        let knows = || directory.users.get().into_iter().flatten().any(|user| user.id == id);
        if self.ids.is_empty() { !knows() } else { self.ids.contains(id) }
    }

    /// The groups of a directory that the person is a member of.
    fn is_member(&self, directory: &Directory, group: &str) -> bool {
        let groups = directory.groups.get().into_iter().flatten();
        let mut members = groups.filter(|known| known.id == group).filter_map(|group| group.members.get()).flatten();
        members.any(|member| self.is_of(directory, member))
    }

    fn is_assigned(&self, directory: &Directory, assignee: &Assignee) -> bool {
        match assignee {
            Assignee::User(id) => self.is_of(directory, id),
            Assignee::Group(id) => self.is_member(directory, id),
        }
    }

    fn sessions(&self) -> BTreeSet<Revoke> {
        let mut all = BTreeSet::new();
        for directory in &self.facts.directories {
            let known = directory.users.get().into_iter().flatten().filter(|user| self.ids.contains(user.id.as_str()));
            let store = || directory.store.clone();
            all.extend(known.map(|user| Revoke::PortalSessions { store: store(), user: user.id.clone() }));
            if self.ids.is_empty() {
                all.insert(Revoke::PortalSessions { store: store(), user: String::new() });
            }
        }
        all
    }

    fn assignments(&self) -> BTreeSet<Revoke> {
        let mut all = BTreeSet::new();
        for directory in &self.facts.directories {
            for assigned in &directory.assignments {
                for assignee in assigned.assignees.get().into_iter().flatten() {
                    match assignee {
                        Assignee::User(id) if self.is_of(directory, id) => {
                            all.insert(Revoke::Assignment {
                                instance: directory.instance.clone(),
                                set: assigned.set.clone(),
                                set_name: assigned.set_name.clone(),
                                account: assigned.account.to_string(),
                                assignee: assignee.clone(),
                            });
                        }
                        Assignee::User(_) => {}
                        Assignee::Group(id) => all.extend(self.memberships(directory, id)),
                    }
                }
            }
        }
        all
    }

    fn memberships(&self, directory: &Directory, id: &str) -> Vec<Revoke> {
        let groups = directory.groups.get().into_iter().flatten().filter(|group| group.id == id);
        let members =
            groups.flat_map(|group| group.members.get().into_iter().flatten().map(move |member| (group, member)));
        let own = members.filter(|(_, member)| self.is_of(directory, member));
        own.map(|(group, member)| Revoke::Membership {
            store: directory.store.clone(),
            group: group.id.clone(),
            group_name: group.name.clone(),
            user: member.clone(),
        })
        .collect()
    }

    fn entitlements(&self) -> BTreeSet<Revoke> {
        let mut all = BTreeSet::new();
        for entitlement in self.facts.accounts.values().filter_map(|account| account.entitlements.get()).flatten() {
            for directory in &self.facts.directories {
                match &entitlement.assignee {
                    Assignee::User(id) if self.is_of(directory, id) => {
                        let (role_arn, assignee) = (entitlement.role_arn.clone(), entitlement.assignee.clone());
                        all.insert(Revoke::Entitlement { role_arn, assignee });
                    }
                    Assignee::User(_) => {}
                    Assignee::Group(id) => all.extend(self.memberships(directory, id)),
                }
            }
        }
        all
    }

    fn living(&self) -> Vec<Living> {
        let mut all = BTreeSet::from([Living::ClusterToken { seconds: TOKEN }]);
        for directory in &self.facts.directories {
            all.insert(Living::PortalSession { instance: directory.instance.clone() });
            for assigned in &directory.assignments {
                let assignees = assigned.assignees.get().into_iter().flatten();
                if assignees.clone().any(|assignee| self.is_assigned(directory, assignee)) {
                    all.insert(of_set(directory, assigned));
                }
            }
            let index = Index::of(self.facts);
            let entitlements = self.facts.accounts.values().filter_map(|account| account.entitlements.get()).flatten();
            for entitlement in entitlements.filter(|own| self.is_assigned(directory, &own.assignee)) {
                let longest = index.role(&entitlement.role_arn).and_then(|role| role.max_session);
                all.insert(Living::RoleSession {
                    account: Iam::parse(&entitlement.role_arn).map(|iam| iam.account.to_owned()).unwrap_or_default(),
                    role: entitlement.role_arn.clone(),
                    seconds: longest.unwrap_or(LONGEST),
                    exact: longest.is_some(),
                });
            }
        }
        if self.ids.is_empty() {
            // Which roles it had is not known any more.
            let (account, role) = (String::new(), String::new());
            all.insert(Living::RoleSession { account, role, seconds: LONGEST, exact: false });
        }
        all.into_iter().collect()
    }
}

/// A session of a permission set's role.
fn of_set(directory: &Directory, assigned: &Assignments) -> Living {
    let mut sets = directory.sets.get().into_iter().flatten();
    let set = sets.find(|set| set.arn == assigned.set);
    Living::RoleSession {
        account: assigned.account.to_string(),
        role: assigned.set_name.clone(),
        seconds: set.map_or(LONGEST, |set| set.session.unwrap_or(USUAL)),
        exact: set.is_some(),
    }
}

/// Bindings to a user name that a mapping makes of the person's session.
fn bindings(facts: &Facts, grants: &[Grant], names: &[&str]) -> BTreeSet<Revoke> {
    let mut all = BTreeSet::new();
    for cluster in &facts.clusters {
        let name = name_of(cluster);
        let own: Vec<&Grant> =
            grants.iter().filter(|grant| grant.cluster == name && grant.user.contains("{{")).collect();
        let lists = [&cluster.bindings.cluster, &cluster.bindings.namespaced];
        for binding in lists.into_iter().filter_map(|list| list.get()).flatten() {
            for subject in binding.subjects.iter().filter(|subject| subject.kind == "User") {
                let is_own = |grant: &&Grant| names.iter().any(|person| makes(grant, person, &subject.name));
                if own.iter().any(is_own) || names.contains(&subject.name.as_str()) {
                    all.insert(Revoke::Binding {
                        cluster: name.clone(),
                        namespace: binding.namespace.clone(),
                        binding: binding.name.clone(),
                        user: subject.name.clone(),
                    });
                }
            }
        }
    }
    all
}

/// Ways into clusters that do not pass the directory.
fn other_ways<'a>(grants: &'a [Grant], names: &[&str]) -> Vec<OtherWay<'a>> {
    let mut all = Vec::new();
    for grant in grants {
        let is_machine = matches!(grant.kind, PrincipalKind::Node | PrincipalKind::Service);
        if is_machine || grant.aws_own || matches!(grant.life, Life::Dead(_)) {
            continue;
        }
        let is_named_alike = is_named_alike(grant, names);
        let passes = |way: &&WayIn| matches!(way, WayIn::IdentityCenter(_) | WayIn::AccessManager(_));
        match &grant.ways_in {
            Listed::Seen(ways) => {
                let others = ways.iter().filter(|way| !passes(way));
                let alike = |way: &WayIn| is_named_alike || names_session(way, names);
                all.extend(others.map(|way| OtherWay { grant, way: Some(way.clone()), is_named_alike: alike(way) }));
            }
            Listed::Hidden(_) | Listed::Unasked => all.push(OtherWay { grant, way: None, is_named_alike }),
        }
    }
    all
}

/// Whether an IAM user is called as the person, or as the part of the address before the `@`.
fn is_named_alike(grant: &Grant, names: &[&str]) -> bool {
    let Some(iam) = Iam::parse(&grant.principal).filter(|_| grant.kind == PrincipalKind::User) else { return false };
    let local = |name: &&str| name.split('@').next().is_some_and(|local| local.eq_ignore_ascii_case(iam.name));
    names.iter().any(|name| name.eq_ignore_ascii_case(iam.name) || local(name))
}

/// Whether a trust policy names a session that is called as the person.
fn names_session(way: &WayIn, names: &[&str]) -> bool {
    let WayIn::Principal(arn) = way else { return false };
    let session = arn.split_once(":assumed-role/").and_then(|(_, rest)| rest.split_once('/'));
    session.is_some_and(|(_, session)| names.iter().any(|name| name.eq_ignore_ascii_case(session)))
}
