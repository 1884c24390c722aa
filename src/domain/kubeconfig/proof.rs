//! The proof that an edit did what was wanted, and nothing else, without reading the whole file as YAML again.

use crate::domain::kubeconfig::edit::{Change, List};
use crate::domain::kubeconfig::layout::{Entry, Items, Layout, Name, Span};
use crate::domain::kubeconfig::rewrite::Splice;

/// What the layout must be after an edit: what is not touched stands where the splices have moved it, what is touched
/// means what is wanted, and nothing else is there.
pub(super) struct Proof<'p> {
    layout: &'p Layout,
    changes: &'p [Change],
    /// Changed entries: the list, the place in it, the change.
    touched: Vec<(List, usize, &'p Change)>,
    /// Where splices end, and how far what follows has moved by then.
    moves: Vec<(Span, isize)>,
    new_keys: Vec<&'static str>,
}

impl<'p> Proof<'p> {
    /// For an edit that is to make these changes by these splices.
    pub fn new(
        text: &str,
        layout: &'p Layout,
        changes: &'p [Change],
        current: Option<&str>,
        splices: &[Splice],
    ) -> Option<Self> {
        let mut touched = Vec::new();
        for change in changes.iter().filter(|change| change.old.is_some()) {
            let items = layout.items(text, change.list)?;
            let place = items.entries.iter().position(|entry| entry.name.of(text) == change.name)?;
            touched.push((change.list, place, change));
        }
        let mut moved = 0;
        let moves = splices.iter().map(|splice| {
            moved += splice.text.len().cast_signed() - (splice.at.end - splice.at.start).cast_signed();
            (splice.at, moved)
        });
        let moves = moves.collect();
        let lists = List::ALL.iter().filter(|list| changes.iter().any(|c| c.list == **list && c.new.is_some()));
        let wanted = lists.map(|list| list.key()).chain(current.map(|_| "current-context"));
        let new_keys = wanted.filter(|key| layout.key(text, key).is_none()).collect();
        Some(Self { layout, changes, touched, moves, new_keys })
    }

    /// Where a span stands after the splices; `None` when one of them reaches into it.
    fn moved(&self, span: Span) -> Option<Span> {
        let before = self.moves.partition_point(|(at, _)| at.end <= span.start);
        if self.moves.get(before).is_some_and(|(at, _)| at.start < span.end) {
            return None;
        }
        let by = before.checked_sub(1).map_or(0, |last| self.moves[last].1);
        Some(Span { start: span.start.checked_add_signed(by)?, end: span.end.checked_add_signed(by)? })
    }

    /// Whether the layout of the new text is what follows from the old one.
    pub fn holds(&self, text: &str, new: &Layout) -> bool {
        let (old, added) = (&self.layout.keys, self.new_keys.len());
        let same = old.iter().zip(&new.keys).all(|(old, new)| {
            // The values of lists are looked at entry by entry, that of `current-context` as a whole.
            let name = new.name.of(text);
            let list = List::ALL.iter().find(|list| list.key() == name);
            self.moved(old.key) == Some(new.key)
                && match list {
                    Some(list) => self.list_holds(text, *list, old.items.as_ref(), new.items.as_ref()).is_some(),
                    None => name == "current-context" || self.moved(old.value) == Some(new.value),
                }
        });
        let fresh = &new.keys[old.len().min(new.keys.len())..];
        same && new.keys.len() == old.len() + added
            && fresh.iter().zip(&self.new_keys).all(|(new, name)| {
                let list = List::ALL.iter().find(|list| list.key() == *name);
                let holds = |list: &List| self.list_holds(text, *list, None, new.items.as_ref()).is_some();
                new.name.of(text) == *name && list.is_none_or(holds)
            })
    }

    fn list_holds(&self, text: &str, list: List, old: Option<&Items>, new: Option<&Items>) -> Option<()> {
        let mut entries = new.map_or(&[][..], |items| &items.entries).iter();
        let is = |entry: &Entry, change: &Change| {
            // What cannot be read is proved to be nothing.
            entry.name.of(text) == change.name_after() && entry.value(text).is_ok_and(|value| Some(value) == change.new)
        };
        for (place, entry) in old.map_or(&[][..], |items| &items.entries).iter().enumerate() {
            let change =
                self.touched.iter().find(|(of, at, _)| (*of, *at) == (list, place)).map(|(_, _, change)| change);
            let holds = match change {
                Some(change) if change.new.is_none() => continue,
                Some(change) => is(entries.next()?, change),
                None => {
                    let now = entries.next()?;
                    let moved = self.moved(Span { start: entry.dash, end: entry.span.end });
                    let name = |entry: &Entry| match &entry.name {
                        Name::Verbatim(name) => Some((name.start - entry.dash, name.end - entry.dash)),
                        Name::Unescaped(_) => None,
                    };
                    moved == Some(Span { start: now.dash, end: now.span.end }) && name(entry)? == name(now)?
                }
            };
            holds.then_some(())?;
        }
        for change in self.changes.iter().filter(|change| change.list == list && change.old.is_none()) {
            is(entries.next()?, change).then_some(())?;
        }
        entries.next().is_none().then_some(())
    }
}
