//! Lossless edits: text is spliced where the layout says, then read again to prove that the result means exactly what
//! was wanted. What is not edited stays byte for byte.

use std::collections::HashSet;
use std::fmt;

use serde_yaml::{Mapping, Value};

use crate::domain::kubeconfig::emit::{json, scalar, yaml};
use crate::domain::kubeconfig::layout::{Entry, Items, Key, Layout, Name, Span};
use crate::domain::kubeconfig::outline::{Kind, Node, outline};
use crate::domain::kubeconfig::rewrite::{Page, Splice, make, splice};
use crate::domain::kubeconfig::scan::scan;

/// A list of a kubeconfig.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    /// `clusters`
    Clusters,
    /// `users`
    Users,
    /// `contexts`
    Contexts,
}

impl List {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Clusters, Self::Users, Self::Contexts];

    /// Its key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::Users => "users",
            Self::Contexts => "contexts",
        }
    }

    /// The key of the body inside an entry: `{name: …, cluster: …}`.
    pub fn body_key(self) -> &'static str {
        match self {
            Self::Clusters => "cluster",
            Self::Users => "user",
            Self::Contexts => "context",
        }
    }
}

/// One change.
#[derive(Debug, Clone)]
pub enum Edit {
    /// Makes the entry `name` of a list have this body; a new entry goes to the end of the list.
    Put(List, String, Value),
    /// Removes the entry `name` of a list, if it is there.
    Remove(List, String),
    /// Sets `current-context`.
    CurrentContext(String),
}

/// Why a kubeconfig cannot be read or edited.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line and column, from 1, where known.
    pub at: Option<(usize, usize)>,
    /// The reason.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((line, column)) => write!(f, "line {line}, column {column}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A kubeconfig file's text and what it means. The default is an empty one.
#[derive(Debug)]
pub struct Document {
    text: String,
    meaning: Meaning,
}

/// What is known about the text.
#[derive(Debug)]
enum Meaning {
    /// The fast reader knows where everything is; entries are parsed when somebody asks for them.
    Scanned(Layout),
    /// A YAML parser read it all.
    Parsed(Value),
}

/// What is to be done with one entry.
struct Change {
    list: List,
    name: String,
    /// The entry as it is and as it is to be; `None` where there is or will be none.
    old: Option<Value>,
    new: Option<Value>,
}

impl Default for Document {
    fn default() -> Self {
        Self { text: String::new(), meaning: Meaning::Parsed(Value::Null) }
    }
}

impl Document {
    /// Reads a file. Empty text is an empty kubeconfig, as for kubectl.
    pub fn parse(text: String) -> Result<Self, Problem> {
        match scan(&text) {
            Some(layout) => Ok(Self { text, meaning: Meaning::Scanned(layout) }),
            None => Self::parse_all(text),
        }
    }

    /// The same with the YAML parser, whatever the fast reader could do.
    pub fn parse_all(text: String) -> Result<Self, Problem> {
        let value = parse_value(&text)?;
        List::ALL.iter().try_for_each(|list| check(&value, *list))?;
        Ok(Self { text, meaning: Meaning::Parsed(value) })
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is an entry of this name.
    pub fn has(&self, list: List, name: &str) -> bool {
        match &self.meaning {
            Meaning::Scanned(layout) => layout.entry(&self.text, list, name).is_some(),
            Meaning::Parsed(value) => entry_of(value, list, name).is_some(),
        }
    }

    /// The body of an entry; `null` for one without.
    pub fn body(&self, list: List, name: &str) -> Option<Value> {
        let mut entry = self.entry(list, name)?;
        Some(entry.get_mut(list.body_key()).map_or(Value::Null, std::mem::take))
    }

    fn entry(&self, list: List, name: &str) -> Option<Value> {
        match &self.meaning {
            Meaning::Scanned(layout) => {
                Some(slice_value(&self.text, layout.entry(&self.text, list, name)?).unwrap_or_default())
            }
            Meaning::Parsed(value) => entry_of(value, list, name).cloned(),
        }
    }

    /// The names of a list, in its order.
    pub fn names(&self, list: List) -> Vec<&str> {
        match &self.meaning {
            Meaning::Scanned(layout) => {
                let entries = layout.items(&self.text, list).map_or(&[][..], |items| &items.entries);
                entries.iter().map(|entry| entry.name.of(&self.text)).collect()
            }
            Meaning::Parsed(value) => entries_of(value, list).filter_map(name_of).collect(),
        }
    }

    /// The current context, if one is set.
    pub fn current_context(&self) -> Option<String> {
        let value = match &self.meaning {
            Meaning::Scanned(layout) => {
                serde_yaml::from_str(layout.key(&self.text, "current-context")?.value.of(&self.text)).ok()?
            }
            Meaning::Parsed(value) => value.get("current-context")?.clone(),
        };
        value.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
    }

    /// Makes the edits; answers whether they changed anything. After an error the document is as it was.
    pub fn edit(&mut self, edits: &[Edit]) -> Result<bool, Problem> {
        let (changes, current) = self.changes(edits);
        if changes.is_empty() && current.is_none() {
            return Ok(false);
        }
        if let Meaning::Scanned(_) = self.meaning {
            if self.edit_scanned(&changes, current.as_deref()).is_some() {
                return Ok(true);
            }
            // What the fast reader's edit cannot prove, the parser may.
            self.meaning = Self::parse_all(std::mem::take(&mut self.text)).map(|all| {
                self.text = all.text;
                all.meaning
            })?;
        }
        self.edit_parsed(&changes, current.as_deref())?;
        Ok(true)
    }

    /// The edits that have an effect: one for each entry, the last one given.
    fn changes(&self, edits: &[Edit]) -> (Vec<Change>, Option<String>) {
        let (mut seen, mut changes, mut current) = (HashSet::new(), Vec::new(), None);
        for edit in edits.iter().rev() {
            let (list, name, body) = match edit {
                Edit::CurrentContext(name) => {
                    current.get_or_insert_with(|| name.clone());
                    continue;
                }
                Edit::Put(list, name, body) => (*list, name, Some(body)),
                Edit::Remove(list, name) => (*list, name, None),
            };
            if !seen.insert((list, name)) {
                continue;
            }
            let old = self.entry(list, name);
            let new = body.map(|body| {
                let mut entry = old.as_ref().and_then(Value::as_mapping).cloned().unwrap_or_default();
                entry.entry("name".into()).or_insert_with(|| name.as_str().into());
                entry.insert(list.body_key().into(), body.clone());
                Value::Mapping(entry)
            });
            if old != new {
                changes.push(Change { list, name: name.clone(), old, new });
            }
        }
        changes.reverse();
        (changes, current.filter(|name| self.current_context().as_deref() != Some(name)))
    }

    fn edit_scanned(&mut self, changes: &[Change], current: Option<&str>) -> Option<()> {
        let Meaning::Scanned(layout) = &self.meaning else { return None };
        let text = &self.text;
        let node = |entry: &Entry| entry_node(text, entry);
        let splices = Plan { page: Page::new(text), layout, node: &node, on_top: false }.splices(changes, current)?;
        let proof = Proof::new(text, layout, changes, current, &splices)?;
        let was = self.current_context();
        let back = make(&mut self.text, splices)?;
        if let Some(layout) = scan(&self.text).filter(|layout| proof.holds(&self.text, layout)) {
            drop(proof);
            let old = std::mem::replace(&mut self.meaning, Meaning::Scanned(layout));
            if self.current_context().as_deref() == current.or(was.as_deref()) {
                return Some(());
            }
            self.meaning = old;
        }
        make(&mut self.text, back)?;
        None
    }

    fn edit_parsed(&mut self, changes: &[Change], current: Option<&str>) -> Result<(), Problem> {
        let Meaning::Parsed(value) = &self.meaning else { return Ok(()) };
        let wanted = wanted(value, changes, current);
        let root = outline(&self.text).map_err(|error| Problem {
            at: Some((error.marker().line(), error.marker().col() + 1)),
            message: error.info().to_owned(),
        })?;
        let root = root.filter(|root| matches!(root.kind, Kind::Mapping { .. }));
        let layout = root.as_ref().map(|root| Layout::of_nodes(&self.text, root).ok_or_else(|| self.unsafe_to_edit()));
        let layout = layout.transpose()?;
        // New keys go to the end; or to the top, where the end cannot be moved away from the scalar above it.
        let texts = [false, true].into_iter().filter_map(|on_top| match (&root, &layout) {
            (Some(root), Some(layout)) => {
                let node = |entry: &Entry| find_node(root, entry);
                let plan = Plan { page: Page::new(&self.text), layout, node: &node, on_top };
                let mut text = self.text.clone();
                make(&mut text, plan.splices(changes, current)?)?;
                Some(text)
            }
            _ => Some(fresh(&self.text, value, &wanted)),
        });
        let mut proved = texts.filter(|text| parse_value(text).is_ok_and(|value| value == wanted));
        match proved.next() {
            Some(text) => {
                drop(proved);
                (self.text, self.meaning) = (text, Meaning::Parsed(wanted));
                Ok(())
            }
            None => {
                drop(proved);
                Err(self.unsafe_to_edit())
            }
        }
    }

    /// The place is that of the first thing that the fast reader does not know, as far as anybody can tell.
    fn unsafe_to_edit(&self) -> Problem {
        let odd = |line: &str| line.find(['&', '*', '<', '!', '?', '\t', '{', '[']);
        let first = self.text.lines().enumerate().find_map(|(number, line)| Some((number + 1, odd(line)? + 1)));
        Problem {
            at: Some(first.unwrap_or((1, 1))),
            message: "from here on it is written in a way that cannot be edited safely".to_owned(),
        }
    }
}

/// What the layout must be after an edit: what is not touched stands where the splices have moved it, what is touched
/// means what is wanted, and nothing else is there.
struct Proof<'p> {
    layout: &'p Layout,
    changes: &'p [Change],
    /// Changed entries: the list, the place in it, the change.
    touched: Vec<(List, usize, &'p Change)>,
    /// Where splices end, and how far what follows has moved by then.
    moves: Vec<(Span, isize)>,
    new_keys: Vec<&'static str>,
}

impl<'p> Proof<'p> {
    fn new(
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

    fn holds(&self, text: &str, new: &Layout) -> bool {
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
            entry.name.of(text) == change.name && slice_value(text, entry) == change.new
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

/// The whole lines of an entry of a block list.
fn slice<'t>(text: &'t str, entry: &Entry) -> (usize, &'t str) {
    let start = entry.dash - entry.column;
    let rest = &text[entry.span.end..];
    (start, &text[start..entry.span.end + rest.find('\n').map_or(rest.len(), |newline| newline + 1)])
}

fn slice_value(text: &str, entry: &Entry) -> Option<Value> {
    match serde_yaml::from_str(slice(text, entry).1) {
        Ok(Value::Sequence(mut entries)) if entries.len() == 1 => entries.pop(),
        _ => None,
    }
}

fn entry_node(text: &str, entry: &Entry) -> Option<Node> {
    let (start, slice) = slice(text, entry);
    let Kind::Sequence { mut items, .. } = outline(slice).ok()??.kind else { return None };
    let mut node = items.pop().filter(|_| items.is_empty())?;
    node.shift(start);
    Some(node)
}

fn find_node(root: &Node, entry: &Entry) -> Option<Node> {
    let Kind::Mapping { entries, .. } = &root.kind else { return None };
    entries.iter().find_map(|(_, list)| match &list.kind {
        Kind::Sequence { items, .. } => items.iter().find(|item| item.start == entry.span.start).cloned(),
        _ => None,
    })
}

/// How changes become splices.
struct Plan<'p> {
    page: Page<'p>,
    layout: &'p Layout,
    node: &'p dyn Fn(&Entry) -> Option<Node>,
    /// Whether new top-level keys go before the others.
    on_top: bool,
}

impl Plan<'_> {
    fn splices(&self, changes: &[Change], current: Option<&str>) -> Option<Vec<Splice>> {
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
                    splices.append(&mut page.entry(&node, entry.dash, entry.column, old, new)?);
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
                let text = if self.layout.flow {
                    format!(" {}", json(&Value::Sequence(new)))
                } else {
                    format!("{}{}", page.newline, page.block(&Value::Sequence(new), self.layout.column))
                };
                // `[]` or `null` goes; nothing may be there too.
                let end = if value.end > value.start { value.end } else { start };
                splices.push(splice(start, end, &text));
            }
        }
        Some(())
    }
}

/// A whole new kubeconfig behind whatever comments the file holds.
fn fresh(text: &str, value: &Value, wanted: &Value) -> String {
    // `null`, `~` and `...` mean nothing, but could not stand before a mapping.
    let stays = |line: &&str| {
        let line = line.trim().trim_start_matches('\u{feff}');
        !value.is_null() || line.is_empty() || line.starts_with('#') || line == "---"
    };
    let mut text: String = text.split_inclusive('\n').filter(stays).collect();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&yaml(wanted));
    text
}

fn parse_value(text: &str) -> Result<Value, Problem> {
    let value: Value =
        serde_yaml::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).map_err(|error| Problem {
            // The parser's words name line and column.
            at: None,
            message: error.to_string(),
        })?;
    match value {
        Value::Mapping(_) | Value::Null => Ok(value),
        _ => Err(Problem { at: None, message: "it is not a kubeconfig: the document is not a mapping".to_owned() }),
    }
}

/// A list must be one, of mappings with names that differ (client-go refuses the file otherwise).
fn check(value: &Value, list: List) -> Result<(), Problem> {
    let problem = |message| Err(Problem { at: None, message });
    let entries = match value.get(list.key()) {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Sequence(entries)) => entries,
        Some(_) => return problem(format!("`{}` is not a list", list.key())),
    };
    let mut seen = HashSet::new();
    for entry in entries {
        match name_of(entry) {
            None => return problem(format!("an entry of `{}` has no name", list.key())),
            Some(name) if !seen.insert(name) => {
                return problem(format!("`{}` has two entries named `{name}`", list.key()));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn name_of(entry: &Value) -> Option<&str> {
    entry.get("name")?.as_str()
}

fn entries_of(value: &Value, list: List) -> impl Iterator<Item = &Value> {
    value.get(list.key()).and_then(Value::as_sequence).into_iter().flatten()
}

fn entry_of<'v>(value: &'v Value, list: List, name: &str) -> Option<&'v Value> {
    entries_of(value, list).find(|entry| name_of(entry) == Some(name))
}

/// What a whole document means after changes.
fn wanted(value: &Value, changes: &[Change], current: Option<&str>) -> Value {
    let mut wanted = value.clone();
    if !wanted.is_mapping() {
        wanted = Value::Mapping(Mapping::new());
        wanted["apiVersion"] = "v1".into();
        wanted["kind"] = "Config".into();
    }
    for change in changes {
        let key = change.list.key();
        if !wanted.get(key).is_some_and(Value::is_sequence) {
            wanted[key] = Value::Sequence(Vec::new());
        }
        let Some(entries) = wanted[key].as_sequence_mut() else { continue };
        let place = entries.iter().position(|entry| name_of(entry) == Some(&change.name));
        match (place, &change.new) {
            (Some(place), Some(new)) => entries[place] = new.clone(),
            (Some(place), None) => _ = entries.remove(place),
            (None, Some(new)) => entries.push(new.clone()),
            (None, None) => {}
        }
    }
    if let Some(name) = current {
        wanted["current-context"] = name.into();
    }
    wanted
}
