//! What IAM lets a principal do: policy documents, their evaluation, the policies that count for a role or a user, and
//! the ways in that a trust policy opens. Pure: documents come from [`facts`](crate::domain::access::facts). Sources:
//! the IAM user guide ("Policy evaluation logic", "JSON policy elements"), access.md 2.1; a truth table compares it
//! with `@cloud-copilot/iam-simulate`.

pub mod choices;
pub mod condition;
pub mod decision;
pub mod document;
pub mod effective;
pub mod evaluate;
pub mod pattern;
pub mod trust;
