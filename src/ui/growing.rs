//! Tables that grow on a terminal.

use std::cell::{Cell, RefCell};

use jiff::{SignedDuration, Timestamp};

use crate::error::Result;
use crate::ports::World;
use crate::ui::fitting::{Cut, GivingWay, fit, left_out, put_fitted, width};
use crate::ui::table::{Cells, Out, Row};

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
        if self.since.get().is_none() || held.is_empty() {
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
        let mut out = Out::new(world);
        held.each(|row| match self.is_narrow.get() {
            true => put_fitted(&mut out.text, row, widths, &mut was_cut),
            false => put_in_line(&mut out.text, row, widths, room, &mut was_cut),
        });
        held.clear();
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

#[cfg(test)]
mod tests {
    use super::*;

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
