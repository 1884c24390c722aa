//! Lists as a table, as JSON, or as bare names.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;

use serde::Serialize;
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

/// Writes rows to stdout in the wanted form.
pub fn show<R: Row>(world: &World, output: Output, rows: &[R]) -> Result<()> {
    let text = match output {
        Output::Table => table(R::HEADINGS, rows.iter().map(Row::cells)),
        Output::Name => {
            let mut seen = HashSet::new();
            let names = rows.iter().map(Row::name).filter(|name| seen.insert(name.clone()));
            names.map(|name| format!("{}\n", text::escape(&name))).collect()
        }
        Output::Json => {
            let json = serde_json::to_string_pretty(rows)
                .map_err(|error| Error::new(Kind::Failed, "the result could not be written as JSON").cause(error))?;
            format!("{json}\n")
        }
    };
    world.terminal.data(&text)
}

/// Writes one row as a line of JSON.
pub fn line<R: Row>(world: &World, row: &R) -> Result<()> {
    let json = serde_json::to_string(row)
        .map_err(|error| Error::new(Kind::Failed, "the result could not be written as JSON").cause(error))?;
    world.terminal.data(&format!("{json}\n"))
}

/// A table that grows: rows are written as they come, each column as wide as it has had to be so far.
#[derive(Debug, Default)]
pub struct Growing(RefCell<Vec<usize>>);

impl Growing {
    /// Writes one more row, before the first one the headings.
    pub fn row<R: Row>(&self, world: &World, row: &R) -> Result<()> {
        let mut widths = self.0.borrow_mut();
        let is_first = widths.is_empty();
        widths.resize(R::HEADINGS.len(), 0);
        let heading = measured(R::HEADINGS.iter().map(|heading| Cow::from(*heading)));
        let cells = measured(row.cells().into_iter());
        let mut out = String::new();
        let lines = if is_first { vec![&heading, &cells] } else { vec![&cells] };
        for line in &lines {
            line.iter().zip(widths.iter_mut()).for_each(|((_, taken), width)| *width = (*width).max(*taken));
        }
        lines.iter().for_each(|line| put_line(&mut out, line, &widths));
        world.terminal.data(&out)
    }
}

/// Cells as a terminal may see them, with the columns they take.
fn measured<'c>(cells: impl Iterator<Item = Cow<'c, str>>) -> Vec<(Cow<'c, str>, usize)> {
    let safe = |cell| match cell {
        Cow::Borrowed(text) => text::escape(text),
        Cow::Owned(text) => Cow::Owned(text::escape(&text).into_owned()),
    };
    cells.map(safe).map(|cell| (width(&cell), cell)).map(|(width, cell)| (cell, width)).collect()
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

/// Columns two blanks apart, foreign text escaped; nothing at all for no rows.
fn table<'r>(headings: &[&str], rows: impl Iterator<Item = Vec<Cow<'r, str>>>) -> String {
    let heading = headings.iter().map(|heading| Cow::from((*heading).to_owned())).collect();
    let lines: Vec<Vec<(Cow<'_, str>, usize)>> =
        std::iter::once(heading).chain(rows).map(|row| measured(row.into_iter())).collect();
    if lines.len() == 1 {
        return String::new();
    }
    let widths: Vec<usize> =
        (0..headings.len()).map(|column| lines.iter().map(|line| line[column].1).max().unwrap_or_default()).collect();
    let mut out = String::with_capacity(lines.len() * (widths.iter().sum::<usize>() + 2 * widths.len()));
    lines.iter().for_each(|line| put_line(&mut out, line, &widths));
    out
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
fn cut(text: &str, columns: usize) -> String {
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
        assert!(whole.contains("EKS Developers of all teams  edit:web  alive\n") && was_cut == 0, "{whole}");
        let (narrow, was_cut) = table.fitted(Some(36));
        assert_eq!(was_cut, 2, "{narrow}");
        assert!(narrow.lines().all(|line| width(line) <= 36), "{narrow}");
        assert!(
            narrow.contains("EKS Develope…") && narrow.contains("unknown") && !narrow.contains('\u{1b}'),
            "{narrow}"
        );
    }

    #[test]
    fn columns_line_up_and_control_characters_show() {
        let rows = [["数据", "x\u{1b}"], ["a", "y"]].map(|row| row.map(Cow::from).to_vec());
        assert_eq!(table(&["NAME", "B"], rows.into_iter()), "NAME  B\n数据  x\\u{1b}\na     y\n");
    }
}
