//! A cluster and a role: what a list has a row for.

use std::borrow::Cow;

use crate::domain::access::{Admission, Subject, Verdict};
use crate::domain::chained_role::ChainedRole;
use crate::domain::discovery::records::{AccountSeen, ClusterDescription, ClusterSeen, RoleSeen, Seen};
use crate::domain::identity::RoleKey;
use crate::domain::ids::{AccountId, ClusterName, Region, RoleName};
use crate::domain::role_arn::Origin;

/// A cluster and a role of the signed-in person in its account.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'i> {
    /// The account's id.
    pub account: &'i AccountId,
    /// The account.
    pub account_seen: &'i AccountSeen,
    /// The role.
    pub role: &'i RoleName,
    /// The region.
    pub region: &'i Region,
    /// The cluster's name.
    pub cluster: &'i ClusterName,
    /// The cluster.
    pub seen: &'i ClusterSeen,
    /// Who made the role.
    pub origin: Origin,
    /// How the role is assumed, where it is not assigned itself.
    pub chained: Option<&'i ChainedRole>,
}

impl Pair<'_> {
    /// What the role is told from others by.
    pub fn role_key(&self) -> RoleKey {
        match self.chained {
            Some(chained) => RoleKey::Assumed(chained.arn.clone()),
            None => RoleKey::Assigned(self.role.clone()),
        }
    }

    /// The role as tables show it: with the one that it is assumed from.
    pub fn role_words(&self) -> Cow<'_, str> {
        match self.chained {
            Some(chained) => Cow::Owned(format!("{} from {}", self.role, chained.from_role)),
            None => Cow::Borrowed(self.role.as_str()),
        }
    }

    /// What EKS says of the cluster, where some role may ask.
    pub fn facts(&self) -> Option<&ClusterDescription> {
        self.seen.facts.as_ref()?.what.as_ref()
    }

    fn subject(&self) -> Subject<'_> {
        if let Some(chained) = self.chained {
            return Subject::assumed(self.region.partition(), chained);
        }
        let role = self.account_seen.roles.as_ref().and_then(|roles| roles.what.get(self.role));
        let iam_roles = role.map_or(&[][..], RoleSeen::iam_names);
        let (partition, origin) = (self.region.partition(), self.origin);
        Subject { partition, account: self.account, role: self.role, assumed: None, origin, iam_roles }
    }

    /// Whether the answer may be another one, depending on which IAM role stands behind the permission set.
    pub fn depends_on_the_role(&self) -> bool {
        self.seen.admission.as_ref().is_some_and(|admission| admission.what.names_set_of(&self.subject()))
    }

    /// Whether some list of the cluster names the role for people.
    pub fn is_listed(&self) -> bool {
        let mode = self.facts().and_then(|facts| facts.mode);
        let listed = |admission: &Seen<Admission>| admission.what.listed(mode, &self.subject()).mapping().is_some();
        self.seen.admission.as_ref().is_some_and(listed)
    }

    /// Whether the cluster lets the role in.
    pub fn verdict(&self) -> Verdict {
        match &self.seen.admission {
            Some(admission) => admission.what.verdict(self.facts().and_then(|facts| facts.mode), &self.subject()),
            None => Verdict::Unknown("not looked at yet".to_owned()),
        }
    }

    /// The name for people: what `{account_name}/{cluster}:{role}` gives.
    pub fn title(&self) -> String {
        format!("{}/{}:{}", self.account_seen.name, self.cluster, self.role)
    }
}
