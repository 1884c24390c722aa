//! Templates of names: `context_name`, and `profile_name` for `eksso profiles`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::domain::identity::Identity;
use crate::domain::text::escape;

/// The default of `context_name`.
pub const DEFAULT_TEMPLATE: &str = "{account_name}/{cluster}:{role}";

const FIELDS: [&str; 6] = ["account_name", "account_id", "cluster", "role", "region", "session"];
/// What a profile has no cluster for.
const PROFILE_FIELDS: [&str; 4] = ["account_name", "account_id", "role", "session"];

/// What stands before the key of a cluster's tag.
const TAG: &str = "tag:";

/// A parsed `context_name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Parts);

/// A parsed `profile_name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileTemplate(Parts);

/// Why a template is none.
#[derive(Debug, PartialEq, Eq)]
pub struct BadTemplate(String);

impl fmt::Display for BadTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text, and fields with what is done to their values.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Field { name: String, filters: Vec<Filter> },
}

/// What is done to the value of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Filter {
    /// `lower`
    Lower,
    /// `replace:FROM:TO`
    Replace(String, String),
}

impl FromStr for Filter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split(':').collect();
        match words.as_slice() {
            ["lower"] => Ok(Self::Lower),
            ["replace", from, to] if !from.is_empty() => Ok(Self::Replace((*from).to_owned(), (*to).to_owned())),
            ["replace", ..] => Err("`replace` is written {cluster|replace:FROM:TO}".to_owned()),
            _ => Err(format!("there is no filter `{text}`; the filters are lower and replace:FROM:TO")),
        }
    }
}

impl Filter {
    fn apply(&self, value: String) -> String {
        match self {
            Self::Lower => value.to_lowercase(),
            Self::Replace(from, to) => value.replace(from, to),
        }
    }
}

impl Parts {
    fn parse(text: &str, is_field: impl Fn(&str) -> bool) -> Result<Self, String> {
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some(open) = rest.find(['{', '}']) {
            let field = rest[open..].strip_prefix('{').and_then(|tail| tail.split_once('}'));
            let Some((inside, tail)) = field else { return Err("a brace stands alone".into()) };
            let mut words = inside.split('|');
            let name = words.next().unwrap_or_default().to_owned();
            if !is_field(&name) {
                return Err(format!("there is no field `{name}`"));
            }
            let filters = words.map(str::parse).collect::<Result<_, _>>()?;
            parts.push(Part::Text(rest[..open].to_owned()));
            parts.push(Part::Field { name, filters });
            rest = tail;
        }
        if parts.is_empty() {
            return Err("without a field all would have one name".into());
        }
        parts.push(Part::Text(rest.to_owned()));
        Ok(Self(parts))
    }

    /// Account names and tags are other people's text: what stands in braces there is no field.
    fn fill<'v>(&self, value: impl Fn(&str) -> &'v str) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Field { name, filters } => {
                filters.iter().fold(value(name).to_owned(), |value, filter| filter.apply(value))
            }
        };
        self.0.iter().map(part).collect()
    }
}

impl Default for Template {
    fn default() -> Self {
        // A test fills it in.
        DEFAULT_TEMPLATE.parse().unwrap_or_else(|_| unreachable!("the default is a template"))
    }
}

impl FromStr for Template {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        let is_tag = |name: &str| name.strip_prefix(TAG).is_some_and(|key| !key.is_empty());
        Parts::parse(text, |name| FIELDS.contains(&name) || is_tag(name)).map(Self).map_err(|why| {
            BadTemplate(format!("context_name: {why}; the fields are {{{}}}, {{tag:KEY}}", FIELDS.join("}, {")))
        })
    }
}

impl Template {
    /// The name it gives to a context: `{account_…}` is the cluster's, `{role}` the one that the cluster gets to see. A tag that the cluster does not have, or that is not known or empty, is `none`. A name must
    /// stay one visible line.
    pub fn fill(&self, identity: &Identity, account_name: &str, tags: &BTreeMap<String, String>) -> String {
        let mut name = self.0.fill(|field| match field {
            "account_name" => account_name,
            "account_id" => identity.cluster_account().as_str(),
            "cluster" => identity.cluster.as_str(),
            "role" => identity.role_name(),
            "region" => identity.region.as_str(),
            "session" => identity.session.as_str(),
            field => field
                .strip_prefix(TAG)
                .and_then(|key| tags.get(key))
                .map(String::as_str)
                .filter(|tag| !tag.is_empty())
                .unwrap_or("none"),
        });
        name.retain(|c| escape(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8());
        // What begins with a dash is an option to every command.
        match name.trim_start_matches('-') {
            "" => identity.cluster.to_string(),
            name => name.to_owned(),
        }
    }
}

impl Default for ProfileTemplate {
    fn default() -> Self {
        // A test fills it in.
        "{account_name}/{role}".parse().unwrap_or_else(|_| unreachable!("the default is a template"))
    }
}

impl FromStr for ProfileTemplate {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        Parts::parse(text, |name| PROFILE_FIELDS.contains(&name)).map(Self).map_err(|why| {
            BadTemplate(format!("profile_name: {why}; the fields are {{{}}}", PROFILE_FIELDS.join("}, {")))
        })
    }
}

impl ProfileTemplate {
    /// The name it gives to a profile, before that is made one that a header can have.
    pub fn fill(&self, session: &str, account_id: &str, account_name: &str, role: &str) -> String {
        self.0.fill(|field| match field {
            "account_name" => account_name,
            "account_id" => account_id,
            "role" => role,
            _ => session,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_know_their_fields_and_filters() {
        assert!("{cluster}-{region}".parse::<Template>().is_ok());
        assert!("{tag:team}/{cluster}".parse::<Template>().is_ok());
        for bad in [
            "{tag:}",
            "{tags:team}",
            "{cluser}",
            "{cluster",
            "cluster}",
            "fixed",
            "",
            "{cluster|}",
            "{cluster|upper}",
            "{cluster|replace}",
            "{cluster|replace::x}",
            "{cluster|replace:a}",
            "{cluster|lower:x}",
        ] {
            assert!(bad.parse::<Template>().is_err(), "{bad:?}");
        }
        let error = "{cluster|uper}".parse::<Template>().expect_err("no filter").to_string();
        assert!(error.contains("`uper`; the filters are lower and replace:FROM:TO"), "{error}");
        assert!("{cluster}".parse::<ProfileTemplate>().expect_err("no field").to_string().contains("{session}"));
    }

    #[test]
    fn values_are_filtered_in_the_order_that_is_written() {
        let identity = Identity {
            session: "corp".parse().expect("name"),
            account: "111122223333".parse().expect("id"),
            role: "EKSDev".parse().expect("role"),
            region: "eu-west-1".parse().expect("region"),
            cluster: "Prod-Web".parse().expect("cluster"),
            assume: None,
            elsewhere: None,
        };
        let name = |template: &str| {
            template.parse::<Template>().expect("a template").fill(&identity, "{role} A", &BTreeMap::new())
        };
        assert_eq!(name(DEFAULT_TEMPLATE), "{role} A/Prod-Web:EKSDev");
        assert_eq!(name("{cluster|lower}:{role|replace:EKS:}"), "prod-web:Dev");
        assert_eq!(name("{cluster|lower|replace:prod-:p/}"), "p/web");
        assert_eq!(name("{cluster|replace:prod-:p/|lower}"), "prod-web");
        assert_eq!(name("{account_name|replace: :_}"), "{role}_A");
        assert_eq!(ProfileTemplate::default().fill("corp", "1", "Production", "Dev"), "Production/Dev");
    }
}
