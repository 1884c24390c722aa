//! Tables of several parts, each below a line of its own.

use crate::domain::text;
use crate::ui::fitting::{Cut, GivingWay, fit, left_out, put_fitted, width};

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
}
