//! IAM: roles, users, groups, policies and identity providers of an account. Source of the calls and of their limits:
//! access.md 1.4.

use std::collections::BTreeMap;
use std::fmt::Display;

use jiff::Timestamp;
use roxmltree::{Document, Node};

use crate::clients::aws::Aws;
use crate::clients::aws::api::Api;
use crate::clients::failure::Failure;
use crate::domain::access::actions;
use crate::domain::access::facts::{Fact, IamGroup, IamRole, IamUser, Permissions, SamlProvider, Source};
use crate::domain::endpoints::Service;
use crate::domain::ids::Region;
use crate::domain::pages::Pages;
use crate::domain::role_credentials::RoleCredentials;

const SERVICE: &str = Service::Iam.called();
const VERSION: &str = "2010-05-08";
/// Roles and policies of a page of GetAccountAuthorizationDetails: a managed policy may come with five versions of 6,144
/// characters, percent-encoded, and fifty of those still fit into the largest answer that is taken.
const DETAILED_PAGE: &str = "50";
const PAGE: &str = "1000";

/// IAM of one account, as one role.
#[derive(Debug)]
pub struct Iam(Api);

/// What GetAccountAuthorizationDetails says of an account.
#[derive(Debug, Default)]
pub struct Details {
    /// The roles, with their permissions.
    pub roles: Vec<IamRole>,
    /// The users.
    pub users: Vec<IamUser>,
    /// The groups.
    pub groups: Vec<IamGroup>,
    /// The account's own managed policies: the document of the default version, by ARN.
    pub policies: BTreeMap<String, String>,
}

impl Iam {
    /// A client that signs as the role; the region says which partition's IAM.
    pub fn new(aws: &Aws, region: &Region, credentials: &RoleCredentials) -> Self {
        Self(Api::new(aws, (SERVICE, Service::Iam, "iam"), region, credentials))
    }

    /// GetAccountAuthorizationDetails, all pages. `source` goes to what each of them says.
    pub async fn details(&self, source: &Source) -> Result<Details, Failure> {
        let mut details = Details::default();
        let filters = ["Role", "LocalManagedPolicy", "User", "Group"];
        let names: Vec<String> = (1..=filters.len()).map(|n| format!("Filter.member.{n}")).collect();
        let filters: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(filters).collect();
        self.pages(actions::AUTHORIZATION_DETAILS, &filters, DETAILED_PAGE, |answer| {
            details.roles.extend(members(answer, "RoleDetailList").map(|node| role(node, Some(source))));
            details.users.extend(members(answer, "UserDetailList").map(|node| IamUser {
                permissions: Fact::seen(permissions(node, "UserPolicyList"), source.clone()),
                groups: members(node, "GroupList").map(|name| text(name)).collect(),
                ..user(node)
            }));
            details.groups.extend(members(answer, "GroupDetailList").map(|node| IamGroup {
                name: field(node, "GroupName"),
                permissions: permissions(node, "GroupPolicyList"),
            }));
            for policy in members(answer, "Policies") {
                let versions = members(policy, "PolicyVersionList");
                let default = versions.filter(|version| field(*version, "IsDefaultVersion") == "true").last();
                if let Some(version) = default {
                    details.policies.insert(field(policy, "Arn"), decoded(&field(version, "Document")));
                }
            }
        })
        .await?;
        Ok(details)
    }

    /// ListRoles, all pages: trust policies and the longest session, without permissions. With `path`, those whose path
    /// begins with it.
    pub async fn roles(&self, path: Option<&str>) -> Result<Vec<IamRole>, Failure> {
        let mut roles = Vec::new();
        let prefix: Vec<(&str, &str)> = path.map(|path| ("PathPrefix", path)).into_iter().collect();
        self.pages(actions::LIST_ROLES, &prefix, PAGE, |answer| {
            roles.extend(members(answer, "Roles").map(|node| role(node, None)));
        })
        .await?;
        Ok(roles)
    }

    /// ListUsers, all pages, without permissions.
    pub async fn users(&self) -> Result<Vec<IamUser>, Failure> {
        let mut users = Vec::new();
        self.pages(actions::LIST_USERS, &[], PAGE, |answer| users.extend(members(answer, "Users").map(user))).await?;
        Ok(users)
    }

    /// The document of a managed policy's default version: GetPolicy, GetPolicyVersion.
    pub async fn policy(&self, arn: &str) -> Result<String, Failure> {
        let answer = self.0.query(actions::GET_POLICY, VERSION, &[("PolicyArn", arn)]).await?;
        let version = read(&answer, |answer| inner(answer, "Policy", "DefaultVersionId"))?;
        let parameters = [("PolicyArn", arn), ("VersionId", version.as_str())];
        let answer = self.0.query(actions::GET_POLICY_VERSION, VERSION, &parameters).await?;
        let document = read(&answer, |answer| decoded(&inner(answer, "PolicyVersion", "Document")))?;
        if document.is_empty() { Err(nonsense("the answer holds no document")) } else { Ok(document) }
    }

    /// ListSAMLProviders.
    pub async fn saml_providers(&self) -> Result<Vec<SamlProvider>, Failure> {
        let answer = self.0.query(actions::LIST_SAML_PROVIDERS, VERSION, &[]).await?;
        let provider =
            |node: Node<'_, '_>| SamlProvider { arn: field(node, "Arn"), valid_until: time(node, "ValidUntil") };
        read(&answer, |answer| members(answer, "SAMLProviderList").map(provider).collect())
    }

    /// ListOpenIDConnectProviders: ARNs.
    pub async fn oidc_providers(&self) -> Result<Vec<String>, Failure> {
        let answer = self.0.query(actions::LIST_OIDC_PROVIDERS, VERSION, &[]).await?;
        read(&answer, |answer| members(answer, "OpenIDConnectProviderList").map(|node| field(node, "Arn")).collect())
    }

    /// ListAccountAliases: there is at most one.
    pub async fn alias(&self) -> Result<Option<String>, Failure> {
        let answer = self.0.query(actions::LIST_ACCOUNT_ALIASES, VERSION, &[]).await?;
        read(&answer, |answer| members(answer, "AccountAliases").map(text).next())
    }

    async fn pages(
        &self,
        action: &str,
        parameters: &[(&str, &str)],
        size: &str,
        mut take: impl FnMut(Node<'_, '_>),
    ) -> Result<(), Failure> {
        let (mut pages, mut marker) = (Pages::default(), None::<String>);
        loop {
            let mut all = parameters.to_vec();
            all.push(("MaxItems", size));
            all.extend(marker.as_deref().map(|marker| ("Marker", marker)));
            let answer = self.0.query(action, VERSION, &all).await?;
            let next = read(&answer, |answer| {
                take(answer);
                // Fewer than asked for may come with more to follow.
                (field(answer, "IsTruncated") == "true").then(|| field(answer, "Marker"))
            })?;
            if next.as_ref().is_some_and(String::is_empty) {
                return Err(nonsense("a page says that more follow, and not where"));
            }
            marker = pages.next(next).map_err(nonsense)?;
            if marker.is_none() {
                return Ok(());
            }
        }
    }
}

/// Reads the `…Result` element of an answer.
fn read<T>(answer: &str, read: impl FnOnce(Node<'_, '_>) -> T) -> Result<T, Failure> {
    let document = Document::parse(answer).map_err(nonsense)?;
    let result = document.root_element().children().find(|node| node.tag_name().name().ends_with("Result"));
    result.map(read).ok_or_else(|| nonsense("the answer holds no result"))
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.tag_name().name() == name)
}

fn members<'a, 'i: 'a>(node: Node<'a, 'i>, list: &str) -> impl Iterator<Item = Node<'a, 'i>> + use<'a, 'i> {
    let list = child(node, list);
    list.into_iter().flat_map(|list| list.children().filter(|child| child.tag_name().name() == "member"))
}

/// All text of an element: one that is long may come in several pieces.
fn text(node: Node<'_, '_>) -> String {
    node.children().filter_map(|child| child.text()).collect::<String>().trim().to_owned()
}

fn field(node: Node<'_, '_>, name: &str) -> String {
    child(node, name).map(text).unwrap_or_default()
}

fn inner(node: Node<'_, '_>, outer: &str, name: &str) -> String {
    child(node, outer).map(|outer| field(outer, name)).unwrap_or_default()
}

fn time(node: Node<'_, '_>, name: &str) -> Option<Timestamp> {
    field(node, name).parse().ok()
}

fn tags(node: Node<'_, '_>) -> BTreeMap<String, String> {
    members(node, "Tags").map(|tag| (field(tag, "Key"), field(tag, "Value"))).collect()
}

fn role(node: Node<'_, '_>, detailed: Option<&Source>) -> IamRole {
    let permissions = detailed.map(|source| Fact::seen(permissions(node, "RolePolicyList"), source.clone()));
    IamRole {
        arn: field(node, "Arn"),
        id: field(node, "RoleId"),
        created: time(node, "CreateDate"),
        trust: decoded(&field(node, "AssumeRolePolicyDocument")),
        permissions: permissions.unwrap_or_default(),
        max_session: field(node, "MaxSessionDuration").parse().ok(),
        tags: tags(node),
    }
}

fn user(node: Node<'_, '_>) -> IamUser {
    IamUser {
        arn: field(node, "Arn"),
        id: field(node, "UserId"),
        created: time(node, "CreateDate"),
        tags: tags(node),
        ..IamUser::default()
    }
}

fn permissions(node: Node<'_, '_>, inline: &str) -> Permissions {
    let boundary = child(node, "PermissionsBoundary").map(|node| field(node, "PermissionsBoundaryArn"));
    Permissions {
        inline: members(node, inline)
            .map(|node| (field(node, "PolicyName"), decoded(&field(node, "PolicyDocument"))))
            .collect(),
        attached: members(node, "AttachedManagedPolicies").map(|node| field(node, "PolicyArn")).collect(),
        boundary: boundary.filter(|arn| !arn.is_empty()),
    }
}

/// A policy document: percent-encoded by RFC 3986, as IAM sends it, or plain JSON, as moto does. JSON has no text that begins
/// with `%`, and begins with a brace.
fn decoded(document: &str) -> String {
    if document.starts_with('{') {
        return document.to_owned();
    }
    let mut bytes = Vec::with_capacity(document.len());
    let mut rest = document.as_bytes();
    while let [first, others @ ..] = rest {
        let escape = (*first == b'%').then(|| others.first_chunk::<2>()).flatten();
        let byte = escape.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &others[2..] } else { others };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| document.to_owned())
}

fn nonsense(reason: impl Display) -> Failure {
    Failure::nonsense(SERVICE, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_read_percent_encoded_or_plain() {
        for (sent, meant) in [
            (
                "%7B%22Version%22%3A%222012-10-17%22%2C%22a%22%3A%22%C3%A4+b%22%7D",
                "{\"Version\":\"2012-10-17\",\"a\":\"ä+b\"}",
            ),
            ("{\"a\":\"50%25\"}", "{\"a\":\"50%25\"}"),
            ("%7", "%7"),
            ("", ""),
        ] {
            assert_eq!(decoded(sent), meant);
        }
    }
}
