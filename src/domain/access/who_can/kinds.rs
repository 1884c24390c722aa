//! The kinds of Kubernetes that are built in, with the words that kubectl takes for them. Source: Kubernetes 1.35, `kubectl api-resources`; the
//! names that only RBAC knows: `pkg/registry/rbac`, "impersonate" and `signers`.

/// A kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The plural, as rules name it.
    pub plural: &'static str,
    /// The API group; empty for the core.
    pub group: &'static str,
    /// Whether its objects are in namespaces.
    pub is_namespaced: bool,
}

/// Plurals, each with its short names behind a `=`. Of one plural in several groups the first is meant.
const NAMESPACED: &[(&str, &str)] = &[
    (
        "",
        "bindings configmaps=cm endpoints=ep events=ev limitranges=limits persistentvolumeclaims=pvc pods=po podtemplates \
         replicationcontrollers=rc resourcequotas=quota secrets serviceaccounts=sa services=svc",
    ),
    ("apps", "controllerrevisions daemonsets=ds deployments=deploy replicasets=rs statefulsets=sts"),
    ("authorization.k8s.io", "localsubjectaccessreviews"),
    ("autoscaling", "horizontalpodautoscalers=hpa"),
    ("batch", "cronjobs=cj jobs"),
    ("certificates.k8s.io", "podcertificaterequests"),
    ("coordination.k8s.io", "leases"),
    ("discovery.k8s.io", "endpointslices"),
    ("events.k8s.io", "events=ev"),
    ("networking.k8s.io", "ingresses=ing networkpolicies=netpol"),
    ("policy", "poddisruptionbudgets=pdb"),
    ("rbac.authorization.k8s.io", "rolebindings roles"),
    ("resource.k8s.io", "resourceclaims resourceclaimtemplates"),
    ("storage.k8s.io", "csistoragecapacities"),
];

const OF_CLUSTER: &[(&str, &str)] = &[
    ("", "componentstatuses=cs groups namespaces=ns nodes=no persistentvolumes=pv users"),
    (
        "admissionregistration.k8s.io",
        "mutatingadmissionpolicies mutatingadmissionpolicybindings mutatingwebhookconfigurations validatingadmissionpolicies \
         validatingadmissionpolicybindings validatingwebhookconfigurations",
    ),
    ("apiextensions.k8s.io", "customresourcedefinitions=crd=crds"),
    ("apiregistration.k8s.io", "apiservices"),
    ("authentication.k8s.io", "selfsubjectreviews tokenreviews uids userextras"),
    ("authorization.k8s.io", "selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews"),
    ("certificates.k8s.io", "certificatesigningrequests=csr clustertrustbundles signers"),
    ("flowcontrol.apiserver.k8s.io", "flowschemas prioritylevelconfigurations"),
    ("networking.k8s.io", "ingressclasses ipaddresses=ip servicecidrs"),
    ("node.k8s.io", "runtimeclasses"),
    ("rbac.authorization.k8s.io", "clusterrolebindings clusterroles"),
    ("resource.k8s.io", "deviceclasses resourceslices"),
    ("scheduling.k8s.io", "priorityclasses=pc"),
    ("storage.k8s.io", "csidrivers csinodes storageclasses=sc volumeattachments volumeattributesclasses=vac"),
];

/// The kind that a word in lower case names: plural, singular or short; of the group, if one is given.
pub fn find(word: &str, group: Option<&str>) -> Option<Kind> {
    let lists = [(NAMESPACED, true), (OF_CLUSTER, false)];
    let all = lists.into_iter().flat_map(|(rows, is_namespaced)| rows.iter().map(move |row| (row, is_namespaced)));
    let mut of_group = all.filter(|((known, _), _)| group.is_none_or(|group| group == *known));
    of_group.find_map(|((group, kinds), is_namespaced)| {
        kinds.split_whitespace().find_map(|kind| {
            let mut names = kind.split('=');
            let plural = names.next()?;
            let is = plural == word || singular(plural) == word || names.any(|short| short == word);
            is.then_some(Kind { plural, group, is_namespaced })
        })
    })
}

fn singular(plural: &str) -> String {
    if let Some(stem) = plural.strip_suffix("ies") {
        return format!("{stem}y");
    }
    let has_es = plural.ends_with("sses") || plural.ends_with("uses");
    plural[..plural.len() - if has_es { 2 } else { 1 }].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_plural_singular_and_short_name() {
        let named = |word: &str| find(word, None).map(|kind| (kind.plural, kind.group, kind.is_namespaced));
        for word in ["pods", "pod", "po"] {
            assert_eq!(named(word), Some(("pods", "", true)), "{word}");
        }
        assert_eq!(named("deploy"), Some(("deployments", "apps", true)));
        assert_eq!(named("ns"), Some(("namespaces", "", false)));
        assert_eq!(named("crd"), named("customresourcedefinition"));
        assert_eq!(named("ing"), named("ingress"));
        assert_eq!(named("netpol"), named("networkpolicy"));
        assert_eq!(named("ev"), Some(("events", "", true)));
        assert_eq!(named("lease"), Some(("leases", "coordination.k8s.io", true)));
        assert_eq!(named("storageclass"), named("sc"));
        assert_eq!(find("events", Some("events.k8s.io")).map(|kind| kind.group), Some("events.k8s.io"));
        assert_eq!(find("deployments", Some("extensions")), None);
        assert_eq!(named("widgets"), None);
    }
}
