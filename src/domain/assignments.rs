//! What a person is assigned, as providers list it.

use crate::domain::ids::{AccountId, OktaId};
use crate::domain::partition::Partition;

/// An account of the signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name; the id where the provider gives none.
    pub name: String,
    /// The partition it is in, where accounts of several are one person's.
    pub partition: Option<Partition>,
}

/// A part of a list, and what asks for the next.
#[derive(Debug)]
pub struct Page<T> {
    /// The entries.
    pub entries: Vec<T>,
    /// The token of the next page.
    pub next: Option<String>,
}

/// An app that leads to roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// What its tokens are asked for.
    pub id: OktaId,
    /// As the person's dashboard shows it.
    pub label: String,
}
