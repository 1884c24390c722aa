//! Where every node stands in a text, from a YAML parser that reports positions; nothing here decides what it means.

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};

/// A node's place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub start: usize,
    pub end: usize,
    /// Column of `start`, in bytes.
    pub column: usize,
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
    /// An alias.
    Opaque,
}

impl Node {
    /// The value of a key of a mapping.
    pub fn get(&self, key: &str) -> Option<(&Node, &Node)> {
        let Kind::Mapping { entries, .. } = &self.kind else { return None };
        entries.iter().find(|(k, _)| matches!(&k.kind, Kind::Scalar(s) if s == key)).map(|(k, v)| (k, v))
    }

    /// The text of the scalar under a key.
    pub fn scalar(&self, key: &str) -> Option<&str> {
        match &self.get(key)?.1.kind {
            Kind::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// Moves it, and all below it, to where its text stands in a larger one.
    pub fn shift(&mut self, by: usize) {
        (self.start, self.end) = (self.start + by, self.end + by);
        match &mut self.kind {
            Kind::Sequence { items, .. } => items.iter_mut().for_each(|item| item.shift(by)),
            Kind::Mapping { entries, .. } => entries.iter_mut().for_each(|(key, value)| {
                key.shift(by);
                value.shift(by);
            }),
            Kind::Scalar(_) | Kind::Opaque => {}
        }
    }
}

/// The root node of the only document in `text`; `None` when there is no content.
pub(super) fn outline(text: &str) -> Result<Option<Node>, ScanError> {
    let mut reader = Reader { parser: Parser::new_from_str(text), offsets: Offsets::new(text) };
    let mut root = None;
    while let Some(event) = reader.parser.next_event() {
        let (event, span) = event?;
        match event {
            Event::DocumentStart(_) => {
                let (event, span) = reader.next(&span)?;
                let node = reader.node(&event, span)?;
                if root.replace(node).is_some() {
                    return Err(ScanError::new_str(span.start, "a second YAML document starts here"));
                }
            }
            Event::StreamEnd => break,
            _ => {}
        }
    }
    Ok(root)
}

struct Reader<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    offsets: Offsets<'t>,
}

impl<'t> Reader<'t> {
    fn next(&mut self, near: &Span) -> Result<(Event<'t>, Span), ScanError> {
        self.parser.next_event().unwrap_or_else(|| Err(ScanError::new_str(near.start, "the document ends too early")))
    }

    fn node(&mut self, event: &Event<'t>, span: Span) -> Result<Node, ScanError> {
        let (start, column) = self.offsets.locate(span.start);
        // A block list may be reported to start with its first item, behind the dash.
        let bracket = if matches!(event, Event::SequenceStart(..)) { '[' } else { '{' };
        let flow = self.offsets.text[start..].starts_with(bracket);
        let (kind, end) = match event {
            Event::Scalar(text, style, ..) => {
                let end = match style {
                    // The parser counts a comment behind a quoted scalar in.
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => quoted_end(self.offsets.text, start),
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
            _ => (Kind::Opaque, self.offsets.locate(span.end).0),
        };
        // A block scalar's end is reported where the next token starts; its content ends before that.
        let end = start + self.offsets.text[start..end.max(start)].trim_end().len();
        Ok(Node { start, end, column, kind })
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
                return Ok(if flow { self.offsets.locate(next.end).0 } else { end });
            }
            span = next;
            end = end.max(each(self, event, next)?);
        }
    }
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
