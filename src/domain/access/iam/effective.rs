//! The policies that count for a role or a user of an account.

use crate::domain::access::facts::{Account, Facts, IamRole, IamUser, Permissions};
use crate::domain::access::iam::condition::{Context, Key};
use crate::domain::access::iam::document::parse;
use crate::domain::access::iam::evaluate::{Controls, Identity, Named};
use crate::domain::ids::AccountId;

/// All that allows and limits a role.
///
/// # Errors
/// Why that is not known: its policies could not be read, or a document of theirs.
pub fn of_role(facts: &Facts, account: &AccountId, role: &IamRole) -> Result<Identity, String> {
    let permissions = role.permissions.get().ok_or_else(|| {
        format!("the policies of {} could not be read: {}", role.arn, role.permissions.missing().unwrap_or_default())
    })?;
    let context = principal(facts, account, &role.arn)
        .key("aws:PrincipalTag/*", Key::Unknown)
        .is("aws:PrincipalType", "AssumedRole");
    identity(facts, account, &role.arn, &[permissions], with_tags(context, &role.tags))
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
    use crate::domain::access::facts::{Fact, IamGroup, Source};

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
