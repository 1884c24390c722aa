//! `context_name`: the template of context names.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::identity::Identity;
use crate::domain::text::escape;

/// The default of `context_name`.
pub const DEFAULT_TEMPLATE: &str = "{account_name}/{cluster}:{role}";

const FIELDS: [&str; 6] = ["account_name", "account_id", "cluster", "role", "region", "session"];

/// What stands before the key of a cluster's tag.
const TAG: &str = "tag:";

/// A parsed `context_name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(String);

/// Why a template is none.
#[derive(Debug, PartialEq, Eq)]
pub struct BadTemplate(String);

impl fmt::Display for BadTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "context_name: {}; the fields are {{{}}}, {{tag:KEY}}", self.0, FIELDS.join("}, {"))
    }
}

impl Default for Template {
    fn default() -> Self {
        Self(DEFAULT_TEMPLATE.to_owned())
    }
}

impl std::str::FromStr for Template {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        let mut rest = text;
        while let Some(open) = rest.find(['{', '}']) {
            let field = rest[open..].strip_prefix('{').and_then(|tail| tail.split_once('}'));
            let Some((name, tail)) = field else { return Err(BadTemplate("a brace stands alone".into())) };
            let is_tag = name.strip_prefix(TAG).is_some_and(|key| !key.is_empty());
            if !FIELDS.contains(&name) && !is_tag {
                return Err(BadTemplate(format!("there is no field `{name}`")));
            }
            rest = tail;
        }
        if !text.contains('{') {
            return Err(BadTemplate("without a field all contexts would have one name".into()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl Template {
    /// The name it gives to a context. A tag that the cluster does not have, or that is not known or empty, is `none`. Account names and
    /// tags are other people's text: a name must stay one visible line, and what stands in braces there is no field.
    pub fn fill(&self, identity: &Identity, account_name: &str, tags: &BTreeMap<String, String>) -> String {
        let value = |field: &str| match field {
            "account_name" => account_name,
            "account_id" => identity.account.as_str(),
            "cluster" => identity.cluster.as_str(),
            "role" => identity.role.as_str(),
            "region" => identity.region.as_str(),
            "session" => identity.session.as_str(),
            field => field
                .strip_prefix(TAG)
                .and_then(|key| tags.get(key))
                .map(String::as_str)
                .filter(|tag| !tag.is_empty())
                .unwrap_or("none"),
        };
        let (mut name, mut rest) = (String::new(), self.0.as_str());
        while let Some((before, (field, after))) =
            rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?)))
        {
            name.push_str(before);
            name.push_str(value(field));
            rest = after;
        }
        name.push_str(rest);
        name.retain(|c| escape(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8());
        // What begins with a dash is an option to every command.
        match name.trim_start_matches('-') {
            "" => identity.cluster.to_string(),
            name => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_know_their_fields() {
        assert!("{cluster}-{region}".parse::<Template>().is_ok());
        assert!("{tag:team}/{cluster}".parse::<Template>().is_ok());
        for bad in ["{tag:}", "{tags:team}", "{cluser}", "{cluster", "cluster}", "fixed", ""] {
            assert!(bad.parse::<Template>().is_err(), "{bad:?}");
        }
    }
}
