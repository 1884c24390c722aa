//! Which accounts, roles, regions and clusters a command is about: repeatable globs, case ignored.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use wildmatch::WildMatch;

/// A glob with `*` and `?`.
#[derive(Debug, Clone)]
pub struct Glob {
    pattern: String,
    matcher: WildMatch,
}

impl Glob {
    /// Compiles a pattern; every text is one.
    pub fn new(pattern: &str) -> Self {
        Self { pattern: pattern.to_owned(), matcher: WildMatch::new_case_insensitive(pattern) }
    }

    /// Whether the text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.matcher.matches(text)
    }

    /// Whether the pattern can match only itself.
    pub fn is_literal(&self) -> bool {
        !self.pattern.contains(['*', '?'])
    }

    /// The pattern as given.
    pub fn as_str(&self) -> &str {
        &self.pattern
    }
}

/// A tag that a cluster is to have: `KEY` with any value, or `KEY=GLOB`. Keys of tags tell case, as AWS does.
#[derive(Debug, Clone)]
pub struct TagGlob {
    key: String,
    value: Option<Glob>,
}

impl FromStr for TagGlob {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (key, value) = text.split_once('=').map_or((text, None), |(key, value)| (key, Some(value)));
        match key {
            "" => Err(format!("`{text}` is no tag; it is KEY, or KEY=VALUE with * and ? in the value")),
            key => Ok(Self { key: key.to_owned(), value: value.map(Glob::new) }),
        }
    }
}

impl fmt::Display for TagGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "{}={}", self.key, value.as_str()),
            None => f.write_str(&self.key),
        }
    }
}

/// The filters of one call; an empty list lets everything through.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Account ids or names.
    pub accounts: Vec<Glob>,
    /// Role (permission set) names.
    pub roles: Vec<Glob>,
    /// Regions.
    pub regions: Vec<Glob>,
    /// Cluster names.
    pub clusters: Vec<Glob>,
    /// Tags of clusters: of several with one key any is enough, of several keys all are needed.
    pub tags: Vec<TagGlob>,
    /// Account ids or names that are left out unless `accounts` names them without wildcards.
    pub skipped: Vec<Glob>,
    /// Ids of accounts that are left out in the same way: those below the organizational units that config.toml skips, as far as a
    /// search came to know them.
    pub below: RefCell<BTreeSet<String>>,
}

impl Filter {
    /// Whether an account is meant, by id or by name.
    pub fn account(&self, id: &str, name: &str) -> bool {
        let texts = [id, name];
        let is_named = || self.accounts.iter().any(|glob| glob.is_literal() && any_of(glob, &texts));
        let is_skipped = || self.skipped.iter().any(|glob| any_of(glob, &texts)) || self.below.borrow().contains(id);
        any(&self.accounts, &texts) && (!is_skipped() || is_named())
    }

    /// Whether all accounts that may be meant are named without wildcards, so that none is left out.
    pub fn names_accounts(&self) -> bool {
        !self.accounts.is_empty() && self.accounts.iter().all(Glob::is_literal)
    }

    /// Whether a role is meant.
    pub fn role(&self, name: &str) -> bool {
        any(&self.roles, &[name])
    }

    /// Whether a role is named, without wildcards: what is done with it then is what the person asked for.
    pub fn names_role(&self, name: &str) -> bool {
        self.roles.iter().any(|glob| glob.is_literal() && glob.matches(name))
    }

    /// Whether a region is named, without wildcards.
    pub fn names_region(&self, name: &str) -> bool {
        self.regions.iter().any(|glob| glob.is_literal() && glob.matches(name))
    }

    /// Whether a region is meant.
    pub fn region(&self, name: &str) -> bool {
        any(&self.regions, &[name])
    }

    /// Whether a cluster is meant.
    pub fn cluster(&self, name: &str) -> bool {
        any(&self.clusters, &[name])
    }

    /// Whether a cluster with these tags is meant. One whose tags could not be seen is only where no tag is asked for.
    pub fn tags(&self, tags: Option<&BTreeMap<String, String>>) -> bool {
        let has = |wanted: &TagGlob| {
            let value = tags.and_then(|tags| tags.get(&wanted.key));
            value.is_some_and(|value| wanted.value.as_ref().is_none_or(|glob| glob.matches(value)))
        };
        self.tags.iter().all(|wanted| self.tags.iter().any(|other| other.key == wanted.key && has(other)))
    }

    /// Whether anything is asked for by name: not everything is meant.
    pub fn names_anything(&self) -> bool {
        !self.tags.is_empty()
            || [&self.accounts, &self.roles, &self.regions, &self.clusters].iter().any(|globs| !globs.is_empty())
    }

    /// Whether all four were given, so that there is nothing left to choose.
    pub fn is_complete(&self) -> bool {
        [&self.accounts, &self.roles, &self.regions, &self.clusters].iter().all(|globs| !globs.is_empty())
    }

    /// A text that two filters have in common only if they mean the same.
    pub fn key(&self) -> String {
        let lists = [&self.accounts, &self.roles, &self.regions, &self.clusters, &self.skipped];
        let texts = lists.map(|globs| globs.iter().map(Glob::as_str).collect::<Vec<_>>());
        let tags: Vec<String> = self.tags.iter().map(ToString::to_string).collect();
        format!("{texts:?} {tags:?}")
    }

    /// Whether it names one account, one role, one region and one cluster, so that there is nothing to search for.
    pub fn is_one_pair(&self) -> bool {
        let lists = [&self.accounts, &self.roles, &self.regions, &self.clusters];
        lists.iter().all(|globs| matches!(globs.as_slice(), [glob] if glob.is_literal()))
    }
}

fn any(globs: &[Glob], texts: &[&str]) -> bool {
    globs.is_empty() || globs.iter().any(|glob| any_of(glob, texts))
}

fn any_of(glob: &Glob, texts: &[&str]) -> bool {
    texts.iter().any(|text| glob.matches(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_names_and_ignore_case() {
        let filter = Filter { accounts: vec![Glob::new("prod-*"), Glob::new("111122223333")], ..Filter::default() };
        assert!(filter.account("999900001111", "Prod-EU"));
        assert!(filter.account("111122223333", "sandbox"));
        assert!(!filter.account("999900001111", "nonprod-eu"));
        assert!(filter.role("anything"));
        assert!(!filter.is_complete());
    }

    #[test]
    fn any_value_of_a_tag_is_enough_and_every_key_is_needed() {
        let tags = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let filter = |texts: &[&str]| Filter {
            tags: texts.iter().map(|text| text.parse().expect("a tag")).collect(),
            ..Filter::default()
        };
        let (web, batch) = (tags(&[("team", "Web"), ("tier", "prod")]), tags(&[("team", "batch")]));
        for (wanted, web_is, batch_is) in [
            (&["team=w*"][..], true, false),
            (&["team=w*", "team=batch"], true, true),
            (&["team=w*", "tier=prod"], true, false),
            (&["team=batch", "tier"], false, false),
            (&["tier"], true, false),
            (&["Team=web"], false, false),
            (&[], true, true),
        ] {
            let filter = filter(wanted);
            assert_eq!((filter.tags(Some(&web)), filter.tags(Some(&batch))), (web_is, batch_is), "{wanted:?}");
            assert_eq!(filter.tags(None), wanted.is_empty(), "what could not be seen is not guessed");
        }
        assert!("=x".parse::<TagGlob>().is_err());
    }

    #[test]
    fn skipped_accounts_are_left_out_unless_they_are_named() {
        let globs = |texts: &[&str]| texts.iter().map(|text| Glob::new(text)).collect::<Vec<_>>();
        let filter = |accounts: &[&str]| Filter {
            accounts: globs(accounts),
            skipped: globs(&["sandbox-*"]),
            ..Filter::default()
        };
        assert!(!filter(&[]).account("111122223333", "sandbox-1"));
        assert!(!filter(&["sand*"]).account("111122223333", "sandbox-1"));
        assert!(filter(&["Sandbox-1"]).account("111122223333", "sandbox-1"));
        assert!(filter(&["111122223333"]).account("111122223333", "sandbox-1"));
        assert!(filter(&[]).account("111122223333", "production"));
    }
}
