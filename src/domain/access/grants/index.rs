//! The facts, found by what mappings name.

use std::collections::BTreeMap;

use crate::domain::access::Listed;
use crate::domain::access::facts::{
    Account, Assignee, Assignments, Directory, Facts, Group, IamRole, IamUser, Source, User,
};
use crate::domain::access::grant::Person;
use crate::domain::access::grants::principal::{Iam, Sort, canonical};

/// The facts, found by what mappings name.
#[derive(Debug)]
pub struct Index<'a> {
    facts: &'a Facts,
    roles: BTreeMap<String, &'a IamRole>,
    users: BTreeMap<String, &'a IamUser>,
    /// By account and permission set, the latter in lower case.
    assignments: BTreeMap<(&'a str, String), Vec<&'a Assignments>>,
    people: BTreeMap<&'a str, &'a User>,
    groups: BTreeMap<&'a str, &'a Group>,
    /// Roles of permission sets by account and set, the latter in lower case.
    sets: BTreeMap<(&'a str, String), Vec<&'a str>>,
}

impl<'a> Index<'a> {
    /// Of these.
    pub fn of(facts: &'a Facts) -> Self {
        let roles = || facts.accounts.values().filter_map(|account| account.roles.get()).flatten();
        let users = facts.accounts.values().filter_map(|account| account.users.get()).flatten();
        let mut assignments: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for assigned in facts.directories.iter().flat_map(|directory| &directory.assignments) {
            let key = (assigned.account.as_str(), assigned.set_name.to_ascii_lowercase());
            assignments.entry(key).or_default().push(assigned);
        }
        let mut sets: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for role in roles() {
            if let Some((iam, set)) = Iam::parse(&role.arn).and_then(|iam| Some((iam, iam.set()?))) {
                sets.entry((iam.account, set.to_ascii_lowercase())).or_default().push(iam.name);
            }
        }
        let people = facts.directories.iter().filter_map(|directory| directory.users.get()).flatten();
        let groups = facts.directories.iter().filter_map(|directory| directory.groups.get()).flatten();
        Self {
            facts,
            roles: roles().map(|role| (canonical(&role.arn), role)).collect(),
            users: users.map(|user| (canonical(&user.arn), user)).collect(),
            assignments,
            people: people.map(|user| (user.id.as_str(), user)).collect(),
            groups: groups.map(|group| (group.id.as_str(), group)).collect(),
            sets,
        }
    }

    /// What IAM says of an account.
    pub fn account(&self, id: &str) -> Option<&'a Account> {
        self.facts.accounts.get(&id.parse().ok()?)
    }

    /// The IAM role of an ARN, whatever its path and case.
    pub fn role(&self, arn: &str) -> Option<&'a IamRole> {
        self.roles.get(&canonical(arn)).copied()
    }

    /// The IAM user of an ARN, whatever its case.
    pub fn user(&self, arn: &str) -> Option<&'a IamUser> {
        self.users.get(&canonical(arn)).copied()
    }

    /// Names of the roles of a permission set in an account; lines of `aws-auth` have the set's name in any case.
    pub fn roles_of_set<'s>(&'s self, account: &'s str, set: &str) -> &'s [&'s str] {
        self.sets.get(&(account, set.to_ascii_lowercase())).map_or(&[], Vec::as_slice)
    }

    /// Who has a permission set in an account, and who said so.
    pub fn assigned(&self, account: &str, set: &str) -> (Listed<Vec<Person>>, Vec<Source>) {
        let Some(all) = self.assignments.get(&(account, set.to_ascii_lowercase())) else {
            return (Listed::Unasked, Vec::new());
        };
        let mut sources: Vec<Source> = all.iter().filter_map(|assigned| assigned.assignees.source.clone()).collect();
        let mut people = Vec::new();
        for assigned in all {
            match &assigned.assignees.answer {
                Listed::Seen(assignees) => assignees.iter().for_each(|who| people.extend(self.people_of(who))),
                Listed::Hidden(why) => return (Listed::Hidden(why.clone()), sources),
                Listed::Unasked => return (Listed::Unasked, sources),
            }
        }
        sources.extend(self.sources_of(&people));
        people.sort();
        people.dedup();
        (Listed::Seen(people), sources)
    }

    /// Who may use a role by the account access manager, and who said so; `None` where nobody could look.
    pub fn entitled(&self, iam: &Iam<'_>, arn: &str) -> Option<(Vec<Person>, Vec<Source>)> {
        let fact = &self.account(iam.account)?.entitlements;
        let wanted = canonical(arn);
        let of_role = fact.get()?.iter().filter(|entitlement| canonical(&entitlement.role_arn) == wanted);
        let mut people: Vec<Person> = of_role.flat_map(|entitlement| self.people_of(&entitlement.assignee)).collect();
        people.sort();
        people.dedup();
        let sources = fact.source.iter().cloned().chain(self.sources_of(&people)).collect();
        Some((people, sources))
    }

    fn sources_of(&self, people: &[Person]) -> Vec<Source> {
        let groups = people.iter().filter(|person| person.kind == "group");
        let members = groups.filter_map(|person| self.groups.get(person.id.as_str())?.members.source.clone());
        let users = self.facts.directories.iter().filter_map(|directory| directory.users.source.clone());
        if people.is_empty() { Vec::new() } else { members.chain(users).collect() }
    }

    /// A user, or a group and its members.
    fn people_of(&self, assignee: &Assignee) -> Vec<Person> {
        match assignee {
            Assignee::User(id) => vec![self.person(id, "")],
            Assignee::Group(id) => {
                let group = self.groups.get(id.as_str());
                let (name, gone) =
                    self.name(id, group.map(|group| group.name.as_str()), |directory| directory.groups.get().is_some());
                let kind = "group".to_owned();
                let enabled = gone.then_some(false);
                let members = group.and_then(|group| group.members.get()).into_iter().flatten();
                let members: Vec<Person> = members.map(|member| self.person(member, &name)).collect();
                let unread = match group {
                    _ if gone => None,
                    Some(group) => group.members.missing().map(str::to_owned),
                    None => Some("the group could not be read".to_owned()),
                };
                let own =
                    Person { kind, id: id.clone(), name, through: String::new(), enabled, members_unread: unread };
                [own].into_iter().chain(members).collect()
            }
        }
    }

    fn person(&self, id: &str, through: &str) -> Person {
        let user = self.people.get(id);
        let (name, gone) =
            self.name(id, user.map(|user| user.name.as_str()), |directory| directory.users.get().is_some());
        let enabled = if gone { Some(false) } else { user.and_then(|user| user.enabled) };
        let (kind, members_unread) = ("user".into(), None);
        Person { kind, id: id.into(), name, through: through.into(), enabled, members_unread }
    }

    /// Its name, and whether the directories, all of which could be read, do not know it. Where one could not be read, the id
    /// stands for the name.
    fn name(&self, id: &str, known: Option<&str>, is_read: fn(&Directory) -> bool) -> (String, bool) {
        match known {
            Some(name) => (name.to_owned(), false),
            None if self.facts.directories.iter().all(is_read) => (String::new(), true),
            None => (id.to_owned(), false),
        }
    }

    /// Whether all users or roles of an account could be listed, else why not.
    pub fn is_listed(&self, iam: &Iam<'_>) -> Result<(), String> {
        let account = self.account(iam.account);
        let missing = match iam.sort {
            Sort::Role => account.map(|account| account.roles.missing()),
            Sort::User => account.map(|account| account.users.missing()),
        };
        match missing {
            Some(None) => Ok(()),
            Some(Some(why)) => Err(why.to_owned()),
            None => Err("nobody asked".to_owned()),
        }
    }

    /// Who said what IAM has in an account.
    pub fn source(&self, iam: &Iam<'_>) -> Option<Source> {
        let account = self.account(iam.account)?;
        match iam.sort {
            Sort::Role => account.roles.source.clone(),
            Sort::User => account.users.source.clone(),
        }
    }
}
