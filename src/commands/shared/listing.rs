//! Tables of the commands that list.

use crate::commands::shared::call::Call;
use crate::error::Result;
use crate::ui::table::{Cut, GivingWay, Row, show_fitted, show_many};

impl Call<'_> {
    /// Writes rows in the form of `-o`; says what of a table the terminal has no room for.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn list<R: Row>(&self, (headings, way): (&[&str], GivingWay), rows: impl IntoIterator<Item = R>) -> Result<()> {
        self.tell_cut(&show_fitted(self.world, self.output(), (headings, way), rows)?);
        Ok(())
    }

    /// The same of many rows, of which several threads make what is shown.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn list_many<'t, T: Sync, R: Row>(
        &self,
        columns: (&[&str], GivingWay),
        things: &'t [T],
        row: impl Fn(&'t T) -> R + Sync,
    ) -> Result<()> {
        self.tell_cut(&show_many(self.world, self.output(), columns, things, row)?);
        Ok(())
    }

    fn tell_cut(&self, cut: &Cut) {
        cut.words().iter().for_each(|line| self.voice.say(self.world, line));
    }
}
