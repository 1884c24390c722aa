//! Results: lists in the form of `-o`, and pages.

use crate::commands::shared::call::Call;
use crate::commands::shared::new_file::NewFile;
use crate::error::Result;
use crate::ui::fitting::GivingWay;
use crate::ui::page::Page;
use crate::ui::table::{Row, show_fitted};

impl Call<'_> {
    /// Writes rows in the form of `-o`; says what of a table the terminal has no room for.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn list<R: Row>(&self, (headings, way): (&[&str], GivingWay), rows: impl IntoIterator<Item = R>) -> Result<()> {
        let was_cut = show_fitted(self.world, self.output(), (headings, way), rows)?;
        was_cut.words().iter().for_each(|line| self.voice.say(self.world, line));
        Ok(())
    }
}

/// Writes a page, and says how it is opened.
///
/// # Errors
/// The file cannot be written.
pub fn write_page(call: &Call<'_>, file: &NewFile<'_>, page: &Page<'_>) -> Result<()> {
    file.write(&page.html()?)?;
    call.voice.say(call.world, &format!("Wrote {}; it opens in any browser and asks no network.", file.shown()));
    Ok(())
}
