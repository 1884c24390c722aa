//! Who can become a mapping's principal.

use crate::domain::access::Listed;
use crate::domain::access::grant::{PrincipalKind, WayIn};
use crate::domain::access::grants::index::Index;

/// Who can become a mapping's principal.
pub fn ways_in(_index: &Index<'_>, kind: &PrincipalKind, _principal: &str) -> Listed<Vec<WayIn>> {
    match kind {
        PrincipalKind::PermissionSet { set } => Listed::Seen(vec![WayIn::IdentityCenter(set.clone())]),
        PrincipalKind::User => Listed::Seen(vec![WayIn::Keys]),
        _ => Listed::Unasked,
    }
}
