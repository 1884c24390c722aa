//! The question of `--who-can`: the command line's words as the requests that they mean.

use std::collections::BTreeSet;

use crate::domain::access::facts::RbacRole;
use crate::domain::access::rbac::{Request, ResourceRequest, is_nameless};
use crate::domain::access::who_can::kinds::{Kind, find};

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    verb: String,
    what: What,
    scope: Scope,
    /// What was taken for granted in reading it, in words.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Url(String),
    Resource {
        /// Not known for a kind that is not built in and was given without it.
        group: Option<String>,
        resource: String,
        subresource: String,
        name: String,
    },
}

/// Where it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// What has no namespace.
    Cluster,
    /// In one namespace.
    Namespace(String),
    /// In all namespaces at once.
    Everywhere,
}

/// Verbs of requests for resources, and those that only authorizers know.
const VERBS: [&str; 17] = [
    "*",
    "approve",
    "attest",
    "bind",
    "create",
    "delete",
    "deletecollection",
    "escalate",
    "get",
    "impersonate",
    "list",
    "patch",
    "proxy",
    "sign",
    "update",
    "use",
    "watch",
];
/// Verbs of requests for other paths.
const METHODS: [&str; 8] = ["*", "delete", "get", "head", "options", "patch", "post", "put"];

impl Question {
    /// Reads `VERB RESOURCE[.GROUP][/SUBRESOURCE]` or `VERB /PATH`, with a namespace and an object's name.
    ///
    /// # Errors
    /// What is wrong with the words.
    pub fn parse(verb: &str, resource: &str, namespace: Option<&str>, name: Option<&str>) -> Result<Self, String> {
        let verb = verb.to_lowercase();
        let verbs: &[&str] = if resource.starts_with('/') { &METHODS } else { &VERBS };
        let is_known = verbs.contains(&verb.as_str()) || verb.starts_with("impersonate");
        let mut notes = Vec::new();
        if !is_known {
            notes
                .push(format!("`{verb}` is no verb that eksso knows; only rules that name it, or all verbs, allow it"));
        }
        if resource.starts_with('/') {
            return match (namespace, name) {
                (None, None) => Ok(Self { verb, what: What::Url(resource.to_owned()), scope: Scope::Cluster, notes }),
                _ => Err(format!("{resource} is a path of the API: it has neither a namespace nor a name")),
            };
        }
        let (whole, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let whole = whole.to_lowercase();
        let (word, group) = match whole.split_once('.') {
            Some((word, group)) => (word, Some(without_version(group))),
            None => (whole.as_str(), None),
        };
        if word.is_empty() || verb.is_empty() || (resource.contains('/') && subresource.is_empty()) {
            return Err(format!("`{resource}` is no resource; one looks like pods, deployments.apps or pods/exec"));
        }
        let known = find(word, group);
        let (resource, group) = match known {
            Some(Kind { plural, group, .. }) => (plural.to_owned(), Some(group.to_owned())),
            None if word == "*" && group.is_none() => (word.to_owned(), Some("*".to_owned())),
            None => (word.to_owned(), group.map(str::to_owned)),
        };
        let subresource = subresource.to_lowercase();
        let scope = scope(&resource, known, namespace, &mut notes);
        let mut name = name.unwrap_or_default().to_owned();
        if !name.is_empty() && is_nameless(&verb, &subresource) {
            notes.push(format!("--name does not count: no {verb} request for {resource} tells the authorizers a name"));
            name.clear();
        }
        Ok(Self { verb, what: What::Resource { group, resource, subresource, name }, scope, notes })
    }

    /// Where it is asked for.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The request in a cluster with these roles; and why it is not quite known, where it is of a kind that is not built in and was asked for
    /// without its API group: then only what covers all groups covers it.
    pub fn request<'r>(&self, roles: impl Iterator<Item = &'r RbacRole>) -> (Request, Option<String>) {
        let verb = self.verb.clone();
        let (group, resource, subresource, name) = match &self.what {
            What::Url(path) => return (Request::Url { verb, path: path.clone() }, None),
            What::Resource { group, resource, subresource, name } => (group, resource, subresource, name),
        };
        let (group, doubt) = match group {
            Some(group) => (group.clone(), None),
            None => group_of(resource, roles),
        };
        let (resource, subresource, name) = (resource.clone(), subresource.clone(), name.clone());
        let namespace = match &self.scope {
            Scope::Namespace(namespace) => namespace.clone(),
            // The path of one namespace is in that namespace (apiserver `pkg/endpoints/request/requestinfo.go`).
            Scope::Cluster if resource == "namespaces" && !["list", "watch"].contains(&verb.as_str()) => name.clone(),
            Scope::Cluster | Scope::Everywhere => String::new(),
        };
        (Request::Resource(ResourceRequest { verb, group, resource, subresource, namespace, name }), doubt)
    }
}

/// `v1.apps` is `apps`, as kubectl reads it.
fn without_version(group: &str) -> &str {
    let is_version = |text: &str| {
        let digits = text.strip_prefix('v').unwrap_or_default();
        digits.starts_with(|first: char| first.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    match group.split_once('.') {
        Some((version, rest)) if is_version(version) => rest,
        None if is_version(group) => "",
        _ => group,
    }
}

fn scope(resource: &str, known: Option<Kind>, namespace: Option<&str>, notes: &mut Vec<String>) -> Scope {
    match (known, namespace) {
        (Some(Kind { is_namespaced: false, .. }), None) => Scope::Cluster,
        (Some(Kind { is_namespaced: false, .. }), Some(_)) => {
            notes.push(format!("-n does not count: {resource} are in no namespace"));
            Scope::Cluster
        }
        (_, Some(namespace)) => {
            if known.is_none() && resource != "*" {
                notes.push(format!("{resource} are no built-in kind: taken as in namespaces, because of -n"));
            }
            Scope::Namespace(namespace.to_owned())
        }
        (_, None) => {
            if known.is_none() && resource != "*" {
                notes.push(format!(
                    "{resource} are no built-in kind: taken as asked for in the whole cluster; with -n in a namespace"
                ));
            }
            Scope::Everywhere
        }
    }
}

/// Matches no rule but those for all groups.
const NO_GROUP: &str = "?";

fn group_of<'r>(resource: &str, roles: impl Iterator<Item = &'r RbacRole>) -> (String, Option<String>) {
    let is_named = |known: &String| known.split('/').next() == Some(resource);
    let rules = roles.flat_map(|role| &role.rules).filter(|rule| rule.resources.iter().any(is_named));
    let groups: BTreeSet<&String> = rules.flat_map(|rule| &rule.api_groups).filter(|group| *group != "*").collect();
    let groups: Vec<&str> = groups.into_iter().map(String::as_str).collect();
    match groups.as_slice() {
        [only] => ((*only).to_owned(), None),
        [] => (
            NO_GROUP.to_owned(),
            Some(format!(
                "no role there names {resource}, so that their API group is not known: ask for {resource}.GROUP"
            )),
        ),
        [first, ..] => (
            NO_GROUP.to_owned(),
            Some(format!("there are {resource} of {}: ask for {resource}.{first} or another", groups.join(", "))),
        ),
    }
}
