//! What a cluster lists of its own: roles, bindings, namespaces and service accounts, in pages whose tokens may expire.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use serde_json::{Value, json};

use crate::access::{KubeBinding, KubeRole, Rbac};
use crate::kube::status;
use crate::sigv4::pairs;
use crate::web::ok;
use crate::world::Cluster;

const CREATED: &str = "2026-01-01T00:00:00Z";
const GROUP: &str = "rbac.authorization.k8s.io";
const FRESH: &str = "fresh-";

/// A list that is asked for.
pub(crate) struct List<'r> {
    pub resource: &'r str,
    query: Vec<(String, String)>,
    names_only: bool,
}

/// The list behind a path; `None` where there is none.
pub(crate) fn asked<'r>(path: &'r str, query: &str, accept: &str) -> Option<List<'r>> {
    let resource =
        path.strip_prefix("/apis/rbac.authorization.k8s.io/v1/").or_else(|| path.strip_prefix("/api/v1/"))?;
    let known = ["clusterroles", "roles", "clusterrolebindings", "rolebindings", "namespaces", "serviceaccounts"];
    let names_only = accept.contains("as=PartialObjectMetadataList");
    known.contains(&resource).then(|| List { resource, query: pairs(query).unwrap_or_default(), names_only })
}

/// One namespace. Who may list them may read each; `readers` with `namespaces/NAME` may read that one alone, as a role that is
/// bound in it may.
pub(crate) fn namespace(cluster: &Cluster, role: &str, user: &str, path: &str) -> Response<Body> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let may = |readers: &Vec<(String, String)>| {
        let own = format!("namespaces/{name}");
        readers.iter().any(|(of, what)| of == role && (what == "namespaces" || *what == own))
    };
    if cluster.rbac.readers.as_ref().is_some_and(|readers| !may(readers)) {
        let message = format!(
            "namespaces \"{name}\" is forbidden: User \"{user}\" cannot get resource \"namespaces\" in API group \"\" in the namespace \"{name}\""
        );
        return status(403, "Forbidden", &message);
    }
    match items(&cluster.rbac, "namespaces").into_iter().find(|item| item["metadata"]["name"] == name) {
        Some(mut item) => {
            item["kind"] = "Namespace".into();
            item["apiVersion"] = "v1".into();
            ok(&item)
        }
        None => status(404, "NotFound", &format!("namespaces \"{name}\" not found")),
    }
}

impl List<'_> {
    fn of(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).filter(|text| !text.is_empty())
    }

    /// Whether its token is one that may be too old.
    pub fn goes_on(&self) -> bool {
        self.of("continue").is_some_and(|token| !token.starts_with(FRESH))
    }

    /// The answer to a token that is too old: a fresh one.
    pub fn expired(&self) -> Response<Body> {
        let start = self.of("continue").and_then(|token| token.strip_prefix("from-")).unwrap_or("0");
        let message = "The provided continue parameter is too old to display a consistent list result.";
        let mut response = ok(&json!({
            "kind": "Status", "apiVersion": "v1", "metadata": { "continue": format!("{FRESH}{start}") },
            "status": "Failure", "message": message, "reason": "Expired", "code": 410,
        }));
        *response.status_mut() = StatusCode::GONE;
        response
    }

    pub fn answer(&self, cluster: &Cluster, role: &str, user: &str, page_size: usize) -> Response<Body> {
        let rbac = &cluster.rbac;
        let may =
            |readers: &Vec<(String, String)>| readers.iter().any(|(of, what)| of == role && what == self.resource);
        if rbac.readers.as_ref().is_some_and(|readers| !may(readers)) {
            let group = if ["namespaces", "serviceaccounts"].contains(&self.resource) { "" } else { GROUP };
            let message = format!(
                "{0} is forbidden: User \"{user}\" cannot list resource \"{0}\" in API group \"{group}\" at the cluster scope",
                if group.is_empty() { self.resource.to_owned() } else { format!("{}.{group}", self.resource) }
            );
            return status(403, "Forbidden", &message);
        }
        let items = items(rbac, self.resource);
        let start = self.of("continue").map(|token| token.trim_start_matches(FRESH).trim_start_matches("from-"));
        let start: usize = start.and_then(|start| start.parse().ok()).unwrap_or(0).min(items.len());
        let limit = self
            .of("limit")
            .and_then(|limit| limit.parse().ok())
            .map_or(usize::MAX, |limit: usize| limit.min(page_size));
        let page: Vec<Value> = items[start..].iter().take(limit).map(|item| self.cut(item)).collect();
        let mut meta = json!({ "resourceVersion": "1" });
        let left = items.len() - start - page.len();
        if left > 0 {
            meta["continue"] = format!("from-{}", start + page.len()).into();
            meta["remainingItemCount"] = left.into();
        }
        let kind = match self.resource {
            _ if self.names_only => "PartialObjectMetadataList",
            "clusterroles" => "ClusterRoleList",
            "roles" => "RoleList",
            "clusterrolebindings" => "ClusterRoleBindingList",
            "rolebindings" => "RoleBindingList",
            "namespaces" => "NamespaceList",
            _ => "ServiceAccountList",
        };
        let version = match (self.names_only, kind) {
            (true, _) => "meta.k8s.io/v1",
            (false, "NamespaceList" | "ServiceAccountList") => "v1",
            _ => "rbac.authorization.k8s.io/v1",
        };
        ok(&json!({ "kind": kind, "apiVersion": version, "metadata": meta, "items": page }))
    }

    fn cut(&self, item: &Value) -> Value {
        if self.names_only { json!({ "metadata": item["metadata"] }) } else { item.clone() }
    }
}

fn items(rbac: &Rbac, resource: &str) -> Vec<Value> {
    let of_cluster = resource.starts_with("cluster");
    let meta = |namespace: &str, name: &str, labels: &[(String, String)]| {
        let labels: serde_json::Map<String, Value> =
            labels.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect();
        let mut meta = json!({ "name": name, "creationTimestamp": CREATED });
        if !namespace.is_empty() {
            meta["namespace"] = namespace.into();
        }
        if !labels.is_empty() {
            meta["labels"] = labels.into();
        }
        meta
    };
    match resource {
        "clusterroles" | "roles" => {
            let own = rbac.roles.iter().filter(|role| role.namespace.is_empty() == of_cluster);
            own.map(|KubeRole { namespace, name, labels, rules }| {
                json!({ "metadata": meta(namespace, name, labels), "rules": rules })
            })
            .collect()
        }
        "clusterrolebindings" | "rolebindings" => {
            let own = rbac.bindings.iter().filter(|binding| binding.namespace.is_empty() == of_cluster);
            let subject = |(kind, name, namespace): &(String, String, String)| {
                let mut subject = json!({ "kind": kind, "name": name });
                match kind.as_str() {
                    "ServiceAccount" => subject["namespace"] = namespace.as_str().into(),
                    _ => subject["apiGroup"] = GROUP.into(),
                }
                subject
            };
            own.map(|KubeBinding { namespace, name, labels, role: (kind, role), subjects }| {
                let subjects: Vec<Value> = subjects.iter().map(subject).collect();
                json!({
                    "metadata": meta(namespace, name, labels),
                    "roleRef": { "apiGroup": GROUP, "kind": kind, "name": role }, "subjects": subjects,
                })
            })
            .collect()
        }
        "namespaces" => {
            let item = |name: &String| json!({ "metadata": meta("", name, &[]), "status": { "phase": "Active" } });
            rbac.namespaces.iter().map(item).collect()
        }
        _ => {
            let item = |(namespace, name, role): &(String, String, Option<String>)| {
                let mut meta = meta(namespace, name, &[]);
                if let Some(role) = role {
                    meta["annotations"] = json!({ "eks.amazonaws.com/role-arn": role });
                }
                json!({ "metadata": meta })
            };
            rbac.service_accounts.iter().map(item).collect()
        }
    }
}
