//! Who a context is, from the person to the Kubernetes user: each step as far as it can be seen.

use crate::clients::aws::eks::Eks;
use crate::clients::aws::sts::{Caller, Sts};
use crate::clients::failure::FailureKind;
use crate::clients::kube::Kube;
use crate::domain::access::answers::{Refusal, Rules, User};
use crate::domain::access::{Admission, AuthMode, Entry, Listed, Subject, Verdict};
use crate::domain::identity::Identity;
use crate::domain::ids::{Namespace, RoleName};
use crate::domain::role_credentials::RoleCredentials;
use crate::error::{Error, Kind, Result};
use crate::flows::access::verify::{Address, config_map};
use crate::flows::credentials::{Wanted, role_credentials};
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
    /// What the cluster's lists say of the role.
    pub verdict: Verdict,
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
    let wanted = Wanted { account, role, assume: assume.as_ref().map(|arn| (arn, region)) };
    let credentials = role_credentials(world, cache, handle, &wanted).await?;
    let aws = handle.aws()?;
    let caller = Sts::new(aws, region, &credentials).caller().await?;
    let kube = || address.open(world, aws, region, &credentials);
    let cluster: Kube = kube()?;
    let user = cluster.whoami().await;
    let rules = match &user {
        Err(refusal) => Err(refusal.clone()),
        Ok(_) => cluster.rules(namespace).await,
    };
    let mut admission =
        Admission { entries: entries(handle, identity, &caller, &credentials).await?, ..Admission::default() };
    if user.is_ok() {
        admission.config_map = config_map(kube(), region.partition().arn()).await.0;
    }
    let own = owner(&caller, identity)?;
    let subject =
        Subject { partition: region.partition(), account: &own.0, role: &own.1, iam_role: Some(caller.role.as_str()) };
    // Which lists count is not asked: what is in neither of them is not mapped in any mode. Where the cluster says no, its
    // aws-auth does not name the role.
    let mode = matches!(user, Err(Refusal::Unauthorized)).then_some(AuthMode::Api);
    Ok(Whoami { verdict: admission.verdict(mode, &subject), caller, user, rules })
}

/// The account and the role that the cluster sees: another one where a role is assumed on the way.
fn owner(caller: &Caller, identity: &Identity) -> Result<(crate::domain::ids::AccountId, RoleName)> {
    if identity.assume.is_none() {
        return Ok((identity.account.clone(), identity.role.clone()));
    }
    let account = caller.arn.split(':').nth(4).unwrap_or_default();
    Ok((account.parse()?, caller.role.parse()?))
}

async fn entries(
    handle: &SessionHandle<'_>,
    identity: &Identity,
    caller: &Caller,
    credentials: &RoleCredentials,
) -> Result<Listed<Vec<Entry>>> {
    let hidden = |why: &str| Ok(Listed::Hidden(why.to_owned()));
    let (account, role) = owner(caller, identity)?;
    let subject = Subject { partition: identity.region.partition(), account: &account, role: &role, iam_role: None };
    let eks = Eks::new(handle.aws()?, &identity.region, credentials);
    let principals = match eks.access_entries(&identity.cluster).await {
        Ok(principals) => principals,
        Err(failure) if failure.kind == FailureKind::Forbidden => {
            return hidden("this role may not read the cluster's access entries");
        }
        // The mode has none.
        Err(failure) if failure.is(&["InvalidRequestException"]) => return Ok(Listed::Seen(Vec::new())),
        Err(failure) => return hidden(&format!("the access entries cannot be read: {failure}")),
    };
    let mut entries = Vec::new();
    for principal in principals.iter().filter(|principal| subject.concerns(principal)) {
        match eks.access_entry(&identity.cluster, principal).await {
            Ok(entry) => entries.push(entry),
            Err(failure) => return hidden(&format!("its access entry cannot be read: {failure}")),
        }
    }
    Ok(Listed::Seen(entries))
}

/// The error of a cluster that did not say who we are.
pub fn refused(refusal: &Refusal, verdict: &Verdict, cluster: &str) -> Error {
    match refusal {
        Refusal::Unauthorized => {
            let error = Error::new(Kind::Denied, format!("the cluster `{cluster}` does not know this role (401)"));
            match verdict {
                Verdict::Mapped(_) => error.cause("its access entry is of an earlier role of the same name"),
                known => error.cause(known.reason()),
            }
            .hint("eksso clusters --verify shows which of your roles it lets in")
        }
        Refusal::Unreachable(why) => {
            Error::new(Kind::Unavailable, format!("the cluster `{cluster}` cannot be reached"))
                .cause(why)
                .hint("a private endpoint needs the VPN or network it is in")
        }
        Refusal::Forbidden(why) => {
            Error::new(Kind::Denied, format!("the cluster `{cluster}` does not answer")).cause(why)
        }
        Refusal::Missing => Error::new(Kind::Failed, format!("the cluster `{cluster}` cannot say who one is"))
            .cause("SelfSubjectReview came with Kubernetes 1.27"),
    }
}
