//! What EKS's access policies allow: their rules as data, and in words. `kubectl auth can-i --list` does not show them. Source: EKS user guide,
//! access-policy-reference, as of 2025-11 (access.md 2.4). EKS names no rules of its own components' policies; what a policy that is not
//! in this list allows is not known.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::domain::access::Policy;
use crate::domain::access::answers::Rule;
use crate::domain::filter::Glob;

/// What a policy adds to the rules of the groups; `None` for one that is not known here.
pub fn adds(policy: &str) -> Option<&'static str> {
    Some(match policy {
        "AmazonEKSClusterAdminPolicy" => "everything: all verbs on all resources and URLs",
        "AmazonEKSAdminPolicy" => {
            "what AmazonEKSEditPolicy adds, and all verbs but bind and escalate on roles and rolebindings"
        }
        "AmazonEKSEditPolicy" => {
            "reading and writing workloads, configmaps, secrets, services, serviceaccounts and the like; exec, attach, \
             port-forward and proxy to pods; impersonating serviceaccounts; no custom resources"
        }
        "AmazonEKSViewPolicy" => {
            "get, list and watch of workloads, configmaps, services and the like, and of pods/log; no secrets, no exec, no \
             custom resources"
        }
        "AmazonEKSAdminViewPolicy" => "get, list and watch of every resource, secrets included",
        "AmazonEKSSecretReaderPolicy" => "get, list and watch of secrets",
        _ => return None,
    })
}

/// A policy's rules; `None` for one that is not known here: what it allows cannot be told, which is not nothing.
pub fn rules(policy: &str) -> Option<&'static [Rule]> {
    static ALL: LazyLock<BTreeMap<&str, Vec<Rule>>> = LazyLock::new(|| {
        let everything = [("*", "*", "*")].map(rule);
        let urls = Rule { verbs: vec!["*".into()], urls: vec!["*".into()], ..Rule::default() };
        let edit = || [VIEW, EDIT].concat();
        BTreeMap::from([
            ("AmazonEKSClusterAdminPolicy", everything.into_iter().chain([urls]).collect()),
            ("AmazonEKSAdminPolicy", edit().iter().chain(ADMIN).copied().map(rule).collect()),
            ("AmazonEKSEditPolicy", edit().into_iter().map(rule).collect()),
            ("AmazonEKSViewPolicy", VIEW.iter().copied().map(rule).collect()),
            ("AmazonEKSAdminViewPolicy", vec![rule(("*", "*", READ))]),
            ("AmazonEKSSecretReaderPolicy", vec![rule(("", "secrets", READ))]),
        ])
    });
    ALL.get(policy).map(Vec::as_slice)
}

/// Whether a policy is of AWS's own components and services, which make the entries that have it. Source: access.md 2.4, 2.9.
pub fn is_for_aws(policy: &str) -> bool {
    let name = policy.strip_prefix("AmazonEKS").or_else(|| policy.strip_prefix("Amazon")).unwrap_or(policy);
    OF_AWS.iter().any(|own| name.starts_with(own))
}

/// How the names of those policies begin, after `AmazonEKS` or `Amazon`.
const OF_AWS: [&str; 19] = [
    "ACK",
    "AIDevOps",
    "AIOps",
    "ARC",
    "AWSBackup",
    "ArgoCD",
    "AutoNode",
    "BlockStorage",
    "ClusterInsights",
    "Compute",
    "EMRJob",
    "Event",
    "Hybrid",
    "KRO",
    "LoadBalancing",
    "Networking",
    "PodIdentity",
    "SageMaker",
    "Sagemaker",
];

/// API group, resources, verbs; several are separated by spaces.
type Row = (&'static str, &'static str, &'static str);

const READ: &str = "get list watch";
const WRITE: &str = "create delete deletecollection patch update";

const VIEW: &[Row] = &[
    (
        "",
        "bindings configmaps endpoints events limitranges namespaces namespaces/status persistentvolumeclaims \
         persistentvolumeclaims/status pods pods/log pods/status replicationcontrollers replicationcontrollers/scale \
         replicationcontrollers/status resourcequotas resourcequotas/status serviceaccounts services services/status",
        READ,
    ),
    (
        "apps",
        "controllerrevisions daemonsets daemonsets/status deployments deployments/scale deployments/status replicasets \
         replicasets/scale replicasets/status statefulsets statefulsets/scale statefulsets/status",
        READ,
    ),
    ("autoscaling", "horizontalpodautoscalers horizontalpodautoscalers/status", READ),
    ("batch", "cronjobs cronjobs/status jobs jobs/status", READ),
    ("discovery.k8s.io", "endpointslices", READ),
    (
        "extensions",
        "daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status \
         networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale",
        READ,
    ),
    ("networking.k8s.io", "ingresses ingresses/status networkpolicies", READ),
    ("policy", "poddisruptionbudgets poddisruptionbudgets/status", READ),
];

/// Beside what [`VIEW`] has.
const EDIT: &[Row] = &[
    ("", "pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy", READ),
    (
        "",
        "configmaps events persistentvolumeclaims pods pods/attach pods/exec pods/portforward pods/proxy \
         replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy",
        WRITE,
    ),
    ("", "serviceaccounts", "impersonate"),
    (
        "apps",
        "daemonsets deployments deployments/rollback deployments/scale replicasets replicasets/scale statefulsets \
         statefulsets/scale",
        WRITE,
    ),
    ("autoscaling", "horizontalpodautoscalers", WRITE),
    ("batch", "cronjobs jobs", WRITE),
    (
        "extensions",
        "daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets \
         replicasets/scale replicationcontrollers/scale",
        WRITE,
    ),
    ("networking.k8s.io", "ingresses networkpolicies", WRITE),
    ("policy", "poddisruptionbudgets", WRITE),
];

/// Beside what [`EDIT`] has: neither `bind` nor `escalate`.
const ADMIN: &[Row] = &[
    ("authorization.k8s.io", "localsubjectaccessreviews", "create"),
    ("rbac.authorization.k8s.io", "rolebindings roles", READ),
    ("rbac.authorization.k8s.io", "rolebindings roles", WRITE),
];

fn rule((group, resources, verbs): Row) -> Rule {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    Rule { verbs: words(verbs), api_groups: vec![group.into()], resources: words(resources), ..Rule::default() }
}

impl Policy {
    /// Whether it holds in a namespace: everywhere, or where one of its names, which may have wildcards, is that one's. Requests of the
    /// whole cluster, which have no namespace, are covered only by a policy for the whole cluster.
    pub fn is_in(&self, namespace: &str) -> bool {
        // Names of namespaces are in lower case, so that a glob that ignores case matches no more than EKS does.
        let is_named = || self.namespaces.iter().any(|name| Glob::new(name).matches(namespace));
        self.namespaces.is_empty() || (!namespace.is_empty() && is_named())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_holds_in_its_namespaces_and_wildcards_are_taken() {
        let policy = |namespaces: &[&str]| Policy {
            name: "AmazonEKSViewPolicy".into(),
            namespaces: namespaces.iter().map(|name| (*name).to_owned()).collect(),
        };
        assert!(policy(&[]).is_in("web") && policy(&["dev-*", "web"]).is_in("dev-a") && policy(&[]).is_in(""));
        assert!(!policy(&["dev-*"]).is_in("web") && !policy(&["*"]).is_in(""));
        assert!(adds("AmazonEKSViewPolicy").is_some() && adds("AmazonEKSNewPolicy").is_none());
    }

    #[test]
    fn every_policy_that_is_worded_has_its_rules_and_no_other_has() {
        for name in ["ClusterAdmin", "Admin", "Edit", "View", "AdminView", "SecretReader", "AutoNode", "New"] {
            let name = format!("AmazonEKS{name}Policy");
            assert_eq!(adds(&name).is_some(), rules(&name).is_some_and(|rules| !rules.is_empty()), "{name}");
            assert_eq!(is_for_aws(&name), name.contains("AutoNode"), "{name}");
        }
        for name in
            ["AmazonEKSBlockStorageClusterPolicy", "AWSBackupFullAccessPolicyForBackup", "AmazonAIOpsAssistantPolicy"]
        {
            assert!(is_for_aws(name), "{name}");
        }
    }

    #[test]
    fn edit_and_admin_have_what_the_document_says_and_lack_what_it_leaves_out() {
        let has = |policy: &str, verb: &str, group: &str, resource: &str| {
            let is = |words: &[String], word: &str| words.iter().any(|known| known == word);
            rules(&format!("AmazonEKS{policy}Policy")).is_some_and(|rules| {
                rules
                    .iter()
                    .any(|rule| is(&rule.verbs, verb) && is(&rule.api_groups, group) && is(&rule.resources, resource))
            })
        };
        for (verb, group, resource) in [
            ("get", "", "pods/log"),
            ("create", "", "pods/exec"),
            ("delete", "", "secrets"),
            ("impersonate", "", "serviceaccounts"),
            ("patch", "apps", "deployments/scale"),
            ("watch", "discovery.k8s.io", "endpointslices"),
        ] {
            assert!(has("Edit", verb, group, resource) && has("Admin", verb, group, resource), "{verb} {resource}");
        }
        for (verb, group, resource) in [
            ("create", "", "pods/eviction"),
            ("create", "", "serviceaccounts/token"),
            ("get", "coordination.k8s.io", "leases"),
            ("get", "events.k8s.io", "events"),
            ("get", "resource.k8s.io", "resourceclaims"),
            ("bind", "rbac.authorization.k8s.io", "roles"),
            ("escalate", "rbac.authorization.k8s.io", "roles"),
        ] {
            assert!(!has("Admin", verb, group, resource), "{verb} {resource}");
        }
        assert!(has("Admin", "create", "rbac.authorization.k8s.io", "rolebindings"));
        assert!(!has("Edit", "get", "rbac.authorization.k8s.io", "roles"));
        for (verb, resource) in
            [("get", "secrets"), ("get", "pods/exec"), ("create", "pods"), ("get", "services/proxy")]
        {
            assert!(!has("View", verb, "", resource), "{verb} {resource}");
        }
    }
}
