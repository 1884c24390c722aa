//! Lists as a table, as JSON, or as bare names.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;

use serde::{Serialize, Serializer};

use crate::domain::text;
use crate::error::{Error, Kind, Result};
use crate::ports::World;
use crate::ui::fitting::{Cut, GivingWay, fit, left_out, put_fitted, width};

/// The form of `-o`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// Columns for people.
    #[default]
    Table,
    /// One array of flat objects.
    Json,
    /// One name a line.
    Name,
}

/// A row that can be shown in each form. Its JSON fields are documented and stable.
pub trait Row: Serialize {
    /// The headings of the table.
    const HEADINGS: &'static [&'static str];
    /// The cells of this row, one for each heading.
    fn cells(&self) -> Vec<Cow<'_, str>>;
    /// The name for `-o name`.
    fn name(&self) -> String;
}

impl<R: Row> Row for &R {
    const HEADINGS: &'static [&'static str] = R::HEADINGS;

    fn cells(&self) -> Vec<Cow<'_, str>> {
        (*self).cells()
    }

    fn name(&self) -> String {
        (*self).name()
    }
}

/// What is written to stdout at once. The rows of a large organisation take megabytes.
const PART: usize = 64 << 10;

/// Writes rows to stdout in the wanted form, part by part: the rows are made one after the other.
pub fn show<R: Row>(world: &World, output: Output, rows: impl IntoIterator<Item = R>) -> Result<()> {
    show_as(world, output, R::HEADINGS, rows)
}

/// The same under other headings: those of the cells that these rows have.
pub fn show_as<R: Row>(
    world: &World,
    output: Output,
    headings: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> Result<()> {
    let mut out = Out::new(world);
    match output {
        Output::Table => {
            let mut cells = Cells::new(headings);
            rows.into_iter().for_each(|row| cells.add(&row.cells()));
            // Nothing at all for no rows.
            if cells.sizes.len() > headings.len() {
                cells.write(&mut out)?;
            }
        }
        Output::Name => {
            let mut seen = HashSet::new();
            for row in rows {
                let name = row.name();
                if !seen.contains(&name) {
                    out.text.push_str(&text::escape(&name));
                    out.text.push('\n');
                    out.flush_if_full()?;
                    seen.insert(name);
                }
            }
        }
        Output::Json => {
            let mut serializer = serde_json::Serializer::pretty(&mut out);
            let written = serializer.collect_seq(rows);
            if let Some(error) = out.failed.take() {
                return Err(error);
            }
            written.map_err(not_json)?;
            out.text.push('\n');
        }
    }
    out.flush()
}

/// The same, where a terminal is too narrow: columns give way so that each row is one line.
pub fn show_fitted<R: Row>(
    world: &World,
    output: Output,
    (headings, way): (&[&str], GivingWay),
    rows: impl IntoIterator<Item = R>,
) -> Result<Cut> {
    if output != Output::Table || !world.terminal.stdout_is_terminal() {
        return show_as(world, output, headings, rows).map(|()| Cut::default());
    }
    let mut cells = Cells::new(headings);
    rows.into_iter().for_each(|row| cells.add(&row.cells()));
    // Nothing at all for no rows.
    if cells.sizes.len() > headings.len() { cells.write_fitted((headings, way), world) } else { Ok(Cut::default()) }
}

fn not_json(error: serde_json::Error) -> Error {
    Error::new(Kind::Failed, "the result could not be written as JSON").cause(error)
}

/// Text on its way to stdout.
pub(super) struct Out<'w> {
    world: &'w World,
    pub text: String,
    /// What serde cannot carry: the error that ended the writing.
    failed: Option<Error>,
}

impl<'w> Out<'w> {
    pub fn new(world: &'w World) -> Self {
        Self { world, text: String::new(), failed: None }
    }

    /// Writes what ends with a line. A part must not end elsewhere: what is withheld from stdout is looked for line by line.
    fn flush_if_full(&mut self) -> Result<()> {
        if self.text.len() < PART {
            return Ok(());
        }
        let end = self.text.rfind('\n').map_or(0, |at| at + 1);
        if end > 0 {
            self.world.terminal.data(&self.text[..end])?;
            self.text.drain(..end);
        }
        Ok(())
    }

    pub fn flush(&mut self) -> Result<()> {
        let text = std::mem::take(&mut self.text);
        if text.is_empty() { Ok(()) } else { self.world.terminal.data(&text) }
    }
}

impl io::Write for Out<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.push_str(std::str::from_utf8(bytes).map_err(io::Error::other)?);
        self.flush_if_full().map(|()| bytes.len()).map_err(|error| {
            self.failed = Some(error);
            io::ErrorKind::Other.into()
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The cells of a table in one text, as each column is as wide as its widest cell.
pub(super) struct Cells {
    text: String,
    /// How many bytes of the text each cell has, and the columns that it takes.
    sizes: Vec<(u32, u32)>,
    pub widths: Vec<u32>,
}

impl Cells {
    pub fn new(headings: &[&str]) -> Self {
        let mut cells = Self { text: String::new(), sizes: Vec::new(), widths: vec![0; headings.len()] };
        cells.add(&headings.iter().map(|heading| Cow::from(*heading)).collect::<Vec<_>>());
        cells
    }

    pub fn add(&mut self, row: &[Cow<'_, str>]) {
        for (cell, widest) in row.iter().zip(&mut self.widths) {
            let cell = text::escape(cell);
            let (bytes, width) = (cell.len() as u32, width(&cell) as u32);
            self.text.push_str(&cell);
            self.sizes.push((bytes, width));
            *widest = width.max(*widest);
        }
    }

    /// Whether no row was added since they were written.
    pub fn is_empty(&self) -> bool {
        self.sizes.is_empty()
    }

    /// Forgets the rows, not how wide they were.
    pub fn clear(&mut self) {
        self.text.clear();
        self.sizes.clear();
    }

    /// Each row.
    pub fn each(&self, mut put: impl FnMut(&[String])) {
        let mut begin = 0;
        for line in self.sizes.chunks(self.widths.len()) {
            let mut row = Vec::with_capacity(line.len());
            for (bytes, _) in line {
                let end = begin + *bytes as usize;
                row.push(self.text[begin..end].to_owned());
                begin = end;
            }
            put(&row);
        }
    }

    /// In lines that a terminal has room for.
    fn write_fitted(&self, (headings, way): (&[&str], GivingWay), world: &World) -> Result<Cut> {
        let natural: Vec<usize> = self.widths.iter().map(|width| *width as usize).collect();
        // Nothing follows the last column.
        let widths = fit(headings, &natural, world.terminal.width() + 2, way);
        let mut was_cut = Cut { cells: 0, columns: left_out(headings, &widths) };
        let mut out = Out::new(world);
        self.each(|row| put_fitted(&mut out.text, row, &widths, &mut was_cut));
        out.flush()?;
        Ok(was_cut)
    }

    /// Columns two blanks apart.
    fn write(&self, out: &mut Out<'_>) -> Result<()> {
        let widest = self.widths.iter().max().copied().unwrap_or_default();
        let blanks = " ".repeat(widest as usize + 2);
        let mut begin = 0;
        for line in self.sizes.chunks(self.widths.len()) {
            let start = out.text.len();
            for ((bytes, taken), width) in line.iter().zip(&self.widths) {
                let end = begin + *bytes as usize;
                out.text.push_str(&self.text[begin..end]);
                out.text.push_str(&blanks[..(width - taken + 2) as usize]);
                begin = end;
            }
            end_line(&mut out.text, start);
            out.flush_if_full()?;
        }
        Ok(())
    }
}

/// Ends a line that began there, without blanks at its end.
fn end_line(out: &mut String, start: usize) {
    let end = out[start..].trim_end().len();
    out.truncate(start + end);
    out.push('\n');
}

/// Writes one row as a line of JSON.
pub fn line<R: Row>(world: &World, row: &R) -> Result<()> {
    let json = serde_json::to_string(row).map_err(not_json)?;
    world.terminal.data(&format!("{json}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_as_wide_as_they_show_and_control_characters_show() {
        let mut cells = Cells::new(&["NAME", "B"]);
        cells.add(&["数据", "x\u{1b}"].map(Cow::from));
        assert_eq!((cells.text.as_str(), cells.widths.as_slice()), ("NAMEB数据x\\u{1b}", &[4, 7][..]));
        assert_eq!(cells.sizes, [(4, 4), (1, 1), (6, 4), (7, 7)]);
    }
}
