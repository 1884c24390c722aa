//! Whether two policy documents say the same: IAM minds neither the order of statements and values, nor whether one value stands in
//! a list, nor the case of actions and condition keys. A Sid says nothing.

use serde_json::{Map, Value, json};

use crate::domain::scaffold::drift::difference::Side;

/// What each side has alone, the live one first; `None` where both say the same.
pub fn differ(live: &str, file: &Value) -> Option<(Side, Side)> {
    let Ok(live) = serde_json::from_str::<Value>(live) else {
        return Some((Side::of("a text that is no policy document"), side(&statements(file))));
    };
    let version = |document: &Value| document.get("Version").and_then(Value::as_str).unwrap_or("2008-10-17").to_owned();
    let (live_all, file_all) = (statements(&live), statements(file));
    if version(&live) != version(file) {
        return Some((Side::of(format!("Version {}", version(&live))), Side::of(format!("Version {}", version(file)))));
    }
    let only = |these: &[Value], others: &[Value]| -> Vec<Value> {
        let known: Vec<Value> = others.iter().map(plain).collect();
        these.iter().filter(|statement| !known.contains(&plain(statement))).cloned().collect()
    };
    let (live_only, file_only) = (only(&live_all, &file_all), only(&file_all, &live_all));
    (!live_only.is_empty() || !file_only.is_empty()).then(|| (side(&live_only), side(&file_only)))
}

/// Whether both say the same.
pub fn is_same(live: &str, file: &Value) -> bool {
    differ(live, file).is_none()
}

/// A document's statements.
pub fn statements(document: &Value) -> Vec<Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

fn side(statements: &[Value]) -> Side {
    let name = |statement: &Value| {
        let sid = statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty()).map(str::to_owned);
        sid.unwrap_or_else(|| {
            let of = |key: &str| statement.get(key).map(list).and_then(|all| all.first().cloned());
            let effect = statement.get("Effect").and_then(Value::as_str).unwrap_or_default();
            format!("{effect} {}", of("Action").or_else(|| of("NotAction")).unwrap_or_default())
        })
    };
    let words: Vec<String> = statements.iter().map(name).collect();
    Side { words: words.join(", "), statements: (!statements.is_empty()).then(|| json!(statements)) }
}

fn list(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut all: Vec<String> = match value {
        Value::Array(items) => items.iter().map(text).collect(),
        one => vec![text(one)],
    };
    all.sort();
    all.dedup();
    all
}

/// A statement in the form in which equal ones are equal.
fn plain(statement: &Value) -> Value {
    let Value::Object(fields) = statement else { return statement.clone() };
    let mut out = Map::new();
    for (key, value) in fields.iter().filter(|(key, _)| *key != "Sid") {
        let plain = match key.as_str() {
            "Action" | "NotAction" => {
                let mut actions: Vec<String> = list(value).iter().map(|action| action.to_ascii_lowercase()).collect();
                actions.sort();
                json!(actions)
            }
            "Resource" | "NotResource" => json!(list(value)),
            "Principal" | "NotPrincipal" => match value {
                Value::Object(kinds) => kinds.iter().map(|(kind, of)| (kind.clone(), json!(list(of)))).collect(),
                // `"*"` and `{"AWS": "*"}` are the same. Source: IAM user guide, "Principal".
                one => json!({"AWS": list(one)}),
            },
            "Condition" => conditions(value),
            _ => value.clone(),
        };
        out.insert(key.clone(), plain);
    }
    out.into()
}

fn conditions(value: &Value) -> Value {
    let Value::Object(operators) = value else { return value.clone() };
    let keys = |of: &Value| match of {
        Value::Object(keys) => keys.iter().map(|(key, of)| (key.to_ascii_lowercase(), json!(list(of)))).collect(),
        other => other.clone(),
    };
    operators.iter().map(|(operator, of)| (operator.clone(), keys(of))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_the_same_by_what_they_say_not_by_how_they_are_written() {
        let file = json!({"Version": "2012-10-17", "Statement": [
            {"Sid": "A", "Effect": "Allow", "Action": ["eks:B", "eks:A"], "Resource": "*", "Condition": {"Bool": {"aws:X": "true"}}},
            {"Sid": "B", "Effect": "Deny", "Action": "eks:C", "Resource": ["x"]}]});
        let same = json!({"Statement": [
            {"Effect": "Deny", "Action": ["EKS:C"], "Resource": "x"},
            {"Effect": "Allow", "Action": ["eks:a", "eks:b"], "Resource": ["*"], "Condition": {"Bool": {"AWS:x": [true]}}}],
            "Version": "2012-10-17"});
        assert!(is_same(&same.to_string(), &file));
        for (from, to, live, wanted) in [
            ("\"eks:C\"", "\"eks:D\"", "B", "B"),
            ("\"Deny\"", "\"Allow\"", "B", "B"),
            ("\"true\"", "\"false\"", "A", "A"),
            ("2012-10-17", "2008-10-17", "Version 2008-10-17", "Version 2012-10-17"),
        ] {
            let text = file.to_string();
            assert!(text.contains(from), "{from}: {text}");
            let (left, right) = differ(&text.replace(from, to), &file).expect(from);
            assert_eq!((left.words.trim(), right.words.as_str()), (live, wanted), "{from}");
        }
        let (left, right) = differ(r#"{"Version": "2012-10-17", "Statement": []}"#, &file).expect("two are gone");
        assert_eq!((left.words.as_str(), right.words.as_str()), ("", "A, B"));
        assert!(differ("no JSON", &file).is_some());
    }
}
