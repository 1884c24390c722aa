//! Where things stand in the text of a kubeconfig: byte spans of its top-level keys and of the entries of its lists.

use serde_yaml::Value;

use crate::domain::kubeconfig::edit::{List, Problem};
use crate::domain::kubeconfig::meaning::{is_merge, meaning, plain};
use crate::domain::kubeconfig::outline::{Kind, Node};

/// A range of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start..self.end]
    }
}

/// A kubeconfig's skeleton.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Whether the root is written in braces, as JSON is.
    pub flow: bool,
    /// Column of the top-level keys.
    pub column: usize,
    pub start: usize,
    /// Behind the last content.
    pub end: usize,
    pub keys: Vec<Key>,
}

/// A top-level key and its value.
#[derive(Debug)]
pub(super) struct Key {
    pub name: Name,
    /// The key itself.
    pub key: Span,
    /// Its value; empty where there is none.
    pub value: Span,
    /// The entries, of one of the three lists.
    pub items: Option<Items>,
}

/// One of the three lists.
#[derive(Debug, Default)]
pub(super) struct Items {
    pub flow: bool,
    pub entries: Vec<Entry>,
}

/// An entry of a list.
#[derive(Debug)]
pub(super) struct Entry {
    pub name: Name,
    /// From its first key, or its brace, to its last content.
    pub span: Span,
    /// Where its dash stands; in a list in brackets, the start.
    pub dash: usize,
    /// Column of the dash.
    pub column: usize,
}

/// A name, as it stands in the text wherever it stands there as such: a large kubeconfig has many.
#[derive(Debug)]
pub(super) enum Name {
    Verbatim(Span),
    Unescaped(Box<str>),
}

impl Name {
    pub fn of<'t>(&'t self, text: &'t str) -> &'t str {
        match self {
            Self::Verbatim(span) => span.of(text),
            Self::Unescaped(name) => name,
        }
    }
}

impl Entry {
    /// The whole lines of an entry of a block list, and where they begin.
    pub fn lines<'t>(&self, text: &'t str) -> (usize, &'t str) {
        let start = self.dash - self.column;
        let rest = &text[self.span.end..];
        (start, &text[start..self.span.end + rest.find('\n').map_or(rest.len(), |newline| newline + 1)])
    }

    /// What an entry of a block list means.
    pub fn value(&self, text: &str) -> Result<Value, Problem> {
        let (start, lines) = self.lines(text);
        let problem = |problem: Problem| {
            let above = text[..start].matches('\n').count();
            Problem { at: problem.at.map(|(line, column)| (line + above, column)), ..problem }
        };
        match meaning(lines).map_err(problem)? {
            Value::Sequence(mut entries) if entries.len() == 1 => Ok(entries.remove(0)),
            _ => Err(Problem::at(text, self.dash, "this is not one entry of its list")),
        }
    }
}

impl Layout {
    /// A top-level key: of equal ones the last counts.
    pub fn key(&self, text: &str, name: &str) -> Option<&Key> {
        self.keys.iter().rfind(|key| key.name.of(text) == name)
    }

    pub fn items(&self, text: &str, list: List) -> Option<&Items> {
        self.key(text, list.key())?.items.as_ref()
    }

    pub fn entry(&self, text: &str, list: List, name: &str) -> Option<&Entry> {
        self.items(text, list)?.entries.iter().find(|entry| entry.name.of(text) == name)
    }

    /// From the nodes of a parser; `None` for what cannot be edited piece by piece.
    pub fn of_nodes(text: &str, root: &Node) -> Option<Self> {
        let Kind::Mapping { flow, entries } = &root.kind else { return None };
        let mut layout =
            Self { flow: *flow, column: root.column, start: root.content, end: root.end, keys: Vec::new() };
        for (key, value) in entries {
            let Kind::Scalar(name) = &key.kind else { return None };
            let list = List::ALL.iter().find(|list| list.key() == name);
            let items = match (&value.kind, list) {
                (Kind::Sequence { flow, items }, Some(_)) => {
                    let entries: Option<_> = items.iter().map(|item| entry(text, item, *flow)).collect();
                    entries.map(|entries| Items { flow: *flow, entries })
                }
                (Kind::Scalar(_), Some(_)) => Some(Items { flow: *flow, entries: Vec::new() }),
                // Such a list stays as it is; the rest can be edited.
                _ => None,
            };
            layout.keys.push(Key {
                name: Name::Unescaped(name.as_str().into()),
                key: Span { start: key.start, end: key.end },
                value: Span { start: value.start, end: value.end },
                items,
            });
        }
        Some(layout)
    }
}

fn entry(text: &str, item: &Node, flow: bool) -> Option<Entry> {
    let Kind::Mapping { entries, .. } = &item.kind else { return None };
    let name = match item.get("name").map(|(_, name)| (&name.kind, name.plain)) {
        Some((Kind::Scalar(text), is_plain)) if is_plain && plain(text).is_null() => "",
        Some((Kind::Scalar(text), _)) => text,
        None if !entries.iter().any(|(key, _)| is_merge(key)) => "",
        _ => return None,
    };
    let name = Name::Unescaped(name.into());
    let span = Span { start: item.start, end: item.end };
    if flow {
        return Some(Entry { name, span, dash: item.start, column: item.column });
    }
    let dash = text[..item.start].trim_end().strip_suffix('-')?.len();
    let line = text[..dash].rfind('\n').map_or(0, |newline| newline + 1);
    Some(Entry { name, span, dash, column: dash - line })
}
