//! What lists alone do not tell: which IAM role stands behind a role, and what a cluster itself says to it.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future;
use futures_util::stream::{self, StreamExt};

use crate::clients::aws::sts::Sts;
use crate::clients::failure::FailureKind;
use crate::domain::access::cluster::Cluster;
use crate::domain::access::{Admission, AuthMode, Listed, Review, Verdict};
use crate::domain::chained_role::ChainedRole;
use crate::domain::discovery::pair::Pair;
use crate::domain::discovery::records::{AccountSeen, IamRole, Seen};
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::role_arn::{PORTAL_PATH, Principal, permission_set};
use crate::domain::settings::aws_config::AssumeOptions;
use crate::error::{Error, Kind, Result};
use crate::flows::access::verify::{Address, Reviewed};
use crate::flows::credentials::{Assume, Wanted, role_credentials};
use crate::flows::discovery::progress::Step;
use crate::flows::discovery::search::{ACCOUNTS_AT_ONCE, Depth, STS, Search, VISITS_AT_ONCE, Watch};

/// Roles that are asked only to tell what another one's refusal means.
const CONTROLS: usize = 3;
const BARRED: &str = "config.toml says not to ask as this role (look_with, never_look_with); --role with its name does";
const FORBIDDEN: &str = "the policy of this machine says never to use this role (never_roles)";

/// The roles that a cluster is asked as: the assigned ones, and those that are assumed from one.
type Roles = (Vec<RoleName>, Vec<ChainedRole>);

impl Search<'_> {
    /// For the wanted roles that some list names: which IAM role each of them is now, so that dead entries are told apart. STS
    /// tells it to a role whose credentials are here. Of the others the account's IAM tells, which takes no credentials of
    /// theirs. Where that may not be asked, a role that the person named asks for itself, and any other stays unchecked.
    pub(super) async fn check(&self, watch: Watch<'_>) -> Result<()> {
        let doubtful: BTreeMap<(AccountId, RoleName), Region> = {
            let index = self.index.borrow();
            // Of what need not be looked at again, nothing is asked.
            let looked_into = self.looked_into.borrow();
            let is_named =
                |pair: &Pair<'_>| !looked_into.contains(pair.account) && self.filter.names_role(pair.role.as_str());
            let named = (!self.filter.roles.is_empty()).then(|| index.pairs(self.filter).filter(is_named));
            let pairs = looked_into.iter().flat_map(|account| index.pairs_in(self.filter, account));
            let pairs = pairs.chain(named.into_iter().flatten());
            let pairs = pairs.filter(|pair| self.is_here(pair) && self.is_doubtful(pair));
            pairs.map(|pair| ((pair.account.clone(), pair.role.clone()), pair.region.clone())).collect()
        };
        self.count(|progress| progress.checks = doubtful.len());
        let mut accounts: BTreeMap<AccountId, BTreeMap<RoleName, Region>> = BTreeMap::new();
        for ((account, role), region) in doubtful {
            accounts.entry(account).or_default().insert(role, region);
        }
        let checks = stream::iter(accounts).map(async |(account, roles)| self.check_in(&account, roles, watch).await);
        let mut checks = std::pin::pin!(checks.buffer_unordered(ACCOUNTS_AT_ONCE));
        while let Some(done) = checks.next().await {
            done?;
        }
        Ok(())
    }

    /// The same in one account, for these roles, each with a region where it is named.
    async fn check_in(&self, account: &AccountId, roles: BTreeMap<RoleName, Region>, watch: Watch<'_>) -> Result<()> {
        let done = || self.count(|progress| progress.checks_done += 1);
        let (here, far): (Vec<_>, Vec<_>) = roles.into_iter().partition(|(role, _)| self.may_use(account, role));
        let asked = here.into_iter().map(async |(role, region)| {
            self.learn(account, &role, &region, watch).await?;
            done();
            Ok::<_, Error>(())
        });
        let listed = async {
            let Some((_, region)) = far.first() else { return Ok(()) };
            let names = self.portal_roles(account, region).await?;
            for (role, region) in &far {
                let names: Vec<String> = names
                    .iter()
                    .flatten()
                    .filter(|name| permission_set(name) == Some(role.as_str()))
                    .cloned()
                    .collect();
                let is_told = !names.is_empty();
                if is_told {
                    self.learnt_from_list(account, role, names, watch);
                }
                if self.filter.names_role(role.as_str()) && !self.knows_iam_role(account, role) {
                    self.learn(account, role, region, watch).await?;
                } else if !is_told && self.looked_into.borrow().contains(account) {
                    // What was known of it is older than all else that is said of its account now.
                    self.forget_answers(account, role);
                }
                done();
            }
            Ok(())
        };
        future::try_join(future::try_join_all(asked), listed).await.map(|_| ())
    }

    /// The names of the roles that Identity Center has in an account now, by a role that lists clusters there and whose
    /// credentials are here; `None` where none may tell. A list that lacks the role of a set that is assigned is late, and
    /// tells nothing of that set.
    async fn portal_roles(&self, account: &AccountId, region: &Region) -> Result<Option<Vec<String>>> {
        let denied_since = self.memory.get().denied_since;
        let listers = self.seen(account, |seen| {
            let listers = seen.places.values().filter_map(|place| place.listed.as_ref()?.what.clone());
            let is_blind = |role: &RoleName| seen.blind.get(role).is_some_and(|at| *at >= denied_since);
            listers.filter(|role| !is_blind(role)).collect::<BTreeSet<RoleName>>()
        });
        let listers = listers.unwrap_or_default();
        for role in self.at_hand(account, None).into_iter().filter(|role| listers.contains(role)) {
            let Some(credentials) = self.credentials(account, &role).await? else { continue };
            match self.iam(region, &credentials, async |iam| iam.roles(Some(PORTAL_PATH)).await).await {
                Ok(roles) => {
                    let own = roles.iter().filter_map(|role| Principal::parse(&role.arn));
                    let own = own.filter(|role| role.account == account.as_str() && role.has_portal_path());
                    return Ok(Some(own.map(|role| role.name.to_owned()).collect()));
                }
                Err(failure) if failure.kind == FailureKind::Forbidden => {
                    if let Some(seen) = self.change().accounts.get_mut(account) {
                        seen.blind.insert(role, self.now());
                    }
                }
                // Nothing follows, and nothing is kept.
                Err(_) => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Notes which live IAM roles an account's list shows for a permission set.
    fn learnt_from_list(&self, account: &AccountId, role: &RoleName, names: Vec<String>, watch: Watch<'_>) {
        let now = self.now();
        {
            let mut index = self.change();
            let roles = index.accounts.get_mut(account).and_then(|seen| seen.roles.as_mut());
            let Some(seen) = roles.and_then(|roles| roles.what.get_mut(role)) else { return };
            seen.iam = Some(Seen::new(now, IamRole::listed(now, names)));
        }
        watch(self, Step::Role(account, role, None));
    }

    fn knows_iam_role(&self, account: &AccountId, role: &RoleName) -> bool {
        let known = |seen: &AccountSeen| {
            let seen = seen.roles.as_ref().and_then(|roles| roles.what.get(role));
            seen.is_some_and(|seen| seen.is_known(self.since(), self.now()))
        };
        self.seen(account, known) == Some(true)
    }

    /// Whether what is said of a pair waits for the IAM role behind it.
    fn is_doubtful(&self, pair: &Pair<'_>) -> bool {
        if pair.chained.is_some() {
            return false;
        }
        let role = pair.account_seen.roles.as_ref().and_then(|roles| roles.what.get(pair.role));
        role.is_none_or(|role| !role.is_known(self.since(), self.now())) && pair.depends_on_the_role()
    }

    /// Whether `aws-auth` was left alone because an access entry seemed to let the role in, and does not.
    fn needs_lines(pair: &Pair<'_>) -> bool {
        let counts = pair.facts().is_some_and(|facts| facts.mode.is_none_or(AuthMode::has_config_map));
        let unasked = pair.seen.admission.as_ref().is_some_and(|seen| seen.what.config_map == Listed::Unasked);
        counts && unasked && matches!(pair.verdict(), Verdict::Unknown(_))
    }

    /// Whether nothing that is still to be looked at in this search changes what is said of a pair.
    pub fn is_final(&self, pair: &Pair<'_>) -> bool {
        // What failed for a reason that passes may be looked at once more.
        let passes = pair.seen.admission.as_ref().is_some_and(|seen| seen.what.passing) && !self.is_second_look.get();
        match self.depth {
            Depth::Roles | Depth::Clusters => !passes && !self.is_doubtful(pair) && !Self::needs_lines(pair),
            // The cluster's own answer counts, and it comes last.
            Depth::Verified => pair.seen.admission.as_ref().is_some_and(|seen| {
                let is_answered = match pair.chained {
                    Some(chained) => seen.what.assumed_reviews.contains_key(&chained.arn),
                    None => seen.what.reviews.contains_key(pair.role),
                };
                is_answered && self.verified.borrow().contains(&Self::key(pair))
            }),
        }
    }

    fn key(pair: &Pair<'_>) -> (AccountId, Region, ClusterName) {
        (pair.account.clone(), pair.region.clone(), pair.cluster.clone())
    }

    /// Asks STS which IAM role stands behind a role.
    pub(super) async fn learn(
        &self,
        account: &AccountId,
        role: &RoleName,
        region: &Region,
        watch: Watch<'_>,
    ) -> Result<()> {
        let Some(credentials) = self.credentials(account, role).await? else { return Ok(()) };
        // Without an answer the entry is believed, and said not to be checked.
        let sts = Sts::new(self.handle.aws()?, region, &credentials);
        let caller = self.guarded(STS, region, async || sts.caller().await).await;
        if caller.is_err() {
            self.forget_answers(account, role);
        }
        self.learnt(account, role, &credentials, caller.ok().map(|caller| caller.role));
        watch(self, Step::Role(account, role, None));
        Ok(())
    }

    /// The same for the role that lists a place, whose credentials are here anyway, unless that is known or being asked.
    pub(super) async fn learn_lister(&self, account: &AccountId, region: &Region, watch: Watch<'_>) -> Result<()> {
        let now = self.now();
        let role = self.seen(account, |seen| {
            let role = seen.places.get(region)?.listed.as_ref()?.what.clone()?;
            let known = seen.roles.as_ref()?.what.get(&role)?;
            (self.filter.role(role.as_str()) && !known.is_known(self.since(), now)).then_some(role)
        });
        match role.flatten() {
            Some(role) if self.learning.borrow_mut().insert((account.clone(), role.clone())) => {
                self.learn(account, &role, region, watch).await
            }
            _ => Ok(()),
        }
    }

    /// Reads the `aws-auth` of clusters whose access entries turned out to be dead: a good line may be there.
    pub(super) async fn look_into_the_rest(&self, watch: Watch<'_>) -> Result<()> {
        let clusters: BTreeSet<(AccountId, Region, ClusterName)> = {
            let index = self.index.borrow();
            let pairs = index.pairs(self.filter).filter(|pair| Self::needs_lines(pair) && self.is_here(pair));
            pairs.map(|pair| Self::key(&pair)).collect()
        };
        let looks = stream::iter(clusters).map(async |(account, region, name)| {
            let Ok(found) = self.described(&account, &region, &name).await? else { return Ok(()) };
            let by = self.describer(&account, &region, &name);
            let mut admission = self.admission_of(&account, &region, &name);
            self.lines((&account, &region), by.as_ref(), &found, &mut admission).await?;
            if let Some(seen) = self.change().cluster_mut(&account, &region, &name).and_then(|c| c.admission.as_mut()) {
                seen.what = admission;
            }
            watch(self, Step::Cluster(&account, &region, &name));
            Ok::<_, Error>(())
        });
        let mut looks = std::pin::pin!(looks.buffer_unordered(VISITS_AT_ONCE));
        while let Some(done) = looks.next().await {
            done?;
        }
        Ok(())
    }

    fn admission_of(&self, account: &AccountId, region: &Region, name: &ClusterName) -> Admission {
        let admission = self
            .seen(account, |seen| Some(seen.places.get(region)?.clusters.get(name)?.admission.as_ref()?.what.clone()));
        admission.flatten().unwrap_or_default()
    }

    /// Each wanted role asks each cluster who it is. A cluster that cannot be reached by one role is not tried by the others.
    pub(super) async fn verify(&self, watch: Watch<'_>) -> Result<()> {
        let mut clusters: BTreeMap<(AccountId, Region, ClusterName), Roles> = BTreeMap::new();
        for pair in self.index.borrow().pairs(self.filter).filter(|pair| self.is_here(pair)) {
            let (roles, chained) = clusters.entry(Self::key(&pair)).or_default();
            match pair.chained {
                Some(role) => chained.push(role.clone()),
                None => roles.push(pair.role.clone()),
            }
        }
        self.count(|progress| {
            progress.checks = clusters.values().map(|(roles, chained)| roles.len() + chained.len()).sum();
            progress.checks_done = 0;
        });
        let asked = stream::iter(clusters).map(async |((account, region, name), (roles, chained))| {
            let (barred, asked): (Vec<RoleName>, Vec<RoleName>) =
                roles.iter().cloned().partition(|role| self.is_barred(role));
            let mut admission = self.admission_of(&account, &region, &name);
            admission.reviews.clear();
            admission.assumed_reviews.clear();
            let (forbidden, barred): (Vec<RoleName>, Vec<RoleName>) =
                barred.into_iter().partition(|role| self.look_with.is_forbidden(role.as_str()));
            self.cannot_ask(&mut admission, &forbidden, FORBIDDEN);
            self.cannot_ask(&mut admission, &barred, BARRED);
            match self.described(&account, &region, &name).await? {
                Ok(found) if found.endpoint.is_empty() => {
                    let why = "it has no address yet";
                    self.cannot_ask(&mut admission, &asked, why);
                    self.cannot_ask_assumed(&mut admission, &chained, why);
                }
                Ok(found) => {
                    self.ask_as_assumed(&region, &found, &chained, &mut admission).await?;
                    self.ask_as_each((&account, &region), &found, &asked, &mut admission).await?;
                }
                Err(why) => {
                    self.cannot_ask(&mut admission, &asked, &why);
                    self.cannot_ask_assumed(&mut admission, &chained, &why);
                }
            }
            let now = self.now();
            if let Some(seen) = self.change().cluster_mut(&account, &region, &name) {
                seen.admission.get_or_insert_with(|| Seen::new(now, Admission::default())).what = admission;
            }
            self.verified.borrow_mut().insert((account.clone(), region.clone(), name.clone()));
            for role in roles.iter().chain(chained.iter().map(|role| &role.name)) {
                self.count(|progress| progress.checks_done += 1);
                watch(self, Step::Role(&account, role, Some((&region, &name))));
            }
            Ok::<_, Error>(())
        });
        let mut asked = std::pin::pin!(asked.buffer_unordered(VISITS_AT_ONCE));
        while let Some(done) = asked.next().await {
            done?;
        }
        Ok(())
    }

    fn cannot_ask(&self, admission: &mut Admission, roles: &[RoleName], why: &str) {
        self.problems.borrow_mut().unverified += roles.len();
        let unasked = |role: &RoleName| (role.clone(), (self.now(), Reviewed::unasked(why).review));
        admission.reviews.extend(roles.iter().map(unasked));
    }

    fn cannot_ask_assumed(&self, admission: &mut Admission, roles: &[ChainedRole], why: &str) {
        self.problems.borrow_mut().unverified += roles.len();
        let unasked = |role: &ChainedRole| (role.arn.clone(), (self.now(), Reviewed::unasked(why).review));
        admission.assumed_reviews.extend(roles.iter().map(unasked));
    }

    /// Asks a cluster as each of these roles, which are assumed from an assigned one.
    async fn ask_as_assumed(
        &self,
        region: &Region,
        cluster: &Cluster,
        roles: &[ChainedRole],
        admission: &mut Admission,
    ) -> Result<()> {
        let address = Address::of(cluster)?;
        let reviews = roles.iter().map(async |role| {
            let ways = [&role.from_role, &role.name];
            if ways.iter().any(|role| self.look_with.is_forbidden(role.as_str())) {
                return Ok(Reviewed::unasked(FORBIDDEN));
            }
            if ways.iter().any(|role| self.is_barred(role)) {
                return Ok(Reviewed::unasked(BARRED));
            }
            let assume = Assume { arn: &role.arn, region, options: &AssumeOptions::NONE };
            let wanted = Wanted { account: &role.from_account, role: &role.from_role, assume: Some(assume) };
            let credentials = match role_credentials(self.world, self.cache, self.handle, &wanted).await {
                Ok(credentials) => credentials,
                Err(error) if matches!(error.kind(), Kind::SignInNeeded | Kind::LocalState) => return Err(error),
                Err(error) => return Ok(Reviewed::unasked(error.to_string())),
            };
            let _turn = self.visits.acquire().await;
            match address.open(self.world, self.handle.aws()?, region, &credentials) {
                Ok(visit) => Ok(visit.review().await),
                Err(error) => Ok(Reviewed::unasked(error.to_string())),
            }
        });
        for (role, reviewed) in roles.iter().zip(future::join_all(reviews).await) {
            let review = reviewed?.review;
            self.problems.borrow_mut().unverified += usize::from(matches!(review, Review::Unreachable(_)));
            admission.assumed_reviews.insert(role.arn.clone(), (self.now(), review));
        }
        Ok(())
    }

    /// Asks a cluster as each of these roles. Where one is refused that no list keeps out, others that are at hand are asked,
    /// too: if one gets in, the refusal is the cluster's, and not the network's or STS's.
    async fn ask_as_each(
        &self,
        (account, region): (&AccountId, &Region),
        cluster: &Cluster,
        roles: &[RoleName],
        admission: &mut Admission,
    ) -> Result<()> {
        let address = Address::of(cluster)?;
        let ask = async |role: &RoleName| {
            let Some(credentials) = self.credentials(account, role).await? else {
                return Ok(Reviewed::unasked("the role's credentials cannot be had"));
            };
            let _turn = self.visits.acquire().await;
            let reviewed = match address.open(self.world, self.handle.aws()?, region, &credentials) {
                Ok(visit) => visit.review().await,
                Err(error) => Reviewed::unasked(error.to_string()),
            };
            self.learnt(account, role, &credentials, reviewed.iam_role.clone());
            Ok::<_, Error>(reviewed)
        };
        let mut left = roles.iter();
        for role in left.by_ref() {
            let reviewed = ask(role).await?;
            let is_unasked = matches!(reviewed.review, Review::Unreachable(_));
            if let (true, Review::Unreachable(why)) = (reviewed.is_down, &reviewed.review) {
                let rest: Vec<RoleName> = std::iter::once(role).chain(left).cloned().collect();
                self.cannot_ask(admission, &rest, why);
                return Ok(());
            }
            self.problems.borrow_mut().unverified += usize::from(is_unasked);
            admission.reviews.insert(role.clone(), (self.now(), reviewed.review));
            if !is_unasked {
                break;
            }
        }
        let others = left.map(async |role| Ok::<_, Error>((role, ask(role).await?.review)));
        for answered in future::join_all(others).await {
            let (role, review) = answered?;
            self.problems.borrow_mut().unverified += usize::from(matches!(review, Review::Unreachable(_)));
            admission.reviews.insert(role.clone(), (self.now(), review));
        }
        let is = |wanted: fn(&Review) -> bool, admission: &Admission| {
            admission.reviews.values().any(|(_, review)| wanted(review))
        };
        if !is(|review| matches!(review, Review::Refused(_)), admission) {
            return Ok(());
        }
        let controls: Vec<RoleName> = self.at_hand(account, None);
        for role in controls.iter().filter(|role| !roles.contains(role)).take(CONTROLS) {
            if is(|review| matches!(review, Review::Known(..)), admission) {
                break;
            }
            let review = ask(role).await?.review;
            if !matches!(review, Review::Unreachable(_)) {
                admission.reviews.insert(role.clone(), (self.now(), review));
            }
        }
        // Why a role was refused may stand in aws-auth.
        if cluster.mode.is_none_or(AuthMode::has_config_map) {
            let known = admission.reviews.iter().find(|(_, (_, review))| matches!(review, Review::Known(..)));
            if let Some(reader) = known.map(|(role, _)| role.clone()) {
                self.lines((account, region), Some(&reader), cluster, admission).await?;
            }
        }
        Ok(())
    }
}
