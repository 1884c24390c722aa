//! Writing an HTML page where a person wants it.

use std::path::Path;

use crate::commands::shared::call::Call;
use crate::error::Result;
use crate::ui::page::Page;

/// Writes a page, and says how it is opened.
pub fn write_page(call: &Call<'_>, file: &Path, page: &Page<'_>) -> Result<()> {
    call.world.files.replace(file, page.html()?.as_bytes())?;
    call.voice.say(call.world, &format!("Wrote {}; it opens in any browser and asks no network.", file.display()));
    Ok(())
}
