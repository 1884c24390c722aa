//! The policies that count for a role or a user of an account.

use crate::domain::access::facts::{Account, Assignments, Fact, Facts, IamRole, IamUser, PermissionSet, Permissions};
use crate::domain::access::iam::condition::{Context, Key};
use crate::domain::access::iam::document::parse;
use crate::domain::access::iam::evaluate::{Controls, Identity, Named};
use crate::domain::ids::AccountId;
use crate::domain::role_arn::{Principal, permission_set};

/// All that allows and limits a role.
///
/// # Errors
/// Why that is not known: its policies could not be read, or a document of theirs.
pub fn of_role(facts: &Facts, account: &AccountId, role: &IamRole) -> Result<Identity, String> {
    let by_set;
    let permissions = match role.permissions.get() {
        Some(own) => own,
        None => {
            let why = role.permissions.missing().unwrap_or_default();
            let unread = format!("the policies of {} could not be read: {why}", role.arn);
            match of_set(facts, account, role) {
                None => return Err(unread),
                Some(Err(why)) => return Err(format!("{unread}; nor by its permission set: {why}")),
                Some(Ok(found)) => {
                    by_set = found;
                    &by_set
                }
            }
        }
    };
    let context = principal(facts, account, &role.arn)
        .key("aws:PrincipalTag/*", Key::Unknown)
        .is("aws:PrincipalType", "AssumedRole");
    identity(facts, account, &role.arn, &[permissions], with_tags(context, &role.tags))
}

/// What the permission set says that a role of Identity Center was made for, where IAM does not show the role's policies: nobody but
/// Identity Center can change them (access.md 2.2). `None` for other roles.
///
/// # Errors
/// Why that is not known, or not in force.
fn of_set(facts: &Facts, account: &AccountId, role: &IamRole) -> Option<Result<Permissions, String>> {
    let principal = Principal::parse(&role.arn).filter(Principal::has_portal_path)?;
    let name = permission_set(principal.name)?;
    let is_own = |assigned: &&Assignments| assigned.account == *account && assigned.set_name == name;
    let sets: Vec<&PermissionSet> = facts
        .directories
        .iter()
        .flat_map(|directory| {
            let own = directory.assignments.iter().filter(is_own);
            own.flat_map(|own| directory.sets.get().into_iter().flatten().filter(|set| set.arn == own.set))
        })
        .collect();
    let [set] = sets.as_slice() else { return Some(Err(format!("which set called {name} it is of is not known"))) };
    Some(permissions_of(facts, account, principal.partition, set))
}

/// A part of a permission set.
fn seen<'f, T>(fact: &'f Fact<T>, what: &str) -> Result<&'f T, String> {
    fact.get().ok_or_else(|| format!("its {what} could not be read: {}", fact.missing().unwrap_or_default()))
}

fn permissions_of(
    facts: &Facts,
    account: &AccountId,
    partition: &str,
    set: &PermissionSet,
) -> Result<Permissions, String> {
    let known = facts.accounts.get(account).map(|account| &account.unprovisioned);
    match known.and_then(Fact::get) {
        Some(behind) if behind.contains(&set.arn) => {
            return Err("the set was changed, and the account has it as it was before".to_owned());
        }
        Some(_) => {}
        None => {
            let why = known.and_then(Fact::missing).unwrap_or("nobody asked");
            return Err(format!("whether the account has it as it is now could not be read: {why}"));
        }
    }
    let own = |reference: &String| format!("arn:{partition}:iam::{account}:policy{reference}");
    let inline = seen(&set.inline, "inline policy")?.clone().map(|text| ("AwsSSOInlinePolicy".to_owned(), text));
    let customer = seen(&set.customer_managed, "policies of the account's own")?.iter().map(own);
    let attached = seen(&set.attached, "managed policies")?.iter().cloned().chain(customer).collect();
    let boundary = seen(&set.boundary, "boundary")?.as_ref();
    let boundary = boundary.map(|named| if named.starts_with('/') { own(named) } else { named.clone() });
    Ok(Permissions { inline: inline.into_iter().collect(), attached, boundary })
}

/// All that allows and limits a user, by itself and by its groups.
///
/// # Errors
/// As of a role.
pub fn of_user(facts: &Facts, account: &AccountId, user: &IamUser) -> Result<Identity, String> {
    let missing = |what: &str, why: Option<&str>| {
        format!("the policies of {what} could not be read: {}", why.unwrap_or_default())
    };
    let own = user.permissions.get().ok_or_else(|| missing(&user.arn, user.permissions.missing()))?;
    let mut all = vec![own];
    if !user.groups.is_empty() {
        let groups = facts.accounts.get(account).map(|account| &account.groups);
        let groups = groups.ok_or_else(|| format!("nothing is known of account {account}"))?;
        let known = groups.get().ok_or_else(|| missing("IAM groups", groups.missing()))?;
        for name in &user.groups {
            let group = known.iter().find(|group| group.name == *name);
            all.push(
                &group.ok_or_else(|| missing(&format!("the IAM group {name}"), Some("it was not listed")))?.permissions,
            );
        }
    }
    let name = user.arn.rsplit('/').next().unwrap_or_default();
    let context = principal(facts, account, &user.arn)
        .is("aws:PrincipalType", "User")
        .is("aws:username", name)
        .is("aws:userid", &user.id);
    identity(facts, account, &user.arn, &all, with_tags(context, &user.tags))
}

fn identity(
    facts: &Facts,
    account: &AccountId,
    arn: &str,
    permissions: &[&Permissions],
    context: Context,
) -> Result<Identity, String> {
    let own = facts.accounts.get(account);
    let mut policies = Vec::new();
    for permissions in permissions {
        for (name, text) in &permissions.inline {
            policies.push(named(name, text)?);
        }
        for arn in &permissions.attached {
            policies.push(managed(facts, own, arn)?);
        }
    }
    let boundary = permissions.first().and_then(|own| own.boundary.as_deref());
    let boundary = boundary.map(|arn| managed(facts, own, arn)).transpose()?;
    let controls = if arn.contains(":role/aws-service-role/") { Controls::NotBound } else { controls(facts, account)? };
    Ok(Identity { arn: arn.to_owned(), account: account.clone(), policies, boundary, controls, context })
}

/// The service control policies over an account; the management account and service-linked roles are not bound by any.
///
/// Where the policy type is enabled, each root, unit and account has at least one, and an empty level would deny everything: AWS
/// refuses to detach the last. A level without any is of an organization that does not use them, and binds nobody.
/// Source: Organizations user guide, orgs_manage_policies_scps.
///
/// # Errors
/// A document cannot be read.
pub fn controls(facts: &Facts, account: &AccountId) -> Result<Controls, String> {
    let organization = &facts.organization;
    if organization.management.get() == Some(account) {
        return Ok(Controls::NotBound);
    }
    let Some(levels) = organization.control_policies.get(account) else {
        return Ok(Controls::Hidden("nobody asked".into()));
    };
    let Some(levels) = levels.get() else {
        return Ok(Controls::Hidden(levels.missing().unwrap_or_default().to_owned()));
    };
    let mut read = Vec::new();
    for (level, documents) in levels.iter().enumerate().filter(|(_, documents)| !documents.is_empty()) {
        let document = |(index, text): (usize, &String)| {
            named(&format!("service control policy {} of level {}", index + 1, level + 1), text)
        };
        read.push(documents.iter().enumerate().map(document).collect::<Result<_, _>>()?);
    }
    Ok(if read.is_empty() { Controls::NotBound } else { Controls::Levels(read) })
}

fn named(name: &str, text: &str) -> Result<Named, String> {
    let document = parse(text).map_err(|why| format!("policy {name} could not be read: {why}"))?;
    Ok(Named { name: name.to_owned(), document })
}

fn managed(facts: &Facts, account: Option<&Account>, arn: &str) -> Result<Named, String> {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let unread = |why: &str| format!("the document of policy {arn} could not be read: {why}");
    if let Some(fact) = facts.aws_policies.get(arn) {
        return named(name, fact.get().ok_or_else(|| unread(fact.missing().unwrap_or_default()))?);
    }
    let Some(account) = account else { return Err(unread("nothing is known of its account")) };
    let known = account.policies.get().ok_or_else(|| unread(account.policies.missing().unwrap_or_default()))?;
    named(name, known.get(arn).ok_or_else(|| unread("it was not listed"))?)
}

/// What each request of a principal has, as far as the facts say; where it is and how it signed in is not known.
fn principal(facts: &Facts, account: &AccountId, arn: &str) -> Context {
    let organization = facts.organization.id.get().map_or(Key::Unknown, |id| Key::Is(vec![id.clone()]));
    Context::new()
        .unknown("aws:*")
        .is("aws:PrincipalArn", arn)
        .is("aws:PrincipalAccount", account.as_str())
        .key("aws:PrincipalOrgID", organization)
        .is("aws:PrincipalIsAWSService", "false")
        .is("aws:ViaAWSService", "false")
        .is("aws:SecureTransport", "true")
        .key("aws:CalledVia", Key::Absent)
        .key("aws:PrincipalTag/*", Key::Absent)
}

fn with_tags(context: Context, tags: &std::collections::BTreeMap<String, String>) -> Context {
    tags.iter().fold(context, |context, (name, value)| context.is(&format!("aws:PrincipalTag/{name}"), value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::facts::{Directory, IamGroup, Source};

    const ALL: &str = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    fn source() -> Source {
        Source { call: "c".into(), by: "b".into(), at: jiff::Timestamp::UNIX_EPOCH }
    }

    fn account() -> AccountId {
        "111122223333".parse().expect("an id")
    }

    fn role(permissions: Permissions) -> IamRole {
        let arn = "arn:aws:iam::111122223333:role/Dev".into();
        IamRole { arn, permissions: Fact::seen(permissions, source()), ..IamRole::default() }
    }

    #[test]
    fn policies_that_could_not_be_read_are_told_and_never_taken_for_none() {
        let mut facts = Facts::default();
        let why = |facts: &Facts, role: &IamRole| of_role(facts, &account(), role).expect_err("why");
        let mut hidden = role(Permissions::default());
        hidden.permissions = Fact::hidden("AccessDenied", source());
        assert_eq!(
            why(&facts, &hidden),
            "the policies of arn:aws:iam::111122223333:role/Dev could not be read: AccessDenied"
        );
        let broken = role(Permissions { inline: vec![("p".into(), "{".into())], ..Permissions::default() });
        assert!(why(&facts, &broken).starts_with("policy p could not be read: it is not JSON"));
        let arn = "arn:aws:iam::aws:policy/X";
        let attached = role(Permissions { attached: vec![arn.into()], ..Permissions::default() });
        let bounded = role(Permissions { boundary: Some(arn.into()), ..Permissions::default() });
        assert!(why(&facts, &attached).ends_with("nothing is known of its account"));
        facts.accounts.insert(account(), Account::default());
        assert!(why(&facts, &attached).ends_with("nobody asked"));
        facts.accounts.insert(account(), Account { policies: Fact::seen([].into(), source()), ..Account::default() });
        assert!(why(&facts, &bounded).ends_with("it was not listed"));
        facts.aws_policies.insert(arn.into(), Fact::hidden("AccessDenied", source()));
        assert!(why(&facts, &attached).ends_with("AccessDenied"));
        facts.aws_policies.insert(arn.into(), Fact::seen(ALL.into(), source()));
        assert_eq!(of_role(&facts, &account(), &attached).expect("known").policies[0].name, "X");
        assert_eq!(of_role(&facts, &account(), &bounded).expect("known").boundary.expect("one").name, "X");
    }

    #[test]
    fn a_role_whose_policies_iam_does_not_show_has_those_of_its_permission_set_if_the_account_has_the_latest() {
        fn seen<T>(value: T) -> Fact<T> {
            Fact::seen(value, source())
        }
        let arn = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0123456789abcdef";
        let role =
            IamRole { arn: arn.into(), permissions: Fact::hidden("AccessDenied", source()), ..IamRole::default() };
        let set = PermissionSet {
            arn: "ps-1".into(),
            name: "Dev".into(),
            inline: seen(Some(ALL.into())),
            attached: seen(vec![]),
            customer_managed: seen(vec!["/eks/Own".into()]),
            boundary: seen(Some("/Bound".into())),
            ..PermissionSet::default()
        };
        let assigned =
            Assignments { account: account(), set: "ps-1".into(), set_name: "Dev".into(), assignees: seen(vec![]) };
        let directory = Directory { sets: seen(vec![set]), assignments: vec![assigned], ..Directory::default() };
        let own = ["eks/Own", "Bound"].map(|name| (format!("arn:aws:iam::111122223333:policy/{name}"), ALL.to_owned()));
        let mut facts = Facts { directories: vec![directory], ..Facts::default() };
        facts.accounts.insert(
            account(),
            Account { policies: seen(own.into()), unprovisioned: seen(vec![]), ..Account::default() },
        );
        let found = of_role(&facts, &account(), &role).expect("known");
        let names: Vec<&str> = found.policies.iter().map(|policy| policy.name.as_str()).collect();
        assert_eq!(
            (names, found.boundary.map(|own| own.name)),
            (vec!["AwsSSOInlinePolicy", "Own"], Some("Bound".into()))
        );
        let why = |facts: &Facts| of_role(facts, &account(), &role).expect_err("why");
        let with = |change: fn(&mut Facts)| {
            let mut facts = facts.clone();
            change(&mut facts);
            why(&facts)
        };
        let behind = with(|facts| {
            facts
                .accounts
                .values_mut()
                .for_each(|account| account.unprovisioned = Fact::seen(vec!["ps-1".into()], source()));
        });
        assert!(behind.ends_with("the account has it as it was before"), "{behind}");
        let hidden = with(|facts| {
            if let crate::domain::access::Listed::Seen(sets) = &mut facts.directories[0].sets.answer {
                sets[0].boundary = Fact::hidden("AccessDenied", source());
            }
        });
        assert!(hidden.ends_with("its boundary could not be read: AccessDenied"), "{hidden}");
        let other = with(|facts| facts.directories.clear());
        assert!(other.ends_with("which set called Dev it is of is not known"), "{other}");
    }

    #[test]
    fn a_user_has_the_policies_of_its_groups() {
        let permissions = Permissions { inline: vec![("g".into(), ALL.into())], ..Permissions::default() };
        let groups = Fact::seen(vec![IamGroup { name: "Admins".into(), permissions }], source());
        let mut facts = Facts::default();
        facts.accounts.insert(account(), Account { groups, ..Account::default() });
        let user = |group: &str| IamUser {
            arn: "arn:aws:iam::111122223333:user/jane".into(),
            permissions: Fact::seen(Permissions::default(), source()),
            groups: vec![group.to_owned()],
            ..IamUser::default()
        };
        assert_eq!(of_user(&facts, &account(), &user("Admins")).expect("known").policies.len(), 1);
        assert!(of_user(&facts, &account(), &user("Others")).expect_err("why").contains("the IAM group Others"));
    }

    #[test]
    fn control_policies_bind_neither_the_management_account_nor_service_linked_roles() {
        let mut facts = Facts::default();
        let plain = role(Permissions::default());
        let controls = |facts: &Facts, role: &IamRole| of_role(facts, &account(), role).expect("known").controls;
        assert_eq!(controls(&facts, &plain), Controls::Hidden("nobody asked".into()));
        facts.organization.control_policies.insert(account(), Fact::hidden("AccessDenied", source()));
        assert_eq!(controls(&facts, &plain), Controls::Hidden("AccessDenied".into()));
        let linked = "arn:aws:iam::111122223333:role/aws-service-role/eks.amazonaws.com/X".into();
        assert_eq!(controls(&facts, &IamRole { arn: linked, ..plain.clone() }), Controls::NotBound);
        facts.organization.control_policies.insert(account(), Fact::seen(vec![vec![ALL.into()]], source()));
        assert!(
            matches!(controls(&facts, &plain), Controls::Levels(levels) if levels[0][0].name == "service control policy 1 of level 1")
        );
        // An organization that does not use them has none on any level.
        for none in [vec![], vec![vec![]], vec![vec![], vec![], vec![]]] {
            facts.organization.control_policies.insert(account(), Fact::seen(none, source()));
            assert_eq!(controls(&facts, &plain), Controls::NotBound);
        }
        let mixed = vec![vec![], vec![ALL.into()]];
        facts.organization.control_policies.insert(account(), Fact::seen(mixed, source()));
        assert!(
            matches!(controls(&facts, &plain), Controls::Levels(levels) if levels.len() == 1 && levels[0][0].name.ends_with("of level 2"))
        );
        facts.organization.management = Fact::seen(account(), source());
        assert_eq!(controls(&facts, &plain), Controls::NotBound);
    }
}
