//! What RBAC allows, computed from a cluster's roles and bindings as the API server computes it. Sources: access.md 2.6; Kubernetes
//! 1.35 `pkg/apis/rbac/v1/evaluation_helpers.go`, `plugin/pkg/auth/authorizer/rbac` and `pkg/registry/rbac/validation/rule.go`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::domain::access::answers::Rule;
use crate::domain::access::facts::{Binding, Cluster, RbacRole, RbacSubject};

/// The group of everybody who was let in.
pub const AUTHENTICATED: &str = "system:authenticated";
/// The group that no authorizer is asked about: it may do everything.
pub const MASTERS: &str = "system:masters";
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// What a request asks for, as the API server hands it to its authorizers. What a request does not have is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Something of the API's resources.
    Resource(ResourceRequest),
    /// A path of the API that is no resource.
    Url {
        /// `get`, `post`, …
        verb: String,
        /// `/healthz`
        path: String,
    },
}

/// A request for a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResourceRequest {
    /// `get`, `list`, …
    pub verb: String,
    /// The API group; empty for the core.
    pub group: String,
    /// The plural: `pods`.
    pub resource: String,
    /// `exec`
    pub subresource: String,
    /// The namespace; empty for a request of the whole cluster.
    pub namespace: String,
    /// The object.
    pub name: String,
}

impl Request {
    /// The namespace; empty for a request of the whole cluster.
    pub fn namespace(&self) -> &str {
        match self {
            Self::Resource(request) => &request.namespace,
            Self::Url { .. } => "",
        }
    }

    /// The same in another namespace, if it can be in one.
    pub fn in_namespace(&self, namespace: &str) -> Self {
        let mut other = self.clone();
        if let Self::Resource(request) = &mut other {
            namespace.clone_into(&mut request.namespace);
        }
        other
    }
}

fn has(words: &[String], all: &str, word: &str) -> bool {
    words.iter().any(|known| known == all || known == word)
}

/// How far a rule allows a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent<'r> {
    /// Not at all.
    Nothing,
    /// Only for objects of these names; the request has none.
    Named(&'r [String]),
    /// All of it.
    All,
}

/// How far a rule allows a request, wherever the rule holds.
pub fn extent<'r>(rule: &'r Rule, request: &Request) -> Extent<'r> {
    let all = |is: bool| if is { Extent::All } else { Extent::Nothing };
    match request {
        Request::Url { verb, path } => {
            all(has(&rule.verbs, "*", verb) && rule.urls.iter().any(|url| covers(url, path)))
        }
        Request::Resource(request) => {
            let matches = has(&rule.verbs, "*", &request.verb)
                && has(&rule.api_groups, "*", &request.group)
                && names_resource(rule, request);
            if !matches || rule.resource_names.is_empty() {
                return all(matches);
            }
            if request.name.is_empty() {
                named(rule, request)
            } else {
                all(rule.resource_names.contains(&request.name))
            }
        }
    }
}

/// `pods` does not cover `pods/exec`; `*/exec` covers that of every resource.
fn names_resource(rule: &Rule, request: &ResourceRequest) -> bool {
    let ResourceRequest { resource, subresource, .. } = request;
    let whole = if subresource.is_empty() {
        Cow::Borrowed(resource.as_str())
    } else {
        Cow::Owned(format!("{resource}/{subresource}"))
    };
    let of_any = |known: &str| !subresource.is_empty() && known.strip_prefix("*/") == Some(subresource);
    rule.resources.iter().any(|known| known == "*" || *known == whole || of_any(known))
}

/// The names that a request without one could have had. Those for creating an object and for deleting a collection never have one:
/// the name is not in the path, or there is none.
fn named<'r>(rule: &'r Rule, request: &ResourceRequest) -> Extent<'r> {
    if is_nameless(&request.verb, &request.subresource) {
        return Extent::Nothing;
    }
    Extent::Named(&rule.resource_names)
}

/// Whether requests of that kind never have an object's name that an authorizer could see.
pub fn is_nameless(verb: &str, subresource: &str) -> bool {
    verb == "deletecollection" || (verb == "create" && subresource.is_empty())
}

fn covers(url: &str, path: &str) -> bool {
    url == "*" || url == path || (url.ends_with('*') && path.starts_with(url.trim_end_matches('*')))
}

/// A role that a binding gives to a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Given<'a> {
    /// The binding.
    pub binding: &'a Binding,
    /// The role, which exists.
    pub role: &'a RbacRole,
}

impl Given<'_> {
    /// Whether it counts for a request: a ClusterRoleBinding for all, a RoleBinding for those in its namespace, whatever kind of role it
    /// gives.
    pub fn is_for(&self, request: &Request) -> bool {
        self.binding.namespace.is_empty() || self.binding.namespace == request.namespace()
    }
}

/// A cluster's roles and bindings, by who has them. A binding to a role that does not exist gives nothing and is left out.
#[derive(Debug, Default)]
pub struct Rbac<'a> {
    /// By group.
    pub groups: BTreeMap<&'a str, Vec<Given<'a>>>,
    /// By user; a service account is the user `system:serviceaccount:NAMESPACE:NAME`.
    pub users: BTreeMap<Cow<'a, str>, Vec<Given<'a>>>,
}

impl<'a> Rbac<'a> {
    /// As far as they could be read: see [`missing`].
    pub fn of(cluster: &'a Cluster) -> Self {
        let lists = [&cluster.roles.cluster, &cluster.roles.namespaced];
        let roles: BTreeMap<(&str, &str), &RbacRole> = lists
            .into_iter()
            .filter_map(|list| list.get())
            .flatten()
            .map(|role| ((role.namespace.as_str(), role.name.as_str()), role))
            .collect();
        let mut found = Self::default();
        let lists = [&cluster.bindings.cluster, &cluster.bindings.namespaced];
        for binding in lists.into_iter().filter_map(|list| list.get()).flatten() {
            let namespace = match binding.role_kind.as_str() {
                "ClusterRole" => "",
                "Role" if !binding.namespace.is_empty() => binding.namespace.as_str(),
                _ => continue,
            };
            let Some(role) = roles.get(&(namespace, binding.role.as_str())) else { continue };
            let given = Given { binding, role };
            for subject in &binding.subjects {
                let list = match subject.kind.as_str() {
                    "Group" => found.groups.entry(&subject.name).or_default(),
                    "User" => found.users.entry(Cow::Borrowed(&subject.name)).or_default(),
                    "ServiceAccount" => match service_account(subject, binding) {
                        Some(user) => found.users.entry(Cow::Owned(user)).or_default(),
                        None => continue,
                    },
                    _ => continue,
                };
                if list.last() != Some(&given) {
                    list.push(given);
                }
            }
        }
        found
    }

    /// Whether somebody may: a user with exactly these groups.
    pub fn allows(&self, user: &str, groups: &[&str], request: &Request) -> bool {
        let of_user = self.users.get(user);
        let of_groups = groups.iter().filter_map(|group| self.groups.get(group));
        let given = of_user.into_iter().chain(of_groups).flatten();
        let allows = |given: &Given<'_>| given.role.rules.iter().any(|rule| extent(rule, request) == Extent::All);
        groups.contains(&MASTERS) || given.filter(|given| given.is_for(request)).any(allows)
    }
}

/// The user that a service account is; a ClusterRoleBinding must name its namespace.
fn service_account(subject: &RbacSubject, binding: &Binding) -> Option<String> {
    let namespace = if subject.namespace.is_empty() { &binding.namespace } else { &subject.namespace };
    (!namespace.is_empty()).then(|| format!("{SERVICE_ACCOUNT}{namespace}:{}", subject.name))
}

/// The namespace and the name of a service account, if that is what a user is.
pub fn as_service_account(user: &str) -> Option<(&str, &str)> {
    user.strip_prefix(SERVICE_ACCOUNT)?.split_once(':')
}

/// Which list that counts for requests of the whole cluster, or of namespaces, could not be read, and why.
pub fn missing(cluster: &Cluster, namespaced: bool) -> Option<String> {
    let say = |what: &str, why: Option<&str>| why.map(|why| format!("its {what} could not be read: {why}"));
    let of_cluster = say("ClusterRoles", cluster.roles.cluster.missing())
        .or_else(|| say("ClusterRoleBindings", cluster.bindings.cluster.missing()));
    let of_namespaces = || {
        say("Roles", cluster.roles.namespaced.missing())
            .or_else(|| say("RoleBindings", cluster.bindings.namespaced.missing()))
    };
    of_cluster.or_else(|| namespaced.then(of_namespaces).flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::facts::{Fact, Source};

    fn words(list: &[&str]) -> Vec<String> {
        list.iter().map(|word| (*word).to_owned()).collect()
    }

    fn rule(verbs: &[&str], groups: &[&str], resources: &[&str], names: &[&str]) -> Rule {
        let [verbs, api_groups, resources, resource_names] = [verbs, groups, resources, names].map(words);
        Rule { verbs, api_groups, resources, resource_names, urls: Vec::new() }
    }

    /// `VERB GROUP RESOURCE[/SUBRESOURCE] [NAME]`, `-` for the core group.
    fn request(text: &str) -> Request {
        let mut parts = text.split(' ').map(str::to_owned);
        let mut next = || parts.next().unwrap_or_default();
        let (verb, group, resource, name) = (next(), next().replace('-', ""), next(), next());
        let (resource, subresource) = resource.split_once('/').unwrap_or((&resource, ""));
        let (resource, subresource) = (resource.to_owned(), subresource.to_owned());
        Request::Resource(ResourceRequest { verb, group, resource, subresource, namespace: String::new(), name })
    }

    #[test]
    fn a_rule_matches_by_verb_group_resource_and_name() {
        let any = rule(&["*"], &["*"], &["*"], &[]);
        let pods = rule(&["get", "list"], &[""], &["pods", "pods/log"], &[]);
        let exec = rule(&["create"], &["*"], &["*/exec"], &[]);
        for (rule, text, wanted) in [
            (&any, "get - pods", true),
            (&any, "create apps deployments/scale", true),
            (&pods, "get - pods", true),
            (&pods, "get - pods/log web", true),
            (&pods, "get - pods/exec", false),
            (&pods, "watch - pods", false),
            (&pods, "get metrics.k8s.io pods", false),
            (&exec, "create - pods/exec web", true),
            (&exec, "create - exec", false),
            (&exec, "create - pods", false),
        ] {
            assert_eq!(extent(rule, &request(text)) == Extent::All, wanted, "{text}");
        }
    }

    #[test]
    fn a_rule_with_names_gives_them_and_no_request_that_cannot_have_one() {
        let rule = rule(&["*"], &[""], &["configmaps", "pods/exec"], &["one"]);
        let extent = |text: &str| extent(&rule, &request(text));
        for text in ["get - configmaps one", "list - configmaps one", "create - pods/exec one"] {
            assert_eq!(extent(text), Extent::All, "{text}");
        }
        for text in ["get - configmaps", "list - configmaps", "create - pods/exec"] {
            assert_eq!(extent(text), Extent::Named(&words(&["one"])), "{text}");
        }
        for text in ["get - configmaps two", "create - configmaps", "deletecollection - configmaps"] {
            assert_eq!(extent(text), Extent::Nothing, "{text}");
        }
    }

    #[test]
    fn urls_are_matched_whole_or_by_their_beginning() {
        let rule = |url: &str| Rule { verbs: words(&["get"]), urls: words(&[url]), ..Rule::default() };
        let allows = |url: &str, verb: &str, path: &str| {
            extent(&rule(url), &Request::Url { verb: verb.into(), path: path.into() }) == Extent::All
        };
        assert!(allows("*", "get", "/metrics") && allows("/healthz/*", "get", "/healthz/etcd"));
        assert!(allows("/healthz*", "get", "/healthz") && allows("/healthz", "get", "/healthz"));
        assert!(!allows("/healthz/*", "get", "/healthz") && !allows("/healthz", "get", "/healthz/etcd"));
        assert!(!allows("*", "post", "/metrics"));
        assert_eq!(super::extent(&rule("*"), &request("get - pods")), Extent::Nothing);
    }

    fn cluster(roles: Vec<RbacRole>, bindings: Vec<Binding>) -> Cluster {
        let source = || Source { call: "list".into(), by: "x".into(), at: jiff::Timestamp::UNIX_EPOCH };
        let mut cluster: Cluster = serde_json::from_value(serde_json::json!({
            "account": "111122223333", "region": "eu-west-1", "name": "prod",
            "settings": { "answer": "unasked" }, "entries": { "answer": "unasked" }, "aws_auth": { "answer": "unasked" },
            "identity_providers": { "answer": "unasked" }, "capabilities": { "answer": "unasked" },
            "pod_identities": { "answer": "unasked" }, "machine_roles": { "answer": "unasked" },
            "roles": { "cluster": { "answer": "unasked" }, "namespaced": { "answer": "unasked" } },
            "bindings": { "cluster": { "answer": "unasked" }, "namespaced": { "answer": "unasked" } },
            "namespaces": { "answer": "unasked" }, "service_accounts": { "answer": "unasked" },
        }))
        .expect("a cluster");
        cluster.roles.cluster = Fact::seen(roles, source());
        cluster.bindings.namespaced = Fact::seen(bindings, source());
        cluster
    }

    #[test]
    fn a_role_binding_gives_a_cluster_role_in_its_namespace_and_a_missing_role_gives_nothing() {
        let role = RbacRole {
            name: "readers".into(),
            rules: vec![rule(&["get"], &[""], &["pods"], &[])],
            ..RbacRole::default()
        };
        let subject =
            |kind: &str, name: &str| RbacSubject { kind: kind.into(), name: name.into(), ..RbacSubject::default() };
        let binding = |role: &str, subjects: &[RbacSubject]| Binding {
            namespace: "web".into(),
            name: "b".into(),
            role_kind: "ClusterRole".into(),
            role: role.into(),
            subjects: subjects.to_vec(),
            ..Binding::default()
        };
        let bindings = vec![
            binding("readers", &[subject("Group", "team"), subject("ServiceAccount", "robot")]),
            binding("gone", &[subject("User", "jane")]),
        ];
        let cluster = cluster(vec![role], bindings);
        let rbac = Rbac::of(&cluster);
        let get = |namespace: &str| request("get - pods").in_namespace(namespace);
        assert!(rbac.allows("jane", &["team"], &get("web")) && !rbac.allows("jane", &["team"], &get("")));
        assert!(rbac.allows("system:serviceaccount:web:robot", &[], &get("web")));
        assert!(!rbac.allows("jane", &[], &get("web")) && !rbac.users.contains_key("jane"));
        assert!(rbac.allows("jane", &[MASTERS], &get("")));
        assert!(missing(&cluster, false).is_some_and(|why| why.contains("ClusterRoleBindings")));
    }
}
