//! What a mapping may do: its access policies, and the roles that bindings give to its groups and its user name.

use std::collections::BTreeSet;

use crate::domain::access::facts::Cluster;
use crate::domain::access::grant::{PrincipalKind, Right};
use crate::domain::access::grants::names::{Fit, fit};
use crate::domain::access::grants::principal::Iam;
use crate::domain::access::rbac::{AUTHENTICATED, Given, MASTERS, Rbac, missing};
use crate::domain::access::{Listed, Policy};

/// What marks the bindings that every cluster has from the start.
const DEFAULTS: (&str, &str) = ("kubernetes.io/bootstrapping", "rbac-defaults");

/// Whom a cluster takes a mapping's sessions for.
#[derive(Debug, Clone, Copy)]
pub struct Identity<'a> {
    /// What the mapping names.
    pub kind: &'a PrincipalKind,
    /// The principal as it stands there.
    pub principal: &'a str,
    /// The user name's template.
    pub user: &'a str,
    /// The groups' templates, without [`AUTHENTICATED`], which everybody has.
    pub groups: &'a [String],
}

/// A role that a mapping has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<'a> {
    /// The binding and its role.
    pub given: Given<'a>,
    /// The group or user that the binding names.
    pub subject: String,
    /// What must stand in a template's placeholder; none where every session has the role.
    pub session: Option<String>,
}

impl Identity<'_> {
    /// How its sessions come to a group or user name.
    fn fit(&self, template: &str, name: &str) -> Fit {
        // EKS lets no prefix of an identity provider be `system:`; whether a provider without prefix may say such names itself is not known.
        if *self.kind == PrincipalKind::IdentityProvider && name.starts_with("system:") {
            return Fit::Never;
        }
        fit(template, self.kind, Iam::parse(self.principal).map_or("", |iam| iam.account), name)
    }

    /// Whether some session of it is of a group.
    pub fn is_in(&self, group: &str) -> bool {
        group == AUTHENTICATED || self.groups.iter().any(|known| self.fit(known, group) != Fit::Never)
    }

    /// Whether some session of it has a user name.
    pub fn is_named(&self, user: &str) -> bool {
        self.fit(self.user, user) != Fit::Never
    }

    /// Whether every session of it may do everything.
    pub fn is_master(&self) -> bool {
        self.groups.iter().any(|group| group == MASTERS)
    }

    /// All roles that bindings give to it.
    pub fn held<'r>(&self, rbac: &Rbac<'r>) -> Vec<Held<'r>> {
        let mut all = Vec::new();
        let mut add = |found: &[Given<'r>], subject: &str, fit: Fit| {
            let session = match fit {
                Fit::Never => return,
                Fit::Always => None,
                Fit::With(session) => Some(session),
            };
            let held =
                |given: &Given<'r>| Held { given: *given, subject: subject.to_owned(), session: session.clone() };
            all.extend(found.iter().map(held));
        };
        let authenticated = AUTHENTICATED.to_owned();
        for group in self.groups.iter().chain([&authenticated]) {
            if group.contains("{{") {
                rbac.groups.iter().for_each(|(name, found)| add(found, name, self.fit(group, name)));
            } else if let Some(found) = rbac.groups.get(group.as_str()) {
                add(found, group, Fit::Always);
            }
        }
        if self.user.contains("{{") {
            rbac.users.iter().for_each(|(name, found)| add(found, name, self.fit(self.user, name)));
        } else if let Some(found) = rbac.users.get(self.user) {
            add(found, self.user, Fit::Always);
        }
        all
    }
}

/// The right of a held role.
pub fn right(held: &Held<'_>) -> Right {
    let binding = held.given.binding;
    Right {
        role: binding.role.clone(),
        binding: binding.name.clone(),
        subject: held.subject.clone(),
        namespaces: if binding.namespace.is_empty() { Vec::new() } else { vec![binding.namespace.clone()] },
    }
}

/// The right of an access policy.
pub fn right_of_policy(policy: &Policy) -> Right {
    let Policy { name, namespaces } = policy.clone();
    Right { role: name, binding: String::new(), subject: String::new(), namespaces }
}

/// The right of [`MASTERS`], which needs no binding.
pub fn right_of_masters() -> Right {
    Right { role: "cluster-admin".into(), binding: String::new(), subject: MASTERS.into(), namespaces: Vec::new() }
}

/// All rights of a mapping, without those that every cluster gives to everybody.
pub fn rights(cluster: &Cluster, rbac: &Rbac<'_>, who: &Identity<'_>, policies: &[Policy]) -> Listed<Vec<Right>> {
    let mut found: BTreeSet<Right> = policies.iter().map(right_of_policy).collect();
    if who.is_master() {
        found.insert(right_of_masters());
    } else if let Some(why) = missing(cluster, true) {
        return Listed::Hidden(why);
    }
    let is_default = |held: &Held<'_>| {
        let label = held.given.binding.labels.get(DEFAULTS.0);
        held.subject == AUTHENTICATED && label.is_some_and(|label| label == DEFAULTS.1)
    };
    found.extend(who.held(rbac).iter().filter(|held| !is_default(held)).map(right));
    Listed::Seen(found.into_iter().collect())
}
