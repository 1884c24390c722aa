//! The picker's state: what was typed, which rows match, where the cursor is, what is chosen. No drawing, no keys.
//!
//! Rows may come and change while somebody chooses: marks and the cursor stay with their rows.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32String};
use unicode_width::UnicodeWidthStr;

use crate::domain::text;

/// What can be chosen.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Its columns; what is typed is searched for in all of them.
    pub cells: Vec<String>,
    /// What else is searched for, and not shown: an account's id.
    pub keywords: Vec<String>,
    /// How it stands.
    pub state: State,
    /// Lines that tell more of it.
    pub details: Vec<String>,
    /// What was used often and lately comes first.
    pub weight: f64,
}

/// How a row stands: usable ones come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum State {
    /// As far as is known it works.
    #[default]
    Usable,
    /// It is not known whether it works.
    Unknown,
    /// It is known not to work; the details say why.
    Useless,
}

impl Row {
    /// Whether a column, or what else is searched for, is just this, in whatever case.
    fn is_exactly(&self, word: &str) -> bool {
        self.cells.iter().chain(&self.keywords).any(|cell| cell.eq_ignore_ascii_case(word))
    }
}

struct Entry {
    row: Row,
    text: Utf32String,
}

/// A fuzzy choice over rows.
pub struct Picker {
    rows: Vec<Option<Entry>>,
    /// The place of each row in the order without a query.
    rank: Vec<u32>,
    multiple: bool,
    query: String,
    matches: Vec<usize>,
    cursor: usize,
    chosen: BTreeSet<usize>,
    widths: Vec<usize>,
    notice: String,
    matcher: Matcher,
    stale: bool,
    /// Whether the row under the cursor was shown there: then it stays there, whatever comes before it.
    drawn: bool,
    complete: bool,
    version: u64,
}

impl Picker {
    /// Offers nothing yet; with `multiple` several may be taken.
    pub fn new(multiple: bool) -> Self {
        Self {
            rows: Vec::new(),
            rank: Vec::new(),
            multiple,
            query: String::new(),
            matches: Vec::new(),
            cursor: 0,
            chosen: BTreeSet::new(),
            widths: Vec::new(),
            notice: String::new(),
            matcher: Matcher::new(Config::DEFAULT),
            stale: false,
            drawn: false,
            complete: false,
            version: 0,
        }
    }

    /// Offers one more row; answers its number.
    pub fn add(&mut self, row: Row) -> usize {
        self.rows.push(None);
        self.set(self.rows.len() - 1, row);
        self.rows.len() - 1
    }

    /// Changes a row.
    pub fn set(&mut self, number: usize, row: Row) {
        let Some(place) = self.rows.get_mut(number) else { return };
        if place.as_ref().is_some_and(|entry| entry.row == row) {
            return;
        }
        for (column, cell) in row.cells.iter().enumerate() {
            let width = text::escape(cell).width();
            match self.widths.get_mut(column) {
                Some(known) => *known = width.max(*known),
                None => self.widths.push(width),
            }
        }
        let text = Utf32String::from([&row.cells[..], &row.keywords[..]].concat().join(" "));
        *place = Some(Entry { row, text });
        self.touch();
    }

    /// Takes a row back.
    pub fn remove(&mut self, number: usize) {
        if let Some(place) = self.rows.get_mut(number) {
            *place = None;
            self.chosen.remove(&number);
            self.touch();
        }
    }

    fn touch(&mut self) {
        self.stale = true;
        self.version += 1;
    }

    /// Says what is going on meanwhile.
    pub fn notice(&mut self, words: &str) {
        if self.notice != words {
            words.clone_into(&mut self.notice);
            self.version += 1;
        }
    }

    /// No more rows will come.
    pub fn complete(&mut self) {
        self.complete = true;
        self.notice(if self.rows().next().is_none() { "nothing was found" } else { "" });
        self.version += 1;
    }

    /// Whether no more rows will come.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Changes whenever there is something new to see.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What is going on meanwhile.
    pub fn noticed(&self) -> &str {
        &self.notice
    }

    /// What was typed so far.
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The characters that each column takes.
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    fn rows(&self) -> impl Iterator<Item = (usize, &Row)> {
        self.rows.iter().enumerate().filter_map(|(number, entry)| Some((number, &entry.as_ref()?.row)))
    }

    /// The row under the cursor has been shown: Enter is meant for it from now on, unless nobody would choose it.
    pub fn drawn(&mut self) {
        self.drawn = self.current().is_some_and(|row| row.state != State::Useless);
    }

    /// Brings order and matches up to date with the rows; to be called before looking.
    pub fn refresh(&mut self) {
        if !self.stale {
            return;
        }
        self.stale = false;
        let mut order: Vec<usize> = self.rows().map(|(number, _)| number).collect();
        let row = |number: &usize| self.rows[*number].as_ref().map(|entry| &entry.row);
        order.sort_by(|a, b| {
            let (Some(a), Some(b)) = (row(a), row(b)) else { return std::cmp::Ordering::Equal };
            a.state.cmp(&b.state).then(b.weight.total_cmp(&a.weight)).then_with(|| a.cells.cmp(&b.cells))
        });
        self.rank = vec![0; self.rows.len()];
        for (rank, number) in (0..).zip(&order) {
            self.rank[*number] = rank;
        }
        let under = self.matches.get(self.cursor).copied().filter(|_| self.cursor > 0 || self.drawn);
        self.search(order);
        self.cursor = under.and_then(|row| self.matches.iter().position(|found| *found == row)).unwrap_or_default();
    }

    /// The rows that match, best first, with their numbers.
    pub fn matches(&self) -> impl ExactSizeIterator<Item = (usize, Option<&Row>)> {
        self.matches.iter().map(|&number| (number, self.rows[number].as_ref().map(|entry| &entry.row)))
    }

    /// The row under the cursor.
    pub fn current(&self) -> Option<&Row> {
        self.rows[*self.matches.get(self.cursor)?].as_ref().map(|entry| &entry.row)
    }

    /// The cursor's place among the matches.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// How many rows there are in all.
    pub fn total(&self) -> usize {
        self.rows().count()
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

    /// Appends a character to the query.
    pub fn type_char(&mut self, c: char) {
        self.type_text(c.encode_utf8(&mut [0; 4]));
    }

    /// Appends to the query. What did not match before does not match now, so only the matches are searched again.
    pub fn type_text(&mut self, text: &str) {
        self.refresh();
        self.query.push_str(text);
        // With these the query is more than words: `!x` matches less and then more.
        let narrows = !self.query.contains(['!', '^', '$', '\'', '\\']);
        let among = if narrows { std::mem::take(&mut self.matches) } else { self.all() };
        self.search(among);
        self.back_to_top();
    }

    fn back_to_top(&mut self) {
        self.cursor = 0;
        self.drawn = false;
    }

    /// Takes the last character of the query away.
    pub fn backspace(&mut self) {
        if self.query.pop().is_some() {
            self.search_all();
        }
    }

    /// Takes the last word of the query away.
    pub fn drop_word(&mut self) {
        let kept = self.query.trim_end().rfind(' ').map_or(0, |at| at + 1);
        self.query.truncate(kept);
        self.search_all();
    }

    /// Empties the query.
    pub fn clear(&mut self) {
        self.query.clear();
        self.search_all();
    }

    /// Moves the cursor, stopping at the ends.
    pub fn step(&mut self, rows: isize) {
        self.refresh();
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

    /// Marks every row that matches and may work; when all are marked already, takes those marks away.
    pub fn toggle_all(&mut self) {
        if !self.multiple {
            return;
        }
        let may_work = |row: &usize| self.rows[*row].as_ref().is_some_and(|entry| entry.row.state != State::Useless);
        let rows: Vec<usize> = self.matches.iter().copied().filter(may_work).collect();
        if rows.iter().all(|row| self.chosen.contains(row)) {
            rows.iter().for_each(|row| _ = self.chosen.remove(row));
        } else {
            self.chosen.extend(rows);
        }
    }

    /// How many marked rows the query hides.
    pub fn hidden(&self) -> usize {
        self.chosen.len() - self.matches.iter().filter(|row| self.chosen.contains(row)).count()
    }

    /// The answer: the marked rows, else the one under the cursor, in the order in which they are shown without a query.
    /// While nothing matches there is none: a person who sees no row takes none.
    pub fn accept(&self) -> Vec<usize> {
        if self.chosen.is_empty() || self.matches.is_empty() {
            return self.matches.get(self.cursor).copied().into_iter().collect();
        }
        let mut rows: Vec<usize> = self.chosen.iter().copied().collect();
        rows.sort_by_key(|row| self.rank.get(*row).copied());
        rows
    }

    fn all(&self) -> Vec<usize> {
        self.rows().map(|(number, _)| number).collect()
    }

    fn search_all(&mut self) {
        self.refresh();
        let all = self.all();
        self.search(all);
        self.back_to_top();
    }

    /// The rows that match, best first: those of which a word is the whole of a column, then by how well they match, and only
    /// among equals by how they stand. A cluster's exact name is what is meant, whoever it lets in.
    fn search(&mut self, among: Vec<usize>) {
        let (rows, rank, matcher) = (&self.rows, &self.rank, &mut self.matcher);
        let state = |number: usize| rows[number].as_ref().map(|entry| entry.row.state);
        let rank = |number: usize| rank.get(number).copied().unwrap_or(u32::MAX);
        if self.query.trim().is_empty() {
            let mut all = among;
            all.sort_unstable_by_key(|number| rank(*number));
            self.matches = all;
            return;
        }
        let words: Vec<&str> = self.query.split_whitespace().collect();
        let pattern = Pattern::parse(&self.query, CaseMatching::Smart, Normalization::Smart);
        let mut scored: Vec<_> = among
            .into_iter()
            .filter_map(|number| {
                let entry = rows[number].as_ref()?;
                let score = pattern.score(entry.text.slice(..), matcher)?;
                let exact = words.iter().filter(|word| entry.row.is_exactly(word)).count();
                Some((Reverse(exact), Reverse(score), state(number), rank(number), number))
            })
            .collect();
        scored.sort_unstable();
        self.matches = scored.into_iter().map(|(.., number)| number).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row {
        Row { cells: text.split_whitespace().map(str::to_owned).collect(), ..Row::default() }
    }

    fn picker(multiple: bool) -> Picker {
        let mut picker = Picker::new(multiple);
        for text in ["prod web Admin", "prod web View", "test web Admin", "test web2 View"] {
            picker.add(row(text));
        }
        picker.refresh();
        picker
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
        let mut picker = typed(picker(true), "prod");
        picker.toggle_all();
        let mut picker = typed(picker, " view");
        assert_eq!((picker.chosen(), picker.hidden()), (2, 1));
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

    #[test]
    fn what_is_used_comes_first_and_what_is_useless_last() {
        let mut picker = picker(true);
        picker.set(3, Row { weight: 2.0, ..row("test web2 View") });
        picker.set(0, Row { state: State::Useless, ..row("prod web Admin") });
        picker.refresh();
        let order = |picker: &Picker| picker.matches().map(|(number, _)| number).collect::<Vec<_>>();
        assert_eq!(order(&picker), [3, 1, 2, 0]);
        picker.toggle_all();
        assert_eq!(picker.accept(), [3, 1, 2], "all means all that may work");
        assert_eq!(order(&typed(picker, "admin")), [2, 0]);
    }

    #[test]
    fn an_exact_name_never_loses_to_scattered_letters() {
        let mut picker = Picker::new(true);
        let useless = |text: &str| Row { state: State::Useless, ..row(text) };
        picker.add(Row { weight: 9.0, ..row("weekly-best web-frontend Admin") });
        picker.add(Row { weight: 9.0, ..row("w1-e2-b3 batch Admin") });
        picker.add(useless("prod web View"));
        let picker = typed(picker, "web");
        assert_eq!(picker.accept(), [2]);
        let order: Vec<usize> = picker.matches().map(|(number, _)| number).collect();
        assert_eq!(order, [2, 0, 1], "then the better match, scattered letters last");
    }

    #[test]
    fn what_is_not_shown_can_be_searched_for() {
        let mut picker = picker(true);
        picker.add(Row { keywords: vec!["111122223333".into()], ..row("dev web Admin") });
        assert_eq!(typed(picker, "111122223333").accept(), [4]);
    }

    #[test]
    fn a_row_that_was_drawn_at_the_top_stays_under_the_cursor() {
        let mut picker = picker(true);
        assert_eq!(picker.accept(), [0]);
        picker.add(row("a first one"));
        picker.refresh();
        assert_eq!(picker.accept(), [4], "nobody has seen another");
        picker.drawn();
        picker.add(row("a better one"));
        picker.refresh();
        assert_eq!((picker.accept(), picker.cursor()), (vec![4], 1));
        let picker = typed(picker, "better");
        assert_eq!(picker.accept(), [5], "what is typed chooses anew");
    }

    #[test]
    fn rows_that_come_later_move_neither_the_cursor_nor_the_marks() {
        let mut picker = picker(true);
        picker.step(2);
        picker.toggle();
        picker.step(-1);
        picker.add(row("a first one"));
        picker.remove(1);
        picker.refresh();
        assert_eq!(picker.current().map(|row| row.cells.join(" ")).as_deref(), Some("test web Admin"));
        assert_eq!(picker.accept(), [2]);
        assert_eq!(picker.total(), 4);
    }

    #[test]
    fn typing_on_finds_what_searching_anew_finds() {
        for query in ["web", "web2 v", "!prod", "^test adm", "'View", "e w t"] {
            let step_by_step = typed(picker(false), query);
            let mut at_once = picker(false);
            at_once.query = query.to_owned();
            at_once.search_all();
            assert_eq!(step_by_step.matches, at_once.matches, "{query}");
        }
    }
}
