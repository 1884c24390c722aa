//! Values as HCL, YAML and JSON: each text is quoted by the rules of its language, so that no name can break out of it.

use serde_json::{Map, Value};

/// What is said of a statement of a policy by its Sid.
pub type Why<'w> = &'w dyn Fn(&str) -> Option<&'static str>;

/// Says nothing.
pub fn no_why(_: &str) -> Option<&'static str> {
    None
}

/// A text in HCL: `${` and `%{` would be templates. Source: HCL native syntax, "Quoted templates".
pub fn hcl_text(text: &str) -> String {
    let mut out = String::from("\"");
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if rest.peek() == Some(&'{') => out.extend([c, c]),
            c if is_plain(c) => out.push(c),
            c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push('"');
    out
}

/// A text in YAML, in double quotes unless it is one plain word. Source: YAML 1.2, 5.7 and 7.3.1.
pub fn yaml_text(text: &str) -> String {
    const WORDS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        && text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if is_word && !WORDS.contains(&text.to_ascii_lowercase().as_str()) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if is_plain(c) => out.push(c),
            c if (c as u32) < 0x100 => out.push_str(&format!("\\x{:02x}", c as u32)),
            c if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push('"');
    out
}

/// A text for a comment of one line.
pub fn comment(text: &str) -> String {
    crate::domain::text::escape(text).into_owned()
}

/// What may stand as it is: letters, digits and the visible signs of ASCII.
fn is_plain(c: char) -> bool {
    (' '..='~').contains(&c) || (!c.is_ascii() && c.is_alphanumeric())
}

/// A value in HCL as `terraform fmt` lays it out, from a depth of indentation on; its first line is not indented.
pub fn hcl(value: &Value, depth: usize, why: Why<'_>) -> String {
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => hcl_text(text),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(items) if items.len() == 1 && !is_nested(&items[0]) => format!("[{}]", hcl(&items[0], depth, why)),
        Value::Array(items) => {
            let item = |item: &Value| {
                let said = reason(item, why).map(|why| format!("{inner}# {why}\n")).unwrap_or_default();
                format!("{said}{inner}{},\n", hcl(item, depth + 1, why))
            };
            format!("[\n{}{outer}]", items.iter().map(item).collect::<String>())
        }
        Value::Object(table) if table.is_empty() => "{}".to_owned(),
        Value::Object(table) => format!("{{\n{}{outer}}}", hcl_lines(table, depth + 1, why)),
    }
}

/// The attributes of a table: `=` stand below each other in neighbouring lines, but for values of several lines.
pub fn hcl_lines(table: &Map<String, Value>, depth: usize, why: Why<'_>) -> String {
    let indent = "  ".repeat(depth);
    let rows: Vec<(String, String)> = table.iter().map(|(key, value)| (hcl_key(key), hcl(value, depth, why))).collect();
    let mut out = String::new();
    let mut at = 0;
    while at < rows.len() {
        let group = rows[at..].iter().take_while(|(_, value)| !value.contains('\n')).count();
        let width = rows[at..at + group].iter().map(|(key, _)| key.chars().count()).max().unwrap_or(0);
        for (key, value) in &rows[at..at + group] {
            let blanks = " ".repeat(width - key.chars().count());
            out.push_str(&format!("{indent}{key}{blanks} = {value}\n"));
        }
        at += group;
        if let Some((key, value)) = rows.get(at) {
            out.push_str(&format!("{indent}{key} = {value}\n"));
            at += 1;
        }
    }
    out
}

fn hcl_key(key: &str) -> String {
    let is_name = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && key.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    if is_name { key.to_owned() } else { hcl_text(key) }
}

/// A value in YAML, in block style.
pub fn yaml(value: &Value, depth: usize, why: Why<'_>) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(table) => table
            .iter()
            .map(|(key, value)| match is_nested(value) {
                true => format!("{indent}{}:\n{}", yaml_text(key), yaml(value, depth + 1, why)),
                false => format!("{indent}{}: {}\n", yaml_text(key), yaml_one(value)),
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .map(|item| {
                let said = reason(item, why).map(|why| format!("{indent}# {why}\n")).unwrap_or_default();
                match is_nested(item) {
                    // The first line of what is nested stands behind the dash.
                    true => format!("{said}{indent}- {}", yaml(item, depth + 1, why).trim_start_matches(' ')),
                    false => format!("{said}{indent}- {}\n", yaml_one(item)),
                }
            })
            .collect(),
        one => format!("{indent}{}\n", yaml_one(one)),
    }
}

fn yaml_one(value: &Value) -> String {
    match value {
        Value::String(text) => yaml_text(text),
        other => other.to_string(),
    }
}

fn is_nested(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(table) => !table.is_empty(),
        _ => false,
    }
}

fn reason(item: &Value, why: Why<'_>) -> Option<&'static str> {
    item.get("Sid").and_then(Value::as_str).and_then(why)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What is meant to break out of a text.
    pub const HOSTILE: [&str; 14] = [
        "\"}\nresource \"x\" \"y\" {}",
        "${file(\"/etc/passwd\")}",
        "$${x}",
        "%{for x in y}",
        "<<EOT\nx\nEOT",
        "a\\",
        "- a: b",
        "&a *a !!x",
        "yes",
        "0x1",
        "a: b # c",
        "\u{2028}\u{85}\u{7f}\u{feff}",
        "'; --",
        "👩 Žižka",
    ];

    #[test]
    fn no_text_breaks_out_of_yaml() {
        for text in HOSTILE {
            let value = json!({text: [text, {"a": text, "b": [[text]]}], "e": [], "m": {}});
            let read: Value = serde_yaml::from_str(&yaml(&value, 0, &no_why)).expect(text);
            assert_eq!(read, value);
        }
    }

    #[test]
    fn no_text_breaks_out_of_hcl() {
        for text in HOSTILE {
            let quoted = hcl_text(text);
            let inner = &quoted[1..quoted.len() - 1];
            assert!(!inner.contains('\n') && !inner.replace("\\\\", "").replace("\\\"", "").contains('"'), "{quoted}");
            assert!(!inner.replace("$${", "").replace("%%{", "").contains("${"), "{quoted}");
        }
        assert_eq!(hcl_text("a${b}%{c}$"), "\"a$${b}%%{c}$\"");
    }
}
