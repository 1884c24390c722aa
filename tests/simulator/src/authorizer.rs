//! Who may do what in a cluster that decides it: RBAC, as Kubernetes' authorizer reads it, and EKS's access policies, which are taken for
//! the ClusterRoles that they resemble.

use serde_json::Value;

use crate::access::{KubeBinding, KubeRole};
use crate::world::{Cluster, Policy};

/// What somebody asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub verb: String,
    pub group: String,
    /// With its subresource: `pods/log`.
    pub resource: String,
    /// Empty for all of them.
    pub namespace: String,
    pub name: String,
}

impl Request {
    /// A request by its method and path; `None` for what is no object.
    pub fn of_path(method: &str, path: &str) -> Option<Self> {
        let mut parts = path.trim_start_matches('/').split('/');
        let group = match parts.next()? {
            "api" => String::new(),
            "apis" => parts.next()?.to_owned(),
            _ => return None,
        };
        _ = parts.next()?;
        let rest: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let (namespace, rest) = match rest.as_slice() {
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
            rest => ("", rest),
        };
        let (resource, name) = match rest {
            [resource] => ((*resource).to_owned(), ""),
            [resource, name] => ((*resource).to_owned(), *name),
            [resource, name, subresource] => (format!("{resource}/{subresource}"), *name),
            _ => return None,
        };
        let verb = match method {
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" if name.is_empty() => "deletecollection",
            "DELETE" => "delete",
            _ if name.is_empty() => "list",
            _ => "get",
        };
        Some(Self { verb: verb.to_owned(), group, resource, namespace: namespace.to_owned(), name: name.to_owned() })
    }

    /// What a review of access asks.
    pub fn of(review: &Value) -> Self {
        let asked = &review["spec"]["resourceAttributes"];
        let text = |key: &str| asked[key].as_str().unwrap_or_default().to_owned();
        let resource = match text("subresource") {
            subresource if subresource.is_empty() => text("resource"),
            subresource => format!("{}/{subresource}", text("resource")),
        };
        Self { verb: text("verb"), group: text("group"), resource, namespace: text("namespace"), name: text("name") }
    }

    /// The refusal, in the API server's words.
    pub fn refusal(&self, user: &str) -> String {
        let Self { verb, group, resource, namespace, name } = self;
        let quoted = if name.is_empty() { String::new() } else { format!(" \"{name}\"") };
        let what = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
        let place = match namespace.as_str() {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        format!(
            "{what}{quoted} is forbidden: User \"{user}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {place}"
        )
    }
}

/// Whether a user of these groups and access policies may.
pub(crate) fn may(cluster: &Cluster, user: &str, groups: &[String], policies: &[Policy], request: &Request) -> bool {
    let bound = cluster.rbac.bindings.iter().filter(|binding| {
        (binding.namespace.is_empty() || binding.namespace == request.namespace)
            && binding.subjects.iter().any(|(kind, name, _)| match kind.as_str() {
                "Group" => groups.contains(name),
                "User" => user == name,
                _ => false,
            })
    });
    let by_policy = policies.iter().filter(|policy| {
        policy.namespaces.is_empty() || policy.namespaces.iter().any(|glob| matches(glob, &request.namespace))
    });
    bound.filter_map(|binding| rules(cluster, binding)).any(|role| allows(role, request))
        || by_policy.filter_map(|policy| resembled(cluster, policy)).any(|role| allows(role, request))
}

fn rules<'c>(cluster: &'c Cluster, binding: &KubeBinding) -> Option<&'c KubeRole> {
    let (kind, name) = &binding.role;
    let namespace = if kind == "Role" { binding.namespace.as_str() } else { "" };
    cluster.rbac.roles.iter().find(|role| role.name == *name && role.namespace == namespace)
}

fn resembled<'c>(cluster: &'c Cluster, policy: &Policy) -> Option<&'c KubeRole> {
    let name = match policy.name.as_str() {
        "AmazonEKSClusterAdminPolicy" => "cluster-admin",
        "AmazonEKSAdminPolicy" => "admin",
        "AmazonEKSEditPolicy" => "edit",
        "AmazonEKSViewPolicy" => "view",
        _ => return None,
    };
    cluster.rbac.roles.iter().find(|role| role.name == name && role.namespace.is_empty())
}

/// Whether one of a role's rules allows it.
fn allows(role: &KubeRole, request: &Request) -> bool {
    role.rules.as_array().into_iter().flatten().any(|rule| {
        let has = |key: &str, wanted: &str| {
            let all = rule[key].as_array().into_iter().flatten();
            all.filter_map(Value::as_str).any(|one| one == "*" || one == wanted)
        };
        let names = rule["resourceNames"].as_array();
        has("verbs", &request.verb)
            && has("apiGroups", &request.group)
            && has("resources", &request.resource)
            && names.is_none_or(|names| names.iter().any(|name| name == request.name.as_str()))
    })
}

/// `*` in a namespace of an access scope stands for any rest.
fn matches(glob: &str, namespace: &str) -> bool {
    match glob.split_once('*') {
        Some((start, end)) => {
            namespace.len() >= start.len() + end.len() && namespace.starts_with(start) && namespace.ends_with(end)
        }
        None => glob == namespace,
    }
}
