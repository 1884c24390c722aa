//! `eksso roles`: the accounts and roles of a session.

use std::borrow::Cow;

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use crate::cli::{ClusterFilter, RolesArgs};
use crate::commands::shared::call::Call;
use crate::commands::shared::search::Use;
use crate::domain::discovery::records::AccountSeen;
use crate::domain::ids::{AccountId, RoleName, SessionName};
use crate::domain::settings::policy::{NEVER_USED, Policy};
use crate::error::Result;
use crate::flows::discovery::progress::Step;
use crate::flows::discovery::regions::Regions;
use crate::flows::discovery::search::{Depth, Search};
use crate::ui::fitting::GivingWay;
use crate::ui::growing::Growing;
use crate::ui::table::{Output, Row};

/// Which role it is, is what the table is read for.
const GIVING_WAY: GivingWay = GivingWay { first: &["ACCOUNT ID"], last: "ROLE" };

#[derive(Debug, Serialize)]
struct RoleRow {
    session: String,
    account_id: String,
    account_name: String,
    role: String,
    /// The rule of this machine's policy that forbids to use the role, and where it is written.
    forbidden_by: Option<String>,
    /// Whether the table says the session too.
    #[serde(skip)]
    names_session: bool,
}

impl Row for RoleRow {
    const HEADINGS: &'static [&'static str] = &["ACCOUNT", "ACCOUNT ID", "ROLE"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        let session = self.names_session.then_some(&self.session);
        let role = match &self.forbidden_by {
            Some(_) => Cow::from(format!("{} ({NEVER_USED})", self.role)),
            None => Cow::from(&self.role),
        };
        let place = session.into_iter().chain([&self.account_name, &self.account_id]).map(Cow::from);
        place.chain([role]).collect()
    }

    fn name(&self) -> String {
        format!("{}/{}", self.account_id, self.role)
    }
}

impl RoleRow {
    fn new(
        (policy, session): (&Policy, &SessionName),
        id: &AccountId,
        seen: &AccountSeen,
        role: &RoleName,
        names_session: bool,
    ) -> Self {
        Self {
            forbidden_by: policy.role(role.as_str()).err().map(|refused| refused.rule),
            names_session,
            session: session.to_string(),
            account_id: id.to_string(),
            account_name: seen.name.clone(),
            role: role.to_string(),
        }
    }
}

/// Runs `eksso roles`: lists the roles that are assigned.
pub fn run(call: &Call<'_>, args: &RolesArgs) -> Result<()> {
    let all = args.filter.all_sessions;
    let headings = if all { &["SESSION", "ACCOUNT", "ACCOUNT ID", "ROLE"][..] } else { RoleRow::HEADINGS };
    let (settings, policy) = (call.settings()?, call.world.policy()?);
    let (handles, errors) = call.sessions(&settings, all)?;
    let filter = call.filter(&settings, &ClusterFilter { roles: args.filter.clone(), ..ClusterFilter::default() })?;
    let index = Use::of(args.refresh, false);
    let searches = call.searches(&handles, &errors, |handle| {
        let nowhere = Regions { list: Vec::new(), ask: false };
        call.search((handle.cache(), handle), &filter, nowhere, Depth::Roles, index)
    })?;
    // Whoever watches sees rows as they are found; what is known already comes in order.
    let is_watched = call.output() == Output::Table && call.world.terminal.stdout_is_terminal();
    let grows = is_watched && !searches.iter().all(Search::is_all_fresh);
    let table = Growing::new(headings, GIVING_WAY);
    let watch = |search: &Search<'_>, step: Step<'_>| {
        let coming = || {
            let index = search.index.borrow();
            let names = index.accounts.values().map(|seen| seen.name.width());
            vec![("ACCOUNT", names.max().unwrap_or_default())]
        };
        _ = table.tick(call.world, coming);
        if let (true, Step::Roles(account)) = (grows, step) {
            let index = search.index.borrow();
            let Some(seen) = index.accounts.get(account) else { return };
            let roles = seen.roles.iter().flat_map(|roles| roles.what.keys());
            // A reader that went away is noticed by whoever writes to it next.
            roles.filter(|role| filter.role(role.as_str())).for_each(|role| {
                let row = RoleRow::new((policy, &search.handle.session.name), account, seen, role, all);
                _ = table.row(call.world, &row);
            });
        }
    };
    let found = call.find(&searches, &watch)?;
    let searches = call.ended(searches, found, &errors)?;
    let mut rows = Vec::new();
    for search in &searches {
        let index = search.index.borrow();
        let row = |(id, seen, role)| RoleRow::new((policy, &search.handle.session.name), id, seen, role, all);
        rows.extend(index.roles(&filter).map(row));
    }
    if rows.is_empty() {
        // An error has no result beside it.
        call.report_all(&searches, &errors, false, "role")?;
        errors.finish(false)?;
        return call.list((headings, GIVING_WAY), &rows);
    }
    if !grows {
        call.list((headings, GIVING_WAY), &rows)?;
    }
    table.end(call.world)?;
    table.cut().iter().for_each(|line| call.voice.say(call.world, line));
    call.report_all(&searches, &errors, true, "role")?;
    errors.finish(true)
}
