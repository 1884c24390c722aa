//! `--html FILE`: the page, written to a file that only its owner can read.

use crate::commands::access::reading::Reading;
use crate::commands::shared::call::Call;
use crate::commands::shared::new_file::NewFile;
use crate::commands::shared::page::write_page;
use crate::domain::access::grant::Grant;
use crate::error::Result;
use crate::ui::page::Page;

/// Writes it.
pub fn write(call: &Call<'_>, reading: &Reading, grants: &[&Grant], title: &str, file: &NewFile<'_>) -> Result<()> {
    let grants: Vec<Grant> = grants.iter().map(|grant| (*grant).clone()).collect();
    let made = reading.made(call);
    let notes = reading.gap_lines();
    let names = |account: &_| reading.name_of(account).to_owned();
    let page = Page { title, made: &made, grants: &grants, account_name: &names, notes: &notes, findings: None };
    write_page(call, file, &page)
}
