//! Who is signed in, where only AWS's own answer to a role can tell: Identity Center's tokens name nobody.

use std::time::Duration;

use crate::clients::aws::sts::Sts;
use crate::domain::ids::RoleName;
use crate::flows::sign_in::base::SessionHandle;

/// The name is shown only, so nobody waits long for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// Roles whose use may alert a security team: not taken just to show a name.
const WATCHED: [&str; 3] = ["breakglass", "emergency", "root"];
/// Roles that can do little, the first first.
const NARROW: [&str; 4] = ["view", "read", "audit", "billing"];

impl SessionHandle<'_> {
    /// Whose sign-in this is: what the provider said, else the session name that STS gives to one of the person's roles.
    /// `None` where that cannot be told soon.
    pub async fn person(&self) -> Option<String> {
        if let Some(user) = self.stored().ok()??.user() {
            return Some(user.to_owned());
        }
        self.within(PATIENCE, Box::pin(self.told_by_sts())).await?
    }

    async fn told_by_sts(&self) -> Option<String> {
        let account = self.accounts(None).await.ok()?.entries.into_iter().next()?.id;
        let roles = self.roles(&account, None).await.ok()?.entries;
        let policy = self.world.policy().ok()?;
        let role = least(roles.into_iter().filter(|role| policy.role(role.as_str()).is_ok()).collect())?;
        let credentials = self.credentials(&account, &role).await.ok()?;
        let caller = Sts::new(self.aws().ok()?, &self.session.home(), &credentials).caller().await.ok()?;
        Some(caller.session)
    }
}

/// The role that can do least, as far as names tell; never one that is watched.
fn least(roles: Vec<RoleName>) -> Option<RoleName> {
    let plain = |role: &RoleName| {
        role.as_str().chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
    };
    let watched = |role: &RoleName| WATCHED.iter().any(|word| plain(role).contains(word));
    let breadth = |role: &RoleName| NARROW.iter().position(|word| plain(role).contains(word)).unwrap_or(NARROW.len());
    roles.into_iter().filter(|role| !watched(role)).min_by_key(breadth)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_role_is_taken_and_no_watched_one() {
        let pick = |names: &[&str]| {
            let roles = names.iter().map(|name| name.parse().expect("a role")).collect();
            least(roles).map(|role| role.to_string())
        };
        assert_eq!(pick(&["Admin", "ViewOnly", "ReadOnly"]).as_deref(), Some("ViewOnly"));
        assert_eq!(pick(&["Break-Glass-View", "Admin"]).as_deref(), Some("Admin"));
        assert_eq!(pick(&["BreakGlass"]), None);
    }
}
