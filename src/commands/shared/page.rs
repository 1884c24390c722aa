//! Writing an HTML page where a person wants it.

use crate::commands::shared::call::Call;
use crate::commands::shared::new_file::NewFile;
use crate::error::Result;
use crate::ui::page::Page;

/// Writes a page, and says how it is opened.
pub fn write_page(call: &Call<'_>, file: &NewFile<'_>, page: &Page<'_>) -> Result<()> {
    file.write(&page.html()?)?;
    call.voice.say(call.world, &format!("Wrote {}; it opens in any browser and asks no network.", file.shown()));
    Ok(())
}
