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
}

impl Filter {
    /// Whether an account is meant, by id or by name.
    pub fn account(&self, id: &str, name: &str) -> bool {
        any(&self.accounts, &[id, name])
    }

    /// Whether a role is meant.
    pub fn role(&self, name: &str) -> bool {
        any(&self.roles, &[name])
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

    /// Whether it names one account, one role, one region and one cluster, so that there is nothing to search for.
    pub fn is_one_pair(&self) -> bool {
        let lists = [&self.accounts, &self.roles, &self.regions, &self.clusters];
        lists.iter().all(|globs| matches!(globs.as_slice(), [glob] if glob.is_literal()))
    }
}

fn any(globs: &[Glob], texts: &[&str]) -> bool {
    globs.is_empty() || globs.iter().any(|glob| texts.iter().any(|text| glob.matches(text)))
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
}
