//! Turns a change of meaning into the smallest change of text: only values that differ are written anew, in the style of
//! what stands there. What this gets wrong, the proof behind it finds out.

use std::collections::HashMap;

use serde_yaml::{Mapping, Value};

use crate::domain::kubeconfig::emit::{json, scalar, yaml};
use crate::domain::kubeconfig::layout::Span;
use crate::domain::kubeconfig::meaning::is_merge;
use crate::domain::kubeconfig::outline::{Kind, Node};
use crate::domain::text::ContentDigest;

/// A piece of text in place of another.
#[derive(Debug)]
pub(super) struct Splice {
    pub at: Span,
    pub text: String,
}

/// What stood in a text before an edit, in place of what stands there now.
#[derive(Debug)]
pub struct Replaced(Vec<Splice>);

impl Replaced {
    pub(super) fn new(taking_back: Vec<Splice>) -> Self {
        Self(taking_back)
    }

    /// The digests of the text as it was before the edit, and as it is `now`. What both begin with is read once.
    pub fn digests(&self, now: &str) -> (String, String) {
        let now = now.as_bytes();
        let shared = self.0.first().map_or(now.len(), |first| first.at.start);
        let mut before = ContentDigest::default();
        before.add(&now[..shared]);
        let (mut after, mut at) = (before.clone(), shared);
        for splice in &self.0 {
            before.add(&now[at..splice.at.start]);
            before.add(splice.text.as_bytes());
            at = splice.at.end;
        }
        before.add(&now[at..]);
        after.add(&now[shared..]);
        (before.finish(), after.finish())
    }
}

/// The text that is edited, and its style.
pub(super) struct Page<'t> {
    pub text: &'t str,
    pub newline: &'static str,
}

impl<'t> Page<'t> {
    pub fn new(text: &'t str) -> Self {
        let first = text.find('\n').map(|newline| &text[..newline]);
        Self { text, newline: if first.is_some_and(|line| line.ends_with('\r')) { "\r\n" } else { "\n" } }
    }

    /// The splices that make the entry at `node`, behind a dash in `column`, mean `new`; with `whole` it is written anew.
    pub fn entry(
        &self,
        node: &Node,
        (dash, column): (usize, usize),
        (old, new): (&Value, &Value),
        whole: bool,
    ) -> Option<Vec<Splice>> {
        let mut splices = Vec::new();
        if !whole && self.collection(node, old, new, &mut splices).is_some() {
            return Some(splices);
        }
        // Written anew, it would lose what a person wrote in it beside its meaning.
        if self.has_more(node.start, node.end) {
            return None;
        }
        if matches!(node.kind, Kind::Mapping { flow: true, .. }) {
            return Some(vec![splice(node.start, node.end, &json(new))]);
        }
        let block = self.block(&Value::Sequence(vec![new.clone()]), column);
        Some(vec![splice(dash, self.line_end(node.end), block.trim_start())])
    }

    /// Goes into a collection; `None`, with nothing added, where it must be written anew as a whole.
    fn collection(&self, node: &Node, old: &Value, new: &Value, out: &mut Vec<Splice>) -> Option<()> {
        let mut splices = Vec::new();
        match (&node.kind, old, new) {
            (Kind::Mapping { flow, entries }, Value::Mapping(old), Value::Mapping(new)) => {
                self.mapping(node, *flow, entries, old, new, &mut splices)?;
            }
            (Kind::Sequence { flow, items }, Value::Sequence(old), Value::Sequence(new)) => {
                self.sequence(node, *flow, items, (old, new), &mut splices)?;
            }
            _ => return None,
        }
        out.append(&mut splices);
        Some(())
    }

    fn mapping(
        &self,
        node: &Node,
        flow: bool,
        entries: &[(Node, Node)],
        old: &Mapping,
        new: &Mapping,
        out: &mut Vec<Splice>,
    ) -> Option<()> {
        let (mut kept, mut last, mut merged) = (0, node.content + 1, false);
        let mut gone = vec![false; entries.len()];
        let mut own = HashMap::new();
        for (place, (key, value)) in entries.iter().enumerate() {
            let Kind::Scalar(name) = &key.kind else { return None };
            match is_merge(key) {
                true => merged = true,
                // Of equal keys the last one counts.
                false => _ = own.insert(name.as_str(), place),
            }
            let end = if value.end > value.start { value.end } else { self.after_colon(key)? };
            last = last.max(end);
        }
        for (place, (key, value)) in entries.iter().enumerate().filter(|(_, (key, _))| !is_merge(key)) {
            let Kind::Scalar(name) = &key.kind else { return None };
            let end = if value.end > value.start { value.end } else { self.after_colon(key)? };
            match (old.get(name)?, new.get(name)) {
                (_, None) if flow => gone[place] = true,
                (_, None) => out.push(splice(self.lines_from(key.start)?, self.line_end(end), "")),
                (before, Some(after)) => {
                    kept += 1;
                    if before != after && own.get(name.as_str()) == Some(&place) {
                        self.value(key, value, flow, before, after, out)?;
                    }
                }
            }
        }
        // What a merge brings in is not written here: it can be overridden behind it, but not be taken away.
        let foreign = |key: &Value| key.as_str().is_none_or(|key| !own.contains_key(key));
        let taken_away = old.keys().any(|key| foreign(key) && !(merged && new.contains_key(key)));
        // A mapping that loses all its keys would become nothing.
        if (kept == 0 && !merged) || taken_away {
            return None;
        }
        let spans: Vec<Span> =
            entries.iter().map(|(key, value)| Span { start: key.start, end: value.end.max(key.end) }).collect();
        self.take_out(&spans, &gone, out)?;
        let is_new = |(key, value): &(&Value, &Value)| foreign(key) && old.get(*key) != Some(*value);
        let added: Mapping = new.iter().filter(is_new).map(|(k, v)| (k.clone(), v.clone())).collect();
        if added.is_empty() {
            return Some(());
        }
        if flow {
            // What goes at the end would take the place that this is written to with it.
            if gone.last() == Some(&true) {
                return None;
            }
            let text: String = added.iter().map(|(key, value)| format!(", {}: {}", json(key), json(value))).collect();
            out.push(splice(last, last, &text));
        } else {
            let at = self.line_end(last);
            let text = format!("{}{}", self.newline, self.block(&Value::Mapping(added), node.column));
            out.push(splice(at, at, &text));
        }
        Some(())
    }

    fn value(
        &self,
        key: &Node,
        node: &Node,
        flow: bool,
        old: &Value,
        new: &Value,
        out: &mut Vec<Splice>,
    ) -> Option<()> {
        if self.collection(node, old, new, out).is_some() {
            return Some(());
        }
        let end = if node.end > node.start { node.end } else { self.after_colon(key)? };
        // Written anew, it would lose what a person wrote beside the keys that stay.
        let stays = |old: &Mapping| old.keys().any(|key| new.get(key).is_some());
        if old.as_mapping().is_some_and(stays) && self.has_more(node.start, end) {
            return None;
        }
        if flow {
            out.push((node.end > node.content).then(|| splice(node.content, node.end, &json(new)))?);
            return Some(());
        }
        let is_scalar = matches!(node.kind, Kind::Scalar(_)) && !node.block;
        if is_scalar && !new.is_mapping() && !new.is_sequence() {
            out.push(self.scalar(key, Span { start: node.content, end: node.end }, &self.like(node, new))?);
            return Some(());
        }
        // A comment behind a header, `|` or `>`, says something of the value; where it may not go, nothing is done.
        if node.block && self.text[key.end..self.line_end(key.end)].contains('#') {
            return None;
        }
        let mut pair = Mapping::new();
        let Kind::Scalar(name) = &key.kind else { return None };
        pair.insert(name.as_str().into(), new.clone());
        out.push(splice(key.start, self.line_end(end), self.block(&Value::Mapping(pair), key.column).trim_start()));
        Some(())
    }

    /// Whether a text holds more than what it means: comments, anchors, aliases, tags. A string that looks like it counts, too.
    fn has_more(&self, start: usize, end: usize) -> bool {
        let text = &self.text[start..self.line_end(end)];
        let marks = |at: usize| text[..at].ends_with([' ', '\t', '\n', ',', '[', '{']) || at == 0;
        text.match_indices(['#', '&', '*', '!']).any(|(at, _)| marks(at))
    }

    /// A new scalar for a key that has one, or has nothing.
    fn scalar(&self, key: &Node, value: Span, text: &str) -> Option<Splice> {
        if value.end > value.start {
            return Some(splice(value.start, value.end, text));
        }
        let at = self.after_colon(key)?;
        Some(splice(at, at, &format!(" {text}")))
    }

    /// A scalar in the quotes of the one in whose place it is written, so that writing the old one again restores them.
    fn like(&self, node: &Node, new: &Value) -> String {
        let Value::String(text) = new else { return scalar(new) };
        match self.text[node.content..node.end].chars().next() {
            Some('"') => json(new),
            // Single quotes have no escapes: a line break or a control character needs the double ones.
            Some('\'') if !text.chars().any(char::is_control) => format!("'{}'", text.replace('\'', "''")),
            _ => scalar(new),
        }
    }

    fn sequence(
        &self,
        node: &Node,
        flow: bool,
        items: &[Node],
        (old, new): (&[Value], &[Value]),
        out: &mut Vec<Splice>,
    ) -> Option<()> {
        if items.len() != old.len() {
            return None;
        }
        if new.len() < old.len() {
            return self.shorter(flow, items, (old, new), out);
        }
        for ((item, before), after) in items.iter().zip(old).zip(new) {
            if before == after || self.collection(item, before, after, out).is_some() {
                continue;
            }
            if before.is_mapping() && after.is_mapping() && self.has_more(item.start, item.end) {
                return None;
            }
            if flow {
                out.push(splice(item.start, item.end, &json(after)));
            } else {
                let (dash, column) = self.dash(item)?;
                let text = self.block(&Value::Sequence(vec![after.clone()]), column);
                out.push(splice(dash, self.line_end(item.end), text.trim_start()));
            }
        }
        let added = &new[old.len()..];
        if added.is_empty() {
            return Some(());
        }
        let texts = || added.iter().map(json).collect::<Vec<_>>().join(", ");
        match items.last() {
            None if flow => out.push(splice(node.content + 1, node.content + 1, &texts())),
            None => return None,
            Some(last) if flow => out.push(splice(last.end, last.end, &format!(", {}", texts()))),
            Some(last) => {
                let at = self.line_end(last.end);
                let block = self.block(&Value::Sequence(added.to_vec()), self.dash(last)?.1);
                out.push(splice(at, at, &format!("{}{block}", self.newline)));
            }
        }
        Some(())
    }

    /// Takes items out of a list; those that stay keep their text. `None` where more than that is wanted, or where a block
    /// list would be left with nothing, which is no list.
    fn shorter(
        &self,
        flow: bool,
        items: &[Node],
        (old, new): (&[Value], &[Value]),
        out: &mut Vec<Splice>,
    ) -> Option<()> {
        let mut stay = new.iter().peekable();
        let gone: Vec<bool> = old.iter().map(|item| stay.next_if_eq(&item).is_none()).collect();
        if stay.peek().is_some() || (new.is_empty() && !flow) {
            return None;
        }
        if flow {
            let spans: Vec<Span> = items.iter().map(|item| Span { start: item.start, end: item.end }).collect();
            return self.take_out(&spans, &gone, out);
        }
        for (item, _) in items.iter().zip(gone).filter(|(_, gone)| *gone) {
            out.push(splice(self.lines_from(self.dash(item)?.0)?, self.line_end(item.end), ""));
        }
        Some(())
    }

    /// Takes parts out of a collection in braces or brackets: with the comma before each, those at the beginning with the
    /// comma behind them. `None` where a comment stands in between: it would go, too.
    fn take_out(&self, parts: &[Span], gone: &[bool], out: &mut Vec<Splice>) -> Option<()> {
        for (place, part) in parts.iter().enumerate().filter(|(place, _)| gone[*place]) {
            let leading = gone[..place].iter().all(|gone| *gone);
            let (start, end) = match (leading, parts.get(place + 1)) {
                (false, _) => (parts[place - 1].end, part.end),
                (true, Some(next)) => (part.start, next.start),
                (true, None) => (part.start, part.end),
            };
            let between = [&self.text[start..part.start.max(start)], &self.text[part.end.min(end)..end]];
            if between.iter().any(|text| text.contains('#')) {
                return None;
            }
            out.push(splice(start, end, ""));
        }
        Some(())
    }

    /// A value as block YAML in a column, with the file's line ends and without a last one.
    pub fn block(&self, value: &Value, column: usize) -> String {
        let indent = " ".repeat(column);
        let text = yaml(value);
        let lines: Vec<String> =
            text.lines().map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") }).collect();
        lines.join(self.newline)
    }

    /// The end of the line that holds the byte before `offset`, before its line break.
    pub fn line_end(&self, offset: usize) -> usize {
        let rest = &self.text[offset..];
        offset + rest.find('\n').map_or(rest.len(), |newline| rest[..newline].trim_end_matches('\r').len())
    }

    /// Where to cut so that the line of `offset` goes: before the line break above it. Nothing else may stand before
    /// `offset` in its line.
    pub fn lines_from(&self, offset: usize) -> Option<usize> {
        let before = self.text[..offset].trim_end_matches(' ');
        let line = before.strip_suffix('\n')?;
        Some(line.strip_suffix('\r').unwrap_or(line).len())
    }

    /// The dash before an item of a block list, and its column.
    fn dash(&self, item: &Node) -> Option<(usize, usize)> {
        let dash = self.text[..item.start].trim_end().strip_suffix('-')?.len();
        Some((dash, dash - self.text[..dash].rfind('\n').map_or(0, |newline| newline + 1)))
    }

    fn after_colon(&self, key: &Node) -> Option<usize> {
        self.colon_after(key.end)
    }

    /// Behind the colon that follows `offset`.
    pub fn colon_after(&self, offset: usize) -> Option<usize> {
        let rest = &self.text[offset..];
        let colon = rest.find(':').filter(|colon| rest[..*colon].trim().is_empty())?;
        Some(offset + colon + 1)
    }
}

pub(super) fn splice(start: usize, end: usize, text: &str) -> Splice {
    Splice { at: Span { start, end }, text: text.to_owned() }
}

/// Makes the splices; answers those that take them back. `None`, with nothing done, where two overlap.
pub(super) fn make(text: &mut String, mut splices: Vec<Splice>) -> Option<Vec<Splice>> {
    splices.sort_by_key(|splice| (splice.at.start, splice.at.end));
    if splices.windows(2).any(|pair| pair[0].at.end > pair[1].at.start) {
        return None;
    }
    let (mut back, mut grown, mut cut) = (Vec::with_capacity(splices.len()), 0, 0);
    for splice in &splices {
        let start = splice.at.start + grown - cut;
        let old = splice.at.of(text).to_owned();
        (grown, cut) = (grown + splice.text.len(), cut + old.len());
        back.push(Splice { at: Span { start, end: start + splice.text.len() }, text: old });
    }
    // Each replacement moves all that follows; many of them had better copy once.
    if splices.len() <= 4 {
        for splice in splices.iter().rev() {
            text.replace_range(splice.at.start..splice.at.end, &splice.text);
        }
        return Some(back);
    }
    let mut out = String::with_capacity(text.len() + grown - cut.min(grown));
    let mut at = 0;
    for splice in &splices {
        out.push_str(&text[at..splice.at.start]);
        out.push_str(&splice.text);
        at = splice.at.end;
    }
    out.push_str(&text[at..]);
    *text = out;
    Some(back)
}
