//! Whom a cluster lets in, as its lists say that roles at hand may see.

use futures_util::future;
use futures_util::stream::{self, StreamExt};
use tokio::sync::mpsc;

use crate::clients::failure::FailureKind;
use crate::domain::access::answers::Refusal;
use crate::domain::access::cluster::Cluster;
use crate::domain::access::{Admission, AuthMode, Entry, Listed, Review, Subject, Verdict};
use crate::domain::discovery::records::{AccountSeen, ClusterDescription, IamRole, Seen, is_since};
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::role_credentials::RoleCredentials;
use crate::error::{Error, Kind, Result};
use crate::flows::access::verify::{Address, Reviewed};
use crate::flows::discovery::found::no_cluster;
use crate::flows::discovery::progress::Step;
use crate::flows::discovery::search::{Depth, Planned, Search, VISITS_AT_ONCE, Watch};

const LINES_HIDDEN: &str = "none of your roles that were asked may read aws-auth";

impl Search<'_> {
    /// What EKS says of a cluster, and who is let in. Answers the clusters of which all is known then: the one of that name,
    /// or those whose names differ from it in case only. One whose `aws-auth` is to be read comes later.
    pub(super) async fn cluster(
        &self,
        account: &AccountId,
        region: &Region,
        name: ClusterName,
    ) -> Result<Vec<ClusterName>> {
        let known = self.seen(account, |seen| {
            let cluster = seen.places.get(region).and_then(|place| place.clusters.get(&name))?;
            let passes = cluster.admission.as_ref().is_some_and(|seen| seen.what.passing);
            Some((is_since(cluster.admission.as_ref(), self.since()) && !passes, cluster.facts.is_some()))
        });
        let (is_fresh, was_described) = known.flatten().unwrap_or_default();
        if is_fresh && self.depth < Depth::Verified {
            return Ok(vec![name]);
        }
        // A name that was typed, and that no list has confirmed: it is kept only if the cluster can be described.
        let is_word = !was_described && self.words.borrow().contains(&(account.clone(), region.clone()));
        let place =
            self.seen(account, |seen| format!("the cluster `{name}` in {} {region}", seen.name)).unwrap_or_default();
        let lister = self.seen(account, |seen| seen.places.get(region)?.listed.as_ref()?.what.clone()).flatten();
        let (mut described, mut by, mut denied) = (None, lister.clone(), None);
        for role in self.at_hand(account, lister.as_ref()) {
            let Some(credentials) = self.credentials(account, &role).await? else { continue };
            match self.eks(region, &credentials, async |eks| eks.cluster(&name).await).await {
                Ok(found) => {
                    if self.keep_described {
                        let key = (account.clone(), region.clone(), name.clone());
                        self.described.borrow_mut().insert(key, found.clone());
                    }
                    described = Some(found);
                    by = Some(role);
                    break;
                }
                Err(failure) if failure.kind == FailureKind::Forbidden => denied = Some((role, failure)),
                Err(failure) if failure.kind == FailureKind::NotFound => {
                    // Deleted since it was listed, or never there.
                    self.forget_word(account, region, &name);
                    if !self.filter.is_one_pair() {
                        return Ok(Vec::new());
                    }
                    let others = if is_word { self.in_other_letters(account, region).await? } else { Vec::new() };
                    if others.is_empty() && !self.is_put_off(account, region) {
                        self.fail(no_cluster(&name, &self.place_of(account, region)));
                    }
                    let mut found = Vec::new();
                    for other in others {
                        found.extend(Box::pin(self.cluster(account, region, other)).await?);
                    }
                    return Ok(found);
                }
                Err(failure) => {
                    self.note(failure, region, &place);
                    if is_word || (self.filter.is_one_pair() && !was_described) {
                        self.forget_word(account, region, &name);
                    }
                    return Ok(vec![name]);
                }
            }
        }
        if let (true, None) = (is_word, &described) {
            self.forget_word(account, region, &name);
            if let Some((role, failure)) = denied {
                let fact =
                    format!("`{role}` may not describe the cluster `{name}` in {}", self.place_of(account, region));
                let error = Error::new(Kind::Denied, fact).answer(&failure);
                self.fail(error.hint("the role needs the IAM permission eks:DescribeCluster on it"));
            }
            return Ok(Vec::new());
        }
        let mode = described.as_ref().and_then(|found| found.mode);
        let mut admission = Admission::default();
        if mode.is_none_or(AuthMode::has_entries) {
            self.entries((account, region, &name), by.as_ref(), &mut admission).await?;
        }
        let facts = by.clone().zip(described.as_ref()).map(|(by, found)| ClusterDescription {
            by,
            status: found.status.clone(),
            version: found.version.clone(),
            endpoint: found.endpoint.clone(),
            mode: found.mode,
            tags: found.tags.clone(),
        });
        // With --verify each role asks the cluster itself, all clusters side by side.
        if let (true, Some(cluster)) = (self.depth < Depth::Verified, described)
            && mode.is_none_or(AuthMode::has_config_map)
            && !self.are_all_mapped(account, region, &admission)
        {
            let of = (account.clone(), region.clone(), name);
            self.queue_visit(Planned { of, by, facts, cluster, admission });
            return Ok(Vec::new());
        }
        self.note_cluster((account, region, &name), facts, admission);
        Ok(vec![name])
    }

    /// Notes what was found out about a cluster: all of it at once, so that no half of it is ever kept.
    fn note_cluster(
        &self,
        (account, region, name): (&AccountId, &Region, &ClusterName),
        facts: Option<ClusterDescription>,
        admission: Admission,
    ) {
        let now = self.now();
        if let Some(seen) = self.change().cluster_mut(account, region, name) {
            seen.facts = Some(Seen::new(now, facts));
            seen.admission = Some(Seen::new(now, admission));
        }
    }

    fn queue_visit(&self, planned: Planned) {
        if let Some(visits) = self.planned.borrow().as_ref() {
            // The receiver lives as long as the search does.
            _ = visits.send(planned);
        }
    }

    /// Reads the `aws-auth` of clusters as they come. Accounts and regions do not wait for this: a cluster that keeps silent
    /// takes seconds, and there may be a thousand of them.
    pub(super) async fn read_lines(&self, planned: mpsc::UnboundedReceiver<Planned>, watch: Watch<'_>) -> Result<()> {
        let planned = stream::unfold(planned, async |mut planned| Some((planned.recv().await?, planned)));
        let visits = planned.map(async |Planned { of: (account, region, name), by, facts, cluster, mut admission }| {
            self.lines((&account, &region), by.as_ref(), &cluster, &mut admission).await?;
            self.note_cluster((&account, &region, &name), facts, admission);
            self.open_gate();
            self.count(|progress| progress.clusters += 1);
            watch(self, Step::Cluster(&account, &region, &name));
            Ok::<_, Error>(())
        });
        let mut visits = std::pin::pin!(visits.buffer_unordered(VISITS_AT_ONCE));
        while let Some(done) = visits.next().await {
            done?;
        }
        Ok(())
    }

    /// The clusters of a place that the filter means, from a list: there is none of the very name that was typed.
    async fn in_other_letters(&self, account: &AccountId, region: &Region) -> Result<Vec<ClusterName>> {
        self.list(account, region).await?;
        let names = self.seen(account, |seen| {
            let clusters = seen.places.get(region).into_iter().flat_map(|place| place.clusters.keys());
            clusters.filter(|name| self.filter.cluster(name.as_str())).cloned().collect()
        });
        Ok(names.unwrap_or_default())
    }

    /// The lines of `aws-auth`, by the first role at hand that may read them. What the cluster answers on the way says
    /// whether it lets that role in, whoever made the cluster: the reader of a list need not be in it.
    pub(super) async fn lines(
        &self,
        (account, region): (&AccountId, &Region),
        first: Option<&RoleName>,
        cluster: &Cluster,
        admission: &mut Admission,
    ) -> Result<()> {
        if cluster.endpoint.is_empty() {
            return Ok(());
        }
        let address = Address::of(cluster)?;
        for role in self.at_hand(account, first) {
            let asked = admission.reviews.get(&role).map(|(_, review)| matches!(review, Review::Known(..)));
            if asked == Some(false) {
                continue;
            }
            let Some(credentials) = self.credentials(account, &role).await? else { continue };
            let _turn = self.visits.acquire().await;
            let visit = match address.open(self.world, self.handle.aws()?, region, &credentials) {
                Ok(visit) => visit,
                Err(error) => {
                    admission.config_map = Listed::Hidden(error.to_string());
                    continue;
                }
            };
            if asked.is_none() {
                let Reviewed { review, iam_role, is_down } = visit.review().await;
                self.learnt(account, &role, &credentials, iam_role);
                if let Review::Unreachable(why) = review {
                    admission.config_map = Listed::Hidden(why);
                    admission.passing = true;
                    if is_down {
                        return Ok(());
                    }
                    continue;
                }
                let is_refused = matches!(review, Review::Refused(_));
                admission.reviews.insert(role, (self.now(), review));
                if is_refused {
                    admission.config_map = Listed::Hidden(LINES_HIDDEN.to_owned());
                    continue;
                }
            }
            match visit.lines().await {
                Ok(lines) => {
                    let own = self.concerning(
                        (account, region),
                        lines.entries,
                        |line| &line.principal,
                        |subject, principal| subject.concerns_line(principal),
                    );
                    admission.config_map = Listed::Seen(own);
                    admission.unread_lines = lines.unread;
                    admission.ignored_keys = lines.ignored;
                    return Ok(());
                }
                Err(Refusal::Forbidden(_)) => admission.config_map = Listed::Hidden(LINES_HIDDEN.to_owned()),
                Err(Refusal::Unreachable(why) | Refusal::Untrusted(why)) => {
                    admission.config_map = Listed::Hidden(format!("aws-auth cannot be read: {why}"));
                    admission.passing = true;
                }
                Err(Refusal::Unauthorized | Refusal::Missing) => {
                    admission.config_map = Listed::Hidden("the cluster does not show its aws-auth".to_owned());
                    admission.passing = true;
                }
            }
        }
        Ok(())
    }

    pub(super) fn are_all_mapped(&self, account: &AccountId, region: &Region, admission: &Admission) -> bool {
        let roles = self.seen(account, |seen| {
            let roles = seen.roles.as_ref().map(|roles| roles.what.clone());
            roles.unwrap_or_default()
        });
        let index = self.index.borrow();
        let (partition, origin) = (region.partition(), index.origin);
        let is_mapped =
            |subject: &Subject<'_>| matches!(admission.verdict(Some(AuthMode::Api), subject), Verdict::Mapped(_));
        // A role of another account is offered where an access entry names it; `aws-auth` is not read for its sake.
        let chained = index.chained.of(account).filter(|role| self.filter.role(role.name.as_str()));
        let are_chained = chained.map(|role| Subject::assumed(partition, role)).all(|subject| is_mapped(&subject));
        are_chained
            && roles.unwrap_or_default().iter().filter(|(role, _)| self.filter.role(role.as_str())).all(
                |(role, seen)| {
                    let subject =
                        Subject { partition, account, role, assumed: None, origin, iam_roles: seen.iam_names() };
                    is_mapped(&subject)
                },
            )
    }

    /// Of a list, what may concern roles of this person, by the principals that it names.
    fn concerning<T>(
        &self,
        (account, region): (&AccountId, &Region),
        list: Vec<T>,
        principal: fn(&T) -> &str,
        concerns: fn(&Subject<'_>, &str) -> bool,
    ) -> Vec<T> {
        let (partition, index) = (region.partition(), self.index.borrow());
        let origin = index.origin;
        let roles = index.accounts.get(account).and_then(|seen| seen.roles.as_ref());
        let is_own = |entry: &T| {
            let assigned = roles.into_iter().flat_map(|roles| roles.what.keys()).map(|role| Subject {
                partition,
                account,
                role,
                assumed: None,
                origin,
                iam_roles: &[],
            });
            let arn = principal(entry);
            let chained = index.chained.named_by(arn).map(|(_, role)| Subject::assumed(partition, role));
            assigned.chain(chained).any(|role| concerns(&role, arn))
        };
        list.into_iter().filter(is_own).collect()
    }

    /// The access entries that may concern this person, by the first role at hand that may list them.
    pub(super) async fn entries(
        &self,
        (account, region, name): (&AccountId, &Region, &ClusterName),
        first: Option<&RoleName>,
        admission: &mut Admission,
    ) -> Result<()> {
        let now = self.now();
        let is_blind = |role: &RoleName| {
            let blind = |seen: &AccountSeen| seen.places.get(region)?.clusters.get(name)?.blind.get(role).copied();
            self.seen(account, blind).flatten().is_some_and(|at| at >= self.memory.get().denied_since)
        };
        admission.entries = Listed::Hidden("none of your roles that were asked may read its access entries".to_owned());
        for role in self.at_hand(account, first) {
            if is_blind(&role) {
                continue;
            }
            let Some(credentials) = self.credentials(account, &role).await? else { continue };
            let principals = self.eks(region, &credentials, async |eks| eks.access_entries(name).await).await;
            let principals = match principals {
                Ok(principals) => principals,
                Err(failure) if failure.kind == FailureKind::Forbidden => {
                    if let Some(seen) = self.change().cluster_mut(account, region, name) {
                        seen.blind.insert(role, now);
                    }
                    continue;
                }
                Err(failure) => {
                    admission.entries = Listed::Hidden(format!("its access entries cannot be read: {failure}"));
                    admission.passing = true;
                    return Ok(());
                }
            };
            let principals = self.concerning(
                (account, region),
                principals,
                |principal| principal,
                |subject, principal| subject.concerns_entry(principal),
            );
            let entries = principals.into_iter().map(async |principal| {
                let entry = self.eks(region, &credentials, async |eks| eks.access_entry(name, &principal).await).await;
                match entry {
                    Ok(entry) => (Some(entry), false),
                    // Deleted since it was listed.
                    Err(failure) if failure.kind == FailureKind::NotFound => (None, false),
                    // Listed, but not to be looked into: it may be a machine's, or gone by now.
                    Err(failure) => {
                        let passes = failure.kind != FailureKind::Forbidden;
                        let unread = Some(failure.to_string());
                        (Some(Entry { principal, unread, ..Entry::default() }), passes)
                    }
                }
            });
            let entries = future::join_all(entries).await;
            admission.passing |= entries.iter().any(|(_, passes)| *passes);
            admission.entries = Listed::Seen(entries.into_iter().filter_map(|(entry, _)| entry).collect());
            return Ok(());
        }
        Ok(())
    }

    /// Notes which IAM role stands behind a role, as an answer to these credentials told.
    pub(super) fn learnt(
        &self,
        account: &AccountId,
        role: &RoleName,
        credentials: &RoleCredentials,
        iam_role: Option<String>,
    ) {
        let Some(name) = iam_role else { return };
        let now = self.now();
        let mut index = self.change();
        let roles = index.accounts.get_mut(account).and_then(|seen| seen.roles.as_mut());
        if let Some(seen) = roles.and_then(|roles| roles.what.get_mut(role)) {
            seen.iam = Some(Seen::new(now, IamRole::new(name, credentials)));
        }
    }

    /// Forgets what other credentials of the role were told: these may be of another IAM role.
    pub(super) fn forget_role_of_others(&self, account: &AccountId, role: &RoleName, credentials: &RoleCredentials) {
        let is_others = self.seen(account, |seen| {
            let iam = seen.roles.as_ref()?.what.get(role)?.iam.as_ref()?;
            Some(!iam.what.is_by(credentials))
        });
        if is_others.flatten() == Some(true) {
            self.forget_answers(account, role);
        }
    }

    /// Forgets what was told to earlier credentials of a role.
    pub(super) fn forget_answers(&self, account: &AccountId, role: &RoleName) {
        if let Some(seen) = self.change().accounts.get_mut(account) {
            seen.forget_answers(role);
        }
    }
}
