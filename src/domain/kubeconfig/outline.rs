//! Where every node stands in a text, from a YAML parser that reports positions; nothing here decides what it means.

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

use crate::domain::kubeconfig::edit::Problem;

/// Nobody nests a kubeconfig so deep, and every reader must end somewhere.
const MAX_DEPTH: usize = 100;

/// A node's place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub start: usize,
    pub end: usize,
    /// Where it begins behind its anchor and its tag.
    pub content: usize,
    /// Column of `content`, in bytes.
    pub column: usize,
    /// Whether it is a scalar without quotes.
    pub plain: bool,
    /// Whether it is a scalar below a header, `|` or `>`.
    pub block: bool,
    /// Its tag; YAML's own without their common beginning, as in `str`.
    pub tag: Option<Box<str>>,
    pub kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Scalar(String),
    Sequence {
        flow: bool,
        items: Vec<Node>,
    },
    Mapping {
        flow: bool,
        entries: Vec<(Node, Node)>,
    },
    /// An alias, with what it stands for.
    Alias(Option<Rc<Node>>),
}

impl Node {
    /// The value of a key of a mapping: of equal ones the last counts.
    pub fn get(&self, key: &str) -> Option<(&Node, &Node)> {
        let Kind::Mapping { entries, .. } = &self.kind else { return None };
        entries.iter().rfind(|(k, _)| matches!(&k.kind, Kind::Scalar(s) if s == key)).map(|(k, v)| (k, v))
    }

    /// Moves it, and all below it, to where its text stands in a larger one.
    pub fn shift(&mut self, by: usize) {
        (self.start, self.content, self.end) = (self.start + by, self.content + by, self.end + by);
        match &mut self.kind {
            Kind::Sequence { items, .. } => items.iter_mut().for_each(|item| item.shift(by)),
            Kind::Mapping { entries, .. } => entries.iter_mut().for_each(|(key, value)| {
                key.shift(by);
                value.shift(by);
            }),
            // What an alias stands for is elsewhere.
            Kind::Scalar(_) | Kind::Alias(_) => {}
        }
    }
}

/// The root node of the first document in `text`, as kubectl reads it; `None` when there is no content.
pub(super) fn outline(text: &str) -> Result<Option<Node>, Problem> {
    let mut reader =
        Reader { parser: Parser::new_from_str(text), offsets: Offsets::new(text), anchors: HashMap::new(), depth: 0 };
    reader.document().map_err(|error| Problem {
        at: Some((error.marker().line(), error.marker().col() + 1)),
        message: error.info().to_owned(),
    })
}

struct Reader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    offsets: Offsets<'t>,
    anchors: HashMap<usize, Rc<Node>>,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn document(&mut self) -> Result<Option<Node>, ScanError> {
        while let Some(event) = self.parser.next_event() {
            match event? {
                (Event::DocumentStart(_), span) => {
                    let (event, span) = self.next(&span)?;
                    return self.node(&event, span).map(Some);
                }
                (Event::StreamEnd, _) => break,
                _ => {}
            }
        }
        Ok(None)
    }

    fn next(&mut self, near: &Span) -> Result<(Event<'t>, Span), ScanError> {
        self.parser.next_event().unwrap_or_else(|| Err(ScanError::new_str(near.start, "the document ends too early")))
    }

    fn node(&mut self, event: &Event<'t>, span: Span) -> Result<Node, ScanError> {
        if self.depth >= MAX_DEPTH {
            let fact = format!("from here on it is nested more than {MAX_DEPTH} deep; take it apart");
            return Err(ScanError::new(span.start, fact));
        }
        self.depth += 1;
        let node = self.node_at(event, span);
        self.depth -= 1;
        let node = node?;
        let anchor = match event {
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                *anchor
            }
            _ => 0,
        };
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::new(node.clone()));
        }
        Ok(node)
    }

    fn node_at(&mut self, event: &Event<'t>, span: Span) -> Result<Node, ScanError> {
        let start = self.offsets.locate(span.start).0;
        let content = content(self.offsets.text, start);
        // A block list may be reported to start with its first item, behind the dash.
        let bracket = if matches!(event, Event::SequenceStart(..)) { '[' } else { '{' };
        let flow = self.offsets.text[content..].starts_with(bracket);
        let (kind, end) = match event {
            Event::Scalar(text, style, ..) => {
                let end = match style {
                    // The parser counts a comment behind a quoted scalar in.
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => quoted_end(self.offsets.text, content),
                    _ => self.offsets.locate(span.end).0,
                };
                (Kind::Scalar(text.to_string()), end)
            }
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                let end = self.children(span, flow, Event::SequenceEnd, |reader, event, span| {
                    let item = reader.node(&event, span)?;
                    let end = item.end;
                    items.push(item);
                    Ok(end)
                })?;
                (Kind::Sequence { flow, items }, end)
            }
            Event::MappingStart(..) => {
                let mut entries = Vec::new();
                let end = self.children(span, flow, Event::MappingEnd, |reader, event, span| {
                    let key = reader.node(&event, span)?;
                    let (event, span) = reader.next(&span)?;
                    let value = reader.node(&event, span)?;
                    let end = key.end.max(value.end);
                    entries.push((key, value));
                    Ok(end)
                })?;
                (Kind::Mapping { flow, entries }, end)
            }
            Event::Alias(anchor) => {
                (Kind::Alias(self.anchors.get(anchor).map(Rc::clone)), self.offsets.locate(span.end).0)
            }
            _ => return Err(ScanError::new_str(span.start, "there is nothing that can be read here")),
        };
        // A block scalar's end is reported where the next token starts; its content ends before that.
        let end = start + self.offsets.text[start..end.max(start)].trim_end().len();
        let (style, tag) = match event {
            Event::Scalar(_, style, _, tag) => (Some(*style), tag.as_deref()),
            Event::SequenceStart(_, tag) | Event::MappingStart(_, tag) => (None, tag.as_deref()),
            _ => (None, None),
        };
        let (plain, block) =
            (style == Some(ScalarStyle::Plain), matches!(style, Some(ScalarStyle::Literal | ScalarStyle::Folded)));
        // One that is empty has nothing behind them.
        let content = content.min(end.max(start));
        let column = content - self.offsets.text[..content].rfind('\n').map_or(0, |newline| newline + 1);
        Ok(Node { start, end, content, column, plain, block, tag: tag.map(tag_name), kind })
    }

    /// Reads children up to `last`; answers where the collection's content ends: behind its bracket, or with its last
    /// child, as the parser reports the end of a block only where the next token starts.
    fn children(
        &mut self,
        mut span: Span,
        flow: bool,
        last: Event<'t>,
        mut each: impl FnMut(&mut Self, Event<'t>, Span) -> Result<usize, ScanError>,
    ) -> Result<usize, ScanError> {
        let mut end = 0;
        loop {
            let (event, next) = self.next(&span)?;
            if event == last {
                let start = if end > 0 { end } else { self.offsets.locate(span.start).0 + 1 };
                return Ok(if flow { flow_end(self.offsets.text, start) } else { end });
            }
            span = next;
            end = end.max(each(self, event, next)?);
        }
    }
}

/// Behind the anchor and the tag that a node may begin with, and the comments and line breaks behind those.
fn content(text: &str, start: usize) -> usize {
    let mut at = start;
    while text[at..].starts_with(['&', '!']) {
        at += text[at..].find(|c: char| c.is_whitespace() || ",]}".contains(c)).unwrap_or(text.len() - at);
        loop {
            at = text.len() - text[at..].trim_start().len();
            match text[at..].starts_with('#') {
                true => at += text[at..].find('\n').unwrap_or(text.len() - at),
                false => break,
            }
        }
    }
    at
}

fn tag_name(tag: &Tag) -> Box<str> {
    if tag.is_yaml_core_schema() { tag.suffix.as_str().into() } else { format!("{}{}", tag.handle, tag.suffix).into() }
}

/// Behind the bracket that closes a collection whose last content ends at `from`. The parser counts a comment in.
fn flow_end(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(&byte) = text.as_bytes().get(at) {
        match byte {
            b']' | b'}' => return at + 1,
            b'#' => at += memchr::memchr(b'\n', &text.as_bytes()[at..]).unwrap_or(text.len() - at),
            _ => at += 1,
        }
    }
    text.len()
}

/// Behind the closing quote of the scalar that starts at `start`.
fn quoted_end(text: &str, start: usize) -> usize {
    let bytes = text.as_bytes();
    let Some(&quote) = bytes.get(start) else { return text.len() };
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == b'"' => at += 1,
            byte if byte == quote && quote == b'\'' && bytes.get(at + 1) == Some(&quote) => at += 1,
            byte if byte == quote => return at + 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Turns the parser's character counts into byte offsets. Positions mostly grow, so one walk serves them all.
struct Offsets<'t> {
    text: &'t str,
    ascii: bool,
    chars: usize,
    bytes: usize,
}

impl<'t> Offsets<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, ascii: text.is_ascii(), chars: 0, bytes: 0 }
    }

    /// The byte offset of a marker and its column in bytes.
    fn locate(&mut self, marker: Marker) -> (usize, usize) {
        let offset = if self.ascii { marker.index().min(self.text.len()) } else { self.walk(marker.index()) };
        let line = self.text[..offset].rfind('\n').map_or(0, |newline| newline + 1);
        (offset, offset - line)
    }

    fn walk(&mut self, chars: usize) -> usize {
        if chars < self.chars {
            (self.chars, self.bytes) = (0, 0);
        }
        let ahead = self.text[self.bytes..].char_indices().nth(chars - self.chars);
        self.bytes = ahead.map_or(self.text.len(), |(offset, _)| self.bytes + offset);
        self.chars = chars;
        self.bytes
    }
}
