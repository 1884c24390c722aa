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
    for (level, documents) in levels.iter().enumerate() {
        let document = |(index, text): (usize, &String)| {
            named(&format!("service control policy {} of level {}", index + 1, level + 1), text)
        };
        read.push(documents.iter().enumerate().map(document).collect::<Result<_, _>>()?);
    }
    Ok(Controls::Levels(read))
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
