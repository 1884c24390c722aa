//! One self-contained HTML page of who may do what, and of what is wrong with it: it asks no network and works from a file.
//!
//! The parts of the template stand beside this file. Their hashes stand in the page's policy, so that no other script and no
//! other style runs, whatever a name holds.

mod entry;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::access::grant::Grant;
use crate::domain::ids::AccountId;
use crate::domain::text::escape;
use crate::error::{Error, Kind, Result};
use crate::ui::page::entry::Entries;

const HTML: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A finding of an audit as the page shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct PageFinding {
    /// The rule's id.
    pub id: String,
    /// `critical`, `high`, `medium`, `low`, `info`.
    pub severity: String,
    /// What is wrong, in a line.
    pub title: String,
    /// Why that matters, and the evidence.
    pub why: String,
    /// What to do about it: a command or a fragment.
    pub fix: String,
    /// What it is about: an ARN, a binding.
    pub resource: String,
    /// The cluster, as `ACCOUNT/NAME`; empty where it is about none.
    pub cluster: String,
    /// CIS and other tags.
    pub tags: Vec<String>,
    /// Why it is suppressed; empty where it is not.
    pub suppressed: String,
}

/// What a page shows.
pub struct Page<'p> {
    /// Its title.
    pub title: &'p str,
    /// Of when and by whom it is, in words.
    pub made: &'p str,
    /// Who is let in.
    pub grants: &'p [Grant],
    /// Names of accounts; empty for one that is not known.
    pub account_name: &'p dyn Fn(&AccountId) -> String,
    /// What could not be read, a line each.
    pub notes: &'p [String],
    /// The findings of an audit, where there was one: then the page opens with them.
    pub findings: Option<&'p [PageFinding]>,
}

/// The data of the page's script.
#[derive(Serialize)]
struct Data<'p> {
    title: &'p str,
    made: &'p str,
    notes: &'p [String],
    findings: Option<&'p [PageFinding]>,
    #[serde(flatten)]
    entries: Entries,
}

impl Page<'_> {
    /// The text of the page.
    pub fn html(&self) -> Result<String> {
        let data = Data {
            title: self.title,
            made: self.made,
            notes: self.notes,
            findings: self.findings,
            entries: Entries::new(self.grants, self.account_name),
        };
        let mut data = serde_json::to_value(&data).map_err(unwritable)?;
        show_controls(&mut data);
        let data = serde_json::to_string(&data).map_err(unwritable)?;
        // A file that was checked out with other line ends is the same: the browser hashes what it reads, where each is `\n`.
        let [html, style, script] = [HTML, STYLE, SCRIPT].map(|part| part.replace("\r\n", "\n"));
        let policy = format!(
            "default-src 'none'; script-src '{}'; style-src '{}'; base-uri 'none'; form-action 'none'",
            hash(&script),
            hash(&style)
        );
        let fill = [
            ("policy", policy),
            ("title", text(self.title)),
            ("style", style),
            ("data", in_script(&data)),
            ("script", script),
        ];
        Ok(filled(&html, &fill))
    }
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::new(Kind::Failed, "the page could not be written").cause(error)
}

/// The template with its `{{places}}` filled, each text once and as it is: what was filled in is not looked at again.
fn filled(template: &str, fill: &[(&str, String)]) -> String {
    let mut out = String::with_capacity(template.len() + fill.iter().map(|(_, text)| text.len()).sum::<usize>());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        out.extend(fill.iter().find(|(place, _)| *place == name).map(|(_, text)| text.as_str()));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// How a policy names a script or a style. Source: Content Security Policy Level 3, hash-source.
fn hash(part: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(part.as_bytes())))
}

/// Text of an element.
fn text(text: &str) -> String {
    escape(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// JSON that no script element ends in, and that is a script's text, too. Outside of its strings it has none of these.
fn in_script(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + json.len() / 16);
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// Makes control characters and direction marks visible, as on a terminal: a name can reorder no line.
fn show_controls(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let std::borrow::Cow::Owned(shown) = escape(text) {
                *text = shown;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(show_controls),
        Value::Object(fields) => fields.values_mut().for_each(show_controls),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_its_element_nor_fill_a_place_of_the_template() {
        let shown = in_script("{\"a\":\"</script><!--&\u{2028}\"}");
        assert_eq!(shown, "{\"a\":\"\\u003c/script\\u003e\\u003c!--\\u0026\\u2028\"}");
        let fill = [("a", "{{b}}".to_owned()), ("b", "x".to_owned())];
        assert_eq!(filled("<{{a}}{{b}}{{c}}>", &fill), "<{{b}}x>");
    }
}
