//! Which roles may be used just to look around, and in which order: the narrow ones first.
//!
//! Taking a role's credentials is an act of its own: it is written to CloudTrail as the person's, and for break-glass roles
//! it raises an alarm. So a role that may do everything is taken only where no other can do the job, and a forbidden one
//! never, unless the person names it.

use crate::domain::filter::Glob;

/// How much a role may do, as far as its name tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breadth {
    /// Views, reads, audits.
    Narrow,
    /// Develops, supports, operates.
    Working,
    /// The name does not tell.
    Untold,
    /// Has to do with money: hardly any use here.
    Foreign,
    /// May do everything, or nearly so.
    Wide,
}

impl Breadth {
    /// Guesses from a name.
    pub fn of(role: &str) -> Self {
        let role: String = role.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
        let sounds = |words: &[&str]| words.iter().any(|word| role.contains(word));
        match () {
            // `AdminReadOnly` only reads.
            () if sounds(&["readonly", "viewonly"]) => Self::Narrow,
            () if sounds(&["admin", "power", "fullaccess", "root", "owner", "breakglass", "emergency", "super"]) => {
                Self::Wide
            }
            () if sounds(&["billing", "finance", "cost"]) => Self::Foreign,
            () if sounds(&["view", "read", "audit", "observ", "monitor"]) => Self::Narrow,
            () if sounds(&["dev", "ops", "support", "engineer"]) => Self::Working,
            () => Self::Untold,
        }
    }
}

/// What `look_with` and `never_look_with` of config.toml say.
#[derive(Debug, Clone)]
pub struct LookWith {
    only: Vec<Glob>,
    never: Vec<Glob>,
    forbidden: Vec<Glob>,
}

impl Default for LookWith {
    fn default() -> Self {
        Self::new(None, None)
    }
}

impl LookWith {
    /// With the lists of config.toml, or what holds without them.
    pub fn new(look_with: Option<Vec<String>>, never_look_with: Option<Vec<String>>) -> Self {
        let globs = |texts: Vec<String>| texts.iter().map(|text| Glob::new(text)).collect();
        Self {
            only: globs(look_with.unwrap_or_default()),
            never: globs(never_look_with.unwrap_or_else(|| vec!["*BreakGlass*".to_owned()])),
            forbidden: Vec::new(),
        }
    }

    /// The same with another list of those to look with; what is forbidden stays so.
    pub fn only(&self, look_with: &[String]) -> Self {
        Self { only: look_with.iter().map(|text| Glob::new(text)).collect(), ..self.clone() }
    }

    /// Forbids roles, for the policy of a machine: unlike those of config.toml, naming them is no leave to use them.
    pub fn never(&mut self, roles: &[String]) {
        self.forbidden.extend(roles.iter().map(|text| Glob::new(text)));
    }

    /// Whether a role is not used even by who names it.
    pub fn is_forbidden(&self, role: &str) -> bool {
        self.forbidden.iter().any(|glob| glob.matches(role))
    }

    /// Where a role stands in the order, lowest first; `None` for one that must not be used to look.
    pub fn rank(&self, role: &str) -> Option<(usize, Breadth)> {
        if self.is_forbidden(role) || self.never.iter().any(|glob| glob.matches(role)) {
            return None;
        }
        let breadth = Breadth::of(role);
        if self.only.is_empty() {
            return Some((0, breadth));
        }
        let place = self.only.iter().position(|glob| glob.matches(role))?;
        // Listed by the person: nothing that only a name suggests puts it last.
        Some((place, breadth.min(Breadth::Untold)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_how_much_a_role_may_do() {
        for (role, breadth) in [
            ("EKSViewer", Breadth::Narrow),
            ("ReadOnlyAccess", Breadth::Narrow),
            ("Admin-Read-Only", Breadth::Narrow),
            ("SecurityAudit", Breadth::Narrow),
            ("EKSDeveloper", Breadth::Working),
            ("Payments", Breadth::Untold),
            ("Billing", Breadth::Foreign),
            ("AdministratorAccess", Breadth::Wide),
            ("PowerUserAccess", Breadth::Wide),
            ("EKSAdmin", Breadth::Wide),
            ("Break-Glass", Breadth::Wide),
        ] {
            assert_eq!(Breadth::of(role), breadth, "{role}");
        }
    }

    #[test]
    fn lists_decide_before_names_do() {
        let usual = LookWith::default();
        assert_eq!(usual.rank("ProdBreakGlassAdmin"), None);
        assert!(usual.rank("EKSViewer") < usual.rank("AdministratorAccess"));
        let listed = LookWith::new(Some(vec!["Audit*".into(), "*Admin*".into()]), Some(vec![]));
        assert!(listed.rank("Auditor") < listed.rank("AdministratorAccess"));
        assert_eq!(listed.rank("AdministratorAccess"), Some((1, Breadth::Untold)));
        assert_eq!(listed.rank("EKSViewer"), None);
    }
}
