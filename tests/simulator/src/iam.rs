//! IAM's query API, for signed callers with the permission: lists and details, in pages, with policy documents percent-encoded.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::Response;
use serde_json::json;

use crate::access::{IamRole, managed};
use crate::sigv4::encode;
use crate::state::{Shared, State, hash};
use crate::sts::{header_caller, iso, xml};
use crate::web::{Call, page};
use crate::world::partition;

const SPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

pub(crate) fn answer(shared: &Shared, operation: &str, call: &Call) -> Response<Body> {
    let state = shared.state();
    let caller = match header_caller(&state, call, "iam") {
        Ok(caller) => caller,
        Err(code) => return refusal(403, code, "The security token included in the request is invalid"),
    };
    let home = match partition(&state.world.region) {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    };
    if caller.region != home {
        return refusal(403, "SignatureDoesNotMatch", &format!("Credential should be scoped to {home}"));
    }
    if call.form("Version").as_deref() != Some("2010-05-08") {
        return refusal(400, "NoSuchVersion", "the version is not known");
    }
    let action = format!("iam:{operation}");
    if state.world.denies(&caller.role, &action) {
        let arn = caller.session_arn(&state.world.user);
        return refusal(
            403,
            "AccessDenied",
            &format!("User: {arn} is not authorized to perform: {action} on resource: *"),
        );
    }
    match operation {
        "GetAccountAuthorizationDetails" => details(&state, &caller.account, call),
        "ListRoles" => {
            let path = call.form("PathPrefix").unwrap_or_else(|| "/".to_owned());
            let roles = state.world.iam_roles(&caller.account).into_iter().filter(|role| role.path.starts_with(&path));
            let roles = roles.map(|role| member(&role_xml(&state, &role, true)));
            paged(&state, operation, call, &[("Roles", roles.collect())])
        }
        "ListUsers" => {
            let users = state.world.access.users.iter().filter(|user| user.account == caller.account);
            let users = users.map(|user| member(&user_xml(&state, &user.account, &user.name)));
            paged(&state, operation, call, &[("Users", users.collect())])
        }
        "ListSAMLProviders" => {
            let partition = partition(&state.world.region);
            let provider = |(name, until): (String, i64)| {
                let arn = format!("arn:{partition}:iam::{}:saml-provider/{name}", caller.account);
                member(&format!(
                    "<Arn>{}</Arn><ValidUntil>{}</ValidUntil><CreateDate>{}</CreateDate>",
                    escape(&arn),
                    iso(until),
                    iso(1_690_000_000)
                ))
            };
            let all: String = state.world.saml_providers(&caller.account).into_iter().map(provider).collect();
            result(operation, &format!("<SAMLProviderList>{all}</SAMLProviderList>"))
        }
        "ListOpenIDConnectProviders" => {
            let partition = partition(&state.world.region);
            let own = state.world.access.oidc_providers.iter().filter(|(account, _)| *account == caller.account);
            let all: String = own
                .map(|(account, issuer)| {
                    member(&format!("<Arn>arn:{partition}:iam::{account}:oidc-provider/{}</Arn>", escape(issuer)))
                })
                .collect();
            result(operation, &format!("<OpenIDConnectProviderList>{all}</OpenIDConnectProviderList>"))
        }
        "ListAccountAliases" => {
            let own = state.world.access.aliases.iter().filter(|(account, _)| *account == caller.account);
            let all: String = own.map(|(_, alias)| member(&escape(alias))).collect();
            result(operation, &format!("<AccountAliases>{all}</AccountAliases><IsTruncated>false</IsTruncated>"))
        }
        "GetPolicy" => {
            let arn = call.form("PolicyArn").unwrap_or_default();
            match document(&state, &caller.account, &arn) {
                Some(_) => result(
                    operation,
                    &format!("<Policy><Arn>{}</Arn><DefaultVersionId>v7</DefaultVersionId></Policy>", escape(&arn)),
                ),
                None => no_policy(&arn),
            }
        }
        "GetPolicyVersion" => {
            let arn = call.form("PolicyArn").unwrap_or_default();
            let version = call.form("VersionId").unwrap_or_default();
            match document(&state, &caller.account, &arn).filter(|_| version == "v7") {
                Some(document) => result(
                    operation,
                    &format!(
                        "<PolicyVersion><Document>{}</Document><VersionId>v7</VersionId><IsDefaultVersion>true</IsDefaultVersion></PolicyVersion>",
                        encode(&document)
                    ),
                ),
                None => no_policy(&arn),
            }
        }
        _ => refusal(400, "InvalidAction", "the simulator does not know this operation"),
    }
}

fn details(state: &State, account: &str, call: &Call) -> Response<Body> {
    let wanted: Vec<String> = (1..=5).filter_map(|number| call.form(&format!("Filter.member.{number}"))).collect();
    let is_wanted = |kind: &str| wanted.is_empty() || wanted.iter().any(|one| one == kind);
    let (world, partition) = (&state.world, partition(&state.world.region));
    let mut lists: Vec<(&str, Vec<String>)> = Vec::new();
    if is_wanted("User") {
        let users = world.access.users.iter().filter(|user| user.account == account);
        let users = users.map(|user| {
            let groups: String = user.groups.iter().map(|group| member(&escape(group))).collect();
            let own = user_xml(state, account, &user.name);
            member(&format!(
                "{own}{}<GroupList>{groups}</GroupList>",
                policies("UserPolicyList", &user.inline, &user.attached, None)
            ))
        });
        lists.push(("UserDetailList", users.collect()));
    }
    if is_wanted("Group") {
        let groups = world.access.groups.iter().filter(|group| group.account == account);
        let groups = groups.map(|group| {
            let name = escape(&group.name);
            let own = format!("<GroupName>{name}</GroupName><Arn>arn:{partition}:iam::{account}:group/{name}</Arn>");
            member(&format!("{own}{}", policies("GroupPolicyList", &group.inline, &group.attached, None)))
        });
        lists.push(("GroupDetailList", groups.collect()));
    }
    if is_wanted("Role") {
        let roles = world.iam_roles(account).into_iter();
        lists.push(("RoleDetailList", roles.map(|role| member(&role_xml(state, &role, false))).collect()));
    }
    if is_wanted("LocalManagedPolicy") {
        let own = world.access.policies.iter().filter(|(of, ..)| of == account);
        let own = own.map(|(_, name, document)| {
            let old = json!({ "Version": "2012-10-17", "Statement": [] }).to_string();
            let version = |id: &str, is_default: bool, document: &str| {
                member(&format!("<Document>{}</Document><VersionId>{id}</VersionId><IsDefaultVersion>{is_default}</IsDefaultVersion>", encode(document)))
            };
            let versions = format!("{}{}", version("v2", true, document), version("v1", false, &old));
            member(&format!(
                "<PolicyName>{}</PolicyName><Arn>arn:{partition}:iam::{account}:policy/{name}</Arn><DefaultVersionId>v2</DefaultVersionId><PolicyVersionList>{versions}</PolicyVersionList>",
                name.rsplit('/').next().unwrap_or_default()
            ))
        });
        lists.push(("Policies", own.collect()));
    }
    paged(state, "GetAccountAuthorizationDetails", call, &lists)
}

/// Lists in pages that go through all of them in order.
fn paged(state: &State, operation: &str, call: &Call, lists: &[(&str, Vec<String>)]) -> Response<Body> {
    let asked: usize = call.form("MaxItems").and_then(|n| n.parse().ok()).unwrap_or(100);
    if !(1..=1000).contains(&asked) {
        return refusal(400, "ValidationError", "MaxItems is not in 1..1000");
    }
    let all: Vec<(&str, &String)> =
        lists.iter().flat_map(|(name, items)| items.iter().map(move |item| (*name, item))).collect();
    let (items, next) = page(&all, call.form("Marker").as_deref(), asked.min(state.world.page_size));
    let mut body = String::new();
    for (name, _) in lists {
        let own: String = items.iter().filter(|(of, _)| of == name).map(|(_, item)| item.as_str()).collect();
        write!(body, "<{name}>{own}</{name}>").expect("writing to a string");
    }
    write!(body, "<IsTruncated>{}</IsTruncated>", next.is_some()).expect("writing to a string");
    if let Some(next) = next {
        write!(body, "<Marker>{next}</Marker>").expect("writing to a string");
    }
    result(operation, &body)
}

fn role_xml(state: &State, role: &IamRole, listed: bool) -> String {
    let partition = partition(&state.world.region);
    let arn = role.arn(partition);
    let mut text = format!(
        "<Path>{}</Path><RoleName>{}</RoleName><RoleId>AROA{:016X}</RoleId><Arn>{}</Arn><CreateDate>{}</CreateDate><AssumeRolePolicyDocument>{}</AssumeRolePolicyDocument>",
        escape(&role.path),
        escape(&role.name),
        hash(&format!("{arn}{}", role.created)),
        escape(&arn),
        iso(role.created),
        encode(&role.trust)
    );
    if listed {
        write!(text, "<MaxSessionDuration>{}</MaxSessionDuration>", role.max_session).expect("writing to a string");
        return text;
    }
    let tag = |(key, value): &(String, String)| {
        member(&format!("<Key>{}</Key><Value>{}</Value>", escape(key), escape(value)))
    };
    let tags: String = role.tags.iter().map(tag).collect();
    write!(
        text,
        "{}<Tags>{tags}</Tags><InstanceProfileList/><RoleLastUsed/>",
        policies("RolePolicyList", &role.inline, &role.attached, role.boundary.as_deref())
    )
    .expect("writing to a string");
    text
}

fn user_xml(state: &State, account: &str, name: &str) -> String {
    let arn = format!("arn:{}:iam::{account}:user/{name}", partition(&state.world.region));
    format!(
        "<Path>/</Path><UserName>{0}</UserName><UserId>AIDA{1:016X}</UserId><Arn>{2}</Arn><CreateDate>{3}</CreateDate>",
        escape(name),
        hash(&arn),
        escape(&arn),
        iso(1_690_000_000)
    )
}

fn policies(list: &str, inline: &[(String, String)], attached: &[String], boundary: Option<&str>) -> String {
    let one = |(name, document): &(String, String)| {
        member(&format!(
            "<PolicyName>{}</PolicyName><PolicyDocument>{}</PolicyDocument>",
            escape(name),
            encode(document)
        ))
    };
    let inline: String = inline.iter().map(one).collect();
    let one = |arn: &String| {
        let name = arn.rsplit('/').next().unwrap_or_default();
        member(&format!("<PolicyName>{}</PolicyName><PolicyArn>{}</PolicyArn>", escape(name), escape(arn)))
    };
    let attached: String = attached.iter().map(one).collect();
    let boundary = boundary.map(|arn| {
        let kind = "<PermissionsBoundaryType>Policy</PermissionsBoundaryType>";
        format!(
            "<PermissionsBoundary>{kind}<PermissionsBoundaryArn>{}</PermissionsBoundaryArn></PermissionsBoundary>",
            escape(arn)
        )
    });
    format!(
        "<{list}>{inline}</{list}><AttachedManagedPolicies>{attached}</AttachedManagedPolicies>{}",
        boundary.unwrap_or_default()
    )
}

/// The document of a managed policy: AWS's own, shortened, or one of the account.
fn document(state: &State, account: &str, arn: &str) -> Option<String> {
    let allow = |action: serde_json::Value| {
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] })
            .to_string()
    };
    let name = arn.rsplit('/').next().unwrap_or_default();
    if arn == managed(name) {
        return Some(match name {
            "AdministratorAccess" => allow(json!("*")),
            "PowerUserAccess" => json!({ "Version": "2012-10-17", "Statement": [
                { "Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*" },
                { "Effect": "Allow", "Action": ["account:GetAccountInformation", "iam:CreateServiceLinkedRole", "iam:ListRoles", "organizations:DescribeOrganization"], "Resource": "*" },
            ] })
            .to_string(),
            "SecurityAudit" | "ReadOnlyAccess" | "ViewOnlyAccess" => allow(json!(["eks:Describe*", "eks:List*", "iam:Get*", "iam:List*", "organizations:Describe*", "organizations:List*", "sso:Describe*", "sso:Get*", "sso:List*", "identitystore:List*"])),
            "AmazonEKSClusterPolicy" => allow(json!(["ec2:CreateTags", "ec2:Describe*", "elasticloadbalancing:*", "kms:DescribeKey"])),
            "AmazonEKSWorkerNodePolicy" => allow(json!(["ec2:DescribeInstances", "eks:DescribeCluster"])),
            "AmazonEC2ContainerRegistryReadOnly" => allow(json!(["ecr:BatchGetImage", "ecr:GetAuthorizationToken"])),
            "AmazonEKS_CNI_Policy" => allow(json!(["ec2:AssignPrivateIpAddresses", "ec2:DescribeNetworkInterfaces"])),
            "IAMFullAccess" => allow(json!(["iam:*", "organizations:DescribeAccount"])),
            _ => return None,
        });
    }
    let own = state.world.access.policies.iter();
    let own = own.filter(|(of, known, _)| of == account && arn.ends_with(&format!(":policy/{known}")));
    own.map(|(.., document)| document.clone()).next()
}

fn no_policy(arn: &str) -> Response<Body> {
    refusal(404, "NoSuchEntity", &format!("Policy {} was not found.", escape(arn)))
}

fn member(inner: &str) -> String {
    format!("<member>{inner}</member>")
}

fn result(operation: &str, body: &str) -> Response<Body> {
    xml(
        200,
        format!(
            "<{operation}Response xmlns=\"{SPACE}\"><{operation}Result>{body}</{operation}Result><ResponseMetadata><RequestId>sim</RequestId></ResponseMetadata></{operation}Response>"
        ),
    )
}

fn refusal(status: u16, code: &str, message: &str) -> Response<Body> {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{}</Message></Error>", escape(message));
    xml(status, format!("<ErrorResponse xmlns=\"{SPACE}\">{error}<RequestId>sim</RequestId></ErrorResponse>"))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
