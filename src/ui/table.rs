//! Lists as a table, as JSON, or as bare names.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::io;

use serde::{Serialize, Serializer};
use unicode_width::UnicodeWidthStr;

use crate::domain::text;
use crate::error::{Error, Kind, Result};
use crate::ports::World;

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
    let mut out = Out { world, text: String::new(), failed: None };
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

fn not_json(error: serde_json::Error) -> Error {
    Error::new(Kind::Failed, "the result could not be written as JSON").cause(error)
}

/// Text on its way to stdout.
struct Out<'w> {
    world: &'w World,
    text: String,
    /// What serde cannot carry: the error that ended the writing.
    failed: Option<Error>,
}

impl Out<'_> {
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

    fn flush(&mut self) -> Result<()> {
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
struct Cells {
    text: String,
    /// How many bytes of the text each cell has, and the columns that it takes.
    sizes: Vec<(u32, u32)>,
    widths: Vec<u32>,
}

impl Cells {
    fn new(headings: &[&str]) -> Self {
        let mut cells = Self { text: String::new(), sizes: Vec::new(), widths: vec![0; headings.len()] };
        cells.add(&headings.iter().map(|heading| Cow::from(*heading)).collect::<Vec<_>>());
        cells
    }

    fn add(&mut self, row: &[Cow<'_, str>]) {
        for (cell, widest) in row.iter().zip(&mut self.widths) {
            let cell = text::escape(cell);
            let (bytes, width) = (cell.len() as u32, width(&cell) as u32);
            self.text.push_str(&cell);
            self.sizes.push((bytes, width));
            *widest = width.max(*widest);
        }
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

/// A table that grows: rows are written as they come, each column as wide as it has had to be so far.
#[derive(Default)]
pub struct Growing(RefCell<Option<Cells>>);

impl Growing {
    /// Writes one more row, before the first one the headings.
    pub fn row<R: Row>(&self, world: &World, headings: &[&str], row: &R) -> Result<()> {
        let mut cells = self.0.borrow_mut();
        let cells = cells.get_or_insert_with(|| Cells::new(headings));
        cells.add(&row.cells());
        let mut out = Out { world, text: String::new(), failed: None };
        cells.write(&mut out)?;
        cells.text.clear();
        cells.sizes.clear();
        out.flush()
    }
}

/// A line of cells, two blanks apart, without blanks at its end.
fn put_line(out: &mut String, line: &[(Cow<'_, str>, usize)], widths: &[usize]) {
    let begin = out.len();
    for ((cell, taken), width) in line.iter().zip(widths) {
        out.push_str(cell);
        out.extend(std::iter::repeat_n(' ', width - taken + 2));
    }
    let end = out[begin..].trim_end().len();
    out.truncate(begin + end);
    out.push('\n');
}

/// Rows below the line that they belong to, under common headings, with columns that line up throughout.
pub struct Sections<'s> {
    /// The headings.
    pub headings: &'s [&'s str],
    /// Each with its line.
    pub sections: Vec<(String, Vec<Vec<String>>)>,
}

impl Sections<'_> {
    /// The text, and how many cells were cut so that it fits in a room: of the widest columns first, and none to less than
    /// its heading takes. Lines of sections are whole.
    pub fn fitted(&self, room: Option<usize>) -> (String, usize) {
        if self.sections.is_empty() {
            return (String::new(), 0);
        }
        let cells =
            |row: &[String]| -> Vec<String> { row.iter().map(|cell| text::escape(cell).into_owned()).collect() };
        let sections: Vec<(&str, Vec<Vec<String>>)> = self
            .sections
            .iter()
            .map(|(line, rows)| (line.as_str(), rows.iter().map(|row| cells(row)).collect()))
            .collect();
        let least: Vec<usize> = self.headings.iter().map(|heading| width(heading)).collect();
        let mut widths = least.clone();
        for row in sections.iter().flat_map(|(_, rows)| rows) {
            row.iter().zip(&mut widths).for_each(|(cell, taken)| *taken = (*taken).max(width(cell)));
        }
        if let Some(room) = room {
            // Two blanks before each column.
            while widths.iter().sum::<usize>() + 2 * widths.len() > room {
                let wider = (0..widths.len()).filter(|column| widths[*column] > least[*column]);
                let Some(widest) = wider.max_by_key(|column| widths[*column]) else { break };
                widths[widest] -= 1;
            }
        }
        let mut was_cut = 0;
        let mut out = String::new();
        let mut put = |out: &mut String, row: &[String]| {
            let fit = |(cell, room): (&String, &usize)| {
                let fits = width(cell) <= *room;
                was_cut += usize::from(!fits);
                let cell = if fits { cell.clone() } else { cut(cell, *room) };
                (Cow::from(cell.clone()), width(&cell))
            };
            let line: Vec<(Cow<'_, str>, usize)> = row.iter().zip(&widths).map(fit).collect();
            out.push_str("  ");
            put_line(out, &line, &widths);
        };
        put(&mut out, &self.headings.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>());
        for (line, rows) in &sections {
            out.push_str(&format!("{}\n", text::escape(line)));
            rows.iter().for_each(|row| put(&mut out, row));
        }
        (out, was_cut)
    }
}

/// As much of a text as takes some columns, with an ellipsis.
pub fn cut(text: &str, columns: usize) -> String {
    let mut out = String::new();
    for sign in text.chars() {
        out.push(sign);
        if width(&out) >= columns {
            out.pop();
            break;
        }
    }
    format!("{}…", out.trim_end())
}

fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_fit_the_room_and_tell_how_many_cells_were_cut() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let table = Sections {
            headings: &["WHO", "RIGHTS", "STATE"],
            sections: vec![
                ("Production/web\u{1b}".into(), vec![row(["EKS Developers of all teams", "edit:web", "alive"])]),
                ("b".into(), vec![row(["数据数据数据数据数据数据数据", "-", "unknown"])]),
            ],
        };
        let (whole, was_cut) = table.fitted(None);
        assert!(whole.contains("EKS Developers of all teams   edit:web  alive\n") && was_cut == 0, "{whole}");
        let (narrow, was_cut) = table.fitted(Some(36));
        assert_eq!(was_cut, 2, "{narrow}");
        assert!(narrow.lines().all(|line| width(line) <= 36), "{narrow}");
        assert!(
            narrow.contains("EKS Developers…") && narrow.contains("unknown") && !narrow.contains('\u{1b}'),
            "{narrow}"
        );
    }

    #[test]
    fn cells_are_as_wide_as_they_show_and_control_characters_show() {
        let mut cells = Cells::new(&["NAME", "B"]);
        cells.add(&["数据", "x\u{1b}"].map(Cow::from));
        assert_eq!((cells.text.as_str(), cells.widths.as_slice()), ("NAMEB数据x\\u{1b}", &[4, 7][..]));
        assert_eq!(cells.sizes, [(4, 4), (1, 1), (6, 4), (7, 7)]);
    }
}
