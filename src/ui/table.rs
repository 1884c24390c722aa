//! Lists as a table, as JSON, or as bare names.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::io;

use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};
use unicode_width::UnicodeWidthStr;

use crate::domain::text;
use crate::error::{Error, Kind, Result};
use crate::ports::World;
use crate::ui::say::count;

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

    /// Each row.
    fn each(&self, mut put: impl FnMut(&[String])) {
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
        let mut out = Out { world, text: String::new(), failed: None };
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

/// For how long the first rows of a table that grows are held back: columns are as wide as these need.
const HELD_BACK: SignedDuration = SignedDuration::from_secs(1);

/// A table that grows on a terminal: rows are written as they come, all of them in columns of the same widths. A cell that comes later and is wider
/// takes from the blanks behind it, and is cut where the terminal has no room for it.
pub struct Growing<'h> {
    headings: &'h [&'h str],
    way: GivingWay,
    /// Rows that are held back.
    held: RefCell<Cells>,
    since: Cell<Option<Timestamp>>,
    widths: RefCell<Option<Vec<Option<usize>>>>,
    /// Whether columns gave way: then what is wider than its column is cut in each row.
    is_narrow: Cell<bool>,
    was_cut: RefCell<Cut>,
}

impl<'h> Growing<'h> {
    /// Without rows.
    pub fn new(headings: &'h [&'h str], way: GivingWay) -> Self {
        let held = RefCell::new(Cells::new(headings));
        Self {
            headings,
            way,
            held,
            since: Cell::default(),
            widths: RefCell::default(),
            is_narrow: Cell::default(),
            was_cut: RefCell::default(),
        }
    }

    /// Takes one more row.
    pub fn row<R: Row>(&self, world: &World, row: &R) -> Result<()> {
        self.held.borrow_mut().add(&row.cells());
        self.since.set(self.since.get().or_else(|| Some(world.clock.now())));
        if self.widths.borrow().is_some() { self.end(world) } else { Ok(()) }
    }

    /// Writes what was held back for long enough. `coming`: headings, with how wide the cells below them will be as far as is known.
    pub fn tick<'c>(&self, world: &World, coming: impl FnOnce() -> Vec<(&'c str, usize)>) -> Result<()> {
        let now = world.clock.now();
        if self.widths.borrow().is_some() || self.since.get().is_none_or(|since| now.duration_since(since) < HELD_BACK)
        {
            return Ok(());
        }
        for (heading, columns) in coming() {
            if let Some(at) = self.headings.iter().position(|known| *known == heading) {
                let widest = &mut self.held.borrow_mut().widths[at];
                *widest = (columns as u32).max(*widest);
            }
        }
        self.end(world)
    }

    /// Writes the rows that were held back.
    pub fn end(&self, world: &World) -> Result<()> {
        let mut held = self.held.borrow_mut();
        if self.since.get().is_none() || held.sizes.is_empty() {
            return Ok(());
        }
        let room = world.terminal.width();
        let mut widths = self.widths.borrow_mut();
        let widths = widths.get_or_insert_with(|| {
            let natural: Vec<usize> = held.widths.iter().map(|width| *width as usize).collect();
            // Nothing follows the last column.
            self.is_narrow.set(natural.iter().map(|width| width + 2).sum::<usize>() > room + 2);
            fit(self.headings, &natural, room + 2, self.way)
        });
        let mut was_cut = self.was_cut.borrow_mut();
        was_cut.columns = left_out(self.headings, widths);
        let mut out = Out { world, text: String::new(), failed: None };
        held.each(|row| match self.is_narrow.get() {
            true => put_fitted(&mut out.text, row, widths, &mut was_cut),
            false => put_in_line(&mut out.text, row, widths, room, &mut was_cut),
        });
        held.text.clear();
        held.sizes.clear();
        out.flush()
    }

    /// What of the rows so far did not fit.
    pub fn cut(&self) -> Option<String> {
        self.was_cut.borrow().words()
    }
}

/// A row in columns of these widths: what is wider goes on over the blanks behind it, as long as the row is one line of the room.
fn put_in_line(out: &mut String, row: &[String], widths: &[Option<usize>], room: usize, was_cut: &mut Cut) {
    let (mut column, mut taken, mut line) = (0, 0, String::new());
    for (cell, width_of) in row.iter().zip(widths).filter_map(|(cell, columns)| Some((cell, (*columns)?))) {
        let begin = if taken == 0 { 0 } else { column.max(taken + 2) };
        line.extend(std::iter::repeat_n(' ', begin - taken));
        line.push_str(cell);
        taken = begin + width(cell);
        column += width_of + 2;
    }
    if taken <= room {
        out.push_str(line.trim_end());
        out.push('\n');
    } else {
        put_fitted(out, row, widths, was_cut);
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
fn fit(headings: &[&str], natural: &[usize], room: usize, way: GivingWay) -> Vec<Option<usize>> {
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

/// Rows below the line that they belong to, under common headings, with columns that line up throughout.
pub struct Sections<'s> {
    /// The headings.
    pub headings: &'s [&'s str],
    /// Each with its line.
    pub sections: Vec<(String, Vec<Vec<String>>)>,
}

impl Sections<'_> {
    /// The text, and what of it was cut so that it fits in a room. Lines of sections are whole.
    pub fn fitted(&self, room: Option<usize>, way: GivingWay) -> (String, Cut) {
        if self.sections.is_empty() {
            return (String::new(), Cut::default());
        }
        let cells =
            |row: &[String]| -> Vec<String> { row.iter().map(|cell| text::escape(cell).into_owned()).collect() };
        let sections: Vec<(&str, Vec<Vec<String>>)> = self
            .sections
            .iter()
            .map(|(line, rows)| (line.as_str(), rows.iter().map(|row| cells(row)).collect()))
            .collect();
        let mut natural: Vec<usize> = self.headings.iter().map(|heading| width(heading)).collect();
        for row in sections.iter().flat_map(|(_, rows)| rows) {
            row.iter().zip(&mut natural).for_each(|(cell, taken)| *taken = (*taken).max(width(cell)));
        }
        let widths = match room {
            Some(room) => fit(self.headings, &natural, room, way),
            None => natural.into_iter().map(Some).collect(),
        };
        let mut was_cut = Cut { cells: 0, columns: left_out(self.headings, &widths) };
        let mut out = String::new();
        let headings: Vec<String> = self.headings.iter().map(|heading| (*heading).to_owned()).collect();
        out.push_str("  ");
        put_fitted(&mut out, &headings, &widths, &mut was_cut);
        for (line, rows) in &sections {
            out.push_str(&format!("{}\n", text::escape(line)));
            for row in rows {
                out.push_str("  ");
                put_fitted(&mut out, row, &widths, &mut was_cut);
            }
        }
        (out, was_cut)
    }
}

/// The headings of the columns that have no width.
fn left_out(headings: &[&str], widths: &[Option<usize>]) -> Vec<String> {
    let gone = headings.iter().zip(widths).filter(|(_, width)| width.is_none());
    gone.map(|(heading, _)| (*heading).to_owned()).collect()
}

/// A line of cells in columns of these widths.
fn put_fitted(out: &mut String, row: &[String], widths: &[Option<usize>], was_cut: &mut Cut) {
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
    if text::is_plain(text) { text.len() } else { text.width() }
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
        let way = GivingWay { first: &[], last: "RIGHTS" };
        let (whole, was_cut) = table.fitted(None, way);
        assert!(whole.contains("EKS Developers of all teams   edit:web  alive\n"), "{whole}");
        assert_eq!(was_cut.words(), None);
        let (narrow, was_cut) = table.fitted(Some(36), way);
        assert_eq!((was_cut.cells, was_cut.columns.len()), (2, 0), "{narrow}");
        assert!(narrow.lines().all(|line| width(line) <= 36), "{narrow}");
        assert!(
            narrow.contains("EKS Developers…") && narrow.contains("unknown") && !narrow.contains('\u{1b}'),
            "{narrow}"
        );
    }

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

    #[test]
    fn cells_are_as_wide_as_they_show_and_control_characters_show() {
        let mut cells = Cells::new(&["NAME", "B"]);
        cells.add(&["数据", "x\u{1b}"].map(Cow::from));
        assert_eq!((cells.text.as_str(), cells.widths.as_slice()), ("NAMEB数据x\\u{1b}", &[4, 7][..]));
        assert_eq!(cells.sizes, [(4, 4), (1, 1), (6, 4), (7, 7)]);
    }

    #[test]
    fn a_cell_that_comes_late_and_is_wider_moves_no_column_that_it_need_not_move() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let (mut out, mut was_cut) = (String::new(), Cut::default());
        let widths = [Some(6), Some(8), Some(4)];
        for cells in [
            ["a", "b", "c"],
            ["eight888", "b", "c"],
            ["eight888", "nine99999", "c"],
            ["twelve121212", "b", "0123456789"],
        ] {
            put_in_line(&mut out, &row(cells), &widths, 24, &mut was_cut);
        }
        let wanted = "a       b         c\neight888  b       c\neight888  nine99999  c\ntwelv…  b         012…\n";
        assert_eq!((out.as_str(), was_cut.cells), (wanted, 2));
    }
}
