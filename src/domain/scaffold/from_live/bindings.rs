//! What groups are bound to: where a tier can say it, by its `rbac`; else by `[[bindings]]`.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::access::facts::{Binding, Cluster, Facts};
use crate::domain::audit::access_file::BoundRole;
use crate::domain::scaffold::drift::rbac::auditors;
use crate::domain::scaffold::from_live::draft::{Bindings, Draft};
use crate::domain::scaffold::plan::AUDITORS;

/// A role, and the namespace in which it is bound; an empty one is the whole cluster.
type Held = (BoundRole, String);

/// The one ClusterRole that all these groups are bound to, in these namespaces; in none: in the whole cluster. `None` where they are bound to
/// nothing, to several, or each to something else.
pub fn bound(cluster: &Cluster, groups: &[String]) -> Option<(String, Vec<String>)> {
    if groups == [AUDITORS] {
        return None;
    }
    let mut each = groups.iter().map(|group| held(cluster, group));
    let first = each.next()?;
    if !each.all(|other| other == first) {
        return None;
    }
    let roles: BTreeSet<&BoundRole> = first.iter().map(|(role, _)| role).collect();
    let namespaces: Vec<String> = first.iter().map(|(_, namespace)| namespace.clone()).collect();
    match (roles.into_iter().collect::<Vec<_>>().as_slice(), namespaces.as_slice()) {
        ([BoundRole::Cluster(role)], [all]) if all.is_empty() => Some((role.clone(), Vec::new())),
        ([BoundRole::Cluster(role)], _) if !namespaces.iter().any(String::is_empty) => Some((role.clone(), namespaces)),
        _ => None,
    }
}

/// What a group is bound to in a cluster, as far as that could be read.
fn held(cluster: &Cluster, group: &str) -> BTreeSet<Held> {
    let all = [&cluster.bindings.cluster, &cluster.bindings.namespaced];
    let has =
        |binding: &&Binding| binding.subjects.iter().any(|subject| subject.kind == "Group" && subject.name == group);
    let held = |binding: &Binding| {
        let role = match binding.role_kind.as_str() {
            "Role" => BoundRole::Namespaced(binding.role.clone()),
            _ => BoundRole::Cluster(binding.role.clone()),
        };
        (role, binding.namespace.clone())
    };
    all.iter().filter_map(|fact| fact.get()).flatten().filter(has).map(held).collect()
}

impl Draft {
    /// Says what groups of the tiers are bound to besides, in each cluster.
    pub fn bind(&mut self, facts: &Facts) {
        let mut found: BTreeMap<(BoundRole, String, String), BTreeSet<String>> = BTreeMap::new();
        for cluster in &facts.clusters {
            let Some(key) = self.key_of(cluster) else { continue };
            let all = [&cluster.bindings.cluster, &cluster.bindings.namespaced];
            for why in all.iter().filter_map(|fact| fact.missing()) {
                self.say(format!("{key}: what groups are bound to could not be read: {why}"));
            }
            let tiers = self.tiers.values().filter(|tier| tier.clusters.contains(&key));
            let mut said: BTreeSet<(String, Held)> = auditors();
            let mut groups: BTreeSet<&str> = BTreeSet::from([AUDITORS]);
            for tier in tiers {
                groups.extend(tier.shape.groups.iter().map(String::as_str));
                let Some(rbac) = &tier.shape.rbac else { continue };
                let everywhere = [String::new()];
                let of = if tier.shape.namespaces.is_empty() { &everywhere[..] } else { &tier.shape.namespaces };
                for (group, namespace) in
                    tier.shape.groups.iter().flat_map(|group| of.iter().map(move |of| (group, of)))
                {
                    said.insert((group.clone(), (BoundRole::Cluster(rbac.clone()), namespace.clone())));
                }
            }
            for group in groups {
                for (role, namespace) in held(cluster, group) {
                    if !said.contains(&(group.to_owned(), (role.clone(), namespace.clone()))) {
                        found.entry((role, group.to_owned(), namespace)).or_default().insert(key.clone());
                    }
                }
            }
        }
        // Namespaces of the same clusters stand together, then groups that are bound to the same.
        let mut of_groups: BTreeMap<(BoundRole, String, bool, BTreeSet<String>), Vec<String>> = BTreeMap::new();
        for ((role, group, namespace), clusters) in found {
            of_groups.entry((role, group, namespace.is_empty(), clusters)).or_default().push(namespace);
        }
        let mut all: BTreeMap<Bindings, Vec<String>> = BTreeMap::new();
        for ((role, group, is_wide, clusters), namespaces) in of_groups {
            let namespaces = if is_wide { Vec::new() } else { namespaces };
            let clusters = clusters.into_iter().collect();
            all.entry(Bindings { role, namespaces, clusters, groups: Vec::new() }).or_default().push(group);
        }
        let whole = all.into_iter().map(|(binding, groups)| Bindings { groups, ..binding });
        self.bindings = whole.filter(|binding| !self.refused.contains(binding)).collect();
    }
}
