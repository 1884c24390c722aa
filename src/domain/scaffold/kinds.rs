//! Which code is made.

/// Which code is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds {
    /// Terraform's modules.
    pub terraform: bool,
    /// CloudFormation's templates.
    pub cloudformation: bool,
    /// Bindings for the clusters.
    pub kubernetes: bool,
}
