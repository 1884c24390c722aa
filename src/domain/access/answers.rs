//! What a cluster itself answers: who a token is, what it may do, or why it does not say.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::role_arn::Principal;

/// Why a cluster gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// 401: it does not know the token's role.
    Unauthorized,
    /// 403: it knows it, and does not allow this; in its words.
    Forbidden(String),
    /// 404.
    Missing,
    /// No connection, or no answer in time.
    Unreachable(String),
    /// It was reached, and answered this with an error, or with nothing that makes sense; it may answer something else.
    Failed(String),
    /// Its certificate is not of the CA that the kubeconfig or EKS names; why.
    Untrusted(String),
}

/// Who a token is to a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct User {
    /// `status.userInfo.username`
    pub username: String,
    /// `status.userInfo.groups`
    pub groups: Vec<String>,
    /// `status.userInfo.extra`: among it `canonicalArn`, from aws-iam-authenticator.
    pub extra: BTreeMap<String, Vec<String>>,
}

impl User {
    /// The name of the IAM role, as the authenticator saw it.
    pub fn iam_role(&self) -> Option<&str> {
        Some(Principal::parse(self.extra.get("canonicalArn")?.first()?)?.name)
    }
}

/// What a token may do in a namespace, as RBAC says: one rule.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Rule {
    /// `get`, `list`, …; `*` for all.
    pub verbs: Vec<String>,
    /// API groups; the empty one is the core.
    pub api_groups: Vec<String>,
    /// Resources, such as `pods` and `pods/log`.
    pub resources: Vec<String>,
    /// The names it is limited to.
    pub resource_names: Vec<String>,
    /// Paths of the API that are no resources; then the others are empty.
    #[serde(rename = "nonResourceURLs")]
    pub urls: Vec<String>,
}

/// What a token may do in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The rules.
    pub rules: Vec<Rule>,
    /// Whether the cluster could not list them all: an authorizer other than RBAC, such as access policies, may allow more.
    pub incomplete: bool,
    /// Why, in its words.
    pub error: Option<String>,
}
