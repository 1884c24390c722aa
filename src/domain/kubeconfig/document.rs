//! Lossless edits: text is spliced at the spans of the outline, then parsed again by another parser to prove that the
//! result means exactly what was wanted. What is not edited stays byte for byte.

use std::collections::HashSet;
use std::fmt;

use serde_yaml::{Mapping, Value};

use super::outline::{Kind, Node, outline};

/// A list of a kubeconfig.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `clusters`
    Clusters,
    /// `users`
    Users,
    /// `contexts`
    Contexts,
}

impl List {
    const ALL: [Self; 3] = [Self::Clusters, Self::Users, Self::Contexts];

    fn key(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::Users => "users",
            Self::Contexts => "contexts",
        }
    }

    /// The key of the body inside an entry: `{name: …, cluster: …}`.
    fn body_key(self) -> &'static str {
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
#[derive(Debug, Default)]
pub struct Document {
    text: String,
    value: Value,
}

impl Document {
    /// Reads a file. Empty text is an empty kubeconfig, as for kubectl.
    pub fn parse(text: String) -> Result<Self, Problem> {
        let value = parse_value(&text)?;
        let document = Self { text, value };
        for list in List::ALL {
            document.check(list)?;
        }
        Ok(document)
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The body of an entry.
    pub fn body(&self, list: List, name: &str) -> Option<&Value> {
        self.bodies(list).find(|(entry, _)| *entry == name).map(|(_, body)| body)
    }

    /// The (name, body) pairs of a list.
    pub fn bodies(&self, list: List) -> impl Iterator<Item = (&str, &Value)> {
        let entries = self.value.get(list.key()).and_then(Value::as_sequence);
        entries.into_iter().flatten().filter_map(move |entry| {
            Some((entry.get("name")?.as_str()?, entry.get(list.body_key()).unwrap_or(&Value::Null)))
        })
    }

    /// The current context, if one is set.
    pub fn current_context(&self) -> Option<&str> {
        self.value.get("current-context")?.as_str().filter(|name| !name.is_empty())
    }

    /// The text with the edits made; the same text when they change nothing.
    pub fn apply(&self, edits: &[Edit]) -> Result<String, Problem> {
        let mut wanted = self.value.clone();
        if !wanted.is_mapping() {
            wanted = Value::Mapping(Mapping::new());
            wanted["apiVersion"] = "v1".into();
            wanted["kind"] = "Config".into();
        }
        let effective: Vec<&Edit> = edits.iter().filter(|edit| change(&mut wanted, edit)).collect();
        if effective.is_empty() {
            return Ok(self.text.clone());
        }
        let root = outline(&self.text).map_err(|error| Problem {
            at: Some((error.marker().line(), error.marker().col() + 1)),
            message: error.info().to_owned(),
        })?;
        let text = match root.filter(|root| matches!(root.kind, Kind::Mapping { .. })) {
            Some(root) => self.splice(&root, &effective)?,
            None => self.fresh(&wanted)?,
        };
        match parse_value(&text) {
            Ok(value) if value == wanted => Ok(text),
            _ => Err(Problem { at: None, message: "it is written in a way that cannot be edited safely".to_owned() }),
        }
    }

    /// A whole new kubeconfig behind whatever comments the file holds.
    fn fresh(&self, wanted: &Value) -> Result<String, Problem> {
        let mut text = self.text.clone();
        if self.value.is_null() {
            let open = text.trim_end();
            // `null`, `~` and `--- null` mean nothing, but could not stand before a mapping.
            if open
                .lines()
                .any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#') && line.trim() != "---")
            {
                text.clear();
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&yaml(wanted)?);
        Ok(text)
    }

    fn splice(&self, root: &Node, edits: &[&Edit]) -> Result<String, Problem> {
        let mut splices: Vec<(usize, usize, String)> = Vec::new();
        let mut appended = String::new();
        let flow = matches!(root.kind, Kind::Mapping { flow: true, .. });
        for list in List::ALL {
            let puts: Vec<(&str, &Value)> = edits
                .iter()
                .filter_map(|edit| match edit {
                    Edit::Put(of, name, body) if *of == list => Some((name.as_str(), body)),
                    _ => None,
                })
                .collect();
            if puts.is_empty() {
                continue;
            }
            match root.get(list.key()) {
                Some((key, node)) => self.put(list, key, node, flow, &puts, &mut splices)?,
                None => appended.push_str(&self.new_key(list.key(), &entries(list, &puts), root, flow)?),
            }
        }
        let current = edits.iter().rev().find_map(|edit| match edit {
            Edit::CurrentContext(name) => Some(name),
            Edit::Put(..) => None,
        });
        if let Some(name) = current {
            match root.get("current-context") {
                Some((key, node)) => {
                    let scalar = if flow {
                        json(&name.as_str().into())
                    } else {
                        yaml(&name.as_str().into())?.trim_end().to_owned()
                    };
                    // The value may be absent (`current-context:`); the colon is there in any case.
                    let after_colon = self.after_colon(key)?;
                    let start = if node.end > node.start { node.start } else { after_colon };
                    let gap = if node.end > node.start { "" } else { " " };
                    splices.push((start, node.end.max(start), format!("{gap}{scalar}")));
                }
                None => appended.push_str(&self.new_key("current-context", &name.as_str().into(), root, flow)?),
            }
        }
        if !appended.is_empty() {
            let at = if flow { root.start + 1 } else { self.line_end(root.end) };
            splices.push((at, at, appended));
        }
        Ok(self.cut(splices))
    }

    /// Replaces and adds entries of a list that is there.
    fn put(
        &self,
        list: List,
        key: &Node,
        node: &Node,
        flow_root: bool,
        puts: &[(&str, &Value)],
        splices: &mut Vec<(usize, usize, String)>,
    ) -> Result<(), Problem> {
        let (flow, items): (bool, &[Node]) = match &node.kind {
            Kind::Sequence { flow, items } => (*flow, items),
            Kind::Scalar(_) => (flow_root, &[]),
            _ => return Err(self.uneditable(node.start)),
        };
        let (old, new): (Vec<_>, Vec<_>) = puts
            .iter()
            .map(|put| (items.iter().find(|item| item.scalar("name") == Some(put.0)), put))
            .partition(|(item, _)| item.is_some());
        for (item, (name, body)) in old {
            let Some(item) = item else { continue };
            let entry = entry(list, name, body);
            if matches!(item.kind, Kind::Mapping { flow: true, .. }) {
                splices.push((item.start, item.end, json(&entry)));
            } else {
                let (dash, column) = self.dash(item)?;
                let block = self.block(&Value::Sequence(vec![entry]), column)?;
                splices.push((dash, self.line_end(item.end), block.trim_start().to_owned()));
            }
        }
        let new: Vec<(&str, &Value)> = new.into_iter().map(|(_, put)| *put).collect();
        if new.is_empty() {
            return Ok(());
        }
        let added = entries(list, &new);
        match items.last() {
            Some(last) if flow => {
                let text: String =
                    added.as_sequence().into_iter().flatten().map(|e| format!(", {}", json(e))).collect();
                splices.push((last.end, last.end, text));
            }
            Some(last) => {
                let (at, (_, column)) = (self.line_end(last.end), self.dash(last)?);
                splices.push((at, at, format!("{}{}", self.newline(), self.block(&added, column)?)));
            }
            None if flow_root => splices.push((self.after_colon(key)?, node.end, format!(" {}", json(&added)))),
            None => {
                let block = self.block(&added, key.column)?;
                splices.push((
                    self.after_colon(key)?,
                    node.end.max(self.after_colon(key)?),
                    format!("{}{block}", self.newline()),
                ));
            }
        }
        Ok(())
    }

    /// A top-level key that was not there.
    fn new_key(&self, key: &str, value: &Value, root: &Node, flow: bool) -> Result<String, Problem> {
        if flow {
            let comma =
                if matches!(&root.kind, Kind::Mapping { entries, .. } if entries.is_empty()) { "" } else { "," };
            return Ok(format!("{}: {}{comma}", json(&key.into()), json(value)));
        }
        let mut mapping = Mapping::new();
        mapping.insert(key.into(), value.clone());
        Ok(format!("{}{}", self.newline(), self.block(&Value::Mapping(mapping), root.column)?))
    }

    /// A value as block YAML at a column, with the file's line ends and without a last one.
    fn block(&self, value: &Value, column: usize) -> Result<String, Problem> {
        let indent = " ".repeat(column);
        let lines: Vec<String> = yaml(value)?.lines().map(|line| format!("{indent}{line}")).collect();
        Ok(lines.join(self.newline()))
    }

    fn newline(&self) -> &'static str {
        if self.text.lines().next().is_some() && self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// The end of the line that holds the byte before `offset`, before its line break.
    fn line_end(&self, offset: usize) -> usize {
        let rest = &self.text[offset..];
        offset + rest.find('\n').map_or(rest.len(), |newline| rest[..newline].trim_end_matches('\r').len())
    }

    /// The dash before an entry of a block list, and its column.
    fn dash(&self, item: &Node) -> Result<(usize, usize), Problem> {
        let before = self.text[..item.start].trim_end();
        let dash = before.strip_suffix('-').ok_or_else(|| self.uneditable(item.start))?.len();
        Ok((dash, dash - self.text[..dash].rfind('\n').map_or(0, |newline| newline + 1)))
    }

    fn after_colon(&self, key: &Node) -> Result<usize, Problem> {
        let rest = &self.text[key.end..];
        let colon = rest.find(':').filter(|colon| rest[..*colon].trim().is_empty());
        colon.map(|colon| key.end + colon + 1).ok_or_else(|| self.uneditable(key.start))
    }

    fn cut(&self, mut splices: Vec<(usize, usize, String)>) -> String {
        splices.sort_by_key(|(start, end, _)| (*start, *end));
        let mut out = String::with_capacity(self.text.len() + splices.iter().map(|s| s.2.len()).sum::<usize>());
        let mut at = 0;
        for (start, end, text) in splices {
            out.push_str(&self.text[at.min(start)..start]);
            out.push_str(&text);
            at = end;
        }
        out.push_str(&self.text[at..]);
        out
    }

    fn uneditable(&self, offset: usize) -> Problem {
        let before = &self.text[..offset];
        let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1) + 1;
        Problem {
            at: Some((before.matches('\n').count() + 1, column)),
            message: "this is written in a way that cannot be edited safely".to_owned(),
        }
    }

    /// A list must be one, of mappings with names that differ (client-go refuses the file otherwise).
    fn check(&self, list: List) -> Result<(), Problem> {
        let problem = |message| Err(Problem { at: None, message });
        let entries = match self.value.get(list.key()) {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::Sequence(entries)) => entries,
            Some(_) => return problem(format!("`{}` is not a list", list.key())),
        };
        let mut seen = HashSet::new();
        for entry in entries {
            match entry.get("name").and_then(Value::as_str) {
                None => return problem(format!("an entry of `{}` has no name", list.key())),
                Some(name) if !seen.insert(name) => {
                    return problem(format!("`{}` has two entries named `{name}`", list.key()));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

fn parse_value(text: &str) -> Result<Value, Problem> {
    let value: Value = serde_yaml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| Problem {
        // The parser's words name line and column.
        at: None,
        message: error.to_string(),
    })?;
    match value {
        Value::Mapping(_) | Value::Null => Ok(value),
        _ => Err(Problem { at: None, message: "it is not a kubeconfig: the document is not a mapping".to_owned() }),
    }
}

/// Makes one edit on the meaning; answers whether it changed anything.
fn change(value: &mut Value, edit: &Edit) -> bool {
    match edit {
        Edit::CurrentContext(name) => {
            let old = std::mem::replace(&mut value["current-context"], name.as_str().into());
            old.as_str() != Some(name)
        }
        Edit::Put(list, name, body) => {
            let key = list.key();
            if !value.get(key).is_some_and(Value::is_sequence) {
                value[key] = Value::Sequence(Vec::new());
            }
            let Some(entries) = value[key].as_sequence_mut() else { return false };
            let new = entry(*list, name, body);
            match entries.iter_mut().find(|entry| entry.get("name").and_then(Value::as_str) == Some(name)) {
                Some(old) if *old == new => false,
                Some(old) => {
                    *old = new;
                    true
                }
                None => {
                    entries.push(new);
                    true
                }
            }
        }
    }
}

fn entry(list: List, name: &str, body: &Value) -> Value {
    let mut entry = Mapping::new();
    entry.insert("name".into(), name.into());
    entry.insert(list.body_key().into(), body.clone());
    Value::Mapping(entry)
}

fn entries(list: List, puts: &[(&str, &Value)]) -> Value {
    Value::Sequence(puts.iter().map(|(name, body)| entry(list, name, body)).collect())
}

fn yaml(value: &Value) -> Result<String, Problem> {
    serde_yaml::to_string(value).map_err(|error| Problem { at: None, message: error.to_string() })
}

fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
