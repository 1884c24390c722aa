//! One difference between what a file wants and what there is.

use serde::Serialize;
use serde_json::Value;

use crate::domain::audit::access_file::PlannedCluster;
use crate::domain::ids::{AccountId, Region};

/// What kind of difference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// The file wants it, and it is not there.
    Missing,
    /// It is there, and the file does not name it.
    Extra,
    /// It is there, and not as the file wants it.
    Differs,
    /// It could not be read.
    Unknown,
}

impl State {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Differs => "differs",
            Self::Unknown => "unknown",
        }
    }
}

/// One side of a difference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Side {
    /// In words; empty for nothing.
    pub words: String,
    /// Of a policy: the statements that only this side has.
    pub statements: Option<Value>,
}

impl Side {
    /// Words alone.
    pub fn of(words: impl Into<String>) -> Self {
        Self { words: words.into(), statements: None }
    }
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What kind it is.
    pub state: State,
    /// What it is a difference of: `permission_set`, `access_entry`, …
    pub kind: &'static str,
    /// The account; none for what all accounts share.
    pub account: Option<AccountId>,
    /// The cluster's region.
    pub region: Option<Region>,
    /// The cluster, by its name in the file.
    pub cluster: Option<String>,
    /// What it is about: a permission set, an ARN, a binding.
    pub object: String,
    /// What there is.
    pub live: Side,
    /// What the file wants.
    pub file: Side,
    /// The rights that it takes to make what there is what the file wants: IAM actions, and `kubernetes:VERB RESOURCE`.
    pub rights: Vec<String>,
    /// The line of the file that wants it, from 1; none where the file does not name it.
    pub line: Option<usize>,
    /// Why it could not be read.
    pub why: String,
}

/// Where something is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'p> {
    account: Option<&'p AccountId>,
    cluster: Option<(&'p str, &'p PlannedCluster)>,
    line: Option<usize>,
}

impl<'p> Place<'p> {
    /// Nowhere in particular.
    pub const EVERYWHERE: Self = Self { account: None, cluster: None, line: None };

    /// In an account.
    pub fn account(account: &'p AccountId) -> Self {
        Self { account: Some(account), ..Self::EVERYWHERE }
    }

    /// In a cluster.
    pub fn cluster(key: &'p str, cluster: &'p PlannedCluster) -> Self {
        Self { account: Some(&cluster.account), cluster: Some((key, cluster)), line: None }
    }

    /// The same, for the tier of a line.
    pub fn line(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }
}

/// What was compared.
#[derive(Debug, Default)]
pub struct Drift {
    /// The differences, in the order in which they were found.
    pub differences: Vec<Difference>,
}

impl Drift {
    /// The file wants it, and it is not there.
    pub fn missing(
        &mut self,
        place: Place<'_>,
        kind: &'static str,
        object: impl Into<String>,
        file: impl Into<String>,
        rights: &[&str],
    ) {
        self.add(State::Missing, place, kind, object.into(), (Side::default(), Side::of(file)), rights, String::new());
    }

    /// It is there, and the file does not name it.
    pub fn extra(
        &mut self,
        place: Place<'_>,
        kind: &'static str,
        object: impl Into<String>,
        live: impl Into<String>,
        rights: &[&str],
    ) {
        self.add(State::Extra, place, kind, object.into(), (Side::of(live), Side::default()), rights, String::new());
    }

    /// It is there, and not as the file wants it. A side that has only what both have says so: who reads must not look for it.
    pub fn differs(
        &mut self,
        place: Place<'_>,
        kind: &'static str,
        object: impl Into<String>,
        (live, file): (Side, Side),
        rights: &[&str],
    ) {
        let told = |side: Side| if side == Side::default() { Side::of("nothing more") } else { side };
        self.add(State::Differs, place, kind, object.into(), (told(live), told(file)), rights, String::new());
    }

    /// It could not be read.
    pub fn unknown(&mut self, place: Place<'_>, kind: &'static str, object: impl Into<String>, why: impl Into<String>) {
        self.add(State::Unknown, place, kind, object.into(), Default::default(), &[], why.into());
    }

    #[allow(clippy::too_many_arguments, reason = "the four above are what is called")]
    fn add(
        &mut self,
        state: State,
        place: Place<'_>,
        kind: &'static str,
        object: String,
        (live, file): (Side, Side),
        rights: &[&str],
        why: String,
    ) {
        let difference = Difference {
            state,
            kind,
            account: place.account.cloned(),
            region: place.cluster.map(|(_, cluster)| cluster.region.clone()),
            cluster: place.cluster.map(|(key, _)| key.to_owned()),
            object,
            live,
            file,
            rights: rights.iter().map(|right| (*right).to_owned()).collect(),
            line: place.line,
            why,
        };
        if !self.differences.contains(&difference) {
            self.differences.push(difference);
        }
    }

    /// The exit code: 4 for differences, 6 for none where something could not be read. Source: product.md.
    pub fn code(&self) -> u8 {
        let has = |unknown: bool| self.differences.iter().any(|one| (one.state == State::Unknown) == unknown);
        if has(false) {
            4
        } else if has(true) {
            6
        } else {
            0
        }
    }
}
