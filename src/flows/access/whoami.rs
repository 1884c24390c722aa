//! Who a context is, from the person to the Kubernetes user: each step as far as it can be seen.

use crate::clients::aws::eks::Eks;
use crate::clients::aws::sts::{Caller, Sts};
use crate::clients::failure::FailureKind;
use crate::domain::access::answers::{Refusal, Rules, User};
use crate::domain::access::{Admission, AuthMode, Entry, Listed, Review, Subject, Verdict};
use crate::domain::identity::Identity;
use crate::domain::ids::{AccountId, Namespace, RoleName};
use crate::domain::role_arn::Origin;
use crate::domain::settings::aws_config::AssumeOptions;
use crate::error::{Error, Kind, Result};
use crate::flows::access::verify::Address;
use crate::flows::credentials::{Assume, Wanted, role_credentials};
use crate::flows::sign_in::base::SessionHandle;
use crate::ports::{CredentialCache, World};

/// What was found out.
#[derive(Debug)]
pub struct Whoami {
    /// Who AWS says it is.
    pub caller: Caller,
    /// Who the cluster says it is.
    pub user: Result<User, Refusal>,
    /// What it may do in the namespace.
    pub rules: Result<Rules, Refusal>,
    /// Whether the role is let in: as the cluster says or, where it cannot be asked, as its lists say.
    pub verdict: Verdict,
    /// What the lists alone say: where the mapping stands, and its access policies.
    pub listed: Verdict,
    /// Whether the access entries, and so the access policies, could be seen.
    pub sees_policies: bool,
}

/// Asks AWS and the cluster.
pub async fn whoami(
    world: &World,
    cache: &dyn CredentialCache,
    handle: &SessionHandle<'_>,
    identity: &Identity,
    address: &Address,
    namespace: &Namespace,
) -> Result<Whoami> {
    let Identity { account, role, region, assume, .. } = identity;
    let wanted = Wanted {
        account,
        role,
        assume: assume.as_ref().map(|arn| Assume { arn, region, options: &AssumeOptions::NONE }),
    };
    let credentials = role_credentials(world, cache, handle, &wanted).await?;
    let aws = handle.aws()?;
    let caller = Sts::new(aws, region, &credentials).caller().await?;
    let own = Own::new(&caller, identity, handle.session.origin())?;
    let subject = own.subject(identity, &caller);
    let visit = address.open(world, aws, region, &credentials)?;
    let user = visit.whoami().await;
    let rules = match &user {
        // Let in; a hardened cluster may say what one may do all the same.
        Ok(_) | Err(Refusal::Forbidden(_) | Refusal::Missing) => visit.kube.rules(namespace).await,
        Err(refusal) => Err(refusal.clone()),
    };
    let eks = Eks::new(aws, region, &credentials);
    let mode = eks.cluster(&identity.cluster).await.ok().and_then(|found| found.mode);
    let mut admission = Admission::default();
    if mode.is_none_or(AuthMode::has_entries) {
        admission.entries = entries(&eks, identity, &subject).await;
    }
    let review = match &user {
        Ok(user) => Review::Known(user.username.clone(), user.groups.clone()),
        Err(Refusal::Forbidden(_) | Refusal::Missing) => Review::Known(String::new(), Vec::new()),
        Err(Refusal::Unauthorized) => Review::Refused(visit.judge().await.0),
        Err(Refusal::Unreachable(why) | Refusal::Failed(why) | Refusal::Untrusted(why)) => {
            Review::Unreachable(why.clone())
        }
    };
    if let (Review::Known(..), true) = (&review, mode.is_none_or(AuthMode::has_config_map)) {
        admission.config_map = match visit.lines().await {
            Ok(lines) => {
                admission.unread_lines = lines.unread;
                admission.ignored_keys = lines.ignored;
                Listed::Seen(lines.entries)
            }
            Err(Refusal::Forbidden(_)) => Listed::Hidden("this role may not read aws-auth".to_owned()),
            Err(refusal) => Listed::Hidden(format!("aws-auth cannot be read: {}", words(&refusal))),
        };
    }
    let listed = admission.listed(mode, &subject);
    let verdict = if matches!(review, Review::Unreachable(_)) {
        listed.clone()
    } else {
        admission.reviews.insert(own.role.clone(), (world.clock.now(), review));
        admission.verdict(mode, &subject)
    };
    let sees_policies = mode == Some(AuthMode::ConfigMap) || matches!(admission.entries, Listed::Seen(_));
    Ok(Whoami { verdict, listed, caller, user, rules, sees_policies })
}

/// The account and the role that the cluster sees: another one where a role is assumed on the way.
struct Own {
    account: AccountId,
    role: RoleName,
    origin: Origin,
}

impl Own {
    fn new(caller: &Caller, identity: &Identity, origin: Origin) -> Result<Self> {
        if identity.assume.is_none() {
            return Ok(Self { account: identity.account.clone(), role: identity.role.clone(), origin });
        }
        let account = caller.arn.split(':').nth(4).unwrap_or_default();
        Ok(Self { account: account.parse()?, role: caller.role.parse()?, origin: Origin::Plain })
    }

    fn subject<'s>(&'s self, identity: &Identity, caller: &'s Caller) -> Subject<'s> {
        let (partition, iam_roles) = (identity.region.partition(), std::slice::from_ref(&caller.role));
        Subject { partition, account: &self.account, role: &self.role, assumed: None, origin: self.origin, iam_roles }
    }
}

async fn entries(eks: &Eks, identity: &Identity, subject: &Subject<'_>) -> Listed<Vec<Entry>> {
    let principals = match eks.access_entries(&identity.cluster).await {
        Ok(principals) => principals,
        Err(failure) if failure.kind == FailureKind::Forbidden => {
            return Listed::Hidden("this role may not read the cluster's access entries".to_owned());
        }
        // The mode has none. Source: EKS, "authentication mode must be set to one of [API, API_AND_CONFIG_MAP]".
        Err(failure) if failure.is(&["InvalidRequestException"]) => return Listed::Seen(Vec::new()),
        Err(failure) => return Listed::Hidden(format!("the access entries cannot be read: {failure}")),
    };
    let mut entries = Vec::new();
    for principal in principals.into_iter().filter(|principal| subject.concerns_entry(principal)) {
        match eks.access_entry(&identity.cluster, &principal).await {
            Ok(entry) => entries.push(entry),
            Err(failure) if failure.kind == FailureKind::NotFound => {}
            Err(failure) => {
                entries.push(Entry { principal, unread: Some(failure.to_string()), ..Entry::default() });
            }
        }
    }
    Listed::Seen(entries)
}

/// Why a cluster gave no answer, in words.
pub(super) fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unauthorized => "the cluster does not know this role (401)".to_owned(),
        Refusal::Missing => "it is not there".to_owned(),
        Refusal::Forbidden(why) | Refusal::Unreachable(why) | Refusal::Failed(why) | Refusal::Untrusted(why) => {
            why.clone()
        }
    }
}

/// The error of a cluster that does not let us in, or cannot be asked; none where it only does not say as whom.
pub fn refused(refusal: &Refusal, verdict: &Verdict, cluster: &str) -> Option<Error> {
    Some(match refusal {
        Refusal::Unauthorized => {
            Error::new(Kind::Denied, format!("the cluster `{cluster}` does not know this role (401)"))
                .cause(verdict.reason())
                .hint("eksso clusters --verify  # shows which of your roles it lets in")
        }
        // What answers in the cluster's place, a proxy, is no answer of it.
        Refusal::Unreachable(why) | Refusal::Failed(why) => {
            Error::new(Kind::Unavailable, format!("the cluster `{cluster}` cannot be reached"))
                .cause(why)
                .hint("a private endpoint needs the VPN or network it is in")
        }
        Refusal::Untrusted(why) => Error::new(
            Kind::Unavailable,
            format!("the cluster `{cluster}` shows a certificate that its CA in the kubeconfig did not sign"),
        )
        .cause(why)
        .hint("eksso sync  # writes the cluster's present CA and address")
        .hint("if it stays: something between here and the cluster, such as a proxy, answers in its place"),
        Refusal::Forbidden(_) | Refusal::Missing => return None,
    })
}
