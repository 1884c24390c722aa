//! `eksso roles`: the accounts and roles of a session.

use std::borrow::Cow;

use serde::Serialize;

use crate::cli::RolesArgs;
use crate::commands::shared::call::{Call, block_on};
use crate::commands::shared::search::Use;
use crate::domain::filter::Filter;
use crate::error::Result;
use crate::flows::discovery::regions::Regions;
use crate::flows::discovery::search::Depth;
use crate::ui::table::{Row, show};

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
    let filter = Filter::from(&args.filter);
    let nowhere = Regions { list: Vec::new(), ask: false };
    let index = Use::of(args.refresh, false);
    let search = call.search((cache, &handle), &filter, nowhere, Depth::Roles, index)?;
    block_on(call.find(&search, &|_, _| {}))?;
    let rows: Vec<RoleRow> = search
        .index
        .borrow()
        .roles(&filter)
        .map(|(id, seen, role)| RoleRow {
            session: handle.session.name.to_string(),
            account_id: id.to_string(),
            account_name: seen.name.clone(),
            role: role.to_string(),
        })
        .collect();
    if !rows.is_empty() {
        show(call.world, call.output(), &rows)?;
    }
    call.report(&search, rows.len(), "role")?;
    if rows.is_empty() { show(call.world, call.output(), &rows) } else { Ok(()) }
}
