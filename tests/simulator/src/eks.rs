//! EKS: clusters and their access entries, for signed callers with the permission.

use axum::body::Body;
use axum::http::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::access::{CLUSTER_ROLE, RawEntry, Who};
use crate::sigv4::decode;
use crate::state::{Shared, State, hash};
use crate::sts::{Caller, header_caller};
use crate::web::{Call, aws_error, ok, page};
use crate::world::{Account, Cluster, Mapping, MappingKind, NODE_ROLE, NODE_USER, Policy, partition};

type Refusal = Box<Response<Body>>;

const LOGS: [&str; 5] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/// Who calls, unless the account denies the action to the permission set.
fn caller(
    state: &State,
    call: &Call,
    action: &str,
    denied: impl Fn(&Account) -> &Vec<String>,
) -> Result<Caller, Refusal> {
    let caller = header_caller(state, call, "eks").map_err(|name| {
        Box::new(aws_error(403, name, "the security token or signature of the request is not valid"))
    })?;
    let denies = |account: &Account| {
        [&account.without_eks, denied(account)].into_iter().any(|without| without.contains(&caller.role))
    };
    let by_name = state.world.denies(&caller.role, &format!("eks:{action}"));
    if by_name || state.account(&caller.account).is_some_and(denies) {
        let arn = caller.session_arn(&state.world.user);
        let message = format!("User: {arn} is not authorized to perform: eks:{action}");
        return Err(Box::new(aws_error(403, "AccessDeniedException", &message)));
    }
    Ok(caller)
}

pub(crate) fn list(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let caller = match caller(&state, call, "ListClusters", |account| &account.without_eks) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    let here = state.world.clusters.iter().filter(|c| c.account == caller.account && c.region == caller.region);
    let names: Vec<&str> = here.map(|cluster| cluster.name.as_str()).collect();
    let (names, next) = page(&names, call.query("nextToken").as_deref(), state.world.page_size);
    ok(&json!({ "clusters": names, "nextToken": next }))
}

pub(crate) fn describe(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let caller = match caller(&state, call, "DescribeCluster", |account| &account.without_describe) {
        Ok(caller) => caller,
        Err(refusal) => return *refusal,
    };
    let name = call.path().rsplit('/').next().unwrap_or_default();
    let Some(cluster) = state.cluster(&caller.account, &caller.region, name) else {
        return no_cluster(name);
    };
    let mut reply = json!({
        "name": name,
        "arn": format!("arn:{}:eks:{}:{}:cluster/{name}", partition(&cluster.region), cluster.region, cluster.account),
        "status": cluster.status,
        "version": "1.35",
        "platformVersion": "eks.3",
        "createdAt": cluster.eks.created,
        "roleArn": cluster_role(cluster),
        "accessConfig": { "authenticationMode": cluster.mode },
        "resourcesVpcConfig": {
            "endpointPublicAccess": cluster.eks.public, "endpointPrivateAccess": cluster.eks.private,
            "publicAccessCidrs": cluster.eks.cidrs,
        },
        "logging": { "clusterLogging": [
            { "types": cluster.eks.logs, "enabled": true },
            { "types": LOGS.iter().filter(|log| !cluster.eks.logs.iter().any(|on| on == *log)).collect::<Vec<_>>(), "enabled": false },
        ] },
        "computeConfig": { "enabled": cluster.eks.auto_mode },
        "tags": tags(&cluster.eks.tags),
    });
    if let Some(made_admin) = cluster.eks.creator_admin {
        reply["accessConfig"]["bootstrapClusterCreatorAdminPermissions"] = made_admin.into();
    }
    if let Some(issuer) = &cluster.eks.issuer {
        reply["identity"] = json!({ "oidc": { "issuer": issuer } });
    }
    if cluster.eks.registered {
        reply["connectorConfig"] = json!({ "provider": "OTHER", "activationId": "sim" });
    }
    if cluster.status != "CREATING" {
        let own = cluster.key();
        let endpoint = shared.endpoints.iter().find(|(key, _)| *key == own);
        let endpoint = endpoint.map_or("https://127.0.0.1:1", |(_, url)| url);
        reply["endpoint"] = cluster.endpoint.as_deref().unwrap_or(endpoint).into();
        reply["certificateAuthority"] = json!({ "data": STANDARD.encode(&shared.ca_pem) });
    }
    if let Some(id) = &cluster.outpost_id {
        reply["id"] = id.as_str().into();
        reply["outpostConfig"] = json!({ "outpostArns": ["arn:aws:outposts:eu-west-1:111122223333:outpost/op-1"], "controlPlaneInstanceType": "m5.large" });
    }
    ok(&json!({ "cluster": reply }))
}

fn no_cluster(name: &str) -> Response<Body> {
    aws_error(404, "ResourceNotFoundException", &format!("No cluster found for name: {name}."))
}

/// An access entry: of a mapping, or of the nodes.
pub(crate) struct Entry<'a> {
    pub arn: String,
    pub mapping: Option<&'a Mapping>,
    /// One that the world names in full.
    pub raw: Option<&'a RawEntry>,
}

impl Entry<'_> {
    /// Whether it is for people.
    fn is_standard(&self) -> bool {
        self.mapping.is_some_and(|mapping| mapping.kind != MappingKind::NodeEntry)
    }

    /// What EKS grants by it.
    pub fn policies(&self) -> &[Policy] {
        match (self.mapping, self.raw) {
            (Some(mapping), _) => &mapping.policies,
            (None, Some(raw)) => &raw.policies,
            (None, None) => &[],
        }
    }
}

/// The entries of a cluster, one for an ARN.
pub(crate) fn entries_of<'a>(state: &State, cluster: &'a Cluster) -> Vec<Entry<'a>> {
    let (account, partition) = (&cluster.account, partition(&cluster.region));
    let nodes = Entry { arn: format!("arn:{partition}:iam::{account}:role/{NODE_ROLE}"), mapping: None, raw: None };
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for mapping in cluster.mappings.iter().filter(|mapping| mapping.kind.is_entry()) {
        let arn = match mapping.kind {
            MappingKind::OldEntry => state.world.old_role_arn(account, partition, &mapping.role),
            MappingKind::NamesakeEntry => format!("arn:{partition}:iam::{account}:role/{}", mapping.role),
            _ => state.world.role_arn(account, partition, &mapping.role),
        };
        if entries.iter().all(|known| known.arn != arn) {
            entries.push(Entry { arn, mapping: Some(mapping), raw: None });
        }
    }
    for raw in &cluster.eks.entries {
        if entries.iter().all(|known| known.arn != raw.principal) {
            entries.push(Entry { arn: raw.principal.clone(), mapping: None, raw: Some(raw) });
        }
    }
    if entries.iter().all(|known| known.arn != nodes.arn) {
        entries.push(nodes);
    }
    entries
}

/// The cluster that an access entry operation is about.
fn cluster<'a>(state: &'a State, call: &Call, action: &str) -> Result<&'a Cluster, Refusal> {
    let caller = caller(state, call, action, |account| &account.without_entries)?;
    let name = label(call, 1);
    let found = state.cluster(&caller.account, &caller.region, &name).ok_or_else(|| Box::new(no_cluster(&name)))?;
    if found.has_entries() {
        return Ok(found);
    }
    let message =
        "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.";
    Err(Box::new(aws_error(400, "InvalidRequestException", message)))
}

/// The entry that an operation is about, and its cluster.
fn named<'a>(state: &'a State, call: &Call, action: &str) -> Result<(&'a Cluster, Entry<'a>), Refusal> {
    let cluster = cluster(state, call, action)?;
    let wanted = label(call, 3);
    let found = entries_of(state, cluster).into_iter().find(|entry| entry.arn == wanted);
    let message = "The specified principalArn could not be found. You can view your available access entries with 'list-access-entries'.";
    let entry = found.ok_or_else(|| Box::new(aws_error(404, "ResourceNotFoundException", message)))?;
    Ok((cluster, entry))
}

/// A segment of the path, decoded; a plus sign is one there.
fn label(call: &Call, index: usize) -> String {
    let segment = call.path().split('/').nth(index + 1).unwrap_or_default();
    decode(&segment.replace('+', "%2B")).unwrap_or_default()
}

/// The page that is asked for: `maxResults` entries, if the world allows so many.
fn asked_page<'a, T>(state: &State, call: &Call, all: &'a [T]) -> (&'a [T], Option<String>) {
    let asked: usize = call.query("maxResults").and_then(|n| n.parse().ok()).unwrap_or(100);
    page(all, call.query("nextToken").as_deref(), asked.min(state.world.page_size))
}

pub(crate) fn entries(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let cluster = match cluster(&state, call, "ListAccessEntries") {
        Ok(cluster) => cluster,
        Err(refusal) => return *refusal,
    };
    let with = call.query("associatedPolicyArn");
    let suits = |entry: &Entry<'_>| {
        with.as_ref().is_none_or(|with| entry.policies().iter().any(|policy| policy_arn(cluster, policy) == *with))
    };
    let arns: Vec<String> = entries_of(&state, cluster).into_iter().filter(suits).map(|entry| entry.arn).collect();
    let (arns, next) = asked_page(&state, call, &arns);
    ok(&json!({ "accessEntries": arns, "nextToken": next }))
}

pub(crate) fn entry(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let (cluster, entry) = match named(&state, call, "DescribeAccessEntry") {
        Ok(found) => found,
        Err(refusal) => return *refusal,
    };
    if let Some(raw) = entry.raw {
        return ok(&json!({ "accessEntry": {
            "clusterName": cluster.name, "principalArn": raw.principal, "kubernetesGroups": raw.groups,
            "accessEntryArn": entry_arn(cluster, &raw.principal), "createdAt": raw.created, "modifiedAt": raw.modified,
            "tags": tags(&raw.tags), "username": raw.username, "type": raw.kind,
        } }));
    }
    let nodes = (NODE_USER.to_owned(), vec!["system:nodes".to_owned()]);
    let known = entry.mapping.filter(|_| entry.is_standard());
    let (username, groups) = known.map_or(nodes, |known| (known.username.clone(), known.groups.clone()));
    ok(&json!({ "accessEntry": {
        "clusterName": cluster.name,
        "principalArn": entry.arn,
        "kubernetesGroups": groups,
        "accessEntryArn": entry_arn(cluster, &entry.arn),
        "createdAt": 1_780_000_000.25,
        "modifiedAt": 1_785_000_000.75,
        "tags": {},
        "username": username,
        "type": if entry.is_standard() { "STANDARD" } else { "EC2_LINUX" },
    } }))
}

pub(crate) fn policies(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let (cluster, entry) = match named(&state, call, "ListAssociatedAccessPolicies") {
        Ok(found) => found,
        Err(refusal) => return *refusal,
    };
    let (policies, next) = asked_page(&state, call, entry.policies());
    let associated = |policy: &Policy| {
        let kind = if policy.namespaces.is_empty() { "cluster" } else { "namespace" };
        json!({
            "policyArn": policy_arn(cluster, policy),
            "accessScope": { "type": kind, "namespaces": policy.namespaces },
            "associatedAt": 1_780_000_000.25,
            "modifiedAt": 1_785_000_000.75,
        })
    };
    let policies: Vec<Value> = policies.iter().map(associated).collect();
    ok(&json!({
        "clusterName": cluster.name, "principalArn": entry.arn, "associatedAccessPolicies": policies, "nextToken": next,
    }))
}

fn policy_arn(cluster: &Cluster, policy: &Policy) -> String {
    format!("arn:{}:eks::aws:cluster-access-policy/{}", partition(&cluster.region), policy.name)
}

/// The ARN of an entry itself ends in a UUID.
fn entry_arn(cluster: &Cluster, principal: &str) -> String {
    let Cluster { account, region, name, .. } = cluster;
    let (partition, role) = (partition(region), principal.rsplit('/').next().unwrap_or_default());
    let id = hash(&format!("{}/{principal}", cluster.key()));
    let (a, b, c) = (id >> 32, (id >> 16) & 0xffff, id & 0xffff);
    let uuid = format!("{a:08x}-{b:04x}-{c:04x}-8000-0000{a:08x}");
    format!("arn:{partition}:eks:{region}:{account}:access-entry/{name}/role/{account}/{role}/{uuid}")
}

fn tags(tags: &[(String, String)]) -> Value {
    Value::Object(tags.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect())
}

fn cluster_role(cluster: &Cluster) -> String {
    let usual = || format!("arn:{}:iam::{}:role/{CLUSTER_ROLE}", partition(&cluster.region), cluster.account);
    cluster.eks.role.clone().unwrap_or_else(usual)
}

/// The cluster of any other read, for callers with the permission.
fn read<'a>(state: &'a State, call: &Call, action: &str) -> Result<&'a Cluster, Refusal> {
    let caller = caller(state, call, action, |account| &account.without_eks)?;
    let name = label(call, 1);
    state.cluster(&caller.account, &caller.region, &name).ok_or_else(|| Box::new(no_cluster(&name)))
}

fn unknown(what: &str) -> Response<Body> {
    aws_error(404, "ResourceNotFoundException", &format!("No {what} found."))
}

pub(crate) fn identity_providers(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let cluster = match read(&state, call, "ListIdentityProviderConfigs") {
        Ok(cluster) => cluster,
        Err(refusal) => return *refusal,
    };
    let names: Vec<Value> =
        cluster.eks.identity_providers.iter().map(|one| json!({ "type": "oidc", "name": one.name })).collect();
    let (names, next) = asked_page(&state, call, &names);
    ok(&json!({ "identityProviderConfigs": names, "nextToken": next }))
}

pub(crate) fn identity_provider(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let cluster = match read(&state, call, "DescribeIdentityProviderConfig") {
        Ok(cluster) => cluster,
        Err(refusal) => return *refusal,
    };
    let body = call.json();
    let wanted = body["identityProviderConfig"]["name"].as_str().unwrap_or_default();
    let Some(found) = cluster.eks.identity_providers.iter().find(|one| one.name == wanted) else {
        return unknown("identity provider config");
    };
    ok(&json!({ "identityProviderConfig": { "oidc": {
        "identityProviderConfigName": found.name, "clusterName": cluster.name, "issuerUrl": found.issuer, "clientId": "kubernetes",
        "usernamePrefix": found.username_prefix, "groupsClaim": "groups", "groupsPrefix": found.groups_prefix, "status": "ACTIVE",
    } } }))
}

pub(crate) fn capabilities(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let cluster = match read(&state, call, "ListCapabilities") {
        Ok(cluster) => cluster,
        Err(refusal) => return *refusal,
    };
    let all: Vec<Value> = cluster
        .eks
        .capabilities
        .iter()
        .map(|one| json!({ "capabilityName": one.name, "type": one.kind, "status": "ACTIVE" }))
        .collect();
    let (all, next) = asked_page(&state, call, &all);
    ok(&json!({ "capabilities": all, "nextToken": next }))
}

pub(crate) fn capability(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let cluster = match read(&state, call, "DescribeCapability") {
        Ok(cluster) => cluster,
        Err(refusal) => return *refusal,
    };
    let wanted = label(call, 3);
    let Some(found) = cluster.eks.capabilities.iter().find(|one| one.name == wanted) else {
        return unknown("capability");
    };
    let mapping = |(role, who): &(String, Who)| {
        let (kind, id) = match who {
            Who::User(id) => ("SSO_USER", id),
            Who::Group(id) => ("SSO_GROUP", id),
        };
        json!({ "role": role, "identities": [{ "id": id, "type": kind }] })
    };
    let mappings: Vec<Value> = found.argo.iter().map(mapping).collect();
    ok(&json!({ "capability": {
        "capabilityName": found.name, "clusterName": cluster.name, "type": found.kind, "roleArn": found.role, "status": "ACTIVE",
        "configuration": { "argoCd": { "rbacRoleMappings": mappings } },
    } }))
}

pub(crate) fn pod_identities(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let cluster = match read(&state, call, "ListPodIdentityAssociations") {
        Ok(cluster) => cluster,
        Err(refusal) => return *refusal,
    };
    let one = |(number, found): (usize, &crate::access::PodIdentity)| {
        json!({
            "clusterName": cluster.name, "namespace": found.namespace, "serviceAccount": found.service_account,
            "associationId": format!("a-{number:04}"),
        })
    };
    let all: Vec<Value> = cluster.eks.pod_identities.iter().enumerate().map(one).collect();
    let (all, next) = asked_page(&state, call, &all);
    ok(&json!({ "associations": all, "nextToken": next }))
}

pub(crate) fn pod_identity(shared: &Shared, call: &Call) -> Response<Body> {
    let state = shared.state();
    let cluster = match read(&state, call, "DescribePodIdentityAssociation") {
        Ok(cluster) => cluster,
        Err(refusal) => return *refusal,
    };
    let number = label(call, 3).strip_prefix("a-").and_then(|number| number.parse::<usize>().ok());
    let Some(found) = number.and_then(|number| cluster.eks.pod_identities.get(number)) else {
        return unknown("association");
    };
    ok(&json!({ "association": {
        "clusterName": cluster.name, "namespace": found.namespace, "serviceAccount": found.service_account,
        "roleArn": found.role, "targetRoleArn": found.target,
    } }))
}

/// Node groups or Fargate profiles.
pub(crate) fn machines(shared: &Shared, call: &Call, operation: &str) -> Response<Body> {
    let state = shared.state();
    let cluster = match read(&state, call, operation) {
        Ok(cluster) => cluster,
        Err(refusal) => return *refusal,
    };
    let (field, all) = match operation {
        "ListNodegroups" => ("nodegroups", &cluster.eks.nodegroups),
        _ => ("fargateProfileNames", &cluster.eks.fargate),
    };
    let names: Vec<&String> = all.iter().map(|(name, _)| name).collect();
    let (names, next) = asked_page(&state, call, &names);
    ok(&json!({ field: names, "nextToken": next }))
}

/// One of them, with its role.
pub(crate) fn machine(shared: &Shared, call: &Call, operation: &str) -> Response<Body> {
    let state = shared.state();
    let cluster = match read(&state, call, operation) {
        Ok(cluster) => cluster,
        Err(refusal) => return *refusal,
    };
    let wanted = label(call, 3);
    let (all, field, role) = match operation {
        "DescribeNodegroup" => (&cluster.eks.nodegroups, "nodegroup", "nodeRole"),
        _ => (&cluster.eks.fargate, "fargateProfile", "podExecutionRoleArn"),
    };
    match all.iter().find(|(name, _)| *name == wanted) {
        Some((name, arn)) => ok(&json!({ field: { "nodegroupName": name, "fargateProfileName": name, role: arn } })),
        None => unknown("node group or profile"),
    }
}
