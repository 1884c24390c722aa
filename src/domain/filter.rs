//! Which accounts, roles, regions and clusters a command is about: repeatable globs, case ignored.

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
    /// Account ids or names that are left out unless `accounts` names them without wildcards.
    pub skipped: Vec<Glob>,
}

impl Filter {
    /// Whether an account is meant, by id or by name.
    pub fn account(&self, id: &str, name: &str) -> bool {
        let texts = [id, name];
        let is_named = || self.accounts.iter().any(|glob| glob.is_literal() && any_of(glob, &texts));
        any(&self.accounts, &texts) && (!self.skipped.iter().any(|glob| any_of(glob, &texts)) || is_named())
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

    /// Whether all four were given, so that there is nothing left to choose.
    pub fn is_complete(&self) -> bool {
        [&self.accounts, &self.roles, &self.regions, &self.clusters].iter().all(|globs| !globs.is_empty())
    }

    /// A text that two filters have in common only if they mean the same.
    pub fn key(&self) -> String {
        let lists = [&self.accounts, &self.roles, &self.regions, &self.clusters, &self.skipped];
        let texts = lists.map(|globs| globs.iter().map(Glob::as_str).collect::<Vec<_>>());
        format!("{texts:?}")
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
