//! What the groups of an entry are bound to, as far as a tier can say it.

use std::collections::BTreeSet;

use crate::domain::access::facts::{Binding, Cluster};
use crate::domain::scaffold::from_live::draft::sorted;
use crate::domain::scaffold::plan::AUDITORS;

/// What the groups of an entry are bound to.
pub enum Bound {
    /// Nothing, as far as can be seen, or by what each cluster gets anyway.
    Nothing,
    /// One ClusterRole, in these namespaces; in none: in the whole cluster.
    Role(String, Vec<String>),
    /// What a tier cannot say.
    Other(String),
}

pub fn bound(cluster: &Cluster, groups: &[String]) -> Bound {
    if groups.is_empty() || groups == [AUDITORS] {
        return Bound::Nothing;
    }
    let all = [&cluster.bindings.cluster, &cluster.bindings.namespaced];
    if let Some(why) = all.iter().find_map(|fact| fact.missing()) {
        return Bound::Other(format!("they could not be read: {why}"));
    }
    let bindings: Vec<&Binding> = all.iter().filter_map(|fact| fact.get()).flatten().collect();
    let of = |group: &String| -> BTreeSet<(&str, &str, &str)> {
        let has = |binding: &&&Binding| {
            binding.subjects.iter().any(|subject| subject.kind == "Group" && subject.name == *group)
        };
        let own = bindings.iter().filter(has);
        own.map(|binding| (binding.role_kind.as_str(), binding.role.as_str(), binding.namespace.as_str())).collect()
    };
    let mut each = groups.iter().map(of);
    let first = each.next().unwrap_or_default();
    let told = || {
        let words = |(kind, role, namespace): &(&str, &str, &str)| {
            let of = if namespace.is_empty() { "the whole cluster" } else { namespace };
            format!("{kind} {role} in {of}")
        };
        let all: Vec<String> =
            groups.iter().flat_map(|group| of(group).iter().map(words).collect::<Vec<_>>()).collect();
        all.join(", ")
    };
    if !each.all(|other| other == first) {
        return Bound::Other(told());
    }
    let roles: BTreeSet<(&str, &str)> = first.iter().map(|(kind, role, _)| (*kind, *role)).collect();
    let namespaces: Vec<String> = first.iter().map(|(.., namespace)| (*namespace).to_owned()).collect();
    match roles.iter().collect::<Vec<_>>().as_slice() {
        [] => Bound::Nothing,
        [("ClusterRole", role)] if namespaces == [""] => Bound::Role((*role).to_owned(), Vec::new()),
        [("ClusterRole", role)] if !namespaces.iter().any(String::is_empty) => {
            Bound::Role((*role).to_owned(), sorted(&namespaces))
        }
        _ => Bound::Other(told()),
    }
}
