//! What stands between a person and a context that deserves care.

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
