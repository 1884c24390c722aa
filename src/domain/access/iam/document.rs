//! IAM policy documents. What IAM would refuse is refused here too, in words: a document that was misread would be
//! judged wrongly. Source: IAM user guide, "Grammar of the IAM JSON policy language".

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use crate::domain::text::{escape, shorten};

/// No policy of IAM, Organizations or Identity Center is longer (the longest: 32,768 bytes of a permission set's inline
/// policy).
const LONGEST: usize = 100_000;

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Whether `${…}` stands for a value: only from version 2012-10-17 on.
    pub variables: bool,
    /// Its statements.
    pub statements: Vec<Statement>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its Sid; empty for none.
    pub sid: String,
    /// Whether it allows or denies.
    pub effect: Effect,
    /// Who it is about; `None` in the policies of an identity.
    pub principals: Option<Only<Principal>>,
    /// What it is about.
    pub actions: Only<String>,
    /// On which resources; `None` in a trust policy.
    pub resources: Option<Only<String>>,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
}

/// What a statement does with a request that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It allows it, unless another statement denies it.
    Allow,
    /// It denies it, whatever others say.
    Deny,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Only<T> {
    /// These.
    These(Vec<T>),
    /// All but these.
    AllBut(Vec<T>),
}

impl<T> Only<T> {
    /// What is named, with or without `Not`.
    pub fn named(&self) -> &[T] {
        let (Self::These(named) | Self::AllBut(named)) = self;
        named
    }
}

/// Whom a statement names, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// `"Principal": "*"`, `{"AWS": "*"}` or `{"Federated": "*"}`.
    Anyone,
    /// An ARN, an account's id or a unique id.
    Aws(String),
    /// A SAML or OIDC provider.
    Federated(String),
    /// An AWS service.
    Service(String),
    /// A canonical user of S3.
    Canonical(String),
}

/// One key of one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// How the values are compared.
    pub operator: Operator,
    /// The key, as written; case does not tell keys apart.
    pub key: String,
    /// The values; one of them must match, or none for an operator with `Not`.
    pub values: Vec<String>,
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// As written.
    pub name: String,
    /// `ForAllValues:` or `ForAnyValue:`
    pub set: Option<SetOf>,
    /// What is compared.
    pub test: Test,
    /// Whether it is the opposite: `StringNotEquals`.
    pub negated: bool,
    /// Whether it holds where the key is absent: `…IfExists`.
    pub if_exists: bool,
}

/// How many of a key's values must match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOf {
    /// All of them; it holds where there are none.
    All,
    /// At least one.
    Any,
}

/// What an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Test {
    /// Text.
    String,
    /// Text, in any case.
    StringIgnoringCase,
    /// Text with wildcards.
    StringLike,
    /// Numbers.
    Numeric(Order),
    /// Times.
    Date(Order),
    /// `true` or `false`.
    Bool,
    /// Base64.
    Binary,
    /// Networks.
    Ip,
    /// ARNs, part by part, with wildcards: `ArnEquals` and `ArnLike` are the same.
    Arn,
    /// Whether the key is absent.
    Null,
    /// An operator that eksso does not know.
    Unknown,
}

/// How numbers and times are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Equal.
    Same,
    /// Less than the policy's value.
    Less,
    /// At most.
    AtMost,
    /// Greater than the policy's value.
    Greater,
    /// At least.
    AtLeast,
}

impl Operator {
    /// Reads an operator's name; one that is not known is kept, and its condition is then never certain.
    pub fn parse(name: &str) -> Self {
        let lower = name.to_ascii_lowercase();
        let (set, rest) = if let Some(rest) = lower.strip_prefix("forallvalues:") {
            (Some(SetOf::All), rest)
        } else if let Some(rest) = lower.strip_prefix("foranyvalue:") {
            (Some(SetOf::Any), rest)
        } else {
            (None, lower.as_str())
        };
        let (rest, if_exists) = rest.strip_suffix("ifexists").map_or((rest, false), |rest| (rest, true));
        let order = |word: &str| match word {
            "equals" => Some((Order::Same, false)),
            "notequals" => Some((Order::Same, true)),
            "lessthan" => Some((Order::Less, false)),
            "lessthanequals" => Some((Order::AtMost, false)),
            "greaterthan" => Some((Order::Greater, false)),
            "greaterthanequals" => Some((Order::AtLeast, false)),
            _ => None,
        };
        let (test, negated) = match rest {
            "stringequals" => (Test::String, false),
            "stringnotequals" => (Test::String, true),
            "stringequalsignorecase" => (Test::StringIgnoringCase, false),
            "stringnotequalsignorecase" => (Test::StringIgnoringCase, true),
            "stringlike" => (Test::StringLike, false),
            "stringnotlike" => (Test::StringLike, true),
            "bool" => (Test::Bool, false),
            "binaryequals" => (Test::Binary, false),
            "ipaddress" => (Test::Ip, false),
            "notipaddress" => (Test::Ip, true),
            "arnequals" | "arnlike" => (Test::Arn, false),
            "arnnotequals" | "arnnotlike" => (Test::Arn, true),
            "null" => (Test::Null, false),
            other => {
                let number =
                    other.strip_prefix("numeric").and_then(order).map(|(order, not)| (Test::Numeric(order), not));
                let date = || other.strip_prefix("date").and_then(order).map(|(order, not)| (Test::Date(order), not));
                number.or_else(date).unwrap_or((Test::Unknown, false))
            }
        };
        Self { name: name.to_owned(), set, test, negated, if_exists }
    }

    /// Whether the condition can only hold where the key is there and has one of the values: it narrows what a
    /// statement allows.
    pub fn demands_a_value(&self) -> bool {
        !self.negated
            && !self.if_exists
            && self.set != Some(SetOf::All)
            && !matches!(self.test, Test::Null | Test::Unknown)
    }
}

impl Condition {
    /// Whether it is about that key.
    pub fn is_on(&self, key: &str) -> bool {
        self.key.eq_ignore_ascii_case(key)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.operator.name, self.key, self.values.join(", "))
    }
}

/// Reads a document.
///
/// # Errors
/// Why it is none, in words.
pub fn parse(text: &str) -> Result<Document, String> {
    if text.len() > LONGEST {
        return Err(format!("it has {} bytes, more than any policy may have", text.len()));
    }
    // serde_json stops at 128 levels.
    let json: Json = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let Json::Object(members) = json else { return Err("it is not a JSON object".into()) };
    let (mut version, mut statements) = (None, None);
    for (name, value) in members {
        match name.as_str() {
            "Version" => version = Some(string(value, "Version")?),
            "Id" => drop(string(value, "Id")?),
            "Statement" => statements = Some(value),
            _ => return Err(format!("it has `{}`, which is no element of a policy", shown(&name))),
        }
    }
    let variables = match version.as_deref() {
        None | Some("2008-10-17") => false,
        Some("2012-10-17") => true,
        Some(other) => return Err(format!("its Version is `{}`, not 2012-10-17 or 2008-10-17", shown(other))),
    };
    let statements = match statements {
        None => return Err("it has no Statement".into()),
        Some(Json::List(list)) => list,
        Some(one) => vec![one],
    };
    let read = |(index, json)| statement(json).map_err(|why| format!("statement {}: {why}", index + 1));
    let statements = statements.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
    Ok(Document { variables, statements })
}

fn statement(json: Json) -> Result<Statement, String> {
    let Json::Object(members) = json else { return Err("it is not a JSON object".into()) };
    let (mut sid, mut effect, mut conditions) = (String::new(), None, Vec::new());
    let (mut principals, mut actions, mut resources) = (None, None, None);
    for (name, value) in members {
        match name.as_str() {
            "Sid" => sid = string(value, "Sid")?,
            "Effect" => {
                effect = Some(match string(value, "Effect")?.as_str() {
                    "Allow" => Effect::Allow,
                    "Deny" => Effect::Deny,
                    other => return Err(format!("its Effect is `{}`, not Allow or Deny", shown(other))),
                });
            }
            "Principal" => once(&mut principals, Only::These(principal(value)?), "Principal")?,
            "NotPrincipal" => once(&mut principals, Only::AllBut(principal(value)?), "Principal")?,
            "Action" => once(&mut actions, Only::These(strings(value, "Action")?), "Action")?,
            "NotAction" => once(&mut actions, Only::AllBut(strings(value, "NotAction")?), "Action")?,
            "Resource" => once(&mut resources, Only::These(strings(value, "Resource")?), "Resource")?,
            "NotResource" => once(&mut resources, Only::AllBut(strings(value, "NotResource")?), "Resource")?,
            "Condition" => conditions = condition(value)?,
            _ => return Err(format!("it has `{}`, which is no element of a statement", shown(&name))),
        }
    }
    let effect = effect.ok_or("it has no Effect")?;
    let actions = actions.ok_or("it has neither Action nor NotAction")?;
    Ok(Statement { sid, effect, principals, actions, resources, conditions })
}

fn once<T>(place: &mut Option<T>, value: T, name: &str) -> Result<(), String> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("it has both {name} and Not{name}")),
    }
}

fn principal(json: Json) -> Result<Vec<Principal>, String> {
    let members = match json {
        Json::Text(text) if text == "*" => return Ok(vec![Principal::Anyone]),
        Json::Object(members) => members,
        _ => return Err("its Principal is neither `*` nor an object".into()),
    };
    let mut named = Vec::new();
    for (kind, value) in members {
        let make: fn(String) -> Principal = match kind.as_str() {
            "AWS" => Principal::Aws,
            "Federated" => Principal::Federated,
            "Service" => Principal::Service,
            "CanonicalUser" => Principal::Canonical,
            _ => return Err(format!("its Principal has `{}`, which is no kind of principal", shown(&kind))),
        };
        let anyone = |value: String| if value == "*" && kind != "Service" { Principal::Anyone } else { make(value) };
        named.extend(strings(value, "Principal")?.into_iter().map(anyone));
    }
    Ok(named)
}

fn condition(json: Json) -> Result<Vec<Condition>, String> {
    let Json::Object(operators) = json else { return Err("its Condition is not an object".into()) };
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        let Json::Object(keys) = keys else {
            return Err(format!("its Condition `{}` is not an object", shown(&operator)));
        };
        let operator = Operator::parse(&operator);
        for (key, values) in keys {
            let values = strings(values, "Condition")?;
            conditions.push(Condition { operator: operator.clone(), key, values });
        }
    }
    Ok(conditions)
}

fn string(json: Json, name: &str) -> Result<String, String> {
    match json {
        Json::Text(text) => Ok(text),
        _ => Err(format!("its {name} is not text")),
    }
}

/// A text or a list of texts; numbers and truth values of conditions as their text.
fn strings(json: Json, name: &str) -> Result<Vec<String>, String> {
    let list = match json {
        Json::List(list) => list,
        one => vec![one],
    };
    let text = |json| match json {
        Json::Text(text) => Ok(text),
        Json::Bare(text) if name == "Condition" || name == "Principal" => Ok(text),
        _ => Err(format!("its {name} is neither text nor a list of texts")),
    };
    list.into_iter().map(text).collect()
}

fn shown(text: &str) -> String {
    escape(&shorten(text, 60)).into_owned()
}

/// JSON with the order of members, and without two of the same name: which one would count is not known.
enum Json {
    Text(String),
    /// A number or a truth value, as its text.
    Bare(String),
    Null,
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bare(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Bare(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Bare(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Bare(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = from.next_element()? {
            list.push(value);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Json, A::Error> {
        let mut members: Vec<(String, Json)> = Vec::new();
        let mut names = std::collections::BTreeSet::new();
        while let Some((name, value)) = from.next_entry::<String, Json>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format!("`{}` stands there twice", shown(&name))));
            }
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_statement_is_read() {
        let document = parse(
            r#"{"Version":"2012-10-17","Id":"x","Statement":{"Sid":"A","Effect":"Deny","NotPrincipal":{"AWS":["a","*"],"Service":"s","Federated":["f"],"CanonicalUser":"c"},
                "NotAction":"iam:*","NotResource":["r"],"Condition":{"ForAllValues:StringNotLikeIfExists":{"k":["v",true,5]},"Bool":{"b":false}}}}"#,
        )
        .expect("a policy");
        let statement = &document.statements[0];
        let text = |text: &str| text.to_owned();
        let principals = vec![
            Principal::Aws(text("a")),
            Principal::Anyone,
            Principal::Service(text("s")),
            Principal::Federated(text("f")),
            Principal::Canonical(text("c")),
        ];
        assert_eq!(statement.principals, Some(Only::AllBut(principals)));
        assert_eq!(statement.actions, Only::AllBut(vec![text("iam:*")]));
        assert_eq!(statement.resources, Some(Only::AllBut(vec![text("r")])));
        assert_eq!((statement.sid.as_str(), statement.effect, document.variables), ("A", Effect::Deny, true));
        let [first, second] = statement.conditions.as_slice() else { panic!("{statement:?}") };
        assert_eq!(first.values, ["v", "true", "5"]);
        let operator = &first.operator;
        assert_eq!(
            (operator.set, operator.test, operator.negated, operator.if_exists),
            (Some(SetOf::All), Test::StringLike, true, true)
        );
        assert_eq!(second.values, ["false"]);
    }

    #[test]
    fn what_is_no_policy_is_refused_in_words() {
        let statement =
            |more: &str| format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"*","Resource":"*"}},{{{more}}}]}}"#);
        for (text, why) in [
            (String::from("{"), "it is not JSON: "),
            ("[]".into(), "it is not a JSON object"),
            ("{}".into(), "it has no Statement"),
            (r#"{"Version":"2020","Statement":[]}"#.into(), "its Version is `2020`, not 2012-10-17 or 2008-10-17"),
            (r#"{"Statement":[],"Statement":[]}"#.into(), "it is not JSON: `Statement` stands there twice"),
            (r#"{"Statement":[],"Foo":1}"#.into(), "it has `Foo`, which is no element of a policy"),
            (statement(""), "statement 2: it has no Effect"),
            (statement(r#""Effect":"allow""#), "statement 2: its Effect is `allow`, not Allow or Deny"),
            (statement(r#""Effect":"Allow""#), "statement 2: it has neither Action nor NotAction"),
            (
                statement(r#""Effect":"Allow","Action":"*","NotAction":"*""#),
                "statement 2: it has both Action and NotAction",
            ),
            (
                statement(r#""Effect":"Allow","Action":5"#),
                "statement 2: its Action is neither text nor a list of texts",
            ),
            (
                statement(r#""Effect":"Allow","Action":"*","Principal":"x""#),
                "statement 2: its Principal is neither `*` nor an object",
            ),
            (
                statement(r#""Effect":"Allow","Action":"*","Condition":{"Bool":1}"#),
                "statement 2: its Condition `Bool` is not an object",
            ),
            (format!("{}1", "[".repeat(100_000)), "it has 100001 bytes, more than any policy may have"),
        ] {
            let error = parse(&text).expect_err(&text);
            assert!(error.starts_with(why), "{error}");
        }
    }

    #[test]
    fn every_operator_of_iam_is_known() {
        for kind in [
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
            "Bool",
            "BinaryEquals",
            "IpAddress",
            "NotIpAddress",
            "ArnEquals",
            "ArnLike",
            "ArnNotEquals",
            "ArnNotLike",
            "Null",
        ] {
            for name in [kind.to_owned(), format!("{kind}IfExists"), format!("ForAnyValue:{kind}")] {
                let operator = Operator::parse(&name);
                assert_ne!(operator.test, Test::Unknown, "{name}");
                assert_eq!(operator.negated, kind.contains("Not"), "{name}");
            }
        }
        assert_eq!(Operator::parse("StringSounds").test, Test::Unknown);
    }
}
