//! The keys of a request, and whether conditions on them hold. Source: IAM user guide, "Condition operators", "Set
//! operators".

use core::net::IpAddr;

use base64::Engine;
use jiff::Timestamp;

use crate::domain::access::iam::document::{Condition, Order, SetOf, Test};
use crate::domain::access::iam::pattern::{Filled, Pattern, Reading, Variable, fill, fill_resource};

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// It has these values.
    Is(Vec<String>),
    /// The request does not have it.
    Absent,
    /// The asker does not know: a condition on it is neither true nor false.
    Unknown,
    /// The caller chooses: a value that helps, or none.
    Free,
}

/// The keys of a request. What is not said is absent. A key goes before a family of keys, a smaller family before a
/// larger one, and of what is said twice the later counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(Vec<(String, Key)>);

impl Context {
    /// No keys.
    pub fn new() -> Self {
        Self::default()
    }

    /// Says what a key is. A name that ends in `*` stands for all keys that start so; `*` for all.
    #[must_use]
    pub fn key(mut self, name: &str, key: Key) -> Self {
        self.0.push((name.to_ascii_lowercase(), key));
        self
    }

    /// A key with one value.
    #[must_use]
    pub fn is(self, name: &str, value: &str) -> Self {
        self.key(name, Key::Is(vec![value.to_owned()]))
    }

    /// A key that the caller chooses.
    #[must_use]
    pub fn free(self, name: &str) -> Self {
        self.key(name, Key::Free)
    }

    /// A key that the asker does not know.
    #[must_use]
    pub fn unknown(self, name: &str) -> Self {
        self.key(name, Key::Unknown)
    }

    /// All that this says, and then what the other says.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.extend(other.0.iter().cloned());
        self
    }

    /// What is known of a key.
    pub fn get(&self, name: &str) -> &Key {
        let name = name.to_ascii_lowercase();
        let mut found: Option<(usize, &Key)> = None;
        for (own, key) in &self.0 {
            let length = match own.strip_suffix('*') {
                Some(start) if name.starts_with(start) => start.len(),
                None if *own == name => usize::MAX,
                _ => continue,
            };
            if found.is_none_or(|(known, _)| known <= length) {
                found = Some((length, key));
            }
        }
        found.map_or(&Key::Absent, |(_, key)| key)
    }

    fn variable(&self, name: &str) -> Variable {
        match self.get(name) {
            Key::Is(values) if values.len() == 1 => Variable::Is(values[0].clone()),
            // A variable stands for one value.
            Key::Is(_) | Key::Absent => Variable::Absent,
            Key::Unknown | Key::Free => Variable::Unknown,
        }
    }

    /// Fills the variables of a resource in.
    pub fn fill_resource(&self, text: &str, variables: bool) -> Filled {
        fill_resource(text, variables, |name| self.variable(name))
    }

    /// Fills the variables of a text in.
    pub fn fill(&self, text: &str, reading: Reading) -> Filled {
        fill(text, reading, |name| self.variable(name))
    }
}

/// Whether something holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Truth {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on what is not known; a key or an operator.
    Maybe(String),
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Whether a condition holds.
pub fn holds(condition: &Condition, context: &Context, variables: bool) -> Truth {
    let operator = &condition.operator;
    if operator.test == Test::Unknown {
        return Truth::Maybe(format!("operator {}", operator.name));
    }
    let values: &[String] = match context.get(&condition.key) {
        Key::Is(values) => values,
        Key::Absent => &[],
        Key::Unknown | Key::Free => return Truth::Maybe(condition.key.clone()),
    };
    if operator.test == Test::Null {
        let wants_absent = condition.values.iter().any(|value| value.eq_ignore_ascii_case("true"));
        return (wants_absent == values.is_empty()).into();
    }
    if values.is_empty() {
        return match operator.set {
            Some(SetOf::All) => true,
            Some(SetOf::Any) => operator.if_exists,
            None => operator.negated || operator.if_exists,
        }
        .into();
    }
    let mut wanted = Vec::new();
    let mut unknown = None;
    let reading = Reading { wildcards: matches!(operator.test, Test::StringLike | Test::Arn), variables };
    for value in &condition.values {
        match context.fill(value, reading) {
            Filled::Pattern(pattern) => wanted.push(pattern),
            Filled::Nothing => {}
            Filled::Unknown(key) => unknown = Some(key),
        }
    }
    let hit = |value: &String| wanted.iter().any(|pattern| compare(operator.test, pattern, value));
    let good = |value: &String| hit(value) != operator.negated;
    let judged = match operator.set {
        Some(SetOf::All) => values.iter().all(good),
        Some(SetOf::Any) => values.iter().any(good),
        // More than one value without a set operator: any for equality, none for its opposite.
        None if operator.negated => !values.iter().any(hit),
        None => values.iter().any(hit),
    };
    match unknown {
        // A value more can only make a hit more: it matters where a hit would turn the answer.
        Some(key) if judged == operator.negated => Truth::Maybe(key),
        _ => judged.into(),
    }
}

/// Whether a value of the request and a value of the policy belong together. What cannot be read as its kind does not.
fn compare(test: Test, wanted: &Pattern, value: &str) -> bool {
    // Without wildcards and with its variables filled in, a pattern is one text.
    let plain = || wanted.example("*");
    match test {
        Test::String | Test::StringLike => wanted.matches(value),
        Test::StringIgnoringCase | Test::Bool => wanted.matches_in_any_case(value),
        Test::Arn => wanted.matches_arn(value),
        Test::Numeric(order) => match (value.parse::<f64>(), plain().parse::<f64>()) {
            (Ok(value), Ok(wanted)) => in_order(order, value, wanted),
            _ => false,
        },
        Test::Date(order) => match (time(value), time(&plain())) {
            (Some(value), Some(wanted)) => in_order(order, value, wanted),
            _ => false,
        },
        Test::Binary => {
            let bytes = |text: &str| base64::engine::general_purpose::STANDARD.decode(text).ok();
            bytes(value).is_some_and(|value| Some(value) == bytes(&plain()))
        }
        Test::Ip => is_in(value, &plain()).unwrap_or(false),
        Test::Null | Test::Unknown => false,
    }
}

fn in_order<T: PartialOrd>(order: Order, value: T, wanted: T) -> bool {
    match order {
        Order::Same => value == wanted,
        Order::Less => value < wanted,
        Order::AtMost => value <= wanted,
        Order::Greater => value > wanted,
        Order::AtLeast => value >= wanted,
    }
}

/// A time in ISO 8601, whole or a day, or in seconds since 1970.
fn time(text: &str) -> Option<Timestamp> {
    let day = || (text.len() == 10).then(|| format!("{text}T00:00:00Z").parse().ok()).flatten();
    let seconds = || Timestamp::from_second(text.parse().ok()?).ok();
    text.parse().ok().or_else(seconds).or_else(day)
}

/// Whether an address, or a whole network, is in a network.
fn is_in(address: &str, network: &str) -> Option<bool> {
    let read = |text: &str| -> Option<(IpAddr, u32)> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(longest), |bits| bits.parse().ok())?;
        (bits <= longest).then_some((address, bits))
    };
    let ((address, own), (network, bits)) = (read(address)?, read(network)?);
    let number = |address| match address {
        IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 4),
        IpAddr::V6(address) => (address.to_bits(), 6),
    };
    let ((address, family), (network, other)) = (number(address), number(network));
    let mask = if bits == 0 { 0 } else { u128::MAX << (128 - bits) };
    Some(family == other && own >= bits && address & mask == network & mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::iam::document::Operator;

    fn ask(operator: &str, values: &[&str], context: &Context) -> Truth {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        holds(&Condition { operator: Operator::parse(operator), key: "A:Key".into(), values }, context, true)
    }

    #[test]
    fn a_smaller_family_goes_before_a_larger_one_and_a_key_before_both() {
        let context = Context::new()
            .is("aws:PrincipalTag/team", "web")
            .free("*")
            .unknown("aws:*")
            .key("AWS:principaltag/*", Key::Absent);
        assert_eq!(*context.get("aws:principaltag/TEAM"), Key::Is(vec!["web".into()]));
        assert_eq!(*context.get("aws:PrincipalTag/other"), Key::Absent);
        assert_eq!(*context.get("aws:SourceIp"), Key::Unknown);
        assert_eq!(*context.get("eks:policyArn"), Key::Free);
        assert_eq!(*Context::new().get("x"), Key::Absent);
    }

    #[test]
    fn what_is_not_known_is_no_answer_unless_it_cannot_matter() {
        let unknown = Context::new().unknown("a:key");
        assert_eq!(ask("StringEquals", &["x"], &unknown), Truth::Maybe("A:Key".into()));
        let known = Context::new().is("a:key", "x").unknown("a:other");
        assert_eq!(ask("StringEquals", &["${a:other}"], &known), Truth::Maybe("a:other".into()));
        assert_eq!(ask("StringEquals", &["${a:other}", "x"], &known), Truth::Yes);
        assert_eq!(ask("StringNotEquals", &["${a:other}", "x"], &known), Truth::No);
        assert_eq!(ask("StringNotEquals", &["${a:other}", "y"], &known), Truth::Maybe("a:other".into()));
        assert_eq!(ask("StringSounds", &["x"], &known), Truth::Maybe("operator StringSounds".into()));
    }

    #[test]
    fn what_cannot_be_read_as_its_kind_matches_nothing() {
        let is = |value: &str| Context::new().is("a:key", value);
        for (operator, value, wanted) in [
            ("NumericEquals", "x", "x"),
            ("DateEquals", "yesterday", "yesterday"),
            ("IpAddress", "10.0.0.1", "10.0.0.0/33"),
            ("IpAddress", "ten", "10.0.0.0/8"),
            ("BinaryEquals", "!", "!"),
            ("ArnLike", "arn", "arn"),
        ] {
            assert_eq!(ask(operator, &[wanted], &is(value)), Truth::No, "{operator}");
        }
        assert_eq!(ask("BinaryEquals", &["QUJD"], &is("QUJD")), Truth::Yes);
        assert_eq!(ask("DateEquals", &["2026-11-26"], &is("2026-11-26T00:00:00Z")), Truth::Yes);
        assert_eq!(ask("IpAddress", &["0.0.0.0/0"], &is("10.0.0.0/8")), Truth::Yes);
        assert_eq!(ask("IpAddress", &["10.0.0.0/16"], &is("10.0.0.0/8")), Truth::No);
    }
}
