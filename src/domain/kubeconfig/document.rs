//! Lossless edits: text is spliced where the layout says, then read again to prove that the result means exactly what
//! was wanted. What is not edited stays byte for byte.

use std::collections::HashSet;

use memchr::memmem::Finder;
use serde_yaml::{Mapping, Value};

use crate::domain::kubeconfig::edit::{Change, Edit, List, Problem};
use crate::domain::kubeconfig::emit::yaml;
use crate::domain::kubeconfig::layout::{Entry, Layout, Span};
use crate::domain::kubeconfig::meaning::{is_agreed, meaning, second_meaning, value_of};
use crate::domain::kubeconfig::outline::{Kind, Node, outline};
use crate::domain::kubeconfig::plan::{Plan, entry_node, find_node};
use crate::domain::kubeconfig::proof::Proof;
use crate::domain::kubeconfig::rewrite::{Page, Replaced, Splice, make};
use crate::domain::kubeconfig::scan::scan;

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
    /// Only the second parser, which is of kubectl's family, could: it can be read, and for this reason not be edited.
    ReadOnly(Value, Problem),
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

    /// Reads a file that the fast reader knows all of.
    pub(super) fn plain(text: String) -> Option<Self> {
        let layout = scan(&text)?;
        Some(Self { text, meaning: Meaning::Scanned(layout) })
    }

    /// The same with the YAML parser, whatever the fast reader could do.
    pub fn parse_all(text: String) -> Result<Self, Problem> {
        let meaning = match compose(&text) {
            Ok((root, value)) => {
                check_all(&text, root.as_ref(), &value)?;
                Meaning::Parsed(value)
            }
            Err(problem) => match second_meaning(&text) {
                Some(value) if value.is_mapping() && check_all(&text, None, &value).is_ok() => {
                    let message =
                        format!("{}; it can be read, but not edited: write that more plainly", problem.message);
                    Meaning::ReadOnly(value, Problem { message, ..problem })
                }
                _ => return Err(problem),
            },
        };
        Ok(Self { text, meaning })
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is an entry of this name.
    pub fn has(&self, list: List, name: &str) -> bool {
        match &self.meaning {
            Meaning::Scanned(layout) => layout.entry(&self.text, list, name).is_some(),
            Meaning::Parsed(value) | Meaning::ReadOnly(value, _) => entry_of(value, list, name).is_some(),
        }
    }

    /// The body of an entry, a mapping or `null` for one without; `None` where there is no such entry.
    pub fn body(&self, list: List, name: &str) -> Result<Option<Value>, Problem> {
        let Some(mut entry) = self.entry(list, name)? else { return Ok(None) };
        let body = entry.get_mut(list.body_key()).map_or(Value::Null, std::mem::take);
        match body.is_mapping() || body.is_null() {
            true => Ok(Some(body)),
            false => {
                let message = format!("the `{}` of `{name}` is not a mapping; correct that", list.body_key());
                Err(Problem { at: self.place(list, name), message })
            }
        }
    }

    /// The body of an entry as it means to kubectl: with YAML's merge keys resolved.
    pub fn meaning(&self, list: List, name: &str) -> Result<Option<Value>, Problem> {
        Ok(self.entry(list, name)?.map(|entry| resolved(entry, list)))
    }

    /// The meaning of every entry of a list that can be read, with its name.
    pub fn meanings(&self, list: List) -> Vec<(&str, Value)> {
        match &self.meaning {
            Meaning::Scanned(layout) => {
                let entries = layout.items(&self.text, list).map_or(&[][..], |items| &items.entries);
                let value = |entry: &'_ Entry| Some(resolved(entry.value(&self.text).ok()?, list));
                entries.iter().filter_map(|entry| Some((entry.name.of(&self.text), value(entry)?))).collect()
            }
            Meaning::Parsed(value) | Meaning::ReadOnly(value, _) => entries_of(value, list)
                .filter_map(|entry| Some((name_of(entry)?, resolved(entry.clone(), list))))
                .collect(),
        }
    }

    /// The same of the entries that may hold these words: the fast reader takes no text that spells them otherwise, and others
    /// need not be taken apart.
    pub fn meanings_with(&self, list: List, words: &[&str]) -> Vec<(&str, Value)> {
        let Meaning::Scanned(layout) = &self.meaning else { return self.meanings(list) };
        let words: Vec<Finder<'_>> = words.iter().map(Finder::new).collect();
        let holds = |entry: &&Entry| {
            let text = entry.span.of(&self.text).as_bytes();
            words.iter().all(|word| word.find(text).is_some())
        };
        let entries = layout.items(&self.text, list).map_or(&[][..], |items| &items.entries);
        let value = |entry: &'_ Entry| Some(resolved(entry.value(&self.text).ok()?, list));
        entries.iter().filter(holds).filter_map(|entry| Some((entry.name.of(&self.text), value(entry)?))).collect()
    }

    /// Line and column of an entry.
    fn place(&self, list: List, name: &str) -> Option<(usize, usize)> {
        let offset = match &self.meaning {
            Meaning::Scanned(layout) => layout.entry(&self.text, list, name)?.dash,
            Meaning::Parsed(_) | Meaning::ReadOnly(..) => {
                let root = nodes(&self.text).ok()??;
                Layout::of_nodes(&self.text, &root)?.entry(&self.text, list, name)?.dash
            }
        };
        Problem::at(&self.text, offset, "").at
    }

    fn entry(&self, list: List, name: &str) -> Result<Option<Value>, Problem> {
        match &self.meaning {
            Meaning::Scanned(layout) => {
                layout.entry(&self.text, list, name).map(|entry| entry.value(&self.text)).transpose()
            }
            Meaning::Parsed(value) | Meaning::ReadOnly(value, _) => Ok(entry_of(value, list, name).cloned()),
        }
    }

    /// The names of a list, in its order. kubectl takes entries without a name too; nobody can choose them.
    pub fn names(&self, list: List) -> Vec<&str> {
        match &self.meaning {
            Meaning::Scanned(layout) => {
                let entries = layout.items(&self.text, list).map_or(&[][..], |items| &items.entries);
                entries.iter().map(|entry| entry.name.of(&self.text)).collect()
            }
            Meaning::Parsed(value) | Meaning::ReadOnly(value, _) => {
                entries_of(value, list).filter_map(name_of).filter(|name| !name.is_empty()).collect()
            }
        }
    }

    /// The current context, if one is set.
    pub fn current_context(&self) -> Option<String> {
        let value = match &self.meaning {
            Meaning::Scanned(layout) => {
                meaning(layout.key(&self.text, "current-context")?.value.of(&self.text)).ok()?
            }
            Meaning::Parsed(value) | Meaning::ReadOnly(value, _) => value.get("current-context")?.clone(),
        };
        value.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
    }

    /// Makes the edits; answers what they replaced, or `None` where they changed nothing. After an error the document is as it was.
    pub fn edit(&mut self, edits: &[Edit]) -> Result<Option<Replaced>, Problem> {
        let (changes, current) = self.changes(edits)?;
        if changes.is_empty() && current.is_none() {
            return Ok(None);
        }
        if let Meaning::Scanned(_) = self.meaning {
            if let Some(replaced) = self.edit_scanned(&changes, current.as_deref()) {
                return Ok(Some(replaced));
            }
            // What the fast reader's edit cannot prove, the parser may.
            self.meaning = Self::parse_all(std::mem::take(&mut self.text)).map(|all| {
                self.text = all.text;
                all.meaning
            })?;
        }
        self.edit_parsed(&changes, current.as_deref()).map(Some)
    }

    /// The edits that have an effect: one for each entry, the last one given.
    fn changes(&self, edits: &[Edit]) -> Result<(Vec<Change>, Option<String>), Problem> {
        let (mut seen, mut changes, mut current) = (HashSet::new(), Vec::new(), None);
        for edit in edits.iter().rev() {
            let (list, name, body) = match edit {
                Edit::CurrentContext(name) => {
                    current.get_or_insert_with(|| name.clone());
                    continue;
                }
                Edit::Rename(list, name, becomes) => {
                    let Some(old) = self.entry(*list, name)? else { continue };
                    if self.has(*list, becomes) {
                        let message = format!("`{becomes}` is there already in `{}`", list.key());
                        return Err(Problem { at: self.place(*list, becomes), message });
                    }
                    let mut new = old.clone();
                    new["name"] = becomes.as_str().into();
                    if name != becomes && seen.insert((*list, name)) {
                        changes.push(Change { list: *list, name: name.clone(), old: Some(old), new: Some(new) });
                    }
                    continue;
                }
                Edit::Near(_) => continue,
                Edit::Put(list, name, body) => (*list, name, Some(body)),
                Edit::Remove(list, name) => (*list, name, None),
            };
            if !seen.insert((list, name)) {
                continue;
            }
            let old = self.entry(list, name)?;
            let new = body.map(|body| {
                let mut entry = match &old {
                    Some(Value::Mapping(entry)) => entry.clone(),
                    None => Mapping::new(),
                    Some(_) => {
                        let message = format!("`{name}` of `{}` is not a mapping; correct that", list.key());
                        return Err(Problem { at: self.place(list, name), message });
                    }
                };
                entry.entry("name".into()).or_insert_with(|| name.as_str().into());
                entry.insert(list.body_key().into(), body.clone());
                Ok(Value::Mapping(entry))
            });
            let new = new.transpose()?;
            if old != new {
                changes.push(Change { list, name: name.clone(), old, new });
            }
        }
        changes.reverse();
        Ok((changes, current.filter(|name| self.current_context().as_deref() != Some(name))))
    }

    fn edit_scanned(&mut self, changes: &[Change], current: Option<&str>) -> Option<Replaced> {
        let Meaning::Scanned(layout) = &self.meaning else { return None };
        let text = &self.text;
        let node = |entry: &Entry| entry_node(text, entry);
        let plan = Plan { page: Page::new(text), layout, node: &node, on_top: false, whole: false };
        let splices = plan.splices(changes, current)?;
        let proof = Proof::new(text, layout, changes, current, &splices)?;
        let was = self.current_context();
        let back = make(&mut self.text, splices)?;
        if let Some(layout) = scan(&self.text).filter(|layout| proof.holds(&self.text, layout)) {
            drop(proof);
            let old = std::mem::replace(&mut self.meaning, Meaning::Scanned(layout));
            if self.current_context().as_deref() == current.or(was.as_deref()) {
                return Some(Replaced::new(back));
            }
            self.meaning = old;
        }
        make(&mut self.text, back)?;
        None
    }

    fn edit_parsed(&mut self, changes: &[Change], current: Option<&str>) -> Result<Replaced, Problem> {
        let value = match &self.meaning {
            Meaning::Parsed(value) => value,
            Meaning::ReadOnly(_, problem) => return Err(problem.clone()),
            Meaning::Scanned(_) => return Err(self.unsafe_to_edit()),
        };
        let wanted = wanted(value, changes, current);
        let root = nodes(&self.text)?.filter(|root| matches!(root.kind, Kind::Mapping { .. }));
        let layout = root.as_ref().map(|root| Layout::of_nodes(&self.text, root).ok_or_else(|| self.unsafe_to_edit()));
        let layout = layout.transpose()?;
        // New keys go to the end; or to the top, where the end cannot be moved away from the scalar above it. Entries are
        // changed piece by piece; or written anew, where pieces do not come to what is wanted.
        let ways = [(false, false), (true, false), (false, true), (true, true)];
        let texts = ways.into_iter().filter_map(|(on_top, whole)| match (&root, &layout) {
            (Some(root), Some(layout)) => {
                let node = |entry: &Entry| find_node(root, entry);
                let plan = Plan { page: Page::new(&self.text), layout, node: &node, on_top, whole };
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
                let at = Span { start: 0, end: text.len() };
                let old = std::mem::replace(&mut self.text, text);
                self.meaning = Meaning::Parsed(wanted);
                Ok(Replaced::new(vec![Splice { at, text: old }]))
            }
            None => {
                drop(proved);
                let there = changes.iter().filter(|change| change.old.is_some());
                let entry = there.filter_map(|change| self.place(change.list, &change.name)).next();
                Err(self.unsafe_to_edit_at(entry))
            }
        }
    }

    fn unsafe_to_edit(&self) -> Problem {
        self.unsafe_to_edit_at(None)
    }

    /// What is known to be in the way, with what to do about it; else the place of the first thing out of the ordinary, as far as
    /// anybody can tell, or that of the entry that is to be edited.
    fn unsafe_to_edit_at(&self, entry: Option<(usize, usize)>) -> Problem {
        let root = nodes(&self.text).ok().flatten();
        let empty = root.as_ref().and_then(|root| empty_item(&self.text, root));
        empty.or_else(|| anchor_in_use(&self.text)).unwrap_or_else(|| Problem {
            at: odd_place(&self.text).or(entry).or(Some((1, 1))),
            message: "from here on it is written in a way that cannot be edited safely".to_owned(),
        })
    }
}

/// The first item of a list with nothing in it.
fn empty_item(text: &str, root: &Node) -> Option<Problem> {
    let is_empty = |node: &&Node| matches!(&node.kind, Kind::Scalar(text) if node.plain && ["", "~", "null", "Null", "NULL"].contains(&text.as_str()));
    List::ALL.into_iter().find_map(|list| {
        let Kind::Sequence { items, .. } = &root.get(list.key())?.1.kind else { return None };
        let item = items.iter().find(is_empty)?;
        // The parser may report nothing where the next line starts.
        let before = text[..item.start].trim_end();
        let place = if before.ends_with('-') { before.len() - 1 } else { item.start };
        Some(Problem::at(text, place, format!("this item of `{}` is empty; remove it", list.key())))
    })
}

/// The first anchor that is used further on.
fn anchor_in_use(text: &str) -> Option<Problem> {
    let ends = |c: char| c.is_whitespace() || "[]{},".contains(c);
    let starts = |at: usize| text[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || "[{,".contains(c));
    let named = |mark: char| {
        let places = text.match_indices(mark).filter(|(at, _)| starts(*at));
        places.map(|(at, _)| (at, text[at + 1..].split(ends).next().unwrap_or_default()))
    };
    named('&').filter(|(_, name)| !name.is_empty()).find_map(|(at, name)| {
        let (used, _) = named('*').find(|(used, alias)| *used > at && *alias == name)?;
        let line = text[..used].matches('\n').count() + 1;
        let message = format!(
            "the anchor `&{name}` is used in line {line}, where only a part of it can be changed safely; write there what it \
             stands for, in place of `*{name}`"
        );
        Some(Problem::at(text, at, message))
    })
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

/// The nodes of a text. The parser with the positions takes no tab behind a colon; kubectl's does, and the comparison of
/// the two shows whether a blank would mean the same.
fn nodes(text: &str) -> Result<Option<Node>, Problem> {
    outline(text).or_else(|problem| match text.contains('\t') {
        true => outline(&text.replace('\t', " ")).map_err(|_| problem),
        false => Err(problem),
    })
}

/// What a text means, where both parsers find the same in it.
fn compose(text: &str) -> Result<(Option<Node>, Value), Problem> {
    let root = nodes(text)?;
    if !is_agreed(text, root.as_ref()) {
        return Err(Problem {
            at: odd_place(text).or(Some((1, 1))),
            message: "from here on two YAML parsers read it differently; write it more plainly".to_owned(),
        });
    }
    let value = root.as_ref().map_or(Ok(Value::Null), |root| value_of(text, root))?;
    Ok((root, value))
}

fn parse_value(text: &str) -> Result<Value, Problem> {
    let (root, value) = compose(text)?;
    check_all(text, root.as_ref(), &value)?;
    Ok(value)
}

fn check_all(text: &str, root: Option<&Node>, value: &Value) -> Result<(), Problem> {
    match value {
        Value::Mapping(_) => List::ALL.iter().try_for_each(|list| check(text, root, value, *list)),
        Value::Null => Ok(()),
        _ => {
            let start = root.map_or(0, |root| root.start);
            Err(Problem::at(text, start, "it is not a kubeconfig: the document is not a mapping"))
        }
    }
}

/// Where the first thing stands that is out of the ordinary.
fn odd_place(text: &str) -> Option<(usize, usize)> {
    let odd = |line: &str| line.find(['&', '*', '<', '!', '?', '\t', '{', '[']);
    text.lines().enumerate().find_map(|(number, line)| Some((number + 1, odd(line)? + 1)))
}

/// The body of an entry with its merge keys resolved; a merge of what is no mapping, which kubectl refuses, stays.
fn resolved(mut entry: Value, list: List) -> Value {
    _ = entry.apply_merge();
    entry.get_mut(list.body_key()).map_or(Value::Null, std::mem::take)
}

/// A list must be one, of mappings with names that differ (client-go refuses the file otherwise).
fn check(text: &str, root: Option<&Node>, value: &Value, list: List) -> Result<(), Problem> {
    let node = root.and_then(|root| root.get(list.key())).map(|(_, node)| node);
    let problem = |place: Option<usize>, message: String| {
        let entry = match node.map(|node| &node.kind) {
            Some(Kind::Sequence { items, .. }) => place.and_then(|place| items.get(place)),
            _ => None,
        };
        let place = entry.or(node).or(root).map_or(0, |node| node.start);
        Err(Problem::at(text, place, message))
    };
    let entries = match value.get(list.key()) {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Sequence(entries)) => entries,
        Some(_) => return problem(None, format!("`{}` is not a list; correct that", list.key())),
    };
    let mut seen = HashSet::new();
    for (place, entry) in entries.iter().enumerate() {
        let key = list.key();
        match name_of(entry) {
            _ if !entry.is_mapping() && !entry.is_null() => {
                return problem(Some(place), format!("an entry of `{key}` is not a mapping; correct that"));
            }
            None => return problem(Some(place), format!("a name in `{key}` is not text; put it in quotes")),
            Some(name) if !seen.insert(name) => {
                let fact = match name {
                    "" => format!("`{key}` has two entries without a name; name one of them"),
                    name => format!("`{key}` has two entries named `{name}`; remove one"),
                };
                return problem(Some(place), fact);
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// The name of an entry; nothing for one without, as for kubectl. `None` for one that is not text.
fn name_of(entry: &Value) -> Option<&str> {
    match entry.get("name") {
        None | Some(Value::Null) => Some(""),
        Some(name) => name.as_str(),
    }
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
