//! The accounts below the organizational units that config.toml skips (`skip_ous`). Organizations tells them to its management account and
//! to delegated administrators only (access.md 1.5): roles of the account that `identity_center_account` names are asked. Where none
//! may read them no account is left out, and that is said.

use std::collections::BTreeSet;

use crate::clients::aws::organizations::Organizations;
use crate::clients::failure::FailureKind;
use crate::domain::access::Listed;
use crate::domain::discovery::records::{Below, Seen};
use crate::domain::ids::{AccountId, RoleName};
use crate::domain::pages::Pages;
use crate::domain::settings::look_with::Breadth;
use crate::error::{Error, Kind, Result};
use crate::flows::discovery::search::{Memory, Search};

const NO_ACCOUNT: &str = "`identity_center_account` under [access] in config.toml names no account that could be asked";

impl Search<'_> {
    /// Lets the filter leave them out, before any account is looked at. Where all accounts are named, none is left out.
    pub(super) async fn leave_units_out(&self) -> Result<()> {
        let units: Vec<String> = self.skipped.units.iter().map(|unit| unit.as_str().to_owned()).collect();
        if units.is_empty() || self.filter.names_accounts() {
            return Ok(());
        }
        let Memory { since, denied_since, .. } = self.memory.get();
        let is_good = |seen: &Seen<Below>| {
            let since = if matches!(seen.what.accounts, Listed::Seen(_)) { since } else { denied_since };
            seen.what.units == units && seen.is_since(since)
        };
        let known = self.index.borrow().below.clone().filter(is_good);
        let accounts = match known {
            Some(known) => known.what.accounts,
            None => {
                let (accounts, is_fact) = self.accounts_below(&units).await?;
                if is_fact {
                    let below = Below { units, accounts: accounts.clone() };
                    self.change().below = Some(Seen::new(self.now(), below));
                }
                accounts
            }
        };
        match accounts {
            Listed::Seen(found) => self.filter.below.borrow_mut().extend(found.iter().map(ToString::to_string)),
            Listed::Hidden(why) => self.problems.borrow_mut().units = Some(why),
            Listed::Unasked => {}
        }
        Ok(())
    }

    /// The accounts, or why they could not be read and whether that is to be remembered.
    async fn accounts_below(&self, units: &[String]) -> Result<(Listed<BTreeSet<AccountId>>, bool)> {
        let hidden = |why: String, is_fact: bool| Ok((Listed::Hidden(why), is_fact));
        let Some(account) = &self.skipped.account else { return hidden(NO_ACCOUNT.to_owned(), false) };
        let roles = match self.roles_to_ask_as(account).await {
            Ok(roles) => roles,
            Err(error) if matches!(error.kind(), Kind::SignInNeeded | Kind::Interrupted | Kind::LocalState) => {
                return Err(error);
            }
            Err(error) => return hidden(error.to_string(), false),
        };
        let mut refused = format!("no role that may be used to look is yours in account {account}");
        for role in roles {
            let Some(credentials) = self.credentials(account, &role).await? else { continue };
            let client = Organizations::new(self.handle.aws()?, &self.handle.session.home(), &credentials);
            match client.below(units).await {
                Ok(found) => return Ok((Listed::Seen(found), true)),
                Err(failure) if failure.kind == FailureKind::Forbidden => refused = failure.to_string(),
                Err(failure) => return hidden(failure.to_string(), false),
            }
        }
        hidden(refused, true)
    }

    /// The narrow ones first. No role that may do everything is taken for this.
    async fn roles_to_ask_as(&self, account: &AccountId) -> Result<Vec<RoleName>> {
        let (mut roles, mut pages, mut next) = (Vec::new(), Pages::default(), None);
        loop {
            let page = self.handle.roles(account, next).await?;
            roles.extend(page.entries);
            let endless =
                |why| Error::new(Kind::Unavailable, "the sign-in service's list of roles has no end").cause(why);
            next = pages.next(page.next).map_err(endless)?;
            if next.is_none() {
                break;
            }
        }
        let mut ranked: Vec<_> =
            roles.into_iter().filter_map(|role| Some((self.look_with.rank(role.as_str())?, role))).collect();
        ranked.retain(|((_, breadth), _)| *breadth != Breadth::Wide);
        ranked.sort();
        Ok(ranked.into_iter().map(|(_, role)| role).collect())
    }
}
