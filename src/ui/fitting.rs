//! Tables in a room that is too small for them: columns are narrowed and left out, and what was cut is told.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use crate::domain::text;
use crate::ui::say::count;

/// How a table gives way to a room that is too small for it.
#[derive(Debug, Clone, Copy)]
pub struct GivingWay {
    /// The columns that are narrowed first, and, where that is not enough, left out, the first one first.
    pub first: &'static [&'static str],
    /// The column that is cut last: what the table is read for.
    pub last: &'static str,
}

/// What of a table did not fit in its room.
#[derive(Debug, Default)]
pub struct Cut {
    /// How many cells end early.
    pub cells: usize,
    /// Columns that are not there.
    pub columns: Vec<String>,
}

impl Cut {
    /// What a person is to know of it; `None` where all is there.
    pub fn words(&self) -> Option<String> {
        let cells = (self.cells > 0).then(|| format!("{} cut", count(self.cells, "cell")));
        let columns = (!self.columns.is_empty()).then(|| format!("{} left out", self.columns.join(", ")));
        let parts: Vec<String> = columns.into_iter().chain(cells).collect();
        let rest = "to the width of this terminal; a wider one, or -o json, shows all of it.";
        (!parts.is_empty()).then(|| format!("{} {rest}", parts.join(", ")))
    }
}

/// A column that is cut to less than this says little.
const READABLE: usize = 12;
/// The same of the column that a table is read for; others are left out before.
const READABLE_LAST: usize = 24;

/// The width of each column so that all of them, each with what parts it from the next, fit in a room; `None` for one that is
/// left out.
pub(super) fn fit(headings: &[&str], natural: &[usize], room: usize, way: GivingWay) -> Vec<Option<usize>> {
    let least: Vec<usize> = headings.iter().map(|heading| width(heading)).collect();
    let no_less = |column: usize, readable: usize| natural[column].min(readable).max(least[column]);
    let is_first = |column: usize| way.first.contains(&headings[column]);
    let is_last = |column: usize| way.last == headings[column];
    let mut out: Vec<usize> = Vec::new();
    let mut leaving = way.first.iter().filter_map(|name| headings.iter().position(|heading| heading == name));
    loop {
        let there: Vec<usize> = (0..headings.len()).filter(|column| !out.contains(column)).collect();
        let mut widths = natural.to_vec();
        let narrow = |widths: &mut Vec<usize>, of: &dyn Fn(usize) -> bool, least: &dyn Fn(usize) -> usize| {
            while there.iter().map(|column| widths[*column] + 2).sum::<usize>() > room {
                let wider = there.iter().copied().filter(|column| of(*column) && widths[*column] > least(*column));
                let Some(widest) = wider.max_by_key(|column| widths[*column]) else { return false };
                widths[widest] -= 1;
            }
            true
        };
        let fits = narrow(&mut widths, &is_first, &|column| least[column])
            || narrow(&mut widths, &|column| !is_first(column) && !is_last(column), &|column| {
                no_less(column, READABLE)
            })
            || narrow(&mut widths, &is_last, &|column| no_less(column, READABLE_LAST));
        if !fits {
            if let Some(column) = leaving.next() {
                out.push(column);
                continue;
            }
            narrow(&mut widths, &|column| !is_last(column), &|column| least[column]);
            narrow(&mut widths, &|_| true, &|column| least[column]);
        }
        return (0..headings.len()).map(|column| there.contains(&column).then(|| widths[column])).collect();
    }
}

/// The headings of the columns that have no width.
pub(super) fn left_out(headings: &[&str], widths: &[Option<usize>]) -> Vec<String> {
    let gone = headings.iter().zip(widths).filter(|(_, width)| width.is_none());
    gone.map(|(heading, _)| (*heading).to_owned()).collect()
}

/// A line of cells in columns of these widths.
pub(super) fn put_fitted(out: &mut String, row: &[String], widths: &[Option<usize>], was_cut: &mut Cut) {
    let there = row.iter().zip(widths).filter_map(|(cell, room)| Some((cell, (*room)?)));
    let (mut line, mut rooms) = (Vec::new(), Vec::new());
    for (cell, room) in there {
        let fits = width(cell) <= room;
        was_cut.cells += usize::from(!fits);
        let shown = if fits { cell.clone() } else { cut(cell, room) };
        let taken = width(&shown);
        line.push((Cow::from(shown), taken));
        rooms.push(room);
    }
    put_line(out, &line, &rooms);
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

pub(super) fn width(text: &str) -> usize {
    if text::is_plain(text) { text.len() } else { text.width() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_column_that_a_table_is_read_for_is_cut_last_and_others_are_left_out_for_it() {
        let headings = ["WHO", "ROLE", "MAPPED AS", "RIGHTS", "WAY IN", "STATE"];
        let way = GivingWay { first: &["WAY IN", "MAPPED AS"], last: "RIGHTS" };
        let natural = [20, 14, 30, 24, 16, 7];
        let taken = |widths: &[Option<usize>]| widths.iter().flatten().map(|width| width + 2).sum::<usize>();
        for room in 20..160 {
            let widths = fit(&headings, &natural, room, way);
            assert!(taken(&widths) <= room.max(33), "{room}: {widths:?}");
            let is_kept = widths[3] == Some(24);
            assert!(is_kept || widths[2].is_none(), "{room}: {widths:?}");
            assert!(is_kept || widths[3] >= Some(12) || widths[0] == Some(3), "{room}: {widths:?}");
        }
        assert_eq!(fit(&headings, &natural, 123, way), natural.map(Some));
        assert_eq!(fit(&headings, &natural, 60, way)[3], Some(24));
    }
}
