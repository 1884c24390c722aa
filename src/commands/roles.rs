//! `eksso roles`: the accounts and roles of a session.

use std::cell::RefCell;

use serde::Serialize;

use super::{Call, block_on, clusters::report};
use crate::cli::RolesArgs;
use crate::domain::filter::Filter;
use crate::error::Result;
use crate::flows::discovery::Search;
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

    fn cells(&self) -> Vec<String> {
        vec![self.account_name.clone(), self.account_id.clone(), self.role.clone()]
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
    let access = call.access(session, keyring)?;
    let cache = call.world.keyrings.sealed(keyring);
    let filter = Filter::from(&args.filter);
    let progress = |line: &str| call.progress(line);
    let search = Search {
        world: call.world,
        cache: cache.as_ref(),
        access: &access,
        filter: &filter,
        progress: &progress,
        credentials: RefCell::default(),
    };
    let findings = block_on(search.roles());
    call.progress("");
    let findings = findings?;
    let rows: Vec<RoleRow> = findings
        .found
        .iter()
        .map(|at| RoleRow {
            session: access.session.name.to_string(),
            account_id: at.account.id.to_string(),
            account_name: at.account.name.clone(),
            role: at.role.to_string(),
        })
        .collect();
    show(call.world, call.output(), &rows)?;
    report(call, &findings, rows.len(), "role")
}
