//! Statement sets that roles have to the letter.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::access::facts::Facts;
use crate::domain::ids::AccountId;
use crate::domain::role_arn::Principal;
use crate::domain::scaffold::drift::same::is_same;
use crate::domain::scaffold::from_live::draft::{Draft, Tier};
use crate::domain::scaffold::plan::Plan;
use crate::domain::scaffold::policies::{document, statements};
use crate::domain::scaffold::role::{Made, Role, SETS, Set, Statements};

impl Draft {
    /// Names the statement sets that roles have to the letter; what else they have stays as it is.
    pub fn recognize(&mut self, facts: &Facts, plan: &Plan) {
        let known = |tier: &Tier, role: &Role| -> Option<&'static str> {
            let same = |text: &str, account: Option<&AccountId>, set: &(&'static str, _)| {
                let role = Role { statements: Statements::Set(set.1), ..role.clone() };
                let all: Vec<Value> = statements(plan, &role, account);
                is_same(text, &document(&all))
            };
            if tier.is_set {
                let set = self.set(&tier.role)?;
                let inline = set.inline.get()?.as_deref()?;
                // What the set has besides would be taken away when its code is applied.
                let is_alone = set.attached.get()?.is_empty()
                    && set.customer_managed.get()?.is_empty()
                    && set.boundary.get()?.is_none();
                return known_sets().find(|set| is_alone && same(inline, None, set)).map(|(name, _)| *name);
            }
            let accounts: BTreeSet<&AccountId> =
                plan.clusters_of(role, None).iter().map(|(_, cluster)| &cluster.account).collect();
            known_sets()
                .find(|set| {
                    accounts.iter().all(|account| {
                        let roles =
                            facts.accounts.get(*account).and_then(|account| account.roles.get()).into_iter().flatten();
                        let mut own =
                            roles.filter(|found| Principal::parse(&found.arn).is_some_and(|arn| arn.name == role.name));
                        let inline = own
                            .find_map(|found| found.permissions.get()?.inline.iter().find(|(name, _)| name == "eksso"));
                        inline.is_some_and(|(_, text)| same(text, Some(*account), set))
                    })
                })
                .map(|(name, _)| *name)
        };
        let named: Vec<(String, &'static str)> = self
            .tiers
            .iter()
            .filter_map(|(name, tier)| {
                let role =
                    plan.roles.iter().find(|role| role.name == tier.role && (role.made == Made::Set) == tier.is_set)?;
                Some((name.clone(), known(tier, role)?))
            })
            .collect();
        for (name, iam) in named {
            if let Some(tier) = self.tiers.get_mut(&name) {
                tier.iam = Some(iam);
            }
        }
    }
}

/// The statement sets, each by one name: those of namespace admins are the developers'.
fn known_sets() -> impl Iterator<Item = &'static (&'static str, Set)> {
    SETS.iter().filter(|(name, _)| *name != "namespace-admin")
}
