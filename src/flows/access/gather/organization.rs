//! What AWS Organizations says: any account may know its management account; the rest is answered there, and to delegated
//! administrators (access.md 1.5).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::clients::aws::organizations::Organizations;
use crate::domain::access::Listed;
use crate::domain::access::actions;
use crate::domain::access::facts::{Cluster, Fact, Organization};
use crate::domain::ids::AccountId;
use crate::domain::role_credentials::RoleCredentials;
use crate::domain::text::digest;
use crate::flows::access::gather::ask::Place;
use crate::flows::access::gather::base::{Gather, OnStep, Unit};

/// A tree has at most five levels of units below its root.
const LEVELS: usize = 8;
const ACCOUNTS_AT_ONCE: usize = 4;

/// What a place of the tree is in, and the ids of the policies on it.
type Level = (Option<String>, Vec<String>);

impl Gather<'_> {
    pub(super) async fn organization(&self, clusters: &[Rc<Cluster>], watch: OnStep<'_>) -> Organization {
        let concerned = self.concerned(clusters);
        let key = digest(&concerned.iter().map(AccountId::as_str).collect::<Vec<_>>().join(" "));
        let kept = self.kept.borrow().organizations.get(&key).map(|kept| kept.what.clone());
        if let Some(kept) = kept {
            return kept;
        }
        let unit = Unit::new();
        let found = self.read_organization(&unit, &concerned, watch).await;
        self.keep(&unit, &found, |kept, at| _ = kept.organizations.insert(key, at));
        found
    }

    async fn read_organization(&self, unit: &Unit, concerned: &BTreeSet<AccountId>, watch: OnStep<'_>) -> Organization {
        let client = |credentials: &RoleCredentials| Organizations::new(self.aws, &self.scope.home, credentials);
        let place = Place::Organizations;
        let mut described = Fact::default();
        // Accounts that are in no organization: no policy binds them, and that is known of these alone.
        let mut outside = BTreeMap::new();
        let first = self.scope.identity_center_account.iter().chain(concerned);
        for account in first {
            described = self
                .ask(unit, account, actions::DESCRIBE_ORGANIZATION, place, async |credentials| {
                    client(credentials).organization().await
                })
                .await;
            match described.get() {
                Some(Some(_)) => break,
                Some(None) => {
                    let unbound = Fact { answer: Listed::Seen(Vec::new()), source: described.source.clone() };
                    outside.insert(account.clone(), unbound);
                }
                None => {}
            }
        }
        let source = described.source;
        let (id, management) = match described.answer {
            Listed::Seen(Some((id, management))) => (id, management),
            Listed::Seen(None) => {
                let why = "the account is in no organization";
                return Organization {
                    id: Fact { answer: Listed::Hidden(why.to_owned()), source: source.clone() },
                    management: Fact { answer: Listed::Hidden(why.to_owned()), source: source.clone() },
                    delegated: Fact { answer: Listed::Seen(BTreeSet::new()), source: source.clone() },
                    control_policies: outside,
                    ..Organization::default()
                };
            }
            Listed::Hidden(why) => {
                return Organization {
                    id: Fact { answer: Listed::Hidden(why.clone()), source: source.clone() },
                    management: Fact { answer: Listed::Hidden(why), source },
                    control_policies: outside,
                    ..Organization::default()
                };
            }
            Listed::Unasked => return Organization::default(),
        };
        let fact = |answer| Fact { answer, source: source.clone() };
        let asked = self.organization_account(&management, concerned).await;
        let accounts = self
            .ask(unit, &asked, actions::LIST_ACCOUNTS, place, async |credentials| client(credentials).accounts().await);
        let accounts = accounts.await;
        let delegated = self.ask(unit, &asked, actions::LIST_DELEGATED_ADMINISTRATORS, place, async |credentials| {
            client(credentials).delegated().await
        });
        let delegated = delegated.await;
        let documents = RefCell::new(HashMap::new());
        let levels = RefCell::new(HashMap::new());
        let step = async |account: AccountId| {
            let found = self.control_policies(unit, &asked, &account, &levels, &documents).await;
            (account, found)
        };
        let concerned = concerned.iter().filter(|account| !outside.contains_key(account)).cloned().collect();
        let policies = self.each("service control policies", concerned, ACCOUNTS_AT_ONCE, watch, step).await;
        Organization {
            id: Fact { answer: Listed::Seen(id), source: source.clone() },
            management: fact(Listed::Seen(management)),
            accounts,
            delegated,
            control_policies: policies.into_iter().chain(outside).collect(),
        }
    }

    /// The account that Organizations is asked from: the management account where there is a role in it, else the one that
    /// administers Identity Center, else any.
    async fn organization_account(&self, management: &AccountId, concerned: &BTreeSet<AccountId>) -> AccountId {
        let known = std::iter::once(management).chain(&self.scope.identity_center_account).chain(concerned);
        for account in known {
            if self.lookers.of(account).await.is_ok_and(|lookers| !lookers.is_empty()) {
                return account.clone();
            }
        }
        management.clone()
    }

    /// The policies that bind an account, from the root down.
    async fn control_policies(
        &self,
        unit: &Unit,
        asked: &AccountId,
        account: &AccountId,
        known: &RefCell<HashMap<String, Level>>,
        documents: &RefCell<HashMap<String, String>>,
    ) -> Fact<Vec<Vec<String>>> {
        let (mut levels, mut target, mut source) = (Vec::new(), account.to_string(), None);
        let place = Place::Organizations;
        let client = |credentials: &RoleCredentials| Organizations::new(self.aws, &self.scope.home, credentials);
        loop {
            let seen = known.borrow().get(&target).cloned();
            let (parent, policies) = match seen {
                Some(seen) => seen,
                None => {
                    let policies = self
                        .ask(unit, asked, actions::LIST_POLICIES_FOR_TARGET, place, async |credentials| {
                            client(credentials).policies(&target).await
                        })
                        .await;
                    let Listed::Seen(policies) = policies.answer else { return unseen(policies) };
                    // A root is in nothing, and asking says that it is no child.
                    let parent = if target.starts_with("r-") {
                        None
                    } else {
                        let parent = self
                            .ask(unit, asked, actions::LIST_PARENTS, place, async |credentials| {
                                client(credentials).parent(&target).await
                            })
                            .await;
                        source = parent.source.clone();
                        let Listed::Seen(parent) = parent.answer else { return unseen(parent) };
                        parent
                    };
                    known.borrow_mut().insert(target.clone(), (parent.clone(), policies.clone()));
                    (parent, policies)
                }
            };
            let mut level = Vec::new();
            for id in policies {
                let document = documents.borrow().get(&id).cloned();
                let document = match document {
                    Some(document) => document,
                    None => {
                        let read = self
                            .ask(unit, asked, actions::DESCRIBE_POLICY, place, async |credentials| {
                                client(credentials).policy(&id).await
                            })
                            .await;
                        source = read.source.clone();
                        let Listed::Seen(document) = read.answer else { return unseen(read) };
                        documents.borrow_mut().insert(id, document.clone());
                        document
                    }
                };
                level.push(document);
            }
            levels.insert(0, level);
            match parent {
                Some(parent) if levels.len() < LEVELS => target = parent,
                Some(_) => {
                    let why = "the organization's tree has no end".to_owned();
                    return Fact { answer: Listed::Hidden(why), source };
                }
                None => return Fact { answer: Listed::Seen(levels), source },
            }
        }
    }
}

/// The same answer, which is none, of another kind.
fn unseen<T, U>(found: Fact<T>) -> Fact<U> {
    let why = found.missing().unwrap_or_default().to_owned();
    Fact { answer: Listed::Hidden(why), source: found.source }
}
