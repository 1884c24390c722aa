//! Kubernetes: bindings of the tiers' groups as plain YAML with a kustomization, the auditor's role, and lines for aws-auth.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::access::AuthMode;
use crate::domain::audit::policy;
use crate::domain::scaffold::code::{no_why, yaml};
use crate::domain::scaffold::plan::{Bound, Plan};
use crate::domain::scaffold::role::{Made, Role};
use crate::domain::text::digest;

const HEAD: &str = "# Made by `eksso scaffold write` from access.toml: change that file, and write again.\n";
const API: &str = "rbac.authorization.k8s.io";

/// The files of all clusters, by their paths.
pub fn files(plan: &Plan) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for (key, cluster) in &plan.clusters {
        let folder = format!("kubernetes/{key}");
        let roles: Vec<&Role> = plan.roles.iter().filter(|role| role.clusters.contains(key)).collect();
        let mut bindings: Vec<Value> = Vec::new();
        for binding in plan.bound_in(key).iter().flat_map(bindings_of) {
            if !bindings.contains(&binding) {
                bindings.push(binding);
            }
        }
        let mut resources = vec!["eksso-auditor.yaml"];
        files.insert(format!("{folder}/eksso-auditor.yaml"), policy::kubernetes());
        if !bindings.is_empty() {
            resources.push("bindings.yaml");
            let documents = bindings.iter().map(|one| format!("---\n{}", yaml(one, 0, &no_why))).collect::<String>();
            files.insert(format!("{folder}/bindings.yaml"), format!("{HEAD}{documents}"));
        }
        let kustomization =
            json!({"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": resources});
        files.insert(format!("{folder}/kustomization.yaml"), format!("{HEAD}{}", yaml(&kustomization, 0, &no_why)));
        if cluster.mode == AuthMode::ConfigMap {
            files.insert(format!("{folder}/aws-auth-lines.yaml"), aws_auth(plan, key, &roles));
        }
    }
    files
}

fn bindings_of(bound: &Bound<'_>) -> Vec<Value> {
    let (kind, role) = (bound.role.kind(), bound.role.name());
    let subjects: Vec<Value> =
        bound.groups.iter().map(|group| json!({"apiGroup": API, "kind": "Group", "name": group})).collect();
    let reference = json!({"apiGroup": API, "kind": kind, "name": role});
    // A binding's role cannot be changed, so its name tells it: another role makes another binding.
    let (start, all) = match bound.tier {
        Some(tier) => {
            let plain = tier.to_ascii_lowercase().replace('_', "-");
            (plain.trim_end_matches('-').to_owned(), format!("{tier}/{role}"))
        }
        None => ("bindings".to_owned(), format!("{kind}/{role}/{}", json!(bound.groups))),
    };
    let name = format!("eksso-{start}-{}", &digest(&all)[..8]);
    let labels = json!({"app.kubernetes.io/managed-by": "eksso"});
    let binding = |kind: &str, namespace: Option<&str>| {
        let mut metadata = json!({"name": name, "labels": labels});
        if let Some(namespace) = namespace {
            metadata["namespace"] = json!(namespace);
        }
        json!({"apiVersion": format!("{API}/v1"), "kind": kind, "metadata": metadata, "roleRef": reference, "subjects": subjects})
    };
    match bound.namespaces.is_empty() {
        true => vec![binding("ClusterRoleBinding", None)],
        false => bound.namespaces.iter().map(|namespace| binding("RoleBinding", Some(namespace))).collect(),
    }
}

/// The lines of `mapRoles`: a fragment, as applying a whole ConfigMap would remove the lines of the nodes.
fn aws_auth(plan: &Plan, key: &str, roles: &[&Role]) -> String {
    let partition = plan.partition.arn();
    let account = plan.clusters.get(key).map(|cluster| cluster.account.to_string()).unwrap_or_default();
    let lines: Vec<Value> = roles
        .iter()
        .filter(|role| !role.groups.is_empty())
        .map(|role| {
            // The authenticator compares ARNs without their path.
            let name = match role.made {
                Made::Set => format!("AWSReservedSSO_{}_0000000000000000", role.name),
                _ => role.name.clone(),
            };
            json!({"rolearn": format!("arn:{partition}:iam::{account}:role/{name}"),
                "username": format!("{}:{{{{SessionName}}}}", role.tier), "groups": role.groups})
        })
        .collect();
    let words = "# Lines for `mapRoles` of the ConfigMap aws-auth in kube-system: add them by hand, and leave those of the nodes there.\n\
                 # ARNs stand here without their path: the authenticator compares them so. Replace the sixteen zeros by the end of the role's name:\n\
                 #   aws iam list-roles --path-prefix /aws-reserved/sso.amazonaws.com/\n\
                 # Better: move to access entries. 1. set the mode to API_AND_CONFIG_MAP and wait until the cluster is ACTIVE; 2. say so in access.toml,\n\
                 # write again, apply the entries (those that EKS made itself for nodes and Fargate are there: leave them); 3. check with\n\
                 # `eksso audit`; 4. remove the lines of people, then set the mode to API. There is no way back from API.\n";
    let lines = if lines.is_empty() { "[]\n".to_owned() } else { yaml(&lines.into(), 0, &no_why) };
    format!("{HEAD}{words}{lines}")
}
