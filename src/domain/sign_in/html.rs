//! The start tags of an HTML page, as browsers see them: by the states of the HTML standard's tokenizer (13.2.5), as far as
//! they tell tags, attributes and the text of a title. A test compares it with a tokenizer of the whole standard.
//!
//! That one (html5gum) is not linked: its table of 2,231 named characters makes a fifth of the relocations with which every
//! start of eksso begins. Numbers of characters are decoded, and the names that stand for characters of base64 and of markup.

use std::borrow::Cow;
use std::iter;

/// A start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag<'h> {
    name: &'h str,
    attributes: &'h str,
    /// The text up to its end tag, as it is written, where that is no markup: of `title`, `script` and their like.
    text: Option<&'h str>,
}

/// Elements whose content is text, up to their end tag.
const OF_TEXT: [&str; 10] =
    ["title", "textarea", "script", "style", "noscript", "iframe", "xmp", "noembed", "noframes", "plaintext"];
/// The names of characters: of markup, and of what base64 has beside letters and digits.
const NAMES: [(&str, char); 8] = [
    ("amp;", '&'),
    ("lt;", '<'),
    ("gt;", '>'),
    ("quot;", '"'),
    ("apos;", '\''),
    ("plus;", '+'),
    ("sol;", '/'),
    ("equals;", '='),
];

impl<'h> Tag<'h> {
    /// Whether its name is this one, in lower case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value of its first attribute of this name, in lower case.
    pub fn attribute(&self, name: &str) -> Option<Cow<'h, str>> {
        let mut rest = self.attributes;
        let mut all = iter::from_fn(|| attribute(&mut rest));
        all.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| decoded(value))
    }

    /// The text of an element that holds no markup.
    pub fn text(&self) -> Option<Cow<'h, str>> {
        self.text.map(decoded)
    }
}

/// The start tags of a page, in their order.
pub fn tags(html: &str) -> impl Iterator<Item = Tag<'_>> {
    let mut rest = html;
    iter::from_fn(move || {
        loop {
            rest = &rest[rest.find('<')? + 1..];
            let is_letter = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic());
            if let Some(comment) = rest.strip_prefix("!--") {
                rest = after_comment(comment);
            } else if is_letter(rest) {
                let tag = tag(&mut rest)?;
                let text_of = OF_TEXT.iter().find(|name| tag.is(name));
                let Some(name) = text_of else { return Some(tag) };
                let end = end_of_text(rest, name);
                let text = &rest[..end];
                rest = &rest[end..];
                return Some(Tag { text: Some(text), ..tag });
            } else if let Some(end_tag) = rest.strip_prefix('/').filter(|rest| is_letter(rest)) {
                rest = end_tag;
                tag(&mut rest)?;
            } else if rest.starts_with(['!', '?', '/']) {
                rest = &rest[rest.find('>')? + 1..];
            }
        }
    })
}

/// A tag whose name stands at the beginning; `None` where the page ends within it, which drops it.
fn tag<'h>(rest: &mut &'h str) -> Option<Tag<'h>> {
    let (name, behind) = rest.split_at(rest.find(|c| is_space(c) || c == '/' || c == '>')?);
    *rest = behind;
    while attribute(rest).is_some() {}
    let attributes = &behind[..behind.len() - rest.len()];
    *rest = rest.strip_prefix('>')?;
    Some(Tag { name, attributes, text: None })
}

/// The next attribute of a tag, and its value as it is written; `None` at the end of the tag, or of the page.
fn attribute<'h>(rest: &mut &'h str) -> Option<(&'h str, &'h str)> {
    *rest = rest.trim_start_matches(|c| is_space(c) || c == '/');
    // A `=` in front belongs to the name.
    let first = rest.chars().next().filter(|c| *c != '>')?.len_utf8();
    let ends = |c| is_space(c) || matches!(c, '/' | '>' | '=');
    let (name, behind) = rest.split_at(first + rest[first..].find(ends).unwrap_or(rest.len() - first));
    *rest = behind;
    let Some(value) = behind.trim_start_matches(is_space).strip_prefix('=') else { return Some((name, "")) };
    let value = value.trim_start_matches(is_space);
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let (value, behind) = match quote {
        Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
        None => value.split_at(value.find(|c| is_space(c) || c == '>').unwrap_or(value.len())),
    };
    *rest = behind;
    Some((name, value))
}

/// What follows a comment.
fn after_comment(rest: &str) -> &str {
    if let Some(behind) = rest.strip_prefix('>').or_else(|| rest.strip_prefix("->")) {
        return behind;
    }
    let is_end = |at: &usize| rest[..*at].ends_with("--") || rest[..*at].ends_with("--!");
    let end = rest.match_indices('>').map(|(at, _)| at).find(is_end);
    end.map_or("", |end| &rest[end + 1..])
}

/// Where the end tag of an element of text begins, or the page ends.
fn end_of_text(rest: &str, name: &str) -> usize {
    let is_tag = |at: usize| {
        let bytes = &rest.as_bytes()[at..];
        let behind = bytes.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        behind && bytes.get(name.len()).is_some_and(|next| is_space(char::from(*next)) || matches!(next, b'/' | b'>'))
    };
    // A script that writes `<!--` and then `<script>` goes on behind the next `</script>`.
    let (mut in_comment, mut in_script) = (false, false);
    for (at, _) in rest.match_indices(['<', '>']) {
        let here = &rest[at..];
        match here.as_bytes() {
            // It has no end.
            _ if name == "plaintext" => break,
            [b'<', b'/', ..] if is_tag(at + 2) && !in_script => return at,
            [b'<', b'/', ..] if is_tag(at + 2) => in_script = false,
            _ if name != "script" => {}
            [b'<', b'!', b'-', b'-', ..] => in_comment = true,
            [b'<', ..] if in_comment && is_tag(at + 1) => in_script = true,
            [b'>', ..] if rest[..at].ends_with("--") => (in_comment, in_script) = (false, false),
            _ => {}
        }
    }
    rest.len()
}

/// Text with its references to characters replaced; what is none stays as it is.
fn decoded(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find('&') else { return Cow::Borrowed(text) };
    let (plain, mut rest) = text.split_at(first);
    // It may be a secret: of the size of the whole, so that no copies stay behind while it grows.
    let mut out = String::with_capacity(text.len());
    out.push_str(plain);
    while let Some(reference) = rest.strip_prefix('&') {
        let (c, behind) = numbered(reference).or_else(|| named(reference)).unwrap_or(('&', reference));
        out.push(c);
        let next = behind.find('&').unwrap_or(behind.len());
        out.push_str(&behind[..next]);
        rest = &behind[next..];
    }
    Cow::Owned(out)
}

fn named(reference: &str) -> Option<(char, &str)> {
    NAMES.iter().find_map(|(name, c)| Some((*c, reference.strip_prefix(name)?)))
}

/// `#` and a number, or `#x` and a hexadecimal one; the semicolon may be missing.
fn numbered(reference: &str) -> Option<(char, &str)> {
    let number = reference.strip_prefix('#')?;
    let (digits, radix) = number.strip_prefix(['x', 'X']).map_or((number, 10), |digits| (digits, 16));
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (digits, behind) = digits.split_at(end);
    if digits.is_empty() {
        return None;
    }
    let c = u32::from_str_radix(digits, radix).ok().filter(|code| *code != 0).and_then(char::from_u32);
    Some((c.unwrap_or(char::REPLACEMENT_CHARACTER), behind.strip_prefix(';').unwrap_or(behind)))
}

fn is_space(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ')
}

#[cfg(test)]
mod tests {
    use html5gum::{DefaultEmitter, Token, Tokenizer};
    use proptest::prelude::*;

    use super::*;

    /// A tag: its name, its attributes `name` and `value`, and the text of a title.
    type Seen = (String, Option<String>, Option<String>, Option<String>);

    fn as_we_see(html: &str) -> Vec<Seen> {
        let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        let seen = |tag: Tag<'_>| {
            let text = owned(tag.text()).filter(|text| tag.is("title") && !text.is_empty());
            (tag.name.to_ascii_lowercase(), owned(tag.attribute("name")), owned(tag.attribute("value")), text)
        };
        tags(html).map(seen).collect()
    }

    fn as_html5gum_sees(html: &str) -> Vec<Seen> {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let mut seen: Vec<Seen> = Vec::new();
        let mut in_title = false;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => {
                    let value = |name: &[u8]| tag.attributes.get(name).map(|value| text(&value.value));
                    in_title = tag.name.as_slice() == b"title";
                    seen.push((text(&tag.name), value(b"name"), value(b"value"), None));
                }
                Token::String(piece) if in_title => {
                    if let Some((.., title)) = seen.last_mut() {
                        title.get_or_insert_default().push_str(&text(&piece));
                    }
                }
                Token::EndTag(_) => in_title = false,
                _ => {}
            }
        }
        seen
    }

    #[test]
    fn pages_are_read_as_browsers_read_them() {
        for html in [
            "<input name=a value=b><INPUT NAME='a' VALUE=\"b\"/><input/name/value=b/c>",
            "<input name = a\n\tvalue\n=\n'b>c' name=second =odd =\"x\"><p>",
            "<input value=&#x2b;&#43;&#X3D&#0;&plus;&amp;&lt;&unknown; name='&'>",
            "<!-- <input> --><a><!--><b><!---><c><!-- --!><d><!-- <!-- --><e><!---!><f>--><g>",
            "<!doctype html><?php echo '>' ?><input></input name=x></><//input><1><i><!x><j><",
            "<title>a &amp; <b> </titles> </TITLE ><input><title></title><textarea><input></textarea><k>",
            "<script>'<input>' <!-- <script> </script> <input> --></script><l><style><input></style><m>",
            "<script><!-- <script></script> --> <input> </script><n><script><!--></script><o><script>",
            "<input name=\"unfinished",
            "<p <input <div =",
            "<noscript><input></noscript><q><plaintext><input></plaintext><r>",
            "<br/ name=x / value='y'z=1>",
        ] {
            assert_eq!(as_we_see(html), as_html5gum_sees(html), "{html}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn soup_is_read_as_browsers_read_it(
            words in proptest::collection::vec(
                prop::sample::select(vec![
                    "<", ">", "/", "=", "\"", "'", " ", "\n", "!", "-", "--", "&", ";", "#", "x2b", "43", "plus;", "a", "ü",
                    "name", "value", "<input", "<INPUT ", "</input", "<title", "</title>", "<script>", "</script", "<!--",
                    "-->", "<textarea>", "</textarea>", "name=", " value='", "?", "<style>", "</style >",
                ]),
                0..24,
            )
        ) {
            let html = words.concat();
            prop_assert_eq!(as_we_see(&html), as_html5gum_sees(&html), "{}", html);
        }
    }
}
