//! Walking a list that comes in pages: it is complete only when the service says that no page is left.

use std::collections::HashSet;

/// More pages than any list has. At 100 entries each, a list that goes on is one that never ends.
const MAX_PAGES: usize = 1000;

/// Why a list has no end, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endless(&'static str);

impl std::fmt::Display for Endless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// The page tokens that were used so far.
#[derive(Debug, Default)]
pub struct Pages(HashSet<String>);

impl Pages {
    /// The token of the next page; `None` when the list is complete. A token that repeats would lead in a circle, and what
    /// came so far must not pass for the whole list.
    pub fn next(&mut self, token: Option<String>) -> Result<Option<String>, Endless> {
        let Some(token) = token.filter(|token| !token.is_empty()) else { return Ok(None) };
        if !self.0.insert(token.clone()) {
            return Err(Endless("the list repeats itself: a page names one that was read before as the next"));
        }
        if self.0.len() > MAX_PAGES {
            return Err(Endless("the list does not end after 1000 pages"));
        }
        Ok(Some(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_ends_when_no_token_is_left_and_never_in_a_circle() {
        let mut pages = Pages::default();
        assert_eq!(pages.next(Some("a".into())), Ok(Some("a".into())));
        assert_eq!(pages.next(Some("b".into())), Ok(Some("b".into())));
        assert!(pages.next(Some("a".into())).is_err());
        assert_eq!(pages.next(Some(String::new())), Ok(None));
        let mut pages = Pages::default();
        assert!((0..=MAX_PAGES).map(|n| pages.next(Some(n.to_string()))).any(|next| next.is_err()));
    }
}
