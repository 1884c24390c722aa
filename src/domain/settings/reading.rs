//! Reading settings: what a field's text is, and what is wrong with a file.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

/// What is wrong with `config.toml`, and where.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// Counted from 1; absent when the parser could not tell.
    pub line: Option<usize>,
    /// The reason, naming the key.
    pub message: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A mistake with its line.
pub(super) fn located(text: &str, error: &toml::de::Error) -> ConfigError {
    ConfigError {
        line: error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1),
        message: error.message().replace('\n', " "),
    }
}

/// A text in the form that a field wants.
pub(in crate::domain) fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    deserializer: D,
) -> Result<T, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
}

/// The same where it may be left out.
pub(in crate::domain) fn parsed_option<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    d: D,
) -> Result<Option<T>, D::Error> {
    parsed(d).map(Some)
}

/// The same of a list that may be left out.
pub(super) fn parsed_list_option<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    d: D,
) -> Result<Option<Vec<T>>, D::Error> {
    parsed_list(d).map(Some)
}

/// A list of such texts.
pub(in crate::domain) fn parsed_list<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    d: D,
) -> Result<Vec<T>, D::Error> {
    Vec::<String>::deserialize(d)?.iter().map(|text| text.parse().map_err(de::Error::custom)).collect()
}
