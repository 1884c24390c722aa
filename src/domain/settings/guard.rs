//! Guards: contexts that ask before use, or are used with a read-only role.

use crate::domain::ids::RoleName;

/// The care a context asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guard {
    /// Whether it asks before it is used.
    pub confirm: bool,
    /// The role it is used with unless another is named.
    pub read_only_role: Option<RoleName>,
}

impl Guard {
    /// The guard as it works on a context with a role: another role than the preferred one is not read-only.
    pub fn with_role(&self, role: Option<&RoleName>) -> Self {
        let preferred = self.read_only_role.clone().filter(|preferred| Some(preferred) == role);
        Self { read_only_role: preferred, ..*self }
    }

    /// In a word, for prompts and lists; `None` for a context without one.
    pub fn word(&self) -> Option<&'static str> {
        match (self.confirm, &self.read_only_role) {
            (true, Some(_)) => Some("confirm,read-only"),
            (true, None) => Some("confirm"),
            (false, Some(_)) => Some("read-only"),
            (false, None) => None,
        }
    }
}

/// The pattern of contexts that has a person asked, by whose file it is. The person's own come first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asking {
    /// Of config.toml.
    Own(String),
    /// Of the organisation's settings.
    Organisation(String),
    /// Of the policy of this machine.
    Machine(String),
}

impl Asking {
    /// Who says so, with the verb.
    pub fn says(&self) -> &'static str {
        match self {
            Self::Own(_) => "config.toml says",
            Self::Organisation(_) => "the organisation's settings say",
            Self::Machine(_) => "the policy of this machine says",
        }
    }

    /// Where it is found again.
    pub fn words(&self) -> String {
        match self {
            Self::Own(pattern) => format!("config.toml has `confirm` for {pattern:?}"),
            Self::Organisation(pattern) => format!("the organisation's settings have `confirm` for {pattern:?}"),
            Self::Machine(pattern) => format!("the policy of this machine has `confirm` for {pattern:?}"),
        }
    }
}
