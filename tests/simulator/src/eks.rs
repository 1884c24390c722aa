//! EKS: clusters and their access entries, for signed callers with the permission.

use axum::body::Body;
use axum::http::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::sigv4::decode;
use crate::state::{Shared, State, hash};
use crate::sts::{Caller, header_caller};
use crate::web::{Call, aws_error, ok, page};
use crate::world::{Account, Cluster, Mapping, MappingKind, NODE_ROLE, NODE_USER, Policy, partition};

type Refusal = Box<Response<Body>>;

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
    if state.account(&caller.account).is_some_and(denies) {
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
        "createdAt": 1_790_000_000.5,
        "tags": cluster.tags,
        "accessConfig": { "authenticationMode": cluster.mode },
        "resourcesVpcConfig": { "endpointPublicAccess": true, "endpointPrivateAccess": false, "publicAccessCidrs": ["0.0.0.0/0"] },
    });
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
}

impl Entry<'_> {
    /// Whether it is for people.
    fn is_standard(&self) -> bool {
        self.mapping.is_some_and(|mapping| mapping.kind != MappingKind::NodeEntry)
    }

    fn policies(&self) -> &[Policy] {
        self.mapping.map_or(&[], |mapping| &mapping.policies)
    }
}

/// The entries of a cluster, one for an ARN.
pub(crate) fn entries_of<'a>(state: &State, cluster: &'a Cluster) -> Vec<Entry<'a>> {
    let (account, partition) = (&cluster.account, partition(&cluster.region));
    let nodes = Entry { arn: format!("arn:{partition}:iam::{account}:role/{NODE_ROLE}"), mapping: None };
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for mapping in cluster.mappings.iter().filter(|mapping| mapping.kind.is_entry()) {
        let arn = match mapping.kind {
            MappingKind::OldEntry => state.world.old_role_arn(account, partition, &mapping.role),
            MappingKind::NamesakeEntry => format!("arn:{partition}:iam::{account}:role/{}", mapping.role),
            _ => state.world.role_arn(account, partition, &mapping.role),
        };
        if entries.iter().all(|known| known.arn != arn) {
            entries.push(Entry { arn, mapping: Some(mapping) });
        }
    }
    entries.push(nodes);
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
