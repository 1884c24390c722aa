//! What YAML means to kubectl: values as go-yaml v2 under `sigs.k8s.io/yaml` reads them. Of equal keys the last one wins,
//! merge keys are obeyed where they stand, `yes` and `on` are booleans, and only the first document of a file counts.
//!
//! Nothing here turns an error into a value: what cannot be read for sure is a [`Problem`] with its place.

use std::fmt;

use serde::de::{Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde_yaml::value::{Tag, TaggedValue};
use serde_yaml::{Mapping, Value};

use crate::domain::kubeconfig::edit::Problem;
use crate::domain::kubeconfig::outline::{Kind, Node, outline};

/// Aliases of aliases of lists grow without bound; kubeconfigs share a user or two.
const MAX_ALIASED: usize = 1 << 20;

/// The value of the first document of a text; `null` where there is none.
pub fn meaning(text: &str) -> Result<Value, Problem> {
    outline(text)?.map_or(Ok(Value::Null), |root| value_of(text, &root))
}

/// The value of a node of a text.
pub(super) fn value_of(text: &str, node: &Node) -> Result<Value, Problem> {
    Composer { text, left: MAX_ALIASED, aliased: false }.value(node)
}

/// Whether a second YAML parser, of another family, finds the same nodes in a text: where the two differ, nobody can say
/// for sure what kubectl would find there.
pub(super) fn is_agreed(text: &str, root: Option<&Node>) -> bool {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Some(document) = serde_yaml::Deserializer::from_str(body).next() else { return root.is_none() };
    let Ok(second) = Second::deserialize(document) else { return false };
    root.map_or_else(|| matches!(second, Second::Plain(_)), |root| agree(root, &second))
}

/// The value of a text that only the second parser can read, for those who do not edit it.
pub(super) fn second_meaning(text: &str) -> Option<Value> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    Second::deserialize(serde_yaml::Deserializer::from_str(body).next()?).ok()?.value()
}

/// What is known without a schema about a node that the second parser found.
enum Second {
    /// A plain scalar that it takes for a number, a boolean or nothing.
    Plain(Value),
    Text(String),
    Sequence(Vec<Self>),
    Mapping(Vec<(Self, Self)>),
}

impl Second {
    /// `None` for a merge of what is no mapping.
    fn value(self) -> Option<Value> {
        Some(match self {
            Self::Plain(value) => value,
            Self::Text(text) => text.into(),
            Self::Sequence(items) => Value::Sequence(items.into_iter().map(Self::value).collect::<Option<_>>()?),
            Self::Mapping(entries) => {
                let mut mapping = Mapping::with_capacity(entries.len());
                for (key, value) in entries {
                    match (key, value) {
                        (Self::Text(key), Self::Sequence(items)) if key == "<<" => {
                            for item in items.into_iter().rev() {
                                mapping.extend(item.value()?.as_mapping()?.clone());
                            }
                        }
                        (Self::Text(key), value) if key == "<<" => mapping.extend(value.value()?.as_mapping()?.clone()),
                        (key, value) => _ = mapping.insert(key.value()?, value.value()?),
                    }
                }
                Value::Mapping(mapping)
            }
        })
    }
}

fn agree(first: &Node, second: &Second) -> bool {
    match (&first.kind, second) {
        (Kind::Alias(target), second) => target.as_ref().is_some_and(|target| agree(target, second)),
        // An explicit tag decides about a quoted scalar too.
        (Kind::Scalar(_), Second::Plain(_)) => first.plain || first.tag.is_some(),
        (Kind::Scalar(text), Second::Text(other)) => text == other,
        (Kind::Sequence { items, .. }, Second::Sequence(others)) => {
            items.len() == others.len() && items.iter().zip(others).all(|(item, other)| agree(item, other))
        }
        (Kind::Mapping { entries, .. }, Second::Mapping(others)) => {
            let same = |((key, value), (k, v)): (&(Node, Node), &(Second, Second))| agree(key, k) && agree(value, v);
            entries.len() == others.len() && entries.iter().zip(others).all(same)
        }
        _ => false,
    }
}

struct Composer<'t> {
    text: &'t str,
    /// How many nodes may still come from aliases.
    left: usize,
    aliased: bool,
}

impl Composer<'_> {
    fn value(&mut self, node: &Node) -> Result<Value, Problem> {
        if self.aliased {
            let too_many = || self.problem(node, "from here on aliases stand for more than a kubeconfig can hold");
            self.left = self.left.checked_sub(1).ok_or_else(too_many)?;
        }
        let value = match &node.kind {
            Kind::Scalar(text) => return Ok(scalar(text, node)),
            Kind::Alias(target) => {
                let target = target.as_ref().ok_or_else(|| self.problem(node, "this alias has no anchor before it"))?;
                let was = std::mem::replace(&mut self.aliased, true);
                let value = self.value(target);
                self.aliased = was;
                return value;
            }
            Kind::Sequence { items, .. } => {
                Value::Sequence(items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?)
            }
            Kind::Mapping { entries, .. } => {
                let mut mapping = Mapping::with_capacity(entries.len());
                for (key, value) in entries {
                    if is_merge(key) {
                        self.merge(value, &mut mapping)?;
                    } else {
                        let key = self.value(key)?;
                        mapping.insert(key, self.value(value)?);
                    }
                }
                Value::Mapping(mapping)
            }
        };
        Ok(tagged(node, value))
    }

    /// A merge writes over keys that stand before it, and later keys over it. Of a list of mappings the first one wins.
    fn merge(&mut self, node: &Node, into: &mut Mapping) -> Result<(), Problem> {
        if let Kind::Sequence { items, .. } = &node.kind {
            return items.iter().rev().try_for_each(|item| self.merge(item, into));
        }
        match self.value(node)? {
            Value::Mapping(mapping) => into.extend(mapping),
            _ => return Err(self.problem(node, "`<<` stands for no mapping here")),
        }
        Ok(())
    }

    fn problem(&self, node: &Node, message: &str) -> Problem {
        Problem::at(self.text, node.start, message)
    }
}

/// Whether a key is the merge key: quoted it is a key like others.
pub(super) fn is_merge(key: &Node) -> bool {
    matches!(&key.kind, Kind::Scalar(text) if text == "<<") && key.plain && key.tag.is_none()
}

/// YAML's own tags only say what a node is anyway; others are kept, so that no edit loses them unseen.
fn tagged(node: &Node, value: Value) -> Value {
    match node.tag.as_deref() {
        None | Some("!" | "str" | "map" | "seq") => value,
        Some(tag) => Value::Tagged(Box::new(TaggedValue { tag: Tag::new(tag), value })),
    }
}

fn scalar(text: &str, node: &Node) -> Value {
    match node.tag {
        None if node.plain => plain(text),
        _ => tagged(node, text.into()),
    }
}

/// What a plain scalar stands for: `resolve.go` of go-yaml v2.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return true.into(),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return false.into(),
        ".nan" | ".NaN" | ".NAN" => return f64::NAN.into(),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return f64::INFINITY.into(),
        "-.inf" | "-.Inf" | "-.INF" => return f64::NEG_INFINITY.into(),
        _ => {}
    }
    let number = match text.as_bytes()[0] {
        b'.' => text.parse::<f64>().ok().map(Value::from),
        b'0'..=b'9' | b'+' | b'-' => number(&text.replace('_', "")),
        _ => None,
    };
    number.unwrap_or_else(|| text.into())
}

fn number(text: &str) -> Option<Value> {
    let (negative, digits) = match text.as_bytes()[0] {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (base, rest) = match digits.get(..2) {
        Some("0x" | "0X") => (16, &digits[2..]),
        Some("0o" | "0O") => (8, &digits[2..]),
        Some("0b" | "0B") => (2, &digits[2..]),
        Some(_) if digits.starts_with('0') => (8, &digits[1..]),
        _ => (10, digits),
    };
    let unsigned = rest.chars().all(|c| c.is_digit(base)).then(|| u64::from_str_radix(rest, base).ok()).flatten();
    match unsigned.map(|number| (i64::try_from(-i128::from(number)), number)) {
        Some((Ok(number), _)) if negative => return Some(number.into()),
        Some((_, number)) if !negative && (digits == text || i64::try_from(number).is_ok()) => {
            return Some(number.into());
        }
        _ => {}
    }
    is_float(digits).then(|| text.parse::<f64>().ok()).flatten().map(Value::from)
}

/// `[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?`, or digits behind the point alone.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).map_or((text, None), |(m, e)| (m, Some(e)));
    let all = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['-', '+']).unwrap_or(exponent));
    all(whole)
        && all(part)
        && !(whole.is_empty() && part.is_empty())
        && exponent.is_none_or(|e| !e.is_empty() && all(e))
}

impl<'de> Deserialize<'de> for Second {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Found)
    }
}

struct Found;

macro_rules! plain {
    ($($visit:ident: $kind:ty),*) => {
        $(fn $visit<E>(self, plain: $kind) -> Result<Second, E> {
            Ok(Second::Plain(plain.into()))
        })*
    };
}

impl<'de> Visitor<'de> for Found {
    type Value = Second;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any YAML")
    }

    plain!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

    fn visit_i128<E>(self, plain: i128) -> Result<Second, E> {
        Ok(Second::Plain(plain.to_string().into()))
    }

    fn visit_u128<E>(self, plain: u128) -> Result<Second, E> {
        Ok(Second::Plain(plain.to_string().into()))
    }

    fn visit_unit<E>(self) -> Result<Second, E> {
        Ok(Second::Plain(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Second, E> {
        Ok(Second::Plain(Value::Null))
    }

    fn visit_str<E>(self, text: &str) -> Result<Second, E> {
        Ok(Second::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Second, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Second::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Second, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Second::Mapping(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Second, A::Error> {
        let (_, contents) = access.variant::<String>()?;
        contents.newtype_variant()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As kubectl 1.29 and 1.35 print them with `config view --raw -o json`.
    #[test]
    fn plain_scalars_are_what_kubectl_takes_them_for() {
        for (text, json) in [
            ("2001-01-01", "\"2001-01-01\""),
            ("1e3", "1000.0"),
            ("010", "8"),
            ("0o10", "8"),
            ("1_000", "1000"),
            ("0b11", "3"),
            (".5", "0.5"),
            ("+1", "1"),
            ("y", "true"),
            ("1.0", "1.0"),
            ("0x1F", "31"),
            ("-0x1", "-1"),
            ("1.5e+3", "1500.0"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "1.8446744073709552e+19"),
            ("12:30", "\"12:30\""),
            ("0.", "0.0"),
            ("08", "8.0"),
            ("_1", "\"_1\""),
            ("1_", "1"),
            ("-.5", "-0.5"),
            (".5.", "\".5.\""),
            ("oFF", "\"oFF\""),
            ("0b", "\"0b\""),
            ("0b2", "\"0b2\""),
            (".", "\".\""),
            ("+", "\"+\""),
            ("1.e1", "10.0"),
            ("-0b11", "-3"),
            ("0x_1", "1"),
            ("0x1p4", "\"0x1p4\""),
            ("0", "0"),
            ("-0", "0"),
            ("=", "\"=\""),
            ("inf", "\"inf\""),
        ] {
            assert_eq!(serde_json::to_string(&plain(text)).expect("JSON"), json, "{text}");
        }
    }

    #[test]
    fn merges_and_equal_keys_are_obeyed_in_their_order() {
        for (text, json) in [
            ("{a: 1, a: 2}", "{\"a\":2}"),
            (
                "{x: &x {a: X, b: X}, z: {a: 1, <<: *x}}",
                "{\"x\":{\"a\":\"X\",\"b\":\"X\"},\"z\":{\"a\":\"X\",\"b\":\"X\"}}",
            ),
            ("{<<: [{a: 1}, {a: 2, b: 2}], c: 3}", "{\"a\":1,\"b\":2,\"c\":3}"),
            ("{\"<<\": {a: 1}}", "{\"<<\":{\"a\":1}}"),
            ("a: 1\n---\na: 2\n", "{\"a\":1}"),
        ] {
            assert_eq!(serde_json::to_string(&meaning(text).expect(text)).expect("JSON"), json, "{text}");
        }
        assert_eq!(meaning("a: {<<: x}\n").expect_err("refused").at, Some((1, 9)));
    }
}
