//! How changes become splices: pieces of text that go, come or stay, at the places that the layout names.

use serde_yaml::{Mapping, Value};

use crate::domain::kubeconfig::edit::{Change, List};
use crate::domain::kubeconfig::emit::{json, scalar};
use crate::domain::kubeconfig::layout::{Entry, Items, Key, Layout, Span};
use crate::domain::kubeconfig::outline::{Kind, Node, outline};
use crate::domain::kubeconfig::rewrite::{Page, Splice, splice};

/// How changes become splices.
pub(super) struct Plan<'p> {
    pub page: Page<'p>,
    pub layout: &'p Layout,
    pub node: &'p dyn Fn(&Entry) -> Option<Node>,
    /// Whether new top-level keys go before the others.
    pub on_top: bool,
    /// Whether changed entries are written anew, where changing them piece by piece did not do.
    pub whole: bool,
}

impl Plan<'_> {
    /// The splices that make these changes, in order; `None` where that is not safe.
    pub fn splices(&self, changes: &[Change], current: Option<&str>) -> Option<Vec<Splice>> {
        let (page, layout, text) = (&self.page, self.layout, self.page.text);
        let (mut splices, mut added) = (Vec::new(), Vec::new());
        for list in List::ALL {
            let mine: Vec<&Change> = changes.iter().filter(|change| change.list == list).collect();
            if mine.is_empty() {
                continue;
            }
            let new: Vec<Value> = mine.iter().filter(|c| c.old.is_none()).filter_map(|c| c.new.clone()).collect();
            match layout.key(text, list.key()) {
                Some(Key { key, value, items: Some(items), .. }) => {
                    self.list(*key, *value, items, &mine, new, &mut splices)?;
                }
                Some(_) => return None,
                None if new.is_empty() => {}
                None => added.push((list.key(), Value::Sequence(new))),
            }
        }
        if let Some(name) = current {
            let name = Value::from(name);
            match layout.key(text, "current-context") {
                Some(key) => {
                    let scalar = if layout.flow { json(&name) } else { scalar(&name) };
                    let colon = page.colon_after(key.key.end)?;
                    splices.push(match key.value.end > key.value.start {
                        // A block scalar goes with its header.
                        true if text[colon..key.value.start].contains('\n') => {
                            splice(colon, key.value.end, &format!(" {scalar}"))
                        }
                        true => splice(key.value.start, key.value.end, &scalar),
                        false => splice(colon, colon, &format!(" {scalar}")),
                    });
                }
                None => added.push(("current-context", name)),
            }
        }
        if !added.is_empty() {
            let (at, text) = if layout.flow {
                let pairs: Vec<String> =
                    added.iter().map(|(k, v)| format!("{}: {}", json(&(*k).into()), json(v))).collect();
                let comma = if layout.keys.is_empty() { "" } else { "," };
                (layout.start + 1, format!("{}{comma}", pairs.join(",")))
            } else {
                let mapping: Mapping = added.into_iter().map(|(key, value)| (key.into(), value)).collect();
                let block = page.block(&Value::Mapping(mapping), layout.column);
                // Blank lines at the end may belong to the scalar above them.
                match text[layout.end..].trim().is_empty() && text.ends_with('\n') {
                    _ if self.on_top => (layout.start - layout.column, format!("{block}{}", page.newline)),
                    true => (text.len(), format!("{block}{}", page.newline)),
                    false => (page.line_end(layout.end), format!("{}{block}", page.newline)),
                }
            };
            splices.push(splice(at, at, &text));
        }
        splices.sort_by_key(|splice| (splice.at.start, splice.at.end));
        Some(splices)
    }

    /// Changes, removes and adds entries of a list that is there.
    fn list(
        &self,
        key: Span,
        value: Span,
        items: &Items,
        changes: &[&Change],
        new: Vec<Value>,
        splices: &mut Vec<Splice>,
    ) -> Option<()> {
        let (page, entries) = (&self.page, &items.entries);
        let find = |entry: &Entry| changes.iter().find(|change| change.name == entry.name.of(page.text));
        let removed: Vec<bool> = entries.iter().map(|entry| find(entry).is_some_and(|c| c.new.is_none())).collect();
        for (place, entry) in entries.iter().enumerate() {
            let Some(change) = find(entry) else { continue };
            match (&change.old, &change.new) {
                (Some(old), Some(new)) => {
                    let node = (self.node)(entry)?;
                    let place = (entry.dash, entry.column);
                    splices.append(&mut page.entry(&node, place, (old, new), self.whole)?);
                }
                (_, None) if items.flow => {
                    // With the comma before it; those at the beginning with the comma behind them.
                    let leading = removed[..place].iter().all(|removed| *removed);
                    splices.push(match (leading, entries.get(place + 1)) {
                        (false, _) => splice(entries[place - 1].span.end, entry.span.end, ""),
                        (true, Some(next)) => splice(entry.span.start, next.span.start, ""),
                        (true, None) => splice(entry.span.start, entry.span.end, ""),
                    });
                }
                (_, None) => splices.push(splice(page.lines_from(entry.dash)?, page.line_end(entry.span.end), "")),
                (None, Some(_)) => {}
            }
        }
        let emptied = removed.iter().all(|removed| *removed);
        match entries.last() {
            Some(_) if new.is_empty() && (items.flow || !emptied) => {}
            Some(_) if new.is_empty() => {
                let at = page.colon_after(key.end)?;
                splices.push(splice(at, at, " []"));
            }
            Some(last) if items.flow => {
                let texts: Vec<String> = new.iter().map(json).collect();
                let comma = if emptied { "" } else { ", " };
                splices.push(splice(last.span.end, last.span.end, &format!("{comma}{}", texts.join(", "))));
            }
            Some(last) => {
                let at = page.line_end(last.span.end);
                let block = page.block(&Value::Sequence(new), last.column);
                splices.push(splice(at, at, &format!("{}{block}", page.newline)));
            }
            None if new.is_empty() => {}
            None => {
                let start = page.colon_after(key.end)?;
                // `[]` or `null` goes; nothing may be there too.
                let end = if value.end > value.start { value.end } else { start };
                if text_between(page.text, start, value).contains('#') && !self.layout.flow {
                    // So does one before it; the list stands where the value stood.
                    let (from, to) = (page.lines_from(value.start)?, page.line_end(end));
                    let behind = page.text[end..to].trim();
                    let block = page.block(&Value::Sequence(new), self.layout.column);
                    let behind = if behind.is_empty() { String::new() } else { format!("{}{behind}", page.newline) };
                    splices.push(splice(from, to, &format!("{behind}{}{block}", page.newline)));
                } else if self.layout.flow {
                    splices.push(splice(start, end, &format!(" {}", json(&Value::Sequence(new)))));
                } else {
                    // A comment behind it stays where it is.
                    let (at, block) = (page.line_end(end), page.block(&Value::Sequence(new), self.layout.column));
                    splices.push(splice(start, end, ""));
                    splices.push(splice(at, at, &format!("{}{block}", page.newline)));
                }
            }
        }
        Some(())
    }
}

fn text_between(text: &str, start: usize, value: Span) -> &str {
    if value.end > value.start { &text[start..value.start] } else { "" }
}

/// The node of an entry of a block list, read from its own lines.
pub(super) fn entry_node(text: &str, entry: &Entry) -> Option<Node> {
    let (start, slice) = entry.lines(text);
    let Kind::Sequence { mut items, .. } = outline(slice).ok()??.kind else { return None };
    let mut node = items.pop().filter(|_| items.is_empty())?;
    node.shift(start);
    Some(node)
}

/// The node of an entry in a tree.
pub(super) fn find_node(root: &Node, entry: &Entry) -> Option<Node> {
    let Kind::Mapping { entries, .. } = &root.kind else { return None };
    entries.iter().find_map(|(_, list)| match &list.kind {
        Kind::Sequence { items, .. } => items.iter().find(|item| item.start == entry.span.start).cloned(),
        _ => None,
    })
}
