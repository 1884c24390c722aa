//! `eksso roles`: the accounts and roles of a session.

use std::borrow::Cow;

use serde::Serialize;

use crate::cli::{ClusterFilter, RolesArgs};
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::search::Use;
use crate::domain::discovery::index::AccountSeen;
use crate::domain::ids::{AccountId, RoleName};
use crate::error::Result;
use crate::flows::discovery::progress::Step;
use crate::flows::discovery::regions::Regions;
use crate::flows::discovery::search::{Depth, Search};
use crate::ui::table::{Growing, Output, Row, show};

#[derive(Debug, Serialize)]
struct RoleRow {
    session: String,
    account_id: String,
    account_name: String,
    role: String,
}

impl Row for RoleRow {
    const HEADINGS: &'static [&'static str] = &["ACCOUNT", "ACCOUNT ID", "ROLE"];

    fn cells(&self) -> Vec<Cow<'_, str>> {
        [&self.account_name, &self.account_id, &self.role].map(Cow::from).to_vec()
    }

    fn name(&self) -> String {
        format!("{}/{}", self.account_id, self.role)
    }
}

/// Lists them.
pub fn run(call: &Call<'_>, args: &RolesArgs) -> Result<()> {
    let settings = call.settings()?;
    let session = settings.require(call.world, call.globals.session.as_deref())?;
    let keyring = call.keyring(&settings)?;
    let handle = call.open(session, keyring)?;
    let cache = handle.cache();
    let filter = call.filter(&settings, &ClusterFilter { roles: args.filter.clone(), ..ClusterFilter::default() })?;
    let nowhere = Regions { list: Vec::new(), ask: false };
    let index = Use::of(args.refresh, false);
    let search = call.search((cache, &handle), &filter, nowhere, Depth::Roles, index)?;
    let row = |id: &AccountId, seen: &AccountSeen, role: &RoleName| RoleRow {
        session: handle.session.name.to_string(),
        account_id: id.to_string(),
        account_name: seen.name.clone(),
        role: role.to_string(),
    };
    // Whoever watches sees rows as they are found; what is known already comes in order.
    let grows = call.output() == Output::Table && call.world.terminal.stdout_is_terminal() && !search.is_all_fresh();
    let table = Growing::default();
    let watch = |search: &Search<'_>, step: Step<'_>| {
        if let (true, Step::Roles(account)) = (grows, step) {
            let index = search.index.borrow();
            let Some(seen) = index.accounts.get(account) else { return };
            let roles = seen.roles.iter().flat_map(|roles| roles.what.keys());
            // A reader that went away is noticed by whoever writes to it next.
            roles
                .filter(|role| filter.role(role.as_str()))
                .for_each(|role| _ = table.row(call.world, &row(account, seen, role)));
        }
    };
    block_on(call.find(&search, &watch))?;
    let rows: Vec<RoleRow> = search.index.borrow().roles(&filter).map(|(id, seen, role)| row(id, seen, role)).collect();
    if grows && !rows.is_empty() {
        return call.report(&search, !rows.is_empty(), "role");
    }
    if !rows.is_empty() {
        show(call.world, call.output(), &rows)?;
    }
    call.report(&search, !rows.is_empty(), "role")?;
    if rows.is_empty() { show(call.world, call.output(), &rows) } else { Ok(()) }
}
