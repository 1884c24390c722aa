//! Tables of the commands that list.

use crate::commands::shared::call::Call;
use crate::error::Result;
use crate::ui::table::{GivingWay, Row, show_fitted};

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
