//! What EKS's access policies allow, in words: `kubectl auth can-i --list` does not show them. Source: EKS user guide,
//! access-policy-reference, 2025-11 (access.md 2.4); EKS names no rules of policies that are not in this list.

use crate::domain::access::Policy;
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

impl Policy {
    /// Whether it holds in a namespace: everywhere, or where one of its names, which may have wildcards, is that one's.
    pub fn is_in(&self, namespace: &str) -> bool {
        // Names of namespaces are in lower case, so that a glob that ignores case matches no more than EKS does.
        self.namespaces.is_empty() || self.namespaces.iter().any(|name| Glob::new(name).matches(namespace))
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
        assert!(policy(&[]).is_in("web") && policy(&["dev-*", "web"]).is_in("dev-a"));
        assert!(!policy(&["dev-*"]).is_in("web"));
        assert!(adds("AmazonEKSViewPolicy").is_some() && adds("AmazonEKSNewPolicy").is_none());
    }
}
