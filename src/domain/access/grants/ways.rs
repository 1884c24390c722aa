//! Who can become a mapping's principal.

use crate::domain::access::Listed;
use crate::domain::access::grant::{PrincipalKind, WayIn};
use crate::domain::access::grants::index::Index;
use crate::domain::access::grants::principal::{Iam, Sort};
use crate::domain::access::iam::trust::read;

/// Who can become a mapping's principal: what the Allow statements of its role's trust policy open.
pub fn ways_in(index: &Index<'_>, kind: &PrincipalKind, principal: &str) -> Listed<Vec<WayIn>> {
    let only = |way: WayIn| Listed::Seen(vec![way]);
    match kind {
        PrincipalKind::Account => return only(WayIn::Account(principal.to_owned())),
        PrincipalKind::IdentityProvider => return only(WayIn::Oidc(principal.to_owned())),
        PrincipalKind::Creator => return Listed::Hidden("no list names who made the cluster".to_owned()),
        _ => {}
    }
    let Some(iam) = Iam::parse(principal) else {
        return Listed::Hidden("no IAM role or user has such an ARN".to_owned());
    };
    if iam.sort == Sort::User {
        return only(WayIn::Keys);
    }
    match (index.role(principal), index.is_listed(&iam), kind) {
        (Some(role), ..) => match read(&role.arn, &role.trust) {
            Ok(trust) => {
                let mut ways: Vec<WayIn> = trust.ways.into_iter().map(|way| way.way).collect();
                ways.sort();
                ways.dedup();
                Listed::Seen(ways)
            }
            Err(why) => Listed::Hidden(why),
        },
        (None, Ok(()), _) => Listed::Seen(Vec::new()),
        // Identity Center makes these roles, and no one else can change them.
        (None, Err(_), PrincipalKind::PermissionSet { set }) => only(WayIn::IdentityCenter(set.clone())),
        (None, Err(why), _) => Listed::Hidden(format!("its account's IAM could not be read: {why}")),
    }
}
