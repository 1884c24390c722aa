//! Writes values as YAML that every version of YAML reads alike. kubectl reads version 1.1, where a plain `yes`, `on` or
//! `1:30` is no string; the library's writer knows version 1.2 only.

use serde_yaml::Value;

use crate::domain::kubeconfig::scan::is_string;

/// Block YAML, with a line break behind each line.
pub(super) fn yaml(value: &Value) -> String {
    let mut out = String::new();
    node(value, 0, &mut out);
    out
}

/// A scalar or an empty collection, on one line.
pub(super) fn scalar(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => string(text),
        Value::Tagged(tagged) => scalar(&tagged.value),
        Value::Mapping(mapping) if mapping.is_empty() => "{}".to_owned(),
        Value::Sequence(items) if items.is_empty() => "[]".to_owned(),
        other => json(other),
    }
}

/// JSON, which is YAML in braces.
pub(super) fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn node(value: &Value, column: usize, out: &mut String) {
    match value {
        Value::Mapping(mapping) if !mapping.is_empty() => {
            for (place, (key, value)) in mapping.iter().enumerate() {
                if place > 0 {
                    indent(column, out);
                }
                out.push_str(&scalar(key));
                out.push(':');
                match value {
                    // A list stands in the column of its key, as kubectl writes it.
                    Value::Sequence(items) if !items.is_empty() => {
                        out.push('\n');
                        indent(column, out);
                        node(value, column, out);
                    }
                    Value::Mapping(inner) if !inner.is_empty() => {
                        out.push('\n');
                        indent(column + 2, out);
                        node(value, column + 2, out);
                    }
                    _ => {
                        out.push(' ');
                        leaf(value, column, out);
                    }
                }
            }
        }
        Value::Sequence(items) if !items.is_empty() => {
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    indent(column, out);
                }
                out.push_str("- ");
                node(item, column + 2, out);
            }
        }
        _ => leaf(value, column.saturating_sub(2), out),
    }
}

/// A scalar and its line break; text of several lines as a literal block below `column`.
fn leaf(value: &Value, column: usize, out: &mut String) {
    match value.as_str().filter(|text| is_literal(text)) {
        Some(text) => {
            out.push_str("|-\n");
            for line in text.split('\n') {
                if !line.is_empty() {
                    indent(column + 2, out);
                    out.push_str(line);
                }
                out.push('\n');
            }
        }
        None => {
            out.push_str(&scalar(value));
            out.push('\n');
        }
    }
}

fn indent(column: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', column));
}

fn string(text: &str) -> String {
    let simple = |c: char| c.is_ascii_alphanumeric() || "_-./@:+=".contains(c);
    if is_string(text) && text.chars().all(simple) && !text.ends_with(':') {
        return text.to_owned();
    }
    if !text.is_empty() && text.chars().all(|c| (' '..='~').contains(&c) && c != '\'') {
        return format!("'{text}'");
    }
    json(&text.into())
}

/// Whether a literal block holds this text as it is, line by line.
fn is_literal(text: &str) -> bool {
    let line = |line: &str| line.chars().all(|c| (' '..='~').contains(&c)) && !line.ends_with(' ');
    text.contains('\n') && !text.starts_with([' ', '\n']) && !text.ends_with('\n') && text.split('\n').all(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text = "a:\n- x\n- y: '1'\n  z:\n  - - nested\n    - w\n  t: |-\n    one\n\n    two\ne: {}\nf: []\nn: null\nb: true\ni: 12\ns: ''\nq: \"it's\"\n";
        let value: Value = serde_yaml::from_str(text).expect("YAML");
        let written = yaml(&value);
        assert_eq!(serde_yaml::from_str::<Value>(&written).expect(&written), value, "{written}");
        assert_eq!(scalar(&"eksso/corp/1/EKSAdmin".into()), "eksso/corp/1/EKSAdmin");
        for word in ["yes", "y", "on", "1:30", "0o7", "", " a", "a: b", "111122223333"] {
            assert!(scalar(&word.into()).starts_with(['\'', '"']), "{word}");
        }
    }
}
