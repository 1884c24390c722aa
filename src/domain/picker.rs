//! The picker's state: what was typed, which rows match, where the cursor is, what is chosen. No drawing, no keys.

use std::collections::BTreeSet;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// A fuzzy choice over rows of text.
pub struct Picker {
    rows: Vec<String>,
    multiple: bool,
    query: String,
    matches: Vec<usize>,
    cursor: usize,
    chosen: BTreeSet<usize>,
    matcher: Matcher,
}

impl Picker {
    /// Offers `rows`; with `multiple` several may be taken.
    pub fn new(rows: Vec<String>, multiple: bool) -> Self {
        let matches = (0..rows.len()).collect();
        let matcher = Matcher::new(Config::DEFAULT);
        Self { rows, multiple, query: String::new(), matches, cursor: 0, chosen: BTreeSet::new(), matcher }
    }

    /// What was typed so far.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The rows that match, best first, as (row, text).
    pub fn matches(&self) -> impl ExactSizeIterator<Item = (usize, &str)> {
        self.matches.iter().map(|&row| (row, self.rows[row].as_str()))
    }

    /// The cursor's place among the matches.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// How many rows there are in all.
    pub fn total(&self) -> usize {
        self.rows.len()
    }

    /// Whether several rows may be taken.
    pub fn multiple(&self) -> bool {
        self.multiple
    }

    /// Whether a row is marked.
    pub fn is_chosen(&self, row: usize) -> bool {
        self.chosen.contains(&row)
    }

    /// How many rows are marked.
    pub fn chosen(&self) -> usize {
        self.chosen.len()
    }

    /// Appends to the query.
    pub fn type_char(&mut self, c: char) {
        self.query.push(c);
        self.search();
    }

    /// Takes the last character of the query away.
    pub fn backspace(&mut self) {
        self.query.pop();
        self.search();
    }

    /// Empties the query.
    pub fn clear(&mut self) {
        self.query.clear();
        self.search();
    }

    /// Moves the cursor, stopping at the ends.
    pub fn step(&mut self, rows: isize) {
        self.cursor = self.cursor.saturating_add_signed(rows).min(self.matches.len().saturating_sub(1));
    }

    /// Marks the row under the cursor, or takes the mark away, and goes on to the next.
    pub fn toggle(&mut self) {
        if let (true, Some(&row)) = (self.multiple, self.matches.get(self.cursor)) {
            if !self.chosen.remove(&row) {
                self.chosen.insert(row);
            }
            self.step(1);
        }
    }

    /// Marks every row that matches; when all are marked already, takes those marks away.
    pub fn toggle_all(&mut self) {
        if !self.multiple {
            return;
        }
        if self.matches.iter().all(|row| self.chosen.contains(row)) {
            self.matches.iter().for_each(|row| _ = self.chosen.remove(row));
        } else {
            self.chosen.extend(&self.matches);
        }
    }

    /// How many marked rows the query hides.
    pub fn hidden(&self) -> usize {
        self.chosen.len() - self.matches.iter().filter(|row| self.chosen.contains(row)).count()
    }

    /// The answer: the marked rows, else the one under the cursor, in the order of the rows. While nothing matches there
    /// is none: a person who sees no row takes none.
    pub fn accept(&self) -> Vec<usize> {
        if self.chosen.is_empty() || self.matches.is_empty() {
            return self.matches.get(self.cursor).copied().into_iter().collect();
        }
        self.chosen.iter().copied().collect()
    }

    fn search(&mut self) {
        let pattern = Pattern::parse(&self.query, CaseMatching::Smart, Normalization::Smart);
        let mut buffer = Vec::new();
        let mut scored: Vec<(u32, usize)> = Vec::new();
        for (row, text) in self.rows.iter().enumerate() {
            let haystack = Utf32Str::new(text, &mut buffer);
            scored.extend(pattern.score(haystack, &mut self.matcher).map(|score| (score, row)));
        }
        scored.sort_by_key(|&(score, row)| (std::cmp::Reverse(score), row));
        self.matches = scored.into_iter().map(|(_, row)| row).collect();
        self.cursor = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picker(multiple: bool) -> Picker {
        let rows = ["prod  web  Admin", "prod  web  View", "test  web  Admin", "test  batch  View"];
        Picker::new(rows.map(str::to_owned).to_vec(), multiple)
    }

    fn typed(mut picker: Picker, query: &str) -> Picker {
        query.chars().for_each(|c| picker.type_char(c));
        picker
    }

    #[test]
    fn words_narrow_in_any_order() {
        let picker = typed(picker(false), "admin test");
        assert_eq!(picker.accept(), [2]);
        assert_eq!(picker.matches().len(), 1);
    }

    #[test]
    fn marks_outlive_the_query() {
        let mut picker = typed(picker(true), "test");
        picker.toggle();
        picker.clear();
        picker.step(1);
        picker.toggle();
        assert_eq!(picker.accept(), [1, 2]);
        picker.toggle_all();
        assert_eq!(picker.chosen(), 4);
        picker.toggle_all();
        assert_eq!(picker.chosen(), 0);
    }

    #[test]
    fn marks_that_cannot_be_seen_are_counted_and_not_taken_from_an_empty_list() {
        let mut picker = typed(picker(true), "web");
        picker.toggle_all();
        let mut picker = typed(picker, " test");
        assert_eq!((picker.chosen(), picker.hidden()), (3, 2));
        picker = typed(picker, "zzz");
        assert!(picker.accept().is_empty());
    }

    #[test]
    fn nothing_matches_nothing_is_taken() {
        let mut picker = typed(picker(true), "zzz");
        picker.step(5);
        picker.toggle();
        assert!(picker.accept().is_empty());
        picker.backspace();
        assert_eq!(picker.query(), "zz");
    }

    #[test]
    fn a_single_choice_takes_the_row_under_the_cursor() {
        let mut picker = picker(false);
        picker.step(100);
        picker.toggle();
        assert_eq!(picker.accept(), [3]);
        picker.step(-100);
        assert_eq!(picker.accept(), [0]);
    }
}
