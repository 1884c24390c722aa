//! Which of an account's roles may be used to look for clusters in a region, and in which order.

use jiff::Timestamp;

use crate::domain::discovery::index::Index;
use crate::domain::filter::Filter;
use crate::domain::ids::{AccountId, Region, RoleName};
use crate::domain::settings::look_with::{Breadth, LookWith};

impl Index {
    /// An account's roles in the order in which a place is to be listed with them, as far as they may be used to look: a
    /// role that may do everything last, before it one that is named, what worked there last, and the narrower one.
    /// Denials since `denied_since` are not asked about again.
    pub fn likeliest(
        &self,
        (account, region): (&AccountId, &Region),
        filter: &Filter,
        look_with: &LookWith,
        denied_since: Timestamp,
    ) -> Candidates {
        let mut found = Candidates::default();
        let Some(seen) = self.accounts.get(account) else { return found };
        let Some(roles) = &seen.roles else { return found };
        let place = seen.places.get(region);
        found.closed = place.and_then(|place| place.closed).filter(|at| *at >= denied_since);
        let last = place.and_then(|place| place.listed.as_ref()?.what.as_ref());
        let denied = |role: &RoleName| place?.denied.get(role).copied().filter(|at| *at >= denied_since);
        let mut order = Vec::new();
        for role in roles.what.keys() {
            let is_named = filter.names_role(role.as_str()) && !look_with.is_forbidden(role.as_str());
            // Policies often exempt a role or two: one that is named is asked all the same.
            if found.closed.is_some() && !is_named {
                continue;
            }
            let rank = look_with.rank(role.as_str());
            let Some((place, breadth)) = rank.or_else(|| is_named.then(|| (0, Breadth::of(role.as_str())))) else {
                found.barred += 1;
                continue;
            };
            if let Some(at) = denied(role) {
                found.denied_at = Some(found.denied_at.map_or(at, |other: Timestamp| other.min(at)));
                continue;
            }
            let is_wide = breadth == Breadth::Wide && !is_named;
            let bad_luck = self.bad_luck(role);
            let key = (
                (is_wide, !is_named, Some(role) != last, bad_luck > UNLUCKY),
                (place, breadth, !is_of_eks(role.as_str()), !filter.role(role.as_str())),
                bad_luck,
            );
            order.push((key, Candidate { role: role.clone(), is_wide }));
        }
        order.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.role.cmp(&y.role)));
        found.roles = order.into_iter().map(|(_, candidate)| candidate).collect();
        found
    }

    /// The share of denials, in percent; half for a role nobody tried.
    fn bad_luck(&self, role: &RoleName) -> u32 {
        let (given, denied) = self.luck.get(role).copied().unwrap_or_default();
        (denied + 1) * 100 / (given + denied + 2)
    }
}

/// A share of denials, in percent, from which on a role is tried after others: it was denied at least twice, and hardly ever
/// let.
const UNLUCKY: u32 = 70;

fn is_of_eks(role: &str) -> bool {
    let role = role.to_lowercase();
    ["eks", "kube", "k8s"].iter().any(|word| role.contains(word))
}

/// A role to look with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The role.
    pub role: RoleName,
    /// Whether it may do everything, and the person did not name it.
    pub is_wide: bool,
}

/// Which roles may be used to list a place, and why others may not.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// In the order in which they are to be tried.
    pub roles: Vec<Candidate>,
    /// When the first of those that are left out was denied.
    pub denied_at: Option<Timestamp>,
    /// How many config.toml forbids to look with.
    pub barred: usize,
    /// Since when a service control policy is known to forbid it to all that it does not exempt.
    pub closed: Option<Timestamp>,
}
