//! What IAM says of the accounts that hold a cluster or a role that a cluster names; and the documents of AWS's own policies.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::clients::aws::iam::Iam;
use crate::domain::access::Listed;
use crate::domain::access::actions;
use crate::domain::access::aws_auth::parse;
use crate::domain::access::facts::{Account, Cluster, Fact, IamRole, IamUser, Permissions, Source};
use crate::domain::ids::AccountId;
use crate::domain::role_credentials::RoleCredentials;
use crate::flows::access::gather::ask::Place;
use crate::flows::access::gather::base::{Gather, OnStep, Unit};
use crate::flows::access::gather::kept::People;

const POLICIES_AT_ONCE: usize = 6;

/// The principals that a cluster names, as it spells them.
pub(super) fn principals(cluster: &Cluster) -> Vec<String> {
    let entries = cluster.entries.get().into_iter().flatten().map(|entry| entry.principal.clone());
    let lines = cluster.aws_auth.get().map(|data| parse(data).entries).unwrap_or_default();
    entries.chain(lines.into_iter().map(|line| line.principal)).collect()
}

/// The account of an ARN; a whole account stands for itself.
fn account_of(principal: &str) -> Option<AccountId> {
    principal.parse().ok().or_else(|| principal.split(':').nth(4)?.parse().ok())
}

impl Gather<'_> {
    /// The accounts whose IAM matters.
    pub(super) fn concerned(&self, clusters: &[Rc<Cluster>]) -> BTreeSet<AccountId> {
        let own = clusters.iter().map(|cluster| cluster.account.clone());
        let named = clusters.iter().flat_map(|cluster| principals(cluster)).filter_map(|arn| account_of(&arn));
        let wished = self.scope.expected.accounts.iter().cloned();
        own.chain(named).chain(self.scope.identity_center_account.clone()).chain(wished).collect()
    }

    pub(super) async fn account(&self, unit: &Unit, account: &AccountId) -> Account {
        let place = Place::Iam(account);
        let iam = |credentials: &RoleCredentials| Iam::new(self.aws, &self.scope.home, credentials);
        let details = self.ask(unit, account, actions::AUTHORIZATION_DETAILS, place, async |credentials| {
            // Each answer of the call carries when it was given; by whom is known when it is.
            iam(credentials).details(&self.pending(actions::AUTHORIZATION_DETAILS)).await
        });
        let details = details.await;
        let roles =
            self.ask(unit, account, actions::LIST_ROLES, place, async |credentials| iam(credentials).roles(None).await);
        let roles = roles.await;
        let mut found = match details.answer {
            Listed::Seen(details_seen) => {
                let source = details.source.unwrap_or_else(|| self.pending(actions::AUTHORIZATION_DETAILS));
                let mut found = Account {
                    roles: Fact::seen(details_seen.roles, source.clone()),
                    users: Fact::seen(details_seen.users, source.clone()),
                    groups: Fact::seen(details_seen.groups, source.clone()),
                    policies: Fact::seen(details_seen.policies, source.clone()),
                    ..Account::default()
                };
                name_source(&mut found, &source);
                add_sessions(&mut found, &roles);
                found
            }
            answer => {
                let why = match answer {
                    Listed::Hidden(why) => why,
                    _ => "nobody asked".to_owned(),
                };
                self.without_details(unit, account, roles, &why, details.source).await
            }
        };
        let saml = self.ask(unit, account, actions::LIST_SAML_PROVIDERS, place, async |credentials| {
            iam(credentials).saml_providers().await
        });
        found.saml_providers = saml.await;
        let oidc = self.ask(unit, account, actions::LIST_OIDC_PROVIDERS, place, async |credentials| {
            iam(credentials).oidc_providers().await
        });
        found.oidc_providers = oidc.await;
        let alias = self.ask(unit, account, actions::LIST_ACCOUNT_ALIASES, place, async |credentials| {
            iam(credentials).alias().await
        });
        if let Listed::Seen(Some(alias)) = alias.await.answer {
            found.name = alias;
        }
        found
    }

    /// Where the details are denied, lists still show who is there and whom roles trust.
    async fn without_details(
        &self,
        unit: &Unit,
        account: &AccountId,
        mut roles: Fact<Vec<IamRole>>,
        why: &str,
        source: Option<Source>,
    ) -> Account {
        let users = self.ask(unit, account, actions::LIST_USERS, Place::Iam(account), async |credentials| {
            Iam::new(self.aws, &self.scope.home, credentials).users().await
        });
        let mut users: Fact<Vec<IamUser>> = users.await;
        let hidden = || Fact { answer: Listed::Hidden(why.to_owned()), source: source.clone() };
        if let Listed::Seen(roles) = &mut roles.answer {
            roles.iter_mut().for_each(|role| role.permissions = hidden());
        }
        if let Listed::Seen(users) = &mut users.answer {
            users.iter_mut().for_each(|user| user.permissions = hidden());
        }
        let groups = Fact { answer: Listed::Hidden(why.to_owned()), source: source.clone() };
        let policies = Fact { answer: Listed::Hidden(why.to_owned()), source: source.clone() };
        Account { roles, users, groups, policies, ..Account::default() }
    }

    fn pending(&self, call: &str) -> Source {
        Source { call: call.to_owned(), by: String::new(), at: self.world.clock.now() }
    }

    /// The documents of AWS's own policies that anything names: they are the same in all accounts.
    pub(super) async fn aws_policies(
        &self,
        accounts: &BTreeMap<AccountId, Rc<Account>>,
        people: &People,
        watch: OnStep<'_>,
    ) -> BTreeMap<String, Fact<String>> {
        let mut wanted: BTreeSet<String> = BTreeSet::new();
        let mut want = |permissions: &Permissions| {
            let named = permissions.attached.iter().chain(&permissions.boundary);
            wanted.extend(named.filter(|arn| arn.contains(":iam::aws:policy/")).cloned());
        };
        for account in accounts.values() {
            let roles = account.roles.get().into_iter().flatten().map(|role| &role.permissions);
            let users = account.users.get().into_iter().flatten().map(|user| &user.permissions);
            roles.chain(users).filter_map(Fact::get).for_each(&mut want);
            account.groups.get().into_iter().flatten().for_each(|group| want(&group.permissions));
        }
        let sets = people.directories.iter().filter_map(|directory| directory.sets.get()).flatten();
        for set in sets {
            let boundary = set.boundary.get().into_iter().flatten().filter(|arn| arn.contains(":iam::aws:policy/"));
            wanted.extend(set.attached.get().into_iter().flatten().chain(boundary).cloned());
        }
        // An account whose details were shown will show these, too.
        let shown = |account: &&AccountId| accounts[*account].policies.get().is_some();
        let asked = accounts.keys().find(shown).or_else(|| accounts.keys().next());
        let Some(asked) = asked else { return BTreeMap::new() };
        let step = async |arn: String| {
            let kept = self.kept.borrow().aws_policies.get(&arn).map(|kept| kept.what.clone());
            if let Some(kept) = kept {
                return (arn, kept);
            }
            let unit = Unit::new();
            let found = self.ask(&unit, asked, actions::GET_POLICY_VERSION, Place::Iam(asked), async |credentials| {
                Iam::new(self.aws, &self.scope.home, credentials).policy(&arn).await
            });
            let found = found.await;
            self.keep(&unit, &found, |kept, at| _ = kept.aws_policies.insert(arn.clone(), at));
            (arn, found)
        };
        let wanted = wanted.into_iter().collect();
        self.each("AWS policies", wanted, POLICIES_AT_ONCE, watch, step).await.into_iter().collect()
    }
}

/// Puts who was answered into what each role and user says of where it comes from.
fn name_source(found: &mut Account, source: &Source) {
    let of = |permissions: &mut Fact<Permissions>| {
        if let Some(own) = &mut permissions.source {
            own.by.clone_from(&source.by);
        }
    };
    if let Listed::Seen(roles) = &mut found.roles.answer {
        roles.iter_mut().for_each(|role| of(&mut role.permissions));
    }
    if let Listed::Seen(users) = &mut found.users.answer {
        users.iter_mut().for_each(|user| of(&mut user.permissions));
    }
}

/// GetAccountAuthorizationDetails does not say how long sessions may be; ListRoles does.
fn add_sessions(found: &mut Account, listed: &Fact<Vec<IamRole>>) {
    let Some(listed) = listed.get() else { return };
    let sessions: HashMap<&str, Option<u32>> =
        listed.iter().map(|role| (role.arn.as_str(), role.max_session)).collect();
    if let Listed::Seen(roles) = &mut found.roles.answer {
        for role in roles {
            role.max_session = sessions.get(role.arn.as_str()).copied().flatten();
        }
    }
}
