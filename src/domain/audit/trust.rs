//! Rules about who can become a role that a cluster lets people in with. Sources: access.md 2.1, 2.2, 3.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::domain::access::grant::WayIn;
use crate::domain::access::iam::condition::Context;
use crate::domain::access::iam::document::Test;
use crate::domain::access::iam::evaluate::{Caller, Decision, Named, may_assume};
use crate::domain::access::iam::trust::{Trust, Way, read};
use crate::domain::audit::finding::{Finding, Found, Place, Severity};
use crate::domain::audit::rule::{Group, Need, Rule};
use crate::domain::audit::scene::{HumanRole, Looked, Scene, listing};
use crate::domain::role_arn::{Principal, permission_set};

/// The rules of this group.
pub const RULES: &[Rule] = &[
    TRUST_ANYONE,
    TRUST_ACCOUNT,
    TRUST_OTHER_ACCOUNT,
    TRUST_SAML_NO_AUD,
    TRUST_SAML_ODD_AUD,
    TRUST_SAML_PROVIDER,
    TRUST_MIXED,
    TRUST_DANGLING,
    TRUST_OIDC_OPEN,
    TRUST_ACCESS_MANAGER,
    PRINCIPAL_NOT_FEDERATED,
];

/// Where assertions for AWS go, whatever the region. Source: protocols.md I.2.
const SIGN_IN_HOSTS: [&str; 4] =
    ["signin.aws.amazon.com", "signin.amazonaws-us-gov.com", "signin.amazonaws.cn", "signin.amazonaws-eusc.eu"];
/// Metadata that ends sooner is to be renewed now.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Conditions that say who in AWS is meant; networks and `…IfExists` do not.
const WHO: [&str; 7] = [
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalArn",
    "aws:PrincipalAccount",
    "sts:ExternalId",
    "aws:SourceArn",
    "aws:SourceAccount",
];

const TRUST_ANYONE: Rule = Rule {
    id: "trust-anyone",
    group: Group::Trust,
    severity: Severity::Critical,
    title: "anybody in AWS can become the role",
    why: "If anybody can assume the role that a cluster trusts, single sign-on protects nothing.",
    condition: "The trust policy of a role that lets people into a cluster allows sts:AssumeRole to everybody (`*`, NotPrincipal), no condition says who (organization, principal ARN or account, external id, source), and no Deny closes it. A pattern whose account or organization is open, and a tag, say nothing: a stranger has those of his own.",
    fix: "Name the principals: the SAML provider, or one role.",
    tags: &["CIS 5.1", "EKS best practices: Combine IAM Identity Center with CAM API"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            for way in trust.ways.iter().filter(|way| way.way == WayIn::Anyone && !is_narrowed(way, &WHO)) {
                if !is_closed(role, trust, "arn:aws:iam::000000000000:role/stranger") {
                    let fact = format!(
                        "The trust policy of {} lets everybody in AWS become it ({}); it lets into {}.",
                        role.name(),
                        way.statement,
                        role.clusters()
                    );
                    add(scene, found, role, fact, to_saml(role)).about(&way.statement);
                }
            }
        })
    },
};

const TRUST_ACCOUNT: Rule = Rule {
    id: "trust-account",
    group: Group::Trust,
    severity: Severity::High,
    title: "whoever the account lets can become the role",
    why: "Every administrator of the account, and everybody with sts:AssumeRole on `*`, PowerUserAccess among them, passes single sign-on by.",
    condition: "The trust policy of a role that lets people into a cluster names its own account (root, or the bare id), and no condition on aws:PrincipalArn (other than all its roles) or a tag of the principal says which of its principals; and no Deny closes it.",
    fix: "Trust the SAML provider; or narrow it by ArnLike aws:PrincipalArn to the permission set's roles.",
    tags: &["CIS 5.1", "EKS best practices: Combine IAM Identity Center with CAM API"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            for way in trust.ways.iter().filter(|way| is_open_account(role, way)) {
                if !is_closed(role, trust, &format!("{}:role/somebody", account_arn(role))) {
                    let fact = format!(
                        "The trust policy of {} lets whoever account {} lets become it ({}); it lets into {}.",
                        role.name(),
                        role.account,
                        way.statement,
                        role.clusters()
                    );
                    let arn =
                        format!("{}:role/aws-reserved/sso.amazonaws.com*/AWSReservedSSO_NAME_*", account_arn(role));
                    let fix = format!(
                        "{}; or add \"Condition\": {{\"ArnLike\": {{\"aws:PrincipalArn\": \"{arn}\"}}}}",
                        to_saml(role)
                    );
                    add(scene, found, role, fact, fix).about(&way.statement);
                }
            }
        })
    },
};

const TRUST_OTHER_ACCOUNT: Rule = Rule {
    id: "trust-other-account",
    group: Group::Trust,
    severity: Severity::High,
    title: "another account can become the role",
    why: "Who gets in is decided in the other account, by people and policies that nobody here sees.",
    condition: "The trust policy of a role that lets people into a cluster names another account, or a principal of it; low where that principal is named, or a condition says who, and the account is known to be of the same organization. Pipelines may do so: suppress it with the reason.",
    fix: "Name one role instead of root, and demand aws:PrincipalOrgID.",
    tags: &["CIS 5.1"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            for way in &trust.ways {
                let Some(account) = other_account(role, way) else { continue };
                let named = matches!(way.way, WayIn::Principal(_));
                let narrowed = named
                    || is_narrowed(
                        way,
                        &["sts:ExternalId", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalTag/*"],
                    );
                let organization = &scene.facts.organization;
                let own_id = organization
                    .id
                    .get()
                    .is_some_and(|id| way.values("aws:PrincipalOrgID").iter().any(|value| value == id));
                let member = account
                    .parse()
                    .ok()
                    .zip(organization.accounts.get())
                    .is_some_and(|(id, all)| all.contains_key(&id));
                let whether = match organization.accounts.missing() {
                    _ if own_id || member => "of the same organization".to_owned(),
                    None => "of no account of this organization".to_owned(),
                    Some(why) => format!("and whether that is of the same organization could not be read: {why}"),
                };
                let stranger = if named {
                    way.principal.clone()
                } else {
                    format!("arn:{}:iam::{account}:role/somebody", partition(role))
                };
                if !is_closed(role, trust, &stranger) {
                    let fact = format!(
                        "The trust policy of {} lets {} become it ({}), {whether}; it lets into {}.",
                        role.name(),
                        way_words(way),
                        way.statement,
                        role.clusters()
                    );
                    let fix = "In the trust policy name one role, and add \"Condition\": {\"StringEquals\": {\"aws:PrincipalOrgID\": \"o-YOURS\"}}".to_owned();
                    let finding =
                        add(scene, found, role, fact, fix).about(&format!("{} {}", way.principal, way.statement));
                    if narrowed && (own_id || member) {
                        finding.severity(Severity::Low);
                    }
                }
            }
        })
    },
};

const TRUST_SAML_NO_AUD: Rule = Rule {
    id: "trust-saml-no-aud",
    group: Group::Trust,
    severity: Severity::High,
    title: "the role takes assertions made for others",
    why: "An assertion that the identity provider signed for another service might be accepted, and open the cluster.",
    condition: "A trust policy allows sts:AssumeRoleWithSAML to a SAML provider, and no condition demands a value of SAML:aud.",
    fix: "Add the condition StringEquals SAML:aud with the sign-in URLs of the partition.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            for way in trust.ways.iter().filter(|way| is_saml(way) && way.saml_audiences().is_empty()) {
                let fact = format!(
                    "The trust policy of {} takes any assertion of {} ({}): it demands no SAML:aud.",
                    role.name(),
                    way.principal,
                    way.statement
                );
                add(scene, found, role, fact, audience(role)).about(&format!("{} {}", way.principal, way.statement));
            }
        })
    },
};

const TRUST_SAML_ODD_AUD: Rule = Rule {
    id: "trust-saml-odd-aud",
    group: Group::Trust,
    severity: Severity::Medium,
    title: "the role takes assertions for an address that is not AWS's",
    why: "Who can have an assertion made for that address can use it here.",
    condition: "A value of SAML:aud has a wildcard, or its host is not one of AWS's sign-in hosts, with or without a region.",
    fix: "List the exact sign-in URLs of the partition.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            for way in trust.ways.iter().filter(|way| is_saml(way)) {
                let odd: Vec<&str> =
                    way.saml_audiences().into_iter().filter(|audience| !is_sign_in_url(audience)).collect();
                if !odd.is_empty() {
                    let fact = format!(
                        "The trust policy of {} takes assertions for {} ({}), which is no sign-in address of AWS.",
                        role.name(),
                        listing(&odd),
                        way.statement
                    );
                    add(scene, found, role, fact, audience(role))
                        .about(&format!("{} {}", way.principal, way.statement));
                }
            }
        })
    },
};

const TRUST_SAML_PROVIDER: Rule = Rule {
    id: "trust-saml-provider",
    group: Group::Trust,
    severity: Severity::High,
    title: "the role's SAML provider is gone or runs out",
    why: "Without its provider nobody gets in; and whoever may make one of that name decides who does.",
    condition: "The SAML provider of the trust policy is not in the account, or is another account's (high); or its metadata is good for less than 30 days (medium).",
    fix: "Make the provider again, or upload new metadata.",
    tags: &[],
    offline: false,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            for way in trust.ways.iter().filter(|way| is_saml(way)) {
                let owner = way.principal.split(':').nth(4).unwrap_or_default();
                if owner != role.account {
                    let fact = format!(
                        "{} trusts {}, a SAML provider of another account: IAM refuses it.",
                        role.name(),
                        way.principal
                    );
                    add(scene, found, role, fact, to_saml(role)).about(&way.principal);
                    continue;
                }
                let Some(account) = role.account.parse().ok().and_then(|id| scene.facts.accounts.get(&id)) else {
                    continue;
                };
                let Some(providers) = account.saml_providers.get() else {
                    let why = account.saml_providers.missing().unwrap_or_default();
                    found.cannot(Place::Account(role.account), way.principal.as_str(), why);
                    continue;
                };
                let name = way.principal.rsplit('/').next().unwrap_or_default();
                match providers.iter().find(|provider| provider.arn == way.principal) {
                    None => {
                        let fact =
                            format!("{} trusts {}, and there is no such SAML provider.", role.name(), way.principal);
                        let fix = format!(
                            "aws iam create-saml-provider --name {name} --saml-metadata-document file://metadata.xml"
                        );
                        add(scene, found, role, fact, fix)
                            .about(&way.principal)
                            .said_by(&account.saml_providers.source);
                    }
                    Some(provider) => {
                        let Some(until) = provider.valid_until.filter(|until| until.duration_since(scene.now) < SOON)
                        else {
                            continue;
                        };
                        let fact = format!(
                            "{} trusts {}, whose metadata is good until {until} only.",
                            role.name(),
                            way.principal
                        );
                        let fix = format!(
                            "aws iam update-saml-provider --saml-provider-arn {} --saml-metadata-document file://metadata.xml",
                            way.principal
                        );
                        add(scene, found, role, fact, fix)
                            .about(&way.principal)
                            .severity(Severity::Medium)
                            .said_by(&account.saml_providers.source);
                    }
                }
            }
        })
    },
};

const TRUST_MIXED: Rule = Rule {
    id: "trust-mixed",
    group: Group::Trust,
    severity: Severity::Medium,
    title: "people and others share a role",
    why: "Whoever ends a person's access, or narrows a pipeline's, changes the other's; and the audit log cannot tell them apart.",
    condition: "A trust policy allows a SAML provider and, beside it, a principal, a service or an OIDC provider. What has a rule of its own (whole accounts, everybody, open OIDC) is told there; the account access manager may stand beside SAML.",
    fix: "Make two roles.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            let other = trust.ways.iter().find(|way| match &way.way {
                WayIn::Saml(_) | WayIn::IdentityCenter(_) | WayIn::AccessManager(_) => false,
                WayIn::Anyone => is_narrowed(way, &WHO),
                WayIn::Account(_) | WayIn::Principal(_) => {
                    other_account(role, way).is_none() && !is_open_account(role, way)
                }
                WayIn::Oidc(_) => open_subjects(scene, way).is_none(),
                WayIn::Service(_) | WayIn::Keys => true,
            });
            if let Some(other) = other.filter(|_| trust.ways.iter().any(is_saml)) {
                let fact = format!(
                    "The trust policy of {} lets people in by SAML, and {} as well ({}).",
                    role.name(),
                    way_words(other),
                    other.statement
                );
                let fix =
                    format!("Make a role of its own for {}, and take it out of {}", way_words(other), role.name());
                add(scene, found, role, fact, fix);
            }
        })
    },
};

const TRUST_DANGLING: Rule = Rule {
    id: "trust-dangling",
    group: Group::Trust,
    severity: Severity::Low,
    title: "the role trusts a principal that was deleted",
    why: "It lets nobody in, and hides from its readers whom it was meant for.",
    condition: "A principal of the trust policy is a unique id (AROA…, AIDA…): IAM puts it there when the principal is deleted.",
    fix: "Take it out of the trust policy.",
    tags: &[],
    offline: false,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            let ids: Vec<&str> = trust.dangling.iter().map(String::as_str).collect();
            if !ids.is_empty() {
                let fact = format!("The trust policy of {} names {}, which was deleted.", role.name(), listing(&ids));
                add(
                    scene,
                    found,
                    role,
                    fact,
                    format!("Take {} out of the trust policy of {}", listing(&ids), role.name()),
                );
            }
        })
    },
};

const TRUST_OIDC_OPEN: Rule = Rule {
    id: "trust-oidc-open",
    group: Group::Trust,
    severity: Severity::High,
    title: "too many pipelines can become the role",
    why: "Everybody who can run a job at that provider, or in that organization of it, gets into the cluster.",
    condition: "A trust policy allows an OIDC provider, and the token's `sub` is not demanded, or only by a wildcard over whole organizations (`*`, `repo:org/*`). For GitHub `job_workflow_ref` does, too. Workloads of the cluster's own issuer are not pipelines.",
    fix: "Demand the exact `sub`, such as repo:ORG/REPO:ref:refs/heads/main.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            for way in &trust.ways {
                let (Some(open), WayIn::Oidc(issuer)) = (open_subjects(scene, way), &way.way) else { continue };
                let fact = format!("The trust policy of {} takes {open} of {issuer} ({}).", role.name(), way.statement);
                let fix = format!(
                    "In the trust policy: \"Condition\": {{\"StringEquals\": {{\"{issuer}:aud\": \"sts.amazonaws.com\", \"{issuer}:sub\": \"repo:ORG/REPO:ref:refs/heads/main\"}}}}"
                );
                add(scene, found, role, fact, fix).about(&format!("{issuer} {}", way.statement));
            }
        })
    },
};

const TRUST_ACCESS_MANAGER: Rule = Rule {
    id: "trust-access-manager",
    group: Group::Trust,
    severity: Severity::Medium,
    title: "any account's access manager can hand the role out",
    why: "The account access manager acts for whoever has an application of it; without a condition any account's can.",
    condition: "A trust policy allows account-access.amazonaws.com with neither aws:SourceAccount nor aws:SourceArn.",
    fix: "Add both conditions, with the account and the application's ARN.",
    tags: &[],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            let managers = trust.ways.iter().filter(|way| matches!(way.way, WayIn::AccessManager(_)));
            for way in managers.filter(|way| !is_narrowed(way, &["aws:SourceAccount", "aws:SourceArn"])) {
                let fact = format!(
                    "The trust policy of {} takes account-access.amazonaws.com for any account ({}).",
                    role.name(),
                    way.statement
                );
                let fix = format!(
                    "In the trust policy: \"Condition\": {{\"StringEquals\": {{\"aws:SourceAccount\": \"{}\"}}, \"ArnLike\": {{\"aws:SourceArn\": \"arn:{}:account-access:*:{}:application/*\"}}}}",
                    role.account,
                    partition(role),
                    role.account
                );
                add(scene, found, role, fact, fix).about(&way.statement);
            }
        })
    },
};

const PRINCIPAL_NOT_FEDERATED: Rule = Rule {
    id: "principal-not-federated",
    group: Group::Trust,
    severity: Severity::High,
    title: "no single sign-on stands before the role",
    why: "When somebody leaves, one account is disabled and the access is meant to be gone; this way in stays.",
    condition: "The role of a mapping trusts neither a SAML provider, Identity Center, an OIDC provider nor the account access manager, nor roles that do; or a line of nodes gives a group of people. What trust-anyone, trust-account or trust-other-account tells is not told again.",
    fix: "Use a permission set, or a role that trusts Okta; for a workload, pod identity.",
    tags: &["EKS best practices: Combine IAM Identity Center with CAM API"],
    offline: true,
    needs: &[Need::Entries, Need::Lines, Need::Roles],
    check: |scene, found| {
        each(scene, found, |role, trust, found| {
            let federated = trust.ways.iter().any(|way| is_federated(scene, way, 2));
            let told = trust.ways.iter().any(|way| {
                is_open_account(role, way)
                    || other_account(role, way).is_some()
                    || (way.way == WayIn::Anyone && !is_narrowed(way, &WHO))
            });
            if federated || told {
                return;
            }
            if role.humans.iter().all(|human| human.is_of_nodes()) {
                let groups = role.humans.iter().flat_map(|human| &human.grant.groups);
                // system:masters and other groups of Kubernetes' own have rules of their own.
                let own = groups
                    .map(String::as_str)
                    .filter(|group| !group.starts_with("system:") && !group.starts_with("eks:"));
                let own: Vec<&str> = own.collect::<BTreeSet<_>>().into_iter().collect();
                if !own.is_empty() {
                    let fact = format!(
                        "aws-auth gives {}, which is of nodes, {} as well: whoever is on a node has that, and no single sign-on stands before it; it lets into {}.",
                        role.name(),
                        listing(&own),
                        role.clusters()
                    );
                    let fix =
                        format!("In aws-auth of {} leave {} its groups of nodes alone", role.clusters(), role.name());
                    add(scene, found, role, fact, fix);
                }
                return;
            }
            let services: Vec<String> = trust.ways.iter().map(way_words).collect();
            let who = services.iter().map(String::as_str).collect::<Vec<_>>();
            let fact = match trust.ways.iter().all(|way| matches!(way.way, WayIn::Service(_))) && !who.is_empty() {
                true => format!(
                    "{} is a service role: {} can use it, and no single sign-on stands before it; it lets into {}.",
                    role.name(),
                    listing(&who),
                    role.clusters()
                ),
                false if who.is_empty() => format!(
                    "The trust policy of {} lets nobody in, and it is mapped in {}.",
                    role.name(),
                    role.clusters()
                ),
                false => format!(
                    "The trust policy of {} lets in {} only, and no single sign-on; it lets into {}.",
                    role.name(),
                    listing(&who),
                    role.clusters()
                ),
            };
            add(scene, found, role, fact, to_saml(role));
        })
    },
};

/// Judges each role that people are let in with, once, by its trust policy.
pub fn each<'s>(scene: &'s Scene<'_>, found: &mut Found, judge: impl Fn(&HumanRole<'s>, &Trust, &mut Found)) {
    let (roles, _) = scene.human_roles();
    for role in roles {
        match read(role.role.arn.as_str(), &role.role.trust) {
            Ok(trust) => judge(&role, &trust, found),
            Err(why) => found.cannot(Place::Account(role.account), role.role.arn.as_str(), why),
        }
    }
}

fn add<'f>(
    scene: &Scene<'_>,
    found: &'f mut Found,
    role: &HumanRole<'_>,
    fact: String,
    fix: String,
) -> &'f mut Finding {
    let grants = role.humans.iter().flat_map(|human| &human.grant.sources);
    let sources = scene.roles_source(role.account).into_iter().chain(grants);
    found.add(Place::Account(role.account), role.role.arn.as_str(), fact, fix).said_by(sources)
}

fn is_narrowed(way: &Way, keys: &[&str]) -> bool {
    keys.iter().any(|key| way.is_narrowed_by(key))
}

pub fn is_saml(way: &Way) -> bool {
    matches!(way.way, WayIn::Saml(_) | WayIn::IdentityCenter(_))
}

/// Whether it lets in whoever the role's own account lets.
pub fn is_open_account(role: &HumanRole<'_>, way: &Way) -> bool {
    let own = matches!(&way.way, WayIn::Account(account) if account == role.account);
    own && !is_narrowed(way, &["aws:PrincipalArn", "aws:PrincipalTag/*"])
}

/// The account of a way that is another one's than the role's.
fn other_account<'w>(role: &HumanRole<'_>, way: &'w Way) -> Option<&'w str> {
    let account = match &way.way {
        WayIn::Account(account) => account.as_str(),
        WayIn::Principal(arn) => arn.split(':').nth(4)?,
        _ => return None,
    };
    (account.len() == 12 && account != role.account).then_some(account)
}

/// Whether a Deny of the trust policy keeps a caller out, of whom nothing but the name is known.
fn is_closed(role: &HumanRole<'_>, trust: &Trust, caller: &str) -> bool {
    if !trust.denies {
        return false;
    }
    let account = caller.split(':').nth(4).unwrap_or_default();
    let context = Context::new().unknown("aws:*").is("aws:PrincipalArn", caller).is("aws:PrincipalAccount", account);
    let context = context.is("aws:PrincipalIsAWSService", "false").unknown("sts:*");
    let named = Named { name: "its trust policy".to_owned(), document: trust.document.clone() };
    let caller = Caller::Aws { arn: caller, session: None, identity: None };
    matches!(may_assume(&role.role.arn, &named, &caller, &context), Decision::Denied(_))
}

/// Whether single sign-on, or a pipeline's own identity, stands before a way in; roles that go on to this one count by theirs.
fn is_federated(scene: &Scene<'_>, way: &Way, depth: u8) -> bool {
    let of_set = |arn: &str| Principal::parse(arn).is_some_and(|found| found.name.starts_with("AWSReservedSSO_"));
    match &way.way {
        WayIn::Saml(_) | WayIn::IdentityCenter(_) | WayIn::AccessManager(_) | WayIn::Oidc(_) => true,
        WayIn::Principal(arn) if of_set(arn) || set_of_session(arn) => true,
        WayIn::Principal(arn) if depth > 0 => match scene.role(arn) {
            Looked::Found(role) => read(&role.arn, &role.trust)
                .is_ok_and(|trust| trust.ways.iter().any(|way| is_federated(scene, way, depth - 1))),
            Looked::Gone | Looked::Unknown(_) => false,
        },
        WayIn::Account(_) | WayIn::Anyone => {
            let arns = way.values("aws:PrincipalArn");
            way.is_narrowed_by("aws:PrincipalArn") && arns.iter().all(|arn| of_set(arn))
        }
        WayIn::Principal(_) | WayIn::Service(_) | WayIn::Keys => false,
    }
}

/// Whether it is one person's session of a permission set.
fn set_of_session(arn: &str) -> bool {
    let session = arn.split(':').nth(5).and_then(|resource| resource.strip_prefix("assumed-role/"));
    session.and_then(|session| permission_set(session.split('/').next()?)).is_some()
}

/// What an OIDC way in takes that is too much; `None` where it is narrow, or no pipeline's.
fn open_subjects(scene: &Scene<'_>, way: &Way) -> Option<String> {
    let WayIn::Oidc(issuer) = &way.way else { return None };
    let own = scene.facts.clusters.iter().filter_map(|cluster| cluster.settings.get()?.oidc_issuer.as_deref());
    let is_workload = own.map(|url| url.trim_start_matches("https://")).any(|url| url == issuer);
    if is_workload || way.is_narrowed_by(&format!("{issuer}:job_workflow_ref")) {
        return None;
    }
    let subjects = way.oidc_subjects();
    if subjects.is_empty() {
        return Some("every token".to_owned());
    }
    // `repo:ORG/REPO:…`, `project_path:GROUP/PROJECT:…`: the first two parts say whose job it is.
    let wide = |subject: &&str| {
        subject.split(':').take(2).any(|part| part.contains(['*', '?']))
            || !subject.contains(':') && subject.contains('*')
    };
    // Only StringLike knows wildcards: to StringEquals, `repo:org/*` is a name that no token has.
    let key = format!("{issuer}:sub");
    let like = |subject: &&str| {
        let mut matched = way.on(&key).filter(|condition| condition.operator.test == Test::StringLike);
        matched.any(|condition| condition.values.iter().any(|value| value == subject))
    };
    let wide: Vec<&str> = subjects.into_iter().filter(wide).filter(like).collect();
    (!wide.is_empty()).then(|| format!("tokens for {}", listing(&wide)))
}

fn is_sign_in_url(audience: &str) -> bool {
    let Some(rest) = audience.strip_prefix("https://") else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host_is = |known: &&'static str| {
        host.strip_suffix(*known).is_some_and(|region| {
            region.is_empty()
                || region.strip_suffix('.').is_some_and(|region| region.parse::<crate::domain::ids::Region>().is_ok())
        })
    };
    SIGN_IN_HOSTS.iter().any(host_is) && path.starts_with("saml") && !audience.contains(['*', '?'])
}

/// Who comes in, in words.
pub fn way_words(way: &Way) -> String {
    match &way.way {
        WayIn::IdentityCenter(set) => format!("the permission set {set}"),
        WayIn::AccessManager(_) => "the account access manager".to_owned(),
        WayIn::Saml(arn) => format!("the SAML provider {arn}"),
        WayIn::Oidc(issuer) => format!("the OIDC provider {issuer}"),
        WayIn::Principal(arn) => arn.clone(),
        WayIn::Account(account) => format!("account {account}"),
        WayIn::Service(service) => service.clone(),
        WayIn::Anyone => "everybody in AWS".to_owned(),
        WayIn::Keys => "whoever has its keys".to_owned(),
    }
}

fn partition<'r>(role: &HumanRole<'r>) -> &'r str {
    Principal::parse(&role.role.arn).map_or("aws", |found| found.partition)
}

/// `arn:aws:iam::111122223333`
fn account_arn(role: &HumanRole<'_>) -> String {
    format!("arn:{}:iam::{}", partition(role), role.account)
}

fn audience(role: &HumanRole<'_>) -> String {
    let host = match partition(role) {
        "aws-us-gov" => SIGN_IN_HOSTS[1],
        "aws-cn" => SIGN_IN_HOSTS[2],
        "aws-eusc" => SIGN_IN_HOSTS[3],
        _ => SIGN_IN_HOSTS[0],
    };
    format!("In the trust policy: \"Condition\": {{\"StringEquals\": {{\"SAML:aud\": \"https://{host}/saml\"}}}}")
}

fn to_saml(role: &HumanRole<'_>) -> String {
    let known = Principal::parse(&role.role.arn).and_then(|found| permission_set(found.name));
    match known {
        Some(set) => format!("Provision the permission set {set} again"),
        None => format!(
            "In the trust policy of {} name the SAML provider as Federated principal, with sts:AssumeRoleWithSAML and SAML:aud; or use a permission set",
            role.name()
        ),
    }
}
