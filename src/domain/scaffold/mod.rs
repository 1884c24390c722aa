//! How it should be: from `access.toml`, which people review, to roles, policies, entries and bindings as code.

mod cloudformation;
pub mod code;
pub mod drift;
pub mod example;
pub mod from_live;
pub mod import;
pub mod kinds;
mod kubernetes;
pub mod management_guard;
pub mod okta;
pub mod plan;
pub mod planned;
pub mod policies;
pub mod readme;
pub mod role;
pub mod table;
mod terraform;
mod values;

use std::collections::BTreeMap;

use crate::domain::audit::access_file::FileError;
use crate::domain::scaffold::kinds::Kinds;
use crate::domain::scaffold::plan::Plan;

/// The files that a plan comes to, by their paths below the folder; the same for the same plan, whatever the day.
///
/// # Errors
/// A document is larger than AWS takes it; with the line of what makes it so.
pub fn files(plan: &Plan, kinds: Kinds) -> Result<BTreeMap<String, String>, FileError> {
    if let Some((line, message)) = policies::oversize(plan) {
        return Err(FileError { line: Some(line), message });
    }
    let mut files = BTreeMap::new();
    if kinds.terraform {
        files.extend(terraform::files(plan));
    }
    if kinds.cloudformation {
        files.extend(cloudformation::files(plan).map_err(|message| FileError { line: None, message })?);
    }
    if kinds.kubernetes {
        files.extend(kubernetes::files(plan));
    }
    files.insert("README.md".into(), readme::text(plan));
    Ok(files)
}
