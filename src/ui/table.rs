//! Lists as a table, as JSON, or as bare names.

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
    fn cells(&self) -> Vec<String>;
    /// The name for `-o name`.
    fn name(&self) -> String;
}

/// Writes rows to stdout in the wanted form.
pub fn show<R: Row>(world: &World, output: Output, rows: &[R]) -> Result<()> {
    let text = match output {
        Output::Table => table(R::HEADINGS, &rows.iter().map(Row::cells).collect::<Vec<_>>()),
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
    world.terminal.data(text.as_bytes())
}

/// Columns two blanks apart, foreign text escaped; nothing at all for no rows.
fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let heading: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(&heading)
        .chain(rows)
        .map(|row| row.iter().map(|cell| text::escape(cell).into_owned()).collect())
        .collect();
    let widths: Vec<usize> = (0..headings.len())
        .map(|column| lines.iter().map(|line| line[column].width()).max().unwrap_or_default())
        .collect();
    let mut out = String::new();
    for line in lines {
        let mut text = String::new();
        for (cell, width) in line.iter().zip(&widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', width - cell.width() + 2));
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_control_characters_show() {
        let rows = [vec!["数据".to_owned(), "x\u{1b}".to_owned()], vec!["a".to_owned(), "y".to_owned()]];
        assert_eq!(table(&["NAME", "B"], &rows), "NAME  B\n数据  x\\u{1b}\na     y\n");
    }
}
