//! The people behind the roles of permission sets: Identity Center and its directory. All its calls together are limited to 20 a
//! second, so nobody asks for all sets in all accounts: only for the pairs that clusters name (access.md 1.9).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::clients::aws::account_access::AccountAccess;
use crate::clients::aws::identity_store::IdentityStore;
use crate::clients::aws::sso_admin::{Instance, SsoAdmin};
use crate::domain::access::Listed;
use crate::domain::access::actions;
use crate::domain::access::facts::{
    Account, Assignee, Assignments, Cluster, Directory, Entitlement, Fact, Group, Organization, PermissionSet,
};
use crate::domain::ids::{AccountId, Region};
use crate::domain::role_arn::{Principal, permission_set, permission_set_in_any_case};
use crate::domain::text::digest;
use crate::flows::access::gather::accounts::principals;
use crate::flows::access::gather::ask::Place;
use crate::flows::access::gather::base::{Gather, OnStep, Unit};
use crate::flows::access::gather::kept::People;

/// The turns decide how fast it goes.
const CALLS_AT_ONCE: usize = 8;
/// Where Identity Center keeps its roles; a region may follow.
const PATH: &str = "aws-reserved/sso.amazonaws.com";
/// The region of an instance whose roles have no region in their path. Source: access.md 2.2.
const UNNAMED: &str = "us-east-1";

/// What is wanted of Identity Center.
struct Wanted {
    /// An account and a permission set that a cluster names a role of.
    pairs: BTreeSet<(AccountId, String)>,
    /// The regions in which instances may be.
    regions: Vec<Region>,
    /// Users and groups that are named elsewhere: by Argo CD, by the account access manager.
    groups: BTreeSet<String>,
    /// Accounts that hold a cluster.
    accounts: BTreeSet<AccountId>,
    /// Permission sets of which all is read, in lower case: also boundaries and references to an account's own policies.
    whole: BTreeSet<String>,
}

impl Wanted {
    fn key(&self, asked: &[AccountId]) -> String {
        let Self { pairs, regions, groups, accounts, whole } = self;
        digest(&format!("{pairs:?} {regions:?} {groups:?} {accounts:?} {whole:?} {asked:?}"))
    }
}

impl Gather<'_> {
    pub(super) async fn people(
        &self,
        clusters: &[Rc<Cluster>],
        accounts: &BTreeMap<AccountId, Rc<Account>>,
        organization: &Organization,
        watch: OnStep<'_>,
    ) -> People {
        let wanted = self.wanted(clusters, accounts);
        let asked = self.administrators(organization, &wanted).await;
        let key = wanted.key(&asked);
        let kept = self.kept.borrow().people.get(&key).map(|kept| kept.what.clone());
        if let Some(kept) = kept {
            return kept;
        }
        let unit = Unit::new();
        let mut people = People::default();
        let mut groups = wanted.groups.clone();
        let concerned: BTreeSet<AccountId> = accounts.keys().cloned().collect();
        for region in &wanted.regions {
            self.entitlements(&unit, region, &asked, &concerned, &mut people).await;
        }
        let entitled = people.entitlements.values().filter_map(Fact::get).flatten();
        groups.extend(entitled.filter_map(|entitlement| match &entitlement.assignee {
            Assignee::Group(id) => Some(id.clone()),
            Assignee::User(_) => None,
        }));
        for region in &wanted.regions {
            self.instances(&unit, region, &asked, (&wanted, &groups), &mut people, watch).await;
        }
        // The accounts that come in by that are asked as the others were: an entitlement to a role there is a step on a way.
        let owners = people.owners(organization).into_iter().filter(|owner| !concerned.contains(owner)).collect();
        for region in &wanted.regions {
            self.entitlements(&unit, region, &asked, &owners, &mut people).await;
        }
        self.keep(&unit, &people, |kept, at| _ = kept.people.insert(key, at));
        people
    }

    fn wanted(&self, clusters: &[Rc<Cluster>], accounts: &BTreeMap<AccountId, Rc<Account>>) -> Wanted {
        let expected = &self.scope.expected;
        let mut pairs = expected.sets.clone();
        let mut regions: Vec<Region> = self.scope.identity_center.iter().cloned().collect();
        let mut see = |region: Option<Region>| {
            if let Some(region) = region.filter(|region| !regions.contains(region)) {
                regions.push(region);
            }
        };
        see(expected.identity_center.clone());
        for arn in clusters.iter().flat_map(|cluster| principals(cluster)) {
            let Some(principal) = Principal::parse(&arn) else { continue };
            let (Some(set), Ok(account)) = (permission_set_in_any_case(principal.name), principal.account.parse())
            else {
                continue;
            };
            pairs.insert((account, set.to_owned()));
            see(region_of(&principal));
        }
        // `aws-auth` names roles without their paths; IAM knows them.
        let roles = accounts.values().filter_map(|account| account.roles.get()).flatten();
        for role in roles {
            if let Some(principal) = Principal::parse(&role.arn).filter(|role| permission_set(role.name).is_some()) {
                see(region_of(&principal));
            }
        }
        let argo = clusters.iter().filter_map(|cluster| cluster.capabilities.get()).flatten();
        let argo = argo.flat_map(|capability| &capability.argo_roles).filter_map(|(_, who)| match who {
            Assignee::Group(id) => Some(id.clone()),
            Assignee::User(_) => None,
        });
        let groups = argo.collect();
        let accounts = clusters.iter().map(|cluster| cluster.account.clone()).chain(expected.accounts.iter().cloned());
        let whole = expected.sets.iter().map(|(_, set)| set.to_ascii_lowercase()).collect();
        Wanted { pairs, regions, groups, accounts: accounts.collect(), whole }
    }

    /// The accounts that may administer Identity Center and have a role to look with, the likeliest first.
    async fn administrators(&self, organization: &Organization, wanted: &Wanted) -> Vec<AccountId> {
        let named = self.scope.identity_center_account.iter();
        let delegated = organization.delegated.get().into_iter().flatten();
        let known = named.chain(delegated).chain(organization.management.get());
        let mut found: Vec<AccountId> = Vec::new();
        // An ordinary account is shown the instance, and little else: it is asked where no other can be.
        for account in known.chain(wanted.accounts.first()) {
            let has_role = self.lookers.of(account).await.is_ok_and(|lookers| !lookers.is_empty());
            if has_role && !found.contains(account) {
                found.push(account.clone());
            }
        }
        found
    }

    async fn instances(
        &self,
        unit: &Unit,
        region: &Region,
        asked: &[AccountId],
        (wanted, groups): (&Wanted, &BTreeSet<String>),
        people: &mut People,
        watch: OnStep<'_>,
    ) {
        let place = Place::IdentityCenter(region);
        let mut listed = Fact { answer: Listed::Hidden(NOBODY.to_owned()), source: None };
        for account in asked {
            let found = self.ask(unit, account, actions::LIST_INSTANCES, place, async |credentials| {
                SsoAdmin::new(self.aws, region, credentials).instances().await
            });
            listed = found.await;
            let instances = listed.get().cloned().unwrap_or_default();
            for instance in &instances {
                if people.directories.iter().all(|known| known.instance != instance.arn) {
                    let directory = self.directory(unit, region, account, instance, (wanted, groups), watch).await;
                    people.directories.push(directory);
                }
                self.unprovisioned(unit, region, account, instance, wanted, people).await;
            }
            if !instances.is_empty() {
                return;
            }
        }
        if let Some(why) = listed.missing() {
            let hidden = Fact { answer: Listed::Hidden(why.to_owned()), source: listed.source.clone() };
            let assignments = wanted.pairs.iter().map(|(account, set)| Assignments {
                account: account.clone(),
                set: String::new(),
                set_name: set.clone(),
                assignees: Fact { answer: Listed::Hidden(why.to_owned()), source: listed.source.clone() },
            });
            people.directories.push(Directory {
                region: region.to_string(),
                sets: hidden,
                assignments: assignments.collect(),
                groups: Fact { answer: Listed::Hidden(why.to_owned()), source: listed.source.clone() },
                users: Fact { answer: Listed::Hidden(why.to_owned()), source: listed.source.clone() },
                ..Directory::default()
            });
        }
    }

    async fn directory(
        &self,
        unit: &Unit,
        region: &Region,
        asked: &AccountId,
        instance: &Instance,
        (wanted, groups): (&Wanted, &BTreeSet<String>),
        watch: OnStep<'_>,
    ) -> Directory {
        let place = Place::IdentityCenter(region);
        let named = wanted.pairs.iter().map(|(_, set)| set.to_ascii_lowercase());
        let names: BTreeSet<String> = named.chain(wanted.whole.iter().cloned()).collect();
        let sets = self.sets(unit, region, asked, instance, &names, watch).await;
        // Lines of `aws-auth` name roles in any case: a name stands for all sets that it may be of.
        let mut by_name: HashMap<String, Vec<&PermissionSet>> = HashMap::new();
        for set in sets.get().into_iter().flatten() {
            by_name.entry(set.name.to_ascii_lowercase()).or_default().push(set);
        }
        let mut pairs: BTreeSet<(AccountId, String, Option<String>)> = BTreeSet::new();
        for (account, name) in &wanted.pairs {
            match by_name.get(&name.to_ascii_lowercase()) {
                Some(sets) => {
                    let pair = |set: &&PermissionSet| (account.clone(), set.name.clone(), Some(set.arn.clone()));
                    pairs.extend(sets.iter().map(pair));
                }
                None => _ = pairs.insert((account.clone(), name.clone(), None)),
            }
        }
        let step = async |(account, set_name, set): (AccountId, String, Option<String>)| {
            let assignees = match (&set, sets.missing()) {
                (Some(set), _) => {
                    let found = self.ask(unit, asked, actions::LIST_ACCOUNT_ASSIGNMENTS, place, async |credentials| {
                        SsoAdmin::new(self.aws, region, credentials).assignees(&instance.arn, &account, set).await
                    });
                    found.await
                }
                (None, Some(why)) => Fact { answer: Listed::Hidden(why.to_owned()), source: sets.source.clone() },
                // The set is gone, and with it all assignments of it: that is known.
                (None, None) => Fact { answer: Listed::Seen(Vec::new()), source: sets.source.clone() },
            };
            Assignments { account, set: set.unwrap_or_default(), set_name, assignees }
        };
        let pairs = pairs.into_iter().collect();
        let mut assignments = self.each("assignments", pairs, CALLS_AT_ONCE, watch, step).await;
        assignments.sort_by(|a, b| (&a.account, &a.set_name).cmp(&(&b.account, &b.set_name)));
        let mut concerned = groups.clone();
        let assigned = assignments.iter().filter_map(|assignments| assignments.assignees.get()).flatten();
        concerned.extend(assigned.filter_map(|assignee| match assignee {
            Assignee::Group(id) => Some(id.clone()),
            Assignee::User(_) => None,
        }));
        let groups = self.groups(unit, region, asked, instance, &concerned, watch).await;
        let users = self.ask(unit, asked, actions::LIST_DIRECTORY_USERS, place, async |credentials| {
            IdentityStore::new(self.aws, region, credentials).users(&instance.store).await
        });
        Directory {
            instance: instance.arn.clone(),
            store: instance.store.clone(),
            region: region.to_string(),
            owner: instance.owner.clone(),
            sets,
            assignments,
            groups,
            users: users.await,
        }
    }

    /// All permission sets by name; what they hold, of those that clusters name.
    async fn sets(
        &self,
        unit: &Unit,
        region: &Region,
        asked: &AccountId,
        instance: &Instance,
        names: &BTreeSet<String>,
        watch: OnStep<'_>,
    ) -> Fact<Vec<PermissionSet>> {
        let place = Place::IdentityCenter(region);
        let listed = self.ask(unit, asked, actions::LIST_PERMISSION_SETS, place, async |credentials| {
            SsoAdmin::new(self.aws, region, credentials).sets(&instance.arn).await
        });
        let listed = listed.await;
        let arns = match listed.answer {
            Listed::Seen(arns) => arns,
            Listed::Hidden(why) => return Fact { answer: Listed::Hidden(why), source: listed.source },
            Listed::Unasked => return Fact::default(),
        };
        let step = async |arn: String| {
            let described = self.ask_of(unit, asked, actions::DESCRIBE_PERMISSION_SET, place, async |credentials| {
                SsoAdmin::new(self.aws, region, credentials).set(&instance.arn, &arn).await
            });
            let described = described.await?;
            let (name, session) = match described.answer {
                Listed::Seen(described) => described,
                Listed::Hidden(why) => {
                    return Some(Err(Fact { answer: Listed::Hidden(why), source: described.source }));
                }
                Listed::Unasked => return None,
            };
            let mut set = PermissionSet { arn, name, session, ..PermissionSet::default() };
            if names.contains(&set.name.to_ascii_lowercase()) {
                let inline = self.ask(unit, asked, actions::GET_INLINE_POLICY, place, async |credentials| {
                    SsoAdmin::new(self.aws, region, credentials).inline_policy(&instance.arn, &set.arn).await
                });
                let inline = inline.await;
                let attached = self.ask(unit, asked, actions::LIST_SET_POLICIES, place, async |credentials| {
                    SsoAdmin::new(self.aws, region, credentials).managed_policies(&instance.arn, &set.arn).await
                });
                (set.attached, set.inline) = (attached.await, inline);
                let customer = self.ask(unit, asked, actions::LIST_SET_CUSTOMER_POLICIES, place, async |credentials| {
                    SsoAdmin::new(self.aws, region, credentials).customer_policies(&instance.arn, &set.arn).await
                });
                let customer = customer.await;
                let boundary = self.ask(unit, asked, actions::GET_SET_BOUNDARY, place, async |credentials| {
                    SsoAdmin::new(self.aws, region, credentials).boundary(&instance.arn, &set.arn).await
                });
                (set.boundary, set.customer_managed) = (boundary.await, customer);
            }
            Some(Ok(set))
        };
        let described = self.each("permission sets", arns, CALLS_AT_ONCE, watch, step).await;
        let mut sets = Vec::new();
        for one in described.into_iter().flatten() {
            match one {
                Ok(set) => sets.push(set),
                // A set without a name could be any: nothing can be concluded from the others.
                Err(hidden) => return hidden,
            }
        }
        sets.sort_by(|a, b| (&a.name, &a.arn).cmp(&(&b.name, &b.arn)));
        Fact { answer: Listed::Seen(sets), source: listed.source }
    }

    async fn groups(
        &self,
        unit: &Unit,
        region: &Region,
        asked: &AccountId,
        instance: &Instance,
        concerned: &BTreeSet<String>,
        watch: OnStep<'_>,
    ) -> Fact<Vec<Group>> {
        let place = Place::IdentityCenter(region);
        let listed = self.ask(unit, asked, actions::LIST_GROUPS, place, async |credentials| {
            IdentityStore::new(self.aws, region, credentials).groups(&instance.store).await
        });
        let listed = listed.await;
        let groups = match listed.answer {
            Listed::Seen(groups) => groups,
            Listed::Hidden(why) => return Fact { answer: Listed::Hidden(why), source: listed.source },
            Listed::Unasked => return Fact::default(),
        };
        let step = async |mut group: Group| {
            if concerned.contains(&group.id) {
                let members = self.ask(unit, asked, actions::LIST_MEMBERSHIPS, place, async |credentials| {
                    IdentityStore::new(self.aws, region, credentials).members(&instance.store, &group.id).await
                });
                group.members = members.await;
            }
            group
        };
        let mut groups = self.each("groups", groups, CALLS_AT_ONCE, watch, step).await;
        groups.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Fact { answer: Listed::Seen(groups), source: listed.source }
    }

    async fn unprovisioned(
        &self,
        unit: &Unit,
        region: &Region,
        asked: &AccountId,
        instance: &Instance,
        wanted: &Wanted,
        people: &mut People,
    ) {
        for account in &wanted.accounts {
            let found = self.ask(
                unit,
                asked,
                actions::LIST_PROVISIONED_SETS,
                Place::IdentityCenter(region),
                async |credentials| {
                    SsoAdmin::new(self.aws, region, credentials).unprovisioned(&instance.arn, account).await
                },
            );
            let found = found.await;
            merge(&mut people.unprovisioned, account, found);
        }
    }

    /// Who may use which role by the account access manager: the account that administers it knows all, others their own.
    async fn entitlements(
        &self,
        unit: &Unit,
        region: &Region,
        asked: &[AccountId],
        accounts: &BTreeSet<AccountId>,
        people: &mut People,
    ) {
        if accounts.is_empty() {
            return;
        }
        let ask = async |account: &AccountId| {
            self.ask(unit, account, actions::LIST_ENTITLEMENTS, Place::AccountAccess(account), async |credentials| {
                AccountAccess::new(self.aws, region, credentials).entitlements().await
            })
            .await
        };
        let central = match asked.first() {
            Some(account) if self.scope.identity_center_account.as_ref() == Some(account) => Some(ask(account).await),
            _ => None,
        };
        for account in accounts {
            let of_account = |entitlement: &&Entitlement| {
                Principal::parse(&entitlement.role_arn).is_some_and(|role| role.account == account.as_str())
            };
            let found = match &central {
                Some(central) if central.get().is_some() => {
                    let own = central.get().into_iter().flatten().filter(of_account).cloned().collect();
                    Fact { answer: Listed::Seen(own), source: central.source.clone() }
                }
                _ => ask(account).await,
            };
            merge(&mut people.entitlements, account, found);
        }
    }
}

/// Adds what one instance says to what others said; where one does not answer, the whole is not known.
fn merge<T>(all: &mut BTreeMap<AccountId, Fact<Vec<T>>>, account: &AccountId, found: Fact<Vec<T>>) {
    match (all.get_mut(account), found) {
        (Some(Fact { answer: Listed::Seen(known), .. }), Fact { answer: Listed::Seen(more), .. }) => known.extend(more),
        (Some(Fact { answer: Listed::Hidden(_), .. }), _) => {}
        (_, found) => _ = all.insert(account.clone(), found),
    }
}

const NOBODY: &str = "no role that may be used to look is yours in the account that administers Identity Center; \
                      `identity_center_account` under [access] in config.toml names it";

/// The region of the instance that made a role; none where its path does not tell.
fn region_of(principal: &Principal<'_>) -> Option<Region> {
    match principal.path.strip_prefix(PATH)? {
        "" => UNNAMED.parse().ok(),
        region => region.strip_prefix('/')?.parse().ok(),
    }
}
